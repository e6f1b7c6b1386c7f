"""`fillrate up` as a process: it comes up, runs, and leaves nothing behind; it says what stands in its way."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from sandbox import Running
from tests.cli.merchant import Merchant, wait_until_fired
from tests.deployments.server import Server, descendants, free_port, is_up, until

pytestmark = [pytest.mark.flow, pytest.mark.xdist_group("prefect")]


def alive(pids: list[int]) -> list[int]:
    """Those that still run; what has ended and is not yet fetched by its parent has ended."""
    return [
        pid for pid in pids if Path(f"/proc/{pid}/stat").exists() and " Z " not in Path(f"/proc/{pid}/stat").read_text()
    ]


@pytest.fixture
def below() -> Iterator[list[int]]:
    """The processes of `fillrate up` that a test has seen; where it fails, they do not outlive it."""
    seen: list[int] = []
    yield seen
    for pid in alive(seen):
        os.kill(pid, signal.SIGKILL)


def words(process: "subprocess.Popen[str]") -> list[str]:
    """The three lines that it says; after the last, everything is up."""
    assert process.stdout is not None
    return [process.stdout.readline() for _ in range(3)]


@pytest.mark.slow
def test_up_serves_every_schedule_runs_what_is_asked_and_ctrl_c_leaves_nothing(
    newcomer: Merchant, below: list[int]
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    server = Server(url, {})
    with newcomer.calling("up", "--port", str(port)) as process:
        lines = words(process)
        found = server.deployments()
        planned = until(lambda: server.runs("sync-orders", "SCHEDULED"), "runs that are planned")
        second = newcomer.fillrate("up", "--port", str(free_port()))
        ended = server.wait(server.start("sync-catalog"), "Completed", "Failed", "Crashed")
        below += descendants(process.pid)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        took = time.monotonic() - began

    assert lines[1] == f"{len(found)} deployments are served, their schedules are on, in the zone UTC.\n"
    assert url in lines[2]
    assert {flow: len(one["schedules"]) for flow, one in found.items() if one["schedules"]} == {
        "sync-catalog": 2,
        "sync-orders": 1,
        "sync-inbound": 1,
        "reconcile-inventory": 1,
        "allocate-orders": 1,
        "release-backlog": 1,
        "report-day": 1,
    }
    assert len(planned) >= 3
    assert (second.code, "Another fillrate up is at work" in second.words) == (1, True)
    assert ended["state_name"] == "Completed"
    assert process.returncode == 130
    assert err.endswith("fillrate: Interrupted.\nRun it again; that is harmless.\n")
    assert len(below) >= 2
    assert alive(below) == []
    assert not is_up(url)
    assert took < 45
    assert (newcomer.folder / ".fillrate" / "prefect" / "prefect.db").exists()


@pytest.mark.slow
def test_up_that_is_killed_leaves_no_process_and_the_next_one_tells_which_run_it_cut_off(
    newcomer: Merchant, shop: Running, faults: Callable[..., None], below: list[int]
) -> None:
    faults(match="GET /v2/orders*", kind="drip", bytes_per_second=20)
    port = free_port()
    server = Server(f"http://127.0.0.1:{port}", {})
    with newcomer.calling("up", "--port", str(port)) as process:
        words(process)
        run = server.start("sync-orders")
        wait_until_fired(shop)
        below += descendants(process.pid)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)  # to the last process that could write to it
    left = until(lambda: not alive(below), "the last of its processes")
    httpx.delete(f"{shop.root}/_practice/faults").raise_for_status()
    with newcomer.calling("up", "--port", str(port)) as process:
        words(process)
        cut_off = server.run(run)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)

    assert len(below) >= 3
    assert left
    assert cut_off["state"]["message"] == "fillrate up was ended while this ran. Run it again; that is harmless."
    assert process.returncode == 0


def test_up_says_when_the_server_that_was_named_does_not_answer(newcomer: Merchant) -> None:
    said = newcomer.fillrate("up", PREFECT_API_URL="http://127.0.0.1:9/api")

    assert said.code == 1
    assert said.words == (
        "fillrate: PREFECT_API_URL is set, and nothing answers at http://127.0.0.1:9/api.\n"
        "Start that server, or unset PREFECT_API_URL: fillrate up then brings its own.\n"
    )


def test_up_says_when_its_port_is_taken(newcomer: Merchant) -> None:
    port = int(
        httpx.URL(newcomer.folder.joinpath("fillrate.toml").read_text().split('base_url = "')[1].split('"')[0]).port
        or 0
    )

    said = newcomer.fillrate("up", "--port", str(port))

    assert said.code == 2
    assert f"Port {port} is in use.\nChoose another with --port" in said.words


@pytest.mark.parametrize("command", ["up", "receiver"])
def test_whoever_serves_the_receiver_says_when_its_port_is_taken(newcomer: Merchant, command: str) -> None:
    settings = newcomer.folder / "fillrate.toml"
    port = httpx.URL(settings.read_text().split('base_url = "')[1].split('"')[0]).port
    settings.write_text(f"{settings.read_text()}\n[receiver]\nport = {port}\n")

    said = newcomer.fillrate(command, FILLRATE_WAREHOUSE_TOKEN="t" * 32)

    assert said.code == 2
    assert said.words == (
        f"fillrate: Port {port} of 127.0.0.1, where the receiver listens, is in use.\n"
        "End what listens there, or choose another port in [receiver].\n"
    )
