"""What the settings say of each open line: its place in the queue, and which stock it may have."""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

import numpy as np
import pandas as pd

from fillrate.settings import Policy
from fillrate.steps.desk import Desk

FACTS = ("channel", "group", "brand", "sku")  # what a rule of the policy may go by
LISTED_FACTS = ("channel", "brand", "sku")  # … without knowing who buys
BY_LINE = {
    "priority": "int64",
    "by_promise": "bool",
    "displaces": "bool",
    "horizon_days": "Int64",
    "hold_days": "int64",
    "starve_days": "int64",
    "split_limit": "int64",
}
EVERYWHERE = 0


def with_rules(desk: Desk, demand: pd.DataFrame, locations: Sequence[Any]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the demand with all that settings say of it, and REACHES: which locations each group of lines may use.

    `locations` are rows of those in use: id, channel, code, in the order in which they are drawn on.
    """
    asked = facts_asked_for(desk)
    policy = desk.settings.policy
    kinds, policies = by_combination(demand, asked, lambda *facts: policy.for_(**dict(zip(asked, facts, strict=True))))

    def column(value: Callable[[Policy], Any], dtype: str) -> "pd.Series[Any]":
        return pd.Series([value(one) for one in policies], dtype=dtype).take(kinds).set_axis(demand.index)

    for name, dtype in BY_LINE.items():
        demand[name] = column(attrgetter(name), dtype)
    demand["priority"] = demand["own_priority"].fillna(demand["priority"]).astype("int64")
    whole = column(attrgetter("ship_complete"), "bool")  # what one line wants of its order holds for all of it
    demand["ship_complete"] = whole.groupby(demand["order_id"]).transform("any")
    demand["choice"] = column(lambda one: "rank" if one.locations == "nearest" else one.locations, "str")
    states, holds = by_combination(demand, ["channel", "status"], lambda *facts: hold_of(desk, *facts))
    demand["hold"] = pd.Series(holds, dtype="str").take(states).set_axis(demand.index)
    demand.loc[(demand["hold"] == "") & demand["is_held"], "hold"] = "hold"
    demand["order_key"], demand["line_key"] = (rank(demand[name]) for name in ("order_platform_id", "line_platform_id"))
    is_nearest = column(lambda one: one.locations == "nearest", "bool")
    return demand, reached(desk, demand, is_nearest, locations)


def columns_asked_for(desk: Desk) -> set[str]:
    """Return the columns of the demand that only some rules go by, as far as any does."""
    policy = desk.settings.policy
    kinds = (policy.default, *(rule.set for rule in policy.rule))
    return {*facts_asked_for(desk), *(("destination",) if any(one.locations == "nearest" for one in kinds) else ())}


def facts_asked_for(desk: Desk, facts: Sequence[str] = FACTS) -> list[str]:
    """Return those of the facts by which any rule of the policy goes: a line's others need not be looked at."""
    named = {name for rule in desk.settings.policy.rule for name in rule.match.model_dump(exclude_none=True)}
    return [name for name in facts if name in named | {"channel"}]


def by_combination(
    demand: pd.DataFrame, names: Sequence[str], rule: Callable[..., Any]
) -> tuple["np.ndarray", list[Any]]:  # Any: see rules
    """Return for each row the number of its combination of values, and rule(*values) for each combination."""
    codes = demand.groupby(list(names), sort=False, dropna=False).ngroup().to_numpy()
    combinations = demand[list(names)].drop_duplicates().itertuples(index=False, name=None)
    return codes, [rule(*values) for values in combinations]


def hold_of(desk: Desk, channel: str, status: str) -> str:
    """Return what keeps a whole order from being worked on: payment, review, or nothing."""
    meaning = desk.shop(channel).settings.meaning(status)
    return {"payment": "payment", "review": "review", "unknown": "review"}.get(meaning, "")


def rank(ids: "pd.Series[str]") -> "pd.Series[int]":
    """Return whole numbers that sort as the shop's ids do: numbers by value, other text by its letters."""
    texts = ids.tolist()
    try:
        numbers = pd.Series([int(one) for one in texts], ids.index, dtype="int64")
    except (ValueError, OverflowError):
        numbers = None
    if numbers is not None and [str(one) for one in numbers.tolist()] == texts:
        return numbers
    keys = ids.str.len().astype(str).str.zfill(4) + ids
    return keys.rank(method="dense").fillna(0).astype("int64")


def reached(desk: Desk, demand: pd.DataFrame, is_nearest: "pd.Series[bool]", locations: Sequence[Any]) -> pd.DataFrame:
    """Number the reach of each line in `demand`, and return REACHES; EVERYWHERE is every location in use, by its rank."""
    places = {(one.channel, one.code): one for one in desk.settings.location}
    usual = tuple((row.id, rank) for rank, row in enumerate(locations))
    numbers: dict[tuple[tuple[int, int], ...], int] = {usual: EVERYWHERE}

    def reach(channel: str, destination: str) -> int:
        serving = []
        for number, row in enumerate(locations):
            place = places.get((row.channel, row.code))
            if place is None or not place.serves or channel in place.serves:
                near = nearness(place.near if place else (), destination) if destination else 0
                serving.append((near, number, row.id))
        found = tuple((location, rank) for rank, (_, _, location) in enumerate(sorted(serving)))
        return numbers.setdefault(found, len(numbers))

    wanted = demand[["channel"]].assign(
        destination=demand["destination"].where(is_nearest, "") if is_nearest.any() else ""
    )
    groups, numbered = by_combination(wanted, ["channel", "destination"], reach)
    demand["reach_id"] = np.array(numbered, dtype=np.int64)[groups]
    rows = [(number, location, rank) for found, number in numbers.items() if number for location, rank in found]
    return pd.DataFrame(rows, columns=["reach_id", "location_id", "rank"])


def nearness(near: Sequence[str], destination: str) -> int:
    """Return how far a destination is from a location: 0 for the first region that it lies in, and so on."""
    return next((n for n, region in enumerate(near) if destination.startswith(region)), len(near) + 1)
