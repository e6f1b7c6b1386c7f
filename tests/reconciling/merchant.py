"""A merchant who sells the same goods in several practice shops; the first one holds the stock."""

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from fillrate.bootstrap import open_desk
from fillrate.channels.bigcommerce import BigCommerceSettings
from fillrate.gateway.outside import Outside
from fillrate.settings import DatabaseSettings, PolicySettings, Settings
from fillrate.steps.allocate import allocate
from fillrate.steps.apply import apply_changes
from fillrate.steps.audit import audit
from fillrate.steps.correcting.word import Said, Told, said
from fillrate.steps.desk import Desk
from fillrate.steps.intake.windows import Asked
from fillrate.steps.reconcile import in_turn, reconcile
from fillrate.steps.runs import RunLog, recorded
from fillrate.steps.supply.sync import import_inbound
from fillrate.steps.sync import sync_catalog
from sandbox import Shop
from sandbox.exchange import Request, decode
from tests.practice_clock import PracticeClock
from tests.simulation.wire import InProcess

ANN = said("Ann", "counted it")


class Meanwhile(InProcess):
    """A way to a shop on which things happen right before a write arrives."""

    def __init__(self, shop: Shop, merchant: "Merchant") -> None:
        super().__init__(shop)
        self.merchant = merchant

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method != "GET":
            self.merchant.before_write(request.url.path)
        return super().handle_request(request)


@dataclass
class Merchant:
    """What a merchant has: shops by name, a database, rules, and settings of single channels."""

    url: str
    shops: dict[str, Shop]
    folder: Path = Path()  # where files that people hand in lie
    policy: PolicySettings = field(default_factory=PolicySettings)
    channels: dict[str, dict[str, Any]] = field(default_factory=dict)
    clock: PracticeClock = field(default_factory=PracticeClock)
    runs: int = 0
    before_write: Callable[[str], None] = lambda _: None

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        settings = Settings(
            database=DatabaseSettings(url=self.url),
            channel=tuple(self.settings_of(name) for name in self.shops),
            policy=self.policy,
        )
        transports = {name: Meanwhile(shop, self) for name, shop in self.shops.items()}
        with open_desk(settings, Outside(self.clock, random.Random(1)), transports) as desk:
            yield desk

    def settings_of(self, name: str) -> BigCommerceSettings:
        shop = self.shops[name]
        own = {"publish": name != next(iter(self.shops)), **self.channels.get(name, {})}
        url = f"http://127.0.0.1/stores/{shop.config.store_hash}"
        return BigCommerceSettings(
            name=name, kind="bigcommerce", base_url=url, token=shop.config.token, **{"practice": True, **own}
        )

    def log(self, flow: str, *, dry: bool = False) -> RunLog:
        self.runs += 1
        return RunLog(f"{flow}-{self.runs}", flow, "all", is_dry=dry)

    def sync(self, *, full: bool = False) -> None:
        with self.desk() as desk:
            for shop in desk.shops.values():
                sync_catalog(desk, shop, self.log("sync-catalog"), Asked(full=full))

    def reconcile(self, *names: str, dry: bool = False) -> RunLog:
        """One cycle: read, understand, plan and write, channel by channel; what ails one does not keep the others."""
        log = self.log("reconcile-inventory", dry=dry)
        with self.desk() as desk:
            for name in in_turn(desk, names or list(desk.shops)):
                reconcile(desk, desk.shop(name), log)
                apply_changes(desk, desk.shop(name), log)
            assert [one for one in audit(desk) if one["violations"]] == []
        return log

    def allocate(self) -> None:
        log = self.log("allocate-orders")
        with self.desk() as desk:
            allocate(desk, log, list(desk.shops.values()), None)

    def say(self, word: Callable[..., Told], *words: Any, by: Said = ANN, dry_run: bool = False) -> Told:
        """A person says something, after which every invariant holds."""
        log = self.log(word.__name__.replace("_", "-"), dry=dry_run)
        with self.desk() as desk:
            with recorded(desk, log):
                told = word(desk, log, by, *words)
            assert [one for one in audit(desk) if one["violations"]] == []
        return told

    def coming(self, sku: str, units: int, *, days: int) -> None:
        """So many units are ordered from a supplier, who sends them within so many days."""
        path = self.folder / "inbound.csv"
        with self.desk() as desk:
            day = next(iter(desk.shops.values())).channel.time() + timedelta(days=days)
            path.write_text(f"reference,sku,quantity,expected\nPO-1,{sku},{units},{day:%Y-%m-%d}\n")
            import_inbound(desk, self.log("import-inbound"), path)

    def rows(self, statement: str, **params: Any) -> list[tuple[Any, ...]]:
        with self.desk() as desk, desk.db.read() as reading:
            return [tuple(row) for row in reading.rows(sa.text(statement), params)]

    def act(self, shop: str, **action: Any) -> dict[str, Any]:
        (told,) = self.practice(shop, "shop", [action])
        assert "refused" not in told, told
        return dict(told)

    def practice(self, shop: str, what: str, body: Any) -> Any:
        request = Request("POST", f"/_practice/{what}", "", {}, json.dumps(body).encode())
        answer = self.shops[shop].handle(request)
        assert answer.status < 300, answer.body
        return decode(answer.body)

    def pass_time(self, seconds: int) -> None:
        """Time passes everywhere."""
        self.clock.sleep(seconds)
        for name in self.shops:
            self.practice(name, "clock", {"advance_seconds": seconds})

    def stock(self, shop: str) -> dict[str, dict[str, dict[str, Any]]]:
        answer = self.shops[shop].handle(Request("GET", "/_practice/state", "only=stock", {}, b""))
        return dict(decode(answer.body)["stock"])

    def numbers(self, shop: str) -> dict[str, int]:
        """Return what a shop shows of each SKU at its default location, as far as it counts it."""
        return {
            sku: places["1"]["shown"] for sku, places in self.stock(shop).items() if places.get("1", {}).get("tracked")
        }

    def drift(self) -> list[tuple[Any, ...]]:
        return self.rows(
            "SELECT c.name, i.sku, d.drift, d.unexplained, d.outcome FROM drift d JOIN channel c ON c.id = d.channel_id"
            " JOIN item i ON i.id = d.item_id ORDER BY d.id"
        )


def goods(merchant: Merchant) -> str:
    """Return the SKU of which most may be sold."""
    numbers = merchant.numbers("outlet")
    return max(numbers, key=lambda sku: numbers[sku])


def on_hand(merchant: Merchant, sku: str) -> int:
    """Return how many units our ledger holds."""
    ((units,),) = merchant.rows(
        "SELECT coalesce(sum(m.quantity), 0) FROM movement m JOIN item i ON i.id = m.item_id WHERE i.sku = :sku",
        sku=sku,
    )
    return int(units)
