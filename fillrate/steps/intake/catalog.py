"""How a shop's catalogue lands: brands, categories, products with their listings, and the items behind them."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlmodel import col

from fillrate.channels.protocol import Page, Stream
from fillrate.db.database import Reading, Writing
from fillrate.db.queries.kits import kits_with
from fillrate.db.tables import Brand, Category, Customer, Item, Listing, Model, OpenUnit, OrderLine, Product
from fillrate.decide.sku import sku_key
from fillrate.records import Product as ProductRecord
from fillrate.records import Record, Variant
from fillrate.steps.days import shop_time
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.intake.compare import changed, content_hash, known
from fillrate.steps.intake.stream import Intake, Swept, met_ids
from fillrate.steps.intake.uncovered import wait_for_stock
from fillrate.steps.runs import RunLog
from fillrate.steps.touch import note_items, touch, touch_all, touch_lines

ALIVE = {"missing_sweeps": 0, "deleted_at": None}


def land_plain(table: type[Model], channel_id: int) -> Callable[[Writing, Sequence[Record]], Counter[str]]:
    """Return how records land whose fields are the table's columns."""
    newer = "modified_at" if "modified_at" in table.__table__.c else None

    def land(tx: Writing, records: Sequence[Record]) -> Counter[str]:
        hashes = {record.platform_id: content_hash(record) for record in records}
        fresh, counts = changed(records, known(tx, table, channel_id, hashes), hashes)
        rows = [
            {"channel_id": channel_id, "content_hash": hashes[one.platform_id], **ALIVE, **msgspec.structs.asdict(one)}
            for one in fresh
        ]
        tx.upsert(table, rows, key=("channel_id", "platform_id"), newer=newer)
        return counts

    return land


def plain_intake(
    desk: Desk, shop: Shop, stream: Stream, table: type[Model], stamp: str | None = None, fact: str = ""
) -> Intake:
    """Return the intake of a stream that lands as it is; where the policy goes by `fact`, a change concerns the whole queue."""
    is_asked = bool(fact) and any(getattr(rule.match, fact) is not None for rule in desk.settings.policy.rule)
    as_it_is = land_plain(table, shop.id)

    def land(tx: Writing, records: Sequence[Record]) -> Counter[str]:
        counts = as_it_is(tx, records)
        if is_asked and counts["new"] + counts["changed"]:
            touch_all(tx)
        return counts

    swept = (Swept(stream.value, table, "platform_id", met_ids),)
    return Intake(stream, table, land, stamp, swept)


def brands(desk: Desk, shop: Shop) -> Intake:
    """Return the intake of brands."""
    return plain_intake(desk, shop, Stream.BRANDS, Brand, fact="brand")


def categories(desk: Desk, shop: Shop) -> Intake:
    """Return the intake of categories."""
    return plain_intake(desk, shop, Stream.CATEGORIES, Category)


def customers(desk: Desk, shop: Shop) -> Intake:
    """Return the intake of registered customers."""
    return plain_intake(desk, shop, Stream.CUSTOMERS, Customer, "modified_at", fact="group")


def products(desk: Desk, shop: Shop, log: RunLog) -> Intake:
    """Return the intake of products with their listings and items."""

    def land(tx: Writing, records: Sequence[ProductRecord]) -> Counter[str]:
        counts, now_counted = land_products(tx, shop, records)
        if now_counted:
            lines = tx.is_in(col(OrderLine.item_id), sorted({*now_counted, *kits_with(tx, now_counted)}))
            wait_for_stock(tx, lines, log.id, shop_time(desk, tx, shop))
        return counts

    def met(reading: Reading, page: Page[Any]) -> list[str]:  # Any: a page of products
        return shown_variants(page.records) + listings_of(reading, shop.id, [one.platform_id for one in page.rejects])

    swept = (
        Swept("products", Product, "platform_id", met_ids),
        Swept("listings", Listing, "variant_platform_id", met),
    )
    return Intake(Stream.PRODUCTS, Product, land, "modified_at", swept, lock=True, by_id=True)


def shown_variants(records: Sequence[ProductRecord]) -> list[str]:
    """Return the ids of all variants of these products."""
    return [variant.platform_id for product in records for variant in product.variants]


def listings_of(reading: Reading, channel_id: int, rejected: Sequence[str]) -> list[str]:
    """Return the known variants of products that exist and cannot be read; one without a name may have any: ""."""
    rows = reading.find(Listing, "product_platform_id", rejected, "variant_platform_id", channel_id=channel_id)
    return [row.variant_platform_id for row in rows] + [one for one in rejected if not one]


def land_products(tx: Writing, shop: Shop, records: Sequence[ProductRecord]) -> tuple[Counter[str], list[int]]:
    """Save what changed of a page of products; returns counts, and the known items that are counted from now on."""
    hashes = {record.platform_id: content_hash(record) for record in records}
    saved = known(tx, Product, shop.id, hashes)
    fresh, counts = changed(records, saved, hashes)
    rows = [product_row(shop.id, record, hashes[record.platform_id]) for record in fresh]
    tx.upsert(Product, rows, key=("channel_id", "platform_id"), newer="modified_at")
    product_ids = tx.ids(Product, shop.id, [record.platform_id for record in fresh])
    items = item_rows(shop, fresh)
    now_counted = uncounted(tx, [one for one, row in items.items() if row["is_tracked"]]) if saved else []
    tx.upsert(Item, list(items.values()), key=("origin",))
    item_ids = tx.ids(Item, None, list(items), "origin")
    touch(tx, item_ids.values() if saved else ())
    listings = [
        listing_row(shop.id, record, variant, product_ids[record.platform_id], item_ids[origin(shop, record, variant)])
        for record in fresh
        for variant in record.variants
    ]
    tx.upsert(Listing, listings, key=("channel_id", "product_platform_id", "variant_platform_id", "pack"))
    revive_listings(
        tx, shop.id, shown_variants([record for record in records if record.platform_id not in product_ids])
    )
    return counts, now_counted


def uncounted(reading: Reading, origins: Sequence[str]) -> list[int]:
    """Return the items of these origins that are not counted."""
    return [row.id for row in reading.find(Item, "origin", origins, "id", is_tracked=False)]


def revive_listings(tx: Writing, channel_id: int, variants: Sequence[str]) -> None:
    """What the shop shows is alive, whatever was thought of it and though nothing changed."""
    if not variants:
        return
    shown = sa.and_(col(Listing.channel_id) == channel_id, tx.is_in(col(Listing.variant_platform_id), variants))
    tx.execute(sa.update(Listing).where(shown, col(Listing.deleted_at).is_not(None)).values(**ALIVE))


def product_row(channel_id: int, record: ProductRecord, content: str) -> dict[str, Any]:  # Any: a table's row
    """Return the row of one product."""
    fields = msgspec.structs.asdict(record)
    del fields["variants"]
    fields["category_platform_ids"] = list(record.category_platform_ids)
    return {"channel_id": channel_id, "content_hash": content, **ALIVE, **fields}


def origin(shop: Shop, product: ProductRecord, variant: Variant) -> str:
    """Return the name of the item behind a variant; a shop that counts by product has one for all its variants."""
    if product.tracking == "product":
        return f"{shop.name}:{product.platform_id}"
    return f"{shop.name}:{product.platform_id}/{variant.platform_id}"


def item_rows(shop: Shop, records: Sequence[ProductRecord]) -> dict[str, dict[str, Any]]:  # Any: a table's row
    """Return the row of each item behind these products, by origin."""
    rows = {}
    for product in records:
        for variant in product.variants:
            by_product = product.tracking == "product"
            sku = product.sku if by_product and product.sku else variant.sku
            name = product.name if by_product or not variant.options else f"{product.name} ({variant.options})"
            name_of_item = origin(shop, product, variant)
            rows[name_of_item] = {
                "origin": name_of_item,
                "sku": sku,
                "sku_key": sku_key(sku),
                "name": name,
                "is_tracked": product.tracking != "none"
                and not product.is_digital
                and (by_product or variant.is_counted),
                "discontinued_at": None,
            }
    return rows


def listing_row(
    channel_id: int, product: ProductRecord, variant: Variant, product_id: int, item_id: int
) -> dict[str, Any]:  # Any: a table's row
    """Return the row of one listing."""
    return {
        "channel_id": channel_id,
        "product_id": product_id,
        "product_platform_id": product.platform_id,
        "variant_platform_id": variant.platform_id,
        "pack": 1,
        "item_id": item_id,
        "sku": variant.sku,
        "sku_key": sku_key(variant.sku),
        "price_e4": variant.price_e4,
        "cost_e4": variant.cost_e4,
        "is_purchasable": variant.is_purchasable,
        "options": variant.options,
        **ALIVE,
    }


def tie_up(tx: Writing, channel_id: int, run_id: str, at: datetime) -> Counter[str]:
    """After the catalogue was read: what was deleted ends its listings and items, what is back goes on, and lines find items."""
    deleted = sa.select(col(Product.id)).where(
        col(Product.channel_id) == channel_id, col(Product.deleted_at).is_not(None)
    )
    alive = col(Listing.deleted_at).is_(None)
    tx.execute(sa.update(Listing).where(alive, col(Listing.product_id).in_(deleted)).values(deleted_at=at))
    of_channel = sa.exists().where(col(Listing.item_id) == col(Item.id), col(Listing.channel_id) == channel_id)
    listed = sa.exists().where(col(Listing.item_id) == col(Item.id), alive)
    is_ending = (col(Item.discontinued_at).is_(None), of_channel, ~listed)
    is_back = (col(Item.discontinued_at).is_not(None), of_channel, listed)
    note_items(tx, sa.select(col(Item.id)).where(sa.or_(sa.and_(*is_ending), sa.and_(*is_back))))
    tx.execute(sa.update(Item).where(*is_back).values(discontinued_at=None))
    ended = tx.execute(sa.update(Item).where(*is_ending).values(discontinued_at=at))
    counts = Counter(items_discontinued=ended, lines_matched=match_lines(tx, channel_id))
    if counts["lines_matched"]:
        wait_for_stock(tx, col(OrderLine.channel_id) == channel_id, run_id, at)
    return counts


def match_lines(tx: Writing, channel_id: int) -> int:
    """Give lines the item that their listing points to, where it was unknown so far or has changed under an open line."""
    item = (
        sa.select(sa.func.min(col(Listing.item_id)))
        .where(
            col(Listing.channel_id) == col(OrderLine.channel_id),
            col(Listing.product_platform_id) == col(OrderLine.product_platform_id),
            col(Listing.variant_platform_id) == col(OrderLine.variant_platform_id),
        )
        .scalar_subquery()
    )
    is_open = sa.exists().where(col(OpenUnit.line_id) == col(OrderLine.id))
    unmatched = (
        col(OrderLine.channel_id) == channel_id,
        col(OrderLine.variant_platform_id) != "",
        item.is_not(None),
        sa.or_(col(OrderLine.item_id).is_(None), sa.and_(is_open, col(OrderLine.item_id) != item)),
    )
    found = [row.id for row in tx.rows(sa.select(col(OrderLine.id)).where(*unmatched))]
    touch_lines(tx, found)  # the item that they leave, and below the one that they get
    tx.execute(sa.update(OrderLine).where(tx.is_in(col(OrderLine.id), found)).values(item_id=item))
    touch_lines(tx, found)
    return len(found)
