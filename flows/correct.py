"""What people say of an order, a line or a delivery: hold, release, another place, another day, fewer units, goods received.

Each is a plan with a reason and a name, booked at once; said twice it is once, and `fillrate undo PLAN` takes it back.
"""

from datetime import date
from typing import Literal

from prefect import flow
from pydantic import NonNegativeInt

from fillrate.steps.correcting import cancelled_units, drifts, holds, kept_orders, priorities, promises, receipts
from flows.parameters import Ended, ended
from tasks.artifacts import show_plans
from tasks.coat import work
from tasks.words import Word, take_word


async def spoken(name: str, who: str, reason: str, dry_run: bool, word: Word) -> Ended:
    """Take a word and show its plan."""
    async with work(name, "all", dry_run=dry_run) as run:
        await take_word(who, reason, word)
        await show_plans()
    return ended(run)


@flow(name="hold")
async def hold(
    subject: Literal["line", "order"],
    which: str,
    reason: str,
    who: str,
    kind: Literal["manual", "address"] = "manual",
    dry_run: bool = False,
) -> Ended:
    """Hold a line or an order back: it keeps its place in the queue and what is set aside for it, and is not picked.

    Args:
        subject: What to hold: one line, or an order with all its lines.
        which: Number of the line or the order, such as 1234 or main:1234; "fillrate explain order" tells those of lines.
        reason: Why; it is kept with the plan and shown wherever the order is explained.
        who: Your name; it is kept with the plan.
        kind: What has to be cleared up: the address, or anything else.
        dry_run: Store a plan that shows what would change, and change nothing.
    """
    return await spoken("hold", who, reason, dry_run, lambda d, log, one: holds.hold(d, log, one, subject, which, kind))


@flow(name="release")
async def release(subject: Literal["line", "order"], which: str, reason: str, who: str, dry_run: bool = False) -> Ended:
    """Let a line go that somebody held, or an order with all its lines; the next allocation makes it ready.

    Args:
        subject: What to let go: one line, or an order with all its lines.
        which: Number of the line or the order, such as 1234 or main:1234.
        reason: Why; it is kept with the plan and shown wherever the order is explained.
        who: Your name; it is kept with the plan.
        dry_run: Store a plan that shows what would change, and change nothing.
    """
    return await spoken("release", who, reason, dry_run, lambda d, log, one: holds.release(d, log, one, subject, which))


@flow(name="set-priority")
async def set_priority(
    subject: Literal["line", "order"],
    which: str,
    reason: str,
    who: str,
    priority: NonNegativeInt | None = None,
    dry_run: bool = False,
) -> Ended:
    """Give a line or an order another place in the queue than the policy does.

    Args:
        subject: What to rank: one line, which goes before what its order has, or an order with all its lines.
        which: Number of the line or the order, such as 1234 or main:1234.
        reason: Why; it is kept with the plan and shown wherever the order is explained.
        who: Your name; it is kept with the plan.
        priority: Class in the queue from 0 to 1000, small goes first; empty leaves it to the policy again.
        dry_run: Store a plan that shows what would change, and change nothing.
    """
    return await spoken(
        "set-priority",
        who,
        reason,
        dry_run,
        lambda d, log, one: priorities.set_priority(d, log, one, subject, which, priority),
    )


@flow(name="move-promise")
async def move_promise(which: str, day: date, reason: str, who: str, dry_run: bool = False) -> Ended:
    """Promise another day for a line; what was promised before stays on record.

    Args:
        which: Number of the line, such as 1234 or main:1234; "fillrate explain order" tells it.
        day: Working day of the store by which the line leaves; today or later.
        reason: Why; it is kept with the plan and shown wherever the order is explained.
        who: Your name; it is kept with the plan.
        dry_run: Store a plan that shows what would change, and change nothing.
    """
    return await spoken(
        "move-promise", who, reason, dry_run, lambda d, log, one: promises.move_promise(d, log, one, which, day)
    )


@flow(name="do-not-cancel")
async def do_not_cancel(which: str, reason: str, who: str, mark: bool = True, dry_run: bool = False) -> Ended:
    """Mark an order so that the rules for delays never ask to cancel it for want of an answer.

    Args:
        which: Number of the order, such as 1234 or main:1234.
        reason: Why; it is kept with the plan and shown wherever the order is explained.
        who: Your name; it is kept with the plan.
        mark: Whether it is marked; off takes the mark away.
        dry_run: Store a plan that shows what would change, and change nothing.
    """
    return await spoken(
        "do-not-cancel",
        who,
        reason,
        dry_run,
        lambda d, log, one: kept_orders.do_not_cancel(d, log, one, which, mark=mark),
    )


@flow(name="cancel-units")
async def cancel_units(which: str, units: NonNegativeInt, reason: str, who: str, dry_run: bool = False) -> Ended:
    """Give up units of a line: owed no more at once, and listed by the status until the shop shows them as cancelled.

    Args:
        which: Number of the line, such as 1234 or main:1234; "fillrate explain order" tells it.
        units: How many units of the line to give up in all; fewer than before takes the others up again, 0 all of them.
        reason: Why; it is kept with the plan and shown wherever the order is explained.
        who: Your name; it is kept with the plan.
        dry_run: Store a plan that shows what would change, and change nothing.
    """
    return await spoken(
        "cancel-units",
        who,
        reason,
        dry_run,
        lambda d, log, one: cancelled_units.cancel_units(d, log, one, which, units),
    )


@flow(name="mark-received")
async def mark_received(
    reference: str, units: NonNegativeInt, reason: str, who: str, line: str = "", dry_run: bool = False
) -> Ended:
    """Note that goods of a delivery have come in before its feed tells; on hand stays what the shop's number says.

    Args:
        reference: Number of the purchase order or the transfer, as its feed tells it.
        units: How many units of its line have come in all, with those that came before.
        reason: Why; it is kept with the plan.
        who: Your name; it is kept with the plan.
        line: Which line of the delivery, where it has several; "fillrate mark-received" lists them.
        dry_run: Store a plan that shows what would change, and change nothing.
    """
    return await spoken(
        "mark-received",
        who,
        reason,
        dry_run,
        lambda d, log, one: receipts.mark_received(d, log, one, reference, units, line),
    )


@flow(name="put-back")
async def put_back(which: str, reason: str, who: str, dry_run: bool = False) -> Ended:
    """Let a channel's number that waits follow the ledger again: nothing of it is missing.

    Args:
        which: The number under which "fillrate drift" lists it, or its SKU.
        reason: Why; it is kept with the plan.
        who: Your name; it is kept with the plan.
        dry_run: Store a plan that shows what would change, and change nothing.
    """
    return await spoken("put-back", who, reason, dry_run, lambda d, log, one: drifts.put_back(d, log, one, which))


@flow(name="adopt-drift")
async def adopt_drift(which: str, reason: str, who: str, dry_run: bool = False) -> Ended:
    """Take what a channel's number that waits says into the ledger: so much more or less does lie there.

    Args:
        which: The number under which "fillrate drift" lists it, or its SKU.
        reason: Why; it is kept with the plan.
        who: Your name; it is kept with the plan.
        dry_run: Store a plan that shows what would change, and change nothing.
    """
    return await spoken("adopt-drift", who, reason, dry_run, lambda d, log, one: drifts.adopt_drift(d, log, one, which))
