"""What became of every promise ever given: kept or not, and by how many days, by supplier, SKU, source or channel."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from fillrate.db.database import Reading
from fillrate.db.queries import kept as queries
from fillrate.steps.days import store_calendar, time_now
from fillrate.steps.desk import Desk

if TYPE_CHECKING:
    import pandas as pd

By = Literal["supplier", "sku", "source", "channel"]
Json = dict[str, Any]  # Any: plain values
COUNTS = ("promises", "kept", "broken", "open", "void", "due", "sure")
SHARES = ("share", "share_first", "share_last", "share_sure")
SLIPS = ("mean_slip", "median_slip")


def promises_kept(desk: Desk, reading: Reading, by: By, since: date | None = None, shown: int | None = None) -> Json:
    """Return counts, shares, slips (days) and the verdict of all promises, and of each group; the most broken ones first.

    Of promises that were given on or after the store's day `since`; of groups at most `shown`.
    """
    from fillrate.decide.frames import PROMISES
    from fillrate.decide.kept import ledger

    at, store = time_now(desk, reading), store_calendar(desk)
    given, lines = queries.given(reading), queries.lines(reading)
    exits = exits_of(reading)
    edited = exits[exits["edited"]].groupby("line_id")["quantity"].sum()
    lines["ordered"] += edited.reindex(lines["line_id"]).fillna(0).astype("int64").to_numpy()
    found = ledger(given[list(PROMISES)], lines.assign(supplier_id=0), exits, store, at)
    found = found.merge(by_line(given), on=["line_id", "number"]).merge(
        lines[["line_id", "sku", "channel"]], on="line_id"
    )
    if since is not None:
        found = found[found["given_at"] >= store.start_of(since)]
    groups = grouped(found, found[by])
    return {
        "as_of": at.isoformat(),
        "since": None if since is None else since.isoformat(),
        "by": by,
        "total": {**grouped(found, found["sku"].mask(found["sku"].notna(), "all"))[0]} if len(found) else None,
        "groups": groups[:shown],
        "more": max(len(groups) - (shown or len(groups)), 0),
    }


def exits_of(reading: Reading) -> "pd.DataFrame":
    """Return as EXITS, with whether it was edited away, all that left lines for which anything was promised."""
    import pandas as pd

    gone, left = queries.cancelled(reading), queries.shipped(reading)
    return pd.concat([gone, left.assign(edited=False)], ignore_index=True).astype({"edited": "bool"})


def by_line(given: "pd.DataFrame") -> "pd.DataFrame":
    """Return line_id, number, supplier of each promise: a moved one goes by the delivery of the one before."""
    in_order = given.sort_values(["line_id", "number"])
    supplier = in_order["supplier"].where(in_order["supplier"] != "").groupby(in_order["line_id"]).ffill().fillna("")
    return in_order[["line_id", "number"]].assign(supplier=supplier)


def grouped(found: "pd.DataFrame", names: "pd.Series[str]") -> list[Json]:
    """Return what became of the promises of each group."""
    import pandas as pd

    from fillrate.decide.kept import kept_by

    codes, labels = pd.factorize(names)
    rows = kept_by(found.assign(supplier_id=codes), "supplier_id").to_dict("records")
    told = [told_of({str(key): value for key, value in row.items()}, str(labels[row["key"]])) for row in rows]
    return sorted(told, key=lambda row: (-row["broken"], -row["promises"], row["name"]))


def told_of(row: Mapping[str, Any], name: str) -> Json:  # Any: a row of KEPT_BY
    """Return one group as plain values; shares as numbers from 0 to 1, nothing as None."""
    numbers = {one: None if row[one] != row[one] else round(float(row[one]), 4) for one in (*SHARES, *SLIPS)}
    return {"name": name, **{one: int(row[one]) for one in COUNTS}, **numbers, "verdict": row["verdict"]}
