"""`fillrate queue`: which promises are at risk, what is due, and what waits longest."""

from typing import Annotated, Any

import typer

from deployments.cli.terminal import AsJson, print_json, say, table
from fillrate.bootstrap import open_desk
from fillrate.decide.ageing import CLASSES
from fillrate.decide.states import Reason
from fillrate.errors import NotFound
from fillrate.report.glance import CANCELS, WAITS, ages_rows, as_of, cancel_rows, heading, headline, more_of, waits_rows
from fillrate.report.texts import text
from fillrate.steps.glance import glance, longest

SHOWN = 20
REASONS = [reason.value for reason in Reason if reason.value]


def queue(
    reason: Annotated[str, typer.Option("--reason", help=f"Only what waits for this: {', '.join(REASONS)}.")] = "",
    as_json: AsJson = False,
) -> None:
    """Tell what waits: promises at risk, what is due and not being packed, what waits longest, and ages."""
    if reason and reason not in REASONS:
        raise NotFound(f"There is no reason {reason}.", next=f"Choose one of: {', '.join(REASONS)}")
    with open_desk() as desk:
        zone = desk.settings.store.zone
        with desk.db.read() as reading:
            found = longest(desk, reading, SHOWN, reason) if reason else glance(desk, reading, SHOWN)
    if as_json:
        print_json(found)
    elif reason:
        say(f"{text('reason', reason)[0].upper()}{text('reason', reason)[1:]}")
        table(WAITS, waits_rows(found["longest"], found["as_of"], zone))
    else:
        show(found, zone)


def show(found: dict[str, Any], zone: Any) -> None:  # Any: JSON, a zone
    """Print all of it."""
    say(headline(found), as_of(found, zone))
    for one in found["proposals"]:
        say("", text("glance", "proposal", what=one["what"], plan=one["plan"]))
    if found["asked_to_cancel"]["lines"]:
        say("", heading("to_cancel", found["asked_to_cancel"]), text("glance", "to_cancel_next"))
        table(CANCELS, cancel_rows(found["asked_to_cancel"]["worst"]))
        say(*more_of(found["asked_to_cancel"], "units"))
    for name in ("at_risk", "unpromised", "due_soon"):
        if found[name]["lines"]:
            say("", heading(name, found[name]), text("glance", f"{name}_next"))
            table(WAITS, waits_rows(found[name]["worst"], found["as_of"], zone))
            say(*more_of(found[name], "quantity"))
    if found["ages"]:
        say("", text("glance", "longest"))
        table(WAITS, waits_rows(found["longest"], found["as_of"], zone))
        say("", text("glance", "numbers"))
        table(("state", "why", "units", *CLASSES), ages_rows(found["ages"]))
    else:
        say(text("glance", "nothing"))
