"""Follow hints: read just the records that a shop's hooks named, where its API can, and what changed where it cannot.

A hint ends when what it is about was read after it was heard: seen to have changed, or surely shown as it is by then. One
that is heard again meanwhile stays, and so do all of a run that is cut off.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from fillrate.channels.protocol import Stream
from fillrate.db.database import Reading
from fillrate.db.lease import Held
from fillrate.db.queries import hooks as queries
from fillrate.db.tables import HookWatch, Order, Product, Refund
from fillrate.db.tables.columns import Model
from fillrate.errors import LeaseBusy
from fillrate.steps.days import shop_time
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.hooks.settle import put_off, read_lag, settle
from fillrate.steps.identity import check_identity
from fillrate.steps.intake import catalog, orders, refunds
from fillrate.steps.intake.again import read_again
from fillrate.steps.intake.stream import Intake, read_in
from fillrate.steps.intake.windows import Asked, load_cursor
from fillrate.steps.picking.settle import settle as settle_picks
from fillrate.steps.reconcile import read_stock_into_ledger
from fillrate.steps.runs import RunLog
from fillrate.steps.sync import read_stock_settings

MOST = 250  # records asked for by id in one run; where more changed, all that changed is read
STOCK_PACE = timedelta(minutes=1)  # all of a shop's stock is read no more often for the sake of hints
NEXT_TURN = timedelta(seconds=30)  # when to ask again for what a shop did not answer about
Hints = Sequence[Any]  # Any: rows of Hint
TABLES: Mapping[Stream, type[Model]] = {Stream.ORDERS: Order, Stream.PRODUCTS: Product, Stream.REFUNDS: Refund}


def follow_hints(desk: Desk, shop: Shop, log: RunLog) -> None:
    """Read what the hooks of a shop hinted at and end those hints; nothing is asked of a shop that told nothing."""
    with desk.db.read() as reading:
        rows = queries.due(reading, shop.id, desk.outside.clock.now())
    by_stream = {
        Stream(name): list(found) for name, found in groupby(sorted(rows, key=by_name), key=lambda row: row.stream)
    }
    if not by_stream:
        return
    check_identity(desk, shop, log)
    for streams, part in PARTS.items():
        hints = {one: by_stream[one] for one in streams if one in by_stream}
        try:
            if hints:
                part(desk, shop, log, hints)
        except LeaseBusy:  # another run reads the same; the rest need not wait for it
            with desk.db.write("hooks.busy") as tx:
                later = desk.outside.clock.now() + NEXT_TURN
                put_off(tx, [row for rows in hints.values() for row in rows], timedelta(0), later)


def by_name(row: Any) -> tuple[str, datetime]:  # Any: a row of Hint
    """Return what hints are sorted by."""
    return row.stream, row.heard_at


def follow_catalog(desk: Desk, shop: Shop, log: RunLog, hints: Mapping[Stream, Hints]) -> None:
    """Read what was hinted at of products, customers and their like."""
    intakes: dict[Stream, Callable[[], Intake]] = {
        Stream.CATEGORIES: lambda: catalog.categories(desk, shop),
        Stream.BRANDS: lambda: catalog.brands(desk, shop),
        Stream.PRODUCTS: lambda: catalog.products(desk, shop, log),
        Stream.CUSTOMERS: lambda: catalog.customers(desk, shop),
    }
    with desk.db.hold(f"channel:{shop.name}:catalog", wait_s=log.patience_s) as lease:
        for stream, intake in intakes.items():
            if stream in hints:
                follow(desk, shop, log, intake(), lease, hints[stream])
        if Stream.PRODUCTS in hints:
            with desk.db.write("catalog.tie", lease, lock=True) as tx:
                log.counts.update(catalog.tie_up(tx, shop.id, log.id, shop_time(desk, tx, shop)))
        settle_picks(desk, log)


def follow_orders(desk: Desk, shop: Shop, log: RunLog, hints: Mapping[Stream, Hints]) -> None:
    """Read what was hinted at of orders and refunds, as a poll does, with what their sources' stock goes by."""
    intakes: dict[Stream, Callable[[], Intake]] = {
        Stream.ORDERS: lambda: orders.orders(desk, shop, log),
        Stream.REFUNDS: lambda: refunds.refunds(shop),
    }
    with desk.db.hold(f"channel:{shop.name}:orders", wait_s=log.patience_s) as lease:
        for stream, intake in intakes.items():
            if stream in hints:
                follow(desk, shop, log, intake(), lease, hints[stream])
        read_stock_settings(desk, shop, lease)
        settle_picks(desk, log)


def follow(desk: Desk, shop: Shop, log: RunLog, intake: Intake, lease: Held, hints: Hints) -> None:
    """Read what the hints of one stream name: by id where few do, else all that changed."""
    began, able = desk.outside.clock.now(), shop.channel.capabilities()
    with desk.db.read() as reading:
        is_new = load_cursor(reading, shop.id, intake.stream) is None
    ids = [row.platform_id for row in hints]
    over: Hints = hints
    left: Hints = ()
    if is_new:  # the first sweep will read everything that there is
        log.say(f"{intake.stream} of {shop.name} were never read; that comes first")
    elif intake.stream in able.by_id and len(ids) <= MOST and all(ids):
        over, left = read_by_id(desk, shop, log, intake, lease, hints)
    else:
        read_in(desk, shop, log, intake, Asked(), lease)
        over, left = by_age(hints, began - read_lag(shop))
    with desk.db.write("hooks.followed", lease) as tx:
        log.counts["hints_followed"] += settle(tx, over)
        put_off(tx, left, read_lag(shop), began + NEXT_TURN)


def by_age(hints: Hints, until: datetime) -> tuple[Hints, Hints]:
    """Return the hints that were heard by a time, and the others."""
    return [row for row in hints if row.heard_at <= until], [row for row in hints if row.heard_at > until]


def read_by_id(desk: Desk, shop: Shop, log: RunLog, intake: Intake, lease: Held, hints: Hints) -> tuple[Hints, Hints]:
    """Read these records; returns the hints that are over, and those to be followed once more.

    Over is what changed, and what did not and was heard so long ago that the shop would show it.
    """
    ids, sure = [row.platform_id for row in hints], desk.outside.clock.now() - read_lag(shop)
    before = contents(desk, shop, intake, ids)
    answered = read_again(desk, shop, log, intake, lease, ids, shop.channel.time())
    if intake.stream is Stream.REFUNDS:  # asked for by order: one without any is answered about as well
        answered = set(ids)
    after = contents(desk, shop, intake, ids)
    over = [
        row
        for row in hints
        if row.platform_id in answered
        and (row.heard_at <= sure or before.get(row.platform_id) != after.get(row.platform_id))
    ]
    ended = {row.platform_id for row in over}
    return over, [row for row in hints if row.platform_id not in ended]


def contents(desk: Desk, shop: Shop, intake: Intake, ids: Sequence[str]) -> dict[str, Any]:  # Any: what tells a change
    """Return what tells a change of each record that is saved."""
    with desk.db.read() as reading:
        return contents_of(reading, shop, intake.stream, ids)


def contents_of(reading: Reading, shop: Shop, stream: Stream, ids: Sequence[str]) -> dict[str, Any]:  # Any: as above
    """Return the hash of each record that is saved, with whether it is gone; of refunds, by their order, all there are."""
    if stream is Stream.REFUNDS:
        found: dict[str, Any] = {}  # Any: sets of hashes
        for row in reading.find(
            Refund, "order_platform_id", ids, "order_platform_id", "content_hash", channel_id=shop.id
        ):
            found.setdefault(row.order_platform_id, set()).add(row.content_hash)
        return found
    names = ("platform_id", "content_hash", "deleted_at")
    rows = reading.find(TABLES[stream], "platform_id", ids, *names, channel_id=shop.id)
    return {row.platform_id: (row.content_hash, row.deleted_at is None) for row in rows}


def follow_stock(desk: Desk, shop: Shop, log: RunLog, by_stream: Mapping[Stream, Hints]) -> None:
    """Read all of a shop's stock between two reads of its orders, as `reconcile-inventory` does, no more often than its pace."""
    hints = [row for rows in by_stream.values() for row in rows]
    now, pace = desk.outside.clock.now(), stock_pace(shop)
    with desk.db.read() as reading:
        watched = queries.watched(reading, shop.id)
    last = None if watched is None else watched.stock_at
    if last is not None and now < last + pace:
        with desk.db.write("hooks.paced") as tx:
            put_off(tx, hints, timedelta(0), last + pace)
        return
    read_stock_into_ledger(desk, shop, log)
    with desk.db.write("hooks.stock_read") as tx:
        log.counts["hints_followed"] += settle(tx, hints)
        tx.upsert(HookWatch, [{"channel_id": shop.id, "stock_at": now}], key=("channel_id",))


def stock_pace(shop: Shop) -> timedelta:
    """Return how often a shop's stock is read for the sake of hints at most."""
    return max(STOCK_PACE, timedelta(seconds=shop.channel.capabilities().stock.sweep_seconds))


PARTS: Mapping[tuple[Stream, ...], Callable[[Desk, Shop, RunLog, Mapping[Stream, Hints]], None]] = {
    (Stream.ORDERS, Stream.REFUNDS): follow_orders,
    (Stream.CATEGORIES, Stream.BRANDS, Stream.PRODUCTS, Stream.CUSTOMERS): follow_catalog,
    (Stream.STOCK, Stream.LOCATIONS): follow_stock,
}
