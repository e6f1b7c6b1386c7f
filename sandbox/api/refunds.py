"""Refunds v3, to read: of all orders or of one. A refund never moves stock by itself."""

from collections.abc import Sequence
from typing import Any

from sandbox.api.call import Call
from sandbox.api.filters import Field, Listing, find, pick, read_listing
from sandbox.api.orders import order_of
from sandbox.api.paging import paged
from sandbox.errors import not_found
from sandbox.exchange import Response, answer
from sandbox.records import Refund
from sandbox.times import iso_offset

OF_ORDER = Listing(fields={"transaction_id": Field(lambda _, __: "")}, id_ops=frozenset())
REFUNDS = Listing(
    fields={**OF_ORDER.fields, "order_id": Field(lambda _, refund: refund.order_id, int, frozenset({"in"}))},
    id_ops=frozenset({"in"}),
    dates={"created": "created"},
    date_ops=frozenset({"min", "max"}),
    own_second=True,
)


def show_refund(refund: Refund) -> dict[str, Any]:
    """One refund."""
    total = sum(cents for _, _, cents in refund.items) / 100
    return {
        "id": refund.id,
        "order_id": refund.order_id,
        "user_id": 1,
        "created": iso_offset(refund.created),
        "reason": refund.reason,
        "total_amount": total,
        "total_tax": refund.tax / 100,
        "uses_merchant_override_values": False,
        "items": [
            {
                "item_type": "PRODUCT",
                "item_id": line_id,
                "reason": refund.reason,
                "quantity": units,
                "requested_amount": cents / 100,
                "adjustments": [],
            }
            for line_id, units, cents in refund.items
        ],
        "payments": [
            {
                "id": refund.id + 5000,
                "provider_id": "custom",
                "amount": total,
                "offline": True,
                "is_declined": False,
                "declined_message": "",
                "transaction_id": "",
            }
        ],
    }


def show_single_refund(refund: Refund) -> dict[str, Any]:
    """One refund as its own endpoint has it: amounts of items as text, and fewer fields."""
    row = show_refund(refund)
    items = [{**item, "requested_amount": f"{item['requested_amount']:.2f}"} for item in row["items"]]
    for item in items:
        del item["adjustments"]
    payments = [{key: value for key, value in paid.items() if key != "transaction_id"} for paid in row["payments"]]
    return {**row, "items": items, "payments": payments}


def list_refunds(call: Call) -> Response:
    """A page of the refunds of all orders; the date filters include their own second, as documented."""
    view = call.state.refunds.read()
    ids = find(view, read_listing(call, REFUNDS))

    def show(chosen: Sequence[int]) -> list[Any]:
        return [show_refund(refund) for refund in view.rows(chosen)]

    return paged(call, ids, show, None)


def get_refund(call: Call, refund_id: int) -> Response:
    """One refund."""
    refund = call.state.refunds.read().get(refund_id)
    if refund is None:
        raise not_found("The refund was not found.")
    return answer({"data": show_single_refund(refund), "meta": {}})


def list_order_refunds(call: Call, order_id: int) -> Response:
    """All refunds of one order."""
    order = order_of(call, order_id)
    found = pick(call.state.refunds.read().rows(order.refunds), read_listing(call, OF_ORDER))
    return answer({"data": [show_refund(refund) for refund in found], "meta": {}})
