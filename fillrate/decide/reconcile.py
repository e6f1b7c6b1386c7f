"""Why a channel's stock number is what it is, and what should become of it: a three-way merge, in whole columns.

    expected    = base + what the channel's own orders did to its number since base
    unexplained = theirs − expected

Base is the last number that was understood, theirs the one just read, ours the number that the channel should show. What
has no explanation yet may still have one tomorrow: an order that the channel does not list yet, a write that it has not
carried out yet. So a number is called edited only when it was found the same twice, a channel's lag apart, while none of its
own orders moved. What fits several explanations, or none, is unknown and waits for a person; less is shown meanwhile.
"""

from enum import StrEnum
from typing import TYPE_CHECKING

from fillrate.decide.frames import SIGHTINGS, VERDICTS, conform

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


class Drift(StrEnum):
    """What is behind a number; in the order in which the explanations are tried."""

    FIRST_SEEN = "first_seen"  # there is no base yet
    IN_SYNC = "in_sync"  # nothing unexplained, and it shows what it should
    PROPAGATE = "propagate"  # nothing unexplained, and it should show something else
    IN_FLIGHT = "in_flight"  # an order or a write on its way may explain it
    LATE_ORDER = "late_order"  # the base knew of orders already that we have read only since
    COMPONENT = "component"  # the channel itself took the parts of kits off
    EDITED = "edited"  # somebody else set the number
    UNKNOWN = "unknown"  # several explanations fit, or none


def merge(sightings: "pd.DataFrame", *, review_units: int) -> "pd.DataFrame":
    """Return VERDICTS, row by row for SIGHTINGS: the class, what of the number nothing explains, and what is to be written.

    What `waits` is decided by a person: the unknown, and edits of more than `review_units`. Meanwhile its missing units are
    `held`: they count as absent, so that the number may be lowered and is not raised over them. `settles` says that the
    number read becomes the base; `write` is empty where nothing is to be written.
    """
    seen = conform(sightings, SIGHTINGS)
    drift, unexplained = classify(seen)
    frame = seen.assign(drift=drift, unexplained=unexplained)
    is_big = (frame["drift"] == Drift.EDITED) & (frame["unexplained"].abs() > review_units)
    waits = (frame["drift"] == Drift.UNKNOWN) | is_big
    held = frame["held"] + frame["unexplained"].clip(upper=0).where(waits, 0)
    is_ours = frame["wanted"].notna()
    due = (frame["wanted"].fillna(0) + held).clip(lower=0)
    may_write = is_ours & ~frame["drift"].isin([Drift.FIRST_SEEN, Drift.IN_FLIGHT])
    verdicts = frame.assign(
        waits=waits,
        held=held,
        settles=frame["drift"] != Drift.IN_FLIGHT,
        write=due.where(may_write & (due != frame["theirs"])),
    )
    return conform(verdicts, VERDICTS)


def classify(seen: "pd.DataFrame") -> "tuple[np.ndarray, pd.Series[int]]":
    """Return the class of each sighting, and how many units of its number nothing explains (0 where something does)."""
    import numpy as np

    off = seen["theirs"] - expected(seen, "taken")
    off_before = seen["theirs"] - expected(seen, "taken_before")
    is_as_sent = seen["sent"].notna() & (
        seen["theirs"] == seen["sent"].fillna(0) - (seen["taken"] - seen["taken_sent"])
    )
    came_back = seen["returned"] - seen["base_returned"]
    may_be_back = seen["may_restock"] & (off > 0) & (off <= came_back)
    between = (off * off_before < 0) | (seen["sent"].notna() & seen["is_sending"])
    is_late = (seen["late"] != 0) & (off == seen["late"])
    parts = seen["parts"] - seen["base_parts"]
    is_component = (parts != 0) & (off == -parts)
    is_elsewhere = off.where(seen["has_base"], 1).groupby(seen["item_id"]).transform("sum") == 0
    is_explained = (off == 0) | (off_before == 0) | is_as_sent | may_be_back | is_elsewhere
    is_agreed = seen["theirs"] == (seen["wanted"] + seen["held"]).clip(lower=0).fillna(seen["theirs"])
    lasts = seen["is_old"] & (off == seen["odd"])
    is_quiet = (seen["taken"] == seen["base_taken"]) & (came_back == 0) & (parts == 0)
    tests = [
        (~seen["has_base"], Drift.FIRST_SEEN),
        (is_explained & is_agreed, Drift.IN_SYNC),
        (is_explained, Drift.PROPAGATE),
        (is_late & is_component, Drift.UNKNOWN),
        (is_late, Drift.LATE_ORDER),
        (is_component, Drift.COMPONENT),
        (between | ~lasts, Drift.IN_FLIGHT),
        (is_quiet, Drift.EDITED),
    ]
    classes = np.select([test for test, _ in tests], [name.value for _, name in tests], Drift.UNKNOWN.value)
    return classes, off.where(seen["has_base"] & ~is_explained, 0)


def expected(seen: "pd.DataFrame", taken: str) -> "pd.Series[int]":
    """Return the number that the base and the channel's own orders lead to."""
    return seen["base"] + seen["base_taken"] - seen[taken]
