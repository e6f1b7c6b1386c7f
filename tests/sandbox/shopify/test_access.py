"""Tokens, versions, refusals and what documents cost."""

import httpx
import pytest

from tests.sandbox.shopify.conftest import SET, Asker, Make

SHOP = "{ shop { name ianaTimezone currencyCode } }"


def test_a_token_lives_a_day_by_the_clock_of_the_shop(shopify: Asker) -> None:
    assert shopify.ask(SHOP)["shop"]["currencyCode"] == "USD"
    clock = shopify.shop.state.clock
    clock.set(clock.now() + 86_399)
    assert shopify.post(SHOP).status_code == 200
    clock.set(clock.now() + 1)
    refused = shopify.post(SHOP)
    assert refused.status_code == 401
    assert refused.json()["errors"].startswith("[API] Invalid API key or access token")
    shopify.client.headers["X-Shopify-Access-Token"] = shopify.token()
    assert shopify.post(SHOP).status_code == 200


def test_a_client_that_is_not_known_gets_no_token(shopify: Asker) -> None:
    form = {"client_id": "practice-client", "client_secret": "wrong", "grant_type": "client_credentials"}
    url = "/admin/oauth/access_token"
    assert shopify.client.post(url, data=form).json() == {"error": "invalid_client"}
    assert shopify.client.post(url, data={**form, "grant_type": "password"}).status_code == 400
    right = shopify.client.post(url, json={**form, "client_secret": "shpss_practice"}).json()
    assert right["expires_in"] == 86_399
    assert "write_inventory" in right["scope"].split(",")


def test_versions_and_paths(shopify: Asker) -> None:
    shopify.version = "2025-01"
    assert shopify.post(SHOP).headers["X-Shopify-API-Version"] == "2026-01"
    shopify.version = "2027-01"
    assert shopify.post(SHOP).status_code == 404
    assert shopify.client.get("/admin/api/2026-07/graphql.json").status_code == 404


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{ shop { nothing } }", "undefinedField"),
        ("{ orders(first: 1, colour: 3) { nodes { id } } }", "argumentNotAccepted"),
        ("{ shop @always { name } }", "undefinedDirective"),
        ("query($q: Int!) { orders(first: $q) { nodes { id } } }", "INVALID_VARIABLE"),
        ("{ orders { nodes { id } } }", "BAD_REQUEST"),
        ("{ orders(first: 251) { nodes { id } } }", "BAD_REQUEST"),
        ('{ orders(first: 1, after: "abc") { nodes { id } } }', "BAD_REQUEST"),
    ],
)
def test_a_document_that_is_wrong_is_a_200_with_errors(shopify: Asker, document: str, code: str) -> None:
    assert shopify.post(document).status_code == 200
    assert shopify.code(document) == code


def test_isactive_came_with_2026_04(shopify: Asker) -> None:
    document = "{ inventoryItems(first: 1) { nodes { inventoryLevels(first: 1) { nodes { isActive } } } } }"
    assert shopify.ask(document)["inventoryItems"]["nodes"][0]["inventoryLevels"]["nodes"][0]["isActive"] is True
    shopify.version = "2026-01"
    assert shopify.code(document) == "undefinedField"


def test_a_body_that_is_no_document_is_a_400(shopify: Asker) -> None:
    url = "/admin/api/2026-07/graphql.json"
    assert shopify.client.post(url, content=b"{").status_code == 400
    assert shopify.client.post(url, content=b'{"query": "{ shop { name } }"}').status_code == 400


def test_what_a_document_may_cost_is_told_and_what_it_did_cost_is_taken(make: Make) -> None:
    shopify = make(plan="standard")
    told = shopify.post(
        "{ inventoryItems(first: 100) { nodes { id inventoryLevels(first: 2) { nodes { id } } } } }"
    ).json()
    cost = told["extensions"]["cost"]
    assert cost["requestedQueryCost"] == 2 + 100 * (1 + 2 + 2)
    assert cost["actualQueryCost"] == 2 + 5 * (1 + 2 + 1)
    assert cost["throttleStatus"] == {"maximumAvailable": 2000.0, "currentlyAvailable": 1978, "restoreRate": 100.0}
    lean = make(cost="lean").post(
        "{ inventoryItems(first: 100) { nodes { id inventoryLevels(first: 4) { nodes { id } } } } }"
    )
    assert lean.json()["extensions"]["cost"]["requestedQueryCost"] == 2 + 10 * (1 + 2 + 2)


def test_a_document_that_may_cost_too_much_is_refused(shopify: Asker) -> None:
    document = "{ orders(first: 50) { nodes { lineItems(first: 100) { nodes { id } } } } }"
    assert shopify.code(document) == "MAX_COST_EXCEEDED"


def test_the_bucket_runs_dry_and_fills_by_the_second(make: Make) -> None:
    shopify = make(plan="standard")
    document = "{ inventoryItems(first: 249) { nodes { id variant { id } } } }"
    answers = []
    while "data" in (told := shopify.post(document).json()):
        answers.append(told)
        assert len(answers) < 300
    assert told["errors"][0]["extensions"]["code"] == "THROTTLED"
    cost = told["extensions"]["cost"]
    assert cost["actualQueryCost"] is None
    left = cost["throttleStatus"]["currentlyAvailable"]
    assert left < cost["requestedQueryCost"] == 500
    clock = shopify.shop.state.clock
    clock.set(clock.now() + -(-(500 - left) // 100))
    assert "data" in shopify.post(document).json()


def test_too_many_is_a_200_here(shopify: Asker) -> None:
    shopify.shop.faults.set({"kind": "429", "seconds": 3, "times": 1})
    response = shopify.post(SHOP)
    cost = response.json()["extensions"]["cost"]
    status = cost["throttleStatus"]
    assert (cost["requestedQueryCost"] - status["currentlyAvailable"]) / status["restoreRate"] == 3
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (200, "THROTTLED")
    assert shopify.post(SHOP).json()["data"]


def test_a_lost_answer_to_a_write_can_be_asked_for_again_by_its_key(shopify: Asker) -> None:
    row = shopify.row("A-1", 7, changeFromQuantity=10)
    told = {"name": "available", "reason": "correction", "quantities": [row]}
    shopify.shop.faults.set({"kind": "drop_after_write", "times": 1})
    with pytest.raises(httpx.RemoteProtocolError):
        shopify.post(SET, input=told, key="k")
    assert shopify.set(row, key="k")["userErrors"] == []
    assert shopify.level("A-1")["available"] == 7
    stale = shopify.set(row, key="another")
    assert [error["code"] for error in stale["userErrors"]] == ["CHANGE_FROM_QUANTITY_STALE"]


def test_a_late_write_is_in_progress_until_it_is_done(shopify: Asker) -> None:
    row = shopify.row("A-1", 7, changeFromQuantity=10)
    shopify.shop.faults.set({"kind": "late", "requests": 3, "times": 1})
    assert shopify.set(row, key="k")["userErrors"] == []
    assert shopify.level("A-1")["available"] == 10
    assert [error["code"] for error in shopify.set(row, key="k")["userErrors"]] == ["IDEMPOTENCY_CONCURRENT_REQUEST"]
    assert shopify.level("A-1")["available"] == 7
    assert shopify.set(row, key="k")["userErrors"] == []


def test_a_fault_strikes_what_it_names_and_requests_are_counted_by_what_they_ask(shopify: Asker) -> None:
    shopify.shop.faults.set({"match": "*?inventorySetQuantities", "kind": "503", "times": 1})
    row = shopify.row("A-1", 7, changeFromQuantity=10)
    told = {"name": "available", "reason": "correction", "quantities": [row]}
    assert shopify.post(SET, input=told, key="k").status_code == 503
    assert shopify.post(SET, input=told, key="k").status_code == 200
    counted = shopify.client.get("/_practice/requests", params={"bodies": 1}).json()
    path = "/admin/api/2026-07/graphql.json"
    assert counted[f"POST {path}?inventorySetQuantities"] == 2
    assert counted[f"POST {path}?location"] == 1
    assert [write["status"] for write in counted["writes"]] == [503, 200]
