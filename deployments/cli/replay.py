"""`fillrate replay FILE`: what a policy would have made of a year of orders."""

from pathlib import Path
from typing import Annotated, Any

import typer

from deployments.cli.terminal import AsJson, print_json, say
from fillrate.decide.comparing import POLICIES
from fillrate.errors import FixSettings
from fillrate.report.replay import as_text


def replay(
    file: Annotated[Path, typer.Argument(help="Order lines as CSV, also packed (.gz).")],
    policy: Annotated[str, typer.Option(help=f"One of {', '.join(POLICIES)}.")] = POLICIES[0],
    seed: Annotated[int, typer.Option(help="Another number makes other deliveries late.")] = 7,
    as_json: AsJson = False,
) -> None:
    """Replay orders day by day with a made-up supplier, by your settings where there are any; saves nothing."""
    from fillrate.settings import Settings, load
    from fillrate.settings.reading import settings_file
    from fillrate.steps import replay as steps

    if policy not in POLICIES:
        raise FixSettings(f"There is no policy {policy!r}.", next=f"There are {', '.join(POLICIES)}.")
    settings = load() if settings_file().exists() else Settings()
    orders, left_out = steps.read_orders(file)
    report, _ = steps.replay(settings, orders, policy, seed)
    found: dict[str, Any] = {**report, "left_out": left_out}
    if as_json:
        print_json(found)
    else:
        say(*as_text(found))
