"""Starts flows on the Prefect server when there is something for them: hints that wait, and files that were put into folders.

One run of a flow at a time; what comes meanwhile is for the next one. Where no server can be asked, everything waits for the
polling flows, which find the same. This is the only part of the receiver that needs Prefect, in a thread of its own.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from fillrate.db.queries.hooks import is_any_due
from fillrate.errors import FillrateError, StopChannel
from fillrate.gateway.folder import files_in
from fillrate.steps.desk import Desk
from fillrate.steps.supply.feeds import ENDINGS

LOOKS_EVERY_S = 1.0
SHORTEST_S, LONGEST_S = 2.0, 60.0  # before a flow is started again that left its work undone, or could not be started
DONE = "Completed"  # with news; a run that found none may have been started for what it cannot end
log = logging.getLogger(__name__)


class Server(Protocol):
    """A Prefect server, as far as runs are started on it."""

    def start(self, deployment: str) -> Any:  # Any: the run's id
        """Start a run of a deployment and return its id."""
        ...

    def ended(self, run_id: Any) -> str:  # Any: as above
        """Return the name of the state that a run has ended in, "" while it goes on."""
        ...


class PrefectServer:
    """The server of PREFECT_API_URL."""

    def __init__(self) -> None:
        from prefect.client.orchestration import get_client

        self._client = get_client(sync_client=True)

    def start(self, deployment: str) -> Any:  # Any: the run's id
        """Start a run of a deployment and return its id."""
        found = self._client.read_deployment_by_name(deployment)
        return self._client.create_flow_run_from_deployment(found.id).id

    def ended(self, run_id: Any) -> str:  # Any: as above
        """Return the name of the state that a run has ended in, "" while it goes on."""
        state = self._client.read_flow_run(run_id).state
        return (state.name or state.type.value) if state is not None and state.is_final() else ""


def prefect_server() -> Server | None:
    """Return the server that runs are started on, None where none is named: a temporary one would know no deployments."""
    from prefect.settings import PREFECT_API_URL

    return PrefectServer() if PREFECT_API_URL.value() else None


@dataclass(slots=True)
class Errand:
    """One flow that is started whenever `is_due`, one run at a time; after a run that did not do its work it waits longer."""

    deployment: str
    is_due: Callable[[], bool]
    run_id: Any = None  # Any: as above
    waits: bool = False
    pause_s: float = SHORTEST_S
    not_before: float = 0.0

    def look(self, server: Server, now: float) -> None:
        """Start a run where one is due, the last one is over, and its turn has come."""
        if self.run_id is not None and not self._is_over(server, now):
            return
        self.waits = self.is_due() or self.waits
        if not self.waits:
            self.pause_s = SHORTEST_S
        elif now >= self.not_before:
            self._put_off(now)  # should it not come to a run
            self.run_id = server.start(self.deployment)
            self.waits = False
            log.info("started %s", self.deployment)

    def _is_over(self, server: Server, now: float) -> bool:
        ended = server.ended(self.run_id)
        if not ended:
            return False
        self.run_id = None
        if ended == DONE:
            self.pause_s, self.not_before = SHORTEST_S, now
        else:
            self.not_before = now + self.pause_s
        return True

    def _put_off(self, now: float) -> None:
        self.pause_s = min(self.pause_s * 2, LONGEST_S)
        self.not_before = now + self.pause_s


class Folders:
    """Tells whether files were put into folders since the last time that it said so; one that still grows is waited for."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._folders = tuple(folders)
        self._told = self._last = self._now()

    def _now(self) -> frozenset[tuple[str, str, float]]:
        found = set()
        for folder in self._folders:
            with suppress(StopChannel):
                found |= {(str(folder), one.name, one.changed_at.timestamp()) for one in files_in(folder, ENDINGS)}
        return frozenset(found)

    def have_more(self) -> bool:
        """Tell whether something new lies there since a look ago."""
        before, self._last = self._last, self._now()
        if self._last != before:  # it goes on
            return False
        is_more, self._told = bool(self._last - self._told), self._last
        return is_more


class Starter:
    """Runs the errands of one receiver until it is stopped."""

    def __init__(self, errands: Sequence[Errand], server: Callable[[], Server | None] = prefect_server) -> None:
        self._errands = errands
        self._server = server
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._told: set[str] = set()  # of which errands it was said that they fail

    def __enter__(self) -> "Starter":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()

    def _run(self) -> None:
        server = self._server()
        if server is None:
            log.warning("PREFECT_API_URL is not set, so that hooks wait for the polling flows.")
            return
        while not self._stop.wait(LOOKS_EVERY_S):
            self.look(server)

    def look(self, server: Server) -> None:
        """Give each errand its turn; one that fails has it again later, and is told of once."""
        for errand in self._errands:
            try:
                errand.look(server, time.monotonic())
                self._told.discard(errand.deployment)
            except Exception as error:  # noqa: BLE001 - a server that is down, or says no, must not end the thread
                errand.run_id = None
                if errand.deployment not in self._told:
                    log.warning("%s cannot be started: %s", errand.deployment, first_line(error))
                self._told.add(errand.deployment)


def first_line(error: Exception) -> str:
    """Return what an error says in one line."""
    told = error.what if isinstance(error, FillrateError) else str(error) or type(error).__name__
    return told.splitlines()[0][:200]


def errands_of(desk: Desk) -> list[Errand]:
    """Return what a receiver starts: `follow-hooks` for hints, `sync-inbound` for files in the folders of feeds."""

    def hints_wait() -> bool:
        with desk.db.read() as reading:
            return is_any_due(reading, [shop.id for shop in desk.shops.values()], desk.outside.clock.now())

    found = []
    hooked = [shop for shop in desk.shops.values() if shop.hooks is not None]
    if any(shop.hooks.is_ready(shop.settings) for shop in hooked if shop.hooks):
        found.append(Errand("follow-hooks/fillrate", hints_wait))
    feeds = [Path(one.path) for one in desk.settings.inbound if one.path]
    if feeds:
        found.append(Errand("sync-inbound/fillrate", Folders(feeds).have_more))
    if drops := [folder for shop in hooked if shop.hooks for folder in shop.hooks.folders(shop.settings)]:
        found.append(Errand("sync-orders/fillrate", Folders(drops).have_more))
    return found
