"""`prefect.yaml`, the one home of all deployments and schedules: where it is, and what `fillrate up` serves of it."""

import importlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fillrate.errors import FixSettings
from fillrate.settings import StoreSettings, load

if TYPE_CHECKING:
    from prefect.deployments.runner import RunnerDeployment

Spec = dict[str, Any]  # Any: YAML
HERE = Path(__file__).parent


def file() -> Path:
    """Return where prefect.yaml is: beside this module where Fillrate is installed, else in the folder above."""
    installed = HERE / "prefect.yaml"
    return installed if installed.exists() else HERE.parent / "prefect.yaml"


def store_zone() -> dict[str, str]:
    """Return the store's time zone, as a build step of `prefect deploy`: FILLRATE_TIMEZONE, or what fillrate.toml says."""
    named, home = os.environ.get("FILLRATE_TIMEZONE"), os.environ.get("FILLRATE_HOME")
    if named:
        return {"timezone": StoreSettings(timezone=named).timezone}
    if not home or not Path(home).is_absolute():
        what = "The store's time zone is not known here."
        raise FixSettings(what, next="Set FILLRATE_HOME to the whole path of the folder with fillrate.toml.")
    return {"timezone": load(Path(home) / "fillrate.toml").store.timezone}


def deployments() -> list[Spec]:
    """Return the deployments of prefect.yaml."""
    import yaml

    found: list[Spec] = yaml.safe_load(file().read_text(encoding="utf-8"))["deployments"]
    return found


def served(timezone: str) -> list["RunnerDeployment"]:
    """Return the same deployments for a process that runs them itself, with their schedules in this zone."""
    return [one_served(spec, timezone) for spec in deployments()]


def one_served(spec: Spec, timezone: str) -> "RunnerDeployment":
    """Return one deployment; what concerns workers only (pool, pull) is left out."""
    from prefect.client.schemas.objects import ConcurrencyLimitConfig
    from prefect.events import DeploymentTriggerTypes
    from prefect.schedules import Schedule
    from prefect.types.entrypoint import EntrypointType
    from pydantic import TypeAdapter

    module, _, name = spec["entrypoint"].rpartition(".")
    trigger = TypeAdapter(DeploymentTriggerTypes)
    deployment: RunnerDeployment = getattr(importlib.import_module(module), name).to_deployment(
        spec["name"],
        description=spec["description"],
        tags=spec["tags"],
        parameters=spec.get("parameters", {}),
        schedules=[Schedule(**{**one, "timezone": timezone}) for one in spec.get("schedules", [])],
        triggers=[trigger.validate_python(one) for one in spec.get("triggers", [])],
        concurrency_limit=ConcurrencyLimitConfig(**spec["concurrency_limit"]),
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    return deployment
