"""How the Amazon account shows and takes quantities of listings."""

from typing import Any

import pytest

from sandbox.amazon.stores import STORES
from sandbox.market import Goods
from tests.sandbox.amazon.conftest import Caller, Make, availability, own

MARKETPLACE = STORES["USD"].id


def test_what_was_accepted_is_done_some_requests_later(account: Caller) -> None:
    told = account.patch("LAMP", availability("merge", own(quantity=3))).json()
    assert (told["status"], told["issues"]) == ("ACCEPTED", [])
    seen = [account.quantity("LAMP") for _ in range(5)]
    assert seen[0] in {10, 3} and seen[-1] == 3
    assert seen == sorted(seen, reverse=True)


def test_or_when_the_clock_has_moved_on(account: Caller) -> None:
    account.patch("LAMP", availability("merge", own(quantity=3)))
    assert account.http.get("/_practice/state").json()["own"]["submissions"] == ["LAMP"]
    account.wait(300)
    state = account.http.get("/_practice/state").json()
    assert {row["sku"]: row["number"] for row in state["stock"]}["LAMP"] == 3


def test_replace_deletes_lead_time_and_restock_date_and_merge_does_not(account: Caller) -> None:
    account.do("set_lead_time", sku="LAMP", days=5, restock_date="2026-12-24")
    account.patch("LAMP", availability("merge", own(quantity=3)))
    account.wait(300)
    assert account.entries("LAMP") == [own(quantity=3, lead_time_to_ship_max_days=5, restock_date="2026-12-24")]
    account.patch("LAMP", availability("replace", own(quantity=4)))
    account.wait(300)
    assert account.entries("LAMP") == [own(quantity=4)]


def test_merge_needs_the_channel_that_it_is_for(account: Caller) -> None:
    found = account.patch("LAMP", availability("merge", {"quantity": 3}))
    assert (found.status_code, found.json()["status"]) == (200, "INVALID")
    assert found.json()["issues"][0]["categories"] == ["MISSING_ATTRIBUTE"]


@pytest.mark.parametrize("quantity", [-1, 2.5, "3", None, 10**12])
def test_a_quantity_that_cannot_be_is_invalid_at_http_200(account: Caller, quantity: Any) -> None:
    found = account.patch("LAMP", availability("merge", own(quantity=quantity)))
    assert (found.status_code, found.json()["status"]) == (200, "INVALID")
    account.wait(300)
    assert account.quantity("LAMP") == 10


@pytest.mark.parametrize(
    "entry",
    [
        own(quantity=1, colour="red"),
        own(lead_time_to_ship_max_days=31),
        own(restock_date="soon"),
        {"fulfillment_channel_code": "AMAZON_NA", "quantity": 3},
        {"fulfillment_channel_code": "MOON", "quantity": 3},
    ],
)
def test_other_fields_are_looked_at_too(account: Caller, entry: dict[str, Any]) -> None:
    assert account.patch("LAMP", availability("merge", entry)).json()["status"] == "INVALID"


def test_a_sku_that_there_is_not_and_a_wrong_product_type_are_invalid(make: Make) -> None:
    account = make(switches={"generic_product_type": False})
    kind = account.item("LAMP", "productTypes")["productTypes"][0]["productType"]
    patch = availability("merge", own(quantity=3))
    assert account.patch("LAMP", patch).json()["status"] == "INVALID"
    assert account.patch("LAMP", patch, kind=kind).json()["status"] == "ACCEPTED"
    assert account.patch("GONE", patch, kind=kind).json()["issues"][0]["code"] == "13013"
    assert make().patch("LAMP", patch).json()["status"] == "ACCEPTED"


def test_a_preview_says_valid_and_changes_nothing(account: Caller) -> None:
    told = account.patch("LAMP", availability("merge", own(quantity=3)), mode="VALIDATION_PREVIEW").json()
    assert told["status"] == "VALID"
    account.wait(300)
    assert account.quantity("LAMP") == 10
    wrong = account.patch("LAMP", availability("merge", own(quantity=-3)), mode="VALIDATION_PREVIEW").json()
    assert wrong["status"] == "INVALID"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"productType": "PRODUCT", "patches": []},
        {"productType": "PRODUCT", "patches": [{"op": "test", "path": "/"}]},
    ],
)
def test_a_body_that_is_no_patch_is_a_400(account: Caller, body: dict[str, Any]) -> None:
    assert account.ask("PATCH", account.items("LAMP"), body, marketplaceIds=MARKETPLACE).status_code == 400


def test_writing_the_own_channel_of_what_lies_at_amazons_makes_a_second_offer(account: Caller) -> None:
    assert account.item("FAR")["fulfillmentAvailability"] == [{"fulfillmentChannelCode": "AMAZON_NA"}]
    account.patch("FAR", availability("replace", own(quantity=2)))
    account.wait(300)
    codes = [one["fulfillmentChannelCode"] for one in account.item("FAR")["fulfillmentAvailability"]]
    assert codes == ["DEFAULT", "AMAZON_NA"]
    order = account.buy("FAR", 2)
    assert account.quantity("FAR") == 0
    assert order["order_ids"] == [order["order_id"]]
    account.patch("FAR", availability("delete", own()))
    account.wait(300)
    assert account.item("FAR")["fulfillmentAvailability"] == [{"fulfillmentChannelCode": "AMAZON_NA"}]


def test_nothing_in_stock_is_not_buyable(account: Caller) -> None:
    account.patch("LAMP", availability("merge", own(quantity=0)))
    account.wait(300)
    assert account.item("LAMP", "summaries")["summaries"][0]["status"] == ["DISCOVERABLE"]
    (told,) = account.shop.act({"action": "place_order", "lines": [{"sku": "LAMP", "quantity": 1}]})
    assert "out of stock" in told["refused"]


def test_an_update_may_be_accepted_and_come_to_nothing_but_an_issue(account: Caller) -> None:
    account.do("reject_updates", sku="LAMP")
    assert account.patch("LAMP", availability("merge", own(quantity=3))).json()["status"] == "ACCEPTED"
    account.wait(300)
    assert account.quantity("LAMP") == 10
    assert account.item("LAMP", "issues")["issues"][0]["severity"] == "ERROR"


def test_two_patches_of_a_sku_land_in_their_order_or_in_any(make: Make) -> None:
    def last(**switches: str) -> set[int | None]:
        found = set()
        for seed in range(1, 13):
            account = make(seed=seed, switches=switches)
            account.patch("LAMP", availability("merge", own(quantity=1)))
            account.patch("LAMP", availability("merge", own(quantity=2)))
            account.wait(1000)
            found.add(account.quantity("LAMP"))
        return found

    assert last() == {2}
    assert last(submissions="any_order") == {1, 2}


def test_a_sku_in_a_path_is_percent_encoded(account: Caller) -> None:
    assert account.quantity("CUP/1 é") == 4
    found = account.ask("GET", account.items("GONE"), marketplaceIds=MARKETPLACE)
    assert (found.status_code, found.json()["errors"][0]["code"]) == (404, "NOT_FOUND")


def test_a_search_by_sku_takes_20_of_them(account: Caller) -> None:
    def search(**params: Any) -> Any:
        return account.ask("GET", account.items(), marketplaceIds=MARKETPLACE, **params)

    found = search(identifiers="LAMP,TEE-S,GONE", identifiersType="SKU", includedData="fulfillmentAvailability").json()
    assert {one["sku"] for one in found["items"]} == {"LAMP", "TEE-S"}
    assert found["numberOfResults"] == 2
    many = ",".join(f"S{n}" for n in range(21))
    for params in ({"identifiers": many, "identifiersType": "SKU"}, {"identifiers": "LAMP"}, {"pageSize": 21}):
        assert search(**params).status_code == 400


def test_a_search_is_walked_by_tokens_and_ends_at_1000(make: Make) -> None:
    account = make([Goods(f"S-{n:04d}", f"Thing {n}", n % 9, 1000) for n in range(1100)])
    params = {"marketplaceIds": MARKETPLACE, "pageSize": 20, "sortBy": "sku", "sortOrder": "ASC"}
    page = account.get(account.items(), **params)
    assert page["numberOfResults"] == 1100
    skus, token = [one["sku"] for one in page["items"]], page["pagination"].get("nextToken")
    while token:
        account.wait(1)
        page = account.get(account.items(), **params, pageToken=token)
        skus += [one["sku"] for one in page["items"]]
        token = page["pagination"].get("nextToken")
    assert skus == [f"S-{n:04d}" for n in range(1000)]


def test_a_search_by_time_of_change(account: Caller) -> None:
    account.wait(60)
    account.buy("LAMP")
    moment = account.http.get("/_practice/clock").json()["now"]
    found = account.get(account.items(), marketplaceIds=MARKETPLACE, lastUpdatedAfter=moment)
    assert [one["sku"] for one in found["items"]] == ["LAMP"]
    assert account.ask("GET", account.items(), marketplaceIds=MARKETPLACE, lastUpdatedAfter="today").status_code == 400
