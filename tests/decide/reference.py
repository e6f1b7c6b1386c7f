"""The rules of allocation told slowly and plainly, a row at a time; the columns must agree with this."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

from fillrate.decide.allocation import Allocated, Supply, allocate
from fillrate.decide.frames import ALLOCATIONS, DEMAND, INBOUND, REACHES, RECIPES, RESERVES, SHELVES

DAY = datetime(2026, 3, 1, tzinfo=UTC)
Row = dict[str, Any]
Laid = Counter[tuple[int, int, int]]  # by line, item, location
Units = Counter[tuple[int, datetime, str, str]]  # by line, when it joined the queue, state, reason


def bucket(line: int, item: int | None, quantity: int, day: int = 0, **more: Any) -> Row:
    row = {
        "line_id": line,
        "item_id": item,
        "state": "new",
        "reason": "",
        "queued_at": DAY + timedelta(days=day),
        "placed_at": DAY,
        "quantity": quantity,
        "needs_stock": True,
        "is_tracked": True,
        "is_preorder": False,
        "is_discontinued": False,
        "hold": "",
        "priority": 100,
        "promised_at": None,
        "by_promise": False,
        "order_id": line,
        "order_key": line,
        "line_key": line,
        "channel_id": 1,
        "recipe_id": None,
        "reach_id": 0,
        "choice": "rank",
        "split_limit": 0,
        "ship_complete": False,
        "hold_days": 14,
        "starve_days": 60,
        "horizon_days": None,
        "release_at": None,
        "displaces": False,
    }
    return {**row, **more}


def shelf(item: int, on_hand: int, location: int = 1, usable: bool = True, rank: int | None = None) -> Row:
    place = {"item_id": item, "location_id": location, "on_hand": on_hand, "usable": usable}
    return {**place, "location_rank": location if rank is None else rank}


def aside(line: int, item: int, quantity: int, location: int = 1) -> Row:
    return {"line_id": line, "item_id": item, "location_id": location, "quantity": quantity}


def inbound(key: int, item: int, quantity: int, day: int | None, sure: int | None = None, location: int = 1) -> Row:
    """Goods on their way; likely there on a day, surely some days later."""
    likely = None if day is None else DAY + timedelta(days=day)
    surely = None if likely is None else likely + timedelta(days=sure or 0)
    return {
        "inbound_id": key,
        "item_id": item,
        "location_id": location,
        "quantity": quantity,
        "likely_at": likely,
        "sure_at": surely,
    }


def run(
    demand: list[Row],
    shelves: list[Row],
    taken: list[Row] | None = None,
    coming: list[Row] | None = None,
    *,
    recipes: list[Row] | None = None,
    reaches: list[Row] | None = None,
    reserves: list[Row] | None = None,
) -> Allocated:
    more = {"inbound": (coming, INBOUND), "recipes": (recipes, RECIPES), "reaches": (reaches, REACHES)}
    frames = {name: pd.DataFrame(rows or [], columns=list(schema)) for name, (rows, schema) in more.items()}
    return allocate(
        pd.DataFrame(demand, columns=list(DEMAND)),
        pd.DataFrame(shelves, columns=list(SHELVES)),
        pd.DataFrame(taken or [], columns=list(ALLOCATIONS)),
        Supply(DAY, **frames, reserves=pd.DataFrame(reserves or [], columns=list(RESERVES))),
    )


def outcome(result: Allocated) -> tuple[Laid, Units]:
    laid = {(row.line_id, row.item_id, row.location_id): row.quantity for row in result.allocations.itertuples()}
    units = {(row.line_id, row.queued_at, row.state, row.reason): row.quantity for row in result.units.itertuples()}
    return Counter(laid), Counter(units)


def plainly(demand: list[Row], shelves: list[Row], taken: list[Row]) -> tuple[Laid, Units]:
    """Return what is set aside, and where every open unit stands."""
    queue = sorted(demand, key=lambda row: [row[name] for name in QUEUE])
    places = sorted(shelves, key=lambda row: (row["location_rank"], row["location_id"]))
    free = Counter({(row["item_id"], row["location_id"]): max(0, row["on_hand"]) for row in shelves})
    laid = what_stays(queue, places, taken, free)
    withheld = {row["item_id"] for row in places if not row["usable"] and free[row["item_id"], row["location_id"]]}
    lay_what_is_free(queue, places, free, laid)
    return +laid, where_units_stand(queue, laid, withheld)


QUEUE = ("priority", "queued_at", "placed_at", "order_key", "line_key", "state", "reason")


def wants_stock(row: Row) -> bool:
    return bool(row["needs_stock"] and row["is_tracked"] and row["item_id"] is not None)


def what_stays(queue: list[Row], places: list[Row], taken: list[Row], free: Counter[tuple[int, int]]) -> Laid:
    """A line keeps what it wants, from its best shelves; a shelf gives to the first in the queue."""
    laid: Laid = Counter()
    held = Counter({(row["line_id"], row["item_id"], row["location_id"]): row["quantity"] for row in taken})
    for line in dict.fromkeys(row["line_id"] for row in queue):
        rows = [row for row in queue if row["line_id"] == line and wants_stock(row)]
        wanted = sum(row["quantity"] for row in rows)
        for place in places:
            spot = (place["item_id"], place["location_id"])
            if rows and rows[0]["item_id"] == place["item_id"] and place["usable"]:
                claim = min(held[line, *spot], wanted)
                wanted -= claim
                units = min(claim, free[spot])
                free[spot] -= units
                laid[line, *spot] += units
    return laid


def lay_what_is_free(queue: list[Row], places: list[Row], free: Counter[tuple[int, int]], laid: Laid) -> None:
    covered = units_of_lines(laid)
    for row in queue:
        if not wants_stock(row):
            continue
        already = min(covered[row["line_id"]], row["quantity"])
        covered[row["line_id"]] -= already
        short = row["quantity"] - already
        for place in places:
            spot = (place["item_id"], place["location_id"])
            if place["item_id"] == row["item_id"] and place["usable"]:
                units = min(short, free[spot])
                free[spot] -= units
                short -= units
                laid[row["line_id"], *spot] += units


def units_of_lines(laid: Laid) -> Counter[int]:
    sums: Counter[int] = Counter()
    for (line, _, _), units in laid.items():
        sums[line] += units
    return sums


def where_units_stand(queue: list[Row], laid: Laid, withheld: set[int]) -> Units:
    """Of a line's units the earliest have the stock; of those that joined together, the ones being picked."""
    units: Units = Counter()
    covered = units_of_lines(laid)
    together: dict[tuple[int, datetime], list[Row]] = {}
    for row in queue:
        together.setdefault((row["line_id"], row["queued_at"]), []).append(row)
    for (line, queued_at), rows in together.items():
        quantity = sum(row["quantity"] for row in rows)
        picked = sum(row["quantity"] for row in rows if row["reason"] == "picking" and not row["hold"])
        needs_none = not (rows[0]["needs_stock"] and rows[0]["is_tracked"])
        backlog = quantity if needs_none else min(covered[line], quantity)
        covered[line] -= 0 if needs_none else backlog
        units[line, queued_at, "backlog", "picking"] += min(picked, backlog)
        units[line, queued_at, "backlog", rows[0]["hold"] or "ready"] += backlog - min(picked, backlog)
        units[line, queued_at, "backorder", why_it_waits(rows[0], withheld)] += quantity - backlog
    return +units


def why_it_waits(row: Row, withheld: set[int]) -> str:
    if row["is_preorder"]:
        return "preorder"
    if row["item_id"] in withheld:
        return "withheld"
    return "discontinued" if row["is_discontinued"] else "no_supply"
