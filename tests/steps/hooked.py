"""A world whose shop tells of what happens, and a merchant who hears it: letters travel without a socket."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from fillrate.channels.protocol import Heard, Hint, Stream
from fillrate.gateway.outside import Faults
from fillrate.settings import ReceiverSettings, Settings
from fillrate.steps.hooks.follow import follow_hints
from fillrate.steps.hooks.hear import Call, judge, keep
from fillrate.steps.hooks.keep import watch_hooks
from fillrate.steps.intake.windows import Asked
from fillrate.steps.runs import RunLog, recorded
from fillrate.steps.sync import sync_orders
from sandbox import Shop, Switches
from tests.simulation.world import World

PUBLIC = "http://127.0.0.1:8321"
WORD = "a-secret-word-of-more-than-thirty-two-letters"
STATUSES: Mapping[str, int] = {"heard_at": 200, "nothing": 200, "late_at": 401, "forged_at": 401}


class HookedWorld(World):
    """A shop and a merchant; `word` is the secret word that hooks carry, beside their signature."""

    word: str = WORD
    public_url: str = PUBLIC
    client_secret: str | None = None

    @classmethod
    def make(cls, url: str, seed: int, switches: Switches | None = None, **config: Any) -> "HookedWorld":
        """Build the shop of a seed; it stamps letters by its own clock, which is ours as well."""
        base = World.make(url, seed, switches, **config)
        told = replace(base.shop.config, hooks_to_loopback=True, hook_clock="shop")
        world = cls(Shop(told), url, seed, base.undeducted)
        world.shop.courier.by_hand = True
        world.tell_time()
        return world

    def settings(self) -> Settings:
        found = super().settings()
        client = self.shop.config.client_secret if self.client_secret is None else self.client_secret
        secrets = {"client_secret": SecretStr(client), "hook_secret": SecretStr(self.word)}
        channel = found.channel[0].model_copy(update=secrets)
        receiver = ReceiverSettings(public_url=self.public_url)
        return found.model_copy(update={"channel": (channel,), "receiver": receiver})

    def tell_time(self) -> None:
        """Let our clock show what the shop's does."""
        self.clock.time = datetime.fromtimestamp(self.shop.state.clock.now(), UTC)

    def passes(self, seconds: int) -> None:
        """Let time pass for everybody."""
        self.practice("clock", {"advance_seconds": seconds})
        self.rest(0)
        self.tell_time()

    def act(self, **action: Any) -> dict[str, Any]:
        [done] = self.practice("shop", action)
        assert "refused" not in done, done
        return dict(done)

    def register(self) -> RunLog:
        """Do what `sync-orders` does after reading."""
        return self.orders_flow(reads=False)

    def orders_flow(self, *, reads: bool = True) -> RunLog:
        """Do what the flow `sync-orders` does."""
        with self.desk() as desk, recorded(desk, RunLog(f"sync-orders-{self.runs}", "sync-orders", "main")) as log:
            if reads:
                sync_orders(desk, desk.shop("main"), log, Asked())
            watch_hooks(desk, desk.shop("main"), log, Asked(), log.counts)
        return log

    def carried(self) -> int:
        """Let the shop's letters that are due come in; returns how many did."""
        with self.desk() as desk:

            def send(_: str, headers: Mapping[str, str], body: bytes) -> int:
                call = judge(desk, desk.shop("main"), {name.lower(): one for name, one in headers.items()}, body)
                if call.kind != "nothing":
                    keep(desk, [call])
                return STATUSES[call.kind]

            return self.shop.courier.carry(send)

    def hinted(self, *hints: tuple[Stream, Any], key: str = "") -> None:
        """A hook comes that hints at these."""
        with self.desk() as desk:
            heard = Heard(key=key or f"hook-{self.runs}", hints=tuple(Hint(one, str(name)) for one, name in hints))
            keep(desk, [Call(desk.shop("main").id, self.clock.now(), heard)])

    def follow(self, faults: Faults | None = None) -> RunLog:
        """Do what the flow `follow-hooks` does."""
        with self.desk(faults) as desk, recorded(desk, RunLog(f"follow-{self.runs}", "follow-hooks", "main")) as log:
            follow_hints(desk, desk.shop("main"), log)
        return log

    def left(self, *streams: str) -> list[tuple[str, str]]:
        """The hints that wait, all or of these streams."""
        found = [(row[0], row[1]) for row in self.ask("SELECT stream, platform_id FROM hint ORDER BY 1, 2")]
        return [one for one in found if not streams or one[0] in streams]

    def ask(self, question: str) -> list[Any]:
        with self.desk() as desk, desk.db.read() as reading:
            return list(reading.connection.exec_driver_sql(question))

    def asked(self) -> dict[str, int]:
        """What was asked of the shop since the last time."""
        found = dict(self.practice("requests", method="GET"))
        self.practice("requests", method="DELETE")
        return found
