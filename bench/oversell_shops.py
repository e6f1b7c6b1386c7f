"""A day of shoppers in two practice shops that sell what lies in a third, by the real steps: read, understand, plan, write.

Smaller than the simulation, and slower, so it only has to show the same order of things.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from bench.oversell import Told, Way
from fillrate.db.database import Database
from fillrate.gateway.outside import Outside
from fillrate.settings import Policy, PolicySettings
from fillrate.steps.apply import apply_changes
from fillrate.steps.reconcile import in_turn, reconcile
from fillrate.steps.runs import recorded
from sandbox import Shop, ShopConfig, Switches
from tests.reconciling.merchant import Merchant

HOUR = 3600
SELLING = ("outlet", "market")
TARGET = 5.0
WAYS = (Way("reckoned", target=TARGET), Way("fixed", 0), Way("fixed", 1), Way("fixed", 2), Way("pushed"), Way("never"))
AN_HOUR = {"outlet": 1.0, "market": 0.6}  # orders of each SKU
SEEDS = (1, 2)
PLENTY = 2_500  # more than anybody buys
DAYS_BEFORE = 3  # between the sales that are known and the day
GOODS, MOST = 16, 4  # units of a SKU that come each half of the day, and how many SKUs there are at most


class Market(Merchant):
    """The merchant, with runs on record as flows keep them."""

    def turn(self) -> None:
        """Reconcile all channels, as the flow does."""
        log = self.log("reconcile-inventory")
        with self.desk() as desk, recorded(desk, log):
            for name in in_turn(desk, list(desk.shops)):
                reconcile(desk, desk.shop(name), log)
                apply_changes(desk, desk.shop(name), log)


def policy_of(way: Way) -> PolicySettings:
    """Return the rules under which a day passes."""
    target = way.target if way.kind == "reckoned" else None
    buffer = way.units if way.kind == "fixed" else None
    return PolicySettings(default=Policy(wait_above_share=1, vanish_share=1, buffer=buffer, oversold_per_1000=target))


def opened(folder: Path, way: Way) -> tuple[Market, dict[str, int]]:
    """Return a merchant with known sales, and what is owed of each SKU that is sold."""
    size = {"seed": 5, "products": 6, "customers": 4, "days": 30, "orders": 0}
    switches = Switches(inventory_writes="at_once")
    shops = {name: Shop(ShopConfig(store_hash=name, switches=switches, **size)) for name in ("hub", *SELLING)}
    url = f"sqlite:///{folder}/{way.kind}-{way.units}.db"
    db = Database.open(url, Outside())
    db.ensure()
    db.close()
    made = Market(url, shops, policy_of(way))
    made.sync()
    skus = sorted(made.numbers("hub"))[:MOST]
    for sku in skus:
        made.act("hub", action="set_stock", sku=sku, number=2 * PLENTY)
    settle(made)
    owed = 0
    for name in SELLING:
        lines = [{"sku": sku, "quantity": 1} for sku in skus]
        for _ in range(round(28 * 24 * AN_HOUR[name])):
            made.act(name, action="place_order", lines=lines)
            owed += 1
    settle(made)
    made.pass_time(DAYS_BEFORE * 24 * HOUR)
    return made, dict.fromkeys(skus, owed)


def settle(merchant: Market) -> None:
    """Let a few turns pass."""
    for _ in range(4):
        merchant.pass_time(HOUR)
        merchant.turn()


def day(folder: Path, way: Way, seed: int) -> Told:
    """Let a day pass under one way."""
    merchant, owed = opened(folder, way)
    chance, told = np.random.default_rng(seed), Told()
    lies, elsewhere = dict(owed), other_places(merchant)
    for hour in range(24):
        if hour % 12 == 0:
            come(merchant, way, lies, elsewhere)
        if hour == 0:
            turn(merchant, way, lies, owed)
            settle(merchant) if way.kind in {"reckoned", "fixed"} else None
        passed = 0
        for at, name, sku in shoppers(chance, list(owed)):
            merchant.pass_time(at - passed)
            passed = at
            buy(merchant, name, sku, lies, owed, told)
        merchant.pass_time(HOUR - passed)
        turn(merchant, way, lies, owed)
    return told


def other_places(merchant: Market) -> dict[str, int]:
    """Return what lies in the other places of the shop that holds the stock."""
    held = merchant.stock("hub").items()
    return {sku: sum(one["shown"] for place, one in places.items() if place != "1") for sku, places in held}


def come(merchant: Market, way: Way, lies: dict[str, int], elsewhere: dict[str, int]) -> None:
    """Goods are shelved; without any sync each shop is given all of them."""
    for sku, units in list(lies.items()):
        lies[sku] = units + GOODS
        merchant.act("hub", action="set_stock", sku=sku, number=lies[sku] - elsewhere[sku])
        if way.kind == "never":
            for name in SELLING:
                number = merchant.numbers(name)[sku]
                merchant.act(name, action="set_stock", sku=sku, number=(number if number < PLENTY else 0) + GOODS)


def shoppers(chance: "np.random.Generator", skus: Sequence[str]) -> list[tuple[int, str, str]]:
    """Return who comes within an hour: after how many seconds, where, for what."""
    return sorted(
        (int(at), name, sku)
        for name in SELLING
        for sku in skus
        for at in chance.random(chance.poisson(AN_HOUR[name])) * HOUR
    )


def buy(merchant: Market, name: str, sku: str, lies: dict[str, int], owed: dict[str, int], told: Told) -> None:
    """A shopper buys one unit where any is shown."""
    is_there = lies[sku] > owed[sku]
    if merchant.numbers(name)[sku] < 1:
        told.withheld += is_there
        return
    merchant.act(name, action="place_order", lines=[{"sku": sku, "quantity": 1}])
    owed[sku] += 1
    told.sold += 1
    told.oversold += not is_there


def turn(merchant: Market, way: Way, lies: dict[str, int], owed: dict[str, int]) -> None:
    """Bring the numbers up to date, as the way does it."""
    if way.kind in {"reckoned", "fixed"}:
        merchant.turn()
    elif way.kind == "pushed":
        for sku, units in owed.items():
            for name in SELLING:
                merchant.act(name, action="set_stock", sku=sku, number=max(0, lies[sku] - units))


def table(folder: Path) -> Iterator[str]:
    """Yield what came of the same days, in all, under each way."""
    yield f"| {len(SEEDS)} days by the real steps (target: {TARGET:g} of 1,000) | sold | oversold | withheld |"
    yield "| --- | ---: | ---: | ---: |"
    for way in WAYS:
        days = []
        for seed in SEEDS:
            room = folder / str(seed)
            room.mkdir(exist_ok=True)
            days.append(day(room, way, seed))
        sold, oversold, withheld = (
            sum(getattr(one, name) for one in days) for name in ("sold", "oversold", "withheld")
        )
        yield f"| {way.name} | {sold} | {oversold} | {withheld} |"
