"""Goods of a delivery came in by a person's word, before its feed tells: once each, whoever tells first.

On hand stays what the shop's number says; what was received is no longer on its way.
"""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.channels.fields import INT32
from fillrate.db.bulk import Select
from fillrate.db.database import Reading
from fillrate.db.queries.supply import items_on_their_way
from fillrate.db.tables import Inbound, Location
from fillrate.decide.inbound import events_of
from fillrate.errors import FillrateError, FixSettings, NotFound
from fillrate.steps.correcting.word import Kind, Said, Scene, Told, Values, take, taking
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.runs import RunLog
from fillrate.steps.supply.events import Paper, save_events
from fillrate.steps.supply.land import before
from fillrate.steps.touch import note_items, touch

SHOWN = "It is on hand once the shop's number says so; until then it covers those who wait, for three days."


def mark_received(desk: Desk, log: RunLog, said: Said, reference: str, quantity: int, line: str = "") -> Told:
    """Note that so many units of a delivery's line have come in, in all."""
    with taking(desk) as tx:
        row = find_line(tx, reference, line)
        shop = shop_of(desk, tx, row)
        told = take(Scene(desk, tx, log, shop, said), RECEIVED, {f"inbound:{row.id}": quantity})
    beyond = quantity - row.qty_ordered
    more = f"That is {beyond} more than was ordered. " if beyond > 0 else ""
    return told._replace(next=f"{more}{SHOWN}" if told.changes else "")


def find_line(reading: Reading, reference: str, line: str) -> Any:  # Any: a row of Inbound
    """Return the line of a delivery, rather one that is not cancelled; NotFound where none is called so, or several are."""
    is_meant = col(Inbound.reference) == reference
    statement: Select = sa.select(*Inbound.__table__.c).where(is_meant).order_by(col(Inbound.id))
    of_delivery = reading.rows(statement)
    rows = [row for row in of_delivery if line in {"", row.position}]
    if not of_delivery:
        raise NotFound(f"There is no delivery {reference}.", next="See what is on its way: fillrate status")
    rows = [row for row in rows if row.status != "cancelled"] or rows
    if line and len(rows) > 1:
        feeds = ", ".join(row.source for row in rows)
        what = f"Several feeds tell of line {line} of {reference}: {feeds}."
        raise NotFound(what, next="Let all but one tell that it is cancelled, and say it again.")
    if len(rows) != 1:
        lines = ", ".join(f"{row.position} ({row.sku})" for row in of_delivery)
        what = f"Delivery {reference} has no line {line}." if not rows else f"Delivery {reference} has several lines."
        raise NotFound(what, next=f"Name one with --line: {lines}")
    return rows[0]


def shop_of(desk: Desk, reading: Reading, row: Any) -> Shop:  # Any: a row of Inbound
    """Return the shop that a delivery goes to, the first one where nobody knows."""
    channel_id = reading.scalar(sa.select(col(Location.channel_id)).where(col(Location.id) == row.location_id))
    shops = list(desk.shops.values())
    if not shops:
        raise FixSettings("The settings name no channel.", next="Add one: fillrate init")
    return next((shop for shop in shops if shop.id == channel_id), shops[0])


def rows_of(reading: Reading, targets: Collection[str]) -> dict[str, Any]:  # Any: rows of Inbound
    """Return the row of each of these targets, such as "inbound:7"."""
    rows = reading.find(Inbound, "id", [int(target.partition(":")[2]) for target in targets])
    return {f"inbound:{row.id}": row for row in rows}


def held(_: Desk, reading: Reading, shop: Shop, targets: Collection[str]) -> Values:
    """Return how many units of each line were received."""
    return {target: row.qty_received for target, row in rows_of(reading, targets).items()}


def check(scene: Scene, wanted: Values) -> None:
    """Refuse numbers that no delivery has."""
    rows = rows_of(scene.tx, wanted)
    for target, quantity in wanted.items():
        if not 0 <= quantity <= INT32:
            raise FillrateError(f"{quantity} is no number of units.", next="Say how many have come in all.")
        told, row = told_by_source(rows[target]), rows[target]
        if quantity < told:
            what = f"{row.source} tells of {told} received of {row.reference}, line {row.position}; {quantity} in all are fewer."
            raise FillrateError(what, next="Say how many have come in all, or let its source tell of fewer.")


def told_by_source(row: Any) -> int:  # Any: a row of Inbound
    """Return how many units others than a person tell of as received, as far as that is known."""
    return 0 if row.qty_received == row.qty_by_hand else int(row.qty_received)


def book(scene: Scene, wanted: Values) -> None:
    """Keep what came, as a file that tells of it does; the person's word holds until the feed tells of as many."""
    tx, at = scene.tx, scene.now()
    rows = rows_of(tx, wanted)
    told, changed = {}, []
    for target, row in rows.items():
        quantity = wanted[target]
        known = before(row)
        told[row.id] = events_of(known, known._replace(received=quantity, at=at, received_at=at)) if known else []
        seen = min(row.qty_seen, quantity) if quantity < row.qty_received else row.qty_seen
        changed.append({"id": row.id, "qty_received": quantity, "qty_by_hand": quantity, "qty_seen": seen})
    tx.update(Inbound, changed, key=("id",))
    for row in rows.values():
        paper = Paper(row.source, f"by {scene.said.who}", at, scene.plan_id)
        scene.log.counts.update(
            {f"inbound_{kind}": n for kind, n in save_events(tx, scene.log.id, paper, {row.id: told[row.id]}).items()}
        )
    touch(tx, {row.item_id for row in rows.values() if row.item_id is not None})
    note_items(tx, items_on_their_way())


RECEIVED = Kind("received", held, check, book)
