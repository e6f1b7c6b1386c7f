"""What the reference leaves unconfirmed about Amazon, as switches; the first of each is the likelier reading.

* `submissions`: what was accepted is done in the order of its coming, or in any (a patch may overtake a feed)
* `pending_holds`: whether an order that cannot be paid yet lowers the quantity already
* `cancel_restocks`: whether a cancelled order gives its units back
* `generic_product_type`: whether a patch may call any listing a `PRODUCT`
* `after_too_late`: a search that begins later than two minutes ago finds nothing, or is refused
* `gzip_documents`: whether reports and results come packed
* `report_encoding`: how the report of listings is written
* `retry_after`: whether a 429 says when to come back
"""

from typing import Any

CHOICES: dict[str, tuple[Any, ...]] = {
    "submissions": ("in_order", "any_order"),
    "pending_holds": (True, False),
    "cancel_restocks": (True, False),
    "generic_product_type": (True, False),
    "after_too_late": ("empty", "400"),
    "gzip_documents": (False, True),
    "report_encoding": ("utf-8", "cp1252"),
    "retry_after": (False, True),
}
