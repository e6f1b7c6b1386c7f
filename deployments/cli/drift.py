"""`fillrate drift`: why channels show other numbers than they should, what of it waits, and what to do."""

from typing import Annotated

import typer

from deployments.cli.terminal import AsJson, print_json, say, table
from fillrate.bootstrap import open_desk
from fillrate.report.drift import (
    AGAIN,
    CLASSES,
    WAITING,
    WORST,
    Found,
    again_rows,
    class_rows,
    headline,
    steps_of,
    trend_lines,
    waiting_rows,
    worst_rows,
)
from fillrate.report.texts import text
from fillrate.steps.reconciling.found import drift as found_lately

SHOWN = 10


def drift(
    sku: Annotated[str, typer.Argument(help="Only what was found of this SKU.")] = "",
    days: Annotated[int, typer.Option("--days", min=1, max=365, help="How many days to look back.")] = 7,
    as_json: AsJson = False,
) -> None:
    """Tell which numbers of channels differed, why, what it is worth, what waits for a person, and what to do next."""
    with open_desk() as desk, desk.db.read() as reading:
        found = found_lately(desk, reading, days=days, most=SHOWN, sku=sku)
    if as_json:
        print_json(found)
    else:
        show(found)


def show(found: Found) -> None:
    """Print all of it."""
    say(headline(found))
    if found["classes"]:
        table(CLASSES, class_rows(found))
        say("", text("drift_told", "trend"), *trend_lines(found))
        say("", text("drift_told", "next"), *(f"  {one}" for one in steps_of(found)))
    for name, head, rows in (
        ("waiting", WAITING, waiting_rows(found)),
        ("worst", WORST, worst_rows(found)),
        ("again", AGAIN, again_rows(found)),
    ):
        if rows:
            say("", text("drift_told", name))
            table(head, rows)
            if name != "worst":
                say(text("drift_told", f"{name}_next"))
