"""How many units of its goods each number of a channel should show, by the ledger, the queue and the merchant's rules."""

from collections.abc import Sequence
from datetime import timedelta

import pandas as pd

from fillrate.db.database import Reading
from fillrate.db.queries import reconciling as queries
from fillrate.db.queries.queue import locations
from fillrate.decide.publishing import shown
from fillrate.steps.allocating.load import on_its_way, reserves
from fillrate.steps.days import shop_time
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.reconciling.buffers import kept_back
from fillrate.steps.reconciling.places import Pools
from fillrate.steps.reconciling.policies import policies_of


def free_of(
    desk: Desk, reading: Reading, shop: Shop, pools: Pools, items: Sequence[int], within: int | None = None
) -> pd.DataFrame:
    """Return item_id, place, free: units of these items that a channel may sell at each of its locations.

    Kits are as many as their parts allow. What is owed to nobody's shelf in particular is owed everywhere, and so is what
    is kept for other channels. With what surely arrives `within` so many days, where that is asked.
    """
    recipes = queries.parts_of(reading, items)
    recipes = recipes[recipes["kit_id"].isin(list(items))]
    kits = set(recipes["kit_id"])
    plain = sorted({*(one for one in items if one not in kits), *recipes["part_id"].tolist()})
    frame = free_plain(desk, reading, shop, pools, plain)
    if within is not None:
        frame = frame.merge(arriving(desk, reading, shop, pools, plain, within), on=["item_id", "place"], how="left")
        frame["free"] += frame.pop("units").fillna(0).astype("int64")
    if recipes.empty:
        return frame
    of_parts = recipes.merge(frame, left_on="part_id", right_on="item_id")
    of_parts["free"] = of_parts["free"].clip(lower=0) // of_parts["per"]
    of_kits = of_parts.groupby(["kit_id", "place"], as_index=False).agg(free=("free", "min"))
    return pd.concat([frame[frame["item_id"].isin(items)], of_kits.rename(columns={"kit_id": "item_id"})])


def free_plain(desk: Desk, reading: Reading, shop: Shop, pools: Pools, items: Sequence[int]) -> pd.DataFrame:
    """Return the same of items that are not kits."""
    shelves = queries.on_shelves(reading, items)
    waiting = series(queries.owed(reading, items)).sub(series(queries.set_aside(reading, items)), fill_value=0)
    kept = reserves(desk, reading, items)
    others = kept[kept["channel_id"] != shop.id].groupby("item_id")["quantity"].sum()
    parts, rows = [], pd.Index(list(items))
    for place, pool in pools.items():
        free = shelves[shelves["location_id"].isin(pool)].groupby("item_id")["free"].sum()
        free = free.reindex(rows, fill_value=0)
        for less in (waiting.clip(lower=0), others):
            free = free.sub(less.reindex(rows, fill_value=0).astype("int64"))
        parts.append(pd.DataFrame({"item_id": rows, "place": place, "free": free.to_numpy()}))
    columns = {"item_id": "int64", "place": "int64", "free": "int64"}
    return pd.concat(parts).astype(columns) if parts else pd.DataFrame(columns=list(columns)).astype(columns)


def arriving(desk: Desk, reading: Reading, shop: Shop, pools: Pools, items: Sequence[int], days: int) -> pd.DataFrame:
    """Return item_id, place, units that are on their way and surely on a shelf of a place within so many days.

    Those of them that somebody waits for are owed, and so are no longer free. What comes nobody knows where counts where a
    channel has one location only.
    """
    as_of = shop_time(desk, reading, shop)
    found = on_its_way(desk, reading, as_of, locations(reading), items)
    found = found[found["sure_at"] <= as_of + timedelta(days=days)]
    parts = []
    for place, pool in pools.items():
        comes_here = found["location_id"].isin(pool) | (found["location_id"].isna() & (len(pools) == 1))
        sums = found[comes_here].groupby("item_id", as_index=False).agg(units=("quantity", "sum"))
        parts.append(sums.assign(place=place))
    columns = {"item_id": "int64", "place": "int64", "units": "int64"}
    return (
        pd.concat(parts)[list(columns)].astype(columns)
        if parts
        else pd.DataFrame(columns=list(columns)).astype(columns)
    )


def coming(
    desk: Desk, reading: Reading, shop: Shop, pools: Pools, offers: pd.DataFrame, days: "pd.Series[int]"
) -> "pd.Series[int]":
    """Return how many more of each of these offers may be sold, since they surely arrive within its days (empty: none)."""
    more = pd.Series(0, index=offers.index, dtype="int64")
    keys = ["item_id", "place"]
    for within in sorted(int(one) for one in days.dropna().unique()):
        mine = offers[(days == within).fillna(False)]
        items = sorted({int(one) for one in mine["item_id"]})
        later = free_of(desk, reading, shop, pools, items, within).rename(columns={"free": "later"})
        both = mine[[*keys, "free"]].reset_index().merge(later, on=keys).set_index("index")
        more.loc[both.index] = both["later"] - both["free"]
    return more


def series(frame: pd.DataFrame) -> "pd.Series[int]":
    """Return units by item."""
    return frame.set_index("item_id")["units"]


def wanted(desk: Desk, reading: Reading, shop: Shop, pools: Pools, items: Sequence[int]) -> pd.DataFrame:
    """Return item_id, place, wanted, buffer: what a channel's numbers for these items should show, and keep back."""
    return offered(desk, reading, shop, pools, items)[["item_id", "place", "wanted", "buffer"]]


def offered(desk: Desk, reading: Reading, shop: Shop, pools: Pools, items: Sequence[int]) -> pd.DataFrame:
    """Return item_id, place, wanted, with all of OFFERS from which it follows."""
    offers = free_of(desk, reading, shop, pools, items).reset_index(drop=True)
    rules, policies = policies_of(desk, reading, shop, offers["item_id"])
    sells_beyond = shop.channel.capabilities().stock.backorders != "limit"

    def column(values: list[object], dtype: str) -> "pd.Series[int]":
        return pd.Series(values, dtype=dtype).take(rules.to_numpy()).set_axis(offers.index)

    offers["coming"] = coming(
        desk, reading, shop, pools, offers, column([one.presell_days for one in policies], "Int64")
    )
    offers["beyond"] = column([(one.backorder_limit or 0) if sells_beyond else 0 for one in policies], "int64")
    offers["buffer"] = kept_back(desk, reading, shop, offers, [policies[kind] for kind in rules])
    offers["share_e4"] = column([round(one.show_share * 10_000) for one in policies], "int64")
    offers["at_most"] = column([one.show_at_most for one in policies], "Int64")
    offers["at_least"] = column([one.show_at_least for one in policies], "int64")
    offers["end_below"] = column([one.end_below for one in policies], "int64")
    offers["never_below"] = column([one.never_below for one in policies], "int64")
    return offers.assign(wanted=shown(offers))


def sells_what_comes(desk: Desk) -> bool:
    """Tell whether any rule lets a channel sell what is on its way."""
    policy = desk.settings.policy
    return any(one.presell_days is not None for one in (policy.default, *(rule.set for rule in policy.rule)))
