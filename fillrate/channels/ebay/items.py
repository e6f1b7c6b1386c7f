"""What a seller has put up through the Inventory API: one inventory item for each SKU, which is product and variant in one."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Generic, TypeVar

import msgspec

from fillrate.channels.ebay import endpoints
from fillrate.channels.ebay.pages import Batch, Pages, walk
from fillrate.channels.fields import Count, identifier, text
from fillrate.channels.parsing import RowReader, build_all
from fillrate.channels.protocol import Ask, Page
from fillrate.errors import BadAnswer, SkipRecord
from fillrate.gateway.http import Http, Params
from fillrate.gateway.strict_json import decode
from fillrate.records import Product, Reject, StockItem, StockLevel, Variant

T = TypeVar("T")
PAGE = 200
SKUS_AT_ONCE = 25
EVERYWHERE = "ship-to-home"  # the one number that an item has, wherever its units lie
NOBODY_KNOWS = datetime(1970, 1, 1, tzinfo=UTC)  # when an item was made: the API does not tell
NOT_THERE = frozenset({404})


class ShipTo(msgspec.Struct, gc=False):
    """How many can be sent to buyers."""

    quantity: Count | None = None


class Availability(msgspec.Struct, gc=False):
    """What is there of an item."""

    to_home: ShipTo | None = msgspec.field(name="shipToLocationAvailability", default=None)


class ProductDetails(msgspec.Struct, gc=False):
    """What an item is."""

    title: str | None = None


class ItemRow(msgspec.Struct, gc=False):
    """An inventory item, as sent."""

    id: str = msgspec.field(name="sku")
    product: ProductDetails | None = None
    availability: Availability | None = None


class ItemsPage(msgspec.Struct, Generic[T]):
    """A page of inventory items."""

    items: list[T] = msgspec.field(name="inventoryItems", default_factory=list)
    total: int | None = None
    next: str | None = None


class Answered(msgspec.Struct, gc=False):
    """What is said of one SKU that was asked for."""

    sku: str
    status: int = msgspec.field(name="statusCode")
    item: msgspec.Raw = msgspec.field(name="inventoryItem", default=msgspec.Raw(b"null"))


class BySku(msgspec.Struct):
    """What is said of SKUs that were asked for."""

    responses: list[Answered]


BY_SKU = msgspec.json.Decoder(BySku)
ITEM = RowReader(ItemRow, list, ("sku",), has_text_ids=True)
CATALOGUE = Pages(endpoints.ITEMS, ItemRow, ItemsPage, "sku", lambda page: page.items)
STOCK = Pages(endpoints.STOCK, ItemRow, ItemsPage, "sku", lambda page: page.items)


class Found(msgspec.Struct):
    """What was found of SKUs that were asked for: items, those that cannot be read, and those that are not there."""

    rows: dict[str, ItemRow]
    rejects: list[Reject]
    gone: tuple[str, ...]


def read_products(http: Http, ask: Ask) -> Iterator[Page[Product]]:
    """Yield every item as a product, or those asked for by SKU."""
    if ask.ids is not None:
        for found, token in asked_for(http, ask.ids, int(ask.after or 0)):
            records, bad = build_all(found.rows.values(), product)
            yield Page(records=tuple(records), rejects=(*found.rejects, *bad), next=token, gone=found.gone)
        return
    for batch, token in all_of(http, CATALOGUE, ask):
        records, bad = build_all(batch.rows, product)
        yield Page(records=tuple(records), rejects=(*batch.rejects, *bad), next=token)


def read_stock(http: Http, ask: Ask) -> Iterator[Page[StockItem]]:
    """Yield the number of every item, or of those asked for by SKU."""
    if ask.ids is not None:
        for found, token in asked_for(http, ask.ids, int(ask.after or 0)):
            items, bad = build_all(found.rows.values(), stock_item)
            yield Page(records=tuple(items), rejects=(*found.rejects, *bad), next=token)
        return
    for batch, token in all_of(http, STOCK, ask):
        items, bad = build_all(batch.rows, stock_item)
        yield Page(records=tuple(items), rejects=(*batch.rejects, *bad), next=token)


def all_of(http: Http, pages: Pages[ItemRow], ask: Ask) -> Iterator[tuple[Batch[ItemRow], str | None]]:
    """Walk through all items."""
    params: Params = {"limit": PAGE, "offset": 0}
    yield from walk(http, pages, params, ask.after)


def asked_for(http: Http, skus: Sequence[str], start: int) -> Iterator[tuple[Found, str | None]]:
    """Yield what is found of these SKUs, so many at a time, with the token of the next ones."""
    for at in range(start, len(skus), SKUS_AT_ONCE):
        after = at + SKUS_AT_ONCE
        yield by_sku(http, skus[at:after]), str(after) if after < len(skus) else None


def by_sku(http: Http, skus: Sequence[str]) -> Found:
    """Ask for at most 25 items at once; what is neither found nor said to be gone was not answered."""
    question = {"requests": [{"sku": one} for one in skus]}
    reply = http.ask(endpoints.ITEMS_BY_SKU, question, lambda body: decode(body, BY_SKU))
    if reply.is_gone:
        return Found({}, [], tuple(skus))
    found = Found({}, [], ())
    gone = []
    for one in reply.needed().responses:
        if one.sku not in skus:
            raise BadAnswer(what=f"{endpoints.ITEMS_BY_SKU.label}: eBay answered another question than ours.")
        if one.status in NOT_THERE:
            gone.append(one.sku)
        elif one.status < 300:
            row = ITEM.one(with_sku(one))
            if isinstance(row, Reject):
                found.rejects.append(msgspec.structs.replace(row, platform_id=one.sku))
            else:
                found.rows[one.sku] = row
    found.gone = tuple(gone)
    return found


def with_sku(one: Answered) -> bytes:
    """Return an item with its SKU in it; some answers tell it beside the item only."""
    try:
        item = msgspec.json.decode(one.item, type=dict[str, msgspec.Raw])
    except msgspec.DecodeError:
        return bytes(one.item)
    return msgspec.json.encode({**item, "sku": one.sku})


def quantity_of(row: ItemRow) -> int:
    """Return how many of an item can be bought; an item without a number sells nothing."""
    to_home = row.availability.to_home if row.availability else None
    return 0 if to_home is None or to_home.quantity is None else to_home.quantity


def product(row: ItemRow) -> Product:
    """Return an item as a product with itself as its only variant."""
    sku = sku_of(row)
    title = text(row.product.title if row.product else None)
    variant = Variant(platform_id=sku, sku=sku, price_e4=None, cost_e4=None, is_purchasable=True, options="")
    return Product(
        platform_id=sku,
        name=title or sku,
        sku=sku,
        is_digital=False,
        tracking="variant",
        is_visible=True,
        availability="available",
        availability_text="",
        preorder_message="",
        preorder_release_at=None,
        price_e4=0,
        cost_e4=None,
        brand_platform_id="",
        category_platform_ids=(),
        created_at=NOBODY_KNOWS,
        modified_at=NOBODY_KNOWS,
        variants=(variant,),
    )


def stock_item(row: ItemRow) -> StockItem:
    """Return the number of an item."""
    sku = sku_of(row)
    level = StockLevel(
        product_platform_id=sku,
        variant_platform_id=sku,
        sku=sku,
        location_platform_id=EVERYWHERE,
        target=sku,
        shown=quantity_of(row),
    )
    return StockItem(platform_id=sku, levels=(level,))


def sku_of(row: ItemRow) -> str:
    """Return an item's SKU, which is its name in everything that is asked and written."""
    sku = identifier(row.id, "sku")
    if not sku or sku != row.id:
        raise SkipRecord("sku is empty, or holds what cannot be asked for", path="sku")
    return sku
