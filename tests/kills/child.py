"""What runs in the process that is struck: the command's own `main`, in which something waits for its moment.

Processes are forked from one that has loaded everything, since to start Python and Prefect takes seconds. Each has a
process id of its own, and signals do to it what they do to any other.
"""

import asyncio
import json
import multiprocessing
import os
import pickle
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pandas  # noqa: F401 - loaded once, for all processes
import sqlalchemy as sa

import fillrate.db.migrations  # noqa: F401
import flows.allocate_orders
import flows.reconcile_inventory
import flows.sync_catalog
import flows.sync_orders  # noqa: F401
from deployments import cli
from deployments.cli import run
from fillrate import bootstrap
from fillrate.bootstrap import open_desk
from fillrate.db import database
from fillrate.gateway.outside import Outside, SystemClock
from fillrate.steps.intake.windows import Asked
from fillrate.steps.runs import RunLog, recorded
from tests.cli.merchant import bare_environment
from tests.kills.moments import Moment
from tests.practice_clock import PracticeClock
from tests.simulation.world import STORY

FORKING = multiprocessing.get_context("forkserver")
FORKING.set_forkserver_preload(["tests.kills.child", "tests.kills.warm"])
SIGNALS = {"kill": signal.SIGKILL, "pause": signal.SIGSTOP}
ROOT = Path(__file__).parents[2]
SHORT_MS = 500  # instead of the half a minute or more that one waits for a process that holds the database


@dataclass(frozen=True)
class Orders:
    """What a process is to do: the command's words, and what shall strike it when."""

    folder: Path
    name: str
    words: tuple[str, ...] = ("run", "sync-catalog", "--json")
    environ: Mapping[str, str] = field(default_factory=dict)
    kind: str = ""
    moment: Moment | None = None
    flows: tuple[str, ...] = tuple(
        STORY
    )  # these one after the other, without Prefect around them; none: the flow of the words
    real_time: bool = False
    pages: int = 0  # room for so many pages in an SQLite file


class Striker:
    """Notes every labelled point that is passed, and sends this process a signal at one of them."""

    def __init__(self, orders: Orders) -> None:
        self.orders = orders
        self.passed: list[tuple[str, str]] = []
        self.seen: Counter[tuple[str, str]] = Counter()

    def at(self, label: str, phase: str) -> None:
        self.passed.append((label, phase))
        self.seen[label, phase] += 1
        if Moment(label, phase, self.seen[label, phase]) != self.orders.moment:
            return
        (self.orders.folder / f"{self.orders.name}.hit").touch()
        if self.orders.kind == "term":
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(0.05 if phase == "before" else 10)  # the main thread leaves; no transaction is held open for it
        else:
            signal.pthread_kill(threading.get_ident(), SIGNALS[self.orders.kind])  # nothing goes on here meanwhile


def live(orders: Orders) -> None:
    """Be the command; ends the process with its exit code."""
    os.chdir(orders.folder)
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(f"{orders.name}.{name}", os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), number)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", closefd=False) for number in (1, 2))
    os.environ |= {"FILLRATE_CONFIG": str(orders.folder / "fillrate.toml"), **orders.environ}
    striker = Striker(orders)
    if orders.words[0] == "db":
        sa.event.listen(sa.Engine, "before_cursor_execute", lambda *_: striker.at("statement", "before"))
        sa.event.listen(sa.Engine, "commit", lambda *_: striker.at("commit", "before"))
    if orders.pages:
        sa.event.listen(sa.Engine, "begin", lambda to: to.exec_driver_sql(f"PRAGMA max_page_count = {orders.pages}"))
    database.BUSY_MS = SHORT_MS
    if orders.kind == "pause":
        database.IDLE_MS = 4 * SHORT_MS
    clock = SystemClock() if orders.real_time else PracticeClock()
    outside = Outside(clock, random.Random(orders.name), striker)
    bootstrap.Outside = lambda: outside  # type: ignore[assignment, misc]
    if orders.flows:
        run.end_of = partial(day, orders.flows)  # type: ignore[assignment]
    try:
        cli.main(orders.words)
    finally:
        (orders.folder / f"{orders.name}.passed").write_text(json.dumps(striker.passed))


async def day(names: tuple[str, ...], _flow: Any, _parameters: dict[str, Any]) -> dict[str, Any]:
    """Do what the schedules do, in a thread beside the main one, as the flows do it."""
    problems = await asyncio.to_thread(steps, names)
    return {"flow": " ".join(names), "state": "done", "seconds": 0.0, "counts": {}, "plan": None, "problems": problems}


def steps(names: tuple[str, ...]) -> list[dict[str, str]]:
    """Run the steps of these flows and return the problems that they had."""
    problems = []
    with open_desk() as desk:
        for flow in names:
            with recorded(desk, RunLog(desk.outside.new_id(), flow, "main")) as log:
                STORY[flow](desk, log, Asked())
            problems += [problem.as_json() for problem in log.problems]
    return problems


class Program:
    """A process that is not forked but started from the beginning, since Prefect reads its environment only then."""

    def __init__(self, orders: Orders) -> None:
        begin = (
            "import pickle, sys; from tests.kills import child; child.live(pickle.loads(bytes.fromhex(sys.argv[1])))"
        )
        words = [sys.executable, "-W", "ignore", "-c", begin, pickle.dumps(orders).hex()]
        self.popen = subprocess.Popen(words, cwd=ROOT, env={**bare_environment(), **orders.environ})
        self.pid = self.popen.pid

    @property
    def exitcode(self) -> int | None:
        return self.popen.poll()

    def join(self, within_s: float | None = None) -> None:
        with suppress(subprocess.TimeoutExpired):
            self.popen.wait(within_s)

    def kill(self) -> None:
        self.popen.kill()


def forked(orders: Orders) -> "multiprocessing.context.ForkServerProcess":
    """Start a process that has loaded everything already."""
    process = FORKING.Process(target=live, args=(orders,), daemon=True)
    process.start()
    return process


class Struck:
    """A process at work, as its parent sees it."""

    def __init__(self, orders: Orders) -> None:
        self.orders = orders
        self.process = Program(orders) if not orders.flows else forked(orders)
        self.pid = int(self.process.pid or 0)

    def ended(self, within_s: float = 60) -> int:
        """Wait for the end and return the exit code, the number of the signal below zero."""
        self.process.join(within_s)
        assert self.process.exitcode is not None, f"{self.orders.name} did not end: {self.said()}"
        return int(self.process.exitcode)

    def stopped(self, within_s: float = 60) -> bool:
        """Wait until the process is frozen; false where it ended first."""
        end = time.monotonic() + within_s
        while time.monotonic() < end:
            if self.process.exitcode is not None:
                return False
            if states_of(self.pid) == {"T"}:
                return True
            time.sleep(0.005)
        return False

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        os.kill(self.pid, number)

    def has_hit(self) -> bool:
        """Tell whether the process has come to its moment."""
        return (self.orders.folder / f"{self.orders.name}.hit").exists()

    def passed(self) -> list[tuple[str, str]]:
        """Return every point that the process has passed, in order; only where it ended by itself."""
        found = json.loads((self.orders.folder / f"{self.orders.name}.passed").read_text())
        return [(label, phase) for label, phase in found]

    def said(self) -> str:
        """Return what the process said on standard error."""
        return (self.orders.folder / f"{self.orders.name}.err").read_text()

    def json(self) -> dict[str, Any]:
        """Return the one JSON object of the process."""
        found = json.loads((self.orders.folder / f"{self.orders.name}.out").read_text())
        assert isinstance(found, dict)
        return found


def states_of(pid: int) -> set[str]:
    """Return the states of a process's threads as the system tells them (R, S, T, Z …); none where there is no process."""
    found = set()
    for task in Path(f"/proc/{pid}/task").glob("*/stat"):
        with suppress(OSError):
            found.add(task.read_text().rpartition(")")[2].split()[0])
    return found


LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
