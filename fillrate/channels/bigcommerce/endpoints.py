"""What this channel asks of BigCommerce: step label, path, urgency and the scope a token needs, in one table."""

from fillrate.gateway.budget import Priority
from fillrate.gateway.http import Endpoint, Params

PRODUCTS_SCOPE = "store_v2_products_read_only"
ORDERS_SCOPE = "store_v2_orders_read_only"
INFORMATION_SCOPE = "store_v2_information_read_only"
ORDERS_WRITE_SCOPE = "store_v2_orders"
PRODUCTS_WRITE_SCOPE = "store_v2_products"
STOCK_SCOPE = "store_inventory_read_only"
STOCK_WRITE_SCOPE = "store_inventory"

CATEGORIES = Endpoint("bigcommerce.categories.page", "/v3/catalog/trees/categories", Priority.CATALOG, PRODUCTS_SCOPE)
BRANDS = Endpoint("bigcommerce.brands.page", "/v3/catalog/brands", Priority.CATALOG, PRODUCTS_SCOPE)
PRODUCTS = Endpoint("bigcommerce.products.page", "/v3/catalog/products", Priority.CATALOG, PRODUCTS_SCOPE)
PRODUCT = Endpoint("bigcommerce.products.one", "/v3/catalog/products", Priority.CATALOG, PRODUCTS_SCOPE)
CUSTOMERS = Endpoint("bigcommerce.customers.page", "/v3/customers", Priority.ORDERS, "store_v2_customers_read_only")
ORDERS = Endpoint("bigcommerce.orders.page", "/v2/orders", Priority.ORDERS, ORDERS_SCOPE)
ORDER = Endpoint("bigcommerce.orders.one", "/v2/orders", Priority.ORDERS, ORDERS_SCOPE)
ORDER_LINES = Endpoint("bigcommerce.orders.lines", "/v2/orders", Priority.ORDERS, ORDERS_SCOPE)
REFUNDS = Endpoint("bigcommerce.refunds.page", "/v3/orders/payment_actions/refunds", Priority.ORDERS, ORDERS_SCOPE)
LOCATIONS = Endpoint(
    "bigcommerce.locations.page", "/v3/inventory/locations", Priority.ORDERS, "store_locations_read_only"
)
STOCK = Endpoint("bigcommerce.stock.page", "/v3/inventory/items", Priority.ORDERS, STOCK_SCOPE)
STOCK_SETTINGS = Endpoint("bigcommerce.stock_settings", "/v3/settings/inventory", Priority.ORDERS, INFORMATION_SCOPE)
STORE = Endpoint("bigcommerce.store", "/v2/store", Priority.ORDERS, INFORMATION_SCOPE)
TIME = Endpoint("bigcommerce.time", "/v2/time", Priority.ORDERS, INFORMATION_SCOPE)
ORDER_STANDINGS = Endpoint("bigcommerce.standings.page", "/v2/orders", Priority.WRITE, ORDERS_SCOPE)
ORDER_STANDING = Endpoint("bigcommerce.standings.one", "/v2/orders", Priority.WRITE, ORDERS_SCOPE)
ORDER_UPDATE = Endpoint("bigcommerce.orders.update", "/v2/orders", Priority.WRITE, ORDERS_WRITE_SCOPE)
PAGES = Endpoint("bigcommerce.pages.page", "/v3/catalog/products", Priority.WRITE, PRODUCTS_SCOPE)
PAGES_UPDATE = Endpoint("bigcommerce.pages.update", "/v3/catalog/products", Priority.WRITE, PRODUCTS_WRITE_SCOPE)
BUYING = Endpoint("bigcommerce.buying.page", "/v3/catalog/variants", Priority.WRITE, PRODUCTS_SCOPE)
BUYING_UPDATE = Endpoint("bigcommerce.buying.update", "/v3/catalog/variants", Priority.WRITE, PRODUCTS_WRITE_SCOPE)
LIMITS = Endpoint("bigcommerce.limits.page", "/v3/inventory/items", Priority.WRITE, STOCK_SCOPE)
LIMITS_UPDATE = Endpoint("bigcommerce.limits.update", "/v3/inventory/locations", Priority.WRITE, STOCK_WRITE_SCOPE)
METAFIELDS = Endpoint("bigcommerce.metafields.page", "/v3/orders/metafields", Priority.WRITE, ORDERS_SCOPE)
ORDER_METAFIELDS = Endpoint("bigcommerce.metafields.one", "/v3/orders", Priority.WRITE, ORDERS_SCOPE)
METAFIELDS_CREATE = Endpoint(
    "bigcommerce.metafields.create", "/v3/orders/metafields", Priority.WRITE, ORDERS_WRITE_SCOPE
)
METAFIELDS_UPDATE = Endpoint(
    "bigcommerce.metafields.update", "/v3/orders/metafields", Priority.WRITE, ORDERS_WRITE_SCOPE
)
METAFIELDS_DELETE = Endpoint(
    "bigcommerce.metafields.delete", "/v3/orders/metafields", Priority.WRITE, ORDERS_WRITE_SCOPE
)
TRACKING = Endpoint("bigcommerce.tracking.page", "/v3/catalog/products", Priority.WRITE, PRODUCTS_SCOPE)
TRACKING_UPDATE = Endpoint("bigcommerce.tracking.update", "/v3/catalog/products", Priority.WRITE, PRODUCTS_WRITE_SCOPE)
SHELVES = Endpoint("bigcommerce.shelves.page", "/v3/inventory/items", Priority.WRITE, STOCK_SCOPE)
NUMBERS_UPDATE = Endpoint(
    "bigcommerce.numbers.update", "/v3/inventory/adjustments/absolute", Priority.WRITE, STOCK_WRITE_SCOPE
)
LIMITS_UPDATE = Endpoint("bigcommerce.limits.update", "/v3/inventory/locations", Priority.WRITE, STOCK_WRITE_SCOPE)
HOOKS = Endpoint("bigcommerce.hooks.page", "/v3/hooks", Priority.WRITE, "of any API account")
HOOKS_CREATE = Endpoint("bigcommerce.hooks.create", "/v3/hooks", Priority.WRITE, "of any API account")
HOOKS_UPDATE = Endpoint("bigcommerce.hooks.update", "/v3/hooks", Priority.WRITE, "of any API account")
HOOKS_DELETE = Endpoint("bigcommerce.hooks.delete", "/v3/hooks", Priority.WRITE, "of any API account")

PROBES: dict[
    str, tuple[Endpoint, Params]
] = {  # the cheapest thing to ask under each scope: where a token lacks it, the shop answers 403
    "products, categories, brands": (PRODUCTS, {"limit": 1, "include_fields": "id"}),
    "orders, refunds, notes": (ORDERS, {"limit": 1}),
    "customers": (CUSTOMERS, {"limit": 1}),
    "the store, its clock and settings": (TIME, {}),
    "locations": (LOCATIONS, {"limit": 1}),
    "stock": (STOCK, {"limit": 1}),
}
