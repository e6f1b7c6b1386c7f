"""Leases: who may do a piece of work, until when by the database's clock, and under which epoch.

A holder that is provably gone from this host is taken over at once; any other until its time is up. Each change of
hands is a new epoch, and a write under a lease commits only while the lease is still the writer's own.
"""

import json
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import col

from fillrate.db.tables import Lease
from fillrate.errors import FillrateError, LeaseBusy, LeaseLost, StopRun

if TYPE_CHECKING:
    from fillrate.db.database import Database, Reading

TTL = timedelta(seconds=90)
HEARTBEAT_S = 15.0
POLL_S = 0.5
LAST_S = 5.0  # for giving leases back when the process must end
DEAD = "ZX"  # a process that was killed stays in the list until its parent has looked


@dataclass(frozen=True, slots=True)
class Held:
    """A lease that is ours under this epoch."""

    name: str
    epoch: int
    holder: str

    def check(self, reading: "Reading") -> None:
        """Raise LeaseLost unless the lease is still ours; the row stays locked until the transaction ends."""
        self.compare(lease_row(reading.connection, self.name))

    def check_now(self, db: "Database") -> None:
        """Raise LeaseLost unless the lease is still ours at this moment: what is done outside cannot be rolled back."""
        with db.read() as reading:
            self.compare(reading.first(sa.select(*Lease.__table__.c).where(col(Lease.name) == self.name)))

    def compare(self, row: Any) -> None:  # Any: a row of Lease, or None
        """Raise LeaseLost unless a row says that the lease is ours."""
        if row is None or row.epoch != self.epoch or row.holder != self.holder or row.until is None:
            what = f"Another run has taken over the lease {self.name}; nothing more was written."
            raise LeaseLost(what, next="Run it again; that is harmless.")


HELD: "list[tuple[Database, Held]]" = []
"""What this process holds: so that it takes none twice, and can give all of it back when it must end."""


@contextmanager
def hold(db: "Database", name: str, wait_s: float) -> Iterator[Held]:
    """Hold a lease; waits up to `wait_s` seconds for one that is busy, then raises LeaseBusy."""
    if any(one is db and held.name == name for one, held in HELD):
        raise StopRun(f"The lease {name} is already held by this very run.", next="This is a mistake in Fillrate.")
    held = take(db, name, wait_s)
    HELD.append((db, held))
    stop = threading.Event()
    beat = threading.Thread(target=heartbeat, args=(db, held, stop), daemon=True, name=f"lease {name}")
    beat.start()
    try:
        yield held
    finally:
        stop.set()
        beat.join()
        HELD.remove((db, held))
        release(db, held)


def take(db: "Database", name: str, wait_s: float) -> Held:
    """Take a lease that is free, out of time, or held by a process that is gone."""
    end = db.outside.clock.steady() + wait_s
    while True:
        with db.write(f"lease.take:{name}") as tx:
            row, now = lease_row(tx.connection, name), database_time(tx.connection)
            if row is None or row.until is None or row.until <= now or is_gone(row.holder):
                held = Held(name, 1 if row is None else row.epoch + 1, myself(db.outside.new_id()))
                fresh = {"name": name, "epoch": held.epoch, "holder": held.holder, "until": now + TTL}
                tx.upsert(Lease, [fresh], key=("name",))
                return held
        if db.outside.clock.steady() >= end:
            raise LeaseBusy(busy(name, row), next="Wait for it to end, or look at it in the Prefect UI.")
        db.outside.clock.sleep(POLL_S)


def busy(name: str, row: Any) -> str:  # Any: a row of Lease
    """Return who holds a lease and until when."""
    holder = json.loads(row.holder)
    return f"Another run holds {name}: process {holder['pid']} on {holder['host']}, until {row.until:%H:%M:%S} UTC or longer."


def release(db: "Database", held: Held) -> None:
    """Give a lease back; the epoch stays, so that the next holder's is higher."""
    with db.write(f"lease.release:{held.name}") as tx:
        tx.execute(mine(held).values(until=None))


def give_back_all() -> None:
    """Give back all that this process holds, because it must end now; what takes too long is left to its successor.

    Whatever is still at work here commits nothing more under these leases.
    """

    def give_back() -> None:
        for db, held in HELD.copy():
            with suppress(FillrateError):
                release(db, held)

    last = threading.Thread(target=give_back, daemon=True, name="leases")
    last.start()
    last.join(LAST_S)


def heartbeat(db: "Database", held: Held, stop: threading.Event) -> None:
    """Prolong a lease until told to stop; one that cannot be prolonged is found out at the next write."""
    while not stop.wait(HEARTBEAT_S):
        try:
            with (
                db.engine.connect().execution_options(fillrate_begin="BEGIN IMMEDIATE") as connection,
                connection.begin(),
            ):
                still = mine(held).where(col(Lease.until).is_not(None))  # not one that was given back
                connection.execute(still.values(until=database_time(connection) + TTL))
        except (sa.exc.DBAPIError, FillrateError):
            continue


def mine(held: Held) -> sa.Update:
    """Return the start of an update of a lease that is still ours."""
    return sa.update(Lease).where(
        col(Lease.name) == held.name, col(Lease.epoch) == held.epoch, col(Lease.holder) == held.holder
    )


def lease_row(connection: Connection, name: str) -> Any:  # Any: a row of Lease, or None
    """Return a lease's row, locked until the transaction ends."""
    return connection.execute(sa.select(*Lease.__table__.c).where(col(Lease.name) == name).with_for_update()).first()


def database_time(connection: Connection) -> datetime:
    """Return the database's own clock."""
    if connection.dialect.name == "postgresql":
        now: datetime = connection.execute(sa.text("SELECT clock_timestamp()")).scalar_one()
        return now.astimezone(UTC)
    text = connection.execute(sa.text("SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')")).scalar_one()
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def myself(token: str) -> str:
    """Return who we are: enough to prove later that we are gone."""
    pid = os.getpid()
    return json.dumps({**where(), "pid": pid, "started": started(pid), "token": token}, sort_keys=True)


def is_gone(holder: str) -> bool:
    """Tell whether a holder was a process that we could see here, since the machine's last start, and runs no more."""
    who, here = json.loads(holder), where()
    if not all(here.values()) or any(who.get(name) != value for name, value in here.items()):
        return False
    return bool(started(who["pid"]) != who["started"])


def where() -> dict[str, str]:
    """Return what names this host, this start of it, and the namespace that its process ids belong to (a container's).

    A part is "" where the system does not say.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return {"host": socket.gethostname(), "boot": boot, "pids": str(Path("/proc/self/ns/pid").readlink())}
    except OSError:
        return {"host": socket.gethostname(), "boot": "", "pids": ""}


def started(pid: int) -> str:
    """Return when a process started, in ticks since the machine did, or "" where none runs any more."""
    try:
        state, *rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if state in DEAD else rest[18]
