"""What people call the targets of their words, and what they said of them."""

from collections.abc import Collection, Sequence
from typing import Any

from fillrate.db.database import Reading
from fillrate.db.queries.drift import numbered
from fillrate.db.queries.words import words
from fillrate.db.tables import Inbound, Order, OrderLine
from fillrate.decide.plans import BY_WORD
from fillrate.report.changes import from_to
from fillrate.report.texts import text
from fillrate.report.words import WordFact


def named(reading: Reading, changes: Sequence[Any]) -> dict[str, str]:  # Any: rows of Change of one channel
    """Return what to call each order, line, delivery and number that these changes are about."""
    ids: dict[str, list[str]] = {"order": [], "line": [], "inbound": [], "drift": []}
    for row in changes:
        subject, _, number = row.target.partition(":")
        if subject in ids and number:
            ids[subject].append(number)
    found = {f"order:{number}": text("say", "on_order", order=number) for number in ids["order"]}
    channel_id = changes[0].channel_id if changes else 0
    lines = reading.find(OrderLine, "platform_id", ids["line"], channel_id=channel_id)
    orders = {row.id: row.platform_id for row in reading.find(Order, "id", sorted({row.order_id for row in lines}))}
    for row in lines:
        values = {"line": row.platform_id, "order": orders[row.order_id], "sku": row.sku or text("say", "no_sku")}
        found[f"line:{row.platform_id}"] = text("say", "on_line", **values)
    for row in reading.find(Inbound, "id", [int(one) for one in ids["inbound"]]):
        values = {"reference": row.reference, "line": row.position, "sku": row.sku or text("say", "no_sku")}
        found[f"inbound:{row.id}"] = text("say", "on_delivery", **values)
    for row in numbered(reading, [int(one) for one in ids["drift"]]) if ids["drift"] else ():
        values = {"number": row.id, "sku": row.sku or text("say", "no_sku"), "channel": row.channel}
        found[f"drift:{row.id}"] = text("drift_told", "on", **values)
    return found


def words_of(reading: Reading, channel_id: int, targets: Collection[str]) -> dict[str, tuple[WordFact, ...]]:
    """Return what people said of each of these orders and lines, the oldest first."""
    found: dict[str, tuple[WordFact, ...]] = {}
    for row in words(reading, channel_id, BY_WORD, targets):
        word = WordFact(row.at, row.who, row.kind, from_to(row.kind, row.before, row.after), row.reason)
        found[row.target] = (*found.get(row.target, ()), word)
    return found
