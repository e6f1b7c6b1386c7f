"""How a key is shown to WooCommerce."""

import hmac
import random
from base64 import b64decode, b64encode

import httpx
import pytest
from pydantic import SecretStr

from fillrate.channels.protocol import Stream
from fillrate.channels.woocommerce.keys import Keys, signature
from fillrate.errors import FixChannel
from fillrate.gateway.outside import Outside
from tests.channels.practice import pages
from tests.channels.woocommerce.practice import woocommerce
from tests.practice_clock import PracticeClock

OUTSIDE = Outside(clock=PracticeClock(), chance=random.Random(1))


def keys(key: str = "ck_1", secret: str = "cs_1") -> Keys:
    return Keys(SecretStr(key), SecretStr(secret), OUTSIDE)


def request(url: str) -> httpx.Request:
    return httpx.Request("GET", url)


def test_over_tls_the_key_is_shown_by_basic_and_nothing_stands_in_the_address() -> None:
    sent = request("https://shop.example/wp-json/wc/v3/orders?page=1")

    keys().sign(sent)

    assert b64decode(sent.headers["Authorization"].removeprefix("Basic ")) == b"ck_1:cs_1"
    assert str(sent.url) == "https://shop.example/wp-json/wc/v3/orders?page=1"


def test_over_plain_http_the_request_is_signed_and_the_secret_stays_here() -> None:
    sent = request("http://127.0.0.1:8080/wp-json/wc/v3/orders?include=1,2&status=any")

    keys().sign(sent)

    assert "Authorization" not in sent.headers
    assert "cs_1" not in str(sent.url)
    assert {"oauth_consumer_key", "oauth_nonce", "oauth_timestamp", "oauth_signature"} <= set(sent.url.params)


def test_a_host_that_keeps_the_header_to_itself_is_shown_a_signature_from_the_first_refusal_on() -> None:
    one = keys()
    sent = request("https://shop.example/wp-json/wc/v3/orders")

    assert one.renew()
    one.sign(sent)

    assert "Authorization" not in sent.headers
    assert sent.url.params["oauth_signature_method"] == "HMAC-SHA256"
    assert not one.renew()


def test_a_signature_is_what_the_standard_says() -> None:
    url = httpx.URL("http://127.0.0.1/wp-json/wc/v3/orders?b5=%3D%253D&a3=a&c%40=&a2=r%20b&oauth_nonce=7d8f3e4a")
    place = "http%3A%2F%2F127.0.0.1%2Fwp-json%2Fwc%2Fv3%2Forders"
    query = "a2%3Dr%2520b%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26oauth_nonce%3D7d8f3e4a"
    assert (
        signature("get", url, "cs_1")
        == b64encode(hmac.digest(b"cs_1&", f"GET&{place}&{query}".encode(), "sha256")).decode()
    )


def test_a_key_that_no_header_can_carry_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(FixChannel, match="Authorization"):
        keys(secret="two words").sign(request("https://shop.example/"))


@pytest.mark.parametrize("permalinks", ["pretty", "plain"])
@pytest.mark.parametrize("tls", [True, False])
def test_a_shop_takes_the_signature_under_either_style_of_permalinks(permalinks: str, tls: bool) -> None:
    with woocommerce({"permalinks": permalinks, "tls": tls, "strips_authorization": True}) as side:
        (page,) = pages(side.channel, Stream.PRODUCTS)

        assert page.records
