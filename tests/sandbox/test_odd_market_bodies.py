"""Whatever is sent to eBay's, Amazon's and the files' shops is answered, never with a defect of the shop itself."""

import json
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox import Request
from sandbox.amazon import Amazon
from sandbox.amazon.documents import new_document
from sandbox.amazon.rates import RATES
from sandbox.amazon.stores import STORES
from sandbox.ebay import Ebay
from sandbox.ebay.auth import GRANTS
from sandbox.files import Files
from sandbox.market import Goods, Market, MarketConfig
from sandbox.market.pace import Bucket

MARKETPLACE = STORES["USD"].id

GOODS = [Goods(f"S{n}", f"Thing {n}", n, 1000, "f" if n < 3 else "") for n in range(6)]
NAMES = (
    *("requests", "sku", "shipToLocationAvailability", "quantity", "offers", "offerId", "availableQuantity", "price"),
    *("availabilityDistributions", "merchantLocationKey", "product", "availability", "lineItems", "lineItemId"),
    *("productType", "patches", "op", "path", "value", "fulfillment_channel_code", "restock_date", "condition"),
    *("header", "messages", "messageId", "operationType", "attributes", "fulfillment_availability", "item_name"),
    *("feedType", "marketplaceIds", "inputFeedDocumentId", "contentType", "reportType", "trackingNumber"),
)
WORDS = (
    *("S1", "S2", "", "merge", "replace", "delete", "DEFAULT", "AMAZON_NA", "PRODUCT", "UPDATE", "PATCH", "é"),
    *("/attributes/fulfillment_availability", "7000000102", "10000001001", "WAREHOUSE_1", MARKETPLACE),
)
leaves = st.one_of(st.none(), st.booleans(), st.integers(-3, 9), st.just(10**30), st.just(2.5), st.sampled_from(WORDS))
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5)
)
rows = st.fixed_dictionaries(
    {}, optional={"sku": leaves, "shipToLocationAvailability": values, "offers": values, "messageId": leaves}
)
patches = st.fixed_dictionaries(
    {"op": st.sampled_from(("merge", "replace", "delete")), "path": st.just("/attributes/fulfillment_availability")},
    optional={"value": st.lists(st.dictionaries(st.sampled_from(NAMES), values, max_size=3), max_size=2)},
)
messages = st.fixed_dictionaries(
    {"messageId": st.integers(1, 3), "sku": st.sampled_from(("S1", "S4", "no"))},
    optional={
        "operationType": st.sampled_from(("UPDATE", "PATCH", "PARTIAL_UPDATE", "DELETE")),
        "productType": st.just("PRODUCT"),
        "attributes": values | st.dictionaries(st.sampled_from(NAMES), values, max_size=3),
        "patches": st.lists(patches, max_size=2),
    },
)
bodies = st.one_of(
    values,
    st.fixed_dictionaries({"requests": st.lists(rows, max_size=3)}),
    st.fixed_dictionaries({"productType": leaves, "patches": st.lists(patches, max_size=2)}),
    st.fixed_dictionaries({"lineItems": st.lists(st.dictionaries(st.sampled_from(NAMES), leaves), max_size=2)}),
)
quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@cache
def ebay() -> tuple[Ebay, dict[str, str]]:
    shop = Ebay(MarketConfig(orders=6, locations=2), GOODS)
    token = shop.tokens.issue(shop.state.clock.now(), GRANTS["refresh_token"])
    return shop, {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Content-Language": "en"}


@cache
def amazon() -> tuple[Amazon, dict[str, str]]:
    shop = Amazon(MarketConfig(orders=6, pace_clock="shop"), GOODS)
    shop.rates.buckets = {name: Bucket(1e9, 1) for name in RATES}
    token = shop.tokens.issue(shop.state.clock.now())
    return shop, {"x-amz-access-token": token, "Content-Type": "application/json"}


def answered(shop: Market, method: str, path: str, body: Any, headers: dict[str, str], query: str = "") -> int:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return shop.handle(Request(method, f"{shop.prefix}{path}", query, headers, content)).status


@pytest.fixture(autouse=True)
def quiet(capsys: pytest.CaptureFixture[str]) -> Any:
    """A defect of a shop leaves a traceback."""
    yield
    assert capsys.readouterr().err == ""


@quick
@given(bodies)
def test_ebay(body: Any) -> None:
    shop, headers = ebay()
    order = next(iter(shop.state.orders.values())).key
    asked = [
        ("POST", "/sell/inventory/v1/bulk_update_price_quantity"),
        ("POST", "/sell/inventory/v1/bulk_get_inventory_item"),
        ("PUT", "/sell/inventory/v1/inventory_item/S1"),
        ("POST", f"/sell/fulfillment/v1/order/{order}/shipping_fulfillment"),
    ]
    for method, path in asked:
        assert answered(shop, method, path, body, headers) in {200, 201, 204, 207, 400, 409}


@quick
@given(bodies)
def test_amazon(body: Any) -> None:
    shop, headers = amazon()
    item = f"/listings/2021-08-01/items/{shop.seller}/S1"
    assert answered(shop, "PATCH", item, body, headers, f"marketplaceIds={MARKETPLACE}") in {200, 400}
    for path in ("/feeds/2021-06-30/feeds", "/feeds/2021-06-30/documents", "/reports/2021-06-30/reports"):
        assert answered(shop, "POST", path, body, headers) in {201, 400}


@quick
@given(st.lists(messages, max_size=3))
def test_the_messages_of_a_feed(told: list[Any]) -> None:
    shop, headers = amazon()
    feed = {"header": {"sellerId": shop.seller, "version": "2.0"}, "messages": told}
    document = new_document(shop.state, "application/json", json.dumps(feed).encode())
    order = {"feedType": "JSON_LISTINGS_FEED", "marketplaceIds": [MARKETPLACE], "inputFeedDocumentId": document.id}
    assert answered(shop, "POST", "/feeds/2021-06-30/feeds", order, headers) == 202
    shop.state.clock.set(shop.state.clock.now() + 2)
    for _ in range(8):
        assert answered(shop, "GET", "/feeds/2021-06-30/feeds/50001", b"", headers) == 200


@quick
@given(st.one_of(values.map(lambda one: json.dumps(one).encode()), st.binary(max_size=80), st.text().map(str.encode)))
def test_files(body: bytes) -> None:
    shop = Files(MarketConfig(orders=2, switches={"auth": "token"}), GOODS)
    headers = {"Authorization": "Bearer files-token"}
    for name in ("stock.csv", "stock.json"):
        assert answered(shop, "PUT", f"/in/{name}", body, headers) == 201
        assert answered(shop, "GET", f"/out/{name}", b"", headers) == 200
