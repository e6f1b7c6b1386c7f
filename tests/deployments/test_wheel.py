"""The wheel by itself, in an empty folder: it brings all that the command and the schedules need."""

import subprocess
import sys
from pathlib import Path

import pytest

from deployments.schedules import deployments
from tests.cli.merchant import bare_environment

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("prefect")]

SERVED = """
from deployments import automations, schedules
from fillrate.report.messages.sandbox import templates
print(schedules.file())
print(len(schedules.served("UTC")), len(automations.wanted()), len(templates()))
"""
DEMO = "from deployments.cli import main; main(['demo'])"


def test_the_wheel_alone_knows_every_deployment_and_runs_the_demo(tmp_path: Path) -> None:
    site, empty = tmp_path / "site", tmp_path / "empty"
    empty.mkdir()
    python("-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path), cwd=Path(__file__).parents[2])
    wheel = str(next(tmp_path.glob("*.whl")))
    python("-m", "pip", "install", "--quiet", "--no-deps", "--target", str(site), wheel, cwd=empty)

    served = python("-c", SERVED, cwd=empty, PYTHONPATH=str(site)).splitlines()
    demo = python("-c", DEMO, cwd=empty, PYTHONPATH=str(site))

    assert served == [str(site / "deployments" / "prefect.yaml"), f"{len(deployments())} 2 25"]
    assert "allocate-orders: done" in demo
    assert [one.name for one in empty.iterdir()] == ["demo-shop"]


def python(*arguments: str, cwd: Path, **environ: str) -> str:
    """What Python says, called in a folder; it must succeed."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={**bare_environment(), **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
