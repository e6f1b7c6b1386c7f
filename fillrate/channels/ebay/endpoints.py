"""What this channel asks of eBay: step label, path, urgency and the scope a token needs, in one table."""

from fillrate.gateway.budget import Priority
from fillrate.gateway.http import Endpoint

SCOPES = "https://api.ebay.com/oauth/api_scope"
INVENTORY_READ = f"{SCOPES}/sell.inventory.readonly"
INVENTORY = f"{SCOPES}/sell.inventory"
FULFILLMENT_READ = f"{SCOPES}/sell.fulfillment.readonly"

TOKEN = Endpoint("ebay.token", "/identity/v1/oauth2/token", Priority.WRITE, "the application's keys")
RATES = Endpoint("ebay.rates", "/developer/analytics/v1_beta/rate_limit", Priority.ORDERS, SCOPES)
ITEMS = Endpoint("ebay.items.page", "/sell/inventory/v1/inventory_item", Priority.CATALOG, INVENTORY_READ)
STOCK = Endpoint("ebay.stock.page", "/sell/inventory/v1/inventory_item", Priority.ORDERS, INVENTORY_READ)
ITEMS_BY_SKU = Endpoint(
    "ebay.items.by_sku", "/sell/inventory/v1/bulk_get_inventory_item", Priority.WRITE, INVENTORY_READ
)
OFFERS = Endpoint("ebay.offers", "/sell/inventory/v1/offer", Priority.WRITE, INVENTORY_READ)
UPDATE = Endpoint("ebay.stock.update", "/sell/inventory/v1/bulk_update_price_quantity", Priority.WRITE, INVENTORY)
ORDERS = Endpoint("ebay.orders.page", "/sell/fulfillment/v1/order", Priority.ORDERS, FULFILLMENT_READ)
ORDER = Endpoint("ebay.orders.one", "/sell/fulfillment/v1/order", Priority.ORDERS, FULFILLMENT_READ)
SHIPMENTS = Endpoint("ebay.orders.shipments", "/sell/fulfillment/v1/order", Priority.ORDERS, FULFILLMENT_READ)
