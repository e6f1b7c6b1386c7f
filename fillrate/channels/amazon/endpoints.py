"""What this channel asks of Amazon: step label, path, urgency, the role a seller's app needs, and the operation's pace."""

import re
from urllib.parse import quote

from fillrate.gateway.budget import Priority
from fillrate.gateway.http import Endpoint
from fillrate.gateway.pace import Pace

LISTING = "Product Listing"
TRACKING = "Inventory and Order Tracking"
FBA_ROLE = "Amazon Fulfillment"

LISTINGS = "/listings/2021-08-01/items"
FEEDS = "/feeds/2021-06-30"
REPORTS = "/reports/2021-06-30"

CLOCK = Endpoint("amazon.clock", LISTINGS, Priority.ORDERS, LISTING, Pace(5, 5))
CATALOGUE = Endpoint("amazon.listings.page", LISTINGS, Priority.CATALOG, LISTING, Pace(5, 5))
STOCK = Endpoint("amazon.stock.page", LISTINGS, Priority.ORDERS, LISTING, Pace(5, 5))
BY_SKU = Endpoint("amazon.listings.by_sku", LISTINGS, Priority.WRITE, LISTING, Pace(5, 5))
ONE = Endpoint("amazon.listings.one", LISTINGS, Priority.WRITE, LISTING, Pace(5, 10))
PATCH = Endpoint("amazon.stock.patch", LISTINGS, Priority.WRITE, LISTING, Pace(5, 5))
ORDERS = Endpoint("amazon.orders.page", "/orders/2026-01-01/orders", Priority.ORDERS, TRACKING, Pace(0.0056, 20))
ORDER = Endpoint("amazon.orders.one", "/orders/2026-01-01/orders", Priority.ORDERS, TRACKING, Pace(0.5, 30))
FBA = Endpoint("amazon.fba.page", "/fba/inventory/v1/summaries", Priority.ORDERS, FBA_ROLE, Pace(2, 2))
REPORT_CREATE = Endpoint("amazon.report.create", f"{REPORTS}/reports", Priority.ORDERS, LISTING, Pace(0.0167, 15))
REPORT = Endpoint("amazon.report.look", f"{REPORTS}/reports", Priority.ORDERS, LISTING, Pace(2, 15))
REPORT_DOCUMENT = Endpoint("amazon.report.document", f"{REPORTS}/documents", Priority.ORDERS, LISTING, Pace(0.0167, 15))
FEEDS_OPEN = Endpoint("amazon.feeds.open", f"{FEEDS}/feeds", Priority.WRITE, LISTING, Pace(0.0222, 10))
FEED_DOCUMENT_CREATE = Endpoint("amazon.feed.place", f"{FEEDS}/documents", Priority.WRITE, LISTING, Pace(0.5, 15))
FEED_CREATE = Endpoint("amazon.feed.create", f"{FEEDS}/feeds", Priority.WRITE, LISTING, Pace(0.0083, 15))
FEED = Endpoint("amazon.feed.look", f"{FEEDS}/feeds", Priority.WRITE, LISTING, Pace(2, 15))
FEED_DOCUMENT = Endpoint("amazon.feed.document", f"{FEEDS}/documents", Priority.WRITE, LISTING, Pace(0.0222, 10))

UPLOAD, FEED_RESULT, REPORT_CONTENT = "amazon.feed.upload", "amazon.feed.result", "amazon.report.content"


def below(endpoint: Endpoint, *parts: str) -> Endpoint:
    """Return an endpoint at a path with these parts below its own; a SKU may hold anything, dots at its beginning too."""
    escaped = [re.sub(r"^\.+", lambda dots: "%2E" * len(dots[0]), quote(one, safe="")) for one in parts]
    return endpoint.at("/".join((endpoint.path, *escaped)))
