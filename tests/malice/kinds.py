"""Every kind of record that comes by the page: where it is shown, which step reads it, what of it is kept and where.

`needed` says in which columns each field ends up; any other field may hold what it likes and changes nothing.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from fillrate.channels.protocol import Stream
from fillrate.db.database import Reading
from fillrate.steps.desk import Desk
from fillrate.steps.intake.windows import Asked
from fillrate.steps.reconcile import read_stock_into_ledger
from fillrate.steps.runs import RunLog
from fillrate.steps.stock import read_locations
from fillrate.steps.sync import sync_catalog, sync_orders
from tests.malice.liar import Place
from tests.simulation.projection import plain_value

Step = Callable[[Desk, RunLog, Asked], object]
Columns = Mapping[str, frozenset[str]]
OURS = frozenset({
    "id", "record", "part", "channel_id", "product_id", "item_id", "own_item_id", "order_id", "line_id", "refund_id",
    "location_id", "content_hash", "missing_sweeps", "deleted_at", "read_at", "first_read_at", "discontinued_at",
})  # fmt: skip


def catalog(desk: Desk, log: RunLog, asked: Asked) -> None:
    sync_catalog(desk, desk.shop("main"), log, asked)


def orders(desk: Desk, log: RunLog, asked: Asked) -> None:
    sync_orders(desk, desk.shop("main"), log, asked)


def locations(desk: Desk, log: RunLog, _: Asked) -> None:
    read_locations(desk, desk.shop("main"), log)


def stock(desk: Desk, log: RunLog, _: Asked) -> None:
    read_stock_into_ledger(desk, desk.shop("main"), log)


@dataclass(frozen=True)
class Kind:
    """One kind of record. `saved` are questions for its rows, each with `record` (the shop's id) and `part`."""

    stream: Stream
    place: Place
    step: Step
    saved: tuple[str, ...]
    needed: Columns
    identities: frozenset[str]  # fields that say which record this is: a sound number there means another record
    before: tuple[Step, ...] = ()
    by_id: bool = False  # what could not be read is asked for again by itself

    def rows(self, reading: Reading) -> dict[str, dict[str, Any]]:
        """Return what is kept of each record: {id: {"part.column": value}}."""
        found: dict[str, dict[str, Any]] = {}
        for question in self.saved:
            for row in reading.rows(sa.text(question)):
                kept = found.setdefault(row.record, {})
                kept |= {f"{row.part}.{name}": told(one) for name, one in row._mapping.items() if name not in OURS}
        return found


def told(value: Any) -> str:
    """Return a column's value as a text that is the same on both engines."""
    return json.dumps(value) if isinstance(value, list) else plain_value(value)


def columns(**told: str) -> Columns:
    """Return the columns of each field; a double underscore stands for a step inwards."""
    return {name.replace("__", "."): frozenset(fields.split()) for name, fields in told.items()}


def plain(table: str) -> str:
    return f"SELECT platform_id AS record, '' AS part, {table}.* FROM {table}"


ITEM = (
    "SELECT l.product_platform_id AS record, l.variant_platform_id AS part, i.origin, i.sku AS item_sku, i.sku_key AS"
)
LINE = "SELECT o.platform_id AS record, l.platform_id AS part, l.*, i.origin FROM order_line l JOIN sales_order o"
PRODUCTS = Kind(
    Stream.PRODUCTS,
    Place("GET /v3/catalog/products"),
    catalog,
    (
        plain("product"),
        "SELECT product_platform_id AS record, variant_platform_id AS part, listing.* FROM listing",
        f"{ITEM} item_key, i.name AS item_name, i.is_tracked FROM listing l JOIN item i ON i.id = l.item_id",
    ),
    columns(
        name="name item_name",
        type="is_digital is_tracked",
        sku="sku item_sku item_key",
        price="price_e4",
        cost_price="cost_e4",
        inventory_tracking="tracking origin is_tracked item_sku item_key item_name",
        is_visible="is_visible",
        availability="availability",
        preorder_release_date="preorder_release_at",
        date_created="created_at",
        date_modified="modified_at",
        brand_id="brand_platform_id",
        categories="category_platform_ids",
        variants__sku="sku sku_key item_sku item_key",
        variants__price="price_e4",
        variants__cost_price="cost_e4",
        variants__purchasing_disabled="is_purchasable",
        variants__option_values="options item_name",
        variants__option_values__label="options item_name",
        variants__option_values__option_display_name="options item_name",
    ),
    frozenset({"id", "variants.id"}),
    by_id=True,
)
BRANDS = Kind(
    Stream.BRANDS,
    Place("GET /v3/catalog/brands"),
    catalog,
    (plain("brand"),),
    columns(name="name"),
    frozenset({"id"}),
)
CATEGORIES = Kind(
    Stream.CATEGORIES,
    Place("GET /v3/catalog/trees/categories", lambda row: row["category_id"]),
    catalog,
    (plain("category"),),
    columns(name="name", parent_id="parent_platform_id", is_visible="is_visible"),
    frozenset({"category_id"}),
)
CUSTOMERS = Kind(
    Stream.CUSTOMERS,
    Place("GET /v3/customers"),
    catalog,
    (plain("customer"),),
    columns(
        email="email",
        first_name="first_name",
        last_name="last_name",
        company="company",
        phone="phone",
        customer_group_id="group_platform_id",
        date_created="created_at",
        date_modified="modified_at",
    ),
    frozenset({"id"}),
)
QUANTITIES = "qty_ordered qty_shipped qty_shipped_told qty_cancelled qty_refunded"
PARTS = ("shipping", "pickups", "downloads", "email.gift_certificates")
IN_A_LINE = {
    "product_id": "product_platform_id variant_platform_id needs_stock origin",
    "variant_id": "variant_platform_id origin",
    "sku": "sku",
    "name": "name",
    "type": "needs_stock",
    "price_inc_tax": "unit_price_e4",
    **dict.fromkeys(("quantity", "quantity_shipped", "quantity_refunded"), QUANTITIES),
}
ORDERS = Kind(
    Stream.ORDERS,
    Place("GET /v2/orders"),
    orders,
    (plain("sales_order"), f"{LINE} ON o.id = l.order_id LEFT JOIN item i ON i.id = l.item_id"),
    {
        **columns(
            status_id=f"status {QUANTITIES}",
            date_created="placed_at",
            date_modified="modified_at",
            date_shipped="shipped_at",
            total_inc_tax="total_e4",
            customer_id="customer_platform_id",
            billing_address="email recipient",
            billing_address__email="email",
            billing_address__first_name="recipient",
            billing_address__last_name="recipient",
            default_currency_code="currency",
            channel_id="source_channel",
            is_deleted=f"is_archived {QUANTITIES}",
            order_source="source_channel",
            external_source="source_channel",
            external_order_id="external_order_id",
            customer_locale="language",
            consignments="recipient destination",
            consignments__shipping="recipient destination",
        ),
        **{
            f"consignments.{part}.{name}": frozenset({"recipient"})
            for part in PARTS
            for name in ("first_name", "last_name")
        },
        **{f"consignments.shipping.{name}": frozenset({"destination"}) for name in ("country_iso2", "state", "zip")},
        **{
            f"consignments.{part}.line_items.{name}": frozenset(fields.split())
            for part in PARTS
            for name, fields in IN_A_LINE.items()
        },
    },
    frozenset({"id", *(f"consignments.{part}.line_items.id" for part in PARTS)}),
    (catalog,),
    by_id=True,
)
REFUNDS = Kind(
    Stream.REFUNDS,
    Place("GET /v3/orders/payment_actions/refunds"),
    orders,
    (
        plain("refund"),
        "SELECT r.platform_id AS record, x.position AS part, x.* FROM refund_line x JOIN refund r ON r.id = x.refund_id",
    ),
    columns(
        order_id="order_platform_id",
        created="created_at",
        reason="reason",
        total_amount="total_e4",
        items="position kind line_platform_id quantity amount_e4",
        items__item_type="kind line_platform_id",
        items__item_id="line_platform_id",
        items__quantity="quantity",
        items__requested_amount="amount_e4",
    ),
    frozenset({"id"}),
    (catalog,),
)
LOCATIONS = Kind(
    Stream.LOCATIONS,
    Place("GET /v3/inventory/locations"),
    locations,
    (plain("location"),),
    columns(code="code", label="name", enabled="is_enabled"),
    frozenset({"id"}),
)
SHELF = "FROM listing l JOIN stock_reading r ON r.item_id = l.item_id JOIN location p ON p.id = r.location_id"
STOCK = Kind(
    Stream.STOCK,
    Place("GET /v3/inventory/items", lambda row: row["identity"].get("variant_id")),
    stock,
    (
        f"SELECT l.variant_platform_id AS record, p.platform_id AS part, r.shown, r.safety_stock, r.backordered {SHELF}",
        "SELECT l.variant_platform_id AS record, p.platform_id AS part, s.on_hand FROM listing l"
        " JOIN stock s ON s.item_id = l.item_id JOIN location p ON p.id = s.location_id",
    ),
    columns(
        locations__total_inventory_onhand="shown on_hand",
        locations__settings__safety_stock="safety_stock",
    ),
    frozenset({"identity", "identity.variant_id", "identity.product_id", "locations.location_id"}),
    (catalog,),
)
KINDS = {str(one.stream): one for one in (PRODUCTS, BRANDS, CATEGORIES, CUSTOMERS, ORDERS, REFUNDS, LOCATIONS, STOCK)}
