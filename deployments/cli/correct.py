"""`fillrate hold`, `release`, `set-priority`, `move-promise`, `do-not-cancel`, … and `undo`: a word, with a reason."""

import sys
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import typer

from deployments.cli.plans import PlanId, user
from deployments.cli.terminal import EXIT_DONE, EXIT_WAITING, AsJson, print_json, say
from fillrate.bootstrap import open_desk
from fillrate.db.queries import plans as queries
from fillrate.errors import FixSettings
from fillrate.steps.correcting import cancelled_units, drifts, holds, kept_orders, priorities, promises, receipts, undo
from fillrate.steps.correcting.find import Subject
from fillrate.steps.correcting.word import Said, Told, said
from fillrate.steps.desk import Desk
from fillrate.steps.runs import RunLog, recorded
from fillrate.steps.show import in_words


class What(StrEnum):
    """What a word is about."""

    LINE = "line"
    ORDER = "order"

    @property
    def subject(self) -> Subject:
        """Return it as steps know it."""
        return "line" if self is What.LINE else "order"


class OnlyLine(StrEnum):
    """What a word about units or a day is about."""

    LINE = "line"


class OnlyOrder(StrEnum):
    """What a word about a whole order is about."""

    ORDER = "order"


class HoldKind(StrEnum):
    """Why a line is held."""

    MANUAL = "manual"
    ADDRESS = "address"


Which = Annotated[
    str, typer.Argument(help="Its number, as 1234 or main:1234; fillrate explain order shows its lines'.")
]
Subjects = Annotated[What, typer.Argument(help="A line, or an order with all its lines.")]
Lines = Annotated[OnlyLine, typer.Argument(help="A line.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; kept with the plan, and shown with the order.")]
By = Annotated[str, typer.Option("--by", help="Who says so; the user of this machine unless named.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Store a plan that shows what would change, and nothing else.")]
Units = Annotated[int, typer.Argument(min=0, help="How many units of the line, in all.")]
Found = Annotated[str, typer.Argument(help="The number under which fillrate drift lists it, or its SKU.")]
Word = Callable[[Desk, RunLog, Said], Told]


def hold(
    subject: Subjects,
    which: Which,
    reason: Reason,
    kind: Annotated[HoldKind, typer.Option(help="What has to be cleared up.")] = HoldKind.MANUAL,
    by: By = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Hold a line or an order back: it keeps its place and its stock, and is not picked."""

    def word(desk: Desk, log: RunLog, one: Said) -> Told:
        return holds.hold(desk, log, one, subject.subject, which, "address" if kind is HoldKind.ADDRESS else "manual")

    spoken("hold", word, reason, by, dry_run=dry_run, as_json=as_json)


def release(
    subject: Subjects, which: Which, reason: Reason, by: By = "", dry_run: DryRun = False, as_json: AsJson = False
) -> None:
    """Let a line go that somebody held, or an order with all its lines."""

    def word(desk: Desk, log: RunLog, one: Said) -> Told:
        return holds.release(desk, log, one, subject.subject, which)

    spoken("release", word, reason, by, dry_run=dry_run, as_json=as_json)


def set_priority(
    subject: Subjects,
    which: Which,
    reason: Reason,
    priority: Annotated[int | None, typer.Argument(help="Its class in the queue, 0 to 1000; small goes first.")] = None,
    default: Annotated[bool, typer.Option("--default", help="What the policy says, again.")] = False,
    by: By = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Give a line or an order another place in the queue than the policy does."""
    if (priority is None) != default:
        raise FixSettings("Name one priority, or --default.", next="See: fillrate set-priority --help")

    def word(desk: Desk, log: RunLog, one: Said) -> Told:
        return priorities.set_priority(desk, log, one, subject.subject, which, priority)

    spoken("set-priority", word, reason, by, dry_run=dry_run, as_json=as_json)


def move_promise(
    subject: Lines,
    which: Which,
    day: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="The day by which it leaves, as 2026-03-31.")],
    reason: Reason,
    by: By = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Promise another day for a line; what was promised before stays on record."""

    def word(desk: Desk, log: RunLog, one: Said) -> Told:
        return promises.move_promise(desk, log, one, which, day.date())

    spoken("move-promise", word, reason, by, dry_run=dry_run, as_json=as_json)


def do_not_cancel(
    subject: Annotated[OnlyOrder, typer.Argument(help="An order.")],
    which: Which,
    reason: Reason,
    off: Annotated[bool, typer.Option("--off", help="Take the mark away.")] = False,
    by: By = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Mark an order so that the rules for delays never ask to cancel it for want of an answer."""

    def word(desk: Desk, log: RunLog, one: Said) -> Told:
        return kept_orders.do_not_cancel(desk, log, one, which, mark=not off)

    spoken("do-not-cancel", word, reason, by, dry_run=dry_run, as_json=as_json)


def cancel_units(
    subject: Lines,
    which: Which,
    reason: Reason,
    units: Annotated[int | None, typer.Argument(min=0, help="How many units to give up, in all.")] = None,
    take_back: Annotated[bool, typer.Option("--undo", help="Take all that was given up by this command back.")] = False,
    by: By = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Give up units of a line: owed no more at once, and listed until the shop shows them as cancelled."""
    if (units is None) != take_back:
        raise FixSettings("Name one number of units, or --undo.", next="See: fillrate cancel-units --help")

    def word(desk: Desk, log: RunLog, one: Said) -> Told:
        return cancelled_units.cancel_units(desk, log, one, which, units or 0)

    spoken("cancel-units", word, reason, by, dry_run=dry_run, as_json=as_json)


def mark_received(
    reference: Annotated[str, typer.Argument(help="The number of the purchase order or transfer.")],
    units: Units,
    reason: Reason,
    line: Annotated[str, typer.Option("--line", help="Which of its lines, where it has several.")] = "",
    by: By = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Note that goods of a delivery have come in, before its feed tells."""

    def word(desk: Desk, log: RunLog, one: Said) -> Told:
        return receipts.mark_received(desk, log, one, reference, units, line)

    spoken("mark-received", word, reason, by, dry_run=dry_run, as_json=as_json)


def put_back(which: Found, reason: Reason, by: By = "", dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Let a channel's number that waits follow the ledger again: nothing of it is missing."""

    def word(desk: Desk, log: RunLog, one: Said) -> Told:
        return drifts.put_back(desk, log, one, which)

    spoken("put-back", word, reason, by, dry_run=dry_run, as_json=as_json)


def adopt_drift(which: Found, reason: Reason, by: By = "", dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Take what a channel's number that waits says into the ledger: so much more or less does lie there."""

    def word(desk: Desk, log: RunLog, one: Said) -> Told:
        return drifts.adopt_drift(desk, log, one, which)

    spoken("adopt-drift", word, reason, by, dry_run=dry_run, as_json=as_json)


def undo_plan(plan_id: PlanId, reason: Reason, by: By = "", dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Take back what a plan of these words, or one written back to a shop, has changed, as far as it still holds."""

    def word(desk: Desk, log: RunLog, one: Said) -> Told:
        return undo.undo(desk, log, one, plan_id)

    spoken("undo", word, reason, by, dry_run=dry_run, as_json=as_json)


def spoken(flow: str, word: Word, reason: str, by: str, *, dry_run: bool, as_json: bool) -> None:
    """Take a word, say what came of it, and leave."""
    with open_desk() as desk:
        one = said(by or user(), reason)
        log = RunLog(desk.outside.new_id(), flow, "all", is_dry=dry_run)
        with recorded(desk, log):
            told = word(desk, log, one)
        with desk.db.read() as reading:
            rows = in_words(reading, queries.changes(reading, told.plan_id)) if told.plan_id else []
    if as_json:
        print_json(as_plain(flow, told, dry_run=dry_run))
    else:
        say(*sentences(told, rows, dry_run=dry_run))
    sys.exit(EXIT_WAITING if told.waits else EXIT_DONE)


def as_plain(flow: str, told: Told, *, dry_run: bool) -> dict[str, Any]:  # Any: JSON
    """Return what came of a word as plain values."""
    names = ("kind", "target", "before", "after", "reason")
    return {
        "flow": flow,
        "dry_run": dry_run,
        "plan": told.plan_id or None,
        "changes": [{name: getattr(one, name) for name in names} for one in told.changes],
        "waits_for_a_person": told.waits,
        "next": told.next,
    }


def sentences(told: Told, rows: list[tuple[str, str, str, str]], *, dry_run: bool) -> list[str]:
    """Return what came of a word, for people."""
    lines = [f"{on[:1].upper()}{on[1:]}: {what}." for on, what, _, _ in rows]
    if not lines:
        lines = [] if told.next else ["Nothing is to be changed: it is so already."]
    elif dry_run:
        lines.append(f"Nothing was changed (dry run). Plan {told.plan_id} shows it.")
    else:
        lines.append(f"Plan {told.plan_id}. To take it back: fillrate undo {told.plan_id} --reason TEXT")
    return [*lines, told.next] if told.next else lines
