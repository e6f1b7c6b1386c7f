"""`fillrate plans | show | approve | reject`: what should change, and a person's word on it."""

import getpass
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from deployments.cli.terminal import EXIT_WAITING, AsJson, at_a_time, print_json, say, table
from fillrate.bootstrap import open_desk
from fillrate.db.queries import plans as queries
from fillrate.decide.plans import ADOPT, BY_WORD
from fillrate.errors import NotFound
from fillrate.report.texts import text
from fillrate.steps import plan as planning
from fillrate.steps.show import HEAD, in_words

PlanId = Annotated[str, typer.Argument(help="The plan's id, as `fillrate plans` lists it.")]
Who = Annotated[str, typer.Option("--as", help="Who decides; kept with the plan.")]
SHOWN = 100


def plans(as_json: AsJson = False) -> None:
    """List the latest plans; those that wait for a person come first."""
    with open_desk() as desk, desk.db.read() as reading:
        rows = sorted(queries.plans(reading), key=lambda row: row.state != "waiting")
        ids = [row.id for row in rows]
        counts, kinds = queries.change_counts(reading, ids), queries.change_kinds(reading, ids)
    if as_json:
        print_json({"plans": [{**head(row), "changes": counts[row.id], "kinds": kinds[row.id]} for row in rows]})
    elif rows:
        print_plans(rows, kinds)
    else:
        say("There are no plans yet.")
    if any(row.state == "waiting" for row in rows):
        sys.exit(EXIT_WAITING)


def print_plans(rows: Sequence[Any], kinds: Mapping[str, Mapping[str, int]]) -> None:  # Any: rows of Plan
    """Print plans, with when and by which flow each was made, and what it changes."""
    listed = [
        (
            row.id,
            text("plan_state", row.state),
            at_a_time(row.created_at.isoformat()),
            row.flow,
            sum(kinds[row.id].values()),
            ", ".join(text("change_kind", kind) for kind in kinds[row.id]),
        )
        for row in rows
    ]
    table(("plan", "state", "made (UTC)", "made by", "changes", "of"), listed)


def show(plan_id: PlanId, as_json: AsJson = False) -> None:
    """Show one plan with its changes."""
    with open_desk() as desk, desk.db.read() as reading:
        plan = queries.plan(reading, plan_id)
        changes = queries.changes(reading, plan_id)
        refused = planning.refused_of(reading, plan_id)
        rows = in_words(reading, changes[:SHOWN])
    if plan is None:
        raise NotFound(f"There is no plan {plan_id}.", next="List them: fillrate plans")
    if as_json:
        print_json({**head(plan), "list": [change(row) for row in changes]})
        return
    why = plan.waits_because if plan.state == "waiting" else ""
    say(f"Plan {plan.id} by {plan.flow}: {text('plan_state', plan.state)}. {why}".rstrip())
    if plan.approved_by not in {"", "policy"} and plan.approved_at is not None:
        say(f"Decided by {plan.approved_by} on {plan.approved_at:%Y-%m-%d %H:%M} UTC.")
    say(f"Hash {plan.hash}")
    table(HEAD, rows)
    if len(changes) > SHOWN:
        say(f"… and {len(changes) - SHOWN} more (all with --json)")
    if plan.flow in BY_WORD or (plan.flow == ADOPT and plan.state == "dry_run"):
        what_to_do = f"To take it back: fillrate undo {plan.id} --reason TEXT" if plan.state == "applied" else ""
        say(what_to_do or f"To have it so, run fillrate {plan.flow} without --dry-run.")
    elif plan.state in {"waiting", "dry_run"} and not planning.is_nobodys_choice(changes):
        say(f"To let it through: fillrate approve {plan.id}    To refuse it: fillrate reject {plan.id}")
    elif plan.state == "applied" and refused:
        say(f"To have the {len(refused)} that the shop refused tried again: fillrate approve {plan.id}")


def approve(
    plan_id: PlanId,
    digest: Annotated[str | None, typer.Option("--hash", help="Approve only if this is still its hash.")] = None,
    who: Who = "",
    as_json: AsJson = False,
) -> None:
    """Approve a plan; the next run of its flow writes it, and what moves promises is done at once."""
    with open_desk() as desk:
        plan = planning.approve(desk, plan_id, digest, who or user())
    if as_json:
        print_json({"id": plan_id, "state": plan.state})
    elif plan.state == "applied":
        say(f"Plan {plan_id} is approved and done: fillrate show {plan_id}")
    else:
        say(f"Plan {plan_id} is approved. The next run of {plan.flow} writes it: fillrate run {plan.flow}")


def reject(plan_id: PlanId, who: Who = "", as_json: AsJson = False) -> None:
    """Refuse a plan; nothing of it is written, nor planned again while nothing else changes."""
    with open_desk() as desk:
        done = planning.reject(desk, plan_id, who or user())
    if as_json:
        print_json({"id": plan_id, "state": "rejected"})
        return
    say(f"Plan {plan_id} is rejected. Nothing{' more' if done.in_doubt else ''} of it will be written.")
    if done.in_doubt:
        say(f"{done.in_doubt} change(s) were sent without a clear answer. To find out: fillrate run {done.flow}")


def user() -> str:
    """Return the machine's user; in a container that may be a bare number."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def head(row: Any) -> dict[str, Any]:  # Any: a row of Plan, JSON
    """Return a plan without its changes."""
    names = ("id", "flow", "hash", "state", "waits_because", "cursors", "policy", "approved_by")
    times = {
        name: None if getattr(row, name) is None else getattr(row, name).isoformat()
        for name in ("created_at", "approved_at")
    }
    return {name: getattr(row, name) for name in names} | times


def change(row: Any) -> dict[str, Any]:  # Any: a row of Change, JSON
    """Return one change."""
    names = ("kind", "target", "before", "after", "seen", "reason", "state", "attempts", "answer")
    return {name: getattr(row, name) for name in names}
