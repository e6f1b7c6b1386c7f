"""The catalogue as callers see it: pages, filters, sorting, included parts."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox import Shop, ShopConfig
from tests.sandbox.conftest import Asker, Make

SHOP = Asker(Shop(ShopConfig(seed=3, products=60, customers=5, orders=30)))
NOW = SHOP.shop.state.clock.now()


def named(value: object) -> str | None:
    """A name for a case that does not differ from run to run."""
    return str(value) if isinstance(value, dict | str) else None


def walk(shop: Asker, path: str, **params: Any) -> list[int]:
    """All ids of a list, page by page, as its `next` links lead."""
    ids: list[int] = []
    page = 1
    while True:
        body = shop.get(path, page=page, **params)
        ids += [row["id"] for row in body["data"]]
        if "next" not in body["meta"]["pagination"]["links"]:
            return ids
        page += 1


@given(limit=st.integers(1, 70), sort=st.sampled_from(["id", "name", "sku", "price", "date_modified", "total_sold"]))
@settings(max_examples=25, deadline=None)
def test_pages_of_any_size_and_order_hold_every_product_once(limit: int, sort: str) -> None:
    assert sorted(walk(SHOP, "/v3/catalog/products", limit=limit, sort=sort)) == list(SHOP.shop.state.products.ids)


@given(limit=st.integers(1, 70))
@settings(max_examples=15, deadline=None)
def test_a_walk_by_id_holds_every_product_once(limit: int) -> None:
    seen: list[int] = [0]
    while rows := SHOP.data("/v3/catalog/products", **{"sort": "id", "limit": limit, "id:greater": seen[-1]}):
        seen += [row["id"] for row in rows]
    assert seen[1:] == SHOP.shop.state.products.ids


def test_meta_counts_what_there_is() -> None:
    pages = SHOP.get("/v3/catalog/products", limit=25, page=3)["meta"]["pagination"]

    assert {key: pages[key] for key in ("total", "count", "per_page", "current_page", "total_pages")} == {
        "total": 60,
        "count": 10,
        "per_page": 25,
        "current_page": 3,
        "total_pages": 3,
    }
    assert pages["links"] == {"current": "?limit=25&page=3", "previous": "?limit=25&page=2"}


def test_a_page_beyond_the_last_is_an_empty_list() -> None:
    assert SHOP.data("/v3/catalog/products", page=99) == []


def test_links_keep_the_filters_of_the_request() -> None:
    links = SHOP.get("/v3/catalog/products", **{"id:greater": 80, "limit": 5})["meta"]["pagination"]["links"]

    assert links["next"] == "?id:greater=80&limit=5&page=2"


@pytest.mark.parametrize("included", ["options", "modifiers"])
def test_options_and_modifiers_make_pages_of_ten(included: str) -> None:
    assert len(SHOP.data("/v3/catalog/products", limit=250, include=included)) == 10


def test_variants_come_with_their_product_only_when_asked() -> None:
    plain, whole = SHOP.data("/v3/catalog/products"), SHOP.data("/v3/catalog/products", include="variants")

    assert all("variants" not in row for row in plain)
    assert all({v["product_id"] for v in row["variants"]} == {row["id"]} for row in whole)


def test_every_variant_is_in_the_list_of_all_variants() -> None:
    assert walk(SHOP, "/v3/catalog/variants", limit=100) == SHOP.shop.state.variants.ids


def test_a_variant_without_a_price_inherits_the_price_of_its_product() -> None:
    product = SHOP.data("/v3/catalog/products", include="variants")[0]
    inheriting = [v for v in product["variants"] if v["price"] is None]

    assert inheriting
    assert {v["calculated_price"] for v in inheriting} == {product["price"]}


@pytest.mark.parametrize(
    ("params", "keeps"),
    [
        ({"id": 80}, lambda p: p["id"] == 80),
        ({"id:in": "80,82,9999"}, lambda p: p["id"] in {80, 82}),
        ({"id:not_in": "80,82"}, lambda p: p["id"] not in {80, 82}),
        ({"id:min": 100, "id:max": 110}, lambda p: 100 <= p["id"] <= 110),
        ({"id:greater": 100, "id:less": 110}, lambda p: 100 < p["id"] < 110),
        ({"type": "digital"}, lambda p: p["type"] == "digital"),
        ({"is_visible": "false"}, lambda p: not p["is_visible"]),
        ({"inventory_level:max": 10}, lambda p: p["inventory_level"] <= 10),
        ({"out_of_stock": 1}, lambda p: p["inventory_tracking"] != "none" and p["inventory_level"] == 0),
        ({"categories:in": "23"}, lambda p: 23 in p["categories"]),
        ({"keyword": "lamp"}, lambda p: "lamp" in p["name"].lower()),
        ({"availability": "preorder"}, lambda p: p["availability"] == "preorder"),
        ({"date_last_imported:min": "2001-01-01T00:00:00Z"}, lambda _: False),
        ({"date_last_imported:max": "2101-01-01T00:00:00Z"}, lambda _: False),
        ({"date_last_imported:not": "2001-01-01T00:00:00Z"}, lambda _: True),
    ],
    ids=named,
)
def test_a_filter_keeps_exactly_what_it_says(params: dict[str, Any], keeps: Any) -> None:
    everything = SHOP.data("/v3/catalog/products", limit=250)

    assert SHOP.data("/v3/catalog/products", limit=250, **params) == [row for row in everything if keeps(row)]


@pytest.mark.parametrize(
    ("op", "keeps"), [("min", lambda i: i >= 24), ("max", lambda i: i <= 24), ("less", lambda i: i < 24)]
)
def test_categories_are_found_by_their_parent(op: str, keeps: Any) -> None:
    everything = SHOP.data("/v3/catalog/categories", limit=250)
    found = SHOP.data("/v3/catalog/categories", limit=250, **{f"parent_id:{op}": 24})

    assert found == [row for row in everything if keeps(row["parent_id"])] != []


def test_categories_without_in_leaves_out_products_of_two_categories() -> None:
    assert SHOP.data("/v3/catalog/products", categories=23) == []
    assert SHOP.data("/v3/catalog/products", **{"categories:in": "23"}) != []


def test_changes_since_a_moment_are_found_by_their_date() -> None:
    stamps = sorted({row["date_modified"] for row in SHOP.data("/v3/catalog/products", limit=250)})
    found = SHOP.data("/v3/catalog/products", limit=250, **{"date_modified:min": stamps[-10]})

    assert {row["date_modified"] for row in found} == set(stamps[-10:])


def test_a_date_without_time_gets_the_present_time_of_day(make: Make) -> None:
    shop = make()
    shop.practice("clock", {"set": "2030-01-01T12:00:00Z"})
    product_id = shop.shop.state.products.ids[0]
    shop.do("rename_product", product_id=product_id, to="Renamed")
    shop.practice("clock", {"set": "2030-01-01T13:00:00Z"})

    assert shop.data("/v3/catalog/products", **{"date_modified:min": "2030-01-01"}) == []
    found = shop.data("/v3/catalog/products", **{"date_modified:min": "2030-01-01T00:00:00Z"})
    assert [row["id"] for row in found] == [product_id]


def test_a_date_without_operator_is_an_exact_match() -> None:
    row = SHOP.data("/v3/catalog/products", limit=1)[0]

    assert row in SHOP.data("/v3/catalog/products", date_modified=row["date_modified"])
    assert SHOP.data("/v3/catalog/products", date_modified="2001-01-01T00:00:00Z") == []


@pytest.mark.parametrize(("inclusive", "found"), [(True, 1), (False, 0)])
def test_whether_a_date_filter_includes_its_own_second_is_a_switch(make: Make, inclusive: bool, found: int) -> None:
    shop = make(switches={"min_date_inclusive": inclusive})
    row = shop.data("/v3/catalog/products", limit=250, sort="date_modified", direction="desc")[0]

    assert len(shop.data("/v3/catalog/products", **{"date_modified:min": row["date_modified"]})) == found


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/v3/catalog/products", {"nonsense": 1}),
        ("/v3/catalog/products", {"name:like": "x"}),
        ("/v3/catalog/trees/categories", {"parent_id": 1}),
        ("/v3/catalog/variants", {"date_modified:min": "2026-01-01"}),
        ("/v3/catalog/brands", {"id:min": "many"}),
        ("/v3/customers", {"status": 1}),
        ("/v3/catalog/products", {"limit": 0}),
        ("/v3/catalog/products", {"page": -1}),
        ("/v3/catalog/products", {"date_modified:min": "yesterday"}),
        ("/v3/catalog/products", {"sort": "colour"}),
    ],
    ids=named,
)
def test_what_a_list_does_not_know_is_refused(path: str, params: dict[str, Any]) -> None:
    response = SHOP.send("GET", path, **params)

    assert response.status == 422
    assert response.json()["status"] == 422


def test_a_dangling_ampersand_is_refused_by_v3_and_ignored_by_v2() -> None:
    from sandbox import Request

    token = {"X-Auth-Token": SHOP.shop.config.token}
    answers = [
        SHOP.shop.handle(Request("GET", f"/stores/practice{path}", "&limit=5", token)).status
        for path in ("/v3/catalog/products", "/v2/orders")
    ]

    assert answers == [422, 200]


@pytest.mark.parametrize(("way", "status"), [("clamp", 200), ("413", 413), ("422", 422)])
@pytest.mark.parametrize("path", ["/v3/catalog/products", "/v2/orders", "/v3/customers"])
def test_a_limit_above_the_maximum_is_clamped_or_refused(make: Make, path: str, way: str, status: int) -> None:
    shop = make(products=260, customers=260, orders=260, switches={"over_limit": way})
    response = shop.send("GET", path, limit=1000)

    assert response.status == status
    if status == 200:
        body = response.json()
        assert len(body if isinstance(body, list) else body["data"]) == 250


def test_fields_can_be_chosen_and_the_id_always_stays() -> None:
    chosen = SHOP.data("/v3/catalog/products", include_fields="name,sku")[0]
    without = SHOP.data("/v3/catalog/products", exclude_fields="id,name")[0]

    assert set(chosen) == {"id", "name", "sku"}
    assert ("id" in without, "name" in without) == (True, False)


def test_the_tree_and_the_legacy_list_tell_the_same_categories() -> None:
    legacy = {row["id"]: row["parent_id"] for row in SHOP.data("/v3/catalog/categories", limit=250)}
    trees = {row["category_id"]: row["parent_id"] for row in SHOP.data("/v3/catalog/trees/categories", limit=250)}

    def flat(nodes: list[dict[str, Any]]) -> dict[int, int]:
        below = [flat(node["children"]) for node in nodes]
        return {key: value for part in below for key, value in part.items()} | {n["id"]: n["parent_id"] for n in nodes}

    assert legacy == trees == flat(SHOP.data("/v3/catalog/trees/1/categories"))


def test_an_unknown_product_is_a_404_in_the_shape_of_v3() -> None:
    response = SHOP.send("GET", "/v3/catalog/products/999999")

    assert response.status == 404
    assert set(response.json()) == {"status", "title", "type"}
