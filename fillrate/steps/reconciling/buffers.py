"""What a channel keeps back of what is free: the typed buffer, or the one that keeps to the target."""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pandas as pd

from fillrate.db.database import Reading
from fillrate.db.queries import buffers as queries
from fillrate.db.queries import reconciling
from fillrate.decide.buffers import RECKONED, buffers, exposed, rates, unevenness
from fillrate.settings import Policy
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.reconciling.exposure import exposures
from fillrate.steps.reconciling.policies import policies_of

SEEN_DAYS, LATELY_DAYS = 28, 2  # sales of so many days count; a rate that rises is believed at once


def kept_back(
    desk: Desk, reading: Reading, shop: Shop, offers: pd.DataFrame, rules: Sequence[Policy]
) -> "pd.Series[int]":
    """Return the buffer of each of `offers` (item_id, free, coming, beyond) under these rules, row by row."""
    typed = np.array([typed_by(one) for one in rules], dtype=np.int64)
    target = np.array([one.oversold_per_1000 or 0.0 for one in rules])
    found = np.maximum(typed, 0)
    free = offers[["free", "coming", "beyond"]].sum(axis=1).clip(lower=0).to_numpy(dtype=np.int64)
    due = np.flatnonzero((typed == RECKONED) & (free > 0))
    if len(due):
        items = offers["item_id"].take(due).reset_index(drop=True)
        shops = list(desk.shops.values())
        known = exposures(desk, reading, shops)
        is_silent = [one.is_silent and other.id != shop.id for one, other in zip(known, shops, strict=True)]
        others = [typed_elsewhere(desk, reading, other, items) for other in shops]
        own = [typed[due] if other.id == shop.id else one for other, one in zip(shops, others, strict=True)]
        typed_by_channel = np.where(np.array(is_silent), 0, np.column_stack(own))
        rate, uneven = rates_of(desk, reading, shops, items)
        cycle = cycles(desk, reading, rate.sum(axis=1), items)
        waits = np.array([(one.seconds, one.turn_s, one.blocked_s) for one in known]).T
        exposure = exposed(rate * uneven, *waits)
        own_column = [other.id for other in shops].index(shop.id)
        found[due] = buffers(free[due], rate * uneven, exposure, typed_by_channel, target[due], cycle)[:, own_column]
    return pd.Series(found, index=offers.index, dtype="int64")


def typed_by(policy: Policy) -> int:
    """Return the buffer that a policy names: none at all, where it has no target either."""
    if policy.buffer is not None:
        return policy.buffer
    return 0 if policy.oversold_per_1000 is None else RECKONED


def typed_elsewhere(desk: Desk, reading: Reading, shop: Shop, items: "pd.Series[int]") -> "np.ndarray":
    """Return the typed buffers of a channel; numbers that we do not write keep nothing back."""
    if desk.settings.holds_stock(shop.settings) or not shop.settings.publish:
        return np.zeros(len(items), np.int64)
    rules, policies = policies_of(desk, reading, shop, items)
    return np.array([typed_by(one) for one in policies], dtype=np.int64)[rules.to_numpy()]


def rates_of(
    desk: Desk, reading: Reading, shops: Sequence[Shop], items: "pd.Series[int]"
) -> tuple["np.ndarray", "np.ndarray"]:
    """Return units a day by item and channel, the faster of the last weeks and the last days, and how unevenly by channel.

    A kit sells as fast as the one of its parts that is asked for most.
    """
    now = desk.outside.clock.now()
    since, lately = (now - timedelta(days=days) for days in (SEEN_DAYS, LATELY_DAYS))
    asked = sorted({int(one) for one in items})
    recipes = reconciling.parts_of(reading, asked)
    of_asked = recipes[recipes["kit_id"].isin(asked)]
    plain = sorted({*asked, *of_asked["part_id"].tolist()})
    recipes = reconciling.parts_of(reading, plain)
    every = sorted({*plain, *recipes["kit_id"].tolist()})
    sold = queries.sold(reading, every, since, lately)
    in_all, listed, lists = (
        queries.sold_in_all(reading, since),
        queries.listed_items(reading),
        queries.who_lists(reading, every),
    )
    columns, uneven = [], []
    for shop in shops:
        mine = sold[sold["channel_id"] == shop.id].set_index("item_id")
        units_in_all, squares = in_all.get(shop.id, (0, 0))
        prior = units_in_all / SEEN_DAYS / max(listed.get(shop.id, 0), 1)
        priors = np.array([prior if (item, shop.id) in lists else 0.0 for item in every])
        units, fresh = (mine[name].reindex(every, fill_value=0).to_numpy() for name in ("units", "units_lately"))
        a_day = np.maximum(rates(units, SEEN_DAYS, priors), rates(fresh, LATELY_DAYS, priors))
        uneven.append(unevenness(units_in_all, squares))
        columns.append(with_kits(pd.Series(a_day, index=every), recipes, of_asked).reindex(items).to_numpy())
    return np.column_stack(columns), np.array(uneven)


def cycles(desk: Desk, reading: Reading, rate: "np.ndarray", items: "pd.Series[int]") -> "np.ndarray":
    """Return how many units are sold of each item from one coming of goods to the next, going by the last weeks.

    0 of kits, whose parts come one by one.
    """
    since, asked = desk.outside.clock.now() - timedelta(days=SEEN_DAYS), sorted({int(one) for one in items})
    times = queries.times_come(reading, asked, since)
    is_kit = items.isin(reconciling.parts_of(reading, asked)["kit_id"]).to_numpy()
    return np.where(is_kit, 0.0, rate * SEEN_DAYS / (1 + items.map(times).fillna(0).to_numpy()))


def with_kits(rate: "pd.Series[float]", recipes: pd.DataFrame, of_asked: pd.DataFrame) -> "pd.Series[float]":
    """Return how fast items go, alone and in kits, and kits by the fastest of their parts."""
    if recipes.empty:
        return rate
    per_part = recipes.assign(rate=recipes["kit_id"].map(rate) * recipes["per"])
    in_all = rate.add(per_part.groupby("part_id")["rate"].sum(), fill_value=0.0)
    of_kits = of_asked.assign(rate=of_asked["part_id"].map(in_all) / of_asked["per"])
    fastest = of_kits.groupby("kit_id")["rate"].max()
    return in_all.where(~in_all.index.isin(fastest.index), fastest.reindex(in_all.index))
