"""What resolvers hand on: a record with the sort that it is shown as, and how one is found by its global id."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.market.records import Listing, Order
from sandbox.market.trouble import Trouble
from sandbox.shopify import ids

if TYPE_CHECKING:
    from sandbox.shopify.shop import Shopify


@dataclass(frozen=True, slots=True)
class Thing:
    """A record as one sort of object; `more` is what the record alone does not say, such as a level's place."""

    sort: str
    row: Any
    more: Any = None


@dataclass(frozen=True, slots=True)
class Context:
    """One operation: the shop, the version that was asked for, and how it goes wrong; `whole` reads without pages."""

    shop: "Shopify"
    version: str
    trouble: Trouble
    whole: bool = False


def variants_of(shop: "Shopify", product: Listing) -> list[Listing]:
    """The variants of a product: itself where it has but one."""
    if product.sold:
        return [product]
    return [one for one in shop.state.listings.values() if one.product_id == product.id and one is not product]


def products(shop: "Shopify") -> list[Listing]:
    """Every product."""
    return [one for one in shop.state.listings.values() if one.product_id == one.id]


def fulfillment_orders(order: Order) -> list[Thing]:
    """The parts of an order by the place that they leave from."""
    return [Thing("FulfillmentOrder", order, place) for place in sorted({line.location_id for line in order.lines})]


def _of_order(shop: "Shopify", sort: str, own_id: int) -> Thing | None:
    for order in shop.state.orders.values():
        rows: dict[str, Sequence[Any]] = {
            "Refund": order.refunds,
            "Fulfillment": order.shipments,
            "LineItem": order.lines,
        }
        for one in rows[sort]:
            if one.id == own_id:
                return Thing(sort, one, order)
    return None


def find(context: Context, text: str) -> Thing | None:
    """The thing of a global id; None for none."""
    shop, named = context.shop, ids.read_gid(text)
    if named is None:
        return None
    sort, own_id = named
    state = shop.state
    if sort in {"Refund", "Fulfillment", "LineItem"}:
        return _of_order(shop, sort, own_id)
    if sort == "InventoryLevel":
        return level(shop, own_id // 1000, own_id % 1000)
    if sort == "FulfillmentOrder":
        order = state.orders.get(own_id // 100)
        return next((one for one in fulfillment_orders(order) if one.more == own_id % 100), None) if order else None
    row: Any = {
        "Product": state.listings,
        "ProductVariant": state.listings,
        "InventoryItem": state.listings,
        "Location": state.places,
        "Order": state.orders,
        "BulkOperation": state.own.get("bulk", {}),
    }.get(sort, {}).get(own_id)
    wrong = isinstance(row, Listing) and (row.product_id != row.id if sort == "Product" else not row.sold)
    return None if row is None or wrong else Thing(sort, row)


def level(shop: "Shopify", listing_id: int, place_id: int) -> Thing | None:
    """The stock of an item at a place, if it was ever kept there."""
    listing = shop.state.listings.get(listing_id)
    kept = listing is not None and listing.sold and place_id in listing.cells
    return Thing("InventoryLevel", listing, place_id) if kept else None
