"""Inventory v3, to write: numbers, absolute or relative, and the settings of items at a location. All in batches."""

from collections.abc import Callable
from typing import Any

from sandbox.adjustments import accept, old_number
from sandbox.api.body import MOST, Rule, flag, json_object, or_null, text, whole, wrong_fields
from sandbox.api.call import Call
from sandbox.api.inventory import BACKORDER_MESSAGES
from sandbox.errors import Refusal, not_found
from sandbox.exchange import Response, answer
from sandbox.records import Change, Item
from sandbox.state import State

MOST_ROWS = 2000
INVALID = "Payload contains invalid fields"
KEYS: dict[str, Rule] = {"sku": text(255, 1), "variant_id": whole(1), "product_id": whole(1)}
BACKORDER = frozenset({"backorder_limit", "backorder_message_id"})
SETTINGS: dict[str, Rule] = {
    "safety_stock": whole(),
    "is_in_stock": flag,
    "warning_level": whole(),
    "bin_picking_number": text(255),
    "backorder_limit": whole(),
    "backorder_message_id": or_null(whole(1, len(BACKORDER_MESSAGES))),
}


def _rows(body: dict[str, Any], name: str) -> list[dict[str, Any]]:
    rows = body.get(name)
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise Refusal(422, INVALID, {name: f"{name} must be an array of objects with at least one"})
    if len(rows) > MOST_ROWS:
        raise Refusal(422, INVALID, {name: f"{name} must have at most {MOST_ROWS} entries, not {len(rows)}"})
    return rows


def _key(row: Any) -> tuple[str, Any]:
    """The one key that names an item."""
    if not isinstance(row, dict):
        raise ValueError("identity is required")  # noqa: TRY004 - the caller collects what is wrong with rows
    named = [name for name in KEYS if name in row]
    if len(named) != 1:
        raise ValueError("exactly one of sku, variant_id and product_id must be specified")
    wrong = wrong_fields(row, KEYS)
    if wrong:
        raise ValueError(wrong[named[0]])
    return named[0], row[named[0]]


def _find(state: State, key: str, value: Any) -> Item:
    """The item of a key, if that is the way in which it is counted. Raises LookupError with the shop's words."""
    name = f"Item with {key} {value}"
    if key == "product_id":
        product = state.products.get(value)
    else:
        ids = [value] if key == "variant_id" else sorted(state.variants.ids_by("sku", [value]))
        variant = state.variants.get(ids[0]) if ids else None
        product = state.products.get(variant.product_id) if variant else None
    if product is None:
        raise LookupError(f"{name} was not found")
    if product.tracking == "none":
        raise LookupError(f"{name} is not tracked")
    if (product.tracking == "product") != (key == "product_id"):
        way = "product id" if product.tracking == "product" else "variant id or sku"
        raise LookupError(f"{name} is tracked by {product.tracking}, please update stock by {way}")
    return state.items.rows[product.variant_ids[0] if key == "product_id" else ids[0]]


def _read(
    call: Call, rows: list[dict[str, Any]], at: str, make: Callable[[dict[str, Any], Item, str], Change]
) -> list[Change]:
    """Every row, or one refusal for all: first of rows that cannot be read, then of items that are not there."""
    wrong: dict[str, str] = {}
    missing: list[str] = []
    made: list[Change] = []
    for n, row in enumerate(rows):
        try:
            key, value = _key(row.get("identity") if at == "setting" else row)
            made.append(make(row, _find(call.state, key, value), f"{key} {value}"))
        except LookupError as error:
            missing.append(str(error.args[0]))
        except ValueError as error:
            wrong[f"{at}.{n}"] = str(error)
    if wrong:
        raise Refusal(422, INVALID, wrong)
    if missing:
        raise Refusal(422, f"[{', '.join(missing)}]")
    return made


def _numbers(state: State, row: dict[str, Any], least: int) -> tuple[int, int | None, int | None]:
    """Location, quantity and backordered quantity of a row; what is not native here is not looked at."""
    native = state.switches.backorders
    rules = {"location_id": whole(1), "quantity": whole(least), **({"qty_backordered": whole(least)} if native else {})}
    wrong = wrong_fields(row, rules)
    if wrong:
        raise ValueError("; ".join(wrong.values()))
    beyond = row.get("qty_backordered") if native else None
    if "location_id" not in row or ("quantity" not in row and beyond is None):
        raise ValueError("location_id and quantity are required")
    place = state.locations.get(row["location_id"])
    if place is None or not place.enabled:
        raise ValueError(f"the location {row['location_id']} does not exist or is not enabled")
    return place.id, row.get("quantity"), beyond


def _adjust(call: Call, kind: str, make: Callable[[dict[str, Any], Item, str], Change]) -> Response:
    body = json_object(call)
    wrong = wrong_fields(body, {"reason": text(255)})
    if wrong:
        raise Refusal(422, INVALID, wrong)
    changes = _read(call, _rows(body, "items"), "items", make)
    return answer({"transaction_id": accept(call.state, kind, body.get("reason", ""), changes)})


def put_absolute(call: Call) -> Response:
    """Say what the numbers are."""

    def make(row: dict[str, Any], item: Item, _: str) -> Change:
        location, quantity, beyond = _numbers(call.state, row, 0)
        return Change(item.id, location, quantity, beyond)

    return _adjust(call, "absolute", make)


def post_relative(call: Call) -> Response:
    """Say by how much the numbers change."""
    state = call.state

    def make(row: dict[str, Any], item: Item, name: str) -> Change:
        location, quantity, beyond = _numbers(state, row, -MOST)
        if quantity == 0 and not beyond:
            raise ValueError("quantity must not be 0")
        cell = item.cells.get(location)
        if cell is None:
            raise Refusal(422, f"Items with identity: [{name}] requires absolute adjustment before relative")
        base = old_number(state, item, location)
        number = (cell.shown if base is None else base) + (quantity or 0)
        if (quantity or 0) < 0 and number < cell.safety:
            raise Refusal(422, f"Items with identity: [{name}] would fall below the safety stock")
        if number > MOST or not 0 <= cell.backordered + (beyond or 0) <= MOST:
            raise Refusal(422, f"Items with identity: [{name}] would have a quantity that cannot be")
        return Change(item.id, location, quantity, beyond, base)

    return _adjust(call, "relative", make)


def put_item_settings(call: Call, location_id: int) -> Response:
    """Change the settings of items at a location; those that are not sent stay."""
    state = call.state
    if location_id not in state.locations:
        raise not_found(f"Location with id {location_id} was not found")
    rules = SETTINGS if state.switches.backorders else {n: r for n, r in SETTINGS.items() if n not in BACKORDER}

    def make(row: dict[str, Any], item: Item, name: str) -> Change:
        wrong = wrong_fields(row, rules)
        sent = tuple((setting, row[setting]) for setting in rules if setting in row)
        if not sent:
            raise ValueError(f"At least one setting must be specified: {', '.join(rules)}")
        if wrong:
            raise ValueError("; ".join(wrong.values()))
        if location_id not in item.cells:
            raise Refusal(422, f"Items with identity: [{name}] requires absolute adjustment before settings")
        return Change(item.id, location_id, settings=sent)

    changes = _read(call, _rows(json_object(call), "settings"), "setting", make)
    return answer({"transaction_id": accept(state, "settings", "", changes)})
