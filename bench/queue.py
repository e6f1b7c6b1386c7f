"""Rankings of a made-up queue, each a process of its own (`bench.queue_run`)."""

import shutil
import sys
import uuid
from pathlib import Path

from bench.run import Cost, told


def at(url: str, what: str, *more: str) -> Cost:
    """Do one thing to the queue in this database."""
    return told([sys.executable, "-m", "bench.queue_run", what, url, *more])


def filled(url: str, lines: int) -> None:
    """Make a queue in a new database."""
    at(url, "fill", "--amount", str(lines))


def ranked(
    server: str, folder: Path, url: str, lines: int, runs: int, special: tuple[str, ...]
) -> tuple[list[Cost], list[Cost]]:
    """Return what rankings of everything cost, the floor and Fillrate, each after goods of one SKU in a hundred came."""
    writes = folder / f"writes-{uuid.uuid4().hex}"
    floor, ours = [], []
    if special:
        at(url, "rank", *special, "--writes", str(writes))
    for _ in range(runs):
        at(url, "receive", "--amount", str(lines // 1000))
        at(url, "rules")
        other = copy(server, folder, url)
        ours.append(at(url, "rank", *special, "--writes", str(writes)))
        floor.append(at(other, "floor", "--writes", str(writes)))
        drop(server, other)
    return floor, ours


def touched(folder: Path, url: str, runs: int) -> list[Cost]:
    """Return what runs cost, each after goods of ten SKUs came, the shop's notes included."""
    costs = []
    for _ in range(runs):
        at(url, "receive", "--amount", "10")
        costs.append(at(url, "rank", "--told", "--writes", str(folder / "writes")))
    return costs


def copy(server: str, folder: Path, url: str) -> str:
    """Return the address of a copy of a database that nobody uses."""
    name = f"b{uuid.uuid4().hex[:12]}"
    if server == "sqlite":
        shutil.copy(url.removeprefix("sqlite:///"), folder / f"{name}.db")
        return f"sqlite:///{folder}/{name}.db"
    by_admin(server, f"CREATE DATABASE {name} TEMPLATE {name_of(url)}")
    return server.replace("/postgres?", f"/{name}?")


def drop(server: str, url: str) -> None:
    """Throw a copy away."""
    if server == "sqlite":
        for file in Path(url.removeprefix("sqlite:///")).parent.glob(Path(url).name + "*"):
            file.unlink()
    else:
        by_admin(server, f"DROP DATABASE {name_of(url)}")


def by_admin(server: str, statement: str) -> None:
    """Run a statement on the server itself."""
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)


def name_of(url: str) -> str:
    """Return the name of a PostgreSQL database."""
    return url.split("?", maxsplit=1)[0].rsplit("/", 1)[1]
