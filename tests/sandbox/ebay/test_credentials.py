"""Tokens, scopes and the daily quota of the eBay account."""

import pytest

from tests.sandbox.ebay.conftest import SOLD, STOCK, Caller, Make, errors

SCOPE = "https://api.ebay.com/oauth/api_scope"


def test_a_token_is_good_for_two_hours_of_the_shops_clock_and_then_a_401(account: Caller) -> None:
    assert account.token().json()["expires_in"] == 7200
    account.wait(7199)
    account.get(f"{STOCK}/inventory_item")
    account.wait(1)
    late = account.http.get(f"{STOCK}/inventory_item")
    assert (late.status_code, errors(late)) == (401, [1001])
    account.token()
    account.get(f"{STOCK}/inventory_item")


def test_without_a_token_or_with_a_wrong_one_nothing_is_told(account: Caller) -> None:
    for headers in ({"Authorization": ""}, {"Authorization": "Bearer nobody"}, {"Authorization": "Basic eA=="}):
        assert account.http.get(f"{STOCK}/inventory_item", headers=headers).status_code == 401


def test_a_token_opens_only_what_its_scopes_say(account: Caller) -> None:
    account.token(f"{SCOPE}/sell.inventory")
    account.get(f"{STOCK}/inventory_item")
    closed = account.http.get(f"{SOLD}/order")
    assert (closed.status_code, errors(closed)) == (403, [1100])
    assert account.http.get("/developer/analytics/v1_beta/rate_limit").status_code == 403


@pytest.mark.parametrize(
    ("grant", "status", "error"),
    [
        ({"refresh_token": "another"}, 400, "invalid_grant"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"scope": f"{SCOPE}/sell.finances"}, 400, "invalid_scope"),
        ({"grant_type": "client_credentials", "scope": f"{SCOPE}/sell.inventory"}, 400, "invalid_scope"),
    ],
)
def test_a_grant_that_cannot_be_is_refused(account: Caller, grant: dict[str, str], status: int, error: str) -> None:
    found = account.token(**grant)
    assert (found.status_code, found.json()["error"]) == (status, error)


def test_the_wrong_client_gets_no_token(account: Caller) -> None:
    for auth in (("who", "knows"), None):
        found = account.http.post("/identity/v1/oauth2/token", data={"grant_type": "refresh_token"}, auth=auth)
        assert (found.status_code, found.json()["error"]) == (401, "invalid_client")


def test_a_grant_is_a_form(account: Caller) -> None:
    keys = account.shop.secrets()
    found = account.http.post("/identity/v1/oauth2/token", json={}, auth=(keys["CLIENT_ID"], keys["CLIENT_SECRET"]))
    assert (found.status_code, found.json()["error"]) == (400, "invalid_request")


def test_when_the_seller_takes_the_consent_back_tokens_end_and_no_new_one_comes(account: Caller) -> None:
    account.do("revoke_consent")
    assert account.http.get(f"{STOCK}/inventory_item").status_code == 401
    assert account.token().json()["error"] == "invalid_grant"


def test_each_api_has_a_daily_quota_of_its_own_that_is_told_and_starts_anew_the_next_day(account: Caller) -> None:
    account.do("set_quota", api="Inventory", limit=2)
    account.get(f"{STOCK}/inventory_item")
    account.get(f"{STOCK}/offer", sku="LAMP")
    over = account.http.get(f"{STOCK}/inventory_item")
    assert (over.status_code, errors(over)) == (429, [2001])
    assert "Retry-After" not in over.headers
    account.get(f"{SOLD}/order")
    limits = account.get("/developer/analytics/v1_beta/rate_limit/", api_name="inventory", api_context="sell")
    (rate,) = limits["rateLimits"][0]["resources"][0]["rates"]
    assert (rate["limit"], rate["remaining"], rate["timeWindow"]) == (2, 0, 86_400)
    assert rate["reset"].endswith("T00:00:00.000Z")
    account.wait(86_400)
    account.token()
    account.get(f"{STOCK}/inventory_item")


def test_how_many_calls_a_day_has_is_told_and_nowhere_else(make: Make) -> None:
    for calls in (2_000_000, 5_000):
        limits = make(switches={"daily_calls": calls}).get("/developer/analytics/v1_beta/rate_limit")["rateLimits"]
        assert {one["resources"][0]["rates"][0]["limit"] for one in limits} == {calls}


def test_a_429_may_say_when_to_come_back(make: Make) -> None:
    account = make(switches={"retry_after": True})
    account.do("set_quota", api="Inventory", limit=0)
    over = account.http.get(f"{STOCK}/inventory_item")
    left = 86_400 - account.shop.state.clock.now() % 86_400
    assert over.headers["Retry-After"] == str(left)


def test_what_there_is_not_and_what_cannot_be_done_there(account: Caller) -> None:
    assert account.http.get(f"{STOCK}/nothing").status_code == 404
    assert account.http.delete(f"{STOCK}/location").status_code == 405
    assert account.http.get("/developer/analytics/v1_beta/rate_limit", params={"api_name": "feed"}).status_code == 204
