"""What writes of products and of variants have in common: levels, SKUs, batches."""

from collections.abc import Callable
from typing import Any, TypeVar

from sandbox import stock
from sandbox.api.body import MOST
from sandbox.api.call import Call
from sandbox.errors import STATUS_PAGE, Refusal
from sandbox.records import DEFAULT_LOCATION, Item
from sandbox.state import State

T = TypeVar("T")


def write_level(state: State, item: Item | None, level: int | None) -> dict[str, str]:
    """Set the number at the default location, cut to what the shop can hold; gives what could not be saved."""
    if item is None or level is None:
        return {}
    if level < 0:
        return {"inventory_level": "The inventory level cannot be negative"}
    stock.set_shown(state, item, DEFAULT_LOCATION, min(level, MOST))
    return {}


def write_warning(state: State, item: Item | None, level: int | None) -> None:
    """Set the warning level at the default location."""
    cell = item.cells.get(DEFAULT_LOCATION) if item else None
    if cell is not None and level is not None:
        stock.change_item(state, item, lambda: setattr(cell, "warning", level))


def refuse_taken_sku(state: State, sku: str, product_id: int) -> None:
    """A SKU is unique among all products and variants, whatever its case."""
    wanted = sku.lower()
    others = [p.sku for p in state.products if p.id != product_id]
    others += [variant.sku for variant in state.variants if variant.product_id != product_id]
    if wanted and any(other.lower() == wanted for other in others):
        raise Refusal(409, f"The product sku is a duplicate: {sku}", {"sku": f"{sku} is taken"})


def batch_of(call: Call, most: int) -> list[dict[str, Any]]:
    """The rows of a batch, and not more than it may have."""
    rows = call.json()
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise Refusal(422, "The body must be an array of objects with at least one")
    if len(rows) > most:
        raise Refusal(413, f"The request payload is too large. The maximum items allowed in the array is {most}")
    return rows


def in_turn(
    state: State, rows: list[dict[str, Any]], check: Callable[[dict[str, Any]], T], write: Callable[[T], None]
) -> list[T]:
    """Check and write the rows of a batch: all before any, or one after the other, as the switch says."""
    if state.switches.failed_batch_keeps == "nothing":
        checked = [check(row) for row in rows]
        for each in checked:
            write(each)
        return checked
    done = []
    for row in rows:
        each = check(row)
        write(each)
        done.append(each)
    return done


def with_unsaved(data: Any, unsaved: dict[str, str]) -> tuple[dict[str, Any], int]:
    """The body and the status of a write: 207 where the stock could not be saved and all else was."""
    if not unsaved:
        return {"data": data, "meta": {}}, 200
    errors = {"status": 422, "type": STATUS_PAGE, "errors": unsaved}
    return {"data": data, "errors": errors, "meta": {}}, 207
