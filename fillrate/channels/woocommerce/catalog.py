"""Products with their variations. A product that is sold as it is has itself as its only variant."""

from collections.abc import Iterator

import msgspec
from msgspec import structs

from fillrate.channels.chunks import chunks
from fillrate.channels.fields import Id, Money, amount_e4, identifier, text
from fillrate.channels.parsing import build_all
from fillrate.channels.protocol import Ask, Page
from fillrate.channels.woocommerce import endpoints
from fillrate.channels.woocommerce.goods import (
    PRODUCT_FIELDS,
    TRASH,
    Family,
    OptionRow,
    ProductRow,
    VariationRow,
    families,
)
from fillrate.channels.woocommerce.pages import PAGE, NoSuchList, Pages, changed_after, walk
from fillrate.channels.woocommerce.rest import Rest
from fillrate.channels.woocommerce.times import gmt, gmt_or_none
from fillrate.errors import SkipRecord
from fillrate.records import Product, Reject, Variant


class StandingRow(msgspec.Struct):
    """A product with its status, as sent."""

    id: Id
    status: str


PRODUCTS = Pages(endpoints.PRODUCTS, ProductRow, PRODUCT_FIELDS)
STANDING = Pages(endpoints.PRODUCT, StandingRow, "id,status")
HIDDEN = "hidden"


def read_products(rest: Rest, ask: Ask) -> Iterator[Page[Product]]:
    """Yield products changed in a window, or those asked for by id."""
    if ask.ids is not None:
        yield from products_by_id(rest, ask.ids, int(ask.after or 0))
        return
    for batch, token in walk(rest, PRODUCTS, {"status": "any", **changed_after(ask.since)}, ask.after):
        page = product_page(rest, batch.rows, batch.rejects, token)
        in_time = (one for one in page.records if ask.until is None or one.modified_at <= ask.until)
        yield structs.replace(page, records=tuple(in_time))


def products_by_id(rest: Rest, ids: tuple[str, ...], start: int) -> Iterator[Page[Product]]:
    """Yield these products; one that the list leaves out is gone only once the shop says so for it alone."""
    for asked, token in chunks(ids, PAGE, start):
        batch = PRODUCTS.these(rest, asked)
        if batch is None:
            raise NoSuchList(what=f"{endpoints.PRODUCTS.label}: the shop has no such list.")
        met = {str(one) for one in batch.ids()}
        gone = tuple(one for one in asked if one not in met and is_gone(rest, one))
        yield structs.replace(product_page(rest, batch.rows, batch.rejects, token), gone=gone)


def is_gone(rest: Rest, product_id: str) -> bool:
    """Ask for one product alone: what is in the trash is gone as well."""
    found = STANDING.one(rest, product_id)
    return found is None or (isinstance(found, StandingRow) and found.status == TRASH)


def product_page(rest: Rest, rows: list[ProductRow], rejects: list[Reject], token: str | None) -> Page[Product]:
    """Return a page of records from a page of rows, their variations read."""
    found = {one.product.id: one for one in families(rest, rows)}
    records, bad = build_all(rows, lambda row: product(found[row.id]))
    return Page(records=tuple(records), rejects=(*rejects, *bad), next=token)


def product(family: Family) -> Product:
    """Return a product; one of whose variations cannot be read is not half a product."""
    row = family.product
    if family.rejects:
        raise SkipRecord(f"variation {family.rejects[0].platform_id}: {family.rejects[0].reason}", path="variations")
    modified = gmt(row.date_modified_gmt, "date_modified_gmt")
    return Product(
        platform_id=str(row.id),
        name=text(row.name),
        sku=identifier(row.sku, "sku"),
        is_digital=row.virtual,
        tracking=family.tracking,
        is_visible=row.status == "publish" and row.catalog_visibility != HIDDEN,
        availability=text(row.stock_status, 50),
        availability_text="",
        preorder_message="",
        preorder_release_at=None,
        price_e4=price(row.price or row.regular_price, "price") or 0,
        cost_e4=None,
        brand_platform_id="",
        category_platform_ids=tuple(str(one) for one in dict.fromkeys(one.id for one in row.categories)),
        created_at=gmt_or_none(row.date_created_gmt, "date_created_gmt") or modified,  # a draft was never published
        modified_at=modified,
        variants=variants(family),
    )


def variants(family: Family) -> tuple[Variant, ...]:
    """Return what a shopper puts into the basket: the variations, or the product itself."""
    if family.variations:
        return tuple(variant(one) for one in sorted(family.variations, key=lambda one: one.id))
    row = family.product
    itself = Variant(
        platform_id=str(row.id),
        sku=identifier(row.sku, "sku"),
        price_e4=None,
        cost_e4=None,
        is_purchasable=row.purchasable and row.type != "variable",
        options="",
        is_counted=row.manage_stock is True,
    )
    return (itself,)


def variant(row: VariationRow) -> Variant:
    """Return a variation."""
    return Variant(
        platform_id=str(row.id),
        sku=identifier(row.sku, f"sku of variation {row.id}"),
        price_e4=price(row.price, f"price of variation {row.id}"),
        cost_e4=None,
        is_purchasable=row.purchasable,
        options=", ".join(option(one) for one in row.attributes)[:1_000],
        is_counted=row.manage_stock is not False,
    )


def option(row: OptionRow) -> str:
    """Return one chosen attribute; one without an option is the shopper's choice."""
    return f"{text(row.name)}: {text(row.option) or 'any'}"


def price(value: Money | None, path: str) -> int | None:
    """Return a price; what has none is sent as an empty text."""
    return None if value in {None, ""} else amount_e4(value, path)
