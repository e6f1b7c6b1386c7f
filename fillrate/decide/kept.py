"""What became of every promise ever given, and whether promises hold.

A promise is kept when the line was shipped in full by the end of the promised day of the store. Units that the customer
cancelled by then are not wanted any more; where that is all of them, the promise is void. Units that the merchant withdrew
were promised all the same. Shares and means are taken over promises whose day is over, void ones left out: what was
shipped early would count before what is late could, and every share would look too good.

A promise by supply is made for the 90th percentile of its deliveries, so 88 to 95 of a hundred should hold: fewer are given
too soon, more are padded.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from fillrate.decide.calendars import Calendar
from fillrate.decide.days import days_of, today
from fillrate.decide.frames import EXITS, KEPT, KEPT_BY, LEDGER_LINES, PROMISES, conform

if TYPE_CHECKING:
    import pandas as pd

OUTCOMES = ("kept", "broken", "open", "void")
WANTED = (0.88, 0.95)
ENOUGH = 20  # promises, to tell anything by their share
VERDICTS = ("too_few", "too_soon", "holds", "padded")


def ledger(
    promises: "pd.DataFrame", lines: "pd.DataFrame", exits: "pd.DataFrame", calendar: Calendar, as_of: datetime
) -> "pd.DataFrame":
    """Return as a KEPT frame, by line and number, what became of each of PROMISES by `as_of`.

    EXITS are all units that left LEDGER_LINES, a shipment taken back as a negative number; what came later is not looked at.
    """
    import numpy as np
    import pandas as pd

    promises = conform(promises, PROMISES)
    promises = promises[promises["given_at"] <= as_of].sort_values(["line_id", "number"], ignore_index=True)
    rows = promises.merge(conform(lines, LEDGER_LINES), on="line_id", how="left", validate="many_to_one")
    rows = rows.join(ends(lines, exits, as_of), on="line_id")
    now, promised, ended = today(as_of, calendar), *(days_of(rows[name], calendar) for name in ("ship_by", "ended_at"))
    shipped, withdrawn = (rows[name].fillna(0) for name in ("shipped", "withdrawn"))
    is_over, has_ended, in_time = promised < now, ended.notna(), ended <= promised
    cases = {
        "broken": (~in_time & is_over) | (in_time & (withdrawn > 0)),
        "open": ~in_time,
        "void": shipped <= 0,
    }
    outcome = pd.Series(np.select(list(cases.values()), list(cases), "kept"), dtype="str")
    slip = (ended.fillna(now) - promised).dt.days
    is_slip = (has_ended & (shipped > 0)) | (~has_ended & is_over)
    found = rows.assign(
        is_last=~rows["line_id"].duplicated(keep="last"),
        outcome=outcome,
        is_due=is_over & (outcome != "void"),
        slip_days=slip.where(is_slip),
    )
    return conform(found, KEPT)


def ends(lines: "pd.DataFrame", exits: "pd.DataFrame", as_of: datetime) -> "pd.DataFrame":
    """Return by line_id when its last unit left for good (empty while units are open), and units shipped and withdrawn."""
    exits = conform(exits, EXITS)
    left = exits[exits["at"] <= as_of].sort_values(["line_id", "at"], ignore_index=True)
    ordered = left["line_id"].map(conform(lines, LEDGER_LINES).set_index("line_id")["ordered"])
    is_all = left["quantity"].groupby(left["line_id"]).cumsum() >= ordered
    is_all = is_all[::-1].groupby(left["line_id"]).cummin()[::-1]  # not while any of it came back later
    ended = left[is_all].drop_duplicates("line_id").set_index("line_id")["at"].rename("ended_at")
    left = left.join(ended, on="line_id")
    left = left[~(left["at"] > left["ended_at"])]
    units = left.pivot_table(index="line_id", columns="kind", values="quantity", aggfunc="sum", fill_value=0)
    return units.reindex(columns=["shipped", "withdrawn"], fill_value=0).join(ended)


def kept_by(kept: "pd.DataFrame", key: str) -> "pd.DataFrame":
    """Return as a KEPT_BY frame the counts, shares and slips of a KEPT frame by one of its columns, such as supplier_id."""
    import numpy as np

    kept = conform(kept, KEPT)
    due = kept["is_due"]
    is_kept = (kept["outcome"] == "kept").astype("float64")
    is_sure = due & (kept["source"] == "supply")
    counted = kept.assign(
        **{one: kept["outcome"] == one for one in OUTCOMES},
        due=due,
        share=is_kept.where(due),
        share_first=is_kept.where(due & (kept["number"] == 1)),
        share_last=is_kept.where(due & kept["is_last"]),
        slip=kept["slip_days"].astype("float64").where(due),
        sure=is_sure,
        share_sure=is_kept.where(is_sure),
    ).groupby(key, dropna=False)
    found = counted[[*OUTCOMES, "due", "sure"]].sum()
    found = found.join(counted[["share", "share_first", "share_last", "share_sure"]].mean())
    found = found.assign(
        promises=counted.size(), mean_slip=counted["slip"].mean(), median_slip=counted["slip"].median()
    )
    cases = [found["sure"] < ENOUGH, found["share_sure"] < WANTED[0], found["share_sure"] <= WANTED[1]]
    found["verdict"] = np.select(cases, VERDICTS[:3], VERDICTS[3])
    return conform(found.reset_index(names="key"), KEPT_BY)
