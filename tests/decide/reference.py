"""Rows of what is owed, what lies there and what comes; and what the allocation says of them."""

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
