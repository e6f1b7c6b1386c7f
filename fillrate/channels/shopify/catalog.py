"""Products with all their variants; what a variant counts stands at its inventory item."""

from collections.abc import Iterator, Sequence

import msgspec

from fillrate.channels.chunks import chunks
from fillrate.channels.fields import Money, amount_e4, identifier, text, when
from fillrate.channels.parsing import build_all
from fillrate.channels.protocol import Ask, Page
from fillrate.channels.shopify import bulk, documents
from fillrate.channels.shopify.gids import Gid, gid, number
from fillrate.channels.shopify.graph import Graph
from fillrate.channels.shopify.pages import Batch, Connection, Rows, whole
from fillrate.channels.shopify.windows import updated
from fillrate.errors import SkipRecord
from fillrate.records import Product, Reject, Tracking, Variant

MOST_OPTIONS = 1_000


class OptionRow(msgspec.Struct, gc=False):
    """One chosen option, as sent."""

    name: str
    value: str


class CostRow(msgspec.Struct, gc=False):
    """What a unit costs the merchant, as sent."""

    amount: Money


class CountedBy(msgspec.Struct, gc=False, rename="camel"):
    """What a variant is counted by, as sent."""

    tracked: bool
    requires_shipping: bool
    unit_cost: CostRow | None = None


class VariantRow(msgspec.Struct, gc=False, rename="camel"):
    """A variant, as sent."""

    gid: Gid = msgspec.field(name="id")
    sku: str | None
    price: Money
    available_for_sale: bool
    inventory_item: CountedBy
    selected_options: list[OptionRow] = []

    @property
    def id(self) -> int:
        """Its number."""
        return int(number(self.gid))


class HeadRow(msgspec.Struct, gc=False, rename="camel", kw_only=True):
    """A product without its variants, as a file sends it."""

    gid: Gid = msgspec.field(name="id")
    title: str
    status: str
    created_at: str
    updated_at: str

    @property
    def id(self) -> int:
        """Its number."""
        return int(number(self.gid))


class ProductRow(HeadRow, gc=False, rename="camel", kw_only=True):
    """A product, as sent."""

    variants: Connection[VariantRow]


PRODUCTS = Rows(ProductRow)
HEADS = Rows(HeadRow)
VARIANTS = Rows(VariantRow)


def read_products(graph: Graph, ask: Ask) -> Iterator[Page[Product]]:
    """Yield products changed in a window, or those asked for by id."""
    if ask.ids is not None:
        yield from products_by_id(graph, ask.ids, int(ask.after or 0))
        return
    files = bulk.exported(graph, documents.ALL_PRODUCTS, ask.after) if is_whole(graph, ask) else None
    if files is not None:
        for rows, token in files:
            yield exported_page(rows, token, ask)
        return
    variables = {"q": updated(ask.since, ask.until)}
    for batch in PRODUCTS.walk(graph, documents.PRODUCTS, variables, bulk.cursor(ask.after)):
        yield product_page(graph, batch, batch.next)


def is_whole(graph: Graph, ask: Ask) -> bool:
    """Tell whether all products are asked for, and are too many for pages."""
    return ask.since is None and bulk.is_worth_it(graph, ask.after)


def exported_page(found: Sequence[bulk.Grown], token: str | None, ask: Ask) -> Page[Product]:
    """Return a page of records out of a file."""
    rows: list[ProductRow] = []
    rejects: list[Reject] = []
    spoiled: dict[int, list[Reject]] = {}
    for one in found:
        head, told = HEADS.one(one.root), [VARIANTS.one(part) for part in one.parts]
        if isinstance(head, Reject):
            rejects.append(head)
            continue
        variants = whole([part for part in told if isinstance(part, VariantRow)])
        spoiled[head.id] = [part for part in told if isinstance(part, Reject)]
        rows.append(ProductRow(**msgspec.structs.asdict(head), variants=variants))
    records, bad = build_all(rows, lambda row: product(row, spoiled[row.id]))
    in_time = tuple(one for one in records if ask.until is None or one.modified_at <= ask.until)
    return Page(records=in_time, rejects=(*rejects, *bad), next=token)


def products_by_id(graph: Graph, ids: tuple[str, ...], start: int) -> Iterator[Page[Product]]:
    """Yield these products; what the shop answers with nothing is gone."""
    document = documents.PRODUCTS_BY_ID
    for asked, token in chunks(ids, document.first, start):
        batch = PRODUCTS.by_id(graph, document, [gid("Product", one) for one in asked])
        page = product_page(graph, batch, token)
        met = {str(row.id) for row in batch.rows} | {one.platform_id for one in batch.rejects}
        gone = () if "" in met else tuple(one for one in asked if one not in met)
        yield msgspec.structs.replace(page, gone=gone)


def product_page(graph: Graph, batch: Batch[ProductRow], token: str | None) -> Page[Product]:
    """Return a page of records; variants that a product does not show are read first."""
    spoiled = {row.id: bad for row in batch.rows if (bad := complete(graph, row))}
    records, bad = build_all(batch.rows, lambda row: product(row, spoiled.get(row.id, ())))
    return Page(records=tuple(records), rejects=(*batch.rejects, *bad), next=token)


def complete(graph: Graph, row: ProductRow) -> list[Reject]:
    """Read the variants that a product does not show, and return those that cannot be read."""
    after = row.variants.page_info.next(documents.PRODUCTS.label)
    if after is None:
        return []
    more = VARIANTS.rest(graph, documents.MORE_VARIANTS, row.gid, after)
    row.variants.nodes.extend(more.rows)
    return more.rejects


def product(row: ProductRow, spoiled: Sequence[Reject]) -> Product:
    """Return a product; one of whose variants cannot be read is not half a product."""
    if spoiled:
        raise SkipRecord(f"variant {spoiled[0].platform_id}: {spoiled[0].reason}", path="variants")
    rows = {one.id: one for one in row.variants.nodes}
    if not rows:
        raise SkipRecord("variants is empty", path="variants")
    variants = tuple(variant(rows[key]) for key in sorted(rows))  # a file has them in any order
    return Product(
        platform_id=str(row.id),
        name=text(row.title),
        sku="",
        is_digital=not any(one.inventory_item.requires_shipping for one in rows.values()),
        tracking=tracking(row),
        is_visible=row.status == "ACTIVE",
        availability=text(row.status, 50).lower(),
        availability_text="",
        preorder_message="",
        preorder_release_at=None,
        price_e4=variants[0].price_e4 or 0,
        cost_e4=None,
        brand_platform_id="",
        category_platform_ids=(),
        created_at=when(row.created_at, "createdAt"),
        modified_at=when(row.updated_at, "updatedAt"),
        variants=variants,
    )


def tracking(row: ProductRow) -> Tracking:
    """Return whose number the shop counts: each variant's own, where it counts any."""
    return "variant" if any(one.inventory_item.tracked for one in row.variants.nodes) else "none"


def variant(row: VariantRow) -> Variant:
    """Return a variant; the only one of a product is called "Default Title" by the shop."""
    cost = row.inventory_item.unit_cost
    told = [(text(one.name), text(one.value)) for one in row.selected_options]
    options = "" if told == [("Title", "Default Title")] else ", ".join(f"{name}: {value}" for name, value in told)
    return Variant(
        platform_id=str(row.id),
        sku=identifier(row.sku, f"sku of variant {row.id}"),
        price_e4=amount_e4(row.price, f"price of variant {row.id}"),
        cost_e4=None if cost is None else amount_e4(cost.amount, f"unitCost of variant {row.id}"),
        is_purchasable=row.available_for_sale,
        options=options[:MOST_OPTIONS],
        is_counted=row.inventory_item.tracked,
    )
