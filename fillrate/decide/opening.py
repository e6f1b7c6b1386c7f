"""The opening-stock equality, applied at every reading: what a shelf holds by what the shop shows.

Where a shop lowers its number at order: on hand = number read + open units that it has already taken off − its own
backordered units. Where it lowers it at shipping, nothing has been taken off. A number that cannot fall below nothing
hides what was sold beyond it: it can show that less lies there than we know of, never that more does.

A shop that sells an item by itself and as a part of kits lowers the item's number for the first only, at order or at shipping
as it does; for a kit it lowers the kit's own number. So open kits have taken nothing off a part's number, and what has left
in kits is still in it: on hand = the same − units that left in kits, since the number was last set with them in mind.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fillrate.decide.frames import COUNTS, ON_HAND, READINGS, REFUNDED, UNITS_BY_ITEM, UNITS_BY_SHELF, conform

if TYPE_CHECKING:
    import pandas as pd

KEYS = ["item_id", "location_id"]


def count_stock(
    readings: "pd.DataFrame",
    deducted: "pd.DataFrame",
    on_hand: "pd.DataFrame",
    in_flight: Sequence[int],
    recent: "pd.DataFrame",
    hidden: "pd.DataFrame",
    refunded: "pd.DataFrame",
    received: "pd.DataFrame",
    late: "pd.DataFrame",
) -> "pd.DataFrame":
    """Return for each shelf read item_id, location_id, on_hand_before, on_hand_after, quantity (the difference), deducted,
    put_back: how many refunded units more (or fewer) than before the number shows, and overwritten: see below.

    `deducted` (item_id, units) are open units already taken off, which the shop takes from its default location
    (from the first one where the item is not at the default one);
    `in_flight` are items to leave alone. A number that is too high by exactly the `recent` orders (item_id, units)
    explain is left for the next reading as well, unless the shelf was never read: it may not know of all of them yet.
    `on_hand` has every shelf that was ever read. `hidden` (item_id, location_id, units) is what the number does not
    know of: what left in kits, and what was sold beyond it while nobody counted. `refunded` (REFUNDED) is what the number
    leaves out or counts twice: a rise shows first what was told as `received` (item_id, location_id, units), then these,
    then goods that nobody told of; what is counted twice falls first. A number that we wrote over `late` orders
    (item_id, location_id, units), placed before and read only since, is too high by just these: they are `overwritten`,
    and nothing came to the shelf.
    """
    frame = conform(readings, READINGS).merge(conform(on_hand, ON_HAND), on=KEYS, how="left")
    is_known = frame["on_hand"].notna()
    frame = frame.merge(conform(deducted, UNITS_BY_ITEM), on="item_id", how="left")
    frame = frame.merge(conform(recent, UNITS_BY_ITEM).rename(columns={"units": "recent"}), on="item_id", how="left")
    frame = frame.merge(conform(hidden, UNITS_BY_SHELF).rename(columns={"units": "hidden"}), on=KEYS, how="left")
    frame = frame.merge(conform(refunded, REFUNDED), on="item_id", how="left")
    frame = frame.merge(conform(received, UNITS_BY_SHELF).rename(columns={"units": "received"}), on=KEYS, how="left")
    frame = frame.merge(conform(late, UNITS_BY_SHELF).rename(columns={"units": "late"}), on=KEYS, how="left")
    is_at_bottom = is_known & (frame["shown"] == 0) & frame["backordered"].isna()
    whole = ["on_hand", "units", "recent", "backordered", "hidden", "missing", "twice", "received", "late"]
    frame[whole] = frame[whole].fillna(0).astype("int64")
    by_default = frame.sort_values(["is_default_location", "location_id"], ascending=[False, True])
    is_home = frame.index.isin(by_default.drop_duplicates("item_id").index)
    frame["deducted"] = (frame["units"] + frame["missing"] - frame["twice"]) * is_home
    after = held(frame, frame["deducted"], is_at_bottom)
    difference = after - frame["on_hand"]
    lagging = is_known & is_home & (difference > 0) & (difference == frame["recent"])
    settled = ~frame["item_id"].isin(in_flight) & ~lagging
    untold = difference.where(difference < 0, (difference - frame["received"]).clip(lower=0))
    put_back = untold.clip(lower=-frame["twice"], upper=frame["missing"]).where(is_known & is_home & ~is_at_bottom, 0)
    taken_off = frame["deducted"] - put_back
    after = held(frame, taken_off, is_at_bottom)
    too_many = after - frame["on_hand"]
    overwritten = too_many.where(is_known & (too_many > 0) & (too_many == frame["late"]), 0)
    counted = frame.assign(
        on_hand_before=frame["on_hand"],
        on_hand_after=after - overwritten,
        quantity=too_many - overwritten,
        overwritten=overwritten,
        deducted=taken_off,
        put_back=put_back,
    )
    return counted.loc[settled, list(COUNTS)].sort_values(KEYS, ignore_index=True).astype(COUNTS)


def held(frame: "pd.DataFrame", deducted: "pd.Series[int]", is_at_bottom: "pd.Series[bool]") -> "pd.Series[int]":
    """Return what each shelf holds by its number, where so many units are taken off it."""
    by_number = frame["shown"] + deducted - frame["backordered"] - frame["hidden"]
    by_number = by_number.where(
        (by_number >= 0) | (frame["shown"] < 0), 0
    )  # orders that nobody works on hold some of it
    at_most = frame["on_hand"].clip(lower=0)
    return by_number.where(~is_at_bottom | (by_number < at_most), at_most)
