"""The mutations that change stock: set, adjust, activate."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError, GraphQLResolveInfo

from sandbox.market.records import Cell, Listing
from sandbox.shopify import ids
from sandbox.shopify.catalogue import damaged, quantity
from sandbox.shopify.connections import MOST
from sandbox.shopify.idempotency import Payload, once
from sandbox.shopify.things import Context, Thing
from sandbox.times import iso_zulu

EXPLICIT_FROM = "2026-04"
"""The version from which `compareQuantity` is gone and `changeFromQuantity` must be said."""

SET_BOUND, ADJUST_BOUND = 10**9, 2 * 10**9
REASONS = frozenset({
    *("correction", "cycle_count_available", "damaged", "movement_canceled", "movement_created", "movement_received"),
    *("movement_updated", "other", "promotion", "quality_control", "received", "reservation_created"),
    *("reservation_deleted", "reservation_updated", "restock", "safety_stock", "shrinkage"),
})  # fmt: skip
URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+")
OWN_URI = re.compile(r"gid://[^/\s]+/[^/\s]+/\S+")
TEXTS = {
    "CHANGE_FROM_QUANTITY_STALE": "The changeFromQuantity value does not match persisted value.",
    "COMPARE_QUANTITY_REQUIRED": (
        "The compareQuantity argument must be given to each quantity or ignored using ignoreCompareQuantity."
    ),
    "COMPARE_QUANTITY_STALE": "The compareQuantity value does not match persisted value.",
    "INVALID_INVENTORY_ITEM": "The specified inventory item could not be found.",
    "INVALID_LOCATION": "The specified location could not be found.",
    "INVALID_NAME": "The quantity name must be either 'available' or 'on_hand'.",
    "INVALID_QUANTITY_NAME": "The specified quantity name is invalid.",
    "INVALID_QUANTITY_NEGATIVE": "The quantity can't be negative.",
    "INVALID_QUANTITY_TOO_HIGH": "The quantity is too high.",
    "INVALID_QUANTITY_TOO_LOW": "The quantity is too low.",
    "INVALID_REASON": "The specified reason is invalid.",
    "INVALID_REFERENCE_DOCUMENT": "The specified reference document is invalid.",
    "INVALID_AVAILABLE_DOCUMENT": "A ledger document URI is not allowed when adjusting available.",
    "ITEM_NOT_STOCKED_AT_LOCATION": "The specified inventory item is not stocked at the location.",
    "NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR": (
        "The combination of inventoryItemId and locationId must be unique."
    ),
}


@dataclass(frozen=True, slots=True)
class Write:
    """One row that may be carried out: the number of a listing at a place becomes another."""

    listing: Listing
    place_id: int
    name: str
    delta: int


class Bad(Exception):
    """A row, or the whole input, that is refused, with its code and the end of its path."""

    def __init__(self, code: str | None, *path: str, message: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.path = path
        self.message = message or TEXTS[code or ""]


def _error(bad: Bad, *before: str) -> dict[str, Any]:
    return {"code": bad.code, "field": ["input", *before, *bad.path], "message": bad.message}


def _refused(code: str, message: str) -> Payload:
    return {"inventoryAdjustmentGroup": None, "userErrors": [{"code": code, "field": None, "message": message}]}


def _check_size(rows: list[Any], name: str) -> None:
    if len(rows) > MOST:
        message = f"The input array size of {len(rows)} is greater than the maximum allowed of {MOST}."
        path = {"code": "MAX_INPUT_SIZE_EXCEEDED"}
        raise GraphQLError(f"{name}: {message}", extensions=path)


def _check_whole(told: Mapping[str, Any], names: frozenset[str], code: str) -> None:
    if told["name"] not in names:
        raise Bad(code, "name")
    if told["reason"] not in REASONS:
        raise Bad("INVALID_REASON", "reason")
    document = told.get("referenceDocumentUri")
    shape = OWN_URI if document is not None and document.startswith("gid:") else URI
    if document is not None and shape.fullmatch(document) is None:
        raise Bad("INVALID_REFERENCE_DOCUMENT", "referenceDocumentUri")


def _found(context: Context, row: Mapping[str, Any]) -> tuple[Listing, int]:
    item, place = ids.own_id(row["inventoryItemId"], "InventoryItem"), ids.own_id(row["locationId"], "Location")
    listing = context.shop.state.listings.get(item or 0)
    if listing is None or not listing.sold:
        raise Bad("INVALID_INVENTORY_ITEM", "inventoryItemId")
    if place not in context.shop.state.places:
        raise Bad("INVALID_LOCATION", "locationId")
    return listing, place or 0


def _must_say(context: Context, row: Mapping[str, Any], sort: str) -> None:
    """From 2026-04 on a row says from what it changes, be it null. Raises GraphQLError or Bad."""
    if context.version < EXPLICIT_FROM or "changeFromQuantity" in row:
        return
    message = f"{sort} must include the following argument: changeFromQuantity"
    if context.shop.switches["missing_change_from"] == "top_level":
        raise GraphQLError(message, extensions={"code": "INVALID_FIELD_ARGUMENTS"})
    raise Bad(None, "changeFromQuantity", message=message)


def _compare(context: Context, told: Mapping[str, Any], row: Mapping[str, Any], has: int) -> None:
    """Refuse what was decided by another number than the present one."""
    if "changeFromQuantity" in row or context.version >= EXPLICIT_FROM:
        if row.get("changeFromQuantity") is not None and row["changeFromQuantity"] != has:
            raise Bad("CHANGE_FROM_QUANTITY_STALE", "changeFromQuantity")
        return
    if told.get("ignoreCompareQuantity"):
        return
    if row.get("compareQuantity") is None:
        raise Bad("COMPARE_QUANTITY_REQUIRED", "compareQuantity")
    if row["compareQuantity"] != has:
        raise Bad("COMPARE_QUANTITY_STALE", "compareQuantity")


def _bounds(units: int, bound: int, field: str) -> None:
    if units > bound:
        raise Bad("INVALID_QUANTITY_TOO_HIGH", field)
    if units < -bound:
        raise Bad("INVALID_QUANTITY_TOO_LOW", field)


def _set_row(context: Context, told: Mapping[str, Any], row: Mapping[str, Any]) -> Write:
    listing, place_id = _found(context, row)
    cell, name = listing.cells.get(place_id), told["name"]
    if cell is None or not cell.active:
        raise Bad("ITEM_NOT_STOCKED_AT_LOCATION", "locationId")
    _bounds(row["quantity"], SET_BOUND, "quantity")
    if row["quantity"] < 0 and (name == "on_hand" or context.shop.switches["negative_available"] == "refused"):
        raise Bad("INVALID_QUANTITY_NEGATIVE", "quantity")
    has = quantity(listing, place_id, name)
    _compare(context, told, row, has)
    return Write(listing, place_id, name, row["quantity"] - has)


def _adjust_row(context: Context, told: Mapping[str, Any], row: Mapping[str, Any]) -> Write:
    listing, place_id = _found(context, row)
    if row.get("ledgerDocumentUri") is not None:
        raise Bad("INVALID_AVAILABLE_DOCUMENT", "ledgerDocumentUri")
    cell = listing.cells.get(place_id)
    lenient = context.version >= EXPLICIT_FROM and context.shop.switches["adjust_unstocked"] == "inactive_level"
    if cell is None and lenient:
        cell = listing.cells[place_id] = Cell(0, modified=context.shop.state.clock.now(), active=False)
    if cell is None or not (cell.active or lenient):
        raise Bad("ITEM_NOT_STOCKED_AT_LOCATION", "locationId")
    if row.get("changeFromQuantity") is not None and row["changeFromQuantity"] != cell.number:
        raise Bad("CHANGE_FROM_QUANTITY_STALE", "changeFromQuantity")
    _bounds(cell.number + row["delta"], ADJUST_BOUND, "delta")
    return Write(listing, place_id, told["name"], row["delta"])


def _group(context: Context, told: Mapping[str, Any], writes: list[Write]) -> dict[str, Any] | None:
    """Carry out rows; what they changed, or nothing where nothing did."""
    state, changes = context.shop.state, []
    for write in writes:
        write.listing.cells[write.place_id].number += write.delta
        if write.delta:
            state.touch(write.listing, write.place_id)
            changes += [_change(context, write, name) for name in ("available", "on_hand")]
    if not changes:
        return None
    return {
        "id": ids.gid("InventoryAdjustmentGroup", state.fresh_id("adjustment")),
        "createdAt": iso_zulu(state.clock.now()),
        "reason": told["reason"],
        "referenceDocumentUri": told.get("referenceDocumentUri"),
        "changes": context.trouble.results(changes),
    }


def _change(context: Context, write: Write, name: str) -> dict[str, Any]:
    told = context.shop.switches["quantity_after_change"] == "told"
    return {
        "name": name,
        "delta": write.delta,
        "quantityAfterChange": quantity(write.listing, write.place_id, name) if told else None,
        "ledgerDocumentUri": None,
        "item": Thing("InventoryItem", write.listing),
        "location": Thing("Location", context.shop.state.places[write.place_id]),
    }


def _once_each(row: Mapping[str, Any], seen: set[tuple[str, str]]) -> None:
    """No item twice at a place."""
    pair = (row["inventoryItemId"], row["locationId"])
    if pair in seen:
        raise Bad("NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR", "locationId")
    seen.add(pair)


def _carry_out(context: Context, told: Mapping[str, Any], rows: str, row_of: Any, sort: str) -> Payload:
    """All rows, or (unless a switch says otherwise) none."""
    errors: list[dict[str, Any]] = []
    writes: list[Write] = []
    seen: set[tuple[str, str]] = set()
    failed_of_itself = False
    for at, row in enumerate(told[rows]):
        try:
            _must_say(context, row, sort)
            _once_each(row, seen if rows == "quantities" else set())
            write = row_of(context, told, row)
        except Bad as bad:
            errors.append(_error(bad, rows, str(at)))
            continue
        if context.trouble.fails(at):
            failed_of_itself = True
            errors.append(_error(Bad("ITEM_NOT_STOCKED_AT_LOCATION", "locationId"), rows, str(at)))
        else:
            writes.append(write)
    if errors and not failed_of_itself and context.shop.switches["failed_set_keeps"] == "nothing":
        writes = []
    return {"inventoryAdjustmentGroup": _group(context, told, writes), "userErrors": errors}


def set_quantities(context: Context, info: GraphQLResolveInfo, arguments: Mapping[str, Any]) -> Payload:
    """`inventorySetQuantities`."""
    told = arguments["input"]
    _check_size(told["quantities"], "quantities")

    def do() -> Payload:
        try:
            _check_whole(told, frozenset({"available", "on_hand"}), "INVALID_NAME")
        except Bad as bad:
            return {"inventoryAdjustmentGroup": None, "userErrors": [_error(bad)]}
        return _carry_out(context, told, "quantities", _set_row, "InventoryQuantityInput")

    return once(context, info, arguments, _refused, do)


def adjust_quantities(context: Context, info: GraphQLResolveInfo, arguments: Mapping[str, Any]) -> Payload:
    """`inventoryAdjustQuantities`, of what is available."""
    told = arguments["input"]
    _check_size(told["changes"], "changes")

    def do() -> Payload:
        try:
            _check_whole(told, frozenset({"available"}), "INVALID_QUANTITY_NAME")
        except Bad as bad:
            return {"inventoryAdjustmentGroup": None, "userErrors": [_error(bad)]}
        return _carry_out(context, told, "changes", _adjust_row, "InventoryChangeInput")

    return once(context, info, arguments, _refused, do)


def activate(context: Context, info: GraphQLResolveInfo, arguments: Mapping[str, Any]) -> Payload:
    """`inventoryActivate`: a place keeps an item from now on."""

    def refused(_: str, message: str) -> Payload:
        return {"inventoryLevel": None, "userErrors": [{"field": None, "message": message}]}

    def do() -> Payload:
        try:
            listing, place_id = _found(context, arguments)
        except Bad as bad:
            return {"inventoryLevel": None, "userErrors": [{"field": list(bad.path), "message": bad.message}]}
        cell = listing.cells.get(place_id)
        told = {name: arguments[name] for name in ("available", "onHand") if arguments.get(name) is not None}
        if cell is not None and cell.active and told:
            message = "Not allowed to set quantities when the item is already active at the location."
            return {"inventoryLevel": None, "userErrors": [{"field": [next(iter(told))], "message": message}]}
        if cell is None or not cell.active:
            _open(context, listing, place_id, told)
        return {"inventoryLevel": Thing("InventoryLevel", listing, place_id), "userErrors": []}

    return once(context, info, arguments, refused, do)


def _open(context: Context, listing: Listing, place_id: int, told: Mapping[str, int]) -> None:
    cell = listing.cells.setdefault(place_id, Cell(0))
    cell.active = True
    if "onHand" in told:
        cell.number = told["onHand"] - cell.reserved - damaged(listing, place_id)
    elif "available" in told:
        cell.number = told["available"]
    context.shop.state.touch(listing, place_id)
