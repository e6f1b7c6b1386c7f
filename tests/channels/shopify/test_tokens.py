"""How a token for Shopify is got, kept and renewed."""

import httpx
import pytest
from pydantic import ValidationError

from fillrate.channels.protocol import Stream
from fillrate.channels.shopify import ShopifySettings
from fillrate.errors import FixChannel
from tests.channels.practice import Practice, pages
from tests.channels.shopify.practice import shopify

ASKED = "POST /admin/oauth/access_token"
DAY = 86_400


def tokens_asked(side: Practice) -> int:
    return side.requests().get(ASKED, 0)


def test_one_token_does_for_many_requests() -> None:
    with shopify() as side:
        pages(side.channel, Stream.ORDERS)
        pages(side.channel, Stream.PRODUCTS)

        assert tokens_asked(side) == 1


def test_a_token_that_the_shop_has_ended_is_renewed_and_the_read_goes_on() -> None:
    with shopify() as side:
        undisturbed = pages(side.channel, Stream.ORDERS)
        side.pass_time(DAY + 1)

        assert pages(side.channel, Stream.ORDERS) == undisturbed
        assert tokens_asked(side) == 2


def test_a_token_is_renewed_before_it_ends() -> None:
    with shopify() as side:
        pages(side.channel, Stream.LOCATIONS)
        side.channel._graph.clock.sleep(DAY - 200)  # type: ignore[attr-defined]

        pages(side.channel, Stream.LOCATIONS)

        assert tokens_asked(side) == 2


def test_a_wrong_secret_is_for_a_person_to_mend() -> None:
    with shopify(settings={"client_secret": "shpss_wrong"}) as side:
        with pytest.raises(FixChannel, match="token"):
            pages(side.channel, Stream.ORDERS)


def test_an_older_app_brings_its_own_token_and_asks_for_none() -> None:
    with shopify() as other:
        told = {"grant_type": "client_credentials", "client_id": "practice-client", "client_secret": "shpss_practice"}
        base_url = str(other.client.base_url).rstrip("/")
        token = httpx.post(f"{base_url}/admin/oauth/access_token", data=told).json()["access_token"]
        with shopify(settings={"base_url": base_url, "token": token, "client_id": "", "client_secret": ""}) as side:
            assert pages(side.channel, Stream.LOCATIONS)
            assert tokens_asked(other) == 1


def test_a_shop_without_any_way_to_a_token_is_a_mistake_in_the_settings() -> None:
    with pytest.raises(ValidationError, match="FILLRATE_CHANNEL_S_CLIENT_ID with FILLRATE_CHANNEL_S_CLIENT_SECRET"):
        ShopifySettings(name="s", kind="shopify", base_url="https://shop.myshopify.com", client_id="only")  # type: ignore[arg-type]
