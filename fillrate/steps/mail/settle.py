"""A person's word on a mail of which nobody knows whether it was taken, or that was refused."""

from typing import Any

from fillrate.db.database import Reading
from fillrate.db.queries import mails as queries
from fillrate.db.tables import Plan
from fillrate.errors import FillrateError, NotFound
from fillrate.steps.desk import Desk
from fillrate.steps.mail.notices import note_told
from fillrate.steps.plan import end_changes, settle_plans


def resend(desk: Desk, key: str, who: str) -> str:
    """Let a mail be sent again by the next run, if it is still due; returns its flow's name."""
    with desk.db.write("mail.resend", lock=True) as tx:
        row = found(tx, key, ("unknown", "failed"))
        end_changes(desk, tx, [row.id], "approved", f"To be sent again: {who}.")
        again = {"state": "approved", "approved_by": who, "approved_at": desk.outside.clock.now()}
        tx.update(Plan, [{"id": row.plan_id, **again}], key=("id",))
        [plan] = tx.find(Plan, "id", [row.plan_id], "flow")
    return str(plan.flow)


def settle(desk: Desk, key: str, who: str, *, was_sent: bool) -> None:
    """Note what a person found out about a mail: the customer has it, or has it not and shall not get it."""
    with desk.db.write("mail.settle", lock=True) as tx:
        row = found(tx, key, ("unknown",))
        if was_sent:
            note_told(desk, tx, row, who, is_late=True)
        end_changes(desk, tx, [row.id], "done" if was_sent else "failed", word(who, was_sent=was_sent))
        settle_plans(tx, [row.plan_id])


def word(who: str, *, was_sent: bool) -> str:
    """Return what a person said."""
    return (
        f"{who} says that the customer has it." if was_sent else f"{who} says that it was not sent, and shall not be."
    )


def found(reading: Reading, key: str, states: tuple[str, ...]) -> Any:  # Any: a row of Change with order_id
    """Return the mail with this key if it is in one of these states."""
    channel, _, target = key.partition(":")
    row = queries.by_key(reading, channel, target)
    if row is None:
        raise NotFound(f"There is no mail {key}.", next="List them: fillrate mails")
    if row.state not in states:
        what = f"The mail {key} is {row.state}; nothing is to be decided about it."
        raise FillrateError(what, next=f"See its plan: fillrate show {row.plan_id}")
    return row
