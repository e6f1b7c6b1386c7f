"""The fifteen fixed order statuses."""

from typing import Any

from sandbox.api.call import Call
from sandbox.errors import not_found
from sandbox.exchange import Response, answer

STATUSES: dict[int, tuple[str, str]] = {
    0: ("Incomplete", "The shopper reached the payment page but did not pay."),
    1: ("Pending", "The shopper began to check out and did not finish."),
    7: ("Awaiting Payment", "The checkout is done; the payment is not confirmed yet."),
    11: ("Awaiting Fulfillment", "Paid; to be picked and packed."),
    9: ("Awaiting Shipment", "Packed; waits to be collected."),
    8: ("Awaiting Pickup", "Packed; waits for the customer to collect it."),
    3: ("Partially Shipped", "Only some of the items have gone out."),
    10: ("Completed", "Done, or a download that was paid for."),
    2: ("Shipped", "All of it has gone out."),
    5: ("Cancelled", "Cancelled by the seller."),
    6: ("Declined", "Declined by the seller."),
    4: ("Refunded", "Refunded in full."),
    13: ("Disputed", "The customer disputes the payment."),
    12: ("Manual Verification Required", "On hold until somebody has looked at it."),
    14: ("Partially Refunded", "Refunded in part."),
}
POSITION = {status: position for position, status in enumerate(STATUSES)}


def status_row(status: int) -> dict[str, Any]:
    """A status as its own endpoint shows it."""
    name, description = STATUSES[status]
    return {
        "id": status,
        "name": name,
        "system_label": name,
        "custom_label": name,
        "system_description": description,
        "order": POSITION[status],
    }


def list_statuses(_: Call) -> Response:
    """All of them."""
    return answer([status_row(status) for status in STATUSES])


def get_status(_: Call, status: int) -> Response:
    """One of them."""
    if status not in STATUSES:
        raise not_found()
    return answer(status_row(status))


def count_row(status: int, count: int) -> dict[str, Any]:
    """A status with the number of orders that have it."""
    row = {name: value for name, value in status_row(status).items() if name != "order"}
    return {**row, "count": count, "sort_order": POSITION[status]}
