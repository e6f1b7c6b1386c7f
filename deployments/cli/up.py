"""`fillrate up`: a Prefect server and a process that runs what is due, on one machine, by one command.

Both are programs of their own in process groups of their own, so that Ctrl-C reaches this one first, which then ends
them in order: first the runs, then the server that they report to.
"""

import ctypes
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import IO, Annotated, NoReturn

import typer

from deployments.cli.receiver import refuse_taken
from deployments.cli.terminal import say
from fillrate.errors import FixSettings, StopRun
from fillrate.settings import Settings, kind_named, load, settings_file

STARTUP_S = 120
LAST_S = 20  # for runs to report their end
BUSY_TRIES = 5  # a server on SQLite answers 503 while something else is written
ON_THIS_MACHINE = {  # a server of ours tells nobody of us, gives slots of dead runs back, and forgets old runs
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
}
PR_SET_PDEATHSIG = 1
Program = subprocess.Popen[bytes]


def up(
    port: Annotated[int, typer.Option(help="Port of the Prefect server that is brought along.")] = 4200,
) -> None:
    """Run a Prefect server and all schedules on this machine, until Ctrl-C; with PREFECT_API_URL, on the server there."""
    settings = load()  # mistakes in the settings are told before anything starts
    file = settings_file()
    os.environ["FILLRATE_CONFIG"] = str(file)
    os.environ.setdefault("PREFECT_FLOWS_HEARTBEAT_FREQUENCY", "30")  # as prefect.yaml sets it for workers
    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # a shell's `&` has it ignored, by the programs below as well
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
    with alone(file.parent / ".fillrate") as folder:
        if has_receiver(settings):
            refuse_taken(settings.receiver.host, settings.receiver.port)
        with (
            server(folder, port) as programs,
            program(["-m", "deployments.serve", *(["--alone"] if programs else [])], None) as serving,
            receiving(settings) as receivers,
        ):
            watch([*programs, serving, *receivers])


def has_receiver(settings: Settings) -> bool:
    """Tell whether the receiver has anything to serve: links in mails, the warehouse API, or hooks."""
    links = settings.mail is not None and settings.mail.link_secrets
    return bool(links or settings.receiver.warehouse_token.get_secret_value() or takes_hooks(settings))


def takes_hooks(settings: Settings) -> bool:
    """Tell whether hooks of any channel can be told from forged ones."""
    kinds = [(one, kind_named(one.kind)) for one in settings.channel]
    return any(kind.hooks is not None and kind.hooks.is_ready(one) for one, kind in kinds)


@contextmanager
def receiving(settings: Settings) -> Iterator[list[Program]]:
    """Run the receiver where it has anything to serve."""
    if not has_receiver(settings):
        yield []
        return
    with program(["-m", "deployments.receiver"], None) as running:
        say(f"The receiver listens at http://{settings.receiver.host}:{settings.receiver.port}")
        yield [running]


def leave(number: int, frame: FrameType | None) -> NoReturn:
    """End everything, as Ctrl-C does, when told to by a supervisor; that is no failure."""
    sys.exit(0)


@contextmanager
def alone(folder: Path) -> Iterator[Path]:
    """Hold this merchant's folder for one `fillrate up` at a time; a killed one lets go of it."""
    folder.mkdir(mode=0o700, exist_ok=True)
    with (folder / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StopRun(f"Another fillrate up is at work for {folder.parent}.", next="End that one first.") from None
        yield folder


@contextmanager
def server(folder: Path, port: int) -> Iterator[list[Program]]:
    """Use the server of PREFECT_API_URL, or run one whose data is in the folder."""
    named = os.environ.get("PREFECT_API_URL")
    if named:
        if not answers(named):
            what = f"PREFECT_API_URL is set, and nothing answers at {named}."
            raise StopRun(what, next="Start that server, or unset PREFECT_API_URL: fillrate up then brings its own.")
        if pools := work_pools(named):
            what = f"On the server at {named} the deployments belong to workers of the pool {', '.join(pools)}."
            hint = "Start a worker (docs/how-to/schedule.md), or unset PREFECT_API_URL: fillrate up then brings its own server."
            raise FixSettings(what, next=hint)
        yield []
        return
    if is_taken(port):
        what = f"Port {port} is in use."
        hint = f"Choose another with --port, or use what runs there: PREFECT_API_URL=http://127.0.0.1:{port}/api"
        raise FixSettings(what, next=hint)
    os.environ |= {**ON_THIS_MACHINE, "PREFECT_HOME": str(folder / "prefect")}
    os.environ["PREFECT_API_URL"] = f"http://127.0.0.1:{port}/api"
    say("Starting the Prefect server; the first time takes about 20 seconds.")
    log = folder / "prefect-server.log"
    arguments = ["-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with log.open("wb") as output, program(arguments, output) as running:
        end = time.monotonic() + STARTUP_S
        while not answers(os.environ["PREFECT_API_URL"]):
            if time.monotonic() > end or running.poll() is not None:
                raise StopRun("The Prefect server did not start.", next=f"Its log is in {log}")
            time.sleep(0.2)
        yield [running]


@contextmanager
def program(arguments: list[str], output: IO[bytes] | None) -> Iterator[Program]:
    """Run a program of ours in a process group of its own; after that, nothing of the group is left."""
    process = subprocess.Popen(  # noqa: S603 - our own
        [sys.executable, *arguments],
        stdout=output,
        stderr=output,
        start_new_session=True,
        preexec_fn=end_with_us if sys.platform == "linux" else None,  # noqa: PLW1509 - nothing runs in threads here
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(LAST_S)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def end_with_us() -> None:
    """Have Linux interrupt this program when `fillrate up` is gone, by SIGKILL as well."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def watch(programs: list[Program]) -> NoReturn:
    """Wait for a signal; a program that ends by itself ends everything."""
    while all(one.poll() is None for one in programs):
        time.sleep(0.5)
    raise StopRun("The Prefect server or the process beside it has ended.", next="Start it again: fillrate up")


def answers(api: str) -> bool:
    """Tell whether a Prefect server answers at an address."""
    import httpx

    try:
        return httpx.get(f"{api.rstrip('/')}/health", timeout=5, trust_env=False).status_code == 200
    except (httpx.HTTPError, httpx.InvalidURL):
        return False


def work_pools(api: str) -> list[str]:
    """Return the pools whose workers run our deployments on a server; none where it does not tell (it may want a login)."""
    import httpx

    ours = {"deployments": {"name": {"any_": ["fillrate"]}}}
    for _ in range(BUSY_TRIES):
        with suppress(httpx.HTTPError):
            answer = httpx.post(f"{api.rstrip('/')}/deployments/filter", json=ours, timeout=10, trust_env=False)
            if answer.status_code == 200:
                return sorted({one["work_pool_name"] for one in answer.json() if one["work_pool_name"]})
            if answer.status_code != 503:
                break
        time.sleep(1)
    return []


def is_taken(port: int) -> bool:
    """Tell whether somebody listens on a port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
