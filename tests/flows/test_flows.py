"""Every flow under a real Prefect server: what it did, what a second run does, and what people see of it."""

import asyncio
import importlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from deployments.cli.run import FLOWS_IN_ORDER, exit_code, run_flow
from deployments.cli.terminal import EXIT_FAILED
from fillrate.bootstrap import open_desk
from fillrate.errors import FixSettings
from fillrate.steps.status import status
from sandbox import Running, Shop, ShopConfig, serve
from tasks import coat

pytestmark = [pytest.mark.flow, pytest.mark.xdist_group("prefect"), pytest.mark.usefixtures("prefect_server")]


def everything() -> dict[str, dict[str, Any]]:
    return {flow: run_flow(flow, {}) for flow in FLOWS_IN_ORDER}


def writes(running: Running) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = httpx.get(f"{running.root}/_practice/requests?bodies=1").json()["writes"]
    return found


async def last_runs() -> Any:
    from prefect import get_client
    from prefect.client.schemas.sorting import FlowRunSort

    async with get_client() as client:
        return await client.read_flow_runs(limit=20, sort=FlowRunSort.START_TIME_DESC)


async def artifacts(key: str) -> Any:
    from prefect import get_client
    from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey

    async with get_client() as client:
        return await client.read_artifacts(artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=[key])))


def test_every_flow_does_its_work_and_twice_is_once(running: Running) -> None:
    first = everything()
    written = len(writes(running))
    second = everything()

    assert {result["state"] for result in (*first.values(), *second.values())} == {"done"}
    assert first["sync-orders"]["counts"]["orders_new"] > 30
    assert first["allocate-orders"]["counts"]["units_backorder"] > 0
    assert first["allocate-orders"]["plan"]["applied"] == first["allocate-orders"]["plan"]["changes"] > 0
    assert written > 0
    assert len(writes(running)) == written
    assert second["allocate-orders"]["plan"] is None
    assert "units_moved" not in second["allocate-orders"]["counts"]
    assert "orders_new" not in second["sync-orders"]["counts"]
    names = [run.name for run in asyncio.run(last_runs())]
    assert any(name.startswith("sync-orders of all: ") and "orders new" in name for name in names)
    assert asyncio.run(artifacts("allocate-orders-queue"))
    assert asyncio.run(artifacts("sync-orders-read"))
    assert run_flow("report-day", {})["state"] == "done"
    assert "promises were given" in asyncio.run(artifacts("report-day-promises"))[0].data
    shown = asyncio.run(artifacts("release-backlog-picks"))
    assert "to be picked or packed" in shown[0].data


def test_a_dry_run_writes_nothing_and_its_plan_is_the_one_that_is_applied(running: Running) -> None:
    for flow in FLOWS_IN_ORDER[: FLOWS_IN_ORDER.index("allocate-orders")]:
        run_flow(flow, {})

    dry = run_flow("allocate-orders", {"dry_run": True})
    assert writes(running) == []
    real = run_flow("allocate-orders", {})

    assert dry["plan"]["hash"] == real["plan"]["hash"]
    assert (dry["plan"]["applied"], real["plan"]["applied"]) == (0, dry["plan"]["changes"])


def test_goods_on_their_way_are_read_from_a_feed_and_shown_by_supplier(running: Running, tmp_path: Path) -> None:
    (tmp_path / "fillrate.toml").open("a").write('[[inbound]]\nname = "erp"\npath = "in"\n')
    file = tmp_path / "in" / "po.csv"
    file.parent.mkdir()
    for expected in ("2020-02-03", "2020-03-04"):
        file.write_text(f"reference,sku,quantity,expected,supplier\nPO-1,A,40,{expected},A|CME\n")
        os.utime(file, times=(1.6e9 + int(expected[6]),) * 2)
        result = run_flow("sync-inbound", {})

    assert (result["state"], result["counts"]["inbound_slipped"]) == ("done", 1)
    shown = max(asyncio.run(artifacts("sync-inbound-supply")), key=lambda one: one.created).data
    assert "| A\\|CME | 1 | 40 | – | 1 | 0 | – | – |" in shown
    assert "| PO-1 | A | A\\|CME | 40 | 2020-02-03 | 2020-03-04 |" in shown


def test_a_shop_that_answers_html_is_a_problem_of_the_run_and_the_next_one_heals(running: Running) -> None:
    faults = [{"match": "GET /v2/orders*", "kind": "html", "times": None}]
    httpx.post(f"{running.root}/_practice/faults", json=faults).raise_for_status()
    broken = run_flow("sync-orders", {})
    httpx.delete(f"{running.root}/_practice/faults").raise_for_status()
    healed = run_flow("sync-orders", {})

    assert (broken["state"], len(broken["problems"])) == ("problems", 1)
    assert "main" in broken["problems"][0]["where"]
    assert healed["state"] == "done"
    assert healed["counts"]["orders_new"] > 30
    second, first = asyncio.run(last_runs())[:2]
    assert (first.state.type.value, first.state.name) == ("FAILED", "Problems")
    assert first.state.message.startswith("main: bigcommerce.orders.page: ")
    assert first.name.startswith("sync-orders of all, done, with problems")
    assert second.state.name == "Completed"
    assert "bigcommerce.orders.page" in asyncio.run(artifacts("sync-orders-problems"))[0].data


@pytest.fixture
def two_shops(running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A second shop beside the first one, which comes before it in the settings and refuses its token."""
    with serve(Shop(ShopConfig(seed=6, products=8, customers=4, orders=12, days=60, store_hash="second"))) as second:
        settings = [("a", running.url), ("b", second.url)]
        (tmp_path / "fillrate.toml").write_text(
            "".join(
                f'[[channel]]\nname = "{name}"\nkind = "bigcommerce"\nbase_url = "{url}"\npractice = true\nholds_stock = true\n'
                for name, url in settings
            )
        )
        monkeypatch.setenv("FILLRATE_CHANNEL_A_TOKEN", "revoked")
        monkeypatch.setenv("FILLRATE_CHANNEL_B_TOKEN", second.token)
        yield


@pytest.mark.usefixtures("two_shops")
def test_a_refused_token_stops_its_own_channel_and_fails_the_run_only_where_no_other_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    results = everything()
    with pytest.raises(FixSettings, match="refused the token"):
        run_flow("sync-orders", {"channel": "a"})
    monkeypatch.setenv("FILLRATE_CHANNEL_B_TOKEN", "revoked")
    with pytest.raises(FixSettings, match="refused the token"):
        run_flow("allocate-orders", {})
    with open_desk() as desk:
        runs = {(run["flow"], run["channel"]): run for run in status(desk)["runs"]}

    assert results.pop("sync-inbound")["state"] == "done"  # it speaks to no shop
    for result in results.values():
        assert (result["state"], [one["where"] for one in result["problems"]]) == ("problems", ["a"])
        assert exit_code(result) == EXIT_FAILED
    assert results["sync-orders"]["counts"]["orders_new"] > 5
    assert results["allocate-orders"]["counts"]["units_moved"] > 0
    alone, both = runs["sync-orders", "a"], runs["allocate-orders", "all"]
    assert (alone["state"], len(alone["problems"])) == ("failed", 1)
    assert (both["state"], [one["where"] for one in both["problems"]]) == ("failed", ["a", "b"])


@pytest.mark.parametrize("flow", FLOWS_IN_ORDER)
def test_every_parameter_of_a_flow_is_described(flow: str) -> None:
    name = flow.replace("-", "_")
    function = getattr(importlib.import_module(f"flows.{name}"), name)

    assert function.name == flow
    assert [one for one, facts in function.parameters.properties.items() if not facts.get("description")] == []


def test_a_run_that_another_one_keeps_from_its_work_is_skipped_and_green(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coat, "COMMAND_WAITS_S", 0.0)
    with open_desk() as desk, desk.db.hold("channel:main:orders", wait_s=0):
        skipped = run_flow("sync-orders", {})

    assert (skipped["state"], skipped["counts"]) == ("skipped", {})
    assert skipped["problems"][0]["what"].startswith("Another run holds channel:main:orders: process ")
    last = asyncio.run(last_runs())[0]
    assert (last.state.type.value, last.state.name) == ("COMPLETED", "Skipped")
    assert last.name.startswith("sync-orders of all, skipped")
