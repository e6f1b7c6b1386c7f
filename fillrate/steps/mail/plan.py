"""Plan the mails that are due; those that wait and are due no more, or with other facts, end."""

from collections.abc import Sequence
from datetime import datetime

from fillrate.db.database import Reading, Writing
from fillrate.db.queries import mails as queries
from fillrate.db.queries import plans as plan_queries
from fillrate.db.queries.queue import open_orders
from fillrate.db.tables import Order, OrderMail
from fillrate.decide.mails import Mail, too_many
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.mail.due import due_mails, json_of
from fillrate.steps.mail.since import switched_on
from fillrate.steps.plan import Intended, end_changes, settle_plans, store_plan
from fillrate.steps.runs import RunLog

FIRST = "They are the first mails for this channel; look at them before anybody is written to."
REASONS = {
    "backordered": "Units of this order wait for supply, and its customer does not know it yet.",
    "date_moved": "The customer of this order knows another day than the one that holds.",
    "on_its_way": "What this order waited for is here.",
    "partly_shipped": "A part of this order has left.",
    "cancelled": "What the customer of this order counts on was cancelled.",
}


def plan_mails(desk: Desk, tx: Writing, shop: Shop, log: RunLog, order_ids: Sequence[int], at: datetime) -> str:
    """Plan the mails that are due about these orders of a shop, and return the plan's id or "".

    They follow from what the allocation of this transaction has saved; a dry run saves nothing, so it plans none. Orders
    that were placed before mail was switched on hear nothing: the first look notes the time.
    """
    if log.is_dry:
        return ""
    since = switched_on(desk, tx, shop, at)
    if not since:
        return ""
    mine = [row.id for row in tx.find(Order, "id", list(order_ids), "id", channel_id=shop.id)]
    found = due_mails(desk, tx, mine, since)
    wanted = {mail.target: json_of(mail) for mail in found.mails}
    waiting = {row.target: row for row in found.waiting}
    over = [row for row in found.waiting if wanted.get(row.target) != row.after]
    end_changes(desk, tx, [row.id for row in over], "superseded", "It was due no more, or with other facts.")
    settle_plans(tx, sorted({row.plan_id for row in over}))
    fresh = [one for one in found.mails if one.target not in waiting or waiting[one.target] in over]
    why = why_wait(desk, tx, shop, fresh)
    plan_id = store_plan(desk, tx, shop, log, [intended(shop, one) for one in fresh], waits_because=why)
    rows = plan_queries.changes(tx, plan_id) if plan_id else []
    about = [{"change_id": row.id, "order_id": found.orders[row.target]} for row in rows]
    tx.upsert(OrderMail, about, key=("change_id",))
    log.counts["mails_planned"] += len(rows)
    return plan_id


def intended(shop: Shop, mail: Mail) -> Intended:
    """Return a mail as a change."""
    reason = REASONS[mail.message]
    return Intended(
        channel=shop.name, kind=queries.KIND, target=mail.target, before=None, after=json_of(mail), reason=reason
    )


def why_wait(desk: Desk, reading: Reading, shop: Shop, mails: Sequence[Mail]) -> str:
    """Return why a plan of mails waits for a person, or ""."""
    settings = desk.settings.mail
    if settings is None or not mails:
        return ""
    if not shop.settings.practice and not queries.is_any_sent(reading, shop.id):
        return FIRST
    orders = open_orders(reading, shop.id)
    return too_many(len(mails), orders, at_most=settings.at_most_per_run, share=settings.share)
