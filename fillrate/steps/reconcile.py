"""The reading half of reconciliation, for one shop: what it says of its stock, between two reads of its orders."""

from fillrate.db.queries.stock import last_facts
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.identity import check_identity
from fillrate.steps.intake.windows import Asked
from fillrate.steps.picking.settle import settle
from fillrate.steps.runs import Problem, RunLog
from fillrate.steps.stock import count_stock, read_locations, read_stock
from fillrate.steps.sync import sync_orders


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
