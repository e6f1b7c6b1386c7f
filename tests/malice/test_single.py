"""What a shop tells one by one, spoiled field by field: its store, clock and settings, single orders, lines, and notes.

Nothing of these is a page with neighbours. What is read is the truth, is what the spoiled field says where we need that
field, or is an error with its reason: never anything else, and never the end of the process.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fillrate.channels.protocol import Ask, Channel, Stream, Write
from fillrate.errors import StopChannel
from sandbox import Switches
from tests.channels.practice import always
from tests.malice.conftest import Tell
from tests.malice.kinds import IN_A_LINE, ORDERS
from tests.malice.liar import Liar, Lies, Place, Row, desk_of
from tests.malice.mutations import Case, cases_of
from tests.malice.test_fields import SEED
from tests.simulation.world import World

DRAWN = 12
NOTE = {"backordered": [{"line": 7, "sku": "A-1", "quantity": 2}]}


@dataclass(frozen=True)
class Subject:
    """One thing to ask, where the shop tells it, and what of the answer each field may change."""

    asked: str
    question: Callable[[Channel], Any]
    needed: dict[str, frozenset[str]]
    identities: frozenset[str] = frozenset()


def settings(channel: Channel) -> Any:
    return channel.stock_settings(["1:www", "1:manual"])


def only_order(channel: Channel) -> Any:
    [page] = channel.read(Ask(stream=Stream.ORDERS, ids=("105",)))
    return page


def notes(channel: Channel) -> Any:
    return channel.read_back("metafield", ["101", "102", "103", "104", "105"])


def note(channel: Channel) -> Any:
    return channel.read_back("metafield", ["105"])


def fields(**told: str) -> dict[str, frozenset[str]]:
    return {name.replace("__", "."): frozenset(columns.split()) for name, columns in told.items()}


IN_AN_ORDER = {
    field: columns | ({"lines"} if ".line_items." in field else frozenset()) for field, columns in ORDERS.needed.items()
}
OF_A_NOTE = dict.fromkeys(("value", "namespace", "key"), frozenset({"101", "102", "103", "104", "105"}))
SUBJECTS = {
    "store": Subject(
        "GET /v2/store",
        lambda channel: channel.store(),
        fields(
            id="identity",
            name="name",
            timezone__name="timezone",
            currency="currency",
            plan_level="plan",
            plan_name="plan",
        ),
    ),
    "clock": Subject("GET /v2/time", lambda channel: channel.time(), fields(time="")),
    "stock settings": Subject(
        "GET /v3/settings/inventory",
        settings,
        fields(
            update_stock_behavior="1:www 1:manual",
            edit_order_stock_adjustment="1:www 1:manual",
            refund_order_stock_adjustment="1:www 1:manual",
        ),
    ),
    "one order": Subject("GET /v2/orders/{id}", only_order, IN_AN_ORDER, ORDERS.identities),
    "lines of one order": Subject(
        "GET /v2/orders/{id}/products",
        only_order,
        {name: frozenset({"lines"}) for name in IN_A_LINE},
        frozenset({"id"}),  # another order's id is one that we need, and is found out
    ),
    "all notes": Subject("GET /v3/orders/metafields", notes, OF_A_NOTE, frozenset({"id", "resource_id"})),
    "the note of one order": Subject(
        "GET /v3/orders/{id}/metafields", note, OF_A_NOTE, frozenset({"id", "resource_id"})
    ),
}


@dataclass
class Room:
    """A channel that speaks to a shop through a liar, and what it hears from an honest shop."""

    subject: Subject
    liar: Liar
    channel: Channel
    honest: dict[str, Any]
    payload: list[Row]

    def cases(self) -> list[Case]:
        return [
            one
            for one in cases_of(self.payload)
            if not (one.field in self.subject.identities and one.how == "a number")
        ]

    def wrong(self, case: Case) -> str:
        """Return what is wrong with what the channel makes of this case, "" where nothing is."""
        self.liar.lies = lies = Lies(Place(self.subject.asked, lambda _: True), {True: case})
        try:
            heard = self.subject.question(self.channel)
        except StopChannel as error:
            return "" if error.what.startswith("bigcommerce.") else f"{case}: no reason: {error}"
        finally:
            self.liar.lies = None
        if not lies.told:
            return f"{case}: nobody was told"
        rejects = getattr(heard, "rejects", ())
        if rejects:
            known = rejects[0].platform_id == "105" and any(str(part) in rejects[0].reason for part in case.path)
            return "" if known else f"{case}: rejected without its name: {rejects}"
        told = plain(heard)
        differs = {name for name in told.keys() | self.honest.keys() if told.get(name) != self.honest.get(name)}
        more = differs - self.subject.needed.get(case.field, frozenset())
        return f"{case}: {more} changed: {told}"[:600] if more else ""


def plain(heard: Any) -> dict[str, Any]:
    """Return what a channel told as plain values by name."""
    if hasattr(heard, "records"):
        [heard] = heard.records
    value = msgspec.to_builtins(heard)
    return value if isinstance(value, dict) else {"": value}


@pytest.fixture
def room(request: pytest.FixtureRequest, tmp_path: Path, sqlite_url: str) -> Iterator[Room]:
    """One subject, heard once from an honest shop that holds five notes of ours."""
    subject = SUBJECTS[request.param]
    world = World.make("", 3, Switches(), products=20, orders=30)
    payload: list[Row] = []
    liar = Liar(world.shop)

    def listen(asked: str, body: bytes) -> bytes:
        answer = msgspec.json.decode(body) if body else []
        if subject.asked == "GET /v2/orders/{id}/products" and asked == "GET /v2/orders/{id}":
            del answer["consignments"]
            return msgspec.json.encode(answer)
        if asked == subject.asked:
            rows = answer.get("data", answer) if isinstance(answer, dict) else answer
            payload.extend(rows if isinstance(rows, list) else [rows])
        return body

    liar.then = listen
    with desk_of(world, sqlite_url, liar) as desk:
        channel = desk.shop("main").channel
        channel.write(
            [Write(kind="metafield", target=str(n), before=None, after=NOTE, key="") for n in range(101, 106)], always
        )
        honest = plain(subject.question(channel))
        yield Room(subject, liar, channel, honest, list(payload))


@pytest.mark.parametrize("room", SUBJECTS, indirect=True)
def test_a_draw_of_what_is_told_one_by_one(room: Room) -> None:
    wrong = [room.wrong(case) for case in random.Random(SEED).sample(room.cases(), DRAWN)]

    assert "\n".join(filter(None, wrong)) == ""


@pytest.mark.slow
@pytest.mark.parametrize("room", SUBJECTS, indirect=True)
def test_everything_that_is_told_one_by_one(room: Room, tell: Tell) -> None:
    cases = room.cases()

    wrong = [room.wrong(case) for case in cases]

    tell(f"{room.subject.asked}: {len(cases)} spoiled answers")
    assert "\n".join(filter(None, wrong)) == ""
