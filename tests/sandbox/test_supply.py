"""Goods ordered of a made-up supplier: on their way, late, cut, received, corrected, and told in the supplier's own feed."""

import csv
import io
from collections import Counter
from datetime import date
from typing import Any

import pytest

from sandbox import Shop, ShopConfig
from sandbox.exchange import encode
from sandbox.generate import inbound
from sandbox.times import day
from sandbox.truth import tell
from tests.sandbox.conftest import Asker, Make, WebAsker
from tests.sandbox.test_practice import refuses
from tests.sandbox.test_stock import broken, numbers, place, stocked


def ordering(web: Make, units: int = 10, **config: Any) -> tuple[Asker, int]:
    """A shop that has ordered ten of its own lamps, and their variant."""
    shop = web(**config)
    variant = stocked(shop, units)
    told = shop.do(
        "order_goods",
        reference="PO-X",
        supplier="Aldgate",
        expected="2026-05-01",
        lines=[{"variant_id": variant, "quantity": 10}],
    )
    assert told == {"action": "order_goods", "reference": "PO-X", "lines": [1]}
    return shop, variant


def line_of(shop: Asker, reference: str = "PO-X", number: int = 1) -> dict[str, Any]:
    order = next(order for order in shop.truth()["purchase_orders"] if order["reference"] == reference)
    return next(dict(line) for line in order["lines"] if line["line"] == number)


def received(shop: Asker, *quantities: int, **entry: Any) -> list[tuple[int, str]]:
    """What has come of the line, and its status, after each receipt."""
    told = [shop.do("receive", reference="PO-X", quantity=units, **entry) for units in quantities]
    return [(each["received"], each["status"]) for each in told]


def test_ordered_goods_are_told_and_move_nothing_yet(web: Make) -> None:
    shop, _ = ordering(web)

    assert line_of(shop) == {
        "line": 1,
        "sku": "TEST-1",
        "location_id": 1,
        "location": "BC-LOCATION-1",
        "quantity": 10,
        "received": 0,
        "expected": "2026-05-01",
        "status": "open",
        "received_on": None,
    }
    assert numbers(shop) == (10, 10)


def test_goods_come_in_parts_and_the_line_closes_with_the_last(web: Make) -> None:
    shop, _ = ordering(web)

    assert received(shop, 4, 6) == [(4, "open"), (10, "closed")]
    assert numbers(shop) == (20, 20)
    assert line_of(shop)["received_on"] == shop.truth()["clock"]["now"][:10]


def test_more_than_was_ordered_may_come_and_a_miscount_is_corrected_downwards(web: Make) -> None:
    shop, _ = ordering(web)

    assert received(shop, 13, -3, -2) == [(13, "closed"), (10, "closed"), (8, "open")]
    assert numbers(shop) == (18, 18)
    assert broken(shop.shop) == []


def test_goods_received_by_mistake_are_taken_back_though_they_are_sold(web: Make) -> None:
    shop, variant = ordering(web, units=0)
    received(shop, 10)
    place(shop, variant, 7)

    assert received(shop, -10) == [(0, "open")]
    assert (numbers(shop), line_of(shop)["received_on"]) == ((0, 0), None)
    assert broken(shop.shop) == []


def test_a_receipt_that_nobody_books_lies_on_the_shelf_only(web: Make) -> None:
    shop, _ = ordering(web)
    received(shop, 5, -1, book=False)

    assert numbers(shop) == (14, 10)


@pytest.mark.parametrize(("release", "after"), [("ship", (10, 5)), ("receive", (5, 0))])
def test_whether_a_receipt_lets_the_backordered_units_fall_is_a_switch(
    web: Make, release: str, after: tuple[int, int]
) -> None:
    shop, variant = ordering(web, units=3, switches={"backorders": True, "backorder_release": release})
    shop.do("set_backorder_limit", variant_id=variant, quantity=9)
    place(shop, variant, 8)

    received(shop, 10)

    cell = shop.truth()["stock"]["TEST-1"]["1"]
    assert (cell["shown"], cell["backordered"]) == after


def test_a_line_or_all_that_are_open_get_another_day(web: Make) -> None:
    shop, variant = ordering(web)
    goods = [{"variant_id": variant, "quantity": 1}, {"variant_id": variant, "quantity": 1, "expected": "2026-06-01"}]
    shop.do("order_goods", reference="PO-Y", expected="2026-05-01", lines=[*goods, goods[0]])
    shop.do("receive", reference="PO-Y", line=3, quantity=1)

    before = [line_of(shop, "PO-Y", number)["expected"] for number in (1, 2, 3)]
    one = shop.do("slip", reference="PO-Y", line=2, to="2026-07-01")["lines"]
    rest = shop.do("slip", reference="PO-Y", to="2026-08-01")["lines"]

    assert before == ["2026-05-01", "2026-06-01", "2026-05-01"]
    assert (one, rest) == ([2], [1, 2])
    assert [line_of(shop, "PO-Y", n)["expected"] for n in (1, 2, 3)] == ["2026-08-01", "2026-08-01", "2026-05-01"]


@pytest.mark.parametrize(("came", "to", "status"), [(0, 6, "open"), (4, 4, "closed"), (0, 0, "cancelled")])
def test_a_supplier_delivers_less(web: Make, came: int, to: int, status: str) -> None:
    shop, _ = ordering(web)
    received(shop, *[came] * (came > 0))
    shop.do("cut", reference="PO-X", quantity=to)

    assert (line_of(shop)["quantity"], line_of(shop)["status"]) == (to, status)


def test_what_was_called_off_may_come_all_the_same(web: Make) -> None:
    shop, _ = ordering(web)
    shop.do("cancel_goods", reference="PO-X")

    assert received(shop, 2) == [(2, "cancelled")]
    assert numbers(shop) == (12, 12)


@pytest.mark.parametrize(
    "entry",
    [
        {"action": "order_goods", "expected": "2026-05-01", "lines": []},
        {"action": "order_goods", "lines": [{"sku": "TEST-1", "quantity": 1}]},
        {"action": "order_goods", "expected": "in May", "lines": [{"sku": "TEST-1", "quantity": 1}]},
        {"action": "order_goods", "expected": "2026-05-01", "lines": [{"sku": "TEST-1", "quantity": 0}]},
        {
            "action": "order_goods",
            "expected": "2026-05-01",
            "lines": [{"sku": "TEST-1", "quantity": 1, "location_id": 9}],
        },
        {
            "action": "order_goods",
            "expected": "2026-05-01",
            "reference": "PO-X",
            "lines": [{"sku": "TEST-1", "quantity": 1}],
        },
        {"action": "slip", "to": "soon"},
        {"action": "slip", "to": "2026-06-01", "line": 2},
        {"action": "slip", "to": "2026-06-01", "reference": "PO-Z"},
        {"action": "cut", "quantity": 10},
        {"action": "cut", "quantity": 3},
        {"action": "receive", "quantity": 0},
        {"action": "receive", "quantity": -5},
        {"action": "cancel_goods", "line": 2},
    ],
    ids=str,
)
def test_a_move_of_goods_that_makes_no_sense_changes_nothing(small: Asker, entry: dict[str, Any]) -> None:
    stocked(small)
    lines = [{"sku": "TEST-1", "quantity": 10}]
    small.do("order_goods", reference="PO-X", expected="2026-05-01", lines=lines)
    small.do("receive", reference="PO-X", quantity=4)

    refuses(small, entry if entry["action"] == "order_goods" else {"reference": "PO-X", **entry})


def feeds(shop: Asker) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """The supplier's feed, as JSON and as CSV, without a token."""
    assert isinstance(shop, WebAsker)
    told, table = (shop.client.get(f"/supplier/inbound.{kind}") for kind in ("json", "csv"))
    assert (told.status_code, table.status_code) == (200, 200)
    assert table.headers["Content-Type"] == "text/csv; charset=utf-8"
    return told.json(), list(csv.DictReader(io.StringIO(table.text)))


def test_the_feed_says_of_every_line_what_the_supplier_knows(web: Make) -> None:
    shop, _ = ordering(web)
    received(shop, 4)

    told, table = feeds(shop)

    row = next(row for row in told if row["reference"] == "PO-X")
    today = shop.truth()["clock"]["now"][:10]
    assert row == {
        "reference": "PO-X",
        "line": 1,
        "kind": "purchase",
        "supplier": "Aldgate",
        "sku": "TEST-1",
        "location": "BC-LOCATION-1",
        "quantity": 10,
        "received": 4,
        "ordered": today,
        "expected": "2026-05-01",
        "status": "open",
        "received_on": today,
    }
    assert table == [{name: "" if value is None else str(value) for name, value in row.items()} for row in told]


def test_the_feed_can_only_be_read(web: Make) -> None:
    shop, _ = ordering(web)
    assert isinstance(shop, WebAsker)

    assert shop.client.post("/supplier/inbound.json").status_code == 405
    assert shop.client.get("/supplier/outbound.json").status_code == 404
    assert shop.practice("requests", method="GET").keys() == set()


GENERATED = Asker(Shop(ShopConfig(seed=3, products=120, customers=60, orders=900)))


def test_a_new_shop_has_goods_on_their_way_for_what_is_scarce() -> None:
    state = GENERATED.shop.state
    wanted: Counter[str] = Counter()
    for order in state.orders:
        for line in order.lines if order.status in inbound.OPEN else ():
            wanted[line.sku] += line.quantity - line.shipped
    shelves = {sku: sum(cell["on_hand"] for cell in at.values()) for sku, at in GENERATED.truth()["stock"].items()}
    coming = [line for order in state.purchase_orders.values() for line in order.lines if line.status == "open"]
    scarce = {sku for sku, units in shelves.items() if wanted[sku] > units}

    assert {line.sku for line in coming} <= scarce
    assert len({line.sku for line in coming}) > len(scarce) / 2
    assert all(0 <= line.received < line.quantity for line in coming)


def test_its_suppliers_are_as_late_as_their_habits() -> None:
    late: dict[str, list[int]] = {}
    now = GENERATED.shop.state.clock.now()
    for order in GENERATED.shop.state.purchase_orders.values():
        for line in order.lines:
            if line.status == "closed":
                days = (date.fromisoformat(line.received_on) - date.fromisoformat(line.expected)).days
                late.setdefault(order.supplier, []).append(days)
                assert order.ordered < line.received_on < day(now)
    mean = {name: sum(days) / len(days) for name, days in late.items()}

    assert mean["Corsair Imports"] > mean["Bergen Supply"] > mean["Delta Workshop"]
    assert len(late) == len(inbound.SUPPLIERS)


def test_nothing_else_of_a_shop_depends_on_what_it_ordered(monkeypatch: pytest.MonkeyPatch) -> None:
    config = ShopConfig(seed=3, products=40, customers=20, orders=100)
    with_orders = tell(Shop(config).state)
    monkeypatch.setattr("sandbox.generate.make_inbound", lambda _: {})
    without = tell(Shop(config).state)

    assert with_orders.pop("purchase_orders")
    assert without.pop("purchase_orders") == []
    assert encode(with_orders) == encode(without)
