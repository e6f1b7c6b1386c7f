"""Load everything that an allocation goes by: what is owed, what lies where, what is set aside, and what is on its way."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pandas as pd

from fillrate.db.database import Reading
from fillrate.db.queries import kits, promises
from fillrate.db.queries import queue as queries
from fillrate.db.queries.stock import unread_channels
from fillrate.db.queries.supply import unseen_receipts
from fillrate.decide.allocation import Supply
from fillrate.decide.calendars import Calendar
from fillrate.decide.days import INSTANTS, days_of
from fillrate.decide.frames import RECIPES, RESERVES
from fillrate.decide.receipts import COVERS
from fillrate.steps.allocating.narrow import Scope, scope_of
from fillrate.steps.allocating.rules import LISTED_FACTS, by_combination, columns_asked_for, facts_asked_for, with_rules
from fillrate.steps.days import store_calendar
from fillrate.steps.desk import Desk
from fillrate.steps.supply.outlook import expected_arrivals
from fillrate.steps.supply.transfers import lying

SHELF = ["item_id", "location_id"]


@dataclass(frozen=True, slots=True)
class Queue:
    """What is owed and what there is for it, at one moment.

    `shown` are line_id, ship_by of lines without a promise whose product page showed a day when they were ordered.
    `held` is set aside for lines that stay as they are: of channels that are no longer in the settings, and of counted
    goods of the `unread` channels, whose stock was never read.
    """

    demand: pd.DataFrame
    shelves: pd.DataFrame
    allocations: pd.DataFrame
    held: pd.DataFrame
    supply: Supply
    unread: list[str]
    scope: Scope
    shown: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"line_id": [], "ship_by": []}, dtype=INSTANTS))


def load(
    desk: Desk,
    reading: Reading,
    as_of: datetime,
    *,
    whole: bool = False,
    scope: Scope | None = None,
    facts: Collection[str] = (),
) -> Queue:
    """Return what has to be ranked of the queue, or what is in a `scope`, or the `whole` of it.

    Of group, brand, sku and destination it has what rules go by, and the `facts` asked for.
    """
    known, locations = [shop.id for shop in desk.shops.values()], queries.locations(reading)
    untold = unread_channels(reading)
    unread = [shop.name for shop in desk.shops.values() if shop.id in untold]
    scope = scope or scope_of(desk, reading, locations, unread, as_of)
    items = None if whole else scope.items
    recipes = kits.recipes_frame(reading)
    owed = queries.demand(reading, known, items, {*columns_asked_for(desk), *facts})
    demand, reaches = with_rules(desk, with_recipes(owed, recipes), locations)
    demand = demand[~(demand["channel"].isin(unread) & demand["needs_stock"] & demand["is_tracked"])]
    shelves, allocations = queries.shelves(reading, items), queries.allocations(reading, items)
    is_known = allocations["channel_id"].isin(known)
    held = allocations[~is_known]
    shelves["on_hand"] -= units_by_shelf(shelves, held)
    supply = Supply(
        as_of=as_of,
        inbound=on_its_way(desk, reading, as_of, locations, items),
        recipes=recipes.loc[recipes["is_counted"], list(RECIPES)],
        reaches=reaches,
        reserves=reserves(desk, reading, items),
    )
    shown = shown_days(desk, reading, demand.loc[demand["promised_at"].isna(), "line_id"])
    return Queue(demand, shelves, allocations[is_known], held, supply, unread, scope, shown)


def shown_days(desk: Desk, reading: Reading, line_ids: "pd.Series[int]") -> pd.DataFrame:
    """Return line_id, ship_by of those of these lines whose product page showed a day when they were ordered.

    A day that was over by then is what somebody forgot on a page, and nothing that a customer counts on.
    """
    shown, store = promises.shown(reading, [int(one) for one in line_ids.unique()]), store_calendar(desk)
    is_to_come = days_of(shown["ship_by"], store) >= days_of(shown["placed_at"], store)
    return shown.loc[is_to_come, ["line_id", "ship_by"]]


def with_recipes(demand: pd.DataFrame, recipes: pd.DataFrame) -> pd.DataFrame:
    """Return the demand with the recipe of what is a kit; it is counted as far as a part of it is, whatever the shop counts."""
    is_kit = demand["item_id"].isin(recipes["recipe_id"])
    counted = demand["item_id"].isin(recipes.loc[recipes["is_counted"], "recipe_id"])
    return demand.assign(
        recipe_id=demand["item_id"].where(counted).astype("Int64"),
        is_tracked=demand["is_tracked"].where(~is_kit, counted).astype("bool"),
    )


def units_by_shelf(shelves: pd.DataFrame, allocations: pd.DataFrame) -> "pd.Series[int]":
    """Return how many units of each shelf these allocations set aside."""
    sums = allocations.groupby(SHELF, as_index=False)["quantity"].sum()
    return shelves[SHELF].merge(sums, on=SHELF, how="left")["quantity"].fillna(0).astype("int64")


def reserves(desk: Desk, reading: Reading, items: Sequence[int] | None) -> pd.DataFrame:
    """Return as RESERVES how many units of an item are kept for a channel that lists it: by the first rule, as for its lines."""
    policy = desk.settings.policy
    if not any(rule.set.reserve for rule in policy.rule):
        return pd.DataFrame(columns=list(RESERVES))
    listed = queries.listed(reading, [shop.id for shop in desk.shops.values()], items)
    asked = facts_asked_for(desk, LISTED_FACTS)
    kinds, kept = by_combination(
        listed, asked, lambda *facts: policy.for_(**dict(zip(asked, facts, strict=True))).reserve
    )
    frame = listed.assign(quantity=pd.Series(kept, dtype="int64").take(kinds).to_numpy())
    most = frame.sort_values("quantity").drop_duplicates(
        ["item_id", "channel_id"], keep="last"
    )  # of an item's variants
    return most.loc[most["quantity"] > 0, list(RESERVES)]


def on_its_way(
    desk: Desk, reading: Reading, as_of: datetime, locations: Sequence[Any], items: Sequence[int] | None
) -> pd.DataFrame:
    """Return as INBOUND what is on its way to a location in use, with the days on which it is likely and surely shelved.

    Units of transfers that `lie` on a shelf of ours bring nothing. What came lately and is in no number yet (`is_unseen`)
    counts as there on the next working day; such rows come first.
    """
    store, days = store_calendar(desk), desk.settings.supply.receiving_days
    lately = unseen(reading, as_of, store, items)
    found = expected_arrivals(desk, reading, as_of, items).rename(columns={"units": "quantity"}).assign(is_unseen=False)

    def shelved(at: datetime) -> datetime:
        return store.start_of(store.add_working_days(store.day_of(at), days))

    found = found.assign(**{name: by_value(found[name], shelved) for name in ("likely_at", "sure_at")})
    found = pd.concat([lately, found], ignore_index=True)
    lies = lying(reading, items, dict(zip(lately["inbound_id"], lately["quantity"], strict=True)))
    found = less_what_lies(found, lies)
    is_usable = found["location_id"].isna() | found["location_id"].isin([row.id for row in locations])
    return found[found["item_id"].notna() & is_usable]


def unseen(reading: Reading, as_of: datetime, store: Calendar, items: Sequence[int] | None) -> pd.DataFrame:
    """Return rows of INBOUND of what was received lately and is in no shop's number yet."""
    rows = unseen_receipts(reading, items, as_of - COVERS)
    there = pd.Timestamp(store.start_of(store.next_working_day(store.day_of(as_of)))).as_unit("us").tz_convert("UTC")
    keys = ("inbound_id", "item_id", "location_id", "quantity")
    frame = pd.DataFrame([(row.id, row.item_id, row.location_id, row.units) for row in rows], columns=list(keys))
    frame = frame.astype({"inbound_id": "int64", "item_id": "Int64", "location_id": "Int64", "quantity": "int64"})
    return frame.assign(likely_at=there, sure_at=there, is_unseen=True)


def less_what_lies(found: pd.DataFrame, lies: Mapping[int, int]) -> pd.DataFrame:
    """Return rows of INBOUND with `lie`: units of a transfer that lie on a shelf of ours are taken from the last row of it."""
    lie = [0] * len(found)
    left = dict(lies)
    inbound, quantity = found["inbound_id"].tolist(), found["quantity"].tolist()
    for row in reversed(range(len(found))) if left else ():
        lie[row] = min(left.get(inbound[row], 0), quantity[row])
        left[inbound[row]] = left.get(inbound[row], 0) - lie[row]
    return found.assign(quantity=found["quantity"] - lie, lie=lie)


def by_value(times: "pd.Series[pd.Timestamp]", rule: Callable[[datetime], datetime]) -> "pd.Series[pd.Timestamp]":
    """Return rule(time) for each time, asked once for each different one; what is empty stays so."""
    found = {one: rule(one.to_pydatetime()) for one in times.dropna().unique()}
    return times.map(found).astype("datetime64[us, UTC]")
