"""The last units that are free are shown where they sell, and not everywhere at once: by our own sales and our own runs."""

from datetime import timedelta
from pathlib import Path

import pytest

from fillrate.db.tables import Run
from fillrate.settings import Policy, PolicySettings
from fillrate.settings.policy import Match, PolicyPart, PolicyRule
from fillrate.steps.reconciling.exposure import UNMEASURED_S, exposures
from sandbox import Shop, ShopConfig
from tests.reconciling.merchant import Merchant
from tests.reconciling.test_two_stores import sellable
from tests.simulation.world import fresh

SIZE = {"seed": 5, "products": 6, "customers": 4, "days": 30, "orders": 0}


@pytest.fixture
def merchant(tmp_path: Path, sqlite_template: Path) -> Merchant:
    """The same goods in two stores, of which the first holds the stock; no more than 5 of 1,000 may be oversold."""
    shops = {name: Shop(ShopConfig(store_hash=name, **SIZE)) for name in ("hub", "outlet")}
    rules = PolicySettings(default=Policy(wait_above_share=1, oversold_per_1000=5))
    made = Merchant(fresh(tmp_path, sqlite_template, "buffers"), shops, policy=rules)
    made.sync()
    made.reconcile()
    made.allocate()
    for _ in range(3):
        made.reconcile()
    return made


def sell_down_to(merchant: Merchant, left: int) -> str:
    """Sell most of the goods of which most are there, in both stores, and return their SKU."""
    numbers = sellable(merchant)
    at_hub = merchant.numbers("hub")
    sku = max((one for one in at_hub if at_hub[one] == numbers[one]), key=lambda one: numbers[one])
    merchant.act("outlet", action="place_order", lines=[{"sku": sku, "quantity": 8}])
    merchant.act("hub", action="place_order", lines=[{"sku": sku, "quantity": numbers[sku] - 8 - left}])
    for _ in range(3):
        merchant.pass_time(120)
        merchant.reconcile()
    return sku


def test_with_plenty_nothing_is_kept_back_and_the_last_unit_is_not_shown_twice(merchant: Merchant) -> None:
    may_be_sold = sellable(merchant)
    assert {sku: may_be_sold[sku] for sku in merchant.numbers("outlet")} == merchant.numbers("outlet")

    sku = sell_down_to(merchant, 1)

    assert (sellable(merchant)[sku], merchant.numbers("outlet")[sku]) == (1, 0)
    ((reason,),) = merchant.rows("SELECT reason FROM change ORDER BY id DESC LIMIT 1")
    assert reason.endswith("1 of what is free are kept back, as other channels sell it too.")


@pytest.mark.parametrize(("typed", "shows"), [(0, 3), (2, 1)])
def test_a_typed_buffer_wins(merchant: Merchant, typed: int, shows: int) -> None:
    rule = PolicyRule(match=Match(channel="outlet"), set=PolicyPart(buffer=typed))
    merchant.policy = PolicySettings(default=merchant.policy.default, rule=(rule,))

    sku = sell_down_to(merchant, 3)

    assert merchant.numbers("outlet")[sku] == shows


def test_exposure_is_what_our_own_runs_took_and_a_channel_out_of_reach_is_known(merchant: Merchant) -> None:
    with merchant.desk() as desk:
        lag = desk.shop("hub").channel.capabilities().read_lag_seconds
        with desk.db.read() as reading:
            assert [one.seconds for one in exposures(desk, reading, list(desk.shops.values()))] == [
                UNMEASURED_S + lag
            ] * 2
        now = desk.outside.clock.now()
        rows = [
            {
                "id": f"{flow}-{minutes}",
                "flow": flow,
                "channel": "all",
                "started_at": now - timedelta(minutes=minutes),
                "state": "problems" if minutes < 60 else "done",
                "counts": {},
                "problems": [{"where": "outlet", "what": "", "next": ""}] if minutes < 60 else [],
            }
            for flow, first in (("reconcile-inventory", 0), ("sync-orders", 2))
            for minutes in range(first, 300, 10)
        ]
        with desk.db.write("runs") as tx:
            tx.insert(Run, rows)
        with desk.db.read() as reading:
            hub, outlet = exposures(desk, reading, list(desk.shops.values()))

    assert (hub.seconds, hub.is_silent) == (720 + lag, False)
    assert (outlet.seconds, outlet.is_silent) == (3_600 + 600 + lag, True)
