"""Reconcile one channel that shows stock which lies elsewhere: read, understand, plan."""

from datetime import timedelta

import pandas as pd

from fillrate.channels.protocol import Stream
from fillrate.db.database import Writing
from fillrate.db.queries import reconciling as queries
from fillrate.db.queries.stock import last_facts
from fillrate.db.tables import ShownStock
from fillrate.decide.frames import SIGHTINGS
from fillrate.decide.reconcile import merge
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.identity import check_identity
from fillrate.steps.intake import rejects
from fillrate.steps.reconciling.marks import mark
from fillrate.steps.reconciling.numbers import Numbers, read_numbers
from fillrate.steps.reconciling.own import count_own
from fillrate.steps.reconciling.places import pools
from fillrate.steps.reconciling.save import plan_numbers, rows_of, save_bases, save_drift
from fillrate.steps.reconciling.sight import sightings
from fillrate.steps.runs import Problem, RunLog
from fillrate.steps.stock import read_locations

OFTEN, LATELY = 4, timedelta(days=1)  # a number that is put right so often within so long has a cause that lasts


def reconcile_shown(desk: Desk, shop: Shop, log: RunLog) -> None:
    """Read what a channel shows, say why it is what it is, and plan what it should be."""
    check_identity(desk, shop, log)
    read_locations(desk, shop, log)
    numbers = read_numbers(desk, shop, log)
    understand(desk, shop, log, numbers)


def understand(desk: Desk, shop: Shop, log: RunLog, numbers: Numbers) -> None:
    """Decide about every number that differs, in one transaction."""
    with desk.db.hold("stock", wait_s=60) as lease, desk.db.write("stock.reconcile", lease, lock=True) as tx:
        facts = last_facts(tx)
        frame = sightings(desk, tx, shop, numbers, pools(desk, tx, shop, log))
        rows = []
        if not frame.empty:
            policy = desk.settings.policy.for_(channel=shop.name)
            verdicts = merge(frame[list(SIGHTINGS)], review_units=policy.review_units)
            rows = rows_of(pd.concat([frame.drop(columns="held"), verdicts], axis=1))
        plan_numbers(desk, tx, shop, log, rows)
        if log.is_dry:
            return
        count_own(desk, tx, shop, log, numbers)
        forget_untold(tx, shop, log)
        save_bases(tx, shop, numbers, rows)
        save_drift(desk, tx, shop, log, rows)
        save_rejects(desk, tx, shop, numbers)
        mark(desk, tx, shop, facts)
        log.counts["numbers_looked_at"] += len(rows)
        tell_of_often(desk, tx, shop, log)


def forget_untold(tx: Writing, shop: Shop, log: RunLog) -> None:
    """Let go of numbers that the channel no longer tells; what of them is listed still is told as a problem."""
    gone = queries.untold(tx, shop.id)
    tx.delete(ShownStock, [{"channel_id": shop.id, "target": row.target} for row in gone], key=("channel_id", "target"))
    listed = queries.still_listed(tx, shop.id, sorted({row.item_id for row in gone}))
    if listed:
        what = f"The channel tells no number of {len(listed)} listing(s) that it counts."
        log.problems.append(Problem(f"{shop.name}: stock", what, "Nothing is written to them; look at the channel."))


def save_rejects(desk: Desk, tx: Writing, shop: Shop, numbers: Numbers) -> None:
    """Keep what could not be read with its reason, and resolve what could."""
    at = desk.outside.clock.now()
    rejects.save_rejects(tx, shop.id, Stream.STOCK, numbers.rejects, at)
    if missed := rejects.unresolved(tx, shop.id, Stream.STOCK):
        levels = numbers.levels.values()
        read = {level.variant_platform_id or f"-{level.product_platform_id}" for level in levels}
        rejects.resolve_rejects(tx, shop.id, Stream.STOCK, sorted(missed & read), at)
    if all(one.platform_id for one in numbers.rejects):
        rejects.resolve_nameless(tx, shop.id, Stream.STOCK, at)


def tell_of_often(desk: Desk, tx: Writing, shop: Shop, log: RunLog) -> None:
    """Tell of numbers that are put right again and again: something else writes them, and that should end."""
    often = queries.healed_since(tx, shop.id, desk.outside.clock.now() - LATELY, OFTEN)
    if often:
        names = ", ".join(row.target for row in often[:5])
        what = f"{len(often)} number(s) were put right {OFTEN} times or more within a day: {names}."
        log.problems.append(Problem(f"{shop.name}: drift", what, "Find out who else writes them; see: fillrate drift"))
