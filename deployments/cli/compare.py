"""`fillrate compare-policies`: what other policies would make of today's queue."""

from typing import Annotated

import typer

from deployments.cli.terminal import AsJson, print_json, say
from fillrate.bootstrap import open_desk
from fillrate.report.compare import as_text
from fillrate.steps.compare import compare
from fillrate.steps.runs import RunLog


def compare_policies(
    channel: Annotated[str, typer.Option(help='One channel of the settings, or "all".')] = "all",
    as_json: AsJson = False,
) -> None:
    """Show what other policies would make of today's queue; saves nothing."""
    with open_desk() as desk:
        log = RunLog(desk.outside.new_id(), "compare-policies", channel)
        found = compare(desk, log, None if channel == "all" else channel, None)
    if as_json:
        print_json(found)
    else:
        say(*as_text(found))
