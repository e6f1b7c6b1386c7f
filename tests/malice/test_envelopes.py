"""What stands around the records of a page, and what a shop answers to a write, spoiled field by field.

A page that contradicts itself is no page: it is asked for again, and then the channel stops. A write is done when the
shop holds the value, whatever the answer to it looked like.
"""

import itertools
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fillrate.channels.protocol import Ask, Channel, Stream, Write
from fillrate.errors import StopChannel
from sandbox import Switches
from sandbox.records import OUR_CLIENT
from tests.channels.practice import always
from tests.malice.conftest import Tell
from tests.malice.kinds import KINDS
from tests.malice.liar import Liar, Lies, Place, desk_of
from tests.malice.mutations import Case, cases_of
from tests.malice.test_fields import SEED
from tests.simulation.world import World

DRAWN = 12
WRITES = {"POST": "create", "PUT": "change", "DELETE": "delete"}
Room = tuple[World, Liar, Channel]


@pytest.fixture
def room(tmp_path: Path, sqlite_url: str) -> Iterator[Room]:
    """A shop whose pages are small, so that there are several of each kind."""
    world = World.make("", 3, Switches(unstated_limit_max=50), products=60, customers=60, orders=120, days=80)
    liar = Liar(world.shop)
    with desk_of(world, sqlite_url, liar) as desk:
        yield world, liar, desk.shop("main").channel


def records(channel: Channel, stream: Stream) -> set[str]:
    """Return the ids of everything that a stream tells, good or bad."""
    pages = list(channel.read(Ask(stream=stream)))
    return {one.platform_id for page in pages for one in (*page.records, *page.rejects)}


def envelopes(room: Room, stream: Stream, asked: str) -> list[Case]:
    """Return the cases around the records of the first page of a stream."""
    _, liar, channel = room
    heard: list[Any] = []

    def listen(path: str, body: bytes) -> bytes:
        if path == asked and body:
            heard.append(msgspec.json.decode(body))
        return body

    liar.then = listen
    next(iter(channel.read(Ask(stream=stream))))
    liar.then = None
    [first, *_] = heard
    around = {**first, "data": []} if isinstance(first, dict) else {}
    return [case for case in cases_of([around]) if case.how != "an empty list"] if around else []


def wrong_page(room: Room, stream: Stream, case: Case, honest: set[str]) -> str:
    """Return what is wrong where a stream is read with this case around every page."""
    _, liar, channel = room
    liar.lies = Lies(Place(KINDS[stream].place.asked), whole=case)
    try:
        found = records(channel, stream)
    except StopChannel as error:
        return "" if error.what.startswith("bigcommerce.") else f"{case}: {error}"
    finally:
        liar.lies = None
    return "" if found == honest else f"{case}: {len(found)} of {len(honest)} were read, and nothing was said"


@pytest.mark.parametrize(("kind", "share"), [(kind, DRAWN) for kind in KINDS if kind != "orders"])
def test_a_draw_of_what_stands_around_a_page(kind: str, share: int, room: Room) -> None:
    stream = Stream(kind)
    honest = records(room[2], stream)
    cases = envelopes(room, stream, KINDS[kind].place.asked)

    wrong = [wrong_page(room, stream, case, honest) for case in random.Random(SEED).sample(cases, share)]

    assert "\n".join(filter(None, wrong)) == ""


def test_cursors_that_end_too_soon_lose_nobody(room: Room) -> None:
    honest = records(room[2], Stream.CUSTOMERS)
    case = Case(("meta", "cursor_pagination", "links", "next"), "absent")

    assert len(honest) == 60
    assert wrong_page(room, Stream.CUSTOMERS, case, honest) == ""


@pytest.mark.slow
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "orders"])
def test_everything_that_stands_around_a_page(kind: str, room: Room, tell: Tell) -> None:
    stream = Stream(kind)
    honest = records(room[2], stream)
    cases = envelopes(room, stream, KINDS[kind].place.asked)

    wrong = [wrong_page(room, stream, case, honest) for case in cases]

    tell(f"pages of {kind}: {len(cases)} spoiled around their records")
    assert "\n".join(filter(None, wrong)) == ""


def written(world: World, order: str) -> Any:
    """Return the note that the shop truly holds for an order."""
    fields = world.shop.state.metafields
    ours = [one for one in fields if one.owner == OUR_CLIENT and one.order_id == int(order)]
    return msgspec.json.decode(ours[0].value) if ours else None


def outcomes(room: Room, method: str, case: Case | None, number: int) -> tuple[str, bool]:
    """Write to two orders with the answer spoiled; returns what is said of the first, and whether the shop holds it."""
    world, liar, channel = room
    orders = ("101", "102")
    before = None if method == "POST" else {"n": 0}
    channel.write([Write(kind="metafield", target=one, before=None, after=before, key="") for one in orders], always)
    channel.read_back("metafield", orders)
    after = None if method == "DELETE" else {"n": number}
    if case is not None:
        liar.lies = Lies(Place(f"{method} /v3/orders/metafields"), whole=case)
    said = channel.write(
        [Write(kind="metafield", target=one, before=before, after=after, key="") for one in orders], always
    )
    liar.lies = None
    return said["101"].state, written(world, "101") == after


@pytest.mark.parametrize("method", WRITES)
@pytest.mark.parametrize("most", [DRAWN, pytest.param(10_000, marks=pytest.mark.slow)])
def test_a_write_is_done_when_the_shop_holds_it_whatever_it_answers(
    method: str, most: int, room: Room, tell: Tell
) -> None:
    _, liar, _ = room
    heard: list[Any] = []

    def listen(path: str, body: bytes) -> bytes:
        if path == f"{method} /v3/orders/metafields":
            heard.append(msgspec.json.decode(body))
        return body

    liar.then = listen
    assert outcomes(room, method, None, 1) == ("done", True)
    liar.then = None
    every = cases_of(heard[:1])
    cases = random.Random(SEED).sample(every, min(most, len(every)))
    number = itertools.count(2)

    said = {case: outcomes(room, method, case, next(number)) for case in cases}

    tell(f"{method} notes: {len(cases)} spoiled answers")
    assert {case: one for case, one in said.items() if one not in {("done", True), ("unknown", True)}} == {}
