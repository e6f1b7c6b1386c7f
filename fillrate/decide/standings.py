"""How an order stands as a whole, for what its shop is told of it."""

from collections.abc import Iterable, Mapping
from typing import Any

HELD = frozenset({"payment", "review", "hold"})  # nobody may work on these units, whatever lies on the shelf


def standing_of(units: Iterable[Mapping[str, Any]]) -> str:  # Any: values of columns
    """Return how an order stands whose open units these are (state, reason); "" where nothing can be said of it.

    Just one of: `waits` (all of it waits for supply), `picking` (some of it is being packed), `part_waits` (some of it
    waits), `ready` (nothing waits, and all of it may be worked on).
    """
    found = {(row["state"], row["reason"]) for row in units}
    states = {state for state, _ in found}
    if not found or "new" in states:
        return ""
    if states == {"backorder"}:
        return "waits"
    if ("backlog", "picking") in found:
        return "picking"
    if "backorder" in states:
        return "part_waits"
    return "" if HELD & {reason for _, reason in found} else "ready"
