"""Products, variants, items, levels and locations: what each of their fields says."""

from collections.abc import Callable, Mapping
from typing import Any

from graphql import GraphQLError

from sandbox.market.records import Cell, Listing
from sandbox.shopify import ids
from sandbox.shopify.connections import connection
from sandbox.shopify.things import Context, Thing, level, variants_of
from sandbox.times import iso_zulu

Arguments = Mapping[str, Any]
Field = Callable[[Context, Any, Arguments], Any]

NAMES: Mapping[str, tuple[str, ...]] = {
    "available": (),
    "committed": (),
    "damaged": (),
    "incoming": (),
    "on_hand": ("available", "committed", "damaged", "quality_control", "reserved", "safety_stock"),
    "quality_control": (),
    "reserved": (),
    "safety_stock": (),
}
"""The states of a quantity and what each comprises."""


def cell_of(thing: Thing) -> Cell:
    """The stock behind a level."""
    found: Cell = thing.row.cells[thing.more]
    return found


def damaged(listing: Listing, place_id: int) -> int:
    """Units that lie there and cannot be sold."""
    return int(listing.own["damaged"]) if place_id == min(listing.cells) else 0


def quantity(listing: Listing, place_id: int, name: str) -> int:
    """A quantity of a level by the name of its state."""
    cell, broken = listing.cells[place_id], damaged(listing, place_id)
    states = {
        "available": cell.number,
        "committed": cell.reserved,
        "damaged": broken,
        "on_hand": cell.number + cell.reserved + broken,
    }
    return states.get(name, 0)


def _quantities(_: Context, thing: Thing, asked: Arguments) -> list[dict[str, Any]]:
    wrong = [name for name in asked["names"] if name not in NAMES]
    if wrong:
        message = f"The quantity names {wrong} are invalid."
        raise GraphQLError(message, extensions={"code": "BAD_REQUEST"})
    at = iso_zulu(cell_of(thing).modified)
    base = ids.level_gid(thing.row, thing.more).replace("InventoryLevel", "InventoryQuantity")
    return [
        {
            "id": f"{base}&name={name}",
            "name": name,
            "quantity": quantity(thing.row, thing.more, name),
            "updatedAt": at,
        }
        for name in asked["names"]
    ]


def _levels(context: Context, thing: Thing, asked: Arguments) -> dict[str, Any]:
    cells = thing.row.cells.items()
    places = [place for place, cell in cells if cell.active or asked.get("includeInactive")]
    rows = [Thing("InventoryLevel", thing.row, place) for place in places]
    return connection(rows, lambda one: (one.more,), asked, whole=context.whole)


def _level(context: Context, thing: Thing, asked: Arguments) -> Thing | None:
    place = ids.own_id(asked["locationId"], "Location")
    found = level(context.shop, thing.row.id, place or 0)
    return found if found and (cell_of(found).active or asked.get("includeInactive")) else None


def _variants(context: Context, thing: Thing, asked: Arguments) -> dict[str, Any]:
    rows = [Thing("ProductVariant", one) for one in variants_of(context.shop, thing.row)]
    return connection(rows, lambda one: (one.row.id,), asked, whole=context.whole)


def _variants_of_item(context: Context, thing: Thing, asked: Arguments) -> dict[str, Any]:
    rows = [Thing("ProductVariant", thing.row)]
    return connection(rows, lambda one: (one.row.id,), asked, whole=context.whole)


def _options(context: Context, thing: Thing, _: Arguments) -> list[dict[str, str]]:
    is_only = thing.row.product_id == thing.row.id
    return [{"name": "Title" if is_only else "Style", "value": _title(context, thing, {})}]


def _available(listing: Listing) -> int:
    return sum(cell.number for cell in listing.cells.values() if cell.active)


def _total(context: Context, thing: Thing, _: Arguments) -> int:
    return sum(_available(one) for one in variants_of(context.shop, thing.row) if one.tracked)


def _title(_: Context, thing: Thing, __: Arguments) -> str:
    listing: Listing = thing.row
    return "Default Title" if listing.product_id == listing.id else listing.title


def _for_sale(_: Context, thing: Thing, __: Arguments) -> bool:
    return not thing.row.tracked or thing.row.own["policy"] == "CONTINUE" or _available(thing.row) > 0


def _same_sku(context: Context, thing: Thing, _: Arguments) -> int:
    same = context.shop.state.by_sku(thing.row.sku) if thing.row.sku else [thing.row]
    return len(same) - 1


def _product(context: Context, thing: Thing, _: Arguments) -> Thing:
    return Thing("Product", context.shop.state.listings[thing.row.product_id])


def item_changed(context: Context, listing: Listing) -> int:
    """When an item changed: by what staff write of it, or by its stock as well."""
    by_stock = context.shop.switches["item_dated_by_stock"]
    return listing.modified if by_stock else int(listing.own["changed"])


def _position(context: Context, thing: Thing, _: Arguments) -> int:
    product = context.shop.state.listings[thing.row.product_id]
    return variants_of(context.shop, product).index(thing.row) + 1


COMMON: dict[str, Field] = {
    "id": lambda _, thing, __: ids.gid(thing.sort, thing.row.id),
    "legacyResourceId": lambda _, thing, __: str(ids.number(thing.sort, thing.row.id)),
}
DATED: dict[str, Field] = {
    **COMMON,
    "createdAt": lambda _, thing, __: iso_zulu(thing.row.created),
    "updatedAt": lambda _, thing, __: iso_zulu(thing.row.modified),
}
FIELDS: dict[str, dict[str, Field]] = {
    "Product": {
        **DATED,
        "handle": lambda _, thing, __: f"product-{thing.row.id}",
        "hasOnlyDefaultVariant": lambda _, thing, __: thing.row.sold,
        "status": lambda _, thing, __: thing.row.own["status"],
        "title": lambda _, thing, __: thing.row.title,
        "totalInventory": _total,
        "tracksInventory": lambda context, thing, _: any(v.tracked for v in variants_of(context.shop, thing.row)),
        "variants": _variants,
    },
    "ProductVariant": {
        **DATED,
        "availableForSale": _for_sale,
        "displayName": lambda _, thing, __: thing.row.title,
        "inventoryItem": lambda _, thing, __: Thing("InventoryItem", thing.row),
        "inventoryPolicy": lambda _, thing, __: thing.row.own["policy"],
        "inventoryQuantity": lambda _, thing, __: _available(thing.row),
        "position": _position,
        "price": lambda _, thing, __: f"{thing.row.price / 100:.2f}",
        "product": _product,
        "selectedOptions": _options,
        "sku": lambda _, thing, __: thing.row.sku or None,
        "title": _title,
    },
    "InventoryItem": {
        **DATED,
        "updatedAt": lambda context, thing, _: iso_zulu(item_changed(context, thing.row)),
        "duplicateSkuCount": _same_sku,
        "inventoryLevel": _level,
        "inventoryLevels": _levels,
        "requiresShipping": lambda _, __, ___: True,
        "sku": lambda _, thing, __: thing.row.sku or None,
        "tracked": lambda _, thing, __: thing.row.tracked,
        "unitCost": lambda _, __, ___: None,
        "variant": lambda _, thing, __: Thing("ProductVariant", thing.row),
        "variants": _variants_of_item,
    },
    "InventoryLevel": {
        "id": lambda _, thing, __: ids.level_gid(thing.row, thing.more),
        "createdAt": lambda _, thing, __: iso_zulu(thing.row.created),
        "updatedAt": lambda _, thing, __: iso_zulu(cell_of(thing).modified),
        "isActive": lambda _, thing, __: cell_of(thing).active,
        "item": lambda _, thing, __: Thing("InventoryItem", thing.row),
        "location": lambda context, thing, _: Thing("Location", context.shop.state.places[thing.more]),
        "quantities": _quantities,
    },
    "Location": {
        **COMMON,
        "name": lambda _, thing, __: thing.row.name,
        "isActive": lambda _, thing, __: thing.row.active,
        "isPrimary": lambda context, thing, _: thing.row.id == min(context.shop.state.places),
        "fulfillsOnlineOrders": lambda _, thing, __: thing.row.active,
        "shipsInventory": lambda _, thing, __: thing.row.active,
    },
}
