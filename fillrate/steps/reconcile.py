"""The reading half of reconciliation, for one shop: what it says of its stock, between two reads of its orders."""

from fillrate.steps.desk import Desk, Shop
from fillrate.steps.intake.windows import Asked
from fillrate.steps.runs import RunLog
from fillrate.steps.stock import count_stock, read_locations, read_stock
from fillrate.steps.sync import sync_orders


def read_stock_into_ledger(desk: Desk, shop: Shop, log: RunLog) -> None:
    """Read locations, orders, stock, and orders again; then book what the ledger does not know."""
    read_locations(desk, shop, log)
    sync_orders(desk, shop, log, Asked())
    stock = read_stock(desk, shop, log)
    in_flight = sync_orders(desk, shop, log, Asked())
    count_stock(desk, shop, log, stock, in_flight.items)
