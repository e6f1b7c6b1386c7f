"""Reading and writing stock in each version."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from sandbox.market import Goods
from sandbox.shopify.schema import VERSIONS
from sandbox.times import iso_zulu
from tests.sandbox.shopify.conftest import SET, Asker, Make

ADJUST = """mutation Adjust($input: InventoryAdjustQuantitiesInput!, $key: String!) {
  inventoryAdjustQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { changes { name delta } } userErrors { code field } } }"""
ACTIVATE = """mutation Activate($item: ID!, $place: ID!, $n: Int, $key: String!) {
  inventoryActivate(inventoryItemId: $item, locationId: $place, available: $n) @idempotent(key: $key) {
    inventoryLevel { id quantities(names: ["available"]) { quantity } } userErrors { field message } } }"""


def codes(payload: dict[str, Any]) -> list[str]:
    return [error["code"] for error in payload["userErrors"]]


def test_on_hand_is_what_is_available_committed_and_damaged(shopify: Asker) -> None:
    shopify.shop.state.by_sku("A-1")[0].own["damaged"] = 2
    order = shopify.order(4)
    assert shopify.level("A-1") == {"available": 6, "committed": 4, "on_hand": 12, "damaged": 2}
    shopify.do("ship", order_id=order)
    assert shopify.level("A-1") == {"available": 6, "committed": 0, "on_hand": 8, "damaged": 2}
    assert codes(shopify.set(shopify.row("A-1", 20, changeFromQuantity=8), name="on_hand")) == []
    assert shopify.level("A-1")["available"] == 18


def test_sales_may_go_below_nothing_where_the_policy_lets_them(shopify: Asker) -> None:
    refused = shopify.shop.act({"action": "place_order", "lines": [{"sku": "B-1", "quantity": 2}]})
    assert "0 left" in refused[0]["refused"]
    shopify.shop.state.by_sku("B-1")[0].own["policy"] = "CONTINUE"
    shopify.order(2, sku="B-1")
    assert shopify.level("B-1")["available"] == -2


def test_items_are_walked_by_cursor_and_found_by_sku(shopify: Asker) -> None:
    document = """query Walk($after: String) { inventoryItems(first: 2, after: $after) {
        pageInfo { hasNextPage endCursor } edges { cursor node { sku legacyResourceId } } } }"""
    seen: list[str] = []
    page = shopify.ask(document)["inventoryItems"]
    while True:
        seen += [edge["node"]["sku"] for edge in page["edges"]]
        assert page["edges"][-1]["cursor"] == page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
        page = shopify.ask(document, after=page["pageInfo"]["endCursor"])["inventoryItems"]
    assert sorted(seen) == ["A-1", "B-1", "C-1", "C-2", "C-3"]
    assert isinstance(page["edges"][0]["node"]["legacyResourceId"], str)
    assert shopify.item("C-2").startswith("gid://shopify/InventoryItem/")


def test_a_product_of_several_variants_and_one_of_one(shopify: Asker) -> None:
    document = """{ products(first: 9) { nodes { title hasOnlyDefaultVariant totalInventory
        variants(first: 5) { nodes { title sku } } } } }"""
    told = {one["title"]: one for one in shopify.ask(document)["products"]["nodes"]}
    assert (told["Anchor"]["hasOnlyDefaultVariant"], told["Anchor"]["totalInventory"]) == (True, 10)
    assert told["Anchor"]["variants"]["nodes"] == [{"title": "Default Title", "sku": "A-1"}]
    assert [one["sku"] for one in told["Cup 1"]["variants"]["nodes"]] == ["C-1", "C-2", "C-3"]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_stale_number_is_not_overwritten(shopify: Asker, version: str) -> None:
    shopify.version = version
    row = shopify.row("A-1", 5, changeFromQuantity=10)
    shopify.order(1)
    stale = shopify.set(row)
    assert codes(stale) == ["CHANGE_FROM_QUANTITY_STALE"]
    assert stale["userErrors"][0]["field"] == ["input", "quantities", "0", "changeFromQuantity"]
    assert stale["inventoryAdjustmentGroup"] is None
    done = shopify.set({**row, "changeFromQuantity": 9})
    assert [(c["name"], c["delta"]) for c in done["inventoryAdjustmentGroup"]["changes"]] == [
        ("available", -4),
        ("on_hand", -4),
    ]
    assert shopify.level("A-1")["available"] == 5
    assert codes(shopify.set({**row, "changeFromQuantity": None, "quantity": 2})) == []
    assert shopify.level("A-1")["available"] == 2


def test_in_2026_01_the_old_comparison_still_holds(shopify: Asker) -> None:
    shopify.version = "2026-01"
    row = shopify.row("A-1", 5)
    assert codes(shopify.set(row)) == ["COMPARE_QUANTITY_REQUIRED"]
    assert codes(shopify.set({**row, "compareQuantity": 9})) == ["COMPARE_QUANTITY_STALE"]
    assert codes(shopify.set({**row, "compareQuantity": 9, "changeFromQuantity": 10})) == []
    assert codes(shopify.set({**row, "quantity": 6}, ignoreCompareQuantity=True)) == []
    assert shopify.level("A-1")["available"] == 6
    without = SET.replace(" @idempotent(key: $key)", "").replace(", $key: String!", "")
    told = {"name": "available", "reason": "correction", "quantities": [{**row, "compareQuantity": 6}]}
    assert shopify.ask(without, input=told)["inventorySetQuantities"]["userErrors"] == []


@pytest.mark.parametrize("version", ["2026-04", "2026-07"])
def test_from_2026_04_what_it_changes_from_and_a_key_must_be_said(make: Make, version: str) -> None:
    shopify = make()
    shopify.version = version
    row = shopify.row("A-1", 5)
    told = {"name": "available", "reason": "correction", "quantities": [row]}
    assert shopify.code(SET, input=told, key="k") == "INVALID_FIELD_ARGUMENTS"
    old = {**told, "quantities": [{**row, "compareQuantity": 10}]}
    assert shopify.code(SET, input=old, key="k") == "INVALID_VARIABLE"
    without = SET.replace(" @idempotent(key: $key)", "").replace(", $key: String!", "")
    good = {**told, "quantities": [{**row, "changeFromQuantity": 10}]}
    assert shopify.code(without, input=good) == "BAD_REQUEST"
    assert shopify.code(SET, input=good, key=" ") == "BAD_REQUEST"
    assert shopify.level("A-1")["available"] == 10
    other = make(missing_change_from="user_error")
    assert codes(other.set(other.row("A-1", 5))) == [None]


def test_a_key_does_its_deed_once(make: Make) -> None:
    shopify = make()
    row = shopify.row("A-1", 5, changeFromQuantity=None)
    first = shopify.set(row, key="k")
    shopify.order(1)
    assert shopify.set(row, key="k") == first
    assert shopify.level("A-1")["available"] == 4
    assert codes(shopify.set({**row, "quantity": 6}, key="k")) == ["IDEMPOTENCY_KEY_PARAMETER_MISMATCH"]
    bad = {**row, "changeFromQuantity": 99}
    assert [codes(shopify.set(bad, key="bad")) for _ in range(2)] == [["CHANGE_FROM_QUANTITY_STALE"]] * 2
    strict = make(failed_attempt="refused")
    stale = strict.row("A-1", 5, changeFromQuantity=99)
    assert codes(strict.set(stale, key="bad")) == ["CHANGE_FROM_QUANTITY_STALE"]
    assert codes(strict.set(stale, key="bad")) == ["IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED"]


def test_one_bad_row_spoils_all_unless_the_shop_keeps_the_good_ones(make: Make) -> None:
    for keeps, left in (("nothing", 10), ("good_rows", 5)):
        shopify = make(failed_set_keeps=keeps)
        rows = [shopify.row("A-1", 5, changeFromQuantity=10), shopify.row("C-1", 5, changeFromQuantity=99)]
        assert codes(shopify.set(*rows)) == ["CHANGE_FROM_QUANTITY_STALE"]
        assert (shopify.level("A-1")["available"], shopify.level("C-1")["available"]) == (left, 1)


@pytest.mark.parametrize(
    ("change", "more", "code", "field"),
    [
        ({"inventoryItemId": "gid://shopify/InventoryItem/1"}, {}, "INVALID_INVENTORY_ITEM", "inventoryItemId"),
        ({"locationId": "gid://shopify/Location/1"}, {}, "INVALID_LOCATION", "locationId"),
        ({"quantity": -1}, {}, "INVALID_QUANTITY_NEGATIVE", "quantity"),
        ({"quantity": 10**9 + 1}, {}, "INVALID_QUANTITY_TOO_HIGH", "quantity"),
        ({}, {"name": "committed"}, "INVALID_NAME", "name"),
        ({}, {"reason": "because"}, "INVALID_REASON", "reason"),
        ({}, {"referenceDocumentUri": "no uri"}, "INVALID_REFERENCE_DOCUMENT", "referenceDocumentUri"),
        ({}, {"referenceDocumentUri": "gid://app/Sync"}, "INVALID_REFERENCE_DOCUMENT", "referenceDocumentUri"),
    ],
)
def test_what_cannot_be_is_refused(
    shopify: Asker, change: dict[str, Any], more: dict[str, Any], code: str, field: str
) -> None:
    told = shopify.set({**shopify.row("A-1", 5, changeFromQuantity=10), **change}, **more)
    assert (codes(told), told["userErrors"][0]["field"][-1]) == ([code], field)
    assert shopify.level("A-1")["available"] == 10


def test_a_pair_twice_in_one_call_and_more_than_250_rows(shopify: Asker) -> None:
    row = shopify.row("A-1", 5, changeFromQuantity=10)
    assert codes(shopify.set(row, row)) == ["NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR"]
    told = {"name": "available", "reason": "correction", "quantities": [row] * 251}
    assert shopify.code(SET, input=told, key="k") == "MAX_INPUT_SIZE_EXCEEDED"
    uri = shopify.set(row, referenceDocumentUri="gid://fillrate/SyncJob/77")
    assert codes(uri) == []


def test_a_change_by_so_many_adds_to_what_is_there(shopify: Asker) -> None:
    change = {
        "inventoryItemId": shopify.item("A-1"),
        "locationId": shopify.place(),
        "delta": -12,
        "changeFromQuantity": None,
    }
    told = {"name": "available", "reason": "correction", "changes": [change]}
    for key in ("k", "k", "another"):
        assert shopify.ask(ADJUST, input=told, key=key)["inventoryAdjustQuantities"]["userErrors"] == []
    assert shopify.level("A-1")["available"] == -14
    wrong = {**told, "name": "on_hand"}
    assert codes(shopify.ask(ADJUST, input=wrong, key="w")["inventoryAdjustQuantities"]) == ["INVALID_QUANTITY_NAME"]


def test_a_place_keeps_an_item_only_after_it_was_activated(make: Make) -> None:
    shopify = make(locations=2)
    state = shopify.shop.state
    listing = state.by_sku("A-1")[0]
    listing.cells = {1: listing.cells[1]}
    places = {
        one["name"]: one["id"]
        for one in shopify.ask("{ locations(first: 9) { nodes { id name } } }")["locations"]["nodes"]
    }
    row = {**shopify.row("A-1", 3, changeFromQuantity=None), "locationId": places["Store 2"]}
    assert codes(shopify.set(row)) == ["ITEM_NOT_STOCKED_AT_LOCATION"]
    told = {"item": row["inventoryItemId"], "place": places["Store 2"]}
    made = shopify.ask(ACTIVATE, **told, n=4, key="k")["inventoryActivate"]
    assert made["inventoryLevel"]["quantities"] == [{"quantity": 4}]
    assert shopify.ask(ACTIVATE, **told, n=9, key="l")["inventoryActivate"]["userErrors"][0]["field"] == ["available"]
    assert codes(shopify.set(row)) == []
    assert listing.cells[2].number == 3


def test_an_unstocked_place_may_get_a_level_by_an_adjustment(make: Make) -> None:
    for way, code in (("refused", ["ITEM_NOT_STOCKED_AT_LOCATION"]), ("inactive_level", [])):
        shopify = make(locations=2, adjust_unstocked=way)
        listing = shopify.shop.state.by_sku("A-1")[0]
        listing.cells = {1: listing.cells[1]}
        place = shopify.ask("{ locations(first: 9, query: \"name:'Store 2'\") { nodes { id } } }")["locations"][
            "nodes"
        ][0]["id"]
        change = {"inventoryItemId": shopify.item("A-1"), "locationId": place, "delta": 2, "changeFromQuantity": None}
        told = {"name": "available", "reason": "correction", "changes": [change]}
        assert codes(shopify.ask(ADJUST, input=told, key="k")["inventoryAdjustQuantities"]) == code
        assert [cell.active for cell in listing.cells.values()] == ([True] if code else [True, False])


def test_a_sku_may_be_that_of_two(make: Make) -> None:
    shopify = make([Goods(f"S-{n}", f"Saw {n}", n, 100) for n in range(60)], twin_skus="some")
    rows = shopify.ask("{ inventoryItems(first: 200) { nodes { sku duplicateSkuCount } } }")["inventoryItems"]["nodes"]
    skus = [row["sku"] for row in rows]
    assert 0 < sum(row["duplicateSkuCount"] for row in rows) == 2 * (len(skus) - len(set(skus)))


def test_an_item_is_dated_by_what_staff_write_of_it_and_its_level_by_its_stock(shopify: Asker) -> None:
    clock = shopify.shop.state.clock
    document = """{ inventoryItems(first: 1, query: "sku:A-1") { nodes { updatedAt
        inventoryLevels(first: 1) { nodes { updatedAt } } } } }"""

    def dates() -> tuple[str, str]:
        (item,) = shopify.ask(document)["inventoryItems"]["nodes"]
        return item["updatedAt"], item["inventoryLevels"]["nodes"][0]["updatedAt"]

    before = dates()
    clock.set(clock.now() + 60)
    shopify.order(1)
    assert dates()[0] == before[0] and dates()[1] > before[1]
    shopify.do("rename_sku", sku="B-1", to="B-9")
    since = "query D($q: String!) { inventoryItems(first: 9, query: $q) { nodes { sku } } }"
    found = shopify.ask(since, q=f"updated_at:>'{before[0]}'")["inventoryItems"]["nodes"]
    assert [row["sku"] for row in found] == ["B-9"]


def test_rows_that_fail_of_themselves_leave_the_others_done(shopify: Asker) -> None:
    rows = [shopify.row("A-1", 5, changeFromQuantity=10), shopify.row("C-1", 5, changeFromQuantity=1)]
    shopify.shop.faults.set({"kind": "partly", "every": 2, "times": 1})
    told = shopify.set(*rows)
    assert codes(told) == ["ITEM_NOT_STOCKED_AT_LOCATION"]
    assert (shopify.level("A-1")["available"], shopify.level("C-1")["available"]) == (5, 1)
    shopify.shop.faults.set({"kind": "zeros", "times": 1})
    assert shopify.level("A-1") == {"available": 0, "on_hand": 0, "committed": 0, "damaged": 0}


def test_of_many_who_decided_by_the_same_number_one_is_heard(shopify: Asker) -> None:
    rows = [shopify.row("A-1", n, changeFromQuantity=10) for n in range(16)]
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda row: codes(shopify.set(row, key=f"k-{row['quantity']}")), rows))
    assert sorted(told) == [[]] + [["CHANGE_FROM_QUANTITY_STALE"]] * 15
    assert shopify.level("A-1")["available"] == told.index([])


def test_what_the_documents_leave_open_is_a_switch(make: Make) -> None:
    lenient = make(negative_available="taken", quantity_after_change="null", item_dated_by_stock=True)
    told = lenient.set(lenient.row("A-1", -5, changeFromQuantity=10))
    assert codes(told) == []
    assert {change["quantityAfterChange"] for change in told["inventoryAdjustmentGroup"]["changes"]} == {None}
    assert codes(lenient.set(lenient.row("A-1", -5, changeFromQuantity=-5), name="on_hand")) == [
        "INVALID_QUANTITY_NEGATIVE"
    ]
    clock = lenient.shop.state.clock
    clock.set(clock.now() + 60)
    lenient.order(1, force=True)
    dated = "{ inventoryItems(first: 9, query: \"updated_at:>='" + iso_zulu(clock.now()) + "'\") { nodes { sku } } }"
    assert lenient.ask(dated)["inventoryItems"]["nodes"] == [{"sku": "A-1"}]
