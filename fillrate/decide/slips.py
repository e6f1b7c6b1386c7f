"""What a delivery that comes later means for promises: one proposal for each inbound line, and which lines it is about.

A forecast moves by itself, a promise never: it moves by the plan that is made of a proposal. So an earlier forecast
proposes nothing. A line that waits for several deliveries belongs to the one that comes last, since that one decides when
it leaves; one that waits for none any more belongs to the last one that it waited for.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fillrate.decide.calendars import Calendar
from fillrate.decide.days import days_of
from fillrate.decide.frames import EXPECTED, PROMISED_LINES, PROPOSALS, SLIPS, WAITS, conform

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class MoveRules:
    """Which proposals apply by themselves: where both numbers are above nothing, those that exceed neither."""

    days: int = 0  # that a promise ends up later than the first one, so that small steps do not add up unseen
    lines: int = 0  # of which one delivery breaks the promise


def expected_by(
    likely: "pd.Series[pd.Timestamp]", sure: "pd.Series[pd.Timestamp]", promised: "pd.Series[pd.Timestamp]"
) -> "pd.Series[pd.Timestamp]":
    """Return the day on which a line is expected: the likely one while that keeps its promise, else one to promise instead.

    That is the sure one, as for a first promise.
    """
    return likely.where(likely <= promised, sure.fillna(likely))


def last_deliveries(waits: "pd.DataFrame") -> "pd.DataFrame":
    """Return line_id, inbound_id: of WAITS the delivery of each line that comes last; one without a day is the last.

    A line whose order ships complete waits for the deliveries of all lines of its order.
    """
    in_order = conform(waits, WAITS).sort_values(["line_id", "comes_at", "inbound_id"], na_position="last")
    return in_order.drop_duplicates("line_id", keep="last")[["line_id", "inbound_id"]].reset_index(drop=True)


def slips(lines: "pd.DataFrame", before: "pd.DataFrame", after: "pd.DataFrame", calendar: Calendar) -> "pd.DataFrame":
    """Return as a SLIPS frame, by inbound and line, the PROMISED_LINES whose day moved for the worse between two EXPECTED.

    That is a later day, no day any more, or a day at last that is later than the promise. Days are the store's.
    """
    old = conform(before, EXPECTED).rename(columns={"forecast_by": "was_by", "inbound_id": "was_inbound_id"})
    both = conform(lines, PROMISED_LINES).merge(conform(after, EXPECTED), on="line_id").merge(old, on="line_id")
    now, was = (days_of(both[name], calendar) for name in ("forecast_by", "was_by"))
    promised, first = (days_of(both[name], calendar) for name in ("ship_by", "first_by"))
    breaks = ~(now <= promised)
    is_worse = (now > was) | (now.isna() & was.notna()) | (was.isna() & (now > promised))
    found = both.assign(
        inbound_id=both["inbound_id"].fillna(both["was_inbound_id"]),
        breaks=breaks,
        move_to=both["forecast_by"].where(breaks),
        late_days=(now - promised).dt.days.where(breaks),
        late_days_first=(now - first).dt.days.where(breaks),
    )
    found = found[is_worse].sort_values(["inbound_id", "line_id"], ignore_index=True)
    return conform(found, SLIPS)


def proposals(slipped: "pd.DataFrame", rules: MoveRules) -> "pd.DataFrame":
    """Return as a PROPOSALS frame what SLIPS propose, by inbound line; none where no promise breaks.

    `quantity`, `value_e4` and the days are those of the lines that break their promise. A promise can be moved only where
    somebody knows the day, so a proposal with an undated line waits for a person.
    """
    slipped = conform(slipped, SLIPS)
    breaks = slipped["breaks"]
    counted = slipped.assign(
        undated=breaks & slipped["late_days"].isna(),
        quantity=slipped["quantity"].where(breaks, 0),
        value_e4=slipped["value_e4"].where(breaks, 0),
    )
    by_inbound = counted.groupby("inbound_id", dropna=False)
    found = by_inbound[["breaks", "undated", "quantity", "value_e4"]].sum()
    found = found.join(by_inbound[["late_days", "late_days_first"]].max()).assign(slips=by_inbound.size())
    found = found[found["breaks"] > 0]
    is_small = (found["late_days_first"] <= rules.days) & (found["breaks"] <= rules.lines) & (found["undated"] == 0)
    found = found.assign(by_itself=is_small.fillna(value=False) & (rules.days > 0))
    return conform(found.reset_index(), PROPOSALS)
