"""`python -m deployments.automations`: put the automations of automations.yaml on the Prefect server, each one once."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from prefect.client.orchestration import get_client
from prefect.events.schemas.automations import AutomationCore

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient

FILE = Path(__file__).with_name("automations.yaml")


def wanted() -> list[AutomationCore]:
    """Return the automations of the file."""
    import yaml

    return [
        AutomationCore.model_validate(one) for one in yaml.safe_load(FILE.read_text(encoding="utf-8"))["automations"]
    ]


async def put_on_the_server() -> list[str]:
    """Create those that are not there, and change those that are; one that somebody has switched off stays off."""
    async with get_client() as client:
        return [await put(client, one) for one in wanted()]


async def put(client: "PrefectClient", automation: AutomationCore) -> str:
    """Create or change one automation, and say which."""
    known = await client.read_automations_by_name(automation.name)
    if not known:
        await client.create_automation(automation)
        return f"created   {automation.name}"
    await client.update_automation(known[0].id, automation.model_copy(update={"enabled": known[0].enabled}))
    for double in known[1:]:
        await client.delete_automation(double.id)
    return f"renewed   {automation.name}"


if __name__ == "__main__":
    sys.stdout.write("\n".join(asyncio.run(put_on_the_server())) + "\n")
