"""What people do to a WooCommerce shop: there are no shipments, so an order goes out (or is off) as a whole."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sandbox.actions.reading import ActionRefused, words
from sandbox.market import actions as common
from sandbox.market.actions import Action
from sandbox.market.reading import Entry, find_order, find_parts, restocks
from sandbox.market.records import PENDING, Order
from sandbox.woocommerce.orders import refund as pay_back
from sandbox.woocommerce.statuses import TRASH, restore, set_word, trash, word_of

if TYPE_CHECKING:
    from sandbox.woocommerce.shop import WooCommerce


def _order(shop: "WooCommerce", entry: Entry, word: str | None = None) -> Order:
    """An order that is not in the trash."""
    order = find_order(shop, entry)
    if word_of(order) == TRASH:
        raise ActionRefused(f"order {order.id} is in the trash")
    if word is not None and "lines" in entry:
        raise ActionRefused(f"an order here is {word} as a whole; take lines out with edit_line or refund")
    return order


def _told(order: Order) -> dict[str, Any]:
    return {"order_id": order.id, "status": word_of(order)}


def set_status(shop: "WooCommerce", entry: Entry) -> dict[str, Any]:
    """Staff set a status."""
    order, word = _order(shop, entry), words(entry, "status")
    if word not in shop.statuses():
        raise ActionRefused(f"there is no status {word!r}; there are {', '.join(shop.statuses())}")
    set_word(shop.state, shop.manners, order, word)
    return _told(order)


def ship(shop: "WooCommerce", entry: Entry) -> dict[str, Any]:
    """An order goes out: it is completed."""
    order = _order(shop, entry, "completed")
    find_parts(order, entry, lambda line: line.due, "ship")
    return set_status(shop, {"order_id": order.id, "status": "completed"})


def cancel(shop: "WooCommerce", entry: Entry) -> dict[str, Any]:
    """An order is off."""
    order = _order(shop, entry, "cancelled")
    if word_of(order) == "cancelled":
        raise ActionRefused(f"order {order.id} is cancelled already")
    return set_status(shop, {"order_id": order.id, "status": "cancelled"})


def pay(shop: "WooCommerce", entry: Entry) -> dict[str, Any]:
    """A pending order is paid."""
    order = _order(shop, entry)
    if order.status != PENDING:
        raise ActionRefused(f"order {order.id} is {word_of(order)}")
    return set_status(shop, {"order_id": order.id, "status": "processing"})


def refund(shop: "WooCommerce", entry: Entry) -> dict[str, Any]:
    """Units are paid back and, unless `restock` is false, go back into stock."""
    order = _order(shop, entry)
    parts = list(find_parts(order, entry, lambda line: line.quantity - line.refunded, "refund"))
    made = pay_back(shop, order, parts, restock=restocks(entry))
    return {**_told(order), "refund_id": made.id}


def edit_line(shop: "WooCommerce", entry: Entry) -> dict[str, Any]:
    """Staff change the quantity of a line."""
    _order(shop, entry)
    return common.edit_line(shop, entry)


def trash_order(shop: "WooCommerce", entry: Entry) -> dict[str, Any]:
    """Staff throw an order away; its units stay taken."""
    order = _order(shop, entry)
    trash(shop.state, order)
    return _told(order)


def restore_order(shop: "WooCommerce", entry: Entry) -> dict[str, Any]:
    """Staff take an order out of the trash."""
    order = find_order(shop, entry)
    if word_of(order) != TRASH:
        raise ActionRefused(f"order {order.id} is not in the trash")
    restore(shop.state, shop.manners, order)
    return _told(order)


def set_tracked(shop: "WooCommerce", entry: Entry) -> dict[str, Any]:
    """Staff let a product or a variation be counted, or not."""
    told = common.set_tracked(shop, entry)
    shop.share_numbers(shop.state.listings[told["id"]].product_id)
    return told


ACTIONS: Mapping[str, Action] = {
    **common.ACTIONS,
    "set_status": set_status,
    "ship": ship,
    "cancel": cancel,
    "pay": pay,
    "refund": refund,
    "edit_line": edit_line,
    "trash_order": trash_order,
    "restore_order": restore_order,
    "set_tracked": set_tracked,
}
