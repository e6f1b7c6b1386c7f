"""Inventory v3: locations and items. No list here can be asked for what changed since."""

from collections.abc import Sequence
from typing import Any

from sandbox.api.call import Call
from sandbox.api.filters import Field, Listing, as_bool, pick, read_listing
from sandbox.api.paging import paged
from sandbox.errors import not_found
from sandbox.exchange import Response
from sandbox.records import DEFAULT_LOCATION, Cell, Item, Location
from sandbox.state import State
from sandbox.stock import allowance
from sandbox.table import View
from sandbox.times import iso_zulu

MOST = 1000
IN = frozenset({"in"})
OF_ITEM = frozenset({"sku:in", "variant_id:in", "product_id:in"})
ITEMS = Listing(id_ops=frozenset(), controls=OF_ITEM | {"location_id:in", "location_code:in"})
ITEMS_HERE = Listing(id_ops=frozenset(), controls=OF_ITEM)
LOCATIONS = Listing(
    fields={
        "location_code": Field(lambda _, place: place.code, str, IN),
        "type_id": Field(lambda _, __: "PHYSICAL", str, IN),
        "is_active": Field(lambda _, place: place.enabled, as_bool),
        "is_default": Field(lambda _, place: place.id == DEFAULT_LOCATION, as_bool),
        "managed_by_external_source": Field(lambda _, __: False, as_bool),
        "storefront_visibility": Field(lambda _, __: True, as_bool),
    },
    id_name="location_id",
    id_ops=IN,
)
DEFAULT_MESSAGE = 1
BACKORDER_MESSAGES = {
    1: ("Default", "On backorder: it ships as soon as it is back."),
    2: ("Made to order", "Made for you: it ships in about four weeks."),
    3: ("By sea", "On its way by sea: it ships in the coming season."),
}
WEEK = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
HOURS = {day: {"open": day != "sunday", "opening": "09:00", "closing": "17:00"} for day in WEEK}


def identity(state: State, item: Item) -> dict[str, Any]:
    """What an item is: its SKU and ids. A product with options that is counted as a whole has no variant."""
    product = state.products.get(item.product_id)
    variant = state.variants.get(item.id)
    if item.variant_id is None:
        return {"sku": product.sku if product else "", "product_id": item.product_id}
    found = {"sku": variant.sku if variant else "", "variant_id": item.variant_id, "product_id": item.product_id}
    return found if variant is None or variant.sku_id is None else {**found, "sku_id": variant.sku_id}


def _without_sku_id(state: State, item: Item) -> dict[str, Any]:
    """The identity as the list of one location has it."""
    return {name: value for name, value in identity(state, item).items() if name != "sku_id"}


def to_sell(state: State, cell: Cell) -> int:
    """`available_to_sell`; with native backorders it holds what may still be backordered."""
    net = cell.shown - cell.safety
    if not state.switches.backorders:
        return net
    return (net if state.switches.backorder_ats == "net_of_safety" else max(net, 0)) + allowance(cell)


def _numbers(state: State, cell: Cell) -> dict[str, Any]:
    sellable = to_sell(state, cell)
    settings = {
        "safety_stock": cell.safety,
        "is_in_stock": sellable > 0 if cell.in_stock is None else cell.in_stock,
        "warning_level": cell.warning,
        "bin_picking_number": cell.bin,
    }
    row = {"available_to_sell": sellable, "total_inventory_onhand": cell.shown, "settings": settings}
    if state.switches.backorders:
        row["qty_backordered"] = cell.backordered
        settings["backorder_limit"] = cell.backorder_limit
        if cell.message_id is not None:
            settings["backorder_message"] = _show_message(state, cell.message_id)
    return row


def _show_message(state: State, message_id: int) -> dict[str, Any]:
    """A backorder message, as an item that was given one shows it."""
    since = iso_zulu(state.clock.start - 86_400_000)
    name, message = BACKORDER_MESSAGES[message_id]
    return {
        "id": message_id,
        "name": name,
        "message": message,
        "is_default": message_id == DEFAULT_MESSAGE,
        "created_at": since,
        "updated_at": since,
    }


def _at_location(state: State, place: Location, cell: Cell) -> dict[str, Any]:
    where = {
        "location_id": place.id,
        "location_code": place.code,
        "location_name": place.label,
        "location_enabled": place.enabled,
    }
    return {**where, **_numbers(state, cell)}


def _likely_ids(state: State, view: View[Item], products: set[int] | None, skus: list[str] | None) -> Sequence[int]:
    """Ids of items, among which are all those of the products or the SKUs."""
    if view.late or state.products.late or state.variants.late:
        return view.ids
    if products is not None:
        return sorted(state.variants.ids_by("product_id", products))
    whole = state.products.rows
    counted_as_one = {whole[product_id].variant_ids[0] for product_id in state.products.ids_by("sku", skus or ())}
    return sorted(state.variants.ids_by("sku", skus or ()) | counted_as_one)


def _chosen_items(call: Call, listing: Listing) -> tuple[Sequence[int], View[Item]]:
    """The ids of the items that the filters leave."""
    read_listing(call, listing)
    variants, products = call.numbers("variant_id:in"), call.numbers("product_id:in")
    skus = call.csv("sku:in")
    view = call.state.items.read()
    if variants is None and products is None and skus is None:
        return view.ids, view
    rows = view.rows(sorted(variants) if variants is not None else _likely_ids(call.state, view, products, skus))
    if variants is not None:
        rows = [item for item in rows if item.variant_id is not None]
    if products is not None:
        rows = [item for item in rows if item.product_id in products]
    if skus is not None:
        wanted = set(skus)
        rows = [item for item in rows if identity(call.state, item)["sku"].strip() in wanted]
    return [item.id for item in rows], view


def list_items(call: Call) -> Response:
    """A page of items with their locations."""
    chosen_ids, view = _chosen_items(call, ITEMS)
    ids, codes = call.numbers("location_id:in"), call.csv("location_code:in")
    state = call.state
    places = {
        place.id: place
        for place in state.locations.values()
        if (ids is None or place.id in ids) and (codes is None or place.code in codes)
    }
    if len(places) < len(state.locations):
        rows = view.rows(chosen_ids)
        chosen_ids = [item.id for item in rows if any(location in places for location in item.cells)]

    def show(chosen: Sequence[int]) -> list[Any]:
        return [
            {
                "identity": identity(state, item),
                "locations": [
                    _at_location(state, places[location], cell)
                    for location, cell in sorted(item.cells.items())
                    if location in places
                ],
            }
            for item in view.rows(chosen)
        ]

    return paged(call, chosen_ids, show, MOST)


def list_location_items(call: Call, location_id: int) -> Response:
    """A page of the items at one location."""
    if location_id not in call.state.locations:
        raise not_found(f"Location with id {location_id} was not found")
    chosen_ids, view = _chosen_items(call, ITEMS_HERE)
    here = [item.id for item in view.rows(chosen_ids) if location_id in item.cells]

    def show(chosen: Sequence[int]) -> list[Any]:
        return [
            {"identity": _without_sku_id(call.state, item), **_numbers(call.state, item.cells[location_id])}
            for item in view.rows(chosen)
        ]

    return paged(call, here, show, MOST)


def _show_location(state: State, place: Location) -> dict[str, Any]:
    opened = iso_zulu(state.clock.start - 86_400_000)
    return {
        "id": place.id,
        "code": place.code,
        "label": place.label,
        "description": "",
        "managed_by_external_source": False,
        "type_id": "PHYSICAL",
        "enabled": place.enabled,
        "operating_hours": HOURS,
        "time_zone": place.zone,
        "created_at": opened,
        "updated_at": opened,
        "address": {
            "address1": f"{place.id} Warehouse Road",
            "address2": "",
            "city": "Practice",
            "state": "",
            "zip": "10001",
            "email": "stock@practice-shop.example",
            "phone": "555-0101",
            "geo_coordinates": {"latitude": 41.5, "longitude": -87.25},
            "country_code": state.profile.country_code,
        },
        "storefront_visibility": True,
        "special_hours": [],
    }


def list_locations(call: Call) -> Response:
    """A page of locations."""
    state = call.state
    ids = sorted(place.id for place in pick(state.locations.values(), read_listing(call, LOCATIONS)))
    return paged(call, ids, lambda chosen: [_show_location(state, state.locations[i]) for i in chosen], MOST)
