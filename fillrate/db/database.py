"""Transactions on SQLite and PostgreSQL: consistent reads, and labelled writes that a simulator can cut off.

`with db.read() as reading` sees one moment and is closed before any call goes out. `with db.write("label") as tx` is one
transaction: BEGIN IMMEDIATE on SQLite, READ COMMITTED with one lock for all that touches stock on PostgreSQL.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError

from fillrate.db import bulk, lookup
from fillrate.db.bulk import Select
from fillrate.db.tables.columns import Model
from fillrate.errors import FixSettings, StopRun
from fillrate.gateway.outside import Outside

if TYPE_CHECKING:
    import pandas as pd

    from fillrate.db.lease import Held
    from fillrate.db.tokens import SharedTokens

Rows = Sequence[Mapping[str, Any]]  # Any: a table's rows
LOCK = 7_001_455  # the advisory lock of everything that touches stock, allocations, open units or plans
BUSY_MS = 30_000
IDLE_MS = 300_000  # a frozen process keeps its locks no longer
SCHEMA = re.compile(r"[a-z_][a-z0-9_]*")  # what PostgreSQL takes as it is written, without quotes
DISK_FULL = "53100"  # PostgreSQL's code for it
BROKEN_FILE = ("SQLITE_CORRUPT", "SQLITE_NOTADB")


class Reading:
    """Questions to one moment of the database."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def rows(self, statement: sa.Executable, params: Mapping[str, Any] | None = None) -> list[Any]:
        """Return all rows of a statement, with the columns that were asked for."""
        return list(self.connection.execute(statement, dict(params or {})))

    def first(self, statement: sa.Executable, params: Mapping[str, Any] | None = None) -> Any:  # Any: as above
        """Return the first row, or None."""
        return self.connection.execute(statement, dict(params or {})).first()

    def scalar(self, statement: sa.Executable, params: Mapping[str, Any] | None = None) -> Any:
        """Return the first column of the first row, or None."""
        return self.connection.execute(statement, dict(params or {})).scalar()

    def is_in(self, column: Any, values: Sequence[Any]) -> sa.ColumnElement[bool]:
        """Return the condition that a column is one of many values, however many."""
        return bulk.is_in(self.connection.dialect.name, column, values)

    def frame(self, statement: Select) -> "pd.DataFrame":
        """Return a statement's rows as columns: int64 (Int64 where empty values occur), bool, aware UTC times, text."""
        return bulk.frame(self.connection, statement)

    def find(
        self, table: type[Model], column: str, values: Sequence[Any], *names: str, **equal: Any
    ) -> list[Any]:  # Any: a column's values, and rows
        """Return the rows whose column is one of the values (texts, whole numbers), with these columns or else all.

        `equal` are other columns' values. Rows come in no order.
        """
        return lookup.find(self.connection, bulk.table_of(table), column, values, names, equal)

    def ids(
        self, table: type[Model], channel_id: int | None, platform_ids: Sequence[str], column: str = "platform_id"
    ) -> dict[str, int]:
        """Return our key of each outside id that is known."""
        equal = {} if channel_id is None else {"channel_id": channel_id}
        return dict(self.find(table, column, platform_ids, column, "id", **equal))


class Writing(Reading):
    """One write transaction."""

    def execute(self, statement: sa.Executable, params: Mapping[str, Any] | None = None) -> int:
        """Run a statement and return how many rows it changed."""
        return int(self.connection.execute(statement, dict(params or {})).rowcount)

    def insert(self, table: type[Model], rows: Rows) -> None:
        """Add rows."""
        bulk.insert(self.connection, bulk.table_of(table), rows)

    def upsert(self, table: type[Model], rows: Rows, *, key: tuple[str, ...], newer: str | None = None) -> int:
        """Add rows, or change those with the same key where something differs; returns how many were touched.

        With `newer`, a row that is older by that column leaves the saved one as it is. Of rows with the same key in one
        call the last one counts.
        """
        return bulk.upsert(self.connection, bulk.table_of(table), rows, key, newer)

    def update(self, table: type[Model], rows: Rows, *, key: tuple[str, ...]) -> int:
        """Change the given columns of rows by key, of those with the same key by the last one; returns how many there were."""
        return bulk.update(self.connection, bulk.table_of(table), rows, key)

    def delete(self, table: type[Model], rows: Rows, *, key: tuple[str, ...]) -> int:
        """Remove rows by key; returns how many there were."""
        return bulk.delete(self.connection, bulk.table_of(table), rows, key)

    def temporary(self, table: sa.TableClause, rows: Iterable[Sequence[Any]], *, key: str) -> None:
        """Put rows (in the order of the table's columns) into a table that only this transaction sees, anew."""
        bulk.temporary(self.connection, table, rows, key)


class Database:
    """One merchant's tables: an SQLite file, or a PostgreSQL schema."""

    def __init__(self, engine: Engine, outside: Outside) -> None:
        self.engine = engine
        self.outside = outside

    @classmethod
    def open(cls, url: str, outside: Outside) -> "Database":
        """Open a database; nothing is created yet but an SQLite file with the owner's eyes only.

        Raises FixSettings for what is no address, and for a database that is neither SQLite nor PostgreSQL.
        """
        try:
            parsed = make_url(url)
        except (ArgumentError, ValueError):
            raise FixSettings("The database's url is no address.", next="Use sqlite:///… or postgresql://…") from None
        if parsed.drivername == "sqlite":
            return cls(sqlite_engine(Path(parsed.database or "")), outside)
        if parsed.drivername in {"postgresql", "postgresql+psycopg"}:
            return cls(postgres_engine(parsed), outside)
        raise FixSettings(f"The database {parsed.drivername!r} is not known.", next="Use sqlite:///… or postgresql://…")

    @property
    def dialect(self) -> str:
        """Which engine this is: "sqlite" or "postgresql"."""
        return self.engine.dialect.name

    @contextmanager
    def read(self) -> Iterator[Reading]:
        """Read one moment."""
        with told_plainly(), self.engine.connect() as connection:
            if self.dialect == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                yield Reading(connection)

    @contextmanager
    def write(self, label: str, lease: "Held | None" = None, *, lock: bool = False) -> Iterator[Writing]:
        """Change something in one transaction; the label names it to a simulator.

        With a lease, the transaction commits only while the lease is still ours (else LeaseLost). With `lock`, nothing
        else that takes the lock runs meanwhile.
        """
        with told_plainly(), self.engine.connect() as connection:
            with connection.execution_options(fillrate_begin="BEGIN IMMEDIATE").begin():
                tx = Writing(connection)
                if lock and self.dialect == "postgresql":
                    schema = sa.func.hashtext(sa.func.current_schema())
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK, schema)))
                yield tx
                if lease is not None:
                    lease.check(tx)
                self.outside.faults.at(label, "before")
            self.outside.faults.at(label, "after_commit")

    def hold(self, name: str, *, wait_s: float) -> "AbstractContextManager[Held]":
        """Hold a lease while the block runs; see `fillrate.db.lease.hold`."""
        from fillrate.db.lease import hold

        return hold(self, name, wait_s)

    def tokens(self, channel_id: int) -> "SharedTokens":
        """Return a store's request budget, shared by all processes."""
        from fillrate.db.tokens import SharedTokens

        return SharedTokens(self, channel_id)

    def ensure(self) -> None:
        """Set up a brand-new database; refuse one whose tables are of another version (FixSettings)."""
        from fillrate.db.migrations import ensure

        with told_plainly():
            ensure(self)

    def upgrade(self) -> str:
        """Bring the tables to this version and return it."""
        from fillrate.db.migrations import upgrade

        with told_plainly():
            return upgrade(self)

    def check(self) -> dict[str, Any]:
        """Return whether the tables fit this version: ok, version, wanted, sentence."""
        from fillrate.db.migrations import check

        with told_plainly():
            return check(self)

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn an error of the database into a sentence; what was not committed is not there, and a rerun is harmless."""
    try:
        yield
    except DBAPIError as error:
        raise StopRun(f"The database said: {first_line(error)}.", next=next_step(error)) from None


def first_line(error: DBAPIError) -> str:
    """Return what the database said, without the values of the statement."""
    name, said = type(error.orig).__name__, str(error.orig).splitlines()
    return name if isinstance(error, DataError) or not said else f"{name}: {said[0]}"[:200]


def next_step(error: DBAPIError) -> str:
    """Return what to do about an error of the database."""
    name = getattr(error.orig, "sqlite_errorname", "")
    if name.startswith(BROKEN_FILE):
        return "Put a backup in the file's place, or name another file in [database] url."
    if name.startswith("SQLITE_BUSY"):
        return (
            "Another process holds the file: let it end, or end it where it hangs (fuser names it). Then run it again."
        )
    if name.startswith("SQLITE_FULL") or getattr(error.orig, "sqlstate", "") == DISK_FULL:
        return "Make room on the database's disk, then run it again; that is harmless."
    if error.statement is None:  # no question got as far as the database
        return (
            "See that it runs and that [database] url (or FILLRATE_DATABASE_URL) is right; running again is harmless."
        )
    return "Run it again; that is harmless."


def sqlite_engine(file: Path) -> Engine:
    """Return an engine for an SQLite file: write-ahead log, foreign keys, patience, and our own BEGIN."""
    if str(file) in {"", "."} or not file.parent.is_dir():
        raise FixSettings(f"There is no folder for the database {file}.", next="Make it, or mend [database] url.")
    os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(file)), connect_args={"timeout": BUSY_MS / 1000}, hide_parameters=True
    )

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:  # Any: SQLAlchemy's own
        connection.isolation_level = None  # the driver must not begin or commit by itself
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL", f"busy_timeout={BUSY_MS}"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("fillrate_begin", "BEGIN"))

    return engine


def postgres_engine(url: sa.URL) -> Engine:
    """Return an engine for PostgreSQL; `?schema=NAME` keeps one merchant apart from another."""
    schema = url.query.get("schema")
    if schema is not None and not (isinstance(schema, str) and SCHEMA.fullmatch(schema)):
        what = "The schema in the database's url must be one name of lower-case letters, digits and _."
        raise FixSettings(what, next="Name or rename the schema so, for instance ?schema=my_shop.")
    rest = url.set(drivername="postgresql+psycopg").difference_update_query(["schema"])
    options = {"options": f"-csearch_path={schema}"} if schema else {}
    engine = sa.create_engine(
        rest, connect_args={**options, "connect_timeout": 10}, pool_pre_ping=True, hide_parameters=True
    )

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:  # Any: SQLAlchemy's own
        connection.execute(f"SET idle_in_transaction_session_timeout = {IDLE_MS}")
        connection.commit()

    return engine
