"""What the reference leaves unconfirmed about eBay, as switches; the first of each is the likelier reading.

* `batch_skus`: how many SKUs one `bulk_update_price_quantity` takes: the guide says 25, the operation's own text 1
* `live_quantity`: what can be bought: the smaller of the item's total and the offer's own quantity, or the offer's
  alone once it is set
* `live_lag`: for so many requests after a write buyers still buy what was live before it
* `zero`: with out-of-stock control a listing that has nothing hides until it has; without it, it ends for good
* `inventory_offset`: whether the `offset` of the inventory list counts pages, as its description says, or rows
* `links`: whether `href` and `next` are whole URLs or begin at the path
* `orders_sorted`: the order of the orders without anybody asking
* `retry_after`: whether a 429 says when to come back
* `daily_calls`: calls a day of one API; the real numbers are told by `rate_limit` only
* `cancel_restocks`: whether a cancelled order gives its units back
"""

from typing import Any

CHOICES: dict[str, tuple[Any, ...]] = {
    "batch_skus": (25, 1),
    "live_quantity": ("smaller", "offer"),
    "live_lag": (0, 3),
    "zero": ("hides", "ends"),
    "inventory_offset": ("page", "row"),
    "links": ("absolute", "relative"),
    "orders_sorted": ("oldest_first", "newest_first"),
    "retry_after": (False, True),
    "daily_calls": (2_000_000, 250_000, 5_000),
    "cancel_restocks": (True, False),
}
