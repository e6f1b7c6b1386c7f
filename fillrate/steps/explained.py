"""The facts of an explanation, built from rows: alike units with their cause, place and supply; an item with its queue."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from fillrate.db.database import Reading
from fillrate.db.queries import explain as queries
from fillrate.db.queries.adopting import kept_beyond
from fillrate.report.explain import CoverFact, DeliveryFact, OwedFact, ShelfFact, SkuFact, UnitsFact
from fillrate.report.texts import text
from fillrate.steps.desk import Desk
from fillrate.steps.kits.explain import made_of_parts, taken_by_kits, unknown_to_shops
from fillrate.steps.put_back import AfterRefunds, after_refunds
from fillrate.steps.ranking import Queues, queues_of

LAST_MOVEMENTS = 10
COVERED_FIRST = ("awaiting_inbound", "preorder")


def units_facts(
    units: Sequence[Any], moves: Sequence[Any], covers: Sequence[Any], queues: Queues, item_id: int | None
) -> Iterator[UnitsFact]:  # Any: rows
    """Yield the open units of a line of an item in parts that are alike; they add up to the rows they are made of."""
    came = {(move.to_state, move.to_reason): move for move in moves}  # the last move into each state and reason
    waits_for = defaultdict(list)
    for cover in covers:
        waits_for[cover.queued_at].append([cover, cover.quantity])
    for one in sorted(units, key=lambda row: (row.queued_at, row.state, row.reason not in COVERED_FIRST, row.reason)):
        move = came.get((one.state, one.reason))
        place = queues.place(one.line_id, one.queued_at, one.state)
        for quantity, cover in split(item_id, one, waits_for[one.queued_at]):
            yield UnitsFact(
                one.state,
                one.reason,
                quantity,
                one.queued_at,
                cause="" if move is None else move.cause,
                since=None if move is None else move.at,
                place=place,
                covers=tuple(cover_facts(cover, queues, item_id)),
            )


def split(item_id: int | None, units: Any, covers: list[list[Any]]) -> Iterator[tuple[int, list[Any]]]:  # Any: rows
    """Yield (quantity, what it waits for) of alike units; what is taken of `covers`, rows with what is left of them, is gone.

    A kit's parts come separately: its units wait for all of them.
    """
    left = units.quantity
    if units.state == "backorder" and any(cover.item_id != item_id for cover, _ in covers):
        yield left, [cover for cover, _ in covers]
        return
    for pair in covers if units.state == "backorder" else ():
        quantity = min(left, pair[1])
        if quantity:
            pair[1] -= quantity
            left -= quantity
            yield quantity, [pair[0]]
    if left:
        yield left, []


def cover_facts(
    rows: Sequence[Any], queues: Queues, item_id: int | None
) -> list[CoverFact]:  # Any: rows of queries.covers
    """Return what units of an item wait for, once for each delivery and day; those of a kit for a part, which is named."""
    sums: dict[CoverFact, int] = {}
    for row in rows:
        likely, sure = queues.days.get(row.inbound_id, (None, None))
        reference = row.reference if row.item_id == item_id else f"{row.reference} ({row.sku})"
        unseen = queues.unseen.get(row.inbound_id, 0)
        known = (row.expected_at, likely, sure, row.kind, row.start or "", unseen, row.to_come)
        fact = CoverFact(0, reference, row.supplier or "", *known)
        sums[fact] = sums.get(fact, 0) + row.quantity
    return [CoverFact(n, *(getattr(one, name) for name in CoverFact.__slots__[1:])) for one, n in sums.items()]


def sku_fact(desk: Desk, reading: Reading, row: Any, queues: Queues | None = None) -> SkuFact:  # Any: a row of Item
    """Load an item with all that has to do with it."""
    queues = queues or queues_of(desk, reading, [row.id])
    in_queue = {one.line_id for one in queues.by_item.get(row.id, ())}
    lines = sorted(in_queue | queries.open_lines(reading, row.id))
    claims, held = queries.claims_on(reading, row.id), queries.holders(reading, row.id)
    units, moves = by_line(queries.units(reading, lines)), by_line(queries.transitions(reading, lines))
    covers = by_line([one for one in queries.covers(reading, lines) if one.item_id == row.id])
    names = queries.order_names(reading, [*lines, *(one.line_id for one in (*claims, *held))])
    takes, kits = taken_by_kits(reading, row.id, lines)
    names |= {line: text("say", "in_kit", order=names[line], sku=sku) for line, sku in kits.items()}
    promises, forecasts = queries.last_promises(reading, lines), queries.forecasts(reading, lines)
    owed = [
        OwedFact(
            names[line],
            replace(fact, quantity=fact.quantity * takes.get(line, 1)),
            promises.get(line),
            getattr(forecasts.get(line), "likely_by", None),
        )
        for line, rows in units.items()
        for fact in units_facts(rows, moves[line], covers[line], queues, row.id)
    ]
    shelves = queries.shelves(reading, [row.id])
    in_kits, beyond = unknown_to_shops(reading, shelves), kept_beyond(reading, row.origin)
    known = [(one, in_kits.get((one.item_id, one.location_id), 0), beyond.get(one.location_id)) for one in shelves]
    rank = {one.line_id: n for n, one in reversed(list(enumerate(queues.by_item.get(row.id, ()))))}
    holders: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for one in sorted(held, key=lambda one: rank.get(one.line_id, len(rank))):
        holders[one.location].append((names[one.line_id], one.quantity))
    refunded = after_refunds(desk, reading, row.id) if shelves else AfterRefunds()
    return SkuFact(
        sku=row.sku,
        name=row.name,
        is_tracked=row.is_tracked,
        made_of=made_of_parts(reading, row.id),
        shelves=tuple(shelf_fact(*one) for one in known),
        queue=tuple(sorted(owed, key=turn)),
        holders={place: tuple(together(pairs)) for place, pairs in holders.items()},
        deliveries=tuple(
            delivery(one, sorted(claims, key=lambda c: (rank.get(c.line_id, len(rank)), c.queued_at)), names, queues)
            for one in queries.deliveries(reading, row.id, queues.unseen)
        ),
        movements=tuple(
            (one.occurred_at, one.kind, one.quantity) for one in queries.movements(reading, row.id, LAST_MOVEMENTS)
        ),
        refunded_missing=refunded.missing,
        refunded_back=refunded.back,
        refunded_twice=refunded.twice,
    )


def whole(fact: UnitsFact, takes: int) -> UnitsFact:
    """Return how many units of an item are owed, where each of these takes so many of it."""
    return replace(fact, quantity=fact.quantity * takes)


def likely_by(row: Any) -> datetime | None:  # Any: a row of Forecast, or None
    """Return when a line is likely to leave."""
    return None if row is None else row.likely_by


def turn(one: OwedFact) -> tuple[Any, ...]:  # Any: numbers and times
    """Return what sorts what is owed of an item: who has stock, then who waits, each in the order of the queue."""
    place = one.units.place
    return (one.units.state != "backlog", place is None, place.number if place is not None else 0, one.units.queued_at)


def delivery(row: Any, claims: Sequence[Any], names: dict[int, str], queues: Queues) -> DeliveryFact:  # Any: rows
    """Return a delivery with those who wait for it."""
    covered = together([(names[one.line_id], one.quantity) for one in claims if one.inbound_id == row.id])
    unseen, lying = queues.unseen.get(row.id, 0), queues.lie.get(row.id, 0)
    units = row.units + unseen
    free = max(0, units - lying - sum(n for _, n in covered))
    days = queues.days.get(row.id, (None, None))
    who = (row.reference, row.supplier or "", units, row.expected_at, *days)
    return DeliveryFact(*who, tuple(covered), free, row.start or "", lying, unseen)


def together(pairs: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return (order, units) once for each order, in the order of their first."""
    sums: dict[str, int] = {}
    for order, units in pairs:
        sums[order] = sums.get(order, 0) + units
    return list(sums.items())


def shelf_fact(row: Any, in_kits: int = 0, beyond: int | None = None) -> ShelfFact:  # Any: a row of queries.shelves
    """Return what lies on a shelf; `beyond` was sold beyond its number, where the shop does not tell that."""
    sold_beyond = beyond if row.backordered is None else row.backordered
    shown = (row.shown, row.deducted, sold_beyond, row.read_at)
    return ShelfFact(row.location, row.on_hand, row.allocated, *shown, in_kits)


def by_line(rows: Sequence[Any]) -> dict[int, list[Any]]:  # Any: rows
    """Return rows by their line."""
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.line_id].append(row)
    return found
