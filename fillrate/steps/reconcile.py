"""Reconcile one channel: where it holds stock the ledger follows its numbers, else its numbers follow the ledger."""

from collections.abc import Sequence

from fillrate.db.queries.stock import last_facts
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.identity import check_identity
from fillrate.steps.intake.windows import Asked
from fillrate.steps.picking.settle import settle
from fillrate.steps.runs import Problem, RunLog
from fillrate.steps.stock import count_stock, read_locations, read_stock
from fillrate.steps.sync import sync_orders


def reconcile(desk: Desk, shop: Shop, log: RunLog) -> None:
    """Read what a channel shows, and bring the ledger and its numbers together."""
    if desk.settings.holds_stock(shop.settings):
        read_stock_into_ledger(desk, shop, log)
        return
    from fillrate.steps.reconciling.reconcile import reconcile_shown

    reconcile_shown(desk, shop, log)


def in_turn(desk: Desk, names: Sequence[str]) -> list[str]:
    """Return channels in the order in which they are reconciled: what others show follows what lies there."""
    return sorted(names, key=lambda name: not desk.settings.holds_stock(desk.shop(name).settings))


def read_stock_into_ledger(desk: Desk, shop: Shop, log: RunLog) -> None:
    """Read locations, orders, stock, and orders again; then book what the ledger does not know."""
    check_identity(desk, shop, log)
    read_locations(desk, shop, log)
    sync_orders(desk, shop, log, Asked())
    with desk.db.read() as reading:
        before = last_facts(reading)
    stock = read_stock(desk, shop, log)
    if not log.is_dry:
        sync_orders(desk, shop, log, Asked())
    count_stock(desk, shop, log, stock, before)
    settle(desk, log)
    if log.is_dry and log.counts["orders_newer"]:
        what = f"Orders have changed since they were last read ({log.counts['orders_newer']})."
        next_step = (
            "A real run takes them in first and may count otherwise; for a closer look: fillrate run sync-orders"
        )
        log.problems.append(Problem(f"{shop.name}: dry run", what, next_step))
