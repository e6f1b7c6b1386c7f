"""Stock: one number for each product or variation that is counted by itself, at the shop's one and only location.

Variations that share their parent's number are counted once, as the product. A sale and an edit both move a product's
modified time, a variation's its parent's, so what changed can be read by a window.
"""

from collections.abc import Collection, Iterator, Sequence

from msgspec import json

from fillrate.channels.chunks import chunks
from fillrate.channels.fields import identifier
from fillrate.channels.parsing import digest
from fillrate.channels.protocol import Ask, Page
from fillrate.channels.woocommerce import endpoints
from fillrate.channels.woocommerce.goods import ALL, PRODUCT_FIELDS, Family, ProductRow, VariationRow, families
from fillrate.channels.woocommerce.pages import PAGE, Pages, changed_after, walk
from fillrate.channels.woocommerce.rest import Rest
from fillrate.errors import SkipRecord
from fillrate.records import Location, Reject, StockItem, StockLevel, StockSettings

HOME = Location(platform_id="1", code="shop", name="The shop's own stock", is_enabled=True, is_default=True)
SHARED = (
    "manage_stock: it shares its product's number, beside variations that have their own; nobody can tell them apart"
)
STOCK = Pages(endpoints.STOCK, ProductRow, PRODUCT_FIELDS)


def read_locations(_: Rest, __: Ask) -> Iterator[Page[Location]]:
    """Yield the one location that the shop never speaks of."""
    yield Page(records=(HOME,), rejects=(), next=None)


def stock_settings(sources: Sequence[str]) -> dict[str, StockSettings]:
    """Return when the shop's own events move its numbers: no setting changes that."""
    manner = StockSettings(deducts_at="order", edits_move_stock=True, cancel_restocks=True)
    return dict.fromkeys(sources, manner)


def read_stock(rest: Rest, ask: Ask) -> Iterator[Page[StockItem]]:
    """Yield the stock that was touched since a moment, all of it, or that of these products and variations."""
    if ask.ids is not None:
        for asked, token in chunks(ask.ids, PAGE, int(ask.after or 0)):
            yield stock_page(families(rest, products_of(rest, asked)), [], token, set(asked))
        return
    for batch, token in walk(rest, STOCK, {"status": "any", **changed_after(ask.since)}, ask.after):
        yield stock_page(families(rest, batch.rows), batch.rejects, token)


def products_of(rest: Rest, ids: Sequence[str]) -> list[ProductRow]:
    """Return the products that these ids name, themselves or a variation of theirs."""
    found = STOCK.these(rest, ids)
    rows = [] if found is None else found.rows
    left = {int(one) for one in ids} - {one.id for one in rows}
    parents = parents_of(rest, left) - {one.id for one in rows} if left else set()
    for asked, _ in chunks(tuple(str(one) for one in sorted(parents)), PAGE, 0):
        more = STOCK.these(rest, asked)
        rows += [] if more is None else more.rows
    return rows


def parents_of(rest: Rest, variations: Collection[int]) -> set[int]:
    """Return the products that these variations belong to; a shop without a list of variations is looked through."""
    if rest.lists_variations:
        found = ALL.these(rest, [str(one) for one in variations])
        if found is not None:
            return {one.parent_id for one in found.rows if one.parent_id}
        rest.lists_variations = False
    wanted = set(variations)
    pages = walk(rest, STOCK, {"status": "any", "type": "variable"})
    return {row.id for batch, _ in pages for row in batch.rows if wanted & set(row.variations)}


def stock_page(
    found: list[Family], rejects: Sequence[Reject], token: str | None, asked: Collection[str] | None = None
) -> Page[StockItem]:
    """Return a page of records; where only some were asked for, the others of their families are left out."""
    items: list[StockItem] = []
    bad = list(rejects)
    for family in found:
        try:
            some, unclear = counted(family)
        except SkipRecord as skip:
            some, unclear = [], [unreadable(family.product, skip.what)]
        names = {str(one.id) for one in family.variations}
        whole = asked is None or (family.tracking == "product" and bool(names & set(asked)))
        items += [one for one in some if whole or one.platform_id in (asked or ())]
        bad += [*family.rejects, *unclear] if asked is None else [one for one in unclear if one.platform_id in asked]
    return Page(records=tuple(items), rejects=tuple(bad), next=token)


def counted(family: Family) -> tuple[list[StockItem], list[Reject]]:
    """Return the items that a product is counted by, and the variations whose number nobody can tell."""
    if family.tracking == "none":
        return [], []
    row = family.product
    if not family.variations or family.tracking == "product":
        return [item(row, row, "" if family.variations else str(row.id))], []
    items, bad = [], []
    for one in sorted(family.variations, key=lambda one: one.id):
        try:
            if one.manage_stock is True:
                items.append(item(row, one, str(one.id)))
            elif one.manage_stock == "parent":
                bad.append(unreadable(one, SHARED))
        except SkipRecord as skip:
            bad.append(unreadable(one, skip.what))
    return items, bad


def unreadable(row: ProductRow | VariationRow, reason: str) -> Reject:
    """Return why a number cannot be used."""
    return Reject(platform_id=str(row.id), reason=reason, payload_hash=digest(json.encode(row)))


def item(product: ProductRow, row: ProductRow | VariationRow, variant: str) -> StockItem:
    """Return one number; `variant` is "" where it is all variations'."""
    if row.stock_quantity is None:
        raise SkipRecord("stock_quantity is missing, though the shop counts it", path="stock_quantity")
    level = StockLevel(
        product_platform_id=str(product.id),
        variant_platform_id=variant,
        sku=identifier(row.sku, "sku"),
        location_platform_id=HOME.platform_id,
        target=target(product.id, row.id),
        shown=row.stock_quantity,
    )
    return StockItem(platform_id=str(row.id), levels=(level,))


def target(product: int, counted_by: int) -> str:
    """Return how a number is named: by its product, and by the variation where that has it."""
    return str(product) if product == counted_by else f"{product}/{counted_by}"
