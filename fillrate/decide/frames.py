"""The columns of every frame that decisions take and return."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

Schema = Mapping[str, str]

READINGS: Schema = {
    "item_id": "int64",
    "location_id": "int64",
    "shown": "int64",
    "backordered": "Int64",
    "is_default_location": "bool",
}
UNITS_BY_ITEM: Schema = {"item_id": "int64", "units": "int64"}
UNITS_BY_SHELF: Schema = {"item_id": "int64", "location_id": "int64", "units": "int64"}
REFUNDED: Schema = {"item_id": "int64", "missing": "int64", "twice": "int64"}
ON_HAND: Schema = {"item_id": "int64", "location_id": "int64", "on_hand": "int64"}
COUNTS: Schema = {
    "item_id": "int64",
    "location_id": "int64",
    "on_hand_before": "int64",
    "on_hand_after": "int64",
    "quantity": "int64",
    "deducted": "int64",
    "put_back": "int64",
    "overwritten": "int64",
}
OFFERS: Schema = {  # what a channel may sell of an item, and the merchant's rules for it
    "free": "int64",  # on hand where the channel draws on, less all that is owed; may be below nothing
    "coming": "int64",  # units that arrive in time to be sold now
    "beyond": "int64",  # units that may be sold beyond that
    "buffer": "int64",  # units kept back
    "share_e4": "int64",  # the part that is shown, in 1/10,000
    "at_most": "Int64",
    "at_least": "int64",
    "end_below": "int64",
    "never_below": "int64",
}
SIGHTINGS: Schema = {  # a channel's number as read, beside all that may explain it
    "item_id": "int64",
    "has_base": "bool",
    "base": "int64",  # the last number that was understood
    "theirs": "int64",
    "wanted": "Int64",  # what it should show; empty where it is not ours to say
    "base_taken": "int64",  # units that the channel's own orders had taken off its number then,
    "taken_before": "int64",  # … by the orders read before the number,
    "taken": "int64",  # … and by those read after it
    "base_returned": "int64",  # units cancelled or refunded then, and now
    "returned": "int64",
    "may_restock": "bool",  # nobody can say whether the channel puts those back on its number
    "base_parts": "int64",  # units of it that its orders for kits take along, then and now
    "parts": "int64",
    "late": "int64",  # units of orders that are older than the base, and were read only since
    "sent": "Int64",  # what was last written without having been read back,
    "taken_sent": "int64",  # … the units taken off by then,
    "is_sending": "bool",  # … and whether the channel may still be at it
    "held": "int64",  # units (none or fewer) that count as absent until a person decides
    "odd": "int64",  # units that nothing explained at the last reading,
    "is_old": "bool",  # … when that was long enough ago for everything to have arrived
}
VERDICTS: Schema = {
    "drift": "str",
    "unexplained": "int64",
    "write": "Int64",
    "waits": "bool",
    "held": "int64",
    "settles": "bool",
}
DEMAND: Schema = {
    "line_id": "int64",
    "item_id": "Int64",
    "state": "str",
    "reason": "str",
    "queued_at": "datetime64[us, UTC]",
    "placed_at": "datetime64[us, UTC]",
    "quantity": "int64",
    "needs_stock": "bool",
    "is_tracked": "bool",
    "is_preorder": "bool",
    "is_discontinued": "bool",
    "hold": "str",
    "priority": "int64",
    "promised_at": "datetime64[us, UTC]",
    "by_promise": "bool",
    "order_id": "int64",
    "order_key": "int64",
    "line_key": "int64",
    "channel_id": "int64",
    "recipe_id": "Int64",  # of a kit: it draws on its parts, not on itself
    "reach_id": "int64",  # 0: every location in use, by its rank; else one of REACHES
    "choice": "str",  # of locations: "rank", "most_stock" or "fewest_splits"
    "split_limit": "int64",  # most locations that an order is shipped from; 0: any number
    "ship_complete": "bool",
    "hold_days": "int64",
    "starve_days": "int64",
    "horizon_days": "Int64",
    "release_at": "datetime64[us, UTC]",
    "displaces": "bool",
}
SHELVES: Schema = {
    "item_id": "int64",
    "location_id": "int64",
    "on_hand": "int64",
    "location_rank": "int64",
    "usable": "bool",
}
REACHES: Schema = {"reach_id": "int64", "location_id": "int64", "rank": "int64"}
RESERVES: Schema = {"item_id": "int64", "channel_id": "int64", "quantity": "int64"}
RECIPES: Schema = {"recipe_id": "int64", "item_id": "int64", "per": "int64"}
INBOUND: Schema = {
    "inbound_id": "int64",
    "item_id": "int64",
    "location_id": "Int64",  # empty where nobody said
    "quantity": "int64",
    "likely_at": "datetime64[us, UTC]",  # empty where nobody knows
    "sure_at": "datetime64[us, UTC]",
}
COVERS: Schema = {
    "line_id": "int64",
    "queued_at": "datetime64[us, UTC]",
    "inbound_id": "int64",
    "item_id": "int64",
    "quantity": "int64",
}
FORECASTS: Schema = {
    "line_id": "int64",
    "likely_at": "datetime64[us, UTC]",
    "sure_at": "datetime64[us, UTC]",
    "uncovered": "int64",
}
ALLOCATIONS: Schema = {"line_id": "int64", "item_id": "int64", "location_id": "int64", "quantity": "int64"}
UNITS: Schema = {
    "line_id": "int64",
    "state": "str",
    "reason": "str",
    "queued_at": "datetime64[us, UTC]",
    "quantity": "int64",
}
MOVES: Schema = {
    "line_id": "int64",
    "quantity": "int64",
    "from_state": "str",
    "from_reason": "str",
    "to_state": "str",
    "to_reason": "str",
    "cause": "str",
}


def conform(frame: "pd.DataFrame", schema: Schema) -> "pd.DataFrame":
    """Return the frame with exactly these columns and types.

    Raises KeyError for a missing column and TypeError for one whose values cannot be of its type: mistakes of the caller.
    """
    missing = sorted(set(schema) - set(frame.columns))
    if missing:
        raise KeyError(f"a frame lacks {', '.join(missing)}; it has {', '.join(map(str, frame.columns))}")
    try:
        return frame[list(schema)].astype(dict(schema))
    except (TypeError, ValueError) as error:
        found = ", ".join(f"{name} {frame[name].dtype}" for name in schema if frame[name].dtype != schema[name])
        raise TypeError(f"a frame has {found}: {error}") from error


def rows_of(frame: "pd.DataFrame") -> list[dict[str, Any]]:  # Any: plain values
    """Return a frame's rows as plain Python values, whole numbers as int."""
    names = [str(name) for name in frame.columns]
    whole = [name for name in frame.columns if frame[name].dtype.kind in "if"]
    plain = frame.astype(dict.fromkeys(whole, "int64"))
    columns = (plain[name].astype(object).tolist() for name in frame.columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


# Delays, slips and kept promises. Days are instants: the beginning of a day of the store.
PROMISES: Schema = {
    "line_id": "int64",
    "number": "int64",  # 1 is the first promise of a line
    "ship_by": "datetime64[us, UTC]",
    "given_at": "datetime64[us, UTC]",
    "source": "str",
}
DELAY_LINES: Schema = {
    "line_id": "int64",
    "ordered_at": "datetime64[us, UTC]",
    "complete_at": "datetime64[us, UTC]",  # when all that is needed was known, and paid; empty while it is not
    "open": "int64",  # units neither shipped nor cancelled
    "forecast_by": "datetime64[us, UTC]",  # empty where nobody knows
    "do_not_cancel": "bool",
}
NOTICES: Schema = {
    "line_id": "int64",
    "told_at": "datetime64[us, UTC]",
    "ship_by": "datetime64[us, UTC]",  # empty: told that nobody knows
}
ANSWERS: Schema = {"line_id": "int64", "answered_at": "datetime64[us, UTC]", "answer": "str"}  # "keep", "cancel"
DELAYS: Schema = {
    "line_id": "int64",
    "rule": "str",
    "to_do": "str",
    "deadline": "datetime64[us, UTC]",  # the last day that is in time; empty where there is none
    "ship_by": "datetime64[us, UTC]",  # the day to tell or told; empty where nobody knows
    "why": "str",
}
PROMISED_LINES: Schema = {
    "line_id": "int64",
    "first_by": "datetime64[us, UTC]",
    "ship_by": "datetime64[us, UTC]",  # the last promise, which holds
    "quantity": "int64",
    "value_e4": "int64",
}
EXPECTED: Schema = {
    "line_id": "int64",
    "forecast_by": "datetime64[us, UTC]",  # empty where nobody knows
    "inbound_id": "Int64",  # of what the line waits for, what comes last; empty where nothing covers it
}
WAITS: Schema = {
    "line_id": "int64",
    "inbound_id": "int64",
    "comes_at": "datetime64[us, UTC]",  # empty where nobody knows
}
SLIPS: Schema = {
    "inbound_id": "Int64",  # empty: no delivery is behind it
    "line_id": "int64",
    "first_by": "datetime64[us, UTC]",
    "ship_by": "datetime64[us, UTC]",
    "breaks": "bool",  # expected later than promised, or on a day that nobody knows; the rest is empty otherwise
    "move_to": "datetime64[us, UTC]",  # empty where nobody knows: such a promise cannot be moved
    "late_days": "Int64",  # later than the promise
    "late_days_first": "Int64",  # later than the first promise
    "quantity": "int64",
    "value_e4": "int64",
}
PROPOSALS: Schema = {
    "inbound_id": "Int64",
    "slips": "int64",  # lines that are expected later than before
    "breaks": "int64",  # those of them that break their promise
    "undated": "int64",  # those of them of which nobody knows the day
    "late_days": "Int64",  # most days later than the promise
    "late_days_first": "Int64",
    "quantity": "int64",
    "value_e4": "int64",
    "by_itself": "bool",
}
LEDGER_LINES: Schema = {
    "line_id": "int64",
    "item_id": "Int64",
    "supplier_id": "int64",
    "ordered": "int64",
}
EXITS: Schema = {
    "line_id": "int64",
    "at": "datetime64[us, UTC]",
    "kind": "str",  # "shipped", "cancelled" by the customer, "withdrawn" by the merchant
    "quantity": "int64",
}
KEPT: Schema = {
    "line_id": "int64",
    "number": "int64",
    "ship_by": "datetime64[us, UTC]",
    "given_at": "datetime64[us, UTC]",
    "source": "str",
    "item_id": "Int64",
    "supplier_id": "int64",
    "is_last": "bool",
    "outcome": "str",  # "kept", "broken", "open", "void"
    "is_due": "bool",  # its day is over and it is not void: it counts in shares and means
    "slip_days": "Int64",  # shipped − promised, so far where it is still open; empty where nothing was shipped for it
}
KEPT_BY: Schema = {
    "key": "Int64",
    "promises": "int64",
    "kept": "int64",
    "broken": "int64",
    "open": "int64",
    "void": "int64",
    "due": "int64",  # their day is over, and they are not void: shares and slips are of these
    "share": "float64",  # empty without any
    "share_first": "float64",  # of first promises
    "share_last": "float64",  # of the promises that hold
    "mean_slip": "float64",  # days
    "median_slip": "float64",
    "sure": "int64",  # due, and made for the 90th percentile of supply
    "share_sure": "float64",
    "verdict": "str",  # of these: "too_few", "too_soon", "holds", "padded"
}
POLICY_OUTCOME: Schema = {
    "units": "int64",
    "unit_rate": "float64",
    "line_rate": "float64",
    "order_rate": "float64",
    "backorder_days": "int64",  # units that wait × days until they leave
    "undated_units": "int64",  # wait, and nobody knows until when
    "promises_broken": "int64",  # lines
    "splits": "int64",  # shipments beyond one an order
}
