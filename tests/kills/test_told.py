"""A run that dies anywhere while it tells a shop something: each thing is told once, and is as if nothing had happened."""

import copy
import os
import shutil
import signal
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from fillrate.bootstrap import open_desk
from fillrate.db.database import Database
from fillrate.gateway.outside import Outside, Phase
from fillrate.settings import Settings
from fillrate.steps.intake.windows import Asked
from fillrate.steps.runs import RunLog
from sandbox import Request, Shop, serve
from sandbox.api.routes import template_of
from tests.kills.child import FORKING
from tests.practice_clock import PracticeClock
from tests.simulation.crash import Crash, CrashAt, Watch
from tests.simulation.projection import end_state
from tests.simulation.world import STORY, fresh
from tests.steps.telling import Told

FLOW = "allocate-orders"
WRITES = ("orders.update", "pages.update", "buying.update", "limits.update")
DRAWN: list[tuple[str, Phase]] = [
    *((f"bigcommerce.{one}", "after_effect") for one in WRITES),
    ("apply.sending", "after_commit"),
    ("apply.verified", "before"),
]
PATHS = (
    "PUT /v2/orders/{id}",
    "PUT /v3/catalog/products",
    "PUT /v3/catalog/variants",
    "PUT /v3/inventory/locations/{id}/items",
)


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Told:
    """A shop that was read, and that is to be told something of every kind."""
    folder = tmp_path_factory.mktemp("told")
    told = Told.begin(
        fresh(folder, sqlite_template, "begun"),
        folder,
        order_status=[{"from": "11", "to": "3", "when": "part_waits"}],
        staff_note=True,
        product_page="Leaves by {day}.",
        backorder_limit=True,
        purchasing=True,
    )
    told.limit(2)
    told.order(5)
    told.coming(9, days=20)
    told.read()
    return told


def morning(begun: Told, folder: Path, name: str) -> Told:
    """A copy of everything, to live on in."""
    file = folder / f"{name}.db"
    shutil.copy(begun.world.url.removeprefix("sqlite:///"), file)
    world = copy.copy(begun.world)
    world.url, world.clock = f"sqlite:///{file}", PracticeClock(begun.world.clock.time)
    world.shop = Shop(begun.world.shop.config)
    world.shop.state = copy.deepcopy(begun.world.shop.state)
    told = Told(world, folder)
    told.mug = begun.mug
    return told


def end_of(told: Told) -> tuple[Any, Any, Counter[str]]:
    """Our rows, the shop as far as it was told anything, and how often each write was sent and done."""
    db = Database.open(told.world.url, Outside())
    rows = {name: found for name, found in end_state(db).items() if name != "cursor"}
    db.close()
    order = told.true_order(1)
    product = told.product()
    shop = (order.status, order.staff_notes, product.availability_text, told.is_off(), told.cell().backorder_limit)
    return rows, shop, Counter({one: told.sent(one) for one in PATHS})


@pytest.mark.slow
def test_a_crash_at_any_write_and_one_rerun_tell_each_thing_once(begun: Told, tmp_path: Path) -> None:
    assert_told_once(begun, tmp_path, [(*one, 1) for one in DRAWN])


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_crash_anywhere_and_one_rerun_tell_each_thing_once(begun: Told, tmp_path: Path) -> None:
    watch = Watch()
    allocate(morning(begun, tmp_path, "watched"), watch)
    points = [(label, phase, nth) for (label, phase), times in watch.seen.items() for nth in {1, times}]
    assert {f"bigcommerce.{one}" for one in WRITES} <= {label for label, *_ in points}

    assert_told_once(begun, tmp_path, points)


def assert_told_once(begun: Told, folder: Path, points: list[tuple[str, Phase, int]]) -> None:
    """Crash at each of these points and go on; nothing may differ from a day on which nothing happened."""
    calm = morning(begun, folder, "calm")
    calm.run(FLOW)
    calm.run(FLOW)
    expected = end_of(calm)
    assert expected[1] == (3, "[Fillrate] Waits for stock: 2 × MUG.", calm.product().availability_text, True, 2)
    assert expected[2] == Counter(dict.fromkeys(PATHS, 1) | {PATHS[0]: 2})

    differs = {}
    for number, point in enumerate(points):
        told = morning(begun, folder, f"crash-{number}")
        with pytest.raises(Crash):
            allocate(told, CrashAt(*point))
        told.world.abandon_leases()
        told.run(FLOW)
        told.run(FLOW)
        if (found := end_of(told)) != expected:
            differs[point] = [one for one in zip(found, expected, strict=True) if one[0] != one[1]]
    assert differs == {}


def allocate(told: Told, faults: Watch) -> None:
    """Allocate and tell the shop, with these faults."""
    with told.world.desk(faults) as desk:
        STORY[FLOW](desk, RunLog("struck", FLOW, "main"), Asked())


def allocate_as_a_process(settings: Settings, clock: PracticeClock) -> None:
    """Allocate and tell the shop, as a process of its own."""
    with open_desk(settings, Outside(clock)) as desk:
        STORY[FLOW](desk, RunLog("child", FLOW, "main"), Asked())


@pytest.mark.slow
@pytest.mark.parametrize("write", PATHS)
def test_a_process_that_is_killed_between_the_write_and_its_answer_has_told_once(
    write: str, begun: Told, tmp_path: Path
) -> None:
    calm = morning(begun, tmp_path, "calm")
    calm.run(FLOW)
    told = morning(begun, tmp_path, "killed")
    handle = told.world.shop.handle
    killed: list[str] = []
    is_dead = threading.Event()

    def kill_after(request: Request) -> Any:
        answer = handle(request)
        path = request.path.partition("/stores/")[2].partition("/")[2]
        if not killed and f"{request.method} {template_of('/' + path)[0]}" == write:
            killed.append(path)
            os.kill(process.pid or 0, signal.SIGKILL)
            process.join()
            is_dead.set()
        return answer

    told.world.shop.handle = kill_after  # type: ignore[method-assign]
    with serve(told.world.shop) as running:
        settings = told.world.settings()
        channel = settings.channel[0].model_copy(update={"base_url": running.url})
        settings = settings.model_copy(update={"channel": (channel,)})
        process = FORKING.Process(target=allocate_as_a_process, args=(settings, told.world.clock))
        process.start()
        assert is_dead.wait(60)  # not joined here as well: of two threads that wait for a process, one is told nothing
        assert (process.exitcode, len(killed)) == (-signal.SIGKILL, 1)
    told.world.shop.handle = handle  # type: ignore[method-assign]
    told.run(FLOW)

    assert end_of(told)[1:] == end_of(calm)[1:]
