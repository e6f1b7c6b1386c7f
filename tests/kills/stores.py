"""Copies of a database, so that every case begins with the same rows: a file, or a PostgreSQL database from a template."""

import shutil
import uuid
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa


class Store(Protocol):
    """Where the databases of all cases are."""

    name: str

    def fresh(self) -> str:
        """Return the address of a new, empty database."""
        ...

    def copy(self, url: str) -> str:
        """Return the address of a copy; nobody may be connected to the first one."""
        ...

    def drop(self, url: str) -> None:
        """Throw one away."""
        ...


class Files:
    """SQLite."""

    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fresh(self) -> str:
        return f"sqlite:///{self.folder}/{uuid.uuid4().hex}.db"

    def copy(self, url: str) -> str:
        made = self.fresh()
        source, target = (Path(one.removeprefix("sqlite:///")) for one in (url, made))
        for end in ("", "-wal"):
            if (file := source.with_name(source.name + end)).exists():
                shutil.copy(file, target.with_name(target.name + end))
        return made

    def drop(self, url: str) -> None:
        file = Path(url.removeprefix("sqlite:///"))
        for one in file.parent.glob(f"{file.name}*"):
            one.unlink()


class Databases:
    """PostgreSQL."""

    name = "postgresql"

    def __init__(self, server: str) -> None:
        self.server = sa.make_url(server)
        self.admin = sa.create_engine(
            self.server.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool
        )

        for statement in (
            "ALTER SYSTEM SET fsync = off",
            "SELECT pg_reload_conf()",
        ):  # no machine dies here, only processes
            self.run(statement)

    def run(self, statement: str) -> None:
        with self.admin.connect() as connection:
            connection.execute(sa.text(statement))

    def fresh(self) -> str:
        return self.made("")

    def copy(self, url: str) -> str:
        return self.made(f" TEMPLATE {sa.make_url(url).database}")

    def made(self, how: str) -> str:
        name = f"k{uuid.uuid4().hex[:12]}"
        self.run(f"CREATE DATABASE {name}{how}")
        return self.server.set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        self.run(f"DROP DATABASE {sa.make_url(url).database} WITH (FORCE)")
