"""Everything this channel asks of Shopify: step label, GraphQL document, urgency and scope, in one table.

Every document is valid under 2026-01, 2026-04 and 2026-07. Roots are called `page`, `found` or `owner`, whatever they are, so
that answers have three shapes. A question may cost 1,000 points at most (an object 1, of a list each that it may hold), which
sets how many rows are asked for at once. A shop may keep its customers' data from an app: bare orders go without.
"""

from dataclasses import dataclass

from fillrate.gateway.budget import Priority
from fillrate.gateway.http import Endpoint

PRODUCTS_SCOPE, ORDERS_SCOPE = "read_products", "read_orders"
STOCK_SCOPE, STOCK_WRITE_SCOPE = "read_inventory", "write_inventory"
LOCATIONS_SCOPE = "read_locations"
OLD_ORDERS_SCOPE = "read_all_orders"  # orders older than sixty days
GRAPHQL = "/admin/api/{version}/graphql.json"

TOKEN = Endpoint("shopify.token", "/admin/oauth/access_token", Priority.WRITE, "of the app")


@dataclass(frozen=True, slots=True)
class Document:
    """One thing to ask: `first` is how many rows at once, where it walks a list."""

    label: str
    text: str
    priority: Priority
    scope: str
    first: int = 0


MONEY = "{ shopMoney { amount } }"
MORE = "pageInfo { hasNextPage endCursor }"

SHOP = Document(
    "shopify.shop",
    "query Shop { shop { id name ianaTimezone currencyCode plan { publicDisplayName } } }",
    Priority.ORDERS,
    "none",
)
SCOPES = Document(
    "shopify.scopes",
    "query Scopes { currentAppInstallation { accessScopes { handle } } }",
    Priority.ORDERS,
    "none",
)

VARIANT = """id sku price availableForSale selectedOptions { name value }
      inventoryItem { id tracked requiresShipping unitCost { amount } }"""
PRODUCT = f"""id title status createdAt updatedAt
    variants(first: 12) {{ {MORE} nodes {{ {VARIANT} }} }}"""
PRODUCTS = Document(
    "shopify.products.page",
    f"""query Products($first: Int!, $after: String, $q: String) {{
  page: products(first: $first, after: $after, query: $q, sortKey: UPDATED_AT) {{ {MORE} nodes {{ {PRODUCT} }} }}
}}""",
    Priority.CATALOG,
    PRODUCTS_SCOPE,
    first=20,
)
PRODUCTS_BY_ID = Document(
    "shopify.products.by_id",
    f"query ProductsById($ids: [ID!]!) {{ found: nodes(ids: $ids) {{ ... on Product {{ {PRODUCT} }} }} }}",
    Priority.CATALOG,
    PRODUCTS_SCOPE,
    first=15,
)
MORE_VARIANTS = Document(
    "shopify.variants.of_product",
    f"""query MoreVariants($id: ID!, $after: String) {{
  owner: product(id: $id) {{ more: variants(first: 100, after: $after) {{ {MORE} nodes {{ {VARIANT} }} }} }}
}}""",
    Priority.CATALOG,
    PRODUCTS_SCOPE,
)

LINE = f"""id sku name quantity currentQuantity unfulfilledQuantity requiresShipping
      variant {{ id }} product {{ id }} discountedUnitPriceAfterAllDiscountsSet {MONEY}"""
BARE_ORDER = f"""id createdAt updatedAt cancelledAt closedAt displayFinancialStatus test sourceName customerLocale
    currencyCode totalPriceSet {MONEY} refunds(first: 1) {{ id }} lineItems(first: 10) {{ {MORE} nodes {{ {LINE} }} }}"""
ORDER = f"""{BARE_ORDER}
    email customer {{ id }} shippingAddress {{ firstName lastName countryCodeV2 provinceCode zip }}"""


def orders(row: str) -> Document:
    """Return how orders are walked, their rows told so."""
    return Document(
        "shopify.orders.page",
        f"""query Orders($first: Int!, $after: String, $q: String) {{
  page: orders(first: $first, after: $after, query: $q, sortKey: UPDATED_AT) {{ {MORE} nodes {{ {row} }} }}
}}""",
        Priority.ORDERS,
        ORDERS_SCOPE,
        first=15,
    )


def orders_by_id(row: str) -> Document:
    """Return how orders are asked for by their ids, their rows told so."""
    return Document(
        "shopify.orders.by_id",
        f"query OrdersById($ids: [ID!]!) {{ found: nodes(ids: $ids) {{ ... on Order {{ {row} }} }} }}",
        Priority.ORDERS,
        ORDERS_SCOPE,
        first=15,
    )


ORDERS, BARE_ORDERS = orders(ORDER), orders(BARE_ORDER)
ORDERS_BY_ID, BARE_ORDERS_BY_ID = orders_by_id(ORDER), orders_by_id(BARE_ORDER)
MORE_LINES = Document(
    "shopify.lines.of_order",
    f"""query MoreLines($id: ID!, $after: String) {{
  owner: order(id: $id) {{ more: lineItems(first: 100, after: $after) {{ {MORE} nodes {{ {LINE} }} }} }}
}}""",
    Priority.ORDERS,
    ORDERS_SCOPE,
)

REFUNDED = Document(
    "shopify.refunded.page",
    f"""query Refunded($first: Int!, $after: String, $q: String) {{
  page: orders(first: $first, after: $after, query: $q, sortKey: UPDATED_AT) {{
    {MORE} nodes {{ id refunds(first: 1) {{ id }} }}
  }}
}}""",
    Priority.ORDERS,
    ORDERS_SCOPE,
    first=100,
)
REFUND_LINE = f"quantity restockType lineItem {{ id }} subtotalSet {MONEY}"
REFUNDS = Document(
    "shopify.refunds.of_order",
    f"""query Refunds($id: ID!) {{
  owner: order(id: $id) {{
    refunds(first: 11) {{ id createdAt note totalRefundedSet {MONEY}
      refundLineItems(first: 15) {{ {MORE} nodes {{ {REFUND_LINE} }} }} }}
  }}
}}""",
    Priority.ORDERS,
    ORDERS_SCOPE,
    first=11,
)
MORE_REFUND_LINES = Document(
    "shopify.lines.of_refund",
    f"""query MoreRefundLines($id: ID!, $after: String) {{
  owner: refund(id: $id) {{ more: refundLineItems(first: 100, after: $after) {{ {MORE} nodes {{ {REFUND_LINE} }} }} }}
}}""",
    Priority.ORDERS,
    ORDERS_SCOPE,
)

LOCATIONS = Document(
    "shopify.locations.page",
    f"""query Locations($first: Int!, $after: String) {{
  page: locations(first: $first, after: $after, includeInactive: true) {{ {MORE} nodes {{ id name isActive }} }}
  home: location {{ id }}
}}""",
    Priority.ORDERS,
    LOCATIONS_SCOPE,
    first=100,
)

QUANTITIES = 'quantities(names: ["available"]) { name quantity }'
LEVEL = f"location {{ id }} {QUANTITIES}"
ITEM = f"""id sku tracked variants(first: 2) {{ nodes {{ id product {{ id }} }} }}
    inventoryLevels(first: 10) {{ {MORE} nodes {{ {LEVEL} }} }}"""
STOCK = Document(
    "shopify.stock.page",
    f"""query Stock($first: Int!, $after: String) {{
  page: inventoryItems(first: $first, after: $after) {{ {MORE} nodes {{ {ITEM} }} }}
}}""",
    Priority.ORDERS,
    STOCK_SCOPE,
    first=20,
)
STOCK_BY_VARIANT = Document(
    "shopify.stock.by_id",
    f"""query StockByVariant($ids: [ID!]!) {{
  found: nodes(ids: $ids) {{ ... on ProductVariant {{ inventoryItem {{ {ITEM} }} }} }}
}}""",
    Priority.ORDERS,
    STOCK_SCOPE,
    first=20,
)
MORE_LEVELS = Document(
    "shopify.levels.of_item",
    f"""query MoreLevels($id: ID!, $after: String) {{
  owner: inventoryItem(id: $id) {{ more: inventoryLevels(first: 100, after: $after) {{ {MORE} nodes {{ {LEVEL} }} }} }}
}}""",
    Priority.ORDERS,
    STOCK_SCOPE,
)

NUMBERS = Document(
    "shopify.numbers.page",
    f"""query Numbers($ids: [ID!]!, $location: ID!) {{
  found: nodes(ids: $ids) {{
    ... on InventoryItem {{ id tracked inventoryLevel(locationId: $location) {{ {QUANTITIES} }} }}
  }}
}}""",
    Priority.WRITE,
    STOCK_SCOPE,
    first=200,
)
NUMBERS_UPDATE = Document(
    "shopify.numbers.update",
    """mutation Set($input: InventorySetQuantitiesInput!, $key: String!) {
  result: inventorySetQuantities(input: $input) @idempotent(key: $key) { userErrors { code field message } }
}""",
    Priority.WRITE,
    STOCK_WRITE_SCOPE,
)

BULK_SCOPE = f"{PRODUCTS_SCOPE}, {STOCK_SCOPE}"
VARIANTS_COUNT = Document(
    "shopify.variants.count",
    "query VariantsCount($most: Int!) { counted: productVariantsCount(limit: $most) { count } }",
    Priority.CATALOG,
    PRODUCTS_SCOPE,
)
BULK_RUN = Document(
    "shopify.bulk.run",
    """mutation Export($query: String!) {
  started: bulkOperationRunQuery(query: $query, groupObjects: false) { bulkOperation { id } userErrors { code } }
}""",
    Priority.CATALOG,
    BULK_SCOPE,
)
BULK_STATE = Document(
    "shopify.bulk.state",
    "query Exported($id: ID!) { node(id: $id) { ... on BulkOperation { id status errorCode fileSize url } } }",
    Priority.CATALOG,
    BULK_SCOPE,
)
BULK_FILE = Endpoint("shopify.bulk.file", "/", Priority.CATALOG, "none")
ALL_PRODUCTS = Document(
    "shopify.products.all",
    f"""{{ products {{ edges {{ node {{ id title status createdAt updatedAt
    variants {{ edges {{ node {{ {VARIANT} }} }} }} }} }} }} }}""",
    Priority.CATALOG,
    PRODUCTS_SCOPE,
)
ALL_STOCK = Document(
    "shopify.stock.all",
    f"""{{ inventoryItems {{ edges {{ node {{ id sku tracked
    variants {{ edges {{ node {{ id product {{ id }} }} }} }}
    inventoryLevels {{ edges {{ node {{ id {LEVEL} }} }} }} }} }} }} }}""",
    Priority.ORDERS,
    STOCK_SCOPE,
)

NEEDED = {
    PRODUCTS_SCOPE: "read products",
    ORDERS_SCOPE: "read orders and refunds",
    OLD_ORDERS_SCOPE: "read orders older than sixty days",
    STOCK_SCOPE: "read stock",
    LOCATIONS_SCOPE: "read locations",
    STOCK_WRITE_SCOPE: "write stock numbers",
}
