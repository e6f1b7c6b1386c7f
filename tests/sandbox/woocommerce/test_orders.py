"""Orders: what their statuses do to the stock, how lists find what has changed, what the trash does."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.sandbox.woocommerce.conftest import Asker, Make


def taken(woo: Asker, order_id: int) -> str | int | None:
    (line,) = woo.get(f"/orders/{order_id}")["line_items"]
    return next((meta["value"] for meta in line["meta_data"] if meta["key"] == "_reduced_stock"), None)


def reserved(woo: Asker, sku: str) -> int:
    rows = woo.client.get("/_practice/state").json()["stock"]
    return next(int(row["reserved"]) for row in rows if row["sku"] == sku)


@pytest.mark.parametrize("word", ["processing", "on-hold", "completed"])
def test_stock_is_taken_once_and_put_back_by_cancelling(woo: Asker, word: str) -> None:
    order = woo.order(3, status="pending")
    assert (woo.number("A-1"), taken(woo, order)) == (10, None)
    for _ in range(2):
        assert woo.send("PUT", f"/orders/{order}", {"status": word}).json()["status"] == word
    woo.send("PUT", f"/orders/{order}", {"status": "processing"})
    assert (woo.number("A-1"), taken(woo, order)) == (7, "3")
    woo.send("PUT", f"/orders/{order}", {"status": "cancelled"})
    assert (woo.number("A-1"), taken(woo, order), reserved(woo, "A-1")) == (10, None, 0)


def test_an_order_made_by_the_api_may_oversell(woo: Asker) -> None:
    rows = [{"product_id": woo.id_of("A-1"), "quantity": 50}]
    made = woo.send("POST", "/orders", {"status": "processing", "line_items": rows})
    assert (made.status_code, made.json()["status"]) == (201, "processing")
    assert woo.number("A-1") == -40


def test_a_refund_puts_back_what_it_refunds_unless_told_not_to(woo: Asker) -> None:
    order = woo.order(5)
    (line,) = woo.get(f"/orders/{order}")["line_items"]
    part = {"id": line["id"], "quantity": 2}
    made = woo.send("POST", f"/orders/{order}/refunds", {"line_items": [part], "amount": "30.00", "api_refund": False})
    assert (made.status_code, made.json()["line_items"][0]["quantity"]) == (201, -2)
    assert (woo.number("A-1"), taken(woo, order)) == (7, "3")
    kept = {"line_items": [{**part, "quantity": 1}], "amount": "1.00", "api_restock": False}
    woo.send("POST", f"/orders/{order}/refunds", kept)
    assert (woo.number("A-1"), taken(woo, order)) == (7, "3")
    assert [row["total"] for row in woo.get(f"/orders/{order}")["refunds"]] == ["-30.00", "-1.00"]
    woo.do("refund", order_id=order)
    assert woo.get(f"/orders/{order}")["status"] == "refunded"


def test_the_trash_keeps_the_units_and_hides_the_order(woo: Asker) -> None:
    order = woo.order(3)
    assert woo.send("DELETE", f"/orders/{order}").json()["status"] == "trash"
    assert (woo.number("A-1"), taken(woo, order), reserved(woo, "A-1")) == (7, "3", 0)
    assert woo.get("/orders", status="any") == []
    assert [row["id"] for row in woo.get("/orders", status="trash")] == [order]
    assert woo.send("DELETE", f"/orders/{order}").status_code == 410
    woo.do("restore_order", order_id=order)
    assert (woo.get("/orders")[0]["status"], woo.number("A-1"), reserved(woo, "A-1")) == ("processing", 7, 3)
    woo.send("DELETE", f"/orders/{order}", force="true")
    assert (woo.number("A-1"), woo.send("GET", f"/orders/{order}").status_code) == (7, 404)


def test_an_order_goes_out_as_a_whole(woo: Asker) -> None:
    order = woo.order(3)
    woo.do("ship", order_id=order)
    told = woo.get(f"/orders/{order}")
    assert (told["status"], taken(woo, order), reserved(woo, "A-1")) == ("completed", "3", 0)
    assert told["date_completed_gmt"] is not None
    (truth,) = woo.client.get("/_practice/state").json()["orders"]
    assert (truth["status"], truth["lines"][0]["shipped"]) == ("shipped", 3)
    second = woo.order(2)
    refused = woo.shop.act({"action": "ship", "order_id": second, "lines": [{"line_id": 1, "quantity": 1}]})
    assert "as a whole" in refused[0]["refused"]


def test_statuses_that_there_are_not_are_refused(make: Make) -> None:
    woo = make()
    for wrong in ("backordered", "any,backordered"):
        assert woo.send("GET", "/orders", status=wrong).json()["code"] == "rest_invalid_param"
    order = woo.order()
    assert woo.send("PUT", f"/orders/{order}", {"status": "backordered"}).status_code == 400
    plugged = make(plugin_status="backordered", orders=60)
    words = {row["status"] for row in plugged.get("/orders", per_page=100)}
    assert words == {"processing", "completed", "backordered"}
    assert {row["status"] for row in plugged.get("/orders", status="backordered,on-hold")} == {"backordered"}


ZONES = {"Europe/Berlin": "loses", "UTC": "right", "America/New_York": "more"}


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


@pytest.mark.parametrize("zone", ZONES)
def test_modified_after_is_strict_and_speaks_of_time_in_its_own_way(make: Make, zone: str) -> None:
    woo = make(timezone=zone)
    clock = woo.shop.state.clock
    orders = []
    for _ in range(4):
        orders.append(woo.order(1))
        clock.set(clock.now() + 1800)
    first = datetime.fromisoformat(woo.get(f"/orders/{orders[0]}")["date_modified_gmt"]).replace(tzinfo=UTC)
    local = first.astimezone(ZoneInfo(zone))

    def found(after: str, **params: Any) -> list[int]:
        rows = woo.get("/orders", modified_after=after, orderby="modified", order="asc", **params)
        return [row["id"] for row in rows]

    assert woo.get(f"/orders/{orders[0]}")["date_modified"] == stamp(local)
    assert found(stamp(first), dates_are_gmt="true") == orders[1:]
    assert found(stamp(first - timedelta(seconds=1)), dates_are_gmt="true") == orders
    assert found(stamp(local)) == orders[1:]
    assert found(f"{stamp(first)}Z") == orders[1:]
    assert found(local.isoformat()) == orders[1:]
    moved = found(f"{stamp(first + timedelta(hours=1))}Z", dates_are_gmt="true")
    assert moved == {"loses": [], "right": orders[3:], "more": orders}[ZONES[zone]]


@pytest.mark.parametrize("wrong", ["yesterday", "2026-01-01", "2026-13-01T00:00:00", "1767225600"])
def test_what_is_no_date_is_refused(woo: Asker, wrong: str) -> None:
    response = woo.send("GET", "/orders", modified_after=wrong)
    assert (response.status_code, response.json()["code"]) == (400, "rest_invalid_param")


def test_an_order_moves_its_date_with_every_change(woo: Asker) -> None:
    order, clock, seen = woo.order(5), woo.shop.state.clock, []
    (line,) = woo.get(f"/orders/{order}")["line_items"]
    acts: list[dict[str, Any]] = [
        {"action": "edit_line", "order_id": order, "line_id": line["id"], "quantity": 4},
        {"action": "refund", "order_id": order, "lines": [{"line_id": line["id"], "quantity": 1}]},
        {"action": "ship", "order_id": order},
    ]
    for act in acts:
        clock.set(clock.now() + 10)
        assert "refused" not in woo.shop.act(act)[0]
        seen.append(woo.get(f"/orders/{order}")["date_modified_gmt"])
    assert len(set(seen)) == 3
    assert (woo.number("A-1"), taken(woo, order)) == (7, "3")


def test_a_deleted_product_leaves_its_line_behind(woo: Asker) -> None:
    order = woo.order(2)
    woo.do("delete_product", sku="A-1")
    (line,) = woo.get(f"/orders/{order}")["line_items"]
    assert (line["product_id"], line["sku"], line["name"]) == (0, None, "Anchor")
    woo.do("cancel", order_id=order)
    assert woo.get(f"/orders/{order}")["status"] == "cancelled"


def test_requests_are_counted_by_route(woo: Asker) -> None:
    order = woo.order()
    woo.get(f"/orders/{order}")
    woo.get("/orders")
    assert woo.client.get("/_practice/requests").json() == {
        "GET /wp-json/wc/v3/orders": 1,
        "GET /wp-json/wc/v3/orders/{id}": 1,
    }


def test_orders_changed_in_the_same_second_may_lie_in_any_order(make: Make) -> None:
    for ties, many in (("id", False), ("any", True)):
        woo = make(order_ties=ties)
        for _ in range(9):
            woo.order(1)
        told = {tuple(row["id"] for row in woo.get("/orders", orderby="modified", order="asc")) for _ in range(4)}
        assert (len(told) > 1) is many


def test_what_was_taken_may_be_a_number(make: Make) -> None:
    woo = make(meta_numbers="number")
    assert taken(woo, woo.order(3)) == 3


def test_a_host_says_that_it_is_too_much(woo: Asker) -> None:
    woo.shop.faults.set({"kind": "429", "seconds": 7, "times": 1})
    refused = woo.send("GET", "/orders")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "7")
    assert woo.send("GET", "/orders").status_code == 200
