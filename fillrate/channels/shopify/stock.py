"""Stock: what may still be sold of each inventory item at each location, and the locations themselves.

`available` leaves out what is promised to open orders, and may be below nothing. An item is named by its variant; one that
several variants share cannot be told apart, and one that the shop does not track tells no number.
"""

from collections.abc import Iterator, Sequence
from functools import partial

import msgspec

from fillrate.channels.chunks import chunks
from fillrate.channels.fields import Level, identifier, text
from fillrate.channels.parsing import build_all
from fillrate.channels.protocol import Ask, Page
from fillrate.channels.shopify import bulk, documents
from fillrate.channels.shopify.gids import Gid, Ref, gid, number
from fillrate.channels.shopify.graph import Graph
from fillrate.channels.shopify.pages import Connection, Rows, whole
from fillrate.errors import SkipRecord
from fillrate.records import Location, Reject, StockItem, StockLevel, StockSettings

AVAILABLE = "available"
SHARED = "variants: several share this number; nobody can tell them apart"


class LocationRow(msgspec.Struct, rename="camel"):
    """A location, as sent."""

    gid: Gid = msgspec.field(name="id")
    name: str
    is_active: bool

    @property
    def id(self) -> int:
        """Its number."""
        return int(number(self.gid))


class QuantityRow(msgspec.Struct, gc=False):
    """One of the numbers of a level, as sent."""

    name: str
    quantity: Level


class LevelRow(msgspec.Struct, gc=False):
    """An item at one location, as sent."""

    location: Ref
    quantities: list[QuantityRow]

    @property
    def id(self) -> int:
        """Its location's number."""
        return int(self.location.number)

    @property
    def available(self) -> int:
        """What may still be sold; SkipRecord where it is not told."""
        found = [one.quantity for one in self.quantities if one.name == AVAILABLE]
        if len(found) != 1:
            raise SkipRecord(f"quantities: {AVAILABLE} is not told once", path="quantities")
        return found[0]


class VariantRef(msgspec.Struct, gc=False):
    """The variant that an item belongs to, as sent."""

    product: Ref
    gid: Gid = msgspec.field(name="id")

    @property
    def id(self) -> int:
        """Its number."""
        return int(number(self.gid))


class VariantRefs(msgspec.Struct, gc=False):
    """Up to two of an item's variants."""

    nodes: list[VariantRef]


class HeadRow(msgspec.Struct, gc=False, rename="camel", kw_only=True):
    """An item without its variants and levels, as a file sends it."""

    gid: Gid = msgspec.field(name="id")
    tracked: bool
    sku: str | None = None

    @property
    def id(self) -> int:
        """Its own number."""
        return int(number(self.gid))


class ItemRow(HeadRow, gc=False, rename="camel", kw_only=True):
    """An item at its locations, as sent."""

    variants: VariantRefs | None
    inventory_levels: Connection[LevelRow]

    @property
    def id(self) -> int:
        """The number of its variant, by which it is known here; of the item itself where it has none."""
        refs = self.variants.nodes if self.variants else []
        return int(number(refs[0].gid if refs else self.gid))


class OfVariantRow(msgspec.Struct, gc=False, rename="camel"):
    """A variant with its item, as sent."""

    inventory_item: ItemRow

    @property
    def id(self) -> int:
        """The variant's number."""
        return self.inventory_item.id


LOCATIONS = Rows(LocationRow)
IN_ITEM = ("variants", "nodes", 0, "id")  # by which an item is known here
ITEMS = Rows(ItemRow, IN_ITEM)
HEADS = Rows(HeadRow)
REFS = Rows(VariantRef)
OF_VARIANTS = Rows(OfVariantRow, ("inventoryItem", *IN_ITEM))
LEVELS = Rows(LevelRow, ("location", "id"))


def read_locations(graph: Graph, ask: Ask) -> Iterator[Page[Location]]:
    """Yield every location."""
    for batch in LOCATIONS.walk(graph, documents.LOCATIONS, {}, ask.after):
        records, bad = build_all(batch.rows, partial(location, home=batch.home))
        yield Page(records=tuple(records), rejects=(*batch.rejects, *bad), next=batch.next)


def location(row: LocationRow, home: str) -> Location:
    """Return a location; `home` is the one that the shop names when it is not asked for any."""
    name = text(row.name)
    return Location(
        platform_id=str(row.id), code=name[:255], name=name, is_enabled=row.is_active, is_default=row.gid == home
    )


def stock_settings(sources: Sequence[str]) -> dict[str, StockSettings]:
    """Return when the shop's own events move its numbers; whether goods go back is asked of staff at each refund."""
    manner = StockSettings(deducts_at="order", edits_move_stock=True, cancel_restocks=True)
    return dict.fromkeys(sources, manner)


def read_stock(graph: Graph, ask: Ask) -> Iterator[Page[StockItem]]:
    """Yield the stock of every variant, or of those asked for by variant id."""
    if ask.ids is None:
        files = bulk.exported(graph, documents.ALL_STOCK, ask.after) if bulk.is_worth_it(graph, ask.after) else None
        if files is not None:
            for rows, token in files:
                yield exported_page(graph, rows, token)
            return
        for batch in ITEMS.walk(graph, documents.STOCK, {}, bulk.cursor(ask.after)):
            yield stock_page(graph, batch.rows, batch.rejects, batch.next)
        return
    document = documents.STOCK_BY_VARIANT
    for asked, token in chunks(ask.ids, document.first, int(ask.after or 0)):
        found = OF_VARIANTS.by_id(graph, document, [gid("ProductVariant", one) for one in asked])
        yield stock_page(graph, [one.inventory_item for one in found.rows], found.rejects, token)


def exported_page(graph: Graph, found: Sequence[bulk.Grown], token: str | None) -> Page[StockItem]:
    """Return a page of records out of a file."""
    rows: list[ItemRow] = []
    rejects: list[Reject] = []
    for one in found:
        head = HEADS.one(one.root)
        levels = [LEVELS.one(part) for part in one.of("InventoryLevel")]
        refs = [REFS.one(part) for part in one.of("ProductVariant")]
        bad = [part for part in (head, *levels, *refs) if isinstance(part, Reject)]
        if bad or isinstance(head, Reject):
            rejects.append(msgspec.structs.replace(bad[0], platform_id=one.part_number("ProductVariant")))
            continue
        row = ItemRow(
            **msgspec.structs.asdict(head),
            variants=VariantRefs([part for part in refs if isinstance(part, VariantRef)]),
            inventory_levels=whole([part for part in levels if isinstance(part, LevelRow)]),
        )
        rows.append(row)
    return stock_page(graph, rows, rejects, token)


def stock_page(graph: Graph, rows: list[ItemRow], rejects: list[Reject], token: str | None) -> Page[StockItem]:
    """Return a page of records; levels that an item does not show are read first."""
    counted = [row for row in rows if row.tracked and row.variants and row.variants.nodes]
    spoiled = {row.id: complete(graph, row) for row in counted}
    records, bad = build_all(counted, lambda row: stock_item(row, spoiled[row.id]))
    told = tuple(one for one in records if one.levels)  # what is stocked nowhere has no number to tell
    return Page(records=told, rejects=(*rejects, *bad), next=token)


def complete(graph: Graph, row: ItemRow) -> str:
    """Read the levels that an item does not show, and return what is wrong with them, "" for nothing."""
    after = row.inventory_levels.page_info.next(documents.STOCK.label)
    if after is None:
        return ""
    more = LEVELS.rest(graph, documents.MORE_LEVELS, row.gid, after)
    row.inventory_levels.nodes.extend(more.rows)
    return f"a level: {more.rejects[0].reason}" if more.rejects else ""


def stock_item(row: ItemRow, spoiled: str) -> StockItem:
    """Return an item with its levels; a location told twice would make the number a guess."""
    if spoiled:
        raise SkipRecord(spoiled, path="inventoryLevels")
    refs = row.variants.nodes if row.variants else []
    if len(refs) != 1:
        raise SkipRecord(SHARED, path="variants")
    levels = row.inventory_levels.nodes
    if len({one.id for one in levels}) != len(levels):
        raise SkipRecord("inventoryLevels: a location is listed twice", path="inventoryLevels")
    product, item = refs[0].product.number, number(row.gid)
    return StockItem(
        platform_id=str(row.id),
        levels=tuple(level(row, product, item, one) for one in sorted(levels, key=lambda one: one.id)),
    )


def level(row: ItemRow, product: str, item: str, one: LevelRow) -> StockLevel:
    """Return one location's number."""
    return StockLevel(
        product_platform_id=product,
        variant_platform_id=str(row.id),
        sku=identifier(row.sku, "sku"),
        location_platform_id=str(one.id),
        target=f"{item}@{one.id}",
        shown=one.available,
    )
