"""Actions on stock and settings: set a number by hand, receive, lose, change how the store counts."""

from collections.abc import Mapping
from typing import Any

from sandbox import stock
from sandbox.actions.reading import MOST, ActionRefused, find_item, whole, words
from sandbox.actions.supply import receive_ordered
from sandbox.records import DEFAULT_LOCATION, Cell, Item
from sandbox.state import State, check_setting

Entry = Mapping[str, Any]


def _place(state: State, entry: Entry) -> tuple[Item, int]:
    location = whole(entry, "location_id", DEFAULT_LOCATION)
    if location not in state.locations:
        raise ActionRefused(f"there is no location {location}")
    return find_item(state, entry), location


def _stocked(state: State, entry: Entry) -> tuple[Item, Cell, int]:
    item, location = _place(state, entry)
    if location not in item.cells:
        raise ActionRefused(f"item {item.id} is not stocked at location {location}")
    return item, item.cells[location], location


def set_stock(state: State, entry: Entry) -> dict[str, Any]:
    """Somebody types a number into the shop, or an app leaves one below 0; the shelf stays as it is."""
    item, location = _place(state, entry)
    stock.set_shown(state, item, location, whole(entry, "number", least=-MOST))
    return {"item_id": item.id, "location_id": location}


def receive(state: State, entry: Entry) -> dict[str, Any]:
    """Goods arrive, ordered (`reference`) or not; with `"book": false` nobody tells the shop."""
    if "reference" in entry:
        return receive_ordered(state, entry)
    item, location = _place(state, entry)
    stock.receive(state, item, location, whole(entry, "quantity", least=1), book=bool(entry.get("book", True)))
    return {"item_id": item.id, "location_id": location}


def lose(state: State, entry: Entry) -> dict[str, Any]:
    """Goods vanish from the shelf."""
    item, location = _place(state, entry)
    units = whole(entry, "quantity", least=1)
    cell = item.cells.get(location)
    if cell is None or cell.shelf < units:
        raise ActionRefused(f"the shelf holds {cell.shelf if cell else 0} units, not {units}")
    stock.lose(state, item, location, units)
    return {"item_id": item.id, "location_id": location}


def set_safety_stock(state: State, entry: Entry) -> dict[str, Any]:
    """Staff change how many units are held back."""
    item, cell, location = _stocked(state, entry)
    units = whole(entry, "quantity")
    stock.change_item(state, item, lambda: setattr(cell, "safety", units))
    return {"item_id": item.id, "location_id": location}


def set_backorder_limit(state: State, entry: Entry) -> dict[str, Any]:
    """Staff change how many units may be sold beyond the number."""
    item, cell, location = _stocked(state, entry)
    units = whole(entry, "quantity")
    stock.change_item(state, item, lambda: setattr(cell, "backorder_limit", units))
    return {"item_id": item.id, "location_id": location}


def set_setting(state: State, entry: Entry) -> dict[str, Any]:
    """Staff change an inventory setting, of the store or of one channel."""
    name, value = words(entry, "name"), entry.get("value")
    of_channel = "channel_id" in entry
    try:
        check_setting(name, value, state.settings, of_channel=of_channel)
    except ValueError as error:
        raise ActionRefused(str(error)) from error
    if of_channel:
        state.channel_settings[whole(entry, "channel_id")][name] = value
    else:
        state.settings[name] = value
    return {"name": name, "value": value}
