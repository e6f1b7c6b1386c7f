"""`fillrate demo`: practice shops and a Prefect server on this machine, every flow once, one order's story, and one stock's."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from deployments.cli.demo_channels import OTHERS, tell_of_one_stock
from deployments.cli.demo_story import tell_of_one_order
from deployments.cli.postbox import postbox
from deployments.cli.run import FLOWS_IN_ORDER, run_flow, sentences
from deployments.cli.terminal import say
from fillrate.errors import StopRun

FOLDER = Path("demo-shop")
STARTUP_S = 120
MORE = """
[mail]
from = "Practice Shop <orders@practice-shop.example>"
host = "127.0.0.1"
port = {port}
security = "plain"
quiet_from = "00:00"  # at any hour
quiet_until = "00:00"

[policy.default]
wait_above_share = 1  # however many numbers differ at first, none waits for a person
"""


def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Stay, with the Prefect UI open, until Ctrl-C.")] = False,
    seed: Annotated[int, typer.Option(help="Another number makes another shop.")] = 7,
) -> None:
    """Run everything once against a practice shop, and say what it did and where to look."""
    began = time.monotonic()
    end_with_all_that_it_started()
    folder = fresh_folder()
    say("Opening three practice shops and starting a Prefect server (10 to 20 seconds) …")
    with practice_shop(folder, seed) as shop, prefect_server(folder, keep=keep) as server, postbox() as box:
        settings = folder / "fillrate.toml"
        told_to_publish = settings.read_text("utf-8").replace("practice = true\n", "practice = true\npublish = true\n")
        settings.write_text(told_to_publish + MORE.format(port=box.port), "utf-8")
        os.environ |= {"FILLRATE_CONFIG": str(folder / "fillrate.toml"), "PREFECT_API_URL": f"{server}/api"}
        say(f"  the practice shop is open at {shop}", f"  the Prefect server listens at {server}", "")
        started = time.monotonic()
        results = [told(flow) for flow in FLOWS_IN_ORDER]
        command = command_in(folder)
        say("")
        results += tell_of_one_order(shop, box, command)
        results += tell_of_one_stock(shop)
        worked = time.monotonic() - started
        say("", took(worked, time.monotonic() - began), "")
        say(*where_to_look(folder, command))
        if keep:
            stay(server)
        else:
            say(f"The shop and the server are closed now. To stay, with the Prefect UI open: {program()} demo --keep")
    if any(result["state"] != "done" for result in results):
        sys.exit(1)


def end_with_all_that_it_started() -> None:
    """Take a closed terminal or a supervisor's word for an end like any other, so that nothing stays behind."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda caught, _: sys.exit(128 + caught))


def fresh_folder() -> Path:
    """Make the demo's own folder anew; nothing else is touched."""
    folder = FOLDER.absolute()
    if folder.exists() and not (folder / ".fillrate-demo").exists():
        raise StopRun(f"{folder} exists and was not made by the demo.", next="Move it away, or run the demo elsewhere.")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / ".fillrate-demo").write_text("The demo makes this folder anew each time.\n")
    return folder


@contextmanager
def practice_shop(folder: Path, seed: int) -> Iterator[str]:
    """Run a practice shop beside us and give its address."""
    asked = {"--port": "0", "--seed": str(seed), "--channels": ",".join(OTHERS), "--write-config": str(folder)}
    command = [sys.executable, "-m", "sandbox", *(part for pair in asked.items() for part in pair)]
    with running(command, folder / "practice-shop.log") as process:
        marker = "practice shop ready at "
        yield wait_for(process, folder / "practice-shop.log", marker)


@contextmanager
def prefect_server(folder: Path, *, keep: bool) -> Iterator[str]:
    """Run a Prefect server of the demo's own and give its address."""
    import httpx

    port = free_port()
    address = f"http://127.0.0.1:{port}"
    os.environ |= {
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_UI_API_URL": f"{address}/api",  # else the page asks port 4200
        "DO_NOT_TRACK": "1",
        "PREFECT_LOGGING_LEVEL": "INFO" if keep else "WARNING",
    }
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with running(command, folder / "prefect-server.log") as process:
        end = time.monotonic() + STARTUP_S
        while time.monotonic() < end and process.poll() is None:
            with suppress(httpx.HTTPError):
                if httpx.get(f"{address}/api/health", timeout=2, trust_env=False).status_code == 200:
                    yield address
                    return
            time.sleep(0.2)
        raise StopRun("The Prefect server did not start.", next=f"Its log is in {folder / 'prefect-server.log'}")


@contextmanager
def running(command: list[str], log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a program beside us with its output in a file, and end it after."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)  # noqa: S603 - our own programs
        try:
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(15)
            if process.poll() is None:
                process.kill()
                process.wait()


def wait_for(process: "subprocess.Popen[bytes]", log: Path, marker: str) -> str:
    """Return what follows the marker in a program's output, once it is there."""
    end = time.monotonic() + STARTUP_S
    while time.monotonic() < end and process.poll() is None:
        for line in log.read_text(errors="replace").splitlines():
            if marker in line:
                return line.split(marker, 1)[1].strip()
        time.sleep(0.05)
    raise StopRun("The practice shop did not start.", next=f"Its log is in {log}")


def free_port() -> int:
    """Return a port that nobody uses just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def told(flow: str) -> dict[str, Any]:  # Any: JSON
    """Run one flow and say what it did."""
    result = run_flow(flow, {})
    say(*sentences(result))
    return result


def took(worked: float, in_all: float) -> str:
    """Return how long it took, and how much of it was work."""
    return f"The runs took {worked:.0f} s, starting and all {in_all:.0f} s."


def program() -> str:
    """Return how the command is called from here; `make demo` runs it from where no shell looks."""
    called = Path(sys.argv[0])
    return called.name if shutil.which(called.name) else str(called)


def command_in(folder: Path) -> str:
    """Return how the command is called with the demo's settings."""
    return f"FILLRATE_CONFIG={near(folder) / 'fillrate.toml'} {program()}"


def near(folder: Path) -> Path:
    """Return a folder as it is named from here."""
    return folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder


def where_to_look(folder: Path, command: str) -> list[str]:
    """Return where everything is that the demo made."""
    return [
        f"The tables are in {near(folder) / 'fillrate.db'} (SQLite). Look around with:",
        *(f"  {command} {what}" for what in ("status", "plans", "audit")),
    ]


def stay(server: str) -> None:
    """Wait for Ctrl-C."""
    say("", f"The Prefect UI is at {server} — look at Runs and their Artifacts. Ctrl-C ends the demo.")
    with suppress(KeyboardInterrupt):
        signal.pause()
