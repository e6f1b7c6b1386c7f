"""The automations on a real server: each one is there once, and a run whose process is gone does not stay at work for good."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import settled, small_shop
from tests.cli.merchant import bare_environment
from tests.deployments.server import POOL, killed_in_the_middle, prefect, prefect_server, until

pytestmark = [pytest.mark.flow, pytest.mark.slow, pytest.mark.xdist_group("prefect")]

SILENCE_S = 120  # as deployments/automations.yaml has it


@pytest.mark.timeout(600)
def test_a_run_whose_process_is_gone_is_found_by_its_silence(tmp_path: Path) -> None:
    here, elsewhere = tmp_path / "merchant", tmp_path / "worker"
    here.mkdir()
    elsewhere.mkdir()
    with small_shop() as shop, prefect_server(tmp_path) as server:
        merchant = settled(here, shop)
        prefect(server, merchant, *POOL)
        prefect(server, merchant, "--no-prompt", "deploy", "--all")
        said = [automations(server.environ) for _ in range(2)]
        names = [one["name"] for one in server.ask("automations/filter")]
        dead = killed_in_the_middle(server, shop, merchant, elsewhere)
        before = server.run(dead)["state_name"]
        after = until(lambda: (run := server.run(dead))["state_name"] == "Crashed" and run, "Crashed", SILENCE_S + 150)

    assert [one.split()[0] for one in said] == ["created", "renewed"]
    assert len(names) == len(set(names)) == 3
    assert before == "Running"
    assert after["state"]["message"] == "No heartbeat for two minutes: its process is gone."


def automations(environ: dict[str, str]) -> str:
    """What `python -m deployments.automations` says."""
    return subprocess.run(
        [sys.executable, "-m", "deployments.automations"],
        cwd=Path(__file__).parents[2],
        env={**bare_environment(), **environ},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
