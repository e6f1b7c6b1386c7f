"""The reading use cases: a shop's catalogue, and its orders."""

from collections.abc import Sequence

import msgspec

from fillrate.channels.protocol import Stream
from fillrate.db.lease import Held
from fillrate.db.queries.stock import open_sources
from fillrate.db.tables import ChannelSettings
from fillrate.steps.days import shop_time
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.hooks.settle import covered_by_poll
from fillrate.steps.identity import check_identity
from fillrate.steps.intake import catalog, orders, refunds
from fillrate.steps.intake.again import newest_order, read_again, read_open_orders, read_rejected
from fillrate.steps.intake.mirrored import sources_of_copies
from fillrate.steps.intake.stream import read_in
from fillrate.steps.intake.windows import Asked
from fillrate.steps.picking.settle import settle
from fillrate.steps.runs import RunLog

CATALOG = (Stream.BRANDS, Stream.CATEGORIES, Stream.PRODUCTS, Stream.CUSTOMERS)
ORDERS = (Stream.ORDERS, Stream.REFUNDS)


def read_stock_settings(desk: Desk, shop: Shop, lease: Held) -> None:
    """Save when the shop's events move its numbers; read after the orders, since each source may have its own rules."""
    with desk.db.read() as reading:
        sources = sorted({*open_sources(reading, shop.id), *sources_of_copies(reading, shop)})
    row = {"channel_id": shop.id, "stock": msgspec.to_builtins(shop.channel.stock_settings(sources))}
    with desk.db.write("settings.save", lease) as tx:
        tx.upsert(ChannelSettings, [row], key=("channel_id",))


def sync_catalog(desk: Desk, shop: Shop, log: RunLog, asked: Asked) -> None:
    """Read brands, categories, products with their listings, and customers; find what was deleted."""
    check_identity(desk, shop, log)
    products, began = catalog.products(desk, shop, log), desk.outside.clock.now()
    with desk.db.hold(f"channel:{shop.name}:catalog", wait_s=log.patience_s) as lease:
        plain = catalog.brands(desk, shop), catalog.categories(desk, shop)
        for intake in (*plain, products, catalog.customers(desk, shop)):
            window = read_in(desk, shop, log, intake, asked, lease)
            if intake.by_id:
                read_rejected(desk, shop, log, intake, lease, window)
        if log.is_dry:
            return
        with desk.db.write("catalog.tie", lease, lock=True) as tx:
            log.counts.update(catalog.tie_up(tx, shop.id, log.id, shop_time(desk, tx, shop)))
        settle(desk, log)
        if not asked.by_hand:
            covered_by_poll(desk, shop, lease, CATALOG, began)


def sync_products(desk: Desk, shop: Shop, log: RunLog, ids: Sequence[str]) -> None:
    """Read these products again, and let open lines find the items that are counted for them from now on."""
    with desk.db.hold(f"channel:{shop.name}:catalog", wait_s=60) as lease:
        read_again(desk, shop, log, catalog.products(desk, shop, log), lease, ids, shop.channel.time())
        with desk.db.write("catalog.tie", lease, lock=True) as tx:
            log.counts.update(catalog.tie_up(tx, shop.id, log.id, shop_time(desk, tx, shop)))


def sync_orders(desk: Desk, shop: Shop, log: RunLog, asked: Asked) -> None:
    """Read orders with their lines, open ones again by id, and refunds, and when the shop's events move its stock."""
    check_identity(desk, shop, log)
    with desk.db.hold(f"channel:{shop.name}:orders", wait_s=log.patience_s) as lease:
        intake, began = orders.orders(desk, shop, log), desk.outside.clock.now()
        with desk.db.read() as reading:
            newest = newest_order(reading)
        window = read_in(desk, shop, log, intake, asked, lease)
        read_rejected(desk, shop, log, intake, lease, window)
        read_open_orders(desk, shop, log, intake, lease, window, newest)
        read_in(desk, shop, log, refunds.refunds(shop), asked, lease)
        if not log.is_dry:
            read_stock_settings(desk, shop, lease)
            settle(desk, log)
            if not asked.by_hand:
                covered_by_poll(desk, shop, lease, ORDERS, began)
