"""Tokens and rates of the Amazon account."""

import httpx
import pytest

from sandbox.amazon.stores import STORES
from tests.sandbox.amazon.conftest import ORDERS, Caller, Make

MARKETPLACE = STORES["USD"].id


def test_a_token_is_good_for_an_hour_and_then_a_403_never_a_401(account: Caller) -> None:
    assert account.token().json()["expires_in"] == 3600
    account.wait(600)
    account.item("LAMP")
    account.shop.state.clock.set(account.shop.state.clock.now() + 3000)
    late = account.ask("GET", account.items("LAMP"), marketplaceIds=MARKETPLACE)
    assert (late.status_code, late.json()["errors"][0]["code"]) == (403, "Unauthorized")
    account.token()
    account.item("LAMP")


def test_without_a_token_or_with_a_wrong_one_nothing_is_told(account: Caller) -> None:
    for headers in ({"x-amz-access-token": ""}, {"x-amz-access-token": "Atza|other"}):
        found = account.http.get(ORDERS, headers=headers)
        assert found.status_code == 403
        assert "x-amzn-RequestId" in found.headers
        assert "x-amzn-RateLimit-Limit" not in found.headers


@pytest.mark.parametrize(
    ("told", "status", "error"),
    [
        ({"refresh_token": "another"}, 400, "invalid_grant"),
        ({"client_secret": "another"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
def test_a_grant_that_cannot_be_is_refused(account: Caller, told: dict[str, str], status: int, error: str) -> None:
    found = account.token(**told)
    assert (found.status_code, found.json()["error"]) == (status, error)


def test_a_secret_that_was_changed_opens_nothing_while_tokens_live_on(account: Caller) -> None:
    old = account.shop.secrets()["CLIENT_SECRET"]
    account.do("rotate_secret")
    assert account.token(client_secret=old).status_code == 401
    account.item("LAMP")
    account.do("revoke_consent")
    assert account.token().json()["error"] == "invalid_grant"
    assert account.ask("GET", ORDERS).status_code == 403


def test_each_operation_has_a_bucket_of_its_own(account: Caller) -> None:
    params = {"lastUpdatedAfter": "2026-01-01T00:00:00Z"}
    first = account.ask("GET", ORDERS, **params)
    assert first.headers["x-amzn-RateLimit-Limit"] == "0.0056"
    statuses = [account.ask("GET", ORDERS, **params).status_code for _ in range(20)]
    assert statuses == [200] * 19 + [429]
    over = account.ask("GET", ORDERS, **params)
    assert over.json()["errors"][0]["code"] == "QuotaExceeded"
    assert "Retry-After" not in over.headers
    account.item("LAMP")
    account.wait(179)
    assert account.ask("GET", ORDERS, **params).status_code == 200
    assert account.ask("GET", ORDERS, **params).status_code == 429


def test_a_429_may_say_when_to_come_back(make: Make) -> None:
    account = make(switches={"retry_after": True})
    for _ in range(21):
        found = account.ask("GET", ORDERS, lastUpdatedAfter="2026-01-01T00:00:00Z")
    assert found.headers["Retry-After"] == "179"


def test_the_store_and_the_seller_must_be_the_own_ones(account: Caller) -> None:
    assert account.ask("GET", account.items("LAMP"), marketplaceIds="A1PA6795UKMFR9").status_code == 400
    assert account.ask("GET", account.items("LAMP")).status_code == 400
    other = "/listings/2021-08-01/items/ANOTHER/LAMP"
    assert account.ask("GET", other, marketplaceIds=MARKETPLACE).status_code == 403


def test_an_account_sells_in_the_store_of_its_money(make: Make) -> None:
    account = make(currency="GBP")
    store = account.shop.settings("")["marketplace_id"]
    assert store == "A1F83G8C2ARO7P"
    params = {"marketplaceIds": store, "includedData": "fulfillmentAvailability,offers"}
    shown = account.get(account.items("FAR"), **params)
    assert shown["fulfillmentAvailability"] == [{"fulfillmentChannelCode": "AMAZON_EU"}]
    assert shown["offers"][0]["price"] == {"currencyCode": "GBP", "amount": "12.00"}
    assert account.ask("GET", account.items("FAR"), marketplaceIds=MARKETPLACE).status_code == 400


def test_what_there_is_not_and_what_cannot_be_done_there(account: Caller) -> None:
    assert account.ask("GET", "/orders/v0/orders").status_code == 404
    assert account.ask("DELETE", ORDERS).status_code == 405
    assert account.ask("GET", "/auth/o2/token").status_code == 405


def test_requests_are_counted_without_sellers_and_skus(account: Caller) -> None:
    account.item("CUP/1 é")
    counted = httpx.get(f"{account.http.base_url}_practice/requests").json()
    assert counted["GET /listings/2021-08-01/items/{id}/{id}"] == 1
