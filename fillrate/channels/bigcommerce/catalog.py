"""The catalogue: categories, brands, and products with their variants."""

from collections.abc import Iterator

import msgspec

from fillrate.channels.bigcommerce import endpoints
from fillrate.channels.bigcommerce.pages import Batch, Pages
from fillrate.channels.bigcommerce.walks import by_id, by_page
from fillrate.channels.bigcommerce.window import stamp
from fillrate.channels.chunks import chunks
from fillrate.channels.fields import Id, Link, Money, amount_e4, identifier, link, text, when, when_or_none
from fillrate.channels.parsing import build_all
from fillrate.channels.protocol import Ask, Page
from fillrate.errors import SkipRecord
from fillrate.gateway.http import Http, Params
from fillrate.records import Brand, Category, Product, Tracking, Variant

PAGE = 250
IDS_AT_ONCE = 100  # keeps the address short


class CategoryRow(msgspec.Struct, gc=False):
    """A tree category, as sent."""

    id: Id = msgspec.field(name="category_id")
    parent_id: Link
    name: str
    is_visible: bool


class BrandRow(msgspec.Struct, gc=False):
    """A brand, as sent."""

    id: Id
    name: str


class OptionRow(msgspec.Struct, gc=False):
    """One chosen option of a variant, as sent."""

    label: str | None
    option_display_name: str | None


class VariantRow(msgspec.Struct, gc=False):
    """A variant, as sent."""

    id: Id
    sku: str | None
    price: Money | None
    cost_price: Money | None
    purchasing_disabled: bool
    option_values: list[OptionRow]


class ProductRow(msgspec.Struct, gc=False):
    """A product with its variants, as sent."""

    id: Id
    name: str
    type: str
    price: Money
    cost_price: Money | None
    inventory_tracking: Tracking
    is_visible: bool
    availability: str
    date_created: str
    date_modified: str
    variants: list[VariantRow]
    sku: str | None
    preorder_release_date: str | None
    brand_id: Link | None
    categories: list[Id]
    availability_description: str | None = None
    preorder_message: str | None = None


CATEGORIES = Pages(endpoints.CATEGORIES, CategoryRow, id_path=("category_id",))
BRANDS = Pages(endpoints.BRANDS, BrandRow)
PRODUCTS = Pages(endpoints.PRODUCTS, ProductRow)


def read_categories(http: Http, ask: Ask) -> Iterator[Page[Category]]:
    """Yield every category of every tree."""
    for batch, token in by_page(http, CATEGORIES, {"limit": PAGE}, ask.after):
        records, bad = build_all(batch.rows, category)
        yield Page(records=tuple(records), rejects=(*batch.rejects, *bad), next=token)


def read_brands(http: Http, ask: Ask) -> Iterator[Page[Brand]]:
    """Yield every brand."""
    for batch, token in by_page(http, BRANDS, {"limit": PAGE}, ask.after):
        records, bad = build_all(batch.rows, brand)
        yield Page(records=tuple(records), rejects=(*batch.rejects, *bad), next=token)


def read_products(http: Http, ask: Ask) -> Iterator[Page[Product]]:
    """Yield products changed in a window, or those asked for by id."""
    if ask.ids is not None:
        yield from products_by_id(http, ask.ids, int(ask.after or 0))
        return
    params: Params = {"include": "variants", "sort": "id", "direction": "asc", "limit": PAGE}
    window = stamp("date_modified:min", ask.since) | stamp("date_modified:max", ask.until)
    for batch, token in by_id(http, PRODUCTS, {**params, **window}, ask.after):
        yield product_page(batch, token)


def products_by_id(http: Http, ids: tuple[str, ...], start: int) -> Iterator[Page[Product]]:
    """Yield these products; one that the list leaves out is gone only once the shop says so for it alone."""
    for asked, token in chunks(ids, IDS_AT_ONCE, start):
        params: Params = {"include": "variants", "id:in": ",".join(asked), "limit": PAGE}
        answers = list(by_page(http, PRODUCTS, params, None))
        page = product_page(Batch.joined([batch for batch, _ in answers], asked, endpoints.PRODUCTS.label), token)
        met = {one.platform_id for one in page.records} | {one.platform_id for one in page.rejects}
        gone = tuple(one for one in asked if one not in met and is_gone(http, one))
        yield msgspec.structs.replace(page, gone=gone)


def is_gone(http: Http, product_id: str) -> bool:
    """Ask for one product alone."""
    path = f"{endpoints.PRODUCT.path}/{product_id}"
    return http.get(endpoints.PRODUCT.at(path), {"include_fields": "id"}, bytes).is_gone


def product_page(batch: Batch[ProductRow], token: str | None) -> Page[Product]:
    """Return a page of records from a page of rows."""
    records, bad = build_all(batch.rows, product)
    return Page(records=tuple(records), rejects=(*batch.rejects, *bad), next=token)


def category(row: CategoryRow) -> Category:
    """Return a category."""
    return Category(
        platform_id=str(row.id),
        parent_platform_id=link(row.parent_id),
        name=text(row.name),
        is_visible=row.is_visible,
    )


def brand(row: BrandRow) -> Brand:
    """Return a brand."""
    return Brand(platform_id=str(row.id), name=text(row.name))


def product(row: ProductRow) -> Product:
    """Return a product; SkipRecord names what cannot be read, and every product has a variant."""
    if not row.variants:
        raise SkipRecord("variants is empty", path="variants")
    return Product(
        platform_id=str(row.id),
        name=text(row.name),
        sku=identifier(row.sku, "sku"),
        is_digital=row.type == "digital",
        tracking=row.inventory_tracking,
        is_visible=row.is_visible,
        availability=text(row.availability, 50),
        availability_text=text(row.availability_description),
        preorder_message=text(row.preorder_message),
        preorder_release_at=when_or_none(row.preorder_release_date, "preorder_release_date"),
        price_e4=amount_e4(row.price, "price"),
        cost_e4=cost(row.cost_price, "cost_price"),
        brand_platform_id=link(row.brand_id),
        category_platform_ids=tuple(str(one) for one in dict.fromkeys(row.categories)),
        created_at=when(row.date_created, "date_created"),
        modified_at=when(row.date_modified, "date_modified"),
        variants=tuple(variant(one) for one in row.variants),
    )


def variant(row: VariantRow) -> Variant:
    """Return a variant; a price or a cost of null is the product's."""
    options = ", ".join(f"{text(one.option_display_name)}: {text(one.label)}" for one in row.option_values)
    return Variant(
        platform_id=str(row.id),
        sku=identifier(row.sku, f"sku of variant {row.id}"),
        price_e4=None if row.price is None else amount_e4(row.price, f"price of variant {row.id}"),
        cost_e4=cost(row.cost_price, f"cost_price of variant {row.id}"),
        is_purchasable=not row.purchasing_disabled,
        options=options[:1_000],
    )


def cost(value: Money | None, path: str) -> int | None:
    """Return what a unit costs the merchant; a shop that was never told says 0."""
    return None if value is None else amount_e4(value, path) or None
