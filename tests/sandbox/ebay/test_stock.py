"""How the eBay account shows and takes quantities."""

from typing import Any

import pytest

from sandbox.market import Goods
from tests.sandbox.ebay.conftest import GOODS, STOCK, Caller, Make, errors, row

MANY = [Goods(f"S-{n:03d}", f"Thing {n}", n, 1000) for n in range(60)]


def test_the_list_is_walked_by_next_whether_offset_counts_pages_or_rows(make: Make) -> None:
    for way in ("page", "row"):
        for links in ("absolute", "relative"):
            account = make(MANY, switches={"inventory_offset": way, "links": links})
            page = account.get(f"{STOCK}/inventory_item")
            assert (page["limit"], page["total"], page["size"]) == (25, 60, 3)
            skus = [item["sku"] for item in page["inventoryItems"]]
            while "next" in page:
                assert page["next"].startswith("http" if links == "absolute" else "/ebay/ebay/")
                page = account.http.get(httpx_url(account, page["next"])).json()
                skus += [item["sku"] for item in page["inventoryItems"]]
            assert skus == [one.sku for one in MANY]


def httpx_url(account: Caller, link: str) -> str:
    """A link as a browser would follow it."""
    return str(account.http.base_url.join(link))


def test_the_second_page_has_offset_1(make: Make) -> None:
    account = make(MANY)
    page = account.get(f"{STOCK}/inventory_item", limit=20, offset=1)
    assert page["inventoryItems"][0]["sku"] == "S-020"
    rows = make(MANY, switches={"inventory_offset": "row"}).get(f"{STOCK}/inventory_item", limit=20, offset=1)
    assert rows["inventoryItems"][0]["sku"] == "S-001"


@pytest.mark.parametrize("params", [{"limit": 201}, {"limit": 0}, {"limit": "all"}, {"offset": -1}, {"offset": 9}])
def test_pages_that_cannot_be_are_refused(account: Caller, params: dict[str, Any]) -> None:
    found = account.http.get(f"{STOCK}/inventory_item", params=params)
    assert (found.status_code, errors(found)) == (400, [25706])


def test_a_sku_in_a_path_is_percent_encoded(account: Caller) -> None:
    assert account.total("CUP/1 é") == 4
    missing = account.http.get(f"{STOCK}/inventory_item/CUP")
    assert (missing.status_code, errors(missing)) == (404, [25710])


def test_25_items_by_sku_each_with_its_own_status(account: Caller) -> None:
    def ask(*skus: str) -> Any:
        return account.http.post(f"{STOCK}/bulk_get_inventory_item", json={"requests": [{"sku": one} for one in skus]})

    some = ask("LAMP", "gone")
    assert some.status_code == 207
    assert [(one["sku"], one["statusCode"]) for one in some.json()["responses"]] == [("LAMP", 200), ("gone", 404)]
    assert ask("LAMP", "TEE-S").status_code == 200
    assert errors(ask(*(f"x{n}" for n in range(26)))) == [25727]
    assert errors(ask("LAMP", "LAMP")) == [25734]


def test_a_total_is_written_absolutely_and_each_row_has_its_own_outcome(account: Caller) -> None:
    assert account.update(row("LAMP", 7), row("TEE-S", 0)).status_code == 200
    mixed = account.update(row("LAMP", 6), row("gone", 1), row("TEE-S", -1), row("TEE-L", 2.5), row("LAMP", 9))
    assert mixed.status_code == 207
    told = [(one["sku"], one["statusCode"]) for one in mixed.json()["responses"]]
    assert told == [("LAMP", 200), ("gone", 404), ("TEE-S", 400), ("TEE-L", 400), ("LAMP", 400)]
    assert (account.total("LAMP"), account.total("TEE-S"), account.total("TEE-L")) == (6, 0, 3)


def test_a_call_takes_25_skus_or_only_one(make: Make) -> None:
    account = make(MANY)
    assert account.update(*(row(f"S-{n:03d}", 1) for n in range(25))).status_code == 200
    assert errors(account.update(*(row(f"S-{n:03d}", 2) for n in range(26)))) == [25709]
    strict = make(MANY, switches={"batch_skus": 1})
    over = strict.update(row("S-001", 5), row("S-002", 5))
    assert (over.status_code, errors(over), strict.total("S-001")) == (400, [25709], 1)
    assert strict.update(row("S-001", 5)).status_code == 200


def test_a_total_that_is_left_out_is_lost_and_nothing_can_be_bought(account: Caller) -> None:
    assert account.update(row("LAMP")).status_code == 200
    assert account.total("LAMP") is None
    assert "0 live" in account.refused("place_order", lines=[{"sku": "LAMP", "quantity": 1}])
    account.update(row("LAMP", 3))
    account.buy("LAMP", 3)


def test_replacing_an_item_without_its_quantity_loses_it(account: Caller) -> None:
    def put(**body: Any) -> int:
        headers = {"Content-Language": "en-US"}
        return account.http.put(f"{STOCK}/inventory_item/LAMP", json=body, headers=headers).status_code

    assert put(product={"title": "Lamp, better"}) == 204
    assert account.total("LAMP") is None
    kept = {"availability": {"shipToLocationAvailability": {"quantity": 8}}}
    assert put(product={"title": "Lamp"}, **kept) == 204
    assert account.total("LAMP") == 8
    assert put(**kept) == 400
    assert account.http.put(f"{STOCK}/inventory_item/LAMP", json=kept).status_code == 400


def test_a_new_item_is_created_and_not_offered(account: Caller) -> None:
    found = account.http.put(f"{STOCK}/inventory_item/NEW-1", json={}, headers={"Content-Language": "en-US"})
    assert found.status_code == 201
    assert account.http.get(f"{STOCK}/offer", params={"sku": "NEW-1"}).status_code == 404


def test_what_is_live_is_the_smaller_of_the_two_quantities(account: Caller) -> None:
    offer = account.offer("LAMP")["offerId"]
    account.update(row("LAMP", 7, offers=[{"offerId": offer, "availableQuantity": 2}]))
    assert "2 live" in account.refused("place_order", lines=[{"sku": "LAMP", "quantity": 3}])
    account.buy("LAMP", 2)
    assert (account.total("LAMP"), account.offer("LAMP")["availableQuantity"]) == (5, 0)
    account.update(row("LAMP", 9))
    assert (account.total("LAMP"), account.offer("LAMP")["availableQuantity"]) == (9, 0)
    account.update({"offers": [{"offerId": offer, "availableQuantity": 20}]})
    account.update(row("LAMP", 1))
    assert "1 live" in account.refused("place_order", lines=[{"sku": "LAMP", "quantity": 2}])


def test_buyers_may_see_a_written_quantity_some_requests_later_and_buy_what_is_not_there(make: Make) -> None:
    account = make(switches={"live_lag": 3})
    account.update(row("LAMP", 1))
    account.buy("LAMP", 4)
    assert account.total("LAMP") == 0
    state = account.http.get("/_practice/state").json()
    assert {one["sku"]: one["number"] for one in state["stock"]}["LAMP"] == -3
    assert (state["own"]["offers"]["LAMP"]["total"], state["own"]["offers"]["LAMP"]["live"]) == (0, 10)
    account.update(row("LAMP", 1))
    for _ in range(3):
        account.offer("LAMP")
    assert "1 live" in account.refused("place_order", lines=[{"sku": "LAMP", "quantity": 2}])


def test_under_the_other_reading_the_offers_quantity_overrides_the_total(make: Make) -> None:
    account = make(switches={"live_quantity": "offer"})
    account.update(row("LAMP", 1, offers=[{"offerId": account.offer("LAMP")["offerId"], "availableQuantity": 5}]))
    account.buy("LAMP", 3)
    assert (account.total("LAMP"), account.offer("LAMP")["availableQuantity"]) == (0, 2)


def test_an_offer_without_a_quantity_of_its_own_follows_the_total(account: Caller) -> None:
    account.do("set_offer_quantity", sku="LAMP", number=None)
    assert "availableQuantity" not in account.offer("LAMP")
    account.update(row("LAMP", 30))
    account.buy("LAMP", 30)


def test_a_person_who_counts_the_shelf_leaves_the_offers_quantity_alone(account: Caller) -> None:
    account.do("set_offer_quantity", sku="LAMP", number=4)
    account.do("set_stock", sku="LAMP", number=50)
    account.do("receive", sku="LAMP", quantity=1)
    assert (account.total("LAMP"), account.offer("LAMP")["availableQuantity"]) == (51, 4)


def test_offers_of_another_sku_and_offers_named_twice_are_refused(account: Caller) -> None:
    lamp, tee = account.offer("LAMP")["offerId"], account.offer("TEE-S")["offerId"]
    wrong = account.update(row("LAMP", 5, offers=[{"offerId": tee, "availableQuantity": 5}]))
    assert wrong.status_code == 207
    twice = account.update(row("LAMP", 4, offers=[{"offerId": lamp, "availableQuantity": 5}] * 2))
    assert [one["statusCode"] for one in twice.json()["responses"]] == [400, 400]
    assert (
        account.update({"offers": [{"offerId": "1", "availableQuantity": 5}]}).json()["responses"][0]["statusCode"]
        == 404
    )
    assert account.total("LAMP") == 5


def test_a_price_is_written_beside_the_quantity(account: Caller) -> None:
    offer = account.offer("LAMP")["offerId"]
    price = {"value": "31.50", "currency": "USD"}
    assert account.update({"offers": [{"offerId": offer, "price": price}]}).status_code == 200
    assert account.offer("LAMP")["pricingSummary"]["price"] == price


def test_a_listing_takes_250_revisions_a_day_all_its_variations_together(account: Caller) -> None:
    for n in range(125):
        assert account.update(row("TEE-S", n), row("TEE-L", n)).status_code == 200
    blocked = account.update(row("TEE-S", 500), row("LAMP", 1))
    assert [one["statusCode"] for one in blocked.json()["responses"]] == [400, 200]
    assert account.total("TEE-S") == 124
    account.wait(86_400)
    account.token()
    assert account.update(row("TEE-S", 500)).status_code == 200


def test_with_out_of_stock_control_an_empty_listing_hides_and_comes_back(account: Caller) -> None:
    account.update(row("LAMP", 0))
    assert account.offer("LAMP")["listing"]["listingStatus"] == "OUT_OF_STOCK"
    account.update(row("LAMP", 2))
    assert account.offer("LAMP")["listing"]["listingStatus"] == "ACTIVE"


def test_without_it_an_empty_listing_ends_for_good(make: Make) -> None:
    account = make(switches={"zero": "ends"})
    assert account.offer("NONE")["status"] == "UNPUBLISHED"
    account.update(row("TEE-S", 0))
    assert account.offer("TEE-S")["status"] == "PUBLISHED"
    account.buy("TEE-L", 3)
    assert [account.offer(sku)["status"] for sku in ("TEE-S", "TEE-L")] == ["UNPUBLISHED"] * 2
    offer = account.offer("TEE-L")["offerId"]
    late = account.update(row("TEE-L", 9, offers=[{"offerId": offer, "availableQuantity": 9}]))
    assert late.json()["responses"][0]["errors"][0]["errorId"] == 25713
    assert account.total("TEE-L") == 9
    assert "0 live" in account.refused("place_order", lines=[{"sku": "TEE-L", "quantity": 1}])


def test_locations_hold_parts_of_the_total(make: Make) -> None:
    account = make(locations=2)
    places = account.get(f"{STOCK}/location")["locations"]
    keys = [place["merchantLocationKey"] for place in places]
    parts = [{"merchantLocationKey": keys[0], "quantity": 4}, {"merchantLocationKey": keys[1], "quantity": 5}]
    whole = {"quantity": 9, "availabilityDistributions": parts}
    assert account.update({"sku": "LAMP", "shipToLocationAvailability": whole}).status_code == 200
    shown = account.get(f"{STOCK}/inventory_item/LAMP")["availability"]["shipToLocationAvailability"]
    assert shown["quantity"] == 9
    assert [(one["merchantLocationKey"], one["quantity"]) for one in shown["availabilityDistributions"]] == [
        (keys[0], 4),
        (keys[1], 5),
    ]
    account.update({"sku": "LAMP", "shipToLocationAvailability": {"availabilityDistributions": parts}})
    assert account.total("LAMP") is None
    wrong = [{"merchantLocationKey": "nowhere", "quantity": 4}]
    for bad in ({"quantity": 9, "availabilityDistributions": wrong}, {**whole, "quantity": 8}):
        told = account.update({"sku": "LAMP", "shipToLocationAvailability": bad}).json()["responses"][0]
        assert told["statusCode"] == 400


def test_units_of_a_cancelled_order_come_back_although_the_total_was_written_meanwhile(make: Make) -> None:
    account = make(locations=2)
    order = account.do("place_order", lines=[{"sku": "LAMP", "quantity": 1, "location_id": 2}])
    account.update(row("LAMP", 6))
    account.do("cancel", order_id=order["order_id"])
    assert account.total("LAMP") == 7


def test_rows_fail_by_themselves_and_outcomes_come_in_any_order(make: Make) -> None:
    account = make(MANY)
    rows = [row(f"S-{n:03d}", 9) for n in range(6)]
    account.shop.faults.set({"kind": "partly", "match": "POST */bulk_update*", "every": 3, "times": 1})
    told = account.update(*rows).json()["responses"]
    assert [one["statusCode"] for one in told] == [200, 200, 500, 200, 200, 500]
    assert [account.total(f"S-{n:03d}") for n in range(6)] == [9, 9, 2, 9, 9, 5]
    account.shop.faults.set({"kind": "out_of_order", "match": "POST */bulk_update*"})
    orders = [[one["sku"] for one in account.update(*rows).json()["responses"]] for _ in range(5)]
    assert any(order != sorted(order) for order in orders)


def test_bodies_that_are_none_are_refused_as_a_whole(account: Caller) -> None:
    for body in (b"{", b"[]", b"{}", b'{"requests": []}', b'{"requests": [1]}'):
        found = account.http.post(
            f"{STOCK}/bulk_update_price_quantity", content=body, headers={"Content-Type": "application/json"}
        )
        assert (found.status_code, errors(found)) == (400, [25709])
    assert account.http.post(f"{STOCK}/bulk_update_price_quantity", content=b"{}").status_code == 415


def test_the_same_seed_makes_the_same_account(make: Make) -> None:
    one, two = (make(GOODS, orders=30).orders("", limit=200) for _ in range(2))
    assert [order["orderId"] for order in one] == [order["orderId"] for order in two] != []
