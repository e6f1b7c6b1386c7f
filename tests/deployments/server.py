"""A Prefect server with our deployments, a worker, and a merchant with a practice shop, each a program of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox import Running
from tests.cli.merchant import Merchant, bare_environment, wait_until_fired

LONGEST_S = 150  # the machine is shared; none of this takes long by itself
POOL = ("work-pool", "create", "fillrate", "--type", "process")


@dataclass(frozen=True)
class Server:
    """One Prefect server, asked over HTTP."""

    url: str
    environ: dict[str, str]

    def ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        return self.answer("POST", path, body or {})

    def get(self, path: str) -> Any:
        return self.answer("GET", path)

    def answer(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = until(lambda: self.answer_unless_busy(method, path, body), f"an answer to {path}")
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def answer_unless_busy(self, method: str, path: str, body: dict[str, Any] | None) -> httpx.Response | None:
        """What the server says, or None while its database is busy: Prefect's own client tries again as well."""
        try:
            answer = httpx.request(method, f"{self.url}/api/{path}", json=body, timeout=30, trust_env=False)
        except httpx.TimeoutException:
            return None
        return None if answer.status_code == 503 else answer

    def deployments(self) -> dict[str, Any]:
        flows = {one["id"]: one["name"] for one in self.ask("flows/filter")}
        return {flows[one["flow_id"]]: one for one in self.ask("deployments/filter")}

    def start(self, flow: str, **parameters: Any) -> str:
        """Start a run as the UI does, and return its id."""
        deployment = self.deployments()[flow]["id"]
        wish = {"parameters": parameters, "idempotency_key": uuid.uuid4().hex}  # asked for twice, it is one run
        return str(self.ask(f"deployments/{deployment}/create_flow_run", wish)["id"])

    def run(self, run_id: str) -> Any:
        return self.get(f"flow_runs/{run_id}")

    def runs(self, flow: str, *states: str) -> list[Any]:
        wanted = {"flows": {"name": {"any_": [flow]}}, "flow_runs": {"state": {"type": {"any_": list(states)}}}}
        return list(self.ask("flow_runs/filter", wanted))

    def wait(self, run_id: str, *states: str) -> Any:
        """Wait until a run is in one of these states."""
        return until(lambda: (found := self.run(run_id))["state_name"] in states and found, f"{run_id} {states}")


def until(look: Any, what: str, longest_s: float = LONGEST_S) -> Any:
    """Look again and again until something is there."""
    end = time.monotonic() + longest_s
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.3)
    pytest.fail(f"waited in vain for {what}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def program(*arguments: str, cwd: Path, log: Path, **environ: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A program in a session of its own; nothing of it is left after."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=cwd,
            env={**bare_environment(), **environ},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            kill_all_of(process)


def kill_all_of(process: "subprocess.Popen[bytes]") -> None:
    """Kill a program with every process below it, at one stroke."""
    for pid in [process.pid, *descendants(process.pid)]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()


def descendants(pid: int) -> list[int]:
    """Every process below one, as the system lists them."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents.setdefault(int(stat.read_text().rpartition(")")[2].split()[1]), []).append(int(stat.parent.name))
        except OSError:
            continue
    found, todo = [], [pid]
    while todo:
        children = parents.get(todo.pop(), [])
        found += children
        todo += children
    return found


@contextmanager
def prefect_server(folder: Path) -> Iterator[Server]:
    """A server whose data is in the folder."""
    url = f"http://127.0.0.1:{free_port()}"
    environ = {
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_API_URL": f"{url}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_WORKER_QUERY_SECONDS": "1",
    }
    start = ("-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", url.rpartition(":")[2])
    with program(*start, cwd=folder, log=folder / "server.log", **environ):
        until(lambda: is_up(url), "the server")
        yield Server(url, environ)


def is_up(url: str) -> bool:
    try:
        return httpx.get(f"{url}/api/health", timeout=5, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def prefect(server: Server, merchant: Merchant, *arguments: str) -> str:
    """What the `prefect` command says, called where prefect.yaml is; it must succeed."""
    done = subprocess.run(
        [sys.executable, "-m", "prefect", *arguments],
        cwd=Path(__file__).parents[2],
        env={**bare_environment(), **server.environ, "FILLRATE_HOME": str(merchant.folder)},
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def worker(server: Server, merchant: Merchant, elsewhere: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A process worker, started in a folder that has nothing to do with Fillrate."""
    start = ("-m", "prefect", "worker", "start", "--pool", "fillrate", "--type", "process")
    home = {"FILLRATE_HOME": str(merchant.folder)}
    with program(*start, cwd=elsewhere, log=elsewhere / "worker.log", **server.environ, **home) as process:
        yield process


def killed_in_the_middle(server: Server, shop: Running, merchant: Merchant, elsewhere: Path) -> str:
    """The id of a run that is killed together with its worker while it reads orders."""
    fault = {"match": "GET /v2/orders*", "kind": "drip", "bytes_per_second": 20}
    httpx.post(f"{shop.root}/_practice/faults", json=[fault]).raise_for_status()
    with worker(server, merchant, elsewhere) as process:
        run = server.start("sync-orders")
        wait_until_fired(shop)
        kill_all_of(process)
    httpx.delete(f"{shop.root}/_practice/faults").raise_for_status()
    return run
