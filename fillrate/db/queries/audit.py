"""The invariants as questions: each returns the rows that break one, and nothing when all is well."""

from collections import Counter
from typing import NamedTuple

import sqlalchemy as sa

from fillrate.db.database import Reading


class Check(NamedTuple):
    """One invariant: its name, the sentence for a row that breaks it, and the question. `{…}` are columns of the row."""

    name: str
    sentence: str
    sql: str


CHECKS = (
    Check(
        "on hand is the sum of movements",
        "{item} at {location}: the cached sum says {cached}, the movements say {summed}",
        """
        SELECT i.origin AS item, l.platform_id AS location, s.cached, s.summed FROM (
            SELECT item_id, location_id, CAST(SUM(cached) AS BIGINT) AS cached, CAST(SUM(summed) AS BIGINT) AS summed FROM (
                SELECT item_id, location_id, on_hand AS cached, 0 AS summed FROM stock
                UNION ALL SELECT item_id, location_id, 0, quantity FROM movement
            ) x GROUP BY item_id, location_id
        ) s JOIN item i ON i.id = s.item_id JOIN location l ON l.id = s.location_id WHERE s.cached <> s.summed
        """,
    ),
    Check(
        "what is set aside is the sum of allocations",
        "{item} at {location}: the cached sum says {cached}, the allocations say {summed}",
        """
        SELECT i.origin AS item, l.platform_id AS location, s.cached, s.summed FROM (
            SELECT item_id, location_id, CAST(SUM(cached) AS BIGINT) AS cached, CAST(SUM(summed) AS BIGINT) AS summed FROM (
                SELECT item_id, location_id, allocated AS cached, 0 AS summed FROM stock
                UNION ALL SELECT item_id, location_id, 0, quantity FROM allocation
            ) x GROUP BY item_id, location_id
        ) s JOIN item i ON i.id = s.item_id JOIN location l ON l.id = s.location_id WHERE s.cached <> s.summed
        """,
    ),
    Check(
        "no more is set aside than lies there",
        "{item} at {location}: {allocated} set aside, {on_hand} on hand",
        """
        SELECT i.origin AS item, l.platform_id AS location, s.allocated, s.on_hand
        FROM stock s JOIN item i ON i.id = s.item_id JOIN location l ON l.id = s.location_id
        WHERE s.allocated < 0 OR s.allocated > CASE WHEN s.on_hand > 0 THEN s.on_hand ELSE 0 END
        """,
    ),
    Check(
        "every open unit is in exactly one state",
        "line {line} of order {order_id}: {open} units are open, {counted} stand in the queue",
        """
        SELECT ol.platform_id AS line, o.platform_id AS order_id, ol.qty_ordered - ol.qty_shipped - ol.qty_cancelled AS open,
               COALESCE(u.counted, 0) AS counted
        FROM order_line ol JOIN sales_order o ON o.id = ol.order_id
        LEFT JOIN (SELECT line_id, CAST(SUM(quantity) AS BIGINT) AS counted FROM open_unit GROUP BY line_id) u
             ON u.line_id = ol.id
        WHERE ol.qty_ordered - ol.qty_shipped - ol.qty_cancelled <> COALESCE(u.counted, 0)
        """,
    ),
    Check(
        "units in backlog are exactly those set aside",
        "line {line} of order {order_id}: {backlog} units in backlog, {set_aside} set aside",
        """
        SELECT ol.platform_id AS line, o.platform_id AS order_id, COALESCE(u.backlog, 0) AS backlog,
               COALESCE(a.set_aside, 0) AS set_aside
        FROM order_line ol JOIN sales_order o ON o.id = ol.order_id
        LEFT JOIN item i ON i.id = ol.item_id
        LEFT JOIN (SELECT line_id, CAST(SUM(quantity) AS BIGINT) AS backlog FROM open_unit WHERE state = 'backlog'
                   GROUP BY line_id) u ON u.line_id = ol.id
        LEFT JOIN (SELECT line_id, CAST(SUM(quantity) AS BIGINT) AS set_aside FROM allocation GROUP BY line_id) a
             ON a.line_id = ol.id
        WHERE NOT EXISTS (SELECT 1 FROM kit_part k WHERE k.kit_id = ol.item_id)
              AND COALESCE(u.backlog, 0) <> COALESCE(a.set_aside, 0)
              AND NOT (COALESCE(a.set_aside, 0) = 0 AND (NOT ol.needs_stock OR NOT COALESCE(i.is_tracked, TRUE)))
        """,
    ),
    Check(
        "kits in backlog have all their parts set aside, and no more than is open",
        "line {line} of order {order_id}: {backlog} of {open} open kits in backlog at {per} {part} each, {set_aside} set aside",
        """
        SELECT * FROM (
            SELECT ol.platform_id AS line, o.platform_id AS order_id, k.per, i.origin AS part,
                COALESCE((SELECT SUM(quantity) FROM open_unit u WHERE u.line_id = ol.id), 0) AS open,
                COALESCE((SELECT SUM(quantity) FROM open_unit u WHERE u.line_id = ol.id AND u.state = 'backlog'), 0) AS backlog,
                COALESCE((SELECT SUM(quantity) FROM allocation a WHERE a.line_id = ol.id AND a.item_id = k.part_id), 0)
                    AS set_aside,
                CASE WHEN ol.needs_stock AND i.is_tracked THEN 1 ELSE 0 END AS counts
            FROM order_line ol JOIN sales_order o ON o.id = ol.order_id JOIN kit_part k ON k.kit_id = ol.item_id
            JOIN item i ON i.id = k.part_id
        ) x WHERE set_aside > open * per OR (counts = 1 AND set_aside < backlog * per)
        """,
    ),
    Check(
        "lines of kits draw on nothing but their parts",
        "line {line} of order {order_id}: {quantity} of {item} are set aside for it",
        """
        SELECT ol.platform_id AS line, o.platform_id AS order_id, i.origin AS item, a.quantity
        FROM allocation a JOIN order_line ol ON ol.id = a.line_id JOIN sales_order o ON o.id = ol.order_id
        JOIN item i ON i.id = a.item_id
        WHERE EXISTS (SELECT 1 FROM kit_part k WHERE k.kit_id = ol.item_id)
              AND NOT EXISTS (SELECT 1 FROM kit_part k WHERE k.kit_id = ol.item_id AND k.part_id = a.item_id)
        """,
    ),
    Check(
        "units are where their moves have brought them",
        "line {line} of order {order_id}: moves say {moved} units in {state}, there are {counted}",
        """
        SELECT ol.platform_id AS line, o.platform_id AS order_id, f.state, f.moved, f.counted FROM (
            SELECT line_id, state, reason, CAST(SUM(moved) AS BIGINT) AS moved, CAST(SUM(counted) AS BIGINT) AS counted FROM (
                SELECT line_id, to_state AS state, to_reason AS reason, quantity AS moved, 0 AS counted FROM transition
                UNION ALL
                SELECT line_id, from_state, from_reason, -quantity, 0 FROM transition
                UNION ALL
                SELECT line_id, state, reason, 0, quantity FROM open_unit
            ) x WHERE state IN ('new', 'backlog', 'backorder') GROUP BY line_id, state, reason
        ) f JOIN order_line ol ON ol.id = f.line_id JOIN sales_order o ON o.id = ol.order_id WHERE f.moved <> f.counted
        """,
    ),
    Check(
        "units being packed are those that pick lines stand for",
        "line {line} of order {order_id}: {packed} units being packed, {to_pick} on pick lists; the next sync-orders mends it",
        """
        SELECT ol.platform_id AS line, o.platform_id AS order_id, x.packed, x.to_pick FROM (
            SELECT line_id, CAST(SUM(packed) AS BIGINT) AS packed, CAST(SUM(to_pick) AS BIGINT) AS to_pick FROM (
                SELECT line_id, quantity AS packed, 0 AS to_pick FROM open_unit WHERE reason = 'picking'
                UNION ALL
                SELECT line_id, 0, quantity - seen - short - removed FROM pick_line WHERE seen + short + removed < quantity
            ) u GROUP BY line_id
        ) x JOIN order_line ol ON ol.id = x.line_id JOIN sales_order o ON o.id = ol.order_id WHERE x.packed <> x.to_pick
        """,
    ),
    Check(
        "nothing is sent without a recorded attempt",
        "change {change} of plan {plan}: it is {state} after {attempts} attempts",
        """
        SELECT id AS change, plan_id AS plan, state, attempts FROM change
        WHERE state IN ('sending', 'unknown') AND attempts = 0
        """,
    ),
    Check(
        "what is written was approved",
        "change {change} of plan {plan}: it is {state}, its plan is {plan_state}",
        """
        SELECT c.id AS change, c.plan_id AS plan, c.state, p.state AS plan_state FROM change c JOIN plan p ON p.id = c.plan_id
        WHERE c.state IN ('sending', 'unknown', 'done') AND p.approved_at IS NULL
        """,
    ),
    Check(
        "orders that the shop no longer has owe nothing",
        "order {order_id} is gone and {units} of its units are open",
        """
        SELECT o.platform_id AS order_id, CAST(SUM(u.quantity) AS BIGINT) AS units
        FROM sales_order o JOIN order_line ol ON ol.order_id = o.id JOIN open_unit u ON u.line_id = ol.id
        WHERE o.deleted_at IS NOT NULL GROUP BY o.platform_id
        """,
    ),
    Check(
        "lines on their way are what became of them",
        "line {line} of {reference}: it says {ordered} ordered and {received} received, its events say {told} and {came}",
        """
        SELECT i.reference, i.position AS line, i.qty_ordered AS ordered, i.qty_received AS received, s.told, s.came
        FROM inbound i JOIN (
            SELECT l.id,
                CAST(SUM(CASE WHEN e.kind IN ('announced', 'raised') THEN e.quantity
                    WHEN e.kind = 'cut' THEN -e.quantity ELSE 0 END) AS BIGINT) AS told,
                CAST(SUM(CASE e.kind WHEN 'received' THEN e.quantity WHEN 'taken_back' THEN -e.quantity ELSE 0 END)
                    AS BIGINT) AS came
            FROM inbound l LEFT JOIN inbound_event e ON e.inbound_id = l.id GROUP BY l.id
        ) s ON s.id = i.id WHERE i.qty_ordered <> s.told OR i.qty_received <> s.came
        """,
    ),
)

MOVES = "SELECT DISTINCT from_state, from_reason, to_state, to_reason, cause FROM transition"

WAREHOUSE = ("shelf_report", "receipt", "warehouse_call")
APPEND_ONLY = (
    "movement",
    "transition",
    "shipment",
    "inbound_event",
    "promise",
    "notice",
    "answer",
    "part_left",
    *WAREHOUSE,
)
GUARDS = {
    "sqlite": "SELECT tbl_name AS name FROM sqlite_master WHERE type = 'trigger' AND name IN ({names})",
    "postgresql": "SELECT c.relname AS name FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE t.tgenabled = 'O'"
    " AND c.relnamespace = current_schema()::regnamespace AND t.tgname IN ({names})",
}


def unguarded(reading: Reading) -> list[str]:
    """Return the journals whose rows could be changed or deleted, since a trigger of theirs is gone."""
    dialect = reading.connection.dialect.name
    endings = ("update", "delete") if dialect == "sqlite" else ("append_only",)
    names = ", ".join(f"'{table}_{ending}'" for table in APPEND_ONLY for ending in endings)
    found = Counter(row.name for row in reading.rows(sa.text(GUARDS[dialect].format(names=names))))
    return [table for table in APPEND_ONLY if found[table] < len(endings)]
