"""Bring the tables to this version: one transaction with the version row, on both engines; killed anywhere, nothing is half done.

SQLite is copied first where there is something to lose. A database that is not ours, or is newer than this program, is
refused before anything happens.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from fillrate.errors import FixSettings

if TYPE_CHECKING:
    from fillrate.db.database import Database

HERE = Path(__file__).parent
LOCK = 7_001_456  # the advisory lock of migrations


def ensure(db: "Database") -> None:
    """Set up a brand-new database; refuse one of another version (FixSettings says what to do)."""
    found = check(db)
    if found["version"] is None and found["ok"] is False and found["empty"]:
        upgrade(db)
    elif not found["ok"]:
        raise FixSettings(found["sentence"], next=found["next"])


def check(db: "Database") -> dict[str, Any]:  # Any: JSON
    """Return ok, empty, version, wanted, sentence and next; changes nothing."""
    with db.engine.connect() as connection, connection.begin():
        version, tables = current(connection), sa.inspect(connection).get_table_names()
    wanted = scripts().get_current_head()
    found = {"ok": version == wanted, "empty": not tables, "version": version, "wanted": wanted, "next": ""}
    if version == wanted:
        return {**found, "sentence": f"The tables are at version {version}, as they should be."}
    if not tables:
        return {**found, "sentence": "The database is empty.", "next": "Run: fillrate db upgrade"}
    if version is None:
        return {**found, "sentence": "The database holds tables that are not Fillrate's.", "next": "Name another one."}
    if version not in known_versions():
        sentence = f"The tables are at version {version}, which this program does not know."
        return {**found, "sentence": sentence, "next": "Use the program that made them, or a newer one."}
    return {
        **found,
        "sentence": f"The tables are at version {version}; {wanted} is wanted.",
        "next": "Run: fillrate db upgrade",
    }


def upgrade(db: "Database") -> str:
    """Bring the tables to this version in one transaction and return it; twice is once."""
    found = check(db)
    refused = not found["empty"] and found["version"] not in known_versions()
    if refused:
        raise FixSettings(found["sentence"], next=found["next"])
    if not found["ok"] and found["version"] is not None:
        back_up(db, found["version"])
    with db.engine.connect() as connection, connection.execution_options(fillrate_begin="BEGIN EXCLUSIVE").begin():
        if db.dialect == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
        run(connection)
        return str(current(connection))


def run(connection: Connection) -> None:
    """Run what is missing, inside the transaction that is open."""
    script = scripts()

    def missing(revision: Any, _context: Any) -> Any:  # Any: Alembic's own
        return script._upgrade_revs("head", revision)  # noqa: SLF001 - what `alembic upgrade` itself calls

    with EnvironmentContext(configuration(), script, fn=missing) as environment:
        environment.configure(connection=connection, transactional_ddl=True)
        environment.run_migrations()


def configuration() -> Config:
    """Return where the revisions are."""
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("path_separator", "os")
    return config


def scripts() -> ScriptDirectory:
    """Return the revisions."""
    return ScriptDirectory.from_config(configuration())


def known_versions() -> set[str]:
    """Return every revision that this program knows."""
    return {script.revision for script in scripts().walk_revisions()}


def current(connection: Connection) -> str | None:
    """Return the version of the tables, None where there is none."""
    return MigrationContext.configure(connection).get_current_revision()


def back_up(db: "Database", version: str) -> None:
    """Copy an SQLite database beside itself, by SQLite's own means."""
    if db.dialect != "sqlite":
        return
    file = Path(str(db.engine.url.database))
    copy = file.with_name(f"{file.name}.before-{version}")
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    copy.chmod(0o600)
