"""Check the invariants on the merchant's own database, and, when asked, against the shops. Changes nothing."""

from typing import Any

import sqlalchemy as sa

from fillrate.channels.protocol import Ask, Stream
from fillrate.db.database import Reading
from fillrate.db.queries.audit import CHECKS, MOVES, unguarded
from fillrate.db.tables import Order, RejectedRecord
from fillrate.decide.owing import Meaning
from fillrate.decide.states import LEGAL
from fillrate.errors import RetryLater, StopChannel
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.intake.again import open_orders
from fillrate.steps.intake.compare import content_hash, known
from fillrate.steps.intake.orders import meaning_of
from fillrate.steps.intake.windows import load_cursor

SHOWN = 20


def audit(desk: Desk, *, with_shops: bool = False) -> list[dict[str, Any]]:  # Any: JSON
    """Return each check with how many rows break it and the first of them in words."""
    found = []
    with desk.db.read() as reading:
        for check in CHECKS:
            rows = reading.rows(sa.text(check.sql))
            found.append(finding(check.name, [check.sentence.format(**row._mapping) for row in rows]))  # noqa: SLF001 - public in SQLAlchemy
        moves = reading.rows(sa.text(MOVES))
        unguarded_tables = unguarded(reading)
    illegal = [
        f"{row.from_state} to {row.to_state} because {row.cause}"
        for row in moves
        if row.cause not in LEGAL.get((row.from_state, row.to_state), ())
    ]
    found.append(finding("every move is a legal one", illegal))
    open_journals = [f"{one}: rows could be changed or deleted, its trigger is gone" for one in unguarded_tables]
    found.append(finding("journals can only grow", open_journals))
    if with_shops:
        found += [compare(desk, shop) for shop in desk.shops.values()]
    return found


def finding(name: str, sentences: list[str]) -> dict[str, Any]:  # Any: JSON
    """Return the outcome of one check."""
    return {"check": name, "violations": len(sentences), "first": sentences[:SHOWN]}


def compare(desk: Desk, shop: Shop) -> dict[str, Any]:  # Any: JSON
    """Compare the tables with one shop; one that cannot be asked breaks this check and no other."""
    name = f"no order of {shop.name} is lost or different"
    try:
        return finding(name, different_orders(desk, shop))
    except (StopChannel, RetryLater) as error:
        return finding(name, [f"could not be compared: {error.what} {error.next}"])


def different_orders(desk: Desk, shop: Shop) -> list[str]:
    """Compare every order of the shop, up to where orders were read, with the tables; returns what differs."""
    with desk.db.read() as reading:
        cursor = load_cursor(reading, shop.id, Stream.ORDERS)
    if cursor is None or (cursor.saved_until is None and cursor.swept_at is None):
        return ["orders were never read: fillrate run sync-orders"]
    if cursor.saved_until is None:  # a shop without any order: one that came since is read by the next run
        return []
    sentences = []
    if cursor.saved_until > shop.channel.time():
        sentences.append(
            f"orders are saved up to {cursor.saved_until:%Y-%m-%d %H:%M} UTC, later than the shop's own time"
        )
    met: set[str] = set()
    for page in shop.channel.read(Ask(stream=Stream.ORDERS, until=cursor.saved_until)):
        sentences += differences(desk, shop, page.records)
        met.update(one.platform_id for one in (*page.records, *page.rejects))
    with desk.db.read() as reading:
        unmet = [one for one in open_orders(reading, shop.id) if one not in met]
    for page in shop.channel.read(Ask(stream=Stream.ORDERS, ids=tuple(unmet))) if unmet else ():
        sentences += [f"order {one} is open here and the shop does not have it" for one in page.gone]
    return sentences


def differences(desk: Desk, shop: Shop, records: Any) -> list[str]:  # Any: order records of one page
    """Return what is wrong with the orders of one page."""
    meanings = {record.platform_id: meaning_of(shop, record) for record in records}
    with desk.db.read() as reading:
        saved = known(reading, Order, shop.id, meanings)
        rejected = rejected_ids(reading, shop)
    sentences = []
    for record in records:
        row = saved.get(record.platform_id)
        if row is None and meanings[record.platform_id] != Meaning.NOT_AN_ORDER and record.platform_id not in rejected:
            sentences.append(f"order {record.platform_id} is missing here")
        if row is not None and row.content_hash != content_hash(record, meanings[record.platform_id]):
            sentences.append(f"order {record.platform_id} is different here")
    return sentences


def rejected_ids(reading: Reading, shop: Shop) -> set[str]:
    """Return the orders that are kept as rejected."""
    columns = RejectedRecord.__table__.c
    statement = sa.select(columns.platform_id).where(
        columns.channel_id == shop.id, columns.stream == Stream.ORDERS, columns.resolved_at.is_(None)
    )
    return {row.platform_id for row in reading.rows(statement)}
