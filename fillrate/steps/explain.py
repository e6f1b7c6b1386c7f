"""Explain an order, a line or a SKU: load what has to do with it, and let `fillrate.report.explain` say it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from fillrate.db.database import Reading
from fillrate.db.queries import explain as queries
from fillrate.db.queries import plans
from fillrate.db.queries import slips as slip_queries
from fillrate.decide.sku import sku_key
from fillrate.errors import NotFound
from fillrate.report.explain import (
    DelayFact,
    ForecastFact,
    LineFact,
    MoveFact,
    OrderFact,
    PromiseFact,
    ProposalFact,
    SkuFact,
    as_json,
    order_lines,
)
from fillrate.report.explain_sku import sku_lines
from fillrate.report.kits import PartFact
from fillrate.steps.correcting.named import words_of
from fillrate.steps.desk import Desk
from fillrate.steps.explained import by_line, cover_facts, shelf_fact, sku_fact, units_facts
from fillrate.steps.kits.explain import part_facts
from fillrate.steps.ranking import Queues, queues_of
from fillrate.steps.reconciling.explain import shown_facts
from fillrate.steps.rules_applied import rules_applied

Explained = tuple[list[str], dict[str, Any]]  # Any: JSON


def explain_order(desk: Desk, which: str) -> Explained:
    """Return an order in sentences and as facts; `which` is `1234` or `main:1234`."""
    channel, _, number = which.rpartition(":")
    with desk.db.read() as reading:
        row = single("order", which, queries.order(reading, channel or None, number))
        fact = order_fact(desk, reading, row, queries.lines(reading, row.id))
    return order_lines(fact, desk.settings.store.zone), as_json(fact)


def explain_line(desk: Desk, which: str) -> Explained:
    """Return one line of an order in the same way; `which` is the line's number, as `34` or `main:34`."""
    channel, _, number = which.rpartition(":")
    with desk.db.read() as reading:
        row = single("line", which, queries.orders_with_line(reading, channel or None, number))
        lines = [line for line in queries.lines(reading, row.id) if line.id == row.line_id]
        fact = order_fact(desk, reading, row, lines)
    return order_lines(fact, desk.settings.store.zone), as_json(fact)


def single(what: str, which: str, found: Sequence[Any]) -> Any:  # Any: rows of Order
    """Return the one order that was found; raise where there is none, or several channels have it."""
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(f"{row.channel}:{which}" for row in found)
        raise NotFound(f"Several channels have {'an' if what == 'order' else 'a'} {what} {which}: {names}.")
    what_to_do = "See that its number is right; a new one is read by: fillrate run sync-orders"
    raise NotFound(f"There is no {what} {which} in the tables.", next=what_to_do)


def order_fact(
    desk: Desk, reading: Reading, row: Any, lines: Sequence[Any], queues: Queues | None = None
) -> OrderFact:  # Any: rows
    """Load an order with all that has to do with these lines of it; `queues`, where they are known already."""
    ids = [line.id for line in lines]
    items = sorted({line.item_id for line in lines if line.item_id is not None})
    units, aside, moves = (
        by_line(queries.units(reading, ids)),
        by_line(queries.set_aside(reading, ids)),
        by_line(queries.transitions(reading, ids)),
    )
    covers, promises = by_line(queries.covers(reading, ids)), by_line(queries.promises(reading, ids))
    delays = queries.delays(reading, ids)
    waiting = slip_queries.proposed(reading, row.channel_id, [row.id])
    proposals = {one.line_id: ProposalFact(one.plan_id, one.after) for one in waiting}
    forecasts, shelves = queries.forecasts(reading, ids), by_item(queries.shelves(reading, items))
    queues, parts = queues or queues_of(desk, reading, items), part_facts(desk, reading, lines)
    words = words_of(
        reading, row.channel_id, [f"order:{row.platform_id}", *(f"line:{one.platform_id}" for one in lines)]
    )
    note = plans.last_change(reading, row.channel_id, "metafield", row.platform_id)
    return OrderFact(
        order=f"{row.channel}:{row.platform_id}",
        placed_at=row.placed_at,
        recipient=row.recipient,
        status=status_name(desk, row.channel, row.status),
        note=row.note,
        is_gone=row.deleted_at is not None,
        note_in_shop="" if note is None else note.state,
        words=words.get(f"order:{row.platform_id}", ()),
        lines=tuple(
            LineFact(
                line=line.platform_id,
                sku=line.sku,
                name=line.name,
                ordered=line.qty_ordered,
                shipped=line.qty_shipped,
                cancelled=line.qty_cancelled,
                needs_stock=line.needs_stock and needs_stock(line, parts.get(line.id, ())),
                units=tuple(units_facts(units[line.id], moves[line.id], covers[line.id], queues, line.item_id)),
                set_aside={} if line.id in parts else {one.location: one.quantity for one in aside[line.id]},
                shelves=()
                if line.id in parts or line.item_id is None
                else tuple(map(shelf_fact, shelves[line.item_id])),
                moves=tuple(
                    MoveFact(one.at, one.quantity, one.to_state, one.cause, one.to_reason) for one in moves[line.id]
                ),
                covers=tuple(cover_facts(covers[line.id], queues, line.item_id)),
                forecast=forecast_fact(forecasts.get(line.id)),
                promises=tuple(PromiseFact(one.ship_by, one.source, one.given_at) for one in promises[line.id]),
                release_at=line.release_at,
                proposal=proposals.get(line.id),
                delay=delay_fact(delays.get(line.id)),
                rules=tuple(rules_applied(desk.settings.policy, queues.facts.get(line.id))),
                stays=stays(desk, row, line, queues),
                parts=parts.get(line.id, ()),
                words=words.get(f"line:{line.platform_id}", ()),
            )
            for line in lines
        ),
    )


def needs_stock(line: Any, parts: Sequence[PartFact]) -> bool:  # Any: a row of queries.lines
    """Tell whether anything that a line draws on is counted."""
    return any(part.is_counted for part in parts) if parts else line.is_tracked is not False


def stays(desk: Desk, order: Any, line: Any, queues: Queues) -> str:  # Any: rows
    """Return why the allocation leaves a line as it is, or ""."""
    if order.channel not in desk.shops:
        return "channel_gone"
    if not line.needs_stock:
        return ""
    if line.item_id is None:
        return "unknown_item"
    return "unread" if line.is_tracked and line.id not in queues.facts else ""


def forecast_fact(row: Any) -> ForecastFact | None:  # Any: a row of Forecast, or None
    """Return when a line is expected to leave."""
    return None if row is None else ForecastFact(row.likely_by, row.sure_by, row.uncovered)


def delay_fact(row: Any) -> DelayFact | None:  # Any: a row of Delay, or None
    """Return what the rules for delays say of a line."""
    return None if row is None else DelayFact(row.rule, row.to_do, row.why, row.deadline, row.ship_by)


def status_name(desk: Desk, channel: str, status: str) -> str:
    """Return an order's status in the shop's own words; its code where the channel is no longer in the settings."""
    shop = desk.shops.get(channel)
    return status if shop is None else shop.channel.capabilities().statuses.get(status, status)


def by_item(rows: Sequence[Any]) -> dict[int, list[Any]]:  # Any: rows
    """Return rows by their item."""
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.item_id].append(row)
    return found


def explain_sku(desk: Desk, which: str) -> Explained:
    """Return every item with this SKU in sentences and as facts."""
    with desk.db.read() as reading:
        found = queries.items(reading, sku_key(which))
        if not found:
            raise NotFound(
                f"There is no SKU {which} in the tables.",
                next="See that it is written as in the shop; a new one is read by: fillrate run sync-catalog",
            )
        facts = [
            replace(sku_fact(desk, reading, row), shown=tuple(shown_facts(desk, reading, row.id))) for row in found
        ]
    zone = desk.settings.store.zone
    facts = [fact for fact in facts if is_used(fact)] or facts  # a listing's own item stands empty once it was matched
    said = [sentence for fact in facts for sentence in (*sku_lines(fact, zone), "")]
    return said[:-1], {"items": [as_json(fact) for fact in facts]}


def is_used(fact: SkuFact) -> bool:
    """Tell whether anything is known of an item but its name."""
    return bool(fact.shelves or fact.queue or fact.deliveries or fact.movements or fact.made_of or fact.shown)
