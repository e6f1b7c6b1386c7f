"""A shop whose answers are spoiled on a real wire, at every endpoint: what comes out is the truth or an error, in time.

Each case asks one question of a channel through a hostile server. The answer must be what an honest shop says, or an
error of ours that names the endpoint; of a write it must be true. FILLRATE_MALICE_SEED draws other cases.
"""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
from pydantic import SecretStr

from fillrate.channels.bigcommerce import BigCommerce
from fillrate.channels.protocol import Ask, Stream, Write
from fillrate.errors import FillrateError
from fillrate.gateway.auth import Headers
from fillrate.gateway.budget import Budget, LocalTokens
from fillrate.gateway.http import Http
from fillrate.gateway.outside import Outside
from fillrate.gateway.retry import RetryPolicy
from sandbox import Shop, ShopConfig, Switches
from sandbox.records import OUR_CLIENT
from tests.channels.practice import Hurried, always
from tests.malice.conftest import Tell
from tests.malice.front import Front
from tests.malice.spoilers import CAP, SPOILERS
from tests.malice.test_fields import SEED

DRAWN = 60
LONGEST_S = 20.0
ORDERS = ("107", "108")  # others than those whose notes are read
POLICY = RetryPolicy(read_s=0.3, total_s=0.5, tries=3, patience_s=120, body_cap=CAP)
TRUE_ELSEWHERE = {  # an honest shop says just this of what it does not have
    ("GET /v2/orders", "a 204"),
    *((f"GET /v2/orders/{{id}}{part}", f"a {n}") for part in ("", "/products") for n in (404, 410)),
    *(("GET /v3/orders/{id}/metafields", name) for name in ("a 404", "a 410", "another id")),
}
Question = Callable[[BigCommerce], Any]


def all_of(stream: Stream, ids: tuple[str, ...] | None = None) -> Question:
    """Ask for a stream, or for some of it by id."""
    return lambda channel: [msgspec.to_builtins(page) for page in channel.read(Ask(stream=stream, ids=ids))]


READS: dict[str, Question] = {
    "GET /v2/store": lambda channel: channel.store(),
    "GET /v2/time": lambda channel: channel.time(),
    "GET /v3/settings/inventory": lambda channel: channel.stock_settings(["1:www", "1:manual"]),
    "GET /v3/catalog/trees/categories": all_of(Stream.CATEGORIES),
    "GET /v3/catalog/brands": all_of(Stream.BRANDS),
    "GET /v3/catalog/products": all_of(Stream.PRODUCTS),
    "GET /v3/catalog/products/{id}": all_of(Stream.PRODUCTS, ("77", "999999")),
    "GET /v3/customers": all_of(Stream.CUSTOMERS),
    "GET /v2/orders": all_of(Stream.ORDERS),
    "GET /v2/orders/{id}": all_of(Stream.ORDERS, ("105",)),
    "GET /v2/orders/{id}/products": all_of(Stream.ORDERS, ("106",)),
    "GET /v3/orders/payment_actions/refunds": all_of(Stream.REFUNDS),
    "GET /v3/inventory/locations": all_of(Stream.LOCATIONS),
    "GET /v3/inventory/items": all_of(Stream.STOCK),
    "GET /v3/orders/metafields": lambda channel: channel.read_back("metafield", [str(n) for n in range(101, 106)]),
    "GET /v3/orders/{id}/metafields": lambda channel: channel.read_back("metafield", ["105"]),
}
WRITES = {f"{method} /v3/orders/metafields": method for method in ("POST", "PUT", "DELETE")}
ENDPOINTS = [*READS, *WRITES]


@dataclass
class Room:
    """A shop behind a hostile server, and the way to speak to it."""

    shop: Shop
    front: Front
    channel: BigCommerce
    honest: dict[str, Any]
    clock: Hurried
    written: int = 0

    def wrong(self, asked: str, name: str, *, passes_on: bool = True) -> str:
        """Return what is wrong where every answer of this endpoint is spoiled so, "" where nothing is."""
        front = self.front
        began, struck = time.monotonic(), front.struck
        front.strikes, front.passes_on = lambda one: one == asked, passes_on
        try:
            said = self.write(asked, name) if asked in WRITES else self.read(asked, name)
        except FillrateError as error:
            said = "" if error.what.isprintable() and error.next.isprintable() else f"no sentence: {error!r}"
        finally:
            front.spoil, front.passes_on = None, True
            self.clock.sleep(4_000)  # a shop may have asked for an hour of patience
        if time.monotonic() - began > LONGEST_S:
            said += f" took {time.monotonic() - began:.0f} s"
        if front.struck == struck:
            said += " never struck"
        return said and f"{asked}, {name}: {said}"

    def read(self, asked: str, name: str) -> str:
        """Ask one question while its answers are spoiled."""
        self.front.spoil = SPOILERS[name]
        heard = READS[asked](self.channel)
        if (asked, name) in TRUE_ELSEWHERE or heard == self.honest[asked] or is_known(heard, self.honest[asked]):
            return ""
        return f"{heard!r:.300} instead of {self.honest[asked]!r:.300}"

    def write(self, asked: str, name: str) -> str:
        """Write two notes while the answers to it are spoiled; what is said of them must be true."""
        self.written += 1
        method = WRITES[asked]
        before = None if method == "POST" else {"n": 0}
        after = None if method == "DELETE" else {"n": self.written}
        self.channel.read_back("metafield", ORDERS)
        for outcome in self.notes(self.held(), before).values():
            assert outcome.state == "done"
        self.channel.read_back("metafield", ORDERS)
        self.front.spoil = SPOILERS[name]
        said = self.notes(before, after)
        for order, outcome in said.items():
            is_held = self.note(order) == after
            if (outcome.state == "done" and not is_held) or (
                outcome.state == "refused" and is_held and before != after
            ):
                return f"{outcome} though the shop holds {self.note(order)}"
        return ""

    def notes(self, before: Any, after: Any) -> dict[str, Any]:
        """Write the same note to both orders."""
        return self.channel.write(
            [Write(kind="metafield", target=one, before=before, after=after, key="") for one in ORDERS], always
        )

    def held(self) -> Any:
        return self.note(ORDERS[0])

    def note(self, order: str) -> Any:
        """Return the note that the shop truly holds."""
        ours = [one for one in self.shop.state.metafields if one.owner == OUR_CLIENT and one.order_id == int(order)]
        return msgspec.json.decode(ours[0].value) if ours else None


def is_known(heard: Any, honest: Any) -> bool:
    """Tell whether pages say nothing but the truth, or name what they could not read."""
    if not (isinstance(heard, list) and heard and isinstance(heard[0], dict) and "records" in heard[0]):
        return False
    true = [one for page in honest for one in page["records"]]
    said = [one for page in heard for one in page["records"]]
    rejects = [one for page in heard for one in page["rejects"]]
    return all(one in true for one in said) and (len(said) == len(true) or bool(rejects))


@pytest.fixture(scope="module")
def room() -> Iterator[Room]:
    """A shop in which five orders have a note of ours and order 106 is cut short by its list."""
    shop = Shop(ShopConfig(seed=3, products=30, customers=12, orders=40, days=60, switches=Switches()))
    clock = Hurried()
    outside = Outside(clock=clock, chance=random.Random(SEED))
    with Front(shop) as front:
        token = Headers({"X-Auth-Token": SecretStr(shop.config.token)})
        front.cut_short = "/v2/orders/106"
        budget = Budget(LocalTokens(outside.clock), outside)
        http = Http(front.url, token, outside, budget, policy=POLICY)
        channel = BigCommerce("main", http)
        channel.write(
            [Write(kind="metafield", target=str(n), before=None, after={"n": 0}, key="") for n in range(101, 106)],
            always,
        )
        yield Room(shop, front, channel, {asked: question(channel) for asked, question in READS.items()}, clock)
        channel.close()


def cases() -> list[tuple[str, str, bool]]:
    """Return every endpoint with every spoiler; a write that is answered so may have happened or not."""
    return [
        (asked, name, passes_on)
        for asked in ENDPOINTS
        for name in SPOILERS
        for passes_on in ((True, False) if asked in WRITES else (True,))
    ]


def test_a_draw_of_answers_spoiled_on_the_wire(room: Room) -> None:
    quick = [case for case in cases() if not case[1].startswith(("a drip", "a stall"))]

    wrong = [room.wrong(asked, name, passes_on=on) for asked, name, on in random.Random(SEED).sample(quick, DRAWN)]

    assert "\n".join(filter(None, wrong)) == ""


@pytest.mark.slow
@pytest.mark.parametrize("asked", ENDPOINTS)
def test_every_answer_spoiled_on_the_wire(asked: str, room: Room, tell: Tell) -> None:
    mine = [case for case in cases() if case[0] == asked]
    before = room.front.struck

    wrong = [room.wrong(asked, name, passes_on=on) for _, name, on in mine]

    tell(f"{asked}: {len(mine)} cases, {room.front.struck - before} spoiled answers on the wire")
    assert "\n".join(filter(None, wrong)) == ""
