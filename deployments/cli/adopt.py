"""`fillrate adopt-backorders`: take over from an app that sold backorders without the shop's numbers."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from deployments.cli.run import exit_code, run_flow, sentences
from deployments.cli.terminal import AsJson, print_json, say
from fillrate.report.adopting import adopted_lines
from fillrate.settings import load


def adopt_backorders(
    channel: Annotated[str, typer.Option(help='One channel of the settings, or "all".')] = "all",
    counts: Annotated[
        Path | None, typer.Option("--counts", help="CSV or JSON with sku, location, on_hand: what lies on the shelves.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Decide by what was read last, and show the plan only.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Find what an app left behind, plan tracking, numbers and limits, and write what you have let through."""
    load()  # mistakes in the settings are told before anything starts
    wishes = {"channel": channel, "counts": str(counts.absolute()) if counts else "", "dry_run": dry_run}
    result = run_flow("adopt-backorders", {name: value for name, value in wishes.items() if value})
    if as_json:
        print_json(result)
    else:
        say(*sentences(result), *adopted_lines(result["details"]))
    sys.exit(exit_code(result))
