"""What is on its way and when it comes, by how late each supplier really is."""

from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from fillrate.db.database import Reading
from fillrate.db.queries import supply as queries
from fillrate.decide.calendars import Calendar
from fillrate.decide.lateness import NOBODY, arrivals, lateness_of
from fillrate.decide.sku import sku_key
from fillrate.steps.desk import Desk
from fillrate.steps.supply.names import folded, unmatched

if TYPE_CHECKING:
    import pandas as pd

ALIKE = 0.7
LOOKED_AT = 500
LETTERS = 3  # so many at the beginning are taken to be right


def expected_arrivals(desk: Desk, reading: Reading, as_of: datetime) -> "pd.DataFrame":
    """Return each line on its way: inbound_id, item_id, location_id, supplier_id, units, expected_at, likely_at, sure_at.

    A line without a date is expected as many days after its order as the settings give its supplier. `likely_at` and
    `sure_at` are as in `decide.lateness.arrivals`: NaT where nobody can say.
    """
    import pandas as pd

    lead = {folded(one.code): one.lead_days for one in desk.settings.supplier if one.lead_days is not None}
    rows = [
        {
            "inbound_id": row.id,
            "item_id": row.item_id,
            "location_id": row.location_id,
            "supplier_id": row.supplier_id or NOBODY,
            "units": row.units,
            "expected_at": row.expected_at or by_lead_time(row, lead),
        }
        for row in queries.on_their_way(reading)
    ]
    columns = {
        **dict.fromkeys(("inbound_id", "supplier_id", "units"), "int64"),
        **dict.fromkeys(("item_id", "location_id"), "Int64"),
        "expected_at": "datetime64[us, UTC]",
    }
    lines = pd.DataFrame(rows, columns=list(columns)).astype(columns)
    come = arrivals(lines, supplier_lateness(desk, reading, as_of), as_of, calendars(desk, reading))
    return lines.merge(come, on="inbound_id")


def by_lead_time(row: Any, lead_days: dict[str, int]) -> datetime | None:  # Any: a row of queries.on_their_way
    """Return when a line without a date should come by its supplier's lead time."""
    days = lead_days.get(folded(row.supplier_code or ""))
    return row.ordered_at + timedelta(days=days) if days is not None and row.ordered_at is not None else None


def supplier_lateness(desk: Desk, reading: Reading, as_of: datetime) -> "pd.DataFrame":
    """Return how late each supplier really is; see `decide.lateness.lateness_of`. Days are those of the store."""
    zone = desk.settings.store.zone
    told = queries.told_dates(reading)
    for at, day in (("received_at", "received_on"), ("told_for", "told_for")):
        told[day] = told[at].dt.tz_convert(zone).dt.tz_localize(None).dt.normalize()
    return lateness_of(told, as_of.astimezone(zone).date(), desk.settings.supply.late_days_default)


def calendars(desk: Desk, reading: Reading) -> dict[int, Calendar]:
    """Return each supplier's calendar by our key, and the store's for all others; days are in the store's zone."""
    zone, store = desk.settings.store.zone, desk.settings.store
    named = {folded(one.code): one for one in desk.settings.supplier}
    known = [(row.id, named[folded(row.code)]) for row in queries.suppliers(reading) if folded(row.code) in named]
    own = {key: Calendar.of(zone, one.workdays, one.holidays) for key, one in known}
    return {NOBODY: Calendar.of(zone, store.workdays, store.holidays), **own}


def unknown_skus(reading: Reading, limit: int) -> list[dict[str, Any]]:  # Any: JSON
    """Return open lines whose SKU no single item has: feed, reference, sku, and the SKUs that look like it."""
    return [
        {"feed": row.source, "reference": row.reference, "sku": row.sku, "like": alike(reading, row.sku)}
        for row in unmatched(reading)[:limit]
    ]


def alike(reading: Reading, sku: str) -> list[str]:
    """Return SKUs of the catalogue that look like one; the same one where several items share it."""
    key = sku_key(sku)
    known = {sku_key(one): one for one in queries.skus_like(reading, key[:LETTERS], LOOKED_AT)}
    return [known[one] for one in get_close_matches(key, known, 3, ALIKE)]
