"""Products and variants written through the API, one by one and in batches."""

from typing import Any

import pytest

from tests.sandbox.conftest import Asker, Make
from tests.sandbox.test_stock import broken, place, stocked

MAX = 2_147_483_647


@pytest.fixture
def shop(web: Make) -> Asker:
    return web()


def lamp(shop: Asker, **entry: Any) -> int:
    """A product of its own; gives its id."""
    return int(shop.do("create_product", name="Test lamp", sku="TEST-1", **{"stock": 10, **entry})["product_id"])


def put(shop: Asker, product_id: int, **fields: Any) -> dict[str, Any]:
    response = shop.send("PUT", f"/v3/catalog/products/{product_id}", fields)
    assert response.status == 200, response.body
    return dict(response.json()["data"])


def row(shop: Asker, product_id: int) -> dict[str, Any]:
    return dict(shop.get(f"/v3/catalog/products/{product_id}")["data"])


def variant_of(shop: Asker, product_id: int) -> dict[str, Any]:
    return dict(shop.get(f"/v3/catalog/products/{product_id}/variants")["data"][0])


def level(shop: Asker) -> int:
    return int(shop.truth()["stock"]["TEST-1"]["1"]["shown"])


FIELDS: dict[str, Any] = {
    "name": "Brass lamp",
    "price": 12.5,
    "cost_price": 3,
    "weight": 0.25,
    "is_visible": False,
    "availability": "preorder",
    "availability_description": "Ships in May",
    "preorder_release_date": "2099-05-01T00:00:00+00:00",
    "preorder_message": "From %%DATE%%",
    "is_preorder_only": True,
    "inventory_warning_level": 8,
}


def test_only_what_is_sent_changes(shop: Asker) -> None:
    product_id = lamp(shop)
    before = row(shop, product_id)
    shop.practice("clock", {"advance_seconds": 60})

    told = put(shop, product_id, **FIELDS, date_created="ignored", colour="ignored")

    after = row(shop, product_id)
    assert told == after
    changed = {name: after[name] for name in after if after[name] != before[name]}
    follow = {name: after[name] for name in ("description", "calculated_price", "date_modified")}
    assert changed == {**FIELDS, **follow}


def test_a_list_of_categories_replaces_the_old_one(shop: Asker) -> None:
    product_id, (first, second) = lamp(shop), shop.shop.state.categories.ids[:2]
    put(shop, product_id, categories=[first, second])

    assert put(shop, product_id, categories=[second])["categories"] == [second]


@pytest.mark.parametrize(("only", "after"), [(True, "available"), (False, "preorder")])
def test_a_preorder_that_is_nothing_more_ends_on_its_day(shop: Asker, only: bool, after: str) -> None:
    product_id = lamp(shop)
    day = shop.practice("clock", {"advance_seconds": 0})["now"]
    put(shop, product_id, availability="preorder", preorder_release_date=day, is_preorder_only=only)

    assert row(shop, product_id)["availability"] == after


def test_only_a_disabled_product_can_hide_its_price(shop: Asker) -> None:
    product_id = lamp(shop)
    refused = shop.send("PUT", f"/v3/catalog/products/{product_id}", {"is_price_hidden": True})
    hidden = put(shop, product_id, is_price_hidden=True, availability="disabled")["is_price_hidden"]

    assert (refused.status, hidden) == (422, True)
    assert put(shop, product_id, availability="available")["is_price_hidden"] is False


WRONG: list[tuple[int, dict[str, Any]]] = [
    (422, {"availability": "soon"}),
    (422, {"availability_description": "x" * 256}),
    (422, {"preorder_message": "x" * 256}),
    (422, {"preorder_release_date": "in May"}),
    (422, {"inventory_tracking": "by eye"}),
    (422, {"inventory_level": "3"}),
    (422, {"inventory_warning_level": -1}),
    (422, {"is_visible": 1}),
    (422, {"name": ""}),
    (422, {"price": -1}),
    (422, {"description": "not kept"}),
    (409, {"name": "Other lamp"}),
    (409, {"sku": "other-1"}),
    (409, {"categories": [10**8]}),
    (409, {"brand_id": 10**8}),
]


@pytest.mark.parametrize(("status", "fields"), WRONG, ids=str)
def test_a_product_write_that_makes_no_sense_is_refused_whole(shop: Asker, status: int, fields: dict[str, Any]) -> None:
    product_id = lamp(shop)
    shop.do("create_product", name="Other lamp", sku="OTHER-1")
    before = row(shop, product_id)

    response = shop.send("PUT", f"/v3/catalog/products/{product_id}", {"is_visible": False, **fields})

    assert response.status == status
    assert list(fields) == list(response.json()["errors"])
    assert row(shop, product_id) == before


@pytest.mark.parametrize(("sent", "kept"), [(7, 7), (0, 0), (MAX + 5, MAX)])
def test_the_level_of_a_product_is_its_number_at_the_default_location(shop: Asker, sent: int, kept: int) -> None:
    put(shop, lamp(shop), inventory_level=sent)

    assert level(shop) == kept
    assert broken(shop.shop) == []


def test_the_level_of_a_product_that_is_counted_otherwise_is_not_looked_at(shop: Asker) -> None:
    put(shop, lamp(shop, tracking="variant"), inventory_level=3)

    assert level(shop) == 10


def test_a_level_that_cannot_be_is_a_207_and_all_else_is_saved(shop: Asker) -> None:
    product_id = lamp(shop)
    response = shop.send("PUT", f"/v3/catalog/products/{product_id}", {"inventory_level": -1, "is_visible": False})

    assert response.status == 207
    assert list(response.json()["errors"]["errors"]) == ["inventory_level"]
    assert (row(shop, product_id)["is_visible"], level(shop)) == (False, 10)


def test_a_product_counted_in_another_way_starts_at_nothing(shop: Asker) -> None:
    product_id = lamp(shop)
    same = put(shop, product_id, inventory_tracking="product")["inventory_level"]
    put(shop, product_id, inventory_tracking="none")
    uncounted = "TEST-1" in shop.truth()["stock"]
    again = put(shop, product_id, inventory_tracking="product", inventory_level=4)["inventory_level"]

    assert (same, uncounted, again) == (10, False, 4)


def test_a_product_without_options_shares_its_sku_with_its_variant(shop: Asker) -> None:
    product_id = lamp(shop)
    put(shop, product_id, sku="NEW-1")

    assert variant_of(shop, product_id)["sku"] == "NEW-1"
    assert "NEW-1" in shop.truth()["stock"]


@pytest.mark.parametrize("path", ["products/999999", "products/999999/variants/1"])
def test_what_is_not_there_cannot_be_written(shop: Asker, path: str) -> None:
    response = shop.send("PUT", f"/v3/catalog/{path}", {})

    assert (response.status, "errors" in response.json()) == (404, False)


def others(shop: Asker, count: int) -> list[int]:
    return shop.shop.state.products.ids[:count]


def test_ten_products_are_written_at_once(shop: Asker) -> None:
    rows = [{"id": product_id, "availability_description": f"day {product_id}"} for product_id in others(shop, 10)]

    response = shop.send("PUT", "/v3/catalog/products", rows)

    assert response.status == 200
    assert [each["availability_description"] for each in response.json()["data"]] == [
        each["availability_description"] for each in rows
    ]


@pytest.mark.parametrize(("path", "most"), [("products", 10), ("variants", 50)])
def test_a_batch_that_is_too_long_is_a_413(shop: Asker, path: str, most: int) -> None:
    ids = (shop.shop.state.products if path == "products" else shop.shop.state.variants).ids
    rows = [{"id": ids[n % len(ids)]} for n in range(most + 1)]

    response = shop.send("PUT", f"/v3/catalog/{path}", rows)

    assert (response.status, f"array is {most}" in response.json()["title"]) == (413, True)
    assert shop.send("PUT", f"/v3/catalog/{path}", rows[:most]).status == 200


@pytest.mark.parametrize(("keeps", "changed"), [("nothing", 0), ("earlier", 1)])
@pytest.mark.parametrize(("wrong", "status"), [({"is_visible": 1}, 422), ({"id": 10**8}, 404)], ids=["field", "id"])
def test_what_a_refused_batch_of_products_keeps_is_a_switch(
    web: Make, keeps: str, changed: int, wrong: dict[str, Any], status: int
) -> None:
    shop = web(switches={"failed_batch_keeps": keeps})
    rows = [{"id": product_id, "availability_description": "soon"} for product_id in others(shop, 3)]
    rows[1] |= wrong

    assert shop.send("PUT", "/v3/catalog/products", rows).status == status

    texts = [row(shop, product_id)["availability_description"] for product_id in others(shop, 3)]
    assert texts.count("soon") == changed


def test_a_207_of_a_batch_names_the_product_whose_stock_was_not_saved(shop: Asker) -> None:
    rows = [{"id": others(shop, 1)[0], "is_visible": True}, {"id": lamp(shop), "inventory_level": -1}]

    response = shop.send("PUT", "/v3/catalog/products", rows)

    assert (response.status, list(response.json()["errors"]["errors"])) == (207, ["1.inventory_level"])


@pytest.mark.parametrize("body", [[], {}, [1], [{"is_visible": True}]], ids=str)
def test_a_batch_that_is_none_is_refused(shop: Asker, body: Any) -> None:
    assert shop.send("PUT", "/v3/catalog/products", body).status == 422
    assert shop.send("PUT", "/v3/catalog/variants", body).status == 422


OF_VARIANT: dict[str, Any] = {
    "purchasing_disabled": True,
    "purchasing_disabled_message": "Sold out until May",
    "price": 9.5,
    "upc": "12345",
    "inventory_level": 3,
    "inventory_warning_level": 2,
    "bin_picking_number": "B-4",
}


@pytest.mark.parametrize("batch", [False, True])
def test_a_variant_is_written_alone_or_in_a_batch(shop: Asker, batch: bool) -> None:
    product_id = lamp(shop, tracking="variant")
    before = variant_of(shop, product_id)
    path = f"/v3/catalog/products/{product_id}/variants/{before['id']}"

    if batch:
        response = shop.send("PUT", "/v3/catalog/variants", [{"id": before["id"], **OF_VARIANT}])
    else:
        response = shop.send("PUT", path, OF_VARIANT)

    told = response.json()["data"][0] if batch else response.json()["data"]
    after = variant_of(shop, product_id)
    assert (response.status, told) == (200, after)
    assert {n: after[n] for n in after if after[n] != before[n]} == {**OF_VARIANT, "calculated_price": 9.5}
    assert level(shop) == 3


def test_a_variant_whose_price_is_null_costs_what_the_product_costs(shop: Asker) -> None:
    product_id = lamp(shop, cents=1500)
    path = f"/v3/catalog/products/{product_id}/variants/{variant_of(shop, product_id)['id']}"
    prices = [shop.send("PUT", path, {"price": price}).json()["data"]["calculated_price"] for price in (3, None)]

    assert prices == [3, 15]


@pytest.mark.parametrize(
    ("status", "fields"),
    [
        (422, {"purchasing_disabled": "yes"}),
        (422, {"purchasing_disabled_message": "x" * 256}),
        (422, {"upc": "1" * 15}),
        (422, {"product_id": 1}),
        (422, {"mpn": "not kept"}),
        (409, {"sku": "other-1"}),
    ],
    ids=str,
)
def test_a_variant_write_that_makes_no_sense_is_refused(shop: Asker, status: int, fields: dict[str, Any]) -> None:
    product_id = lamp(shop)
    shop.do("create_product", name="Other lamp", sku="OTHER-1")
    before = variant_of(shop, product_id)

    alone = shop.send("PUT", f"/v3/catalog/products/{product_id}/variants/{before['id']}", fields)
    batch = shop.send("PUT", "/v3/catalog/variants", [{"id": before["id"], **fields}])

    assert (alone.status, batch.status) == (status, 422)
    assert list(batch.json()["batch_errors"][0]["errors"]) == list(fields)
    assert variant_of(shop, product_id) == before


def test_a_variant_whose_level_cannot_be_is_a_207_alone_and_an_error_in_a_batch(shop: Asker) -> None:
    product_id = lamp(shop, tracking="variant")
    variant = variant_of(shop, product_id)["id"]
    fields = {"inventory_level": -1, "purchasing_disabled": True}

    batch = shop.send("PUT", "/v3/catalog/variants", [{"id": variant, **fields}])
    untouched = variant_of(shop, product_id)["purchasing_disabled"]
    alone = shop.send("PUT", f"/v3/catalog/products/{product_id}/variants/{variant}", fields)

    assert (batch.status, untouched) == (422, False)
    assert (alone.status, variant_of(shop, product_id)["purchasing_disabled"]) == (207, True)


@pytest.mark.parametrize(("source", "sold"), [("www", False), ("manual", True)])
def test_customers_cannot_buy_what_is_switched_off_and_staff_can(shop: Asker, source: str, sold: bool) -> None:
    variant = stocked(shop)
    shop.send("PUT", "/v3/catalog/variants", [{"id": variant, "purchasing_disabled": True}])

    entry = {"action": "place_order", "source": source, "lines": [{"variant_id": variant}]}
    (told,) = shop.practice("shop", entry)

    assert ("refused" not in told) is sold
    shop.send("PUT", "/v3/catalog/variants", [{"id": variant, "purchasing_disabled": False}])
    place(shop, variant, 1)


def test_a_disabled_product_is_not_sold(shop: Asker) -> None:
    variant = stocked(shop)
    put(shop, shop.shop.state.variants.rows[variant].product_id, availability="disabled")

    (told,) = shop.practice("shop", {"action": "place_order", "lines": [{"variant_id": variant}]})

    assert "cannot be bought" in told["refused"]
