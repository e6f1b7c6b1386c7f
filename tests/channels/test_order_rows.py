"""What an order says in BigCommerce's shapes, and the record that it becomes."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from fillrate.channels.bigcommerce.order_rows import OrderRow, OwnLineRow, OwnLines, needs_its_lines, order
from fillrate.errors import SkipRecord
from fillrate.records import Order, Reject

PLACED = "Wed, 10 Jan 2018 21:05:30 +0000"


def line(line_id: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "id": line_id,
        "product_id": 20,
        "variant_id": 30,
        "sku": "MUG",
        "name": "Mug",
        "type": "physical",
        "quantity": 3,
        "quantity_shipped": 1,
        "quantity_refunded": 0,
        "price_inc_tax": "12.5000",
        **more,
    }


def parts(**more: Any) -> dict[str, Any]:
    return {"pickups": [], "shipping": [], "downloads": [], "email": {"gift_certificates": []}, **more}


def shipped(*lines: Any, **more: Any) -> dict[str, Any]:
    return parts(shipping=[{"first_name": "Ann", "last_name": "Lee", "line_items": list(lines), **more}])


def told(**more: Any) -> dict[str, Any]:
    return {
        "id": 101,
        "status_id": 11,
        "date_created": PLACED,
        "date_modified": "Thu, 11 Jan 2018 08:00:00 +0000",
        "date_shipped": "",
        "customer_id": 7,
        "billing_address": {"first_name": "Bo", "last_name": "Ray", "email": "bo@example.com"},
        "default_currency_code": "EUR",
        "currency_code": "USD",
        "total_inc_tax": "37.5000",
        "channel_id": 1,
        "order_source": "www",
        "external_source": None,
        "external_order_id": None,
        "is_deleted": False,
        "items_total": 3,
        "consignments": shipped(line()),
        **more,
    }


def row(**more: Any) -> OrderRow:
    return msgspec.json.decode(json.dumps(told(**more)), type=OrderRow)


def read(**more: Any) -> Order:
    one = row(**more)
    assert not needs_its_lines(one)
    return order(one, None)


def test_an_order_becomes_a_record() -> None:
    found = read(external_order_id="A-1", external_source="amazon")

    assert (found.platform_id, found.status, found.customer_platform_id) == ("101", "11", "7")
    assert found.placed_at == datetime(2018, 1, 10, 21, 5, 30, tzinfo=UTC)
    assert found.modified_at == datetime(2018, 1, 11, 8, tzinfo=UTC)
    assert (found.currency, found.total_e4, found.shipped_at) == ("EUR", 375_000, None)
    assert (found.email, found.recipient) == ("bo@example.com", "Ann Lee")
    assert (found.external_order_id, found.source_channel, found.is_archived) == ("A-1", "1:amazon", False)
    (only,) = found.lines
    assert (only.platform_id, only.product_platform_id, only.variant_platform_id) == ("1", "20", "30")
    assert (only.quantity, only.quantity_shipped, only.quantity_refunded) == (3, 1, 0)
    assert (only.unit_price_e4, only.needs_stock, only.quantity_backordered) == (125_000, True, None)


@pytest.mark.parametrize(
    ("told", "language"),
    [("de", "de"), ("pt-BR", "pt"), ("EN_gb", "en"), ("", ""), (None, ""), ("german", ""), ("../de", ""), ("d1", "")],
)
def test_the_language_of_an_order_is_two_letters_or_none(told: str | None, language: str) -> None:
    assert read(customer_locale=told).language == language


def test_a_guest_has_no_customer_and_an_incomplete_order_is_an_order_too() -> None:
    found = read(customer_id=0, status_id=0)

    assert (found.customer_platform_id, found.status) == ("", "0")


@pytest.mark.parametrize(
    ("date_shipped", "at"),
    [
        ("", None),
        (None, None),
        ("Thu, 01 Jan 1970 00:00:00 +0000", None),
        ("Thu, 11 Jan 2018 09:00:00 +0100", datetime(2018, 1, 11, 8, tzinfo=UTC)),
    ],
)
def test_an_order_not_shipped_yet_says_so_in_many_ways(date_shipped: str | None, at: datetime | None) -> None:
    assert read(date_shipped=date_shipped).shipped_at == at


NO_SHELF = {
    "a download": parts(downloads=[{"line_items": [line(type="digital")]}]),
    "a download without its type": parts(downloads=[{"line_items": [line()]}]),
    "a single download without a list": parts(downloads=[{"line_items": line(type="digital")}]),
    "a gift certificate": parts(email={"gift_certificates": [{"line_items": [line(type="giftcertificate")]}]}),
    "a gift certificate in a bare list": parts(email=[{"line_items": [line(type="giftcertificate")]}]),
    "a digital line beside goods": shipped(line(type="digital")),
    "a custom line": shipped(line(product_id=0)),
}


@pytest.mark.parametrize("consignments", NO_SHELF.values(), ids=NO_SHELF.keys())
def test_what_never_stood_on_a_shelf_needs_no_stock(consignments: dict[str, Any]) -> None:
    (only,) = read(consignments=consignments).lines

    assert only.needs_stock is False


def test_a_custom_line_has_neither_product_nor_variant() -> None:
    custom = line(product_id=0)
    del custom["variant_id"]

    (only,) = read(consignments=shipped(custom)).lines

    assert (only.product_platform_id, only.variant_platform_id) == ("", "")


def test_goods_to_be_picked_up_need_stock() -> None:
    (only,) = read(consignments=parts(pickups=[{"line_items": [line()]}])).lines

    assert only.needs_stock is True


def test_lines_of_all_parts_come_in_the_order_of_their_ids() -> None:
    consignments = parts(
        shipping=[{"line_items": [line(9), line(3)]}, {"line_items": [line(5)]}],
        downloads=[{"line_items": [line(4, type="digital")]}],
    )

    assert [one.platform_id for one in read(consignments=consignments).lines] == ["3", "4", "5", "9"]


def test_the_shops_own_backordered_figure_is_kept_as_told() -> None:
    (only,) = read(consignments=shipped(line(quantity_backordered=2))).lines

    assert only.quantity_backordered == 2


def test_more_shipped_or_refunded_than_ordered_is_the_shops_word() -> None:
    (only,) = read(consignments=shipped(line(quantity=1, quantity_shipped=2, quantity_refunded=3))).lines

    assert (only.quantity, only.quantity_shipped, only.quantity_refunded) == (1, 2, 3)


CUT_SHORT = {
    "fifty lines": shipped(*[line(n + 1) for n in range(50)]),
    "a warning beside the lines": shipped(line(), __warning__={"code": 1}),
    "a warning among the lines": shipped(line(), {"__warning__": {"message": "only 50"}}),
    "a warning in a line": shipped(line(__warning__="only 50")),
    "a warning beside the parts": parts(shipping=[{"line_items": [line()]}], __warning__={}),
    "links to lines": shipped({"url": "https://x", "resource": "/orders/1/products/2"}),
    "a link to the parts": {"url": "https://x", "resource": "/orders/1/consignments"},
    "a part without lines": parts(shipping=[{"first_name": "Ann"}]),
    "a line without its shipped quantity": shipped({k: v for k, v in line().items() if k != "quantity_shipped"}),
    "no parts though there are items": parts(),
    "an empty list though there are items": [],
    "nothing": None,
}


@pytest.mark.parametrize("consignments", CUT_SHORT.values(), ids=CUT_SHORT.keys())
def test_an_order_that_shows_less_than_itself_needs_its_lines(consignments: Any) -> None:
    assert needs_its_lines(row(consignments=consignments))


def test_an_order_of_forty_nine_lines_is_whole() -> None:
    assert not needs_its_lines(row(consignments=shipped(*[line(n + 1) for n in range(49)])))


def test_an_order_of_nothing_is_whole() -> None:
    assert read(items_total=0, consignments=parts()).lines == ()
    assert read(items_total=0, consignments=[]).lines == ()


def own(*lines: dict[str, Any]) -> OwnLines:
    return OwnLines([msgspec.convert({"order_id": 101, **one}, OwnLineRow) for one in lines])


def test_lines_read_on_their_own_replace_what_the_order_showed() -> None:
    found = order(row(), own(line(8), line(7, type="digital"), line(6, product_id=0)))

    assert [(one.platform_id, one.needs_stock) for one in found.lines] == [("6", False), ("7", False), ("8", True)]


def test_an_order_of_which_a_line_cannot_be_read_is_rejected_whole() -> None:
    bad = Reject(platform_id="8", reason="Expected int >= 0 - at quantity", payload_hash="h")

    with pytest.raises(SkipRecord, match="line 8: Expected int >= 0 - at quantity"):
        order(row(), OwnLines([], [bad]))


def test_lines_of_another_order_are_not_taken_for_this_one() -> None:
    with pytest.raises(SkipRecord, match="another order's lines"):
        order(row(), own(line(8), line(9, order_id=102)))


def test_a_part_without_lines_is_not_the_whole_order() -> None:
    assert needs_its_lines(row(consignments=shipped()))


def test_an_order_with_items_whose_lines_are_gone_is_rejected() -> None:
    with pytest.raises(SkipRecord, match="has items and shows no lines"):
        order(row(), OwnLines())


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"date_created": ""}, "date_created is no time"),
        ({"default_currency_code": "EURO"}, "default_currency_code is no currency"),
        ({"total_inc_tax": "free"}, "total_inc_tax is not an amount"),
        ({"external_order_id": "x" * 300}, "external_order_id is longer"),
        ({"consignments": shipped(line(5, sku="x" * 300))}, "sku of line 5 is longer"),
        ({"consignments": shipped(line(5, price_inc_tax="1e30"))}, "too large to be an amount"),
    ],
)
def test_a_field_that_makes_no_sense_names_itself(more: dict[str, Any], reason: str) -> None:
    with pytest.raises(SkipRecord, match=reason):
        read(**more)


IMPOSSIBLE = [
    {"id": 0},
    {"id": None},
    {"id": "101"},
    {"status_id": -1},
    {"customer_id": None},
    {"consignments": shipped(line(quantity=-1))},
    {"consignments": shipped(line(quantity=2**31))},
    {"consignments": shipped(line(quantity=1.5))},
    {"is_deleted": "no"},
    {"channel_id": -5},
]


@pytest.mark.parametrize("more", IMPOSSIBLE, ids=lambda one: str(one)[:30])
def test_an_impossible_value_is_refused_while_decoding(more: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        row(**more)


@pytest.mark.parametrize("name", ["status_id", "date_modified", "customer_id", "default_currency_code", "is_deleted"])
def test_a_field_that_every_order_has_may_not_be_missing(name: str) -> None:
    without = {key: value for key, value in told().items() if key != name}

    with pytest.raises(msgspec.ValidationError, match=f"missing required field `{name}`"):
        msgspec.json.decode(json.dumps(without), type=OrderRow)


def test_a_name_that_attacks_stays_a_harmless_text() -> None:
    evil = "<script>\u202e{{7*7}}\x1b[2J\r\nBcc: x"

    (only,) = read(consignments=shipped(line(name=evil))).lines

    assert only.name == "<script>{{7*7}}[2J  Bcc: x"
