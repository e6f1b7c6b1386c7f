"""What shops should know of an allocation; beside the note on an order, each kind is off until it is asked for."""

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from fillrate.db.database import Reading, Writing
from fillrate.db.queries.plans import unsettled_targets
from fillrate.db.tables import Order
from fillrate.decide.frames import rows_of
from fillrate.decide.standings import standing_of
from fillrate.decide.states import OPEN, State
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.runs import RunLog
from fillrate.steps.telling.notes import NOTE, plan_notes
from fillrate.steps.telling.staff_notes import STAFF_NOTE, plan_staff_notes
from fillrate.steps.telling.statuses import STATUS, plan_statuses

if TYPE_CHECKING:
    import pandas as pd

OF_ORDERS = (NOTE, STATUS, STAFF_NOTE)


def unsettled_orders(reading: Reading, shop: Shop) -> list[int]:
    """Return the orders of which the last that we told is still to be written, or did not come to what was wanted."""
    return list(reading.ids(Order, shop.id, sorted(unsettled_targets(reading, shop.id, OF_ORDERS))).values())


def states_told(shops: Sequence[Shop]) -> list[str]:
    """Return the states of the units that say what these shops should know."""
    return list(OPEN) if any(shop.settings.write_back.order_status for shop in shops) else [State.BACKORDER]


def plan_orders(
    desk: Desk, tx: Writing, shop: Shop, log: RunLog, units: "pd.DataFrame", orders: Sequence[int]
) -> list[str]:
    """Plan all that a shop should know of these orders, whose open `units` these are, and return the plans' ids."""
    mine = units[units["channel"] == shop.name]
    waiting = mine[mine["state"] == State.BACKORDER]
    standings = standings_of(mine) if shop.settings.write_back.order_status else {}
    plans = (
        plan_notes(desk, tx, shop, log, waiting, orders),
        plan_statuses(desk, tx, shop, log, standings, orders),
        plan_staff_notes(desk, tx, shop, log, waiting, orders),
    )
    return [plan_id for plan_id in plans if plan_id]


def standings_of(units: "pd.DataFrame") -> dict[str, str]:
    """Return how each order stands, by the shop's id."""
    rows = rows_of(units[["order_platform_id", "state", "reason"]].sort_values("order_platform_id"))
    return {order: standing_of(found) for order, found in groupby(rows, itemgetter("order_platform_id"))}
