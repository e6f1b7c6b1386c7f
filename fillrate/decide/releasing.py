"""What the warehouse can do now: ready units in the order of their rank, within what each location can do in a day.

An order that ships complete is released as a whole or not at all; the units of any other order at one location stay
together, unless they are more than a whole day there can take: then they go out day by day. What does not fit lets
smaller work behind it have the rest of the day, and is first again tomorrow.
"""

from dataclasses import dataclass

import pandas as pd

from fillrate.decide.frames import Schema, conform
from fillrate.decide.parts import SHELF, by_part
from fillrate.decide.stretches import within

READY: Schema = {
    "line_id": "int64",
    "order_id": "int64",
    "location_id": "int64",
    "quantity": "int64",
    "ship_complete": "bool",
    "begun": "bool",  # its order is on a list of this location and day already
    "priority": "int64",
    "promised_at": "datetime64[us, UTC]",  # empty: none, behind all others
    "queued_at": "datetime64[us, UTC]",
    "order_key": "int64",
    "line_key": "int64",
}
CAPACITY: Schema = {
    "location_id": "int64",
    "units": "Int64",  # of a whole day; empty: any number
    "orders": "Int64",
    "units_done": "int64",  # of today, released already
    "orders_done": "int64",
}
RELEASED: Schema = {"line_id": "int64", "location_id": "int64", "quantity": "int64"}
RANK = ["priority", "promised_at", "queued_at", "order_key", "line_key", "location_id"]
ANY = 2**62  # more than any number of units


@dataclass(frozen=True, slots=True)
class Release:
    """What is released (RELEASED), and the orders that ship complete and are larger than a location's whole day."""

    released: pd.DataFrame
    too_large: list[int]


@dataclass(slots=True)
class Room:
    """What is left of a location's day, and the units of a whole one."""

    units: int = ANY
    orders: int = ANY
    whole_day: int = ANY


def release(ready: pd.DataFrame, capacity: pd.DataFrame) -> Release:
    """Return what of READY is released today within CAPACITY; locations that it does not name take any number.

    The order of rows does not matter.
    """
    rows = grouped(conform(ready, READY))
    rooms = rooms_of(conform(capacity, CAPACITY))
    limited = rows["location_id"].isin(list(rooms))
    groups = rows.loc[limited, "group"].unique()
    takes = rows.groupby("group")["quantity"].sum().to_numpy().copy()  # without limits, all of it
    takes[groups] = 0
    apart = rows[rows["group"].isin(groups)].groupby(["group", "location_id"], as_index=False)
    parts = apart.agg(quantity=("quantity", "sum"), begun=("begun", "first"))
    wholes = set(rows.loc[rows["ship_complete"], "group"])
    too_large = set(parts.loc[parts["group"].isin(wholes) & ~fits_a_day(parts, rooms), "group"])
    taken: dict[int, list[tuple[int, int, bool]]] = {}
    for group, location, quantity, begun in parts.itertuples(index=False, name=None):
        taken.setdefault(group, []).append((location, quantity, begun))
    for group, wanted in taken.items():
        takes[group] = take(wanted, rooms, whole=group in wholes)
    quantity = within(rows["group"].to_numpy(), rows["quantity"].to_numpy(), takes)
    released = rows.assign(quantity=quantity)[quantity > 0]
    orders = rows.loc[rows["group"].isin(too_large), "order_id"].unique()
    return Release(conform(released, RELEASED).reset_index(drop=True), sorted(int(one) for one in orders))


def grouped(ready: pd.DataFrame) -> pd.DataFrame:
    """Return the rows by rank, those that are released together one after the other under a `group` numbered by rank."""
    rows = ready[ready["quantity"] > 0].sort_values(RANK, na_position="last", ignore_index=True)
    apart = rows["location_id"].where(~rows["ship_complete"], -1)
    group = rows.assign(apart=apart).groupby(["order_id", "apart"], sort=False).ngroup()
    return rows.assign(group=group).sort_values("group", kind="stable", ignore_index=True)


def rooms_of(capacity: pd.DataFrame) -> dict[int, Room]:
    """Return what is left of the day where a location has a limit."""
    rooms = {}
    columns = [capacity[name].fillna(ANY).tolist() for name in CAPACITY]
    for location, units, orders, units_done, orders_done in zip(*columns, strict=True):
        if min(units, orders) < ANY:
            left = ANY if units == ANY else max(0, units - units_done)
            rooms[location] = Room(left, ANY if orders == ANY else max(0, orders - orders_done), units)
    return rooms


def fits_a_day(parts: pd.DataFrame, rooms: dict[int, Room]) -> "pd.Series[bool]":
    """Return which parts a whole day of their location can take."""
    most = parts["location_id"].map({location: room.whole_day for location, room in rooms.items()}).fillna(ANY)
    return parts["quantity"] <= most


def take(wanted: list[tuple[int, int, bool]], rooms: dict[int, Room], *, whole: bool) -> int:
    """Take room for one group (location, units, begun) and return how many of its units are released."""
    places = [(rooms.setdefault(location, Room()), units, begun) for location, units, begun in wanted]
    if any(not begun and room.orders < 1 for room, _, begun in places):
        return 0
    if any(units > room.units for room, units, _ in places):
        room, units, _ = places[0]
        if whole or units <= room.whole_day or not room.units:
            return 0
        places = [(room, room.units, places[0][2])]
    for room, units, begun in places:
        room.units -= units
        room.orders -= not begun
    return sum(units for _, units, _ in places)


def pickable(ready: pd.DataFrame, limits: pd.DataFrame, recipes: pd.DataFrame) -> pd.DataFrame:
    """Return READY (with item_id) without what its shelf may not hold: item_id, location_id, units of doubtful shelves.

    Of such a shelf the first in rank may have what is surely there, kits by their RECIPES as far as each part goes; an
    order that ships complete and loses any of it is left out whole.
    """
    rows = ready.sort_values(RANK, na_position="last", ignore_index=True)
    left = {(item, place): units for item, place, units in limits[[*SHELF, "units"]].itertuples(index=False, name=None)}
    in_doubt = by_part(rows[SHELF].assign(row=rows.index), recipes).merge(limits[SHELF], on=SHELF)
    needs: dict[int, list[tuple[tuple[int, int], int]]] = {}
    for row, item, place, per in in_doubt[["row", *SHELF, "per"]].itertuples(index=False, name=None):
        needs.setdefault(row, []).append(((item, place), per))
    sure = rows["quantity"].to_numpy().copy()
    for row in sorted(needs):
        sure[row] = min(sure[row], *(left[shelf] // per for shelf, per in needs[row]))
        for shelf, per in needs[row]:
            left[shelf] -= sure[row] * per
    broken = rows.loc[rows["ship_complete"] & (sure < rows["quantity"]), "order_id"]
    sure[rows["order_id"].isin(broken).to_numpy()] = 0
    return rows.assign(quantity=sure)[sure > 0].reset_index(drop=True)
