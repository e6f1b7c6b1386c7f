"""Everything this channel asks of WooCommerce: step label, route, urgency and the right a key needs, in one table."""

from fillrate.gateway.budget import Priority
from fillrate.gateway.http import Endpoint, Params

READ, WRITE = "Read", "Read/Write"

SITE = Endpoint("woocommerce.site", "/", Priority.ORDERS, READ)
API = Endpoint("woocommerce.api", "/wc/v3", Priority.ORDERS, READ)
SYSTEM = Endpoint("woocommerce.system", "/wc/v3/system_status", Priority.ORDERS, READ)
CURRENCY = Endpoint("woocommerce.currency", "/wc/v3/data/currencies/current", Priority.ORDERS, READ)
PRODUCTS = Endpoint("woocommerce.products.page", "/wc/v3/products", Priority.CATALOG, READ)
PRODUCT = Endpoint("woocommerce.products.one", "/wc/v3/products", Priority.CATALOG, READ)
VARIATIONS = Endpoint("woocommerce.variations.page", "/wc/v3/variations", Priority.CATALOG, READ)
OWN_VARIATIONS = Endpoint("woocommerce.variations.of_product", "/wc/v3/products", Priority.CATALOG, READ)
ORDERS = Endpoint("woocommerce.orders.page", "/wc/v3/orders", Priority.ORDERS, READ)
ORDER = Endpoint("woocommerce.orders.one", "/wc/v3/orders", Priority.ORDERS, READ)
REFUNDS = Endpoint("woocommerce.refunds.of_order", "/wc/v3/orders", Priority.ORDERS, READ)
STOCK = Endpoint("woocommerce.stock.page", "/wc/v3/products", Priority.ORDERS, READ)
NUMBERS = Endpoint("woocommerce.numbers.page", "/wc/v3/products", Priority.WRITE, READ)
NUMBERS_UPDATE = Endpoint("woocommerce.numbers.update", "/wc/v3/products", Priority.WRITE, WRITE)

PROBES: dict[
    str, tuple[Endpoint, Params]
] = {  # the cheapest thing to ask: where a key lacks the right, the shop says 401
    "products and stock": (PRODUCTS, {"per_page": 1, "_fields": "id"}),
    "orders and refunds": (ORDERS, {"per_page": 1, "_fields": "id"}),
    "the shop's currency and its clock": (CURRENCY, {}),
}
