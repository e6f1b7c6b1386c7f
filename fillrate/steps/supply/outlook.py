"""What is on its way and when it comes, by how late each supplier really is."""

from collections.abc import Sequence
from datetime import datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from fillrate.db.database import Reading
from fillrate.db.queries import supply as queries
from fillrate.decide.calendars import Calendar
from fillrate.decide.lateness import NOBODY, arrivals, lateness_of, lead_times_of
from fillrate.decide.sku import sku_key
from fillrate.steps.desk import Desk
from fillrate.steps.supply.names import folded, unmatched

if TYPE_CHECKING:
    import pandas as pd

ALIKE = 0.7
LOOKED_AT = 500
LIKENED = 20  # lines of which we look for SKUs that look alike
LETTERS = 3  # so many at the beginning are taken to be right


def expected_arrivals(
    desk: Desk, reading: Reading, as_of: datetime, items: Sequence[int] | None = None
) -> "pd.DataFrame":
    """Return each line on its way, of these items or all: inbound_id, item_id, location_id, supplier_id, units, expected_at,
    likely_at, sure_at.

    A line without a date is expected as many days after its order as the settings give its supplier; where they say nothing,
    it comes as long after its order as his deliveries did, and has no `expected_at`. `likely_at` and `sure_at` are as in
    `decide.lateness.arrivals`: NaT where nobody can say.
    """
    import pandas as pd

    lines = queries.coming(reading, items)
    lines["expected_at"] = lines["expected_at"].fillna(by_lead_time(desk, lines))
    lines["supplier_id"] = lines["supplier_id"].fillna(NOBODY).astype("int64")
    lines[["item_id", "location_id"]] = lines[["item_id", "location_id"]].astype("Int64")
    known = calendars(desk, reading)
    come = arrivals(lines, supplier_lateness(desk, reading, as_of), as_of, known)
    undated = lines[lines["expected_at"].isna() & lines["ordered_at"].notna()]
    if len(undated):
        learnt = lead_times(desk, reading, as_of)
        theirs = undated[undated["supplier_id"].isin(learnt["supplier_id"])]
        by_order = arrivals(theirs.assign(expected_at=theirs["ordered_at"]), learnt, as_of, known)
        come = pd.concat([come[~come["inbound_id"].isin(by_order["inbound_id"])], by_order], ignore_index=True)
    return lines.drop(columns=["ordered_at", "supplier_code"]).merge(come, on="inbound_id")


def by_lead_time(desk: Desk, lines: "pd.DataFrame") -> "pd.Series[pd.Timestamp]":
    """Return when lines of `queries.coming` should come by their supplier's lead time; empty where he has none."""
    import pandas as pd

    lead = {folded(one.code): one.lead_days for one in desk.settings.supplier if one.lead_days is not None}
    days = lines["supplier_code"].map({code: lead.get(folded(code)) for code in lines["supplier_code"].unique()})
    return (lines["ordered_at"] + pd.to_timedelta(days.astype("float64"), unit="D")).astype("datetime64[us, UTC]")


def supplier_lateness(desk: Desk, reading: Reading, as_of: datetime) -> "pd.DataFrame":
    """Return how late each supplier really is; see `decide.lateness.lateness_of`. Days are those of the store."""
    today = as_of.astimezone(desk.settings.store.zone).date()
    return lateness_of(in_days(desk, queries.told_dates(reading)), today, desk.settings.supply.late_days_default)


def lead_times(desk: Desk, reading: Reading, as_of: datetime) -> "pd.DataFrame":
    """Return how long after its order each supplier delivers; see `decide.lateness.lead_times_of`."""
    today = as_of.astimezone(desk.settings.store.zone).date()
    return lead_times_of(in_days(desk, queries.ordered_dates(reading)), today)


def in_days(desk: Desk, told: "pd.DataFrame") -> "pd.DataFrame":
    """Return times that were told, and those of the receipts, as days of the store."""
    for at, day in (("received_at", "received_on"), ("told_for", "told_for")):
        told[day] = told[at].dt.tz_convert(desk.settings.store.zone).dt.tz_localize(None).dt.normalize()
    return told


def calendars(desk: Desk, reading: Reading) -> dict[int, Calendar]:
    """Return each supplier's calendar by our key, and the store's for all others; days are in the store's zone."""
    zone, store = desk.settings.store.zone, desk.settings.store
    named = {folded(one.code): one for one in desk.settings.supplier}
    known = [(row.id, named[folded(row.code)]) for row in queries.suppliers(reading) if folded(row.code) in named]
    own = {key: Calendar.of(zone, one.workdays, one.holidays) for key, one in known}
    return {NOBODY: Calendar.of(zone, store.workdays, store.holidays), **own}


def unknown_skus(reading: Reading, limit: int) -> list[dict[str, Any]]:  # Any: JSON
    """Return open lines whose SKU no single item has: feed, reference, sku, and the SKUs that look like it."""
    return with_alike(reading, unmatched(reading)[:limit])


def with_alike(reading: Reading, lines: Sequence[Any]) -> list[dict[str, Any]]:  # Any: rows of unmatched, JSON
    """Return lines with the SKUs that look like theirs; None behind the first ones, since to look for them takes its time."""
    found = [{"feed": row.source, "reference": row.reference, "sku": row.sku, "like": None} for row in lines]
    return [{**one, "like": alike(reading, one["sku"])} for one in found[:LIKENED]] + found[LIKENED:]


def alike(reading: Reading, sku: str) -> list[str]:
    """Return SKUs of the catalogue that look like one; the same one where several items share it."""
    key = sku_key(sku)
    known = {sku_key(one): one for one in queries.skus_like(reading, key[:LETTERS], LOOKED_AT)}
    return [known[one] for one in get_close_matches(key, known, 3, ALIKE)]
