"""How supply stands, as plain values: feeds, what could not be used, what is on its way, and how late suppliers are."""

from collections import defaultdict
from datetime import date, datetime
from typing import Any

from fillrate.db.database import Reading
from fillrate.db.queries import supply as queries
from fillrate.decide.lateness import NOBODY
from fillrate.decide.receipts import COVERS, RECENT
from fillrate.steps.days import time_now
from fillrate.steps.desk import Desk
from fillrate.steps.supply.outlook import expected_arrivals, lead_times, supplier_lateness, unknown_skus

Json = dict[str, Any]
NOBODY_NAMED = "(none named)"


def supply(desk: Desk, reading: Reading, limit: int) -> Json:
    """Return how supply stands now: feeds, bad_rows, unknown_skus, suppliers, overdue, never_shown; days as ISO text."""
    feeds = queries.feeds(reading)
    if not feeds:  # only who buys has to wait for pandas
        return {"feeds": [], "bad_rows": [], "unknown_skus": [], "suppliers": [], "overdue": [], "never_shown": []}
    now = time_now(desk, reading)
    bad = queries.bad_files(reading, limit)
    return {
        "feeds": [
            {"feed": row.source, "files": row.files, "read_at": row.read_at.isoformat()}
            | {"refused": row.refused, "rejected": row.rejected}
            for row in feeds
        ],
        "bad_rows": [{"feed": row.source, "file": row.name, "row": row.row, "reason": row.reason} for row in bad],
        "unknown_skus": unknown_skus(reading, limit),
        "suppliers": suppliers(desk, reading, now),
        "overdue": overdue(desk, reading, now)[:limit],
        "never_shown": never_shown(desk, reading, now)[:limit],
    }


def never_shown(desk: Desk, reading: Reading, as_of: datetime) -> list[Json]:
    """Return what was received and that no shop's number has shown for so long that it no longer counts as to come."""
    lately = {row.id: row.units for row in queries.unseen_receipts(reading, None, as_of - COVERS)}
    rows = [(row, row.units - lately.get(row.id, 0)) for row in queries.unseen_receipts(reading, None, as_of - RECENT)]
    return [
        {"reference": row.reference, "sku": row.sku, "units": units}
        | {"received": day_of(desk, row.received_at).isoformat()}
        for row, units in rows
        if units > 0
    ]


def suppliers(desk: Desk, reading: Reading, now: datetime) -> list[Json]:
    """Return of each supplier what is on its way, how much of it is overdue, and in days how late he is and his lead time.

    What names no supplier comes as late as all of them together.
    """
    lines: dict[int, list[Any]] = defaultdict(list)  # Any: rows
    for row in queries.on_their_way(reading):
        lines[row.supplier_id or NOBODY].append(row)
    late = {row["supplier_id"]: row for row in supplier_lateness(desk, reading, now).to_dict("records")}
    lead = {row["supplier_id"]: row for row in lead_times(desk, reading, now).to_dict("records")}
    names = {row.id: row.name for row in queries.suppliers(reading)} | ({NOBODY: NOBODY_NAMED} if lines[NOBODY] else {})
    return [
        {"supplier": name, **open_lines(desk, lines[key], now), **lateness(late.get(key)), **lead_time(lead.get(key))}
        for key, name in names.items()
    ]


def open_lines(desk: Desk, rows: list[Any], now: datetime) -> Json:  # Any: rows of queries.on_their_way
    """Return lines, units, next (the first day that is expected and not over), overdue (lines)."""
    days = [day_of(desk, row.expected_at) for row in rows if row.expected_at is not None]
    to_come = [day for day in days if day >= day_of(desk, now)]
    return {
        "lines": len(rows),
        "units": sum(row.units for row in rows),
        "next": min(to_come).isoformat() if to_come else None,
        "overdue": len(days) - len(to_come),
    }


def lateness(found: Any) -> Json:  # Any: a row of supplier_lateness, or None
    """Return deliveries, median_days, sure_days; None for a supplier of whom nothing was received yet."""
    if found is None:
        return {"deliveries": 0, "median_days": None, "sure_days": None}
    days = {name: round(found[name], 1) for name in ("median_days", "sure_days")}
    return {"deliveries": int(found["deliveries"]), **days}


def lead_time(found: Any) -> Json:  # Any: a row of lead_times, or None
    """Return lead_days and lead_sure_days, from ordered to received; None where too few deliveries are known."""
    names = {"lead_days": "median_days", "lead_sure_days": "sure_days"}
    return {name: None if found is None else round(found[source], 1) for name, source in names.items()}


def overdue(desk: Desk, reading: Reading, now: datetime) -> list[Json]:
    """Return the lines whose day is over, the latest first: of whom, how many units, and until when they still come surely."""
    today = day_of(desk, now)
    come = expected_arrivals(desk, reading, now)
    known = come[come["sure_at"].notna()]
    sure = dict(zip(known["inbound_id"], known["sure_at"], strict=True))
    return [
        {
            "reference": row.reference,
            "sku": row.sku,
            "supplier": row.supplier or NOBODY_NAMED,
            "units": row.units,
            "expected": day_of(desk, row.expected_at).isoformat(),
            "days": (today - day_of(desk, row.expected_at)).days,
            "sure": day_of(desk, sure[row.id]).isoformat() if row.id in sure else None,
        }
        for row in queries.on_their_way(reading)
        if row.expected_at is not None and day_of(desk, row.expected_at) < today
    ]


def day_of(desk: Desk, at: datetime) -> date:
    """Return the day of the store in which a time lies."""
    return at.astimezone(desk.settings.store.zone).date()
