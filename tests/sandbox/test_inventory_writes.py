"""Inventory written through the API: answered at once, carried out later, refused whole when a row is wrong."""

from typing import Any

import pytest

from tests.sandbox.conftest import Asker, Make
from tests.sandbox.test_stock import broken, numbers, place, stocked

ABSOLUTE, RELATIVE = ("PUT", "/v3/inventory/adjustments/absolute"), ("POST", "/v3/inventory/adjustments/relative")
SETTINGS = ("PUT", "/v3/inventory/locations/1/items")


def shop_of(web: Make, writes: str = "at_once", **switches: Any) -> Asker:
    return web(switches={"inventory_writes": writes, **switches})


def adjust(shop: Asker, way: tuple[str, str], *rows: dict[str, Any]) -> str:
    response = shop.send(*way, {"reason": "count", "items": list(rows)})
    assert response.status == 200, response.body
    assert set(response.json()) == {"transaction_id"}
    return str(response.json()["transaction_id"])


def refusal(shop: Asker, way: tuple[str, str], body: Any) -> dict[str, Any]:
    """The 422 of a write, which must have changed nothing."""
    before = shop.truth()
    response = shop.send(*way, body)
    assert shop.truth() == before
    assert (response.status, response.content_type) == (422, "application/problem+json")
    return dict(response.json())


def cell(shop: Asker, location: int = 1) -> dict[str, Any]:
    return dict(shop.truth()["stock"]["TEST-1"][str(location)])


def test_an_absolute_says_what_the_number_is_and_the_shelf_stays(web: Make) -> None:
    shop = shop_of(web)
    variant = stocked(shop, tracking="variant")

    adjust(shop, ABSOLUTE, {"location_id": 1, "variant_id": variant, "quantity": 4}, {**one(variant), "location_id": 2})

    assert (cell(shop)["on_hand"], cell(shop)["shown"], cell(shop, 2)["shown"]) == (10, 4, 1)
    assert broken(shop.shop) == []


def one(variant: int, units: int = 1) -> dict[str, Any]:
    return {"location_id": 1, "variant_id": variant, "quantity": units}


def test_a_relative_changes_the_number_by_so_many(web: Make) -> None:
    shop = shop_of(web)
    variant = stocked(shop, tracking="variant")

    adjust(shop, RELATIVE, {"location_id": 1, "sku": "TEST-1", "quantity": -3})
    adjust(shop, RELATIVE, one(variant, 5))

    assert numbers(shop) == (10, 12)


def test_a_write_is_seen_only_some_requests_after_its_answer(web: Make) -> None:
    shop = shop_of(web, "late")
    variant = stocked(shop, tracking="variant")
    told = adjust(shop, ABSOLUTE, one(variant, 4))

    assert [numbers(shop)[1] for _ in range(3)] == [10, 10, 4]
    (transaction,) = shop.truth()["transactions"]
    assert (transaction["id"], transaction["done"], transaction["reason"]) == (told, True, "count")


def test_a_clock_that_moves_carries_everything_out(web: Make) -> None:
    shop = shop_of(web, "late")
    adjust(shop, ABSOLUTE, one(stocked(shop, tracking="variant"), 4))
    waits = cell(shop)["shown"]

    shop.practice("clock", {"advance_seconds": 1})

    assert (waits, cell(shop)["shown"]) == (10, 4)


def test_of_two_absolutes_that_wait_either_may_win(web: Make) -> None:
    last = set()
    for seed in range(1, 9):
        shop = web(seed=seed, orders=5, switches={"inventory_writes": "unordered"})
        variant = stocked(shop, tracking="variant")
        for units in (4, 6):
            adjust(shop, ABSOLUTE, one(variant, units))
        shop.practice("clock", {"advance_seconds": 1})
        last.add(cell(shop)["shown"])

    assert last == {4, 6}


def test_relatives_keep_their_order_and_what_would_not_fit_any_more_comes_to_nothing(web: Make) -> None:
    for seed in range(1, 5):
        shop = web(seed=seed, orders=5, switches={"inventory_writes": "unordered"})
        variant = stocked(shop, tracking="variant")
        for units in (-8, -8, 3):
            adjust(shop, RELATIVE, one(variant, units))
        shop.practice("clock", {"advance_seconds": 1})

        assert cell(shop)["shown"] == 5
        assert [bool(row["failed"]) for row in shop.truth()["transactions"]] == [False, True, False]


def test_a_relative_that_comes_before_an_absolute_has_settled_starts_from_the_old_number(web: Make) -> None:
    shop = shop_of(web, "late")
    variant = stocked(shop, tracking="variant")
    adjust(shop, ABSOLUTE, one(variant, 50))
    adjust(shop, RELATIVE, one(variant, 2))
    shop.practice("clock", {"advance_seconds": 1})

    assert cell(shop)["shown"] == 12


WRONG_ROWS: list[dict[str, Any]] = [
    {"variant_id": "own", "quantity": 1},
    {"location_id": 1, "variant_id": "own"},
    {"location_id": 1, "quantity": 1},
    {"location_id": 1, "variant_id": "own", "sku": "TEST-1", "quantity": 1},
    {"location_id": 1, "variant_id": 10**8, "quantity": 1},
    {"location_id": 1, "sku": "no such thing", "quantity": 1},
    {"location_id": 77, "variant_id": "own", "quantity": 1},
    {"location_id": 1, "variant_id": "own", "quantity": 2**31},
    {"location_id": 1, "variant_id": "own", "quantity": 1.5},
    {"location_id": 1, "variant_id": "own", "qty_backordered": 1},
    {"location_id": 1, "identity": {"variant_id": "own"}, "quantity": 1},
]


@pytest.mark.parametrize("way", [ABSOLUTE, RELATIVE], ids=["absolute", "relative"])
@pytest.mark.parametrize("row", WRONG_ROWS, ids=str)
def test_one_wrong_row_refuses_all(web: Make, way: tuple[str, str], row: dict[str, Any]) -> None:
    shop = shop_of(web)
    variant = stocked(shop, tracking="variant")
    row = {name: variant if value == "own" else value for name, value in row.items()}

    refusal(shop, way, {"items": [one(variant), row]})


def test_an_absolute_is_never_negative(web: Make) -> None:
    shop = shop_of(web)
    refusal(shop, ABSOLUTE, {"items": [one(stocked(shop, tracking="variant"), -1)]})


@pytest.mark.parametrize("way", [ABSOLUTE, RELATIVE], ids=["absolute", "relative"])
@pytest.mark.parametrize("body", [[], {}, {"items": []}, {"items": [1]}, {"items": "all"}], ids=str)
def test_an_adjustment_without_rows_is_refused(web: Make, way: tuple[str, str], body: Any) -> None:
    refusal(shop_of(web), way, body)


def test_more_than_two_thousand_rows_are_refused(web: Make) -> None:
    shop = shop_of(web)
    rows = [one(stocked(shop, tracking="variant"))] * 2000
    adjust(shop, ABSOLUTE, *rows)

    for way, name in ((ABSOLUTE, "items"), (RELATIVE, "items"), (SETTINGS, "settings")):
        assert "at most 2000" in refusal(shop, way, {name: rows + rows[:1]})["errors"][name]


@pytest.mark.parametrize(
    ("tracking", "key", "title"),
    [
        ("product", "variant_id", "[Item with variant_id {} is tracked by product, please update stock by product id]"),
        ("product", "sku", "[Item with sku {} is tracked by product, please update stock by product id]"),
        (
            "variant",
            "product_id",
            "[Item with product_id {} is tracked by variant, please update stock by variant id or sku]",
        ),
        ("none", "variant_id", "[Item with variant_id {} is not tracked]"),
    ],
)
def test_the_key_must_be_the_way_in_which_the_item_is_counted(web: Make, tracking: str, key: str, title: str) -> None:
    shop = shop_of(web)
    made = shop.do("create_product", name="Lamp", sku="L-1", stock=5, tracking=tracking)
    value = {"product_id": made["product_id"], "variant_id": made["variant_ids"][0], "sku": "L-1"}[key]

    told = refusal(shop, ABSOLUTE, {"items": [{"location_id": 1, key: value, "quantity": 3}]})

    assert told["title"] == title.format(value)


def test_a_relative_needs_an_absolute_before_it(web: Make) -> None:
    shop = shop_of(web)
    row = {"location_id": 2, "variant_id": stocked(shop, tracking="variant"), "quantity": 3}

    told = refusal(shop, RELATIVE, {"items": [row]})
    adjust(shop, ABSOLUTE, {**row, "quantity": 0})
    adjust(shop, RELATIVE, row)

    assert told["title"].endswith("requires absolute adjustment before relative")
    assert cell(shop, 2)["shown"] == 3


@pytest.mark.parametrize(("units", "taken"), [(-6, True), (-7, False), (0, False), (2**31 - 1, False)])
def test_a_relative_leaves_the_safety_stock_and_is_never_nothing(web: Make, units: int, taken: bool) -> None:
    shop = shop_of(web)
    variant = stocked(shop, tracking="variant")
    shop.do("set_safety_stock", variant_id=variant, quantity=4)

    if taken:
        adjust(shop, RELATIVE, one(variant, units))
        assert numbers(shop) == (10, 4)
    else:
        refusal(shop, RELATIVE, {"items": [one(variant, units)]})


def backordered(web: Make, **switches: Any) -> tuple[Asker, int]:
    """A shop that has sold five units beyond its number."""
    shop = shop_of(web, backorders=True, **switches)
    variant = stocked(shop, 3, limit=9, tracking="variant")
    place(shop, variant, 8)
    return shop, variant


def test_the_backordered_units_can_be_written_alone_or_with_the_number(web: Make) -> None:
    shop, variant = backordered(web)
    seen = []
    for way, fields in (
        (ABSOLUTE, {"qty_backordered": 2}),
        (RELATIVE, {"qty_backordered": 3}),
        (RELATIVE, {"quantity": 4, "qty_backordered": -4}),
        (ABSOLUTE, {"quantity": 1, "qty_backordered": 0}),
    ):
        adjust(shop, way, {"location_id": 1, "variant_id": variant, **fields})
        seen.append((cell(shop)["shown"], cell(shop)["backordered"]))

    assert seen == [(0, 2), (0, 5), (4, 1), (1, 0)]
    assert broken(shop.shop) == []


@pytest.mark.parametrize(("way", "units"), [(ABSOLUTE, -1), (RELATIVE, -6)])
def test_backordered_units_are_never_negative(web: Make, way: tuple[str, str], units: int) -> None:
    shop, variant = backordered(web)

    refusal(shop, way, {"items": [{"location_id": 1, "variant_id": variant, "qty_backordered": units}]})


@pytest.mark.parametrize(("release", "after"), [("ship", (6, 5)), ("receive", (1, 0))])
def test_whether_a_booked_receipt_fills_backordered_units_is_a_switch(
    web: Make, release: str, after: tuple[int, int]
) -> None:
    shop, variant = backordered(web, backorder_release=release)

    adjust(shop, RELATIVE, one(variant, 6))

    assert (cell(shop)["shown"], cell(shop)["backordered"]) == after
    assert broken(shop.shop) == []


def item(shop: Asker) -> dict[str, Any]:
    return dict(shop.data("/v3/inventory/locations/1/items", **{"sku:in": "TEST-1"})[0])


def test_the_settings_of_an_item_change_and_those_that_are_not_sent_stay(web: Make) -> None:
    shop = shop_of(web, backorders=True)
    identity = {"variant_id": stocked(shop, tracking="variant")}
    first = {"safety_stock": 3, "warning_level": 4, "bin_picking_number": "A-7", "backorder_limit": 20}
    for sent in (first, {"is_in_stock": False, "backorder_message_id": 2}):
        assert shop.send(*SETTINGS, {"settings": [{"identity": identity, **sent}]}).status == 200

    told = item(shop)
    assert {name: told["settings"][name] for name in first} == first
    assert told["settings"]["is_in_stock"] is False
    assert told["settings"]["backorder_message"]["name"] == "Made to order"
    assert (told["available_to_sell"], told["total_inventory_onhand"]) == (10 - 3 + 20, 10)
    shop.send(*SETTINGS, {"settings": [{"identity": identity, "backorder_message_id": None}]})
    assert "backorder_message" not in item(shop)["settings"]


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"safety_stock": -1},
        {"is_in_stock": "yes"},
        {"backorder_limit": 1},
        {"identity": {}, "safety_stock": 1},
        {"identity": None, "safety_stock": 1},
        {"identity": {"sku": "TEST-1", "variant_id": 1}, "safety_stock": 1},
        {"identity": {"product_id": 1}, "safety_stock": 1},
    ],
    ids=str,
)
def test_settings_that_make_no_sense_are_refused(web: Make, row: dict[str, Any]) -> None:
    shop = shop_of(web)
    variant = stocked(shop, tracking="variant")

    refusal(shop, SETTINGS, {"settings": [{"identity": {"variant_id": variant}, **row}]})


@pytest.mark.parametrize("sent", [{"backorder_message_id": 99}, {"backorder_limit": -1}], ids=str)
def test_native_settings_are_checked(web: Make, sent: dict[str, Any]) -> None:
    shop = shop_of(web, backorders=True)
    row = {"identity": {"variant_id": stocked(shop, tracking="variant")}, **sent}

    refusal(shop, SETTINGS, {"settings": [row]})


def test_an_unknown_location_is_not_found(web: Make) -> None:
    shop = shop_of(web)
    assert shop.send("PUT", "/v3/inventory/locations/77/items", {"settings": [{}]}).status == 404


def test_the_stores_settings_change_and_a_channels_own_can_be_taken_away(web: Make) -> None:
    shop = shop_of(web, backorders=True)
    sent = {"backorder_availability_prompt": "Ships in May", "edit_order_stock_adjustment": False}

    told = shop.send("PUT", "/v3/settings/inventory", sent).json()["data"]
    own = shop.send("PUT", "/v3/settings/inventory", {"show_backorder_availability_prompt": False}, channel_id=2).json()
    gone = shop.send("PUT", "/v3/settings/inventory", {"show_backorder_availability_prompt": None}, channel_id=2).json()

    assert {name: told[name] for name in sent} == sent
    assert shop.get("/v3/settings/inventory")["data"] == told
    assert own["data"]["show_backorder_availability_prompt"] is False
    assert set(gone["data"].values()) == {None}


@pytest.mark.parametrize(
    "body",
    [
        {"colour": 1},
        {"update_stock_behavior": "sometimes"},
        {"edit_order_stock_adjustment": 1},
        {"edit_order_stock_adjustment": None},
        {"backorder_availability_prompt": "Soon"},
    ],
    ids=str,
)
def test_settings_of_the_store_that_do_not_exist_are_refused(web: Make, body: dict[str, Any]) -> None:
    shop = shop_of(web)
    before = shop.truth()

    assert shop.send("PUT", "/v3/settings/inventory", body).status == 422
    assert shop.truth() == before
