"""prefect.yaml against Prefect's own models and the flows' signatures, without a server.

`prefect deploy` ignores a misspelt key and goes on, so this test is what finds one.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect.cli.deploy._models import ConcurrencyLimitSpec, DeploymentConfig, PrefectYamlModel, WorkPoolConfig
from prefect.cli.deploy._schedules import _schedule_config_to_deployment_schedule
from prefect.client.schemas.objects import ConcurrencyLimitStrategy
from prefect.events import DeploymentTriggerTypes
from prefect.flows import load_flow_from_entrypoint
from prefect.utilities.callables import get_call_parameters
from pydantic import TypeAdapter

from deployments.automations import wanted
from deployments.cli.run import Flow
from deployments.schedules import deployments, file, served, store_zone
from fillrate.errors import FixSettings

ZONE = "Europe/Berlin"


def problems(raw: dict[str, Any]) -> list[str]:
    PrefectYamlModel.model_validate(raw)
    return [f"{one['entrypoint']}: {problem}" for one in raw["deployments"] for problem in problems_of(one)]


def problems_of(one: dict[str, Any]) -> list[str]:
    limit = one.get("concurrency_limit", {})
    read = ((DeploymentConfig, one), (WorkPoolConfig, one.get("work_pool", {})), (ConcurrencyLimitSpec, limit))
    out = [f"unknown key {key}" for model, data in read for key in set(data) - set(model.model_fields)]
    if limit.get("collision_strategy") not in {one.value for one in ConcurrencyLimitStrategy}:
        out.append("collision_strategy")
    schedules = [{**schedule, "timezone": ZONE} for schedule in one.get("schedules", [])]
    slugs = [schedule.get("slug") for schedule in schedules]
    if None in slugs or len(set(slugs)) != len(slugs) or any("active" in schedule for schedule in schedules):
        out.append("a schedule needs its own slug, and no `active`")
    for schedule in schedules:
        _schedule_config_to_deployment_schedule(schedule)
    for trigger in one.get("triggers", []):
        TypeAdapter(DeploymentTriggerTypes).validate_python(trigger)
    return out + unfit_parameters(one, schedules)


def unfit_parameters(one: dict[str, Any], schedules: list[dict[str, Any]]) -> list[str]:
    flow, out = load_flow_from_entrypoint(one["entrypoint"]), []
    for extra in [{}, *(schedule.get("parameters", {}) for schedule in schedules)]:
        given = {**one.get("parameters", {}), **extra}
        known = {name: value for name, value in given.items() if name in flow.parameters.properties}
        out += [f"no parameter {name}" for name in given if name not in known]
        if set(flow.parameters.required or ()) <= set(known):  # else a person gives them
            flow.validate_parameters(get_call_parameters(flow.fn, (), known))
    return out


def raw() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(file().read_text())
    return found


def test_every_deployment_fits_its_flow() -> None:
    assert problems(raw()) == []


def test_every_flow_has_its_deployment_with_a_description_the_tag_and_room_for_a_rerun_beside_a_dead_run() -> None:
    found = {load_flow_from_entrypoint(one["entrypoint"]).name: one for one in deployments()}

    assert set(found) == {flow.value for flow in Flow}
    assert len(found) == len(deployments())
    assert all(len(one["description"]) > 80 for one in found.values())
    assert all(one["tags"] == ["fillrate"] for one in found.values())
    assert {one["concurrency_limit"]["limit"] for one in found.values()} == {2}
    assert "schedules" not in found["review-plan"]


@pytest.mark.parametrize("one", deployments(), ids=lambda one: str(one["entrypoint"]))
def test_the_form_of_a_run_says_what_each_parameter_is_and_descriptions_name_only_what_there_is(
    one: dict[str, Any],
) -> None:
    parameters = load_flow_from_entrypoint(one["entrypoint"]).parameters.properties

    assert [name for name, facts in parameters.items() if len(facts.get("description", "")) < 20] == []
    assert set(re.findall(r"`([^`]+)`", one["description"])) <= {*parameters, *(flow.value for flow in Flow)}


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        (("concurency_limit",), {"limit": 1}, "unknown key concurency_limit"),
        (("work_pool", "job_variabels"), {}, "unknown key job_variabels"),
        (("parameters",), {"chanel": "main"}, "no parameter chanel"),
        (("schedules", 0, "slug"), None, "a schedule needs its own slug, and no `active`"),
        (("schedules", 0, "active"), True, "a schedule needs its own slug, and no `active`"),
        (("schedules", 0, "parameters"), {"ful": True}, "no parameter ful"),
    ],
)
def test_a_mistake_is_found(path: tuple[Any, ...], value: Any, problem: str) -> None:
    mistaken = json.loads(json.dumps(raw()))  # what an anchor shares is now a copy of its own
    place: Any = mistaken["deployments"][0]
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value

    assert f"flows.sync_catalog.sync_catalog: {problem}" in problems(mistaken)


def test_up_serves_the_same_deployments_with_schedules_in_the_zone_of_the_store() -> None:
    found = {one.flow_name: one for one in served(ZONE)}
    catalog = {schedule.slug: schedule for schedule in found["sync-catalog"].schedules or []}

    assert set(found) == {flow.value for flow in Flow}
    assert set(catalog) == {"every-15-minutes", "nightly-full"}
    assert catalog["nightly-full"].parameters == {"full": True}
    assert catalog["nightly-full"].schedule.timezone == ZONE  # type: ignore[union-attr]
    assert found["allocate-orders"].concurrency_limit == 2
    assert [trigger.name for trigger in found["allocate-orders"].triggers] == ["allocate-orders after reading"]
    assert found["sync-orders"].entrypoint == "flows.sync_orders.sync_orders"


def minutes(cron: str) -> set[int]:
    """The minutes of the hour in which a schedule such as 4-59/15 begins a run."""
    first, _, step = cron.split(maxsplit=1)[0].partition("/")
    begin = 0 if first == "*" else int(first.partition("-")[0])
    return set(range(begin, 60, int(step))) if step else {begin}


def test_no_two_flows_begin_in_the_same_minute() -> None:
    found = [
        minutes(schedule["cron"])
        for one in deployments()
        for schedule in one.get("schedules", [])
        if not schedule["slug"].startswith("nightly")
    ]

    assert sum(len(one) for one in found) == len(set().union(*found)) == 12 + 12 + 6 + 4 + 4 + 1 + 1


def test_the_zone_comes_from_the_settings_or_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FILLRATE_TIMEZONE", raising=False)
    (tmp_path / "fillrate.toml").write_text(f'[store]\ntimezone = "{ZONE}"\n')
    monkeypatch.setenv("FILLRATE_HOME", str(tmp_path))
    from_settings = store_zone()
    monkeypatch.setenv("FILLRATE_TIMEZONE", "Asia/Tokyo")
    by_name = store_zone()
    monkeypatch.delenv("FILLRATE_TIMEZONE")
    monkeypatch.setenv("FILLRATE_HOME", "relative")

    assert (from_settings, by_name) == ({"timezone": ZONE}, {"timezone": "Asia/Tokyo"})
    with pytest.raises(FixSettings, match="Set FILLRATE_HOME to the whole path"):
        store_zone()


def test_automations_are_about_our_runs_only_and_wait_longer_than_a_heartbeat() -> None:
    heartbeat = {one["work_pool"]["job_variables"]["env"]["PREFECT_FLOWS_HEARTBEAT_FREQUENCY"] for one in deployments()}
    found = [one.model_dump() for one in wanted()]

    assert heartbeat == {"30"}
    assert all(one["trigger"]["match_related"]["prefect.resource.id"] == "prefect.tag.fillrate" for one in found)
    assert [one["trigger"]["within"].total_seconds() for one in found] == [120, 600]
    assert "prefect.flow-run.Running" in found[0]["trigger"]["after"]  # a run killed before its first heartbeat
