"""A store that holds the stock beside a channel of each other kind: what is sold here is not sold there."""

from dataclasses import replace
from pathlib import Path

import pytest

from fillrate.settings import Policy, PolicySettings
from sandbox import Shop, ShopConfig, Switches
from sandbox.kinds import KINDS
from sandbox.mall import SHARE, Mall
from sandbox.market import goods_of
from tests.practice_clock import PracticeClock
from tests.reconciling.test_three_kinds import Chain, moment
from tests.simulation.world import fresh


class OneClock(PracticeClock):
    """The shops' own clock: whoever waits lets time pass for all, quotas too."""

    def __init__(self, hub: Shop) -> None:
        super().__init__(moment(hub))
        self.hub = hub

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        self.hub.state.clock.set(int(self.time.timestamp()))


class Waiting(Chain):
    def pass_time(self, seconds: int) -> None:
        self.clock.sleep(seconds)
        self.practice("hub", "clock", {"advance_seconds": 0})


def beside(tmp_path: Path, template: Path, kind: str) -> Chain:
    hub = Shop(ShopConfig(seed=3, products=12, customers=8, orders=20, days=40, switches=Switches(backorders=True)))
    rules = PolicySettings(default=Policy(wait_above_share=1))
    made = Waiting(fresh(tmp_path, template, "more"), {"hub": hub}, policy=rules, channels={"hub": {"publish": True}})
    made.mall = Mall(hub, (kind,))
    market = made.mall.markets[kind]  # time passes only where it is moved, so quotas must go by it
    config = replace(market.config, pace_clock="shop")
    made.mall.markets[kind] = KINDS[kind](config, goods_of(hub, SHARE, config.seed), hub.state.clock)
    made.clock = OneClock(hub)
    made.sync()
    made.reconcile()
    made.allocate()
    made.cycles(2)
    return made


@pytest.mark.parametrize("kind", ["ebay", "amazon", "files"])
def test_what_one_sells_the_other_loses(tmp_path: Path, sqlite_template: Path, kind: str) -> None:
    chain = beside(tmp_path, sqlite_template, kind)
    assert chain.wanted(kind)
    assert chain.is_right(kind)
    wanted, hub = chain.wanted(kind), chain.numbers("hub")
    sku = max(sorted(wanted.keys() & hub.keys()), key=lambda one: min(wanted[one], hub[one]))

    chain.act("hub", action="place_order", lines=[{"sku": sku, "quantity": 2}])
    chain.act(kind, action="place_order", lines=[{"sku": sku, "quantity": 1}])
    chain.cycles(3)

    assert chain.numbers("hub")[sku] == hub[sku] - 3
    assert chain.wanted(kind)[sku] == wanted[sku] - 3
    assert chain.is_right(kind)


def test_what_amazon_keeps_is_counted_where_it_lies_and_never_drawn_on(tmp_path: Path, sqlite_template: Path) -> None:
    chain = beside(tmp_path, sqlite_template, "amazon")
    held = chain.rows(
        "SELECT i.sku, s.on_hand, s.allocated FROM stock s JOIN item i ON i.id = s.item_id"
        " JOIN location l ON l.id = s.location_id WHERE l.is_own_stock AND s.on_hand > 0"
    )

    assert held
    assert all(allocated == 0 for *_, allocated in held)


def test_the_day_that_amazon_told_its_customer_is_the_first_promise(tmp_path: Path, sqlite_template: Path) -> None:
    chain = beside(tmp_path, sqlite_template, "amazon")
    told = chain.rows(
        "SELECT o.ship_by, p.ship_by, p.source FROM promise p JOIN order_line l ON l.id = p.line_id"
        " JOIN sales_order o ON o.id = l.order_id JOIN channel c ON c.id = o.channel_id"
        " WHERE c.name = 'amazon' AND p.number = 1 AND o.ship_by > o.placed_at"
    )

    assert told
    assert {source for *_, source in told} == {"shown"}
    assert all(first[:10] >= own[:10] for own, first, _ in told)
