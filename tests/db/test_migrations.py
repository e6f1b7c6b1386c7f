"""Migrations: the tables are what the models say, killed anywhere nothing is half done, and strangers are refused."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from fillrate.db.database import Database
from fillrate.db.tables import metadata
from fillrate.errors import FixSettings
from fillrate.gateway.outside import Outside

KILLED_AT = """
import os, signal, sys
import sqlalchemy as sa
from fillrate.db.database import Database
from fillrate.gateway.outside import Outside
db = Database.open(sys.argv[1], Outside())
left = int(sys.argv[2])
@sa.event.listens_for(db.engine, "before_cursor_execute")
def count(*_):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
db.upgrade()
"""


@pytest.fixture
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty SQLite file, or an empty schema."""
    return f"sqlite:///{tmp_path}/new.db" if request.param == "sqlite" else str(request.getfixturevalue("postgres_url"))


both = pytest.mark.parametrize(
    "empty_url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)


def test_the_tables_are_what_the_models_say(db: Database) -> None:
    with db.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
        checks = {
            one["name"] for table in metadata.tables for one in sa.inspect(connection).get_check_constraints(table)
        }

    wanted = {c.name for t in metadata.tables.values() for c in t.constraints if isinstance(c, sa.CheckConstraint)}
    assert differences == []
    assert wanted <= checks


@both
@pytest.mark.parametrize("statement", [0, 30, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 3, 10, 45))])
def test_a_migration_killed_at_a_statement_leaves_nothing_half_done(empty_url: str, statement: int) -> None:
    ended = subprocess.run([sys.executable, "-c", KILLED_AT, empty_url, str(statement)], check=False, env=os.environ)
    assert ended.returncode == -signal.SIGKILL

    db = Database.open(empty_url, Outside())
    assert db.check()["empty"] is True
    assert db.upgrade() == db.upgrade() == db.check()["wanted"]
    db.close()


@both
def test_a_brand_new_database_is_set_up_without_asking(empty_url: str) -> None:
    db = Database.open(empty_url, Outside())

    db.ensure()

    assert db.check()["ok"] is True
    db.close()


@both
def test_a_database_of_somebody_else_is_refused_before_anything_happens(empty_url: str) -> None:
    db = Database.open(empty_url, Outside())
    with db.engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE theirs (x INTEGER)"))

    with pytest.raises(FixSettings, match="not Fillrate's"):
        db.ensure()
    with pytest.raises(FixSettings, match="not Fillrate's"):
        db.upgrade()

    with db.engine.connect() as connection:
        assert sa.inspect(connection).get_table_names() == ["theirs"]
    db.close()


def test_tables_of_an_unknown_version_are_refused(db: Database) -> None:
    with db.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(FixSettings, match="version 9999, which this program does not know"):
        db.ensure()


def test_no_second_sqlite_library_comes_with_the_product() -> None:
    lock = (Path(__file__).parents[2] / "requirements.lock").read_text()

    assert not [name for name in ("duckdb", "adbc-driver-sqlite", "apsw", "pysqlite3") if f"\n{name}==" in lock]
