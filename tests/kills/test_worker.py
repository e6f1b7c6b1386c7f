"""A run that a worker has started: frozen, told to end, or killed, alone or with its worker, at a request to the shop."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cli.merchant import Merchant
from tests.deployments.server import POOL, Server, descendants, prefect, prefect_server, until, worker
from tests.kills.cases import wrong
from tests.kills.child import states_of
from tests.kills.history import Calm, Morning, Place
from tests.kills.moments import REQUEST, Moment
from tests.simulation.history import difference

pytestmark = [pytest.mark.slow, pytest.mark.flow, pytest.mark.timeout(900)]

FLOWS = ("sync-orders", "allocate-orders")  # one that reads, and one that writes
PHASES = ("received", "answered")
GONE = {"Z"}  # and once its parent has looked, there is nothing to see
FROZEN = {"T"}
ENDED = ("Completed", "Problems", "Failed", "Crashed", "Cancelled", "Skipped")
WELL = ("Completed", "Problems")  # what the tables hold may be a problem to tell
Given = tuple[Morning, Calm]
Process = subprocess.Popen[bytes]


@dataclass(frozen=True)
class Station:
    """A server with everything deployed for one folder, which is another place for each case."""

    server: Server
    home: Path

    @contextmanager
    def worker(self, name: str) -> Iterator[Process]:
        elsewhere = self.home.resolve() / name
        elsewhere.mkdir()
        with worker(self.server, Merchant(self.home), elsewhere) as process:
            yield process

    def move_to(self, place: Place) -> None:
        """Let runs work in the folder of a place."""
        self.home.unlink()
        self.home.symlink_to(place.folder)
        settings = place.folder / "fillrate.toml"
        settings.write_text(f'{settings.read_text()}\n[database]\nurl = "{place.world.url}"\n')
        for flow in FLOWS:  # as a person does in the UI: what was killed still has its slot
            for run in self.server.runs(flow, "RUNNING"):
                self.server.ask(f"flow_runs/{run['id']}/set_state", {"state": {"type": "CANCELLED"}, "force": True})

    def again(self, flow: str) -> None:
        """Start a flow once more, as from the UI; it must end well."""
        ended = self.server.wait(self.server.start(flow), *ENDED)
        assert ended["state_name"] in WELL, ended["state"]


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    folder = tmp_path_factory.mktemp("station")
    (folder / "first").mkdir()
    (folder / "first" / "fillrate.toml").write_text('[store]\nname = "Test"\n')
    home = folder / "home"
    home.symlink_to("first")
    with prefect_server(folder) as server:
        prefect(server, Merchant(home), *POOL)
        prefect(server, Merchant(home), "--no-prompt", "deploy", "--all")
        for one in server.deployments().values():
            for schedule in one["schedules"]:
                server.answer("DELETE", f"deployments/{one['id']}/schedules/{schedule['id']}")
        for one in server.ask("automations/filter"):
            server.answer("DELETE", f"automations/{one['id']}")
        yield Station(server, home)


@dataclass(frozen=True)
class Struck:
    """A run whose processes got a signal at a request."""

    id: str
    pids: list[int]

    def send(self, number: signal.Signals) -> None:
        for pid in self.pids:
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def is_in(self, states: set[str]) -> bool:
        return all(states_of(pid) <= states for pid in self.pids)


def strike(
    station: Station, place: Place, flow: str, moment: Moment, process: Process, number: signal.Signals, *, worker: bool
) -> Struck:
    """Start a flow by a worker, and send a signal to its run, or to the worker, at a moment."""
    hit: list[int] = []

    def send() -> None:
        run = descendants(process.pid)
        for pid in [process.pid] if worker else run:
            os.kill(pid, number)
        hit.extend(run)

    place.shop.moment, place.shop.strike = moment, send
    run = station.server.start(flow)
    until(lambda: hit, f"{moment} in {flow}")
    return Struck(run, hit)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=FLOWS)
def flow(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=PHASES)
def case(
    request: pytest.FixtureRequest, given: Callable[[str, str], Given], engine: str, flow: str, station: Station
) -> Iterator[tuple[Place, Calm, Moment]]:
    """A place where the runs work, how the flow ends undisturbed, and the request in the middle of it."""
    morning, calm = given(engine, flow)
    with morning.place() as place:
        station.move_to(place)
        yield place, calm, Moment(REQUEST, request.param, 1 + calm.asked // 2)


def test_a_run_that_is_told_to_end_crashes_in_the_ui_and_the_next_one_does_its_work(station, flow, case) -> None:
    place, calm, moment = case
    with station.worker("worker") as process:
        run = strike(station, place, flow, moment, process, signal.SIGTERM, worker=False)
        ended = station.server.wait(run.id, *ENDED)
        station.again(flow)

    assert ended["state_name"] == "Crashed"
    assert wrong(place, calm) == {}


def test_a_worker_that_is_told_to_end_takes_its_run_along_and_the_next_worker_does_its_work(
    station, flow, case
) -> None:
    place, calm, moment = case
    with station.worker("worker") as process:
        run = strike(station, place, flow, moment, process, signal.SIGTERM, worker=True)
        code = process.wait(60)
        until(lambda: run.is_in(GONE), "the end of the run")
    with station.worker("next"):
        station.again(flow)

    assert code == 0
    assert wrong(place, calm) == {}


def test_a_run_that_was_frozen_past_its_lease_changes_nothing_when_it_wakes(station, flow, case) -> None:
    place, calm, moment = case
    with station.worker("worker") as process:
        run = frozen(station, place, flow, moment, process)
        station.again(flow)
        assert changed_by(run, station, place) == {}

    assert wrong(place, calm) == {}


def test_a_run_that_was_frozen_with_its_worker_changes_nothing_when_both_wake(station, flow, case) -> None:
    place, calm, moment = case
    with station.worker("worker") as process:
        run = frozen(station, place, flow, moment, process)
        process.send_signal(signal.SIGSTOP)
        with station.worker("next"):
            station.again(flow)
        process.send_signal(signal.SIGCONT)
        assert changed_by(run, station, place) == {}

    assert wrong(place, calm) == {}


def frozen(station: Station, place: Place, flow: str, moment: Moment, process: Process) -> Struck:
    """Start a flow by a worker, freeze its run at a moment, and let its lease run out."""
    run = strike(station, place, flow, moment, process, signal.SIGSTOP, worker=False)
    until(lambda: run.is_in(FROZEN), "a run that stands still")
    place.age_leases()
    return run


def changed_by(run: Struck, station: Station, place: Place) -> dict[str, Any]:
    """Wake a run, see it fail for its lost lease, and return what it has changed in the tables and in the shop."""
    before, written = place.ending(), place.writes()
    run.send(signal.SIGCONT)
    woken = station.server.wait(run.id, *ENDED)
    assert "LeaseLost: Another run has taken over the lease" in woken["state"]["message"]
    found = difference(before, place.ending())
    if place.writes() != written:
        found["written"] = place.writes() - written
    return found
