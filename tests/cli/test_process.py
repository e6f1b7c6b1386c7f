"""The command as a process of its own: its channels, its signals, what it loads, and what it never lets out."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from sandbox import Running
from tests.cli.merchant import FILLRATE, TOKEN, Merchant, bare_environment, interrupted, settings_for, wait_until_fired

PLAN = "P-7313a2d447-1"
WITHOUT_PREFECT = (
    "status",
    "plans",
    f"show {PLAN}",
    "explain order 123",
    "explain sku BAG-00012-WHT",
    "audit --shop",
    "db check",
    "db upgrade",
    f"approve {PLAN}",
    f"reject {PLAN}",
    "doctor",
    "init",
    "up --help",
    "run --help",
    "demo --help",
    "run nonsense",
)
LOADED = """
import sys
from deployments.cli import main
for command in sys.argv[1:]:
    try:
        main(command.split())
    except SystemExit as end:
        print(end.code, "prefect" in sys.modules, command, file=sys.stderr)
"""


def test_commands_that_are_no_flows_never_load_prefect(merchant: Merchant) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *WITHOUT_PREFECT],
        cwd=merchant.folder,
        env={**bare_environment(), "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )

    said = [line.split(maxsplit=2) for line in done.stderr.splitlines() if re.match(r"\d+ (True|False) ", line)]
    assert [line[1:] for line in said] == [["False", command] for command in WITHOUT_PREFECT]
    assert [int(line[0]) for line in said] == [3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 0, 0, 0, 2]


def test_a_process_says_its_json_alone_and_ends_with_its_code(merchant: Merchant) -> None:
    waiting = merchant.fillrate("status", "--json")
    missing = merchant.fillrate("show", "P-1", "--json")

    assert (waiting.code, waiting.err) == (3, "")
    assert [plan["id"] for plan in waiting.json["plans"]] == [PLAN]
    assert (missing.code, missing.err) == (2, "fillrate: There is no plan P-1.\nList them: fillrate plans\n")
    assert missing.json["code"] == 2


def test_settings_may_be_elsewhere(merchant: Merchant, newcomer: Merchant) -> None:
    said = newcomer.fillrate("plans", "--json", FILLRATE_CONFIG=str(merchant.folder / "fillrate.toml"))

    assert len(said.json["plans"]) == 2
    assert list(newcomer.folder.glob("fillrate.db*")) == []


def test_a_shop_that_is_out_of_reach_breaks_one_check_which_says_the_way_on(merchant: Merchant) -> None:
    merchant.settings(settings_for("http://127.0.0.1:9/stores/practice"))

    said = merchant.fillrate("audit", "--shop")

    assert said.code == 1
    assert said.out.endswith(
        "could not be compared: bigcommerce.time: 127.0.0.1 could not be reached, again and again."
        " Run it again later; what a run has read so far is kept.\n16 checks, 1 broken.\n"
    )


@pytest.mark.parametrize(
    ("number", "code", "words"),
    [(signal.SIGINT, 130, "Interrupted."), (signal.SIGTERM, 143, "Told to end (SIGTERM).")],
)
def test_ctrl_c_and_sigterm_end_a_command_at_once(
    merchant: Merchant, shop: Running, faults: Callable[..., None], number: signal.Signals, code: int, words: str
) -> None:
    faults(match="GET /v2/orders*", kind="drip", bytes_per_second=20)

    with merchant.calling("audit", "--shop") as process:
        wait_until_fired(shop)
        began = time.monotonic()
        said = interrupted(process, number)

    assert time.monotonic() - began < 5
    assert said.code == code
    assert said.words == f"fillrate: {words}\nRun it again; that is harmless.\n"


def test_a_reader_that_goes_away_is_no_drama(merchant: Merchant) -> None:
    reading, writing = os.pipe()
    os.close(reading)

    done = subprocess.run(
        [FILLRATE, "status"],
        cwd=merchant.folder,
        env=bare_environment(),
        stdout=writing,
        check=False,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(writing)

    assert done.returncode == 1
    assert done.stderr == ""


@pytest.mark.parametrize(("closed", "code"), [("status >&-", 3), ("show P-1 2>&-", 2)])
def test_an_output_that_the_shell_has_closed_is_no_drama(merchant: Merchant, closed: str, code: int) -> None:
    done = subprocess.run(
        f"{FILLRATE} {closed}",
        shell=True,
        cwd=merchant.folder,
        env=bare_environment(),
        check=False,
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stdout, done.stderr) == (code, "", "")


def test_a_prefect_server_that_is_out_of_reach_is_a_sentence(merchant: Merchant) -> None:
    said = merchant.fillrate("run", "sync-orders", "--json", PREFECT_API_URL="http://127.0.0.1:9/api")

    assert (said.code, said.json["code"]) == (1, 1)
    assert said.json["error"]["what"].startswith("Prefect: Failed to reach API at http://127.0.0.1:9/api")
    assert "Traceback" not in said.err


def test_the_token_is_in_no_output_and_in_no_byte_of_the_tables(merchant: Merchant) -> None:
    said = [merchant.fillrate(*command.split()) for command in ("status --json", "audit --shop", f"show {PLAN} --json")]

    assert [one.code for one in said] == [3, 0, 0]
    assert all(TOKEN not in one.out + one.err for one in said)
    assert b"BAG-00012-WHT" in merchant.all_bytes()
    assert TOKEN.encode() not in merchant.all_bytes()
    with_token = {file.name for file in merchant.folder.iterdir() if TOKEN.encode() in file.read_bytes()}
    assert with_token == {".env"}
