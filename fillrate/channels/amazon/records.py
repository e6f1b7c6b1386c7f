"""Listings as products and stock: the seller SKU is product and variant in one."""

from collections.abc import Mapping
from datetime import UTC, datetime

from fillrate.channels.amazon.listings import OWN, ListingRow
from fillrate.channels.fields import amount_e4, identifier, text
from fillrate.errors import SkipRecord
from fillrate.records import Location, Product, StockItem, StockLevel, Variant

NOBODY_KNOWS = datetime(1970, 1, 1, tzinfo=UTC)  # when a listing was made: the report tells it in a zone of its own
FBA = "FBA"
LOCATIONS = (
    Location(platform_id=OWN, code=OWN, name="Shipped by the merchant", is_enabled=True, is_default=True),
    # Its units are Amazon's to ship: nothing of the merchant's queue is ever served from there.
    Location(
        platform_id=FBA, code=FBA, name="Fulfilled by Amazon", is_enabled=False, is_default=False, is_own_stock=True
    ),
)


def product(row: ListingRow) -> Product:
    """Return a listing as a product with itself as its only variant; one that nobody ships yet is not counted."""
    sku = sku_of(row)
    name = next((text(one.name) for one in row.summaries if one.name), "")
    price = next((one.price.amount for one in row.offers if one.price and one.type != "B2B"), None)
    variant = Variant(platform_id=sku, sku=sku, price_e4=None, cost_e4=None, is_purchasable=True, options="")
    return Product(
        platform_id=sku,
        name=name or sku,
        sku=sku,
        is_digital=False,
        tracking="variant" if row.availability else "none",
        is_visible=True,
        availability="available",
        availability_text="",
        preorder_message="",
        preorder_release_at=None,
        price_e4=0 if price is None else amount_e4(price, "offers.price"),
        cost_e4=None,
        brand_platform_id="",
        category_platform_ids=(),
        created_at=NOBODY_KNOWS,
        modified_at=NOBODY_KNOWS,
        variants=(variant,),
    )


def stock_item(row: ListingRow, fba: Mapping[str, int]) -> StockItem:
    """Return the numbers of a listing: the merchant's own, and what lies at Amazon, whose target is "": nobody writes it."""
    sku = sku_of(row)
    levels = []
    own = row.own()
    if own is not None:
        levels.append(level(sku, OWN, sku, own))
    if row.is_fba:
        if row.id not in fba:
            raise SkipRecord("fulfillableQuantity is missing, though Amazon ships it", path="fulfillableQuantity")
        levels.append(level(sku, FBA, "", fba[row.id]))
    return StockItem(platform_id=sku, levels=tuple(levels))


def level(sku: str, location: str, target: str, shown: int) -> StockLevel:
    """Return one number."""
    return StockLevel(
        product_platform_id=sku,
        variant_platform_id=sku,
        sku=sku,
        location_platform_id=location,
        target=target,
        shown=shown,
    )


def sku_of(row: ListingRow) -> str:
    """Return a listing's SKU, which is its name in everything that is asked and written."""
    sku = identifier(row.id, "sku")
    if not sku or sku != row.id:
        raise SkipRecord("sku is empty, or holds what cannot be asked for", path="sku")
    return sku
