"""Stock numbers as they are written: what is no number of units never goes out, since a batch takes it as one.

The shop has no compare-and-set and no difference that counts once, so numbers are read right before and set as they are to
be. A row is known by its id, not by its place; one that is refused by itself is told by itself.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from fillrate.channels import batch_writes
from fillrate.channels.batch_writes import Item, Kind, MaySend, Sent
from fillrate.channels.fields import INT32, Id, Level
from fillrate.channels.protocol import Outcome, Write
from fillrate.channels.woocommerce import endpoints
from fillrate.channels.woocommerce.goods import Managed
from fillrate.channels.woocommerce.pages import PAGE, Batch, Pages
from fillrate.channels.woocommerce.rest import Rest
from fillrate.gateway.strict_json import Malformed, decode
from fillrate.records import Reject

AT_ONCE = 50  # a hundred rows may take longer than a shop's own proxy waits
FIELDS = "id,manage_stock,stock_quantity"
TARGET = re.compile(r"[1-9][0-9]{0,18}(/[1-9][0-9]{0,18})?", re.ASCII)
CODE = re.compile(r"[a-z0-9_-]{1,80}", re.ASCII)
NO_NUMBER = Outcome(state="refused", answer="It is no whole number of units, so it was not sent.")
NO_TARGET = Outcome(state="refused", answer="It names no product or variation, so it was not sent.")


class NumberRow(msgspec.Struct):
    """A number, as sent."""

    id: Id
    manage_stock: Managed
    stock_quantity: Level | None


class VariationNumberRow(NumberRow):
    """A variation's number, as the list of all sends it."""

    parent_id: Id


class ErrorBody(msgspec.Struct):
    """Why a row was refused, as sent."""

    code: str | int | None = None


class ResultRow(msgspec.Struct):
    """What became of one row: the thing itself, of which the id is enough, or an error."""

    id: Id | None = None
    error: ErrorBody | None = None


class ResultBody(msgspec.Struct):
    """The answer to a batch."""

    update: list[ResultRow]


PRODUCTS = Pages(endpoints.NUMBERS, NumberRow, FIELDS)
LISTED = Pages(endpoints.NUMBERS.at("/wc/v3/variations"), VariationNumberRow, f"parent_id,{FIELDS}")
RESULT = msgspec.json.Decoder(ResultBody)


def parent_of(target: str) -> str:
    """Return the product of a variation's number, "" for a product's own."""
    product, is_variation, _ = target.partition("/")
    return product if is_variation else ""


def id_of(target: str) -> str:
    """Return the id of what a number belongs to."""
    return target.rpartition("/")[2]


def rows(rest: Rest, targets: Sequence[str]) -> Mapping[str, NumberRow | Reject]:
    """Return what the shop holds for each of these targets, as far as it has them."""
    products = [one for one in targets if not parent_of(one)]
    variations = [one for one in targets if parent_of(one)]
    found: dict[str, NumberRow | Reject] = {}
    for start in range(0, len(products), PAGE):
        found |= by_id(PRODUCTS.these(rest, products[start : start + PAGE]))
    return found | variation_rows(rest, variations)


def by_id(batch: Batch[Any] | None) -> dict[str, Any]:  # Any: rows of the batch, or rejects
    """Return what came by its id."""
    if batch is None:
        return {}
    return {str(one.id): one for one in batch.rows} | {one.platform_id: one for one in batch.rejects}


def variation_rows(rest: Rest, targets: Sequence[str]) -> dict[str, NumberRow | Reject]:
    """Return the numbers of variations: all at once where the shop has one list of them, else product by product."""
    found: dict[str, NumberRow | Reject] = {}
    listed = listed_rows(rest, [id_of(one) for one in targets])
    if listed is not None:
        for one in targets:
            row = listed.get(id_of(one))
            if isinstance(row, Reject) or (row is not None and str(row.parent_id) == parent_of(one)):
                found[one] = row
        return found
    for parent in dict.fromkeys(parent_of(one) for one in targets):
        path = f"{endpoints.NUMBERS.path}/{parent}/variations"
        ids = [id_of(one) for one in targets if parent_of(one) == parent]
        for start in range(0, len(ids), PAGE):
            own = by_id(PRODUCTS.these(rest, ids[start : start + PAGE], path))
            found |= {f"{parent}/{one}": row for one, row in own.items()}
    return found


def listed_rows(rest: Rest, ids: Sequence[str]) -> dict[str, VariationNumberRow | Reject] | None:
    """Return these variations out of the list of all; None where the shop has no such list."""
    found: dict[str, VariationNumberRow | Reject] = {}
    for start in range(0, len(ids) if rest.lists_variations else 0, PAGE):
        batch = LISTED.these(rest, ids[start : start + PAGE])
        if batch is None:
            rest.lists_variations = False
            break
        found |= by_id(batch)
    return found if rest.lists_variations else None


def value_of(row: NumberRow) -> dict[str, int] | None:
    """Return what is taken as a target's value; None where it has no number of its own."""
    return {"quantity": row.stock_quantity} if row.manage_stock is True and row.stock_quantity is not None else None


def complaint(item: Item) -> str:
    """Return why a number cannot be set, "" where it can."""
    if item.row.manage_stock == "parent":
        return "It shares its product's number: the shop would answer that all is well, and change nothing."
    return "" if item.row.manage_stock else "The shop does not count it."


def send(rest: Rest, items: Sequence[Item], may_send: MaySend) -> Sent:
    """Set the numbers of products, or of variations of one product."""
    parent = parent_of(items[0].target)
    path = f"{endpoints.NUMBERS_UPDATE.path}/{parent}/variations" if parent else endpoints.NUMBERS_UPDATE.path
    update = [{"id": int(id_of(one.target)), "stock_quantity": one.after["quantity"]} for one in items]
    reply = rest.post(endpoints.NUMBERS_UPDATE.at(f"{path}/batch"), {"update": update}, results, may_send)
    told = {str(row.id): row.error for row in (reply.value.update if reply.value else ())}
    errors = {one.target: told.get(id_of(one.target)) for one in items}
    return Sent(reply.status, {one: refusal(error) for one, error in errors.items() if error is not None})


def results(body: bytes) -> ResultBody:
    """Return the answer to a batch; Malformed for what is none."""
    try:
        return decode(body, RESULT)
    except msgspec.ValidationError as error:
        raise Malformed(str(error)) from None


def refusal(error: ErrorBody) -> str:
    """Return why the shop refused a row; of its own words only the code, and only where it is one."""
    code = str(error.code or "")
    return f"The shop refused it ({code if CODE.fullmatch(code) else 'without a code'})."


NUMBERS = Kind(AT_ONCE, rows, value_of, send, group=parent_of, complaint=complaint)


def look(rest: Rest, targets: Sequence[str]) -> dict[str, Any]:  # Any: JSON
    """Return the present number of each target, None where the shop has none; what cannot be read is left out."""
    named = [one for one in targets if TARGET.fullmatch(one)]
    return batch_writes.look(rest, NUMBERS, named) | dict.fromkeys(one for one in targets if one not in named)


def write(rest: Rest, batch: Sequence[Write], may_send: Callable[[], None]) -> dict[str, Outcome]:
    """Set numbers; one outcome for each target."""
    outcomes = {one.target: wrong for one in batch if (wrong := mistake(one)) is not None}
    good = [one for one in batch if one.target not in outcomes]
    return outcomes | batch_writes.write(rest, NUMBERS, good, may_send)


def mistake(wish: Write) -> Outcome | None:
    """Return what is said of a write that must not go out, None for one that may."""
    if not TARGET.fullmatch(wish.target):
        return NO_TARGET
    number = wish.after.get("quantity") if isinstance(wish.after, dict) and len(wish.after) == 1 else None
    is_whole = isinstance(number, int) and not isinstance(number, bool) and abs(number) <= INT32
    return None if is_whole else NO_NUMBER
