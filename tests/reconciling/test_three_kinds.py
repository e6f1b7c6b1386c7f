"""BigCommerce, Shopify and WooCommerce share one stock; whatever ails one, the others are right, and so is it in the end."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fillrate.bootstrap import open_desk
from fillrate.errors import FillrateError
from fillrate.gateway.outside import Outside
from fillrate.settings import DatabaseSettings, Policy, PolicySettings, Settings, kind_named
from fillrate.steps.apply import apply_changes
from fillrate.steps.audit import audit
from fillrate.steps.desk import Desk
from fillrate.steps.reconcile import in_turn, reconcile
from fillrate.steps.runs import RunLog
from sandbox import Shop, ShopConfig, Switches
from sandbox.exchange import Request, decode
from sandbox.mall import Mall
from tests.practice_clock import PracticeClock
from tests.reconciling.merchant import Merchant
from tests.simulation.wire import InProcess
from tests.simulation.world import fresh

ROOT = "http://127.0.0.1"
OTHERS = ("shopify", "woocommerce")


class Chain(Merchant):
    """A merchant whose shops are of several kinds, in one mall."""

    mall: Mall

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        hub = self.settings_of("hub")
        found = [hub, *(self.other(one) for one in self.mall.channels(ROOT))]
        settings = Settings(database=DatabaseSettings(url=self.url), channel=tuple(found), policy=self.policy)
        way = InProcess(self.mall)  # type: ignore[arg-type] - a mall answers as a shop does
        with open_desk(settings, Outside(self.clock), {one.name: way for one in found}) as desk:
            yield desk

    def other(self, one: Any) -> Any:  # Any: how the mall tells of a shop; a kind's settings
        secrets = {name.lower(): secret for name, secret in one.secrets.items()}
        told = {"name": one.name, "kind": one.kind, "practice": True, "publish": True}
        told |= {} if "url" in one.settings else {"base_url": one.base_url}
        return kind_named(one.kind).settings.model_validate({**told, **one.settings, **secrets})

    def reconcile(self, *names: str, dry: bool = False) -> RunLog:
        log = self.log("reconcile-inventory", dry=dry)
        with self.desk() as desk:
            for name in in_turn(desk, names or list(desk.shops)):
                try:
                    reconcile(desk, desk.shop(name), log)
                    apply_changes(desk, desk.shop(name), log)
                except FillrateError as error:
                    log.stop(name, error)
            assert [one for one in audit(desk) if one["violations"]] == []
        return log

    def practice(self, shop: str, what: str, body: Any) -> Any:
        prefix = "" if shop == "hub" else f"/{shop}/{shop}"
        request = Request("POST", f"{prefix}/_practice/{what}", "", {}, json.dumps(body).encode())
        answer = self.mall.handle(request)
        assert answer.status < 300, answer.body
        return decode(answer.body)

    def pass_time(self, seconds: int) -> None:
        self.clock.sleep(seconds)
        self.practice("hub", "clock", {"advance_seconds": seconds})

    def numbers(self, shop: str) -> dict[str, int]:
        if shop == "hub":
            return super().numbers(shop)
        answer = self.mall.handle(Request("GET", f"/{shop}/{shop}/_practice/state", "", {}, b""))
        return {row["sku"]: row["number"] for row in decode(answer.body)["stock"]}

    def shared(self) -> str:
        """Return the SKU of which all shops show most."""
        shown = [self.numbers(name) for name in ("hub", *OTHERS)]
        return max(sorted(set.intersection(*map(set, shown))), key=lambda sku: min(one[sku] for one in shown))

    def cycles(self, n: int) -> list[RunLog]:
        logs = []
        for _ in range(n):
            self.pass_time(120)
            logs.append(self.reconcile())
        return logs

    def wanted(self, shop: str) -> dict[str, int]:
        """Return what a shop should show of what is ours to write."""
        statement = (
            "SELECT i.sku, s.wanted FROM shown_stock s JOIN item i ON i.id = s.item_id JOIN channel c ON c.id = s.channel_id"
            " WHERE c.name = :shop AND s.wanted >= 0"
        )
        return dict(self.rows(statement, shop=shop))

    def is_right(self, shop: str) -> bool:
        numbers = self.numbers(shop)
        return all(numbers[sku] == units for sku, units in self.wanted(shop).items() if sku in numbers)


@pytest.fixture
def chain(tmp_path: Path, sqlite_template: Path) -> Chain:
    """Three shops, read and reconciled until nothing changes any more."""
    hub = Shop(ShopConfig(seed=3, products=16, customers=8, orders=20, days=40, switches=Switches(backorders=True)))
    rules = PolicySettings(default=Policy(wait_above_share=1))
    made = Chain(
        fresh(tmp_path, sqlite_template, "three"), {"hub": hub}, policy=rules, channels={"hub": {"publish": True}}
    )
    made.mall = Mall(hub, OTHERS)
    made.clock = PracticeClock(moment(hub))
    made.sync()
    made.reconcile()
    made.allocate()
    made.cycles(3)
    return made


def moment(shop: Shop) -> Any:
    return datetime.fromtimestamp(shop.state.clock.now(), UTC)


def test_all_show_what_may_be_sold_and_another_cycle_writes_nothing(chain: Chain) -> None:
    (log,) = chain.cycles(1)

    assert all(chain.is_right(name) and chain.wanted(name) for name in OTHERS)
    assert (log.plans, log.stopped) == ([], {})


@pytest.mark.parametrize("seller", OTHERS)
def test_what_one_sells_all_others_lose(chain: Chain, seller: str) -> None:
    sku = chain.shared()
    before = {name: chain.numbers(name)[sku] for name in ("hub", *OTHERS)}
    chain.act(seller, action="place_order", lines=[{"sku": sku, "quantity": 2}])

    chain.cycles(2)

    assert {name: before[name] - chain.numbers(name)[sku] for name in before} == dict.fromkeys(before, 2)
    assert chain.drift() == []


@pytest.mark.parametrize("shop", OTHERS)
def test_a_shop_that_is_down_disturbs_no_other_and_is_right_one_cycle_after_it_returns(chain: Chain, shop: str) -> None:
    (other,) = set(OTHERS) - {shop}
    sku = chain.shared()
    showed = chain.numbers(other)[sku], chain.numbers(shop)[sku]
    chain.practice(shop, "faults", [{"kind": "503", "match": "*"}])
    chain.act("hub", action="place_order", lines=[{"sku": sku, "quantity": 3}])

    dark = chain.cycles(2)
    assert all(set(log.stopped) == {shop} for log in dark)
    assert chain.numbers(other)[sku] == showed[0] - 3

    chain.practice(shop, "faults", [])
    chain.cycles(1)
    assert chain.numbers(shop)[sku] == showed[1] - 3


LIES = ("lying", "partly", "out_of_order", "late", "zeros", "429")
QUICK = {("shopify", "lying"), ("woocommerce", "partly"), ("shopify", "zeros"), ("woocommerce", "late")}


@pytest.mark.parametrize(
    ("shop", "kind"),
    [
        pytest.param(shop, kind, marks=[] if (shop, kind) in QUICK else pytest.mark.slow)
        for shop in OTHERS
        for kind in LIES
    ],
)
def test_a_shop_that_lies_is_not_believed_and_is_right_in_the_end(chain: Chain, shop: str, kind: str) -> None:
    (other,) = set(OTHERS) - {shop}
    skus = sorted(chain.wanted(shop), key=lambda sku: -chain.wanted(shop)[sku])[:6]
    more = {"429": {"seconds": 2}}.get(kind, {})
    chain.practice(shop, "faults", [{"kind": kind, "match": "*", "times": 8, **more}])
    for sku in skus:
        chain.act("hub", action="place_order", lines=[{"sku": sku, "quantity": 1}])

    chain.cycles(1)
    assert chain.is_right(other)
    chain.practice(shop, "faults", [])
    chain.cycles(2)

    assert chain.is_right(shop)
    assert chain.is_right(other)
    assert {row[2] for row in chain.drift()} <= {"in_flight", "propagate"}
