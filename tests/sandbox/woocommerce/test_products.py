"""Products, variations and their stock, as seen on a real WooCommerce 11.0.1 and 7.9.0."""

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.market import Goods
from tests.sandbox.woocommerce.conftest import Asker, Make

SPECS = Path(__file__).parents[4] / "shared/specs/woocommerce"
UNNAMED = {"/products/1/variations": {"name", "date_created_gmt", "date_modified_gmt"}}
"""What a real shop shows and leaves out of its own schema."""


def status(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


def test_lists_hold_products_and_count_themselves(woo: Asker) -> None:
    response = woo.send("GET", "/products", orderby="id", order="asc", per_page=2, _fields="id,type,sku,variations")
    rows = response.json()
    assert [row["type"] for row in rows] == ["simple", "simple"]
    assert set(rows[0]) == {"id", "type", "sku", "variations"}
    assert (response.headers["x-wp-total"], response.headers["x-wp-totalpages"]) == ("3", "2")
    (cup,) = woo.get("/products", orderby="id", order="asc", per_page=2, page=2)
    assert cup["type"] == "variable"
    assert sorted(cup["variations"]) == sorted(woo.id_of(f"C-{n}") for n in (1, 2, 3))
    assert woo.get("/products", page=9) == []
    assert status(woo.send("GET", "/products", per_page=101)) == (400, "rest_invalid_param")


def test_a_list_without_an_order_of_its_own_lies_otherwise_each_time(make: Make) -> None:
    woo = make([Goods(f"S-{n}", f"Saw {n}", n, 100) for n in range(30)])
    told = [tuple(row["id"] for row in woo.get("/products", per_page=30)) for _ in range(3)]
    assert len(set(told)) > 1
    assert len({tuple(sorted(one)) for one in told}) == 1


def test_a_sku_finds_variations_too(woo: Asker) -> None:
    rows = {row["sku"]: row for row in woo.get("/products", sku="C-2,A-1,A-")}
    assert set(rows) == {"A-1", "C-2"}
    assert (rows["A-1"]["parent_id"], rows["C-2"]["type"]) == (0, "variation")
    assert rows["C-2"]["parent_id"] != 0


def test_the_global_list_of_variations_came_with_10(make: Make) -> None:
    new, old = make(), make(version="7.9.0")
    assert {row["sku"] for row in new.get("/variations")} == {"C-1", "C-2", "C-3"}
    assert status(old.send("GET", "/variations")) == (404, "rest_no_route")
    parent = old.get("/products", sku="C-1")[0]["parent_id"]
    assert {row["sku"] for row in old.get(f"/products/{parent}/variations")} == {"C-1", "C-2", "C-3"}


def test_a_number_is_written_as_it_is_sent(woo: Asker) -> None:
    product = woo.id_of("A-1")
    told = woo.send("PUT", f"/products/{product}", {"stock_quantity": -4, "stock_status": "instock"}).json()
    assert (told["stock_quantity"], told["stock_status"]) == (-4, "outofstock")
    told = woo.send("PUT", f"/products/{product}", {"backorders": "notify"}).json()
    assert (told["stock_status"], told["backordered"], told["backorders_allowed"]) == ("onbackorder", True, True)
    assert woo.send("PUT", f"/products/{product}", {"stock_quantity": None}).json()["stock_quantity"] == 0


@pytest.mark.parametrize("wrong", [{"stock_quantity": 2.5}, {"stock_quantity": "abc"}, {"backorders": "maybe"}])
def test_a_single_write_is_checked(woo: Asker, wrong: dict[str, Any]) -> None:
    assert status(woo.send("PUT", f"/products/{woo.id_of('A-1')}", wrong)) == (400, "rest_invalid_param")
    assert woo.number("A-1") == 10


@pytest.mark.parametrize(("sent", "kept"), [("abc", 0), (2.7, 2), (None, 0), ("5", 5), (-3, -3)])
def test_a_batch_is_not(woo: Asker, sent: Any, kept: int) -> None:
    rows = {"update": [{"id": woo.id_of("A-1"), "stock_quantity": sent, "backorders": "maybe"}]}
    (told,) = woo.send("POST", "/products/batch", rows).json()["update"]
    assert (told["stock_quantity"], told["backorders"]) == (kept, "maybe")


def test_a_batch_is_200_whatever_its_rows_say_and_the_last_of_an_id_wins(woo: Asker) -> None:
    a, b, variation = woo.id_of("A-1"), woo.id_of("B-1"), woo.id_of("C-1")
    rows = [{"id": a, "stock_quantity": 3}, {"id": 99_999, "stock_quantity": 1}, {"id": variation, "stock_quantity": 1}]
    response = woo.send(
        "POST", "/products/batch", {"update": [*rows, {"id": a, "stock_quantity": 8}, {"id": b, "sku": "A-1"}]}
    )
    told = response.json()["update"]
    assert response.status_code == 200
    assert told[0]["stock_quantity"] == 3
    assert told[1] == {
        "id": 99_999,
        "error": {"code": "woocommerce_rest_product_invalid_id", "message": "Invalid ID.", "data": {"status": 400}},
    }
    assert told[2]["error"]["data"]["status"] == 404
    assert (told[4]["error"]["code"], told[4]["error"]["data"]["resource_id"]) == ("product_invalid_sku", a)
    assert (woo.number("A-1"), woo.number("C-1")) == (8, 1)


def test_more_than_a_hundred_rows_are_too_many_and_none_is_done(woo: Asker) -> None:
    row = {"id": woo.id_of("A-1"), "stock_quantity": 3}
    refused = woo.send("POST", "/products/batch", {"update": [row] * 60, "create": [{"name": "x"}] * 41})
    assert status(refused) == (413, "woocommerce_rest_request_entity_too_large")
    assert woo.number("A-1") == 10
    assert woo.send("POST", "/products/batch", {"update": [row] * 100}).status_code == 200


def test_an_unknown_id_is_a_400_to_a_write_and_a_404_to_a_read(woo: Asker) -> None:
    assert status(woo.send("PUT", "/products/99999", {})) == (400, "woocommerce_rest_product_invalid_id")
    assert status(woo.send("GET", "/products/99999")) == (404, "woocommerce_rest_product_invalid_id")
    variation = woo.id_of("C-1")
    assert woo.send("PUT", f"/products/{variation}", {"stock_quantity": 9}).status_code == 404
    assert woo.number("C-1") == 1


def test_a_body_that_does_not_say_that_it_is_json_is_none(woo: Asker) -> None:
    path = f"/wp-json/wc/v3/products/{woo.id_of('A-1')}"
    assert woo.client.put(path, content=b'{"stock_quantity": 3}').status_code == 200
    assert woo.number("A-1") == 10
    broken = woo.client.put(path, content=b"{", headers={"Content-Type": "application/json; charset=utf-8"})
    assert status(broken) == (400, "rest_invalid_json")


def test_what_nobody_counts_has_no_number(woo: Asker) -> None:
    path = f"/products/{woo.id_of('A-1')}"
    told = woo.send("PUT", path, {"manage_stock": False, "stock_quantity": 7}).json()
    assert (told["manage_stock"], told["stock_quantity"]) == (False, None)
    assert woo.send("PUT", path, {"stock_quantity": 7}).json()["stock_quantity"] is None
    assert woo.send("PUT", path, {"manage_stock": True}).json()["stock_quantity"] == 0
    woo.order(2, sku="B-1", force=True)
    assert woo.number("B-1") == -2


def test_variations_with_parent_share_one_number_and_take_no_other(woo: Asker) -> None:
    (one, two) = (woo.id_of(f"C-{n}") for n in (1, 2))
    parent = woo.get("/products", sku="C-1")[0]["parent_id"]
    woo.send("PUT", f"/products/{parent}", {"manage_stock": True, "stock_quantity": 20})
    woo.send("PUT", f"/products/{parent}/variations/{one}", {"manage_stock": "parent"})
    told = woo.send("PUT", f"/products/{parent}/variations/{two}", {"manage_stock": False}).json()
    assert (told["manage_stock"], told["stock_quantity"]) == ("parent", 20)
    ignored = woo.send("PUT", f"/products/{parent}/variations/{one}", {"stock_quantity": 3})
    assert (ignored.status_code, ignored.json()["stock_quantity"]) == (200, 20)
    woo.order(4, sku="C-1")
    refused = woo.shop.act({"action": "place_order", "lines": [{"sku": "C-2", "quantity": 17}]})
    assert "16 left" in refused[0]["refused"]
    assert [woo.number(f"C-{n}") for n in (1, 2, 3)] == [16, 16, 3]
    assert woo.get(f"/products/{parent}")["stock_quantity"] == 16


def test_a_shop_may_be_made_with_numbers_that_are_shared(make: Make) -> None:
    goods = [Goods(f"{family}-{n}", "Lid", 5, 100, family) for family in "abcdefghijklmnopqrst" for n in range(2)]
    woo = make(goods, shared_numbers="some")
    shared = [one for one in woo.shop.state.listings.values() if one.counts_with is not None]
    assert shared and len(shared) < len(goods) / 2
    assert all(woo.shop.state.listings[one.counts_with].cells[1].number == 10 for one in shared if one.counts_with)


def test_a_write_and_a_sale_move_the_date_and_that_of_a_variation_its_parents(woo: Asker) -> None:
    parent = woo.get("/products", sku="C-1")[0]["parent_id"]

    def newer() -> set[int]:
        since = woo.get(f"/products/{woo.id_of('A-1')}")["date_modified_gmt"]
        return {row["id"] for row in woo.get("/products", modified_after=since, dates_are_gmt="true")}

    assert newer() == set()
    woo.order(1, sku="C-2")
    assert newer() == {parent}
    woo.shop.state.clock.set(woo.shop.state.clock.now() + 60)
    woo.send(
        "POST", f"/products/{parent}/variations/batch", {"update": [{"id": woo.id_of("C-1"), "stock_quantity": 2}]}
    )
    assert newer() == {parent}


def test_a_batch_of_variations_belongs_to_their_product(woo: Asker) -> None:
    parent = woo.get("/products", sku="C-1")[0]["parent_id"]
    rows = [{"id": woo.id_of("C-1"), "stock_quantity": 40}, {"id": woo.id_of("A-1"), "stock_quantity": 41}]
    told = woo.send("POST", f"/products/{parent}/variations/batch", {"update": rows}).json()["update"]
    assert told[0]["stock_quantity"] == 40
    assert told[1]["error"]["data"]["status"] == 400
    assert (woo.number("C-1"), woo.number("A-1")) == (40, 10)


def test_faults_of_a_batch_strike_its_rows(woo: Asker) -> None:
    woo.shop.faults.set([{"kind": "partly", "every": 2, "times": 1}, {"kind": "out_of_order"}])
    a, b = woo.id_of("A-1"), woo.id_of("B-1")
    rows = [{"id": a, "stock_quantity": 1}, {"id": b, "stock_quantity": 2}]
    told = woo.send("POST", "/products/batch", {"update": rows}).json()["update"]
    assert ("error" in told[0], "error" in told[1]) == (False, True)
    orders = {
        tuple(r["id"] for r in woo.send("POST", "/products/batch", {"update": rows}).json()["update"]) for _ in range(9)
    }
    assert orders == {(a, b), (b, a)}


def test_products_are_made_thrown_away_and_deleted(woo: Asker) -> None:
    made = woo.send("POST", "/products", {"name": "Dish", "sku": "D-1", "regular_price": "3.50", "manage_stock": True})
    assert (made.status_code, made.json()["stock_quantity"], made.json()["price"]) == (201, 0, "3.50")
    assert status(woo.send("POST", "/products", {"sku": "D-1"})) == (400, "product_invalid_sku")
    path = f"/products/{made.json()['id']}"
    assert woo.send("DELETE", path).json()["status"] == "trash"
    assert "D-1" not in {row["sku"] for row in woo.get("/products")}
    assert woo.send("DELETE", path, force="true").status_code == 200
    assert woo.send("GET", path).status_code == 404


def test_what_a_real_shop_knows_and_this_one_lacks_is_said(woo: Asker) -> None:
    assert status(woo.send("GET", "/products", category="7")) == (501, "practice_not_served")
    assert status(woo.send("PUT", f"/products/{woo.id_of('A-1')}", {"weight": "3"})) == (501, "practice_not_served")


@pytest.mark.skipif(not SPECS.exists(), reason="the schemas of real shops are not present beside the repository")
@pytest.mark.parametrize("version", ["11.0.1", "7.9.0"])
def test_no_field_is_shown_that_a_real_shop_does_not_name(make: Make, version: str) -> None:
    schemas = json.loads((SPECS / f"wc-v3-schemas-{version}.json").read_text("utf-8"))
    woo = make(version=version, orders=3)
    order = woo.order()
    woo.do("refund", order_id=order)
    parent = woo.get("/products", sku="C-1")[0]["parent_id"]
    shown = {
        "/products": woo.get("/products")[0],
        "/products/1/variations": woo.get(f"/products/{parent}/variations")[0],
        "/orders": woo.get("/orders")[0],
        "/orders/1/refunds": woo.get(f"/orders/{order}/refunds")[0],
    }
    for path, row in shown.items():
        assert set(row) <= set(schemas[path]["properties"]) | UNNAMED.get(path, set()), path
