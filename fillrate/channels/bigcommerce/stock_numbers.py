"""Set what the shop shows of its goods: a thousand numbers at a time, absolute, in any order.

A number is named by the variant, or by the product where that is counted as a whole, and the location: `77/145@1`, `77@1`. The
shop answers such a write before it carries it out, so that none counts as done by its answer.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fillrate.channels import batch_writes
from fillrate.channels.batch_writes import Item, Kind, Sent
from fillrate.channels.bigcommerce import endpoints
from fillrate.channels.bigcommerce.limit_writes import named, rows
from fillrate.channels.bigcommerce.stock import LevelRow
from fillrate.channels.protocol import Outcome, Write
from fillrate.channels.stock_writes import NO_NUMBER, is_quantity
from fillrate.gateway.http import Http

AT_ONCE = 1000
TARGET = re.compile(r"[1-9][0-9]{0,18}(/[1-9][0-9]{0,18})?@[1-9][0-9]{0,18}")


def value_of(row: LevelRow) -> Mapping[str, int]:
    """Return what a number is taken as."""
    return {"quantity": row.total_inventory_onhand}


def send(http: Http, items: Sequence[Item], may_send: Callable[[], None]) -> Sent:
    """Set numbers of items, those of a location beside each other."""
    names = [(named(one.target), one.after["quantity"]) for one in items]
    body = [
        {"location_id": int(name.location), name.key: int(name.number), "quantity": quantity}
        for name, quantity in sorted(names, key=lambda one: int(one[0].location))
    ]
    told = {"reason": "Fillrate reconciles stock", "items": body}
    return Sent(http.send(endpoints.NUMBERS_UPDATE, "PUT", told, bytes, may_send).status)


NUMBERS = Kind(AT_ONCE, rows, value_of, send)


def look(http: Http, targets: Sequence[str]) -> dict[str, Any]:  # Any: JSON
    """Return the present number of each target, None where the shop has none; what cannot be read is left out."""
    known = [one for one in targets if TARGET.fullmatch(one)]
    return batch_writes.look(http, NUMBERS, known) | dict.fromkeys(one for one in targets if one not in known)


def write(http: Http, batch: Sequence[Write], may_send: Callable[[], None]) -> dict[str, Outcome]:
    """Set numbers; one outcome for each target."""
    outcomes = {one.target: wrong for one in batch if (wrong := mistake(one)) is not None}
    good = [one for one in batch if one.target not in outcomes]
    return outcomes | batch_writes.write(http, NUMBERS, good, may_send)


def mistake(wish: Write) -> Outcome | None:
    """Return why a write is refused before anything is asked, None where it is not."""
    if not TARGET.fullmatch(wish.target):
        return batch_writes.GONE
    return None if is_quantity(wish.after) else NO_NUMBER
