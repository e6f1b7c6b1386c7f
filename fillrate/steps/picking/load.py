"""Load what a release goes by: what is ready and where it lies, what a day at each location takes, shelves in doubt."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from fillrate.db.database import Reading
from fillrate.db.queries import picks as queries
from fillrate.db.queries.kits import recipes_frame
from fillrate.db.queries.queue import locations
from fillrate.decide.parts import LINE_AND_PLACE, SHELF
from fillrate.decide.reasons import TRANCHES
from fillrate.decide.releasing import CAPACITY, READY
from fillrate.decide.stretches import within
from fillrate.steps.allocating.load import with_recipes
from fillrate.steps.allocating.rules import with_rules
from fillrate.steps.desk import Desk
from fillrate.steps.picking.parts import in_hand_by_part, set_aside_whole

FACTS = ("item_id", "is_tracked", "sku", "order_platform_id")
IN_BACKLOG = ("ready", "capacity", "picking")


@dataclass(frozen=True, slots=True)
class Workable:
    """READY with item_id, CAPACITY, the limits of shelves (item_id, location_id, units), and TRANCHES of all these lines.

    `apart` are units of kits that lie whole at no location: sku, order_platform_id, quantity.
    """

    ready: pd.DataFrame
    apart: pd.DataFrame
    capacity: pd.DataFrame
    limits: pd.DataFrame
    recipes: pd.DataFrame
    tranches: pd.DataFrame


def load(desk: Desk, reading: Reading, day: datetime, closed: Collection[int]) -> Workable:
    """Return what may be released on a day of the store, which `day` begins; nothing at locations that are `closed` then."""
    places = locations(reading)
    channels = [shop.id for shop in desk.shops.values()]
    recipes = recipes_frame(reading)
    demand, _ = with_rules(desk, with_recipes(queries.workable(reading, channels), recipes), places)
    on_todays_lists = queries.released_on(reading, day)
    ready, apart = lying(reading, offered(demand), [row.id for row in places])
    begun = pd.MultiIndex.from_tuples([(row.order_id, row.location_id) for row in on_todays_lists] or [(-1, -1)])
    ready["begun"] = pd.MultiIndex.from_frame(ready[["order_id", "location_id"]]).isin(begun)
    room, limits = capacity(desk, places, on_todays_lists), pd.concat([doubtful(reading), shut(ready, recipes, closed)])
    limits = limits.groupby(["item_id", "location_id"], as_index=False).agg(units=("units", "min"))
    return Workable(ready, apart, room, limits, recipes, tranches(demand))


def shut(ready: pd.DataFrame, recipes: pd.DataFrame, closed: Collection[int]) -> pd.DataFrame:
    """Return the shelves of locations that are `closed`, from which nothing may be taken."""
    items = pd.concat([ready["item_id"], recipes["item_id"]]).drop_duplicates()
    pairs = pd.MultiIndex.from_product([items, sorted(closed)], names=["item_id", "location_id"])
    return pairs.to_frame(index=False).assign(units=0)


def offered(demand: pd.DataFrame) -> pd.DataFrame:
    """Return one row a line of what may be worked on; `quantity` is ready, or was put off.

    Nothing is offered of what the order's status holds back, nor of an order that ships complete while anything of it
    that lies on shelves is not ready. What needs no shelf (digital goods, lines made up in the shop) is nobody's to pick.
    """
    is_open = demand["reason"].isin(queries.WORKED_ON) & (demand["state"] == "backlog")
    waits = demand["needs_stock"] & ~is_open & ~((demand["state"] == "backlog") & (demand["reason"] == "picking"))
    has_all = ~waits.groupby(demand["order_id"]).transform("any")
    is_meant = is_open & demand["needs_stock"] & demand["item_id"].notna() & (demand["hold"] == "")
    rows = demand[is_meant & (has_all | ~demand["ship_complete"])]
    same = {name: "first" for name in (*READY, *FACTS) if name in rows.columns}
    return rows.groupby("line_id", as_index=False).agg({**same, "quantity": "sum", "queued_at": "min"})


def lying(reading: Reading, lines: pd.DataFrame, places: list[int]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the lines by location, where their units are set aside and not being packed; and what lies whole at none.

    A list is picked at one location, so that a kit whose parts are set aside at several is on none; nor is its order, if
    it ships complete. Of an order's untracked goods nobody knows where they lie: they are picked where most of the order
    is, else at the first location in use.
    """
    busy = queries.in_hand(reading).groupby(LINE_AND_PLACE, as_index=False)["quantity"].sum()
    there = set_aside_whole(reading, [int(one) for one in lines["line_id"]])
    there = there.merge(busy, on=LINE_AND_PLACE, how="left", suffixes=("", "_busy"))
    there["quantity"] -= there.pop("quantity_busy").fillna(0).astype("int64")
    rows = lines.rename(columns={"quantity": "most"}).merge(there[there["quantity"] > 0], on="line_id")
    rows = rows.sort_values(LINE_AND_PLACE, ignore_index=True)
    number = rows.groupby("line_id").ngroup().to_numpy().astype("int64")
    most = rows.groupby("line_id")["most"].first().to_numpy()
    rows["quantity"] = within(number, rows["quantity"].to_numpy(), most)
    found = lines["line_id"].map(rows.groupby("line_id")["quantity"].sum()).fillna(0).astype("int64")
    apart = lines.assign(quantity=lines["quantity"] - found)[lines["is_tracked"] & (found < lines["quantity"])]
    broken = apart.loc[apart["ship_complete"], "order_id"]
    lines, rows = lines[~lines["order_id"].isin(broken)], rows[~rows["order_id"].isin(broken)]
    uncounted = lines[~lines["is_tracked"]]
    if len(uncounted) and places:
        mostly = rows.sort_values("quantity", kind="stable").drop_duplicates("order_id", keep="last")
        where = uncounted["order_id"].map(mostly.set_index("order_id")["location_id"]).fillna(places[0])
        rows = pd.concat([rows, uncounted.assign(location_id=where.astype("int64"))])
    ready = rows[[*(name for name in READY if name != "begun"), "item_id"]].reset_index(drop=True)
    return ready, apart[["sku", "order_platform_id", "quantity"]]


def capacity(desk: Desk, places: list[object], released: list[object]) -> pd.DataFrame:
    """Return CAPACITY of the locations in use, with what was released there already."""
    known = {(one.channel, one.code): one for one in desk.settings.location}
    done = pd.DataFrame(released, columns=["location_id", "order_id", "units"]).groupby("location_id")
    units, orders = done["units"].sum().to_dict(), done["order_id"].nunique().to_dict()
    rows = []
    for row in places:
        one = known.get((row.channel, row.code))  # type: ignore[attr-defined]
        limits = (None, None) if one is None else (one.capacity_units, one.capacity_orders)
        rows.append((row.id, *limits, units.get(row.id, 0), orders.get(row.id, 0)))  # type: ignore[attr-defined]
    return pd.DataFrame(rows, columns=list(CAPACITY)).astype(dict(CAPACITY))


def doubtful(reading: Reading) -> pd.DataFrame:
    """Return how many units of each shelf in doubt may surely be picked: none until it is counted, then what was counted."""
    busy = in_hand_by_part(reading).set_index(SHELF)["quantity"].to_dict()
    rows = []
    for row in queries.doubtful(reading):
        lacking = max(0, row.expected - row.quantity)
        sure = row.on_hand - lacking - busy.get((row.item_id, row.location_id), 0)
        if row.kind == "short":
            rows.append((row.item_id, row.location_id, 0))
        elif row.is_tracked:
            rows.append((row.item_id, row.location_id, max(0, sure)))
    return pd.DataFrame(rows, columns=["item_id", "location_id", "units"], dtype="int64")


def tranches(demand: pd.DataFrame) -> pd.DataFrame:
    """Return TRANCHES of all lines that have units ready, put off, or being packed."""
    rows = demand[(demand["state"] == "backlog") & demand["reason"].isin(IN_BACKLOG)]
    keys = ["line_id", "queued_at"]
    wide = rows.pivot_table(index=keys, columns="reason", values="quantity", aggfunc="sum", fill_value=0)
    found = wide.reindex(columns=list(IN_BACKLOG), fill_value=0).reset_index()
    return found[list(TRANCHES)]
