"""Which path is answered by what. In the templates an id is `{id}`; the store's own prefix is left out."""

from collections.abc import Callable

from sandbox.api import (
    categories,
    customers,
    hooks,
    inventory,
    inventory_writes,
    metafield_writes,
    metafields,
    order_parts,
    order_writes,
    orders,
    product_writes,
    products,
    refunds,
    shipment_writes,
    statuses,
    store,
    variant_writes,
)
from sandbox.exchange import Response

Handler = Callable[..., Response]

ROUTES: dict[str, dict[str, Handler]] = {
    "/v3/hooks": {"GET": hooks.list_hooks, "POST": hooks.create_hook},
    "/v3/hooks/admin": {"GET": hooks.get_admin, "PUT": hooks.put_admin},
    "/v3/hooks/{id}": {"GET": hooks.get_hook, "PUT": hooks.update_hook, "DELETE": hooks.delete_hook},
    "/v2/store": {"GET": store.get_store},
    "/v2/time": {"GET": store.get_time},
    "/v3/settings/inventory": {"GET": store.get_inventory_settings, "PUT": store.put_inventory_settings},
    "/v3/catalog/products": {"GET": products.list_products, "PUT": product_writes.update_products},
    "/v3/catalog/products/{id}": {"GET": products.get_product, "PUT": product_writes.update_product},
    "/v3/catalog/products/{id}/variants": {"GET": products.list_product_variants},
    "/v3/catalog/products/{id}/variants/{id}": {"GET": products.get_variant, "PUT": variant_writes.update_variant},
    "/v3/catalog/variants": {"GET": products.list_variants, "PUT": variant_writes.update_variants},
    "/v3/catalog/categories": {"GET": categories.list_categories},
    "/v3/catalog/categories/{id}": {"GET": categories.get_category},
    "/v3/catalog/trees": {"GET": categories.list_trees},
    "/v3/catalog/trees/categories": {"GET": categories.list_tree_categories},
    "/v3/catalog/trees/{id}/categories": {"GET": categories.get_tree},
    "/v3/catalog/brands": {"GET": categories.list_brands},
    "/v3/catalog/brands/{id}": {"GET": categories.get_brand},
    "/v3/inventory/items": {"GET": inventory.list_items},
    "/v3/inventory/locations": {"GET": inventory.list_locations},
    "/v3/inventory/locations/{id}/items": {
        "GET": inventory.list_location_items,
        "PUT": inventory_writes.put_item_settings,
    },
    "/v3/inventory/adjustments/absolute": {"PUT": inventory_writes.put_absolute},
    "/v3/inventory/adjustments/relative": {"POST": inventory_writes.post_relative},
    "/v3/customers": {"GET": customers.list_customers},
    "/v2/customer_groups": {"GET": customers.list_groups},
    "/v2/customer_groups/count": {"GET": customers.count_groups},
    "/v2/customer_groups/{id}": {"GET": customers.get_group},
    "/v2/orders": {"GET": orders.list_orders, "POST": order_writes.create_order},
    "/v2/orders/count": {"GET": orders.count_orders},
    "/v2/orders/{id}": {
        "GET": orders.get_order,
        "PUT": order_writes.update_order,
        "DELETE": order_writes.archive_order,
    },
    "/v2/orders/{id}/products": {"GET": order_parts.list_lines},
    "/v2/orders/{id}/products/{id}": {"GET": order_parts.get_line},
    "/v2/orders/{id}/shipping_addresses": {"GET": order_parts.list_addresses},
    "/v2/orders/{id}/shipping_addresses/{id}": {"GET": order_parts.get_address},
    "/v2/orders/{id}/shippingaddresses": {"GET": order_parts.list_addresses},
    "/v2/orders/{id}/shipments": {
        "GET": order_parts.list_shipments,
        "POST": shipment_writes.create_shipment,
        "DELETE": shipment_writes.delete_shipments,
    },
    "/v2/orders/{id}/shipments/count": {"GET": order_parts.count_shipments},
    "/v2/orders/{id}/shipments/{id}": {
        "GET": order_parts.get_shipment,
        "PUT": shipment_writes.update_shipment,
        "DELETE": shipment_writes.delete_shipment,
    },
    "/v2/orders/{id}/consignments": {"GET": order_parts.get_consignments},
    "/v2/orders/{id}/coupons": {"GET": order_parts.nothing_below},
    "/v2/orders/{id}/taxes": {"GET": order_parts.nothing_below},
    "/v2/orders/{id}/messages": {"GET": order_parts.nothing_below},
    "/v2/orders/{id}/fees": {"GET": order_parts.nothing_below},
    "/v2/order_statuses": {"GET": statuses.list_statuses},
    "/v2/order_statuses/{id}": {"GET": statuses.get_status},
    "/v3/orders/payment_actions/refunds": {"GET": refunds.list_refunds},
    "/v3/orders/payment_actions/refunds/{id}": {"GET": refunds.get_refund},
    "/v3/orders/{id}/payment_actions/refunds": {"GET": refunds.list_order_refunds},
    "/v3/orders/metafields": {
        "GET": metafields.list_all_metafields,
        "POST": metafield_writes.create_metafields,
        "PUT": metafield_writes.update_metafields,
        "DELETE": metafield_writes.delete_metafields,
    },
    "/v3/orders/{id}/metafields": {"GET": metafields.list_metafields, "POST": metafield_writes.create_metafield},
    "/v3/orders/{id}/metafields/{id}": {
        "GET": metafields.get_metafield,
        "PUT": metafield_writes.update_metafield,
        "DELETE": metafield_writes.delete_metafield,
    },
}


def template_of(path: str) -> tuple[str, list[int]]:
    """A path with its ids replaced by `{id}`, and the ids."""
    ids: list[int] = []
    parts = path.split("/")
    for at, part in enumerate(parts):
        if part.isascii() and part.isdigit() and len(part) < 19:
            ids.append(int(part))
            parts[at] = "{id}"
    return "/".join(parts), ids
