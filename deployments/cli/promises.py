"""`fillrate promises`: what became of every promise, and whether promises hold."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import typer

from deployments.cli.terminal import AsJson, print_json, say, table
from fillrate.bootstrap import open_desk
from fillrate.report.promises import KEPT, kept_rows, total_sentences
from fillrate.report.texts import text
from fillrate.steps.kept import By, promises_kept

SHOWN = 30


class Group(StrEnum):
    """By what promises are told apart."""

    SUPPLIER = "supplier"
    SKU = "sku"
    SOURCE = "source"
    CHANNEL = "channel"


BY: dict[Group, By] = {
    Group.SUPPLIER: "supplier",
    Group.SKU: "sku",
    Group.SOURCE: "source",
    Group.CHANNEL: "channel",
}


def promises(
    by: Annotated[Group, typer.Option("--by", help="Which promises are told together.")] = Group.SUPPLIER,
    since: Annotated[
        datetime | None,
        typer.Option("--since", formats=["%Y-%m-%d"], metavar="DATE", help="Only those given on this day or later."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Tell what became of every promise ever given: kept, broken, open or void, and by how many days."""
    with open_desk() as desk, desk.db.read() as reading:
        first = None if since is None else since.date()
        found = promises_kept(desk, reading, BY[by], first, None if as_json else SHOWN)
    if as_json:
        print_json(found)
    else:
        show(found)


def show(found: dict[str, Any]) -> None:  # Any: JSON of promises_kept
    """Print all of it."""
    say(*total_sentences(found))
    if found["groups"]:
        say("")
        table((found["by"], *KEPT), kept_rows(found))
    if found["more"]:
        say(text("say", "more", n=found["more"]))
