"""Leaving a backorder app, as its people do: see, let through, run again, and read what is owed before and after."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from deployments.cli.run import exit_code, run_flow
from deployments.cli.terminal import EXIT_DONE, EXIT_REJECTED, EXIT_WAITING
from fillrate.bootstrap import open_desk
from fillrate.steps.plan import approve
from sandbox import Running
from tests.flows.test_flows import artifacts, writes

pytestmark = [pytest.mark.flow, pytest.mark.xdist_group("prefect"), pytest.mark.usefixtures("prefect_server")]


def act(running: Running, **action: Any) -> dict[str, Any]:
    [done] = httpx.post(f"{running.root}/_practice/shop", json=action).json()
    assert "refused" not in done, done
    return dict(done)


@pytest.mark.slow
def test_what_an_app_left_behind_waits_for_a_person_and_is_compared_when_it_is_written(
    running: Running, tmp_path: Path
) -> None:
    made = act(running, action="create_product", name="Cap", sku="CAP", cents=900, tracking="none")
    act(running, action="place_order", lines=[{"product_id": made["product_id"], "quantity": 3}])
    httpx.post(f"{running.root}/_practice/clock", json={"advance_seconds": 60})
    counts = tmp_path / "counts.csv"
    counts.write_text("sku,on_hand\nCAP,4\nNO-SUCH,1\n")

    first = run_flow("adopt-backorders", {"counts": str(counts)})
    before = writes(running)
    with open_desk() as desk:
        approve(desk, first["plan"]["id"], None, "Ann")
    second = run_flow("adopt-backorders", {})

    assert (exit_code(first), before) == (EXIT_WAITING, [])
    assert [one["row"] for one in first["details"]["bad_rows"]] == [3]
    assert {one["sku"] for one in first["details"]["shelves"]} >= {"CAP"}
    assert (second["state"], second["problems"]) == ("done", [])
    assert {"sku": "CAP", "before": 3, "after": 3} in second["details"]["owed"]
    assert all(one["before"] == one["after"] for one in second["details"]["owed"])
    assert second["plan"]["applied"] == second["plan"]["changes"]
    assert exit_code(run_flow("adopt-backorders", {})) == EXIT_DONE
    shown = asyncio.run(artifacts("adopt-backorders-owed"))
    assert any("All" in one.data and "SKUs are equal" in one.data for one in shown)
    counts.write_text("sku,on_hand\nNO-SUCH,1\n")
    assert exit_code(run_flow("adopt-backorders", {"counts": str(counts)})) == EXIT_REJECTED
