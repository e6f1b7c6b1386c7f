"""Who may ask a WooCommerce shop, and where its API lies."""

import base64
import hashlib
import hmac
import time
from urllib.parse import quote, urlencode

import httpx
import pytest

from tests.sandbox.woocommerce.conftest import Asker, Make


def signed(url: str, params: dict[str, str], *, secret: str = "cs_practice", method: str = "GET", **oauth: str) -> str:
    """An address with OAuth 1.0a in its query, written from RFC 5849 and not from the shop."""
    told = {
        "oauth_consumer_key": "ck_practice",
        "oauth_timestamp": str(int(time.time())),
        "oauth_nonce": f"{time.monotonic_ns()}",
        "oauth_signature_method": "HMAC-SHA256",
        **oauth,
        **params,
    }
    pairs = sorted((quote(k, safe=""), quote(v, safe="")) for k, v in told.items())
    parts = (method, url, "&".join(f"{k}={v}" for k, v in pairs))
    text = "&".join(quote(part, safe="") for part in parts)
    digest = hmac.new(f"{secret}&".encode(), text.encode(), hashlib.sha256).digest()
    return f"{url}?{urlencode({**told, 'oauth_signature': base64.b64encode(digest).decode()}, quote_via=quote)}"


def test_over_tls_basic_and_the_key_in_the_query_will_do(make: Make) -> None:
    woo = make(tls=True)
    assert woo.send("GET", "/products").status_code == 200
    bare = f"{woo.client.base_url}wp-json/wc/v3/products"
    assert httpx.get(bare, params={"consumer_key": "ck_practice", "consumer_secret": "cs_practice"}).status_code == 200
    wrong = httpx.get(bare, auth=("ck_practice", "nope"))
    assert (wrong.status_code, wrong.json()["code"]) == (401, "woocommerce_rest_authentication_error")
    none = httpx.get(bare)
    assert (none.status_code, none.json()["code"]) == (401, "woocommerce_rest_cannot_view")


def test_over_plain_http_basic_is_refused_and_a_signature_is_taken_once(make: Make) -> None:
    woo = make(tls=False)
    refused = woo.send("GET", "/products")
    assert (refused.status_code, refused.json()["code"]) == (401, "woocommerce_rest_cannot_view")

    url = signed(f"{woo.client.base_url}wp-json/wc/v3/products", {"sku": "A-1,B 2~", "_fields": "id,sku"})
    assert [row["sku"] for row in httpx.get(url).json()] == ["A-1"]
    again = httpx.get(url)
    assert (again.status_code, again.json()["message"]) == (401, "Invalid nonce - nonce has already been used.")


@pytest.mark.parametrize(
    ("oauth", "message"),
    [
        ({"secret": "other"}, "Invalid signature - provided signature does not match."),
        ({"oauth_timestamp": "1000000000"}, "Invalid timestamp."),
        ({"oauth_signature_method": "PLAINTEXT"}, "Invalid signature - signature method is invalid."),
        ({"oauth_consumer_key": "ck_else"}, "Consumer key is invalid."),
        ({"oauth_nonce": ""}, "Missing OAuth parameter oauth_nonce"),
        ({"method": "POST"}, "Invalid signature - provided signature does not match."),
    ],
)
def test_a_signature_that_is_wrong_is_refused(make: Make, oauth: dict[str, str], message: str) -> None:
    woo = make(tls=False)
    response = httpx.get(signed(f"{woo.client.base_url}wp-json/wc/v3/orders", {}, **oauth))
    assert (response.status_code, response.json()["message"]) == (401, message)


def test_a_caller_may_sign_by_the_clock_of_the_shop(make: Make) -> None:
    woo = make(tls=False)
    now = str(woo.shop.state.clock.now() - 60)
    assert httpx.get(signed(f"{woo.client.base_url}wp-json/wc/v3/orders", {}, oauth_timestamp=now)).status_code == 200


def test_some_hosts_keep_the_header_to_themselves(make: Make) -> None:
    woo = make(tls=True, strips_authorization=True)
    assert woo.send("GET", "/products").json()["code"] == "woocommerce_rest_cannot_view"
    assert woo.send("GET", "/products", consumer_key="ck_practice", consumer_secret="cs_practice").status_code == 200


def test_a_key_for_reading_does_not_write(woo: Asker) -> None:
    woo.client.auth = httpx.BasicAuth("ck_practice_reader", "cs_practice_reader")
    assert woo.send("GET", "/products").status_code == 200
    refused = woo.send("PUT", f"/products/{woo.id_of('A-1')}", {"stock_quantity": 1})
    assert (refused.status_code, refused.json()["code"]) == (401, "woocommerce_rest_authentication_error")


def test_plain_permalinks_know_rest_route_only(make: Make) -> None:
    woo = make(permalinks="plain")
    page = woo.client.get("/wp-json/wc/v3/products")
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=UTF-8")
    found = woo.client.get("/", params={"rest_route": "/wc/v3/products", "sku": "A-1"})
    assert [row["sku"] for row in found.json()] == ["A-1"]
    assert found.headers["x-wp-total"] == "1"


def test_rest_route_is_signed_too(make: Make) -> None:
    woo = make(permalinks="plain", tls=False)
    url = signed(str(woo.client.base_url), {"rest_route": "/wc/v3/products", "sku": "A-1"})
    assert [row["sku"] for row in httpx.get(url).json()] == ["A-1"]


def test_what_there_is_not_is_no_route(woo: Asker) -> None:
    for method, path in (("GET", "/gold"), ("DELETE", "/products"), ("GET", "/products/batch")):
        response = woo.send(method, path)
        assert (response.status_code, response.json()["code"]) == (404, "rest_no_route")


def test_everybody_may_know_the_time_zone(woo: Asker) -> None:
    told = httpx.get(f"{woo.client.base_url}wp-json/").json()
    assert told["timezone_string"] == "Europe/Berlin"
    assert float(told["gmt_offset"]) in {1.0, 2.0}
