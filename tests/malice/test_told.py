"""What a shop answers when it is told something, for every kind that it is told: done is what the shop really holds.

Each trouble hits the one write of a kind. Then an honest day follows: what was in doubt is written once, and what was refused
stays refused and is listed.
"""

import json
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from fillrate.bootstrap import open_desk
from fillrate.errors import FillrateError
from fillrate.gateway.outside import Outside
from fillrate.steps.intake.windows import Asked
from fillrate.steps.runs import RunLog, recorded
from sandbox.api.routes import template_of
from tests.simulation.wire import InProcess
from tests.simulation.world import STORY, fresh
from tests.steps.telling import Told

Answer = Callable[["Troubled", httpx.Request], httpx.Response]


class Troubled(InProcess):
    """The shop, but for what it answers to one kind of write."""

    def __init__(self, told: Told, write: str, answer: Answer) -> None:
        super().__init__(told.world.shop)
        self.write, self.answer = write, answer
        self.hits = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix(f"/stores/{self.shop.config.store_hash}")
        if f"{request.method} {template_of(path)[0]}" != self.write:
            return super().handle_request(request)
        self.hits += 1
        return self.answer(self, request)

    def do(self, request: httpx.Request) -> httpx.Response:
        """Let the shop do it after all."""
        return super().handle_request(request)


def instead(status: int, body: Any = None, *, times: int = 99, does_it: bool = False) -> Answer:
    """Answer so, whether or not the shop did it."""

    def answer(shop: Troubled, request: httpx.Request) -> httpx.Response:
        if shop.hits > times:
            return shop.do(request)
        if does_it:
            shop.do(request)
        return httpx.Response(status, json={"title": "no"} if body is None else body, request=request)

    return answer


def echo(_: Troubled, request: httpx.Request) -> httpx.Response:
    """Say that all is as wished, and do nothing."""
    return httpx.Response(200, content=request.read(), request=request)


TROUBLES: dict[str, tuple[Answer, str]] = {  # what becomes of the change in that very run
    "409": (instead(409), "failed"),
    "422": (instead(422), "failed"),
    "404": (instead(404), "failed"),
    "409 though it was done": (instead(409, does_it=True), "done"),
    "429 once": (instead(429, times=1), "done"),
    "429 for ever": (instead(429), "sending"),
    "500": (instead(500), "unknown"),
    "500 though it was done": (instead(500, does_it=True), "done"),
    "200 and nothing done": (echo, "unknown"),
    "200 with an empty body": (instead(200, {}), "unknown"),
    "207 that names nothing": (instead(207, {"data": [], "meta": {}}), "unknown"),
    "207 though it was done": (instead(207, {"data": [], "errors": {"0": "odd"}}, does_it=True), "done"),
}


@dataclass(frozen=True)
class Kind:
    """A kind of change: what switches it on, the write that carries it, and whether the shop holds it as told."""

    asked: dict[str, Any]
    write: str
    holds: Callable[[Told], bool]
    needs: Callable[[Told], object] = lambda _: None  # what the shop must be like, so that there is something to tell


KINDS: dict[str, Kind] = {
    "order_status": Kind(
        {"order_status": [{"from": "11", "to": "3", "when": "part_waits"}]},
        "PUT /v2/orders/{id}",
        lambda told: told.true_order(1).status == 3,
    ),
    "staff_note": Kind(
        {"staff_note": True},
        "PUT /v2/orders/{id}",
        lambda told: told.true_order(1).staff_notes == "[Fillrate] Waits for stock: 2 × MUG.",
    ),
    "product_page": Kind(
        {"product_page": "Leaves by {day}."},
        "PUT /v3/catalog/products",
        lambda told: told.product().availability_text.startswith("Leaves by "),
        lambda told: told.coming(5, days=20),
    ),
    "purchasing": Kind(
        {"purchasing": True},
        "PUT /v3/catalog/variants",
        Told.is_off,
        lambda told: told.limit(2),
    ),
    "backorder_limit": Kind(
        {"backorder_limit": True},
        "PUT /v3/inventory/locations/{id}/items",
        lambda told: told.cell().backorder_limit == 7,
        lambda told: told.limit(7),
    ),
}


@pytest.fixture(params=list(KINDS))
def ready(request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path) -> tuple[str, Told]:
    """A shop that is to be told just one thing of one kind."""
    told = Told.begin(fresh(tmp_path, sqlite_template, "told"), tmp_path)
    told.order(5)
    told.day()
    KINDS[request.param].needs(told)
    told.ask(**KINDS[request.param].asked)
    return request.param, told


def tell(told: Told, shop: Troubled) -> None:
    """Allocate and write, with the shop as it is then."""
    outside = Outside(told.world.clock, random.Random(1))
    log = RunLog(f"told-{told.world.runs}", "allocate-orders", "main")
    with (
        open_desk(told.world.settings(), outside, {"main": shop}) as desk,
        suppress(FillrateError),
        recorded(desk, log),
    ):
        STORY["allocate-orders"](desk, log, Asked())


FEW = ("500 though it was done", "200 and nothing done")


@pytest.mark.parametrize(
    "trouble", [one if one in FEW else pytest.param(one, marks=pytest.mark.slow) for one in TROUBLES]
)
def test_done_is_what_the_shop_holds_and_an_honest_day_mends_the_rest(ready: tuple[str, Told], trouble: str) -> None:
    name, told = ready
    kind = KINDS[name]
    answer, becomes = TROUBLES[trouble]
    shop = Troubled(told, kind.write, answer)

    tell(told, shop)

    [(_, after, state)] = told.changes(name)
    assert shop.hits > 0
    assert (state, kind.holds(told)) == (becomes, becomes == "done")
    told.world.rest(3600)
    told.day()
    [(_, still, state)] = told.changes(name)
    assert still == after
    assert (state, kind.holds(told)) == ("failed", False) if becomes == "failed" else ("done", True)


CUPS = ("CUP-1", "CUP-2", "CUP-3")


def cups_told(tmp_path: Path, sqlite_template: Path, answer: Answer) -> tuple[Told, dict[str, bool]]:
    """Tell a shop of three cups at once that none can be bought; returns which truly cannot."""
    told = Told.begin(fresh(tmp_path, sqlite_template, "told"), tmp_path)
    made = [told.act("create_product", name=sku, sku=sku, stock=0) for sku in CUPS]
    told.read()
    told.limit(0)
    told.ask(purchasing=True)
    tell(told, Troubled(told, "PUT /v3/catalog/variants", answer))
    variants = told.world.shop.state.variants.rows
    return told, {sku: variants[one["variant_ids"][0]].disabled for sku, one in zip(CUPS, made, strict=True)}


def without_the_second(request: httpx.Request) -> tuple[httpx.Request, list[Any]]:
    """The same request without the second of its rows, where it has three."""
    rows = json.loads(request.read())
    left = [row for n, row in enumerate(rows) if (n, len(rows)) != (1, 3)]
    return httpx.Request(request.method, request.url, headers=request.headers, json=left), rows


def test_one_row_that_the_shop_refuses_costs_only_itself(tmp_path: Path, sqlite_template: Path) -> None:
    bad: list[int] = []

    def answer(shop: Troubled, request: httpx.Request) -> httpx.Response:
        ids = [row["id"] for row in json.loads(request.read())]
        bad.extend(ids[1:2] if not bad else [])
        return httpx.Response(422, json={}, request=request) if bad[0] in ids else shop.do(request)

    told, off = cups_told(tmp_path, sqlite_template, answer)

    assert off == {"CUP-1": True, "CUP-2": False, "CUP-3": True}
    assert [state for _, _, state in told.changes("purchasing")] == ["done", "failed", "done"]


def test_what_a_207_leaves_out_is_in_doubt_until_it_is_read_back_and_is_sent_again(
    tmp_path: Path, sqlite_template: Path
) -> None:
    def answer(shop: Troubled, request: httpx.Request) -> httpx.Response:
        less, _ = without_the_second(request)
        done = shop.do(less)
        return httpx.Response(207, content=done.content, request=request)

    told, off = cups_told(tmp_path, sqlite_template, answer)
    assert off == {"CUP-1": True, "CUP-2": False, "CUP-3": True}
    assert [state for _, _, state in told.changes("purchasing")] == ["done", "unknown", "done"]

    told.day()

    assert [state for _, _, state in told.changes("purchasing")] == ["done", "done", "done"]
    assert told.sent("PUT /v3/catalog/variants") == 2
