"""The roots of queries and mutations, and the one resolver of all fields."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from graphql import GraphQLError, GraphQLResolveInfo

from sandbox.market.records import Listing, Order
from sandbox.shopify import bulk, catalogue, ids, inventory, orders
from sandbox.shopify.catalogue import Arguments, Field
from sandbox.shopify.connections import Key, connection
from sandbox.shopify.search import matcher
from sandbox.shopify.things import Context, Thing, find, products

SIXTY_DAYS = 60 * 86_400
SCOPES = ("read_products", "read_inventory", "write_inventory", "read_locations", "read_orders", "read_all_orders")


def _rows(sort: str, rows: list[Any], fields: Mapping[str, Any], key: Key, context: Context, asked: Arguments) -> Any:
    found = matcher(asked.get("query"), fields)
    kept = [Thing(sort, row) for row in rows if found(row)]
    return connection(kept, lambda thing: key(thing.row), asked, whole=context.whole)


def _sold(context: Context) -> list[Listing]:
    return list(context.shop.state.sold())


def _items(context: Context, _: Any, asked: Arguments) -> Any:
    fields = {
        "sku": lambda one: one.sku,
        "id": lambda one: ids.number("InventoryItem", one.id),
        "created_at": lambda one: one.created,
        "updated_at": lambda one: catalogue.item_changed(context, one),
    }
    return _rows("InventoryItem", _sold(context), fields, lambda one: (one.id,), context, asked)


def _variants(context: Context, _: Any, asked: Arguments) -> Any:
    fields = {
        "sku": lambda one: one.sku,
        "id": lambda one: ids.number("ProductVariant", one.id),
        "updated_at": lambda one: one.modified,
    }
    keys: dict[str, Key] = {"SKU": lambda one: (one.sku, one.id)}
    key = keys.get(asked["sortKey"], lambda one: (one.id,))
    return _rows("ProductVariant", _sold(context), fields, key, context, asked)


def _products(context: Context, _: Any, asked: Arguments) -> Any:
    fields = {
        "id": lambda one: ids.number("Product", one.id),
        "created_at": lambda one: one.created,
        "updated_at": lambda one: one.modified,
        "status": lambda one: one.own["status"],
    }
    keys: dict[str, Key] = {
        "CREATED_AT": lambda one: (one.created, one.id),
        "UPDATED_AT": lambda one: (one.modified, one.id),
        "TITLE": lambda one: (one.title, one.id),
    }
    key = keys.get(asked["sortKey"], lambda one: (one.id,))
    return _rows("Product", products(context.shop), fields, key, context, asked)


def _orders(context: Context, _: Any, asked: Arguments) -> Any:
    state = context.shop.state
    oldest = state.clock.now() - SIXTY_DAYS if context.shop.switches["old_orders"] == "hidden" else 0
    rows: list[Order] = [order for order in state.orders.values() if order.placed >= oldest]
    fields = {
        "id": lambda one: ids.number("Order", one.id),
        "name": lambda one: f"#{one.id}",
        "created_at": lambda one: one.placed,
        "processed_at": lambda one: one.placed,
        "updated_at": lambda one: one.modified,
        "status": orders.state_word,
    }
    keys: dict[str, Key] = {
        "UPDATED_AT": lambda one: (one.modified, one.id),
        "ID": lambda one: (one.id,),
        "ORDER_NUMBER": lambda one: (one.id,),
    }
    key = keys.get(asked["sortKey"], lambda one: (one.placed, one.id))
    query = (asked.get("query") or "").replace("status:any", "")
    return _rows("Order", rows, fields, key, context, {**asked, "query": query})


def _locations(context: Context, _: Any, asked: Arguments) -> Any:
    rows = [one for one in context.shop.state.places.values() if one.active or asked["includeInactive"]]
    fields = {"id": lambda one: ids.number("Location", one.id), "name": lambda one: one.name}
    key: Key = (lambda one: (one.name, one.id)) if asked["sortKey"] == "NAME" else (lambda one: (one.id,))
    return _rows("Location", rows, fields, key, context, asked)


def _location(context: Context, _: Any, asked: Arguments) -> Thing | None:
    if asked.get("id") is None:
        places = context.shop.state.places
        return Thing("Location", places[min(places)])
    found = find(context, asked["id"])
    return found if found is not None and found.sort == "Location" else None


def _one(sort: str) -> Field:
    def resolve(context: Context, _: Any, asked: Arguments) -> Thing | None:
        found = find(context, asked["id"])
        return bulk.poll(context, found) if found is not None and found.sort == sort else None

    return resolve


def _node(context: Context, _: Any, asked: Arguments) -> Thing | None:
    return bulk.poll(context, find(context, asked["id"]))


def _offset(context: Context) -> str:
    zone = ZoneInfo(context.shop.config.zone)
    return datetime.fromtimestamp(context.shop.state.clock.now(), zone).strftime("%z")


def _shop(context: Context, _: Any, __: Arguments) -> dict[str, Any]:
    return {
        "currencyCode": context.shop.config.currency,
        "email": "owner@example.com",
        "ianaTimezone": context.shop.config.zone,
        "id": "gid://shopify/Shop/60000000001",
        "myshopifyDomain": f"{context.shop.name}.myshopify.com",
        "name": f"Practice {context.shop.name}",
        "plan": {"publicDisplayName": "Basic"},
        "timezoneOffset": _offset(context),
        "url": context.shop.home,
    }


def _installation(context: Context, _: Any, __: Arguments) -> dict[str, Any]:
    hidden = context.shop.switches["old_orders"] == "hidden"
    handles = [handle for handle in SCOPES if not (hidden and handle == "read_all_orders")]
    scopes = [{"handle": handle, "description": handle.replace("_", " ")} for handle in handles]
    return {"id": "gid://shopify/AppInstallation/500000001", "accessScopes": scopes}


def _variants_count(context: Context, _: Any, asked: Arguments) -> dict[str, Any]:
    if asked.get("query"):
        message = "This practice shop counts all variants or none."
        raise GraphQLError(message, extensions={"code": "BAD_REQUEST"})
    count = sum(one.sold for one in context.shop.state.listings.values())
    limit = asked.get("limit")
    is_more = limit is not None and count > limit
    return {"count": limit if is_more else count, "precision": "AT_LEAST" if is_more else "EXACT"}


def _properties(_: Context, __: Any, ___: Arguments) -> dict[str, Any]:
    names = catalogue.NAMES
    return {
        "quantityNames": [
            {
                "name": name,
                "displayName": name.replace("_", " ").capitalize(),
                "comprises": list(parts),
                "belongsTo": [whole for whole, inner in names.items() if name in inner],
                "isInUse": True,
            }
            for name, parts in names.items()
        ]
    }


def _changes(_: Context, group: dict[str, Any], asked: Arguments) -> list[dict[str, Any]]:
    wanted = asked.get("quantityNames")
    return [one for one in group["changes"] if wanted is None or one["name"] in wanted]


FIELDS: dict[str, dict[str, Field]] = {
    "QueryRoot": {
        "bulkOperation": _one("BulkOperation"),
        "currentAppInstallation": _installation,
        "currentBulkOperation": lambda context, _, asked: bulk.current(context) if asked["type"] == "QUERY" else None,
        "inventoryItem": _one("InventoryItem"),
        "inventoryItems": _items,
        "inventoryLevel": _one("InventoryLevel"),
        "inventoryProperties": _properties,
        "location": _location,
        "locations": _locations,
        "node": _node,
        "nodes": lambda context, _, asked: [_node(context, None, {"id": one}) for one in asked["ids"]],
        "order": _one("Order"),
        "orders": _orders,
        "product": _one("Product"),
        "products": _products,
        "productVariant": _one("ProductVariant"),
        "productVariants": _variants,
        "productVariantsCount": _variants_count,
        "refund": _one("Refund"),
        "shop": _shop,
    },
    "InventoryAdjustmentGroup": {"changes": _changes},
    **catalogue.FIELDS,
    **orders.FIELDS,
    **bulk.FIELDS,
}
DEEDS: dict[str, Callable[[Context, GraphQLResolveInfo, Arguments], dict[str, Any]]] = {
    "bulkOperationCancel": bulk.cancel,
    "bulkOperationRunQuery": bulk.run_query,
    "inventoryActivate": inventory.activate,
    "inventoryAdjustQuantities": inventory.adjust_quantities,
    "inventorySetQuantities": inventory.set_quantities,
}


def resolve(source: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
    """The value of any field."""
    kind, name = info.parent_type.name, info.field_name
    if kind == "Mutation":
        return DEEDS[name](info.context, info, arguments)
    field = FIELDS.get(kind, {}).get(name)
    return source[name] if field is None else field(info.context, source, arguments)


def sort_of(value: Any, *_: Any) -> str:
    """The type of what a `Node` is."""
    return str(value.sort)
