"""What must be equal for two histories to have ended alike: all but times of ours, run ids, attempts, epochs and keys.

One question a table, in outside ids; the answers are compared as sorted rows.
"""

from typing import Any

import sqlalchemy as sa

from fillrate.db.database import Database

PROJECTION: dict[str, str] = {
    "channel": "SELECT name, kind, identity FROM channel",
    "brand": "SELECT platform_id, name, content_hash, deleted_at IS NULL FROM brand",
    "category": "SELECT platform_id, parent_platform_id, name, is_visible, deleted_at IS NULL FROM category",
    "product": "SELECT platform_id, name, sku, is_digital, tracking, is_visible, availability, price_e4, cost_e4, modified_at,"
    " content_hash, deleted_at IS NULL FROM product",
    "listing": "SELECT l.product_platform_id, l.variant_platform_id, l.sku, l.sku_key, l.price_e4, l.cost_e4, l.is_purchasable,"
    " l.options, l.deleted_at IS NULL, i.origin FROM listing l JOIN item i ON i.id = l.item_id",
    "item": "SELECT origin, sku, sku_key, name, is_tracked, discontinued_at IS NULL FROM item",
    "customer": "SELECT platform_id, email, group_platform_id, content_hash, deleted_at IS NULL FROM customer",
    "sales_order": "SELECT platform_id, status, placed_at, modified_at, total_e4, note, content_hash, deleted_at IS NULL"
    " FROM sales_order",
    "order_line": "SELECT l.platform_id, l.sku, l.qty_ordered, l.qty_shipped, l.qty_shipped_told, l.qty_cancelled,"
    " l.qty_refunded, l.is_removed, i.origin FROM order_line l LEFT JOIN item i ON i.id = l.item_id",
    "open_unit": "SELECT l.platform_id, u.state, u.reason, u.queued_at, u.quantity FROM open_unit u"
    " JOIN order_line l ON l.id = u.line_id",
    "transition": "SELECT l.platform_id, t.quantity, t.from_state, t.from_reason, t.to_state, t.to_reason, t.cause"
    " FROM transition t JOIN order_line l ON l.id = t.line_id",
    "shipment": "SELECT l.platform_id, s.number, s.quantity FROM shipment s JOIN order_line l ON l.id = s.line_id",
    "refund": "SELECT platform_id, order_platform_id, total_e4, content_hash FROM refund",
    "refund_line": "SELECT r.platform_id, x.position, x.line_platform_id, x.quantity, x.amount_e4 FROM refund_line x"
    " JOIN refund r ON r.id = x.refund_id",
    "location": "SELECT platform_id, code, name, is_enabled, is_default FROM location",
    "movement": "SELECT i.origin, l.platform_id, m.kind, m.quantity FROM movement m JOIN item i ON i.id = m.item_id"
    " JOIN location l ON l.id = m.location_id",
    "stock": "SELECT i.origin, l.platform_id, s.on_hand, s.allocated FROM stock s JOIN item i ON i.id = s.item_id"
    " JOIN location l ON l.id = s.location_id",
    "stock_reading": "SELECT i.origin, l.platform_id, r.shown, r.backordered, r.deducted FROM stock_reading r"
    " JOIN item i ON i.id = r.item_id JOIN location l ON l.id = r.location_id",
    "allocation": "SELECT o.platform_id, i.origin, l.platform_id AS place, a.quantity FROM allocation a"
    " JOIN order_line o ON o.id = a.line_id JOIN item i ON i.id = a.item_id JOIN location l ON l.id = a.location_id",
    "cover": "SELECT l.platform_id, c.queued_at, b.reference, b.position, i.origin, c.quantity FROM cover c"
    " JOIN order_line l ON l.id = c.line_id JOIN inbound b ON b.id = c.inbound_id JOIN item i ON i.id = c.item_id",
    "forecast": "SELECT l.platform_id, f.likely_by, f.sure_by, f.uncovered FROM forecast f"
    " JOIN order_line l ON l.id = f.line_id",
    "promise": "SELECT l.platform_id, p.number, p.ship_by, p.source FROM promise p JOIN order_line l ON l.id = p.line_id",
    "delay": "SELECT l.platform_id, d.rule, d.to_do, d.deadline, d.ship_by, d.why, d.complete_at, d.look_at FROM delay d"
    " JOIN order_line l ON l.id = d.line_id",
    "shown_day": "SELECT l.product_platform_id, l.variant_platform_id, s.ship_by, s.shown_until IS NULL FROM shown_day s"
    " JOIN listing l ON l.id = s.listing_id",
    "kept_value": "SELECT kind, target, kept, written FROM kept_value",
    "kit_part": "SELECT k.origin, p.origin AS part, x.per FROM kit_part x JOIN item k ON k.id = x.kit_id"
    " JOIN item p ON p.id = x.part_id",
    "part_left": "SELECT l.platform_id, x.number, i.origin, x.quantity FROM part_left x JOIN order_line l ON l.id = x.line_id"
    " JOIN item i ON i.id = x.part_id",
    "cursor": "SELECT stream, saved_until, window_until IS NULL FROM cursor",
    "plan": "SELECT hash, flow, state FROM plan",
    "change": "SELECT kind, target, state FROM change",
    "rejected_record": "SELECT stream, platform_id, reason, resolved_at IS NULL FROM rejected_record",
}


def end_state(db: Database) -> dict[str, list[tuple[str, ...]]]:
    """Return every table's projected rows, sorted, as text."""
    with db.read() as reading:
        return {table: sorted(plain(row) for row in reading.rows(sa.text(sql))) for table, sql in PROJECTION.items()}


def plain(row: Any) -> tuple[str, ...]:
    """Return a row as texts that are the same on both engines."""
    return tuple(plain_value(value) for value in row)


def plain_value(value: Any) -> str:
    """Return one value as text; SQLite tells truth as 0 and 1."""
    if isinstance(value, bool):
        return str(int(value))
    if hasattr(value, "astimezone"):
        return str(value.isoformat(timespec="microseconds"))
    return str(value)
