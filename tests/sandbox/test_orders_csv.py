"""Shops made from real order lines: what each kind of dirt becomes, and that no row of a file is lost."""

import gzip
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sandbox import Shop, ShopConfig, Switches
from sandbox.__main__ import main, make_shop, parser
from sandbox.exchange import encode
from sandbox.live import Life
from sandbox.records import Line, Order
from sandbox.stock import units_in
from sandbox.truth import tell
from tests.sandbox.conftest import Asker
from tests.sandbox.test_stock import AT_SHIPPING, broken

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
LAST = "2011-12-09 12:50:00"
OLD = "2011-03-01 10:00:00"


def row(
    invoice: str = "1",
    code: str = "A1",
    text: str = "MUG",
    quantity: object = 1,
    when: str = OLD,
    price: object = "2.55",
    customer: str = "17850.0",
    country: str = "France",
) -> str:
    return f'{invoice},{code},"{text}",{quantity},{when},{price},{customer},{country}\n'


From = Callable[..., Asker]


@pytest.fixture
def shop_from(tmp_path: Path) -> From:
    """Make a shop from rows."""

    def made(*rows: str, **config: Any) -> Asker:
        file = tmp_path / "orders.csv"
        file.write_text(HEADER + "".join(rows), "utf-8")
        return Asker(Shop(ShopConfig(orders_csv=file, **config)))

    return made


def orders(shop: Asker) -> list[Order]:
    return list(shop.shop.state.orders)


def only_line(shop: Asker) -> Line:
    (order,) = orders(shop)
    (line,) = order.lines
    return line


def test_an_invoice_is_an_order_that_names_it(shop_from: From) -> None:
    shop = shop_from(row("536365", quantity=6), row("536365", "B2", quantity=2, price="3.39"), row("536366"))
    first, second = shop.get("/v2/orders")

    assert (first["external_order_id"], second["external_order_id"]) == ("536365", "536366")
    assert (first["customer_id"], first["date_created"]) == (17850, "Tue, 01 Mar 2011 10:00:00 +0000")
    assert (first["total_ex_tax"], first["total_inc_tax"], first["items_total"]) == ("22.0800", "22.0800", 8)
    assert [line["sku"] for line in shop.get(f"/v2/orders/{first['id']}/products")] == ["A1", "B2"]


def test_equal_rows_stay_two_lines(shop_from: From) -> None:
    (order,) = orders(shop_from(row(), row()))

    assert [(line.sku, line.quantity) for line in order.lines] == [("A1", 1), ("A1", 1)]


def test_an_invoice_that_goes_on_a_minute_later_or_further_down_is_one_order(shop_from: From) -> None:
    shop = shop_from(row("1"), row("2"), row("1", when="2011-03-01 10:01:00"))

    assert [(order.external_order_id, len(order.lines)) for order in orders(shop)] == [("1", 2), ("2", 1)]


def test_an_invoice_with_two_buyers_is_two_orders(shop_from: From) -> None:
    found = [(order.external_order_id, order.customer_id) for order in orders(shop_from(row(), row(customer="")))]

    assert sorted(found) == [("1", 0), ("1", 17850)]


def test_orders_are_numbered_in_the_order_of_time(shop_from: From) -> None:
    shop = shop_from(row("2", when=LAST), row("1"))

    assert [order.external_order_id for order in orders(shop)] == ["1", "2"]


def test_a_line_keeps_its_own_words_and_the_product_the_most_frequent_ones(shop_from: From) -> None:
    shop = shop_from(
        row("1", text=" MUG,  RED "), row("2", text=" MUG,  RED"), row("3", text="wrongly marked"), row("4", text="")
    )
    (product,) = shop.data("/v3/catalog/products")

    assert product["name"] == "MUG,  RED"
    assert [order.lines[0].name for order in orders(shop)] == [
        " MUG,  RED ",
        " MUG,  RED",
        "wrongly marked",
        "MUG,  RED",
    ]


def test_a_product_without_any_words_is_called_by_its_code(shop_from: From) -> None:
    shop = shop_from(row(text=""))

    assert only_line(shop).name == shop.data("/v3/catalog/products")[0]["name"] == "A1"


def test_codes_that_differ_in_case_only_are_two_products(shop_from: From) -> None:
    products = shop_from(row(code="85123A"), row("2", "85123a")).data("/v3/catalog/products")

    assert [product["sku"] for product in products] == ["85123A", "85123a"]
    assert [product["name"] for product in products] == ["MUG", "MUG (85123a)"]


def test_no_two_products_have_the_same_name_in_any_case(shop_from: From) -> None:
    shop = shop_from(row(code="1"), row("2", "2a"), row("3", "2A", "Mug"), row("4", "3", "Mug"))
    names = [product["name"].casefold() for product in shop.data("/v3/catalog/products")]

    assert len(set(names)) == 4
    assert all(name.startswith("mug") for name in names)


def test_a_product_costs_what_it_mostly_did(shop_from: From) -> None:
    shop = shop_from(row("1", price="9.99"), row("2"), row("3"))

    assert [product["price"] for product in shop.data("/v3/catalog/products")] == [2.55]
    assert [order["total_ex_tax"] for order in shop.get("/v2/orders")] == ["9.9900", "2.5500", "2.5500"]


@pytest.mark.parametrize(
    ("price", "total"), [("0.001", "0.0030"), ("0", "0.0000"), ("1.2345", "3.7035"), ("7", "21.0000")]
)
def test_a_price_keeps_up_to_four_decimals(shop_from: From, price: str, total: str) -> None:
    shop = shop_from(row(quantity=3, price=price))
    (order,) = shop.get("/v2/orders")
    (line,) = shop.get(f"/v2/orders/{order['id']}/products")

    assert Decimal(line["price_ex_tax"]) == Decimal(price)
    assert order["total_ex_tax"] == order["subtotal_inc_tax"] == line["total_inc_tax"] == total


def test_who_gives_no_number_is_a_guest_with_a_country(shop_from: From) -> None:
    shop = shop_from(row(customer="", country="EIRE"), row("2", customer="", country="European Community"))
    first, second = shop.get("/v2/orders")

    assert (first["customer_id"], shop.data("/v3/customers")) == (0, [])
    assert (first["billing_address"]["country"], first["billing_address"]["country_iso2"]) == ("EIRE", "IE")
    assert (second["geoip_country"], second["geoip_country_iso2"]) == ("European Community", "")
    assert first["billing_address"]["email"] != second["billing_address"]["email"]


def test_customers_keep_their_number_and_country(shop_from: From) -> None:
    (customer,) = shop_from(row(), row("2", when=LAST)).data("/v3/customers", include="addresses")

    assert (customer["id"], customer["date_created"]) == (17850, "2011-03-01T10:00:00Z")
    assert customer["addresses"][0]["country"] == "France"


def test_a_new_order_of_a_customer_goes_to_the_same_country(shop_from: From) -> None:
    shop = shop_from(row())
    shop.do("place_order", lines=[{"sku": "A1", "quantity": 1}], customer_id=17850)

    assert [order["billing_address"]["country"] for order in shop.get("/v2/orders")] == ["France", "France"]


def test_a_cancellation_is_an_order_refunded_in_full(shop_from: From) -> None:
    shop = shop_from(row("C536379", "D", "Discount", -2, price="27.50"), row("C536379", quantity=-3))
    (order,) = shop.get("/v2/orders")
    (refund,) = shop.data(f"/v3/orders/{order['id']}/payment_actions/refunds")

    assert (order["external_order_id"], order["status_id"], order["total_ex_tax"]) == ("C536379", 4, "62.6500")
    assert (refund["total_amount"], refund["created"]) == (62.65, "2011-03-01T10:00:00+00:00")
    assert [(item["quantity"], item["requested_amount"]) for item in refund["items"]] == [(2, 55.0), (3, 7.65)]
    assert all(line.refunded == line.quantity and not line.shipped for line in orders(shop)[0].lines)


@pytest.mark.parametrize(("code", "kind"), [("M", "custom"), ("m", "custom"), ("BANK CHARGES", "custom"), ("", "custom"),
    ("POST", "physical"), ("DOT", "physical"), ("gift_0001_20", "digital")])  # fmt: skip
def test_codes_that_are_no_goods_are_not_counted(shop_from: From, code: str, kind: str) -> None:
    shop = shop_from(row(code=code), row("2", "AMAZONFEE", when=LAST))
    truth = shop.truth()
    (told,) = truth["orders"][0]["lines"]

    assert (told["sku"], told["kind"], told["tracked"], truth["stock"]) == (code, kind, False, {})
    assert told["quantity_shipped"] == (0 if kind == "digital" else 1)
    assert [product.sku for product in shop.shop.state.products] == ([] if kind == "custom" else [code])


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (row(quantity=-4), "a quantity below zero, and the invoice is no cancellation"),
        (row(quantity=0), "a quantity of zero"),
        (row(quantity="1.5"), "the quantity is no whole number"),
        (row(quantity="many"), "the quantity is no number"),
        (row(quantity="1e900"), "the quantity is no number that a shop can hold"),
        (row(quantity=3_000_000_000), "a quantity beyond what a shop can count"),
        (row(price="-11062.06"), "a price below zero"),
        (row(price=""), "the price is no number"),
        (row(price="NaN"), "the price is no number that a shop can hold"),
        (row(price="0.00001"), "a price with more than four decimals"),
        (row("C1", quantity=4), "a quantity above zero on a cancellation"),
        (row("C1", quantity=-1, price="0.001"), "a refund of less than whole cents"),
        (row(when="yesterday"), "the date cannot be read"),
        (row(invoice=""), "an order needs an invoice number"),
        (row(customer="Mr Smith"), "the customer is no number"),
        (row(customer="-5"), "a customer number below zero"),
        ("1,A1\n", "the date cannot be read"),
    ],
)
def test_what_no_shop_can_hold_is_refused_with_its_place_and_reason(shop_from: From, rows: str, reason: str) -> None:
    shop = shop_from(row("7"), "\n", rows)
    (refused,) = shop.truth()["refused"]

    assert refused["reason"] == reason
    assert refused["what"]["row"] == 2
    assert set(refused["what"]) == {"row", "invoice", "code", "quantity", "price"}
    assert [order.external_order_id for order in orders(shop)] == ["7"]


def test_refused_rows_are_told_as_they_stand_in_the_file(shop_from: From) -> None:
    (refused,) = shop_from(row("A563186", "B", "Adjust bad debt", 1, price="-11062.06")).truth()["refused"]

    assert refused["what"] == {"row": 1, "invoice": "A563186", "code": "B", "quantity": "1", "price": "-11062.06"}


def test_the_clock_starts_just_after_the_last_line_even_if_that_was_refused(shop_from: From) -> None:
    clock = shop_from(row(), row("2", quantity=-1, when=LAST)).truth()["clock"]

    assert clock["start"] == clock["now"] == "2011-12-09T12:51:00Z"


def test_invoices_of_the_last_fourteen_days_wait_and_older_ones_are_gone(shop_from: From) -> None:
    shop = shop_from(
        row("1"), row("2", when="2011-11-25 12:50:00"), row("3", when="2011-11-25 12:52:00"), row("4", when=LAST)
    )
    found = {order.external_order_id: order for order in orders(shop)}

    assert {found["1"].status, found["2"].status} <= {2, 10}
    assert [found[name].status for name in "34"] == [11, 11]
    assert [len(order.shipments) for order in found.values()] == [1, 1, 0, 0]
    assert [order["items_shipped"] for order in shop.get("/v2/orders")] == [1, 1, 0, 0]


def test_large_invoices_are_whole_on_their_pages(shop_from: From) -> None:
    shop = shop_from(*(row(code=f"A{n}") for n in range(300)))
    (order,) = shop.get("/v2/orders", include="consignments,consignments.line_items", consignment_structure="object")
    (consignment,) = order["consignments"]["shipping"]
    pages = [shop.get(f"/v2/orders/{order['id']}/products", limit=250, page=page) for page in (1, 2)]

    assert (len(consignment["line_items"]), "__warning__" in consignment) == (50, True)
    assert [len(page) for page in pages] == [250, 50]


def open_rows() -> Iterator[str]:
    """Some 600 open lines of forty goods, some old ones, and some of each service."""
    for n in range(600):
        yield row(f"{n // 5}", f"A{n * n % 41}", quantity=1 + n % 12, when=LAST if n % 6 else OLD)
    yield from (row("s", code, when=LAST) for code in ("POST", "M", "gift_0001_10"))
    yield row("C9", "A1", quantity=-5, when=LAST)


def open_goods(shop: Asker) -> list[Line]:
    state = shop.shop.state
    waiting = (line for order in state.orders if order.status == 11 for line in order.lines)
    return [line for line in waiting if state.line_item(line) is not None]


@pytest.mark.parametrize("seed", range(5))
def test_a_third_of_the_open_lines_is_short_of_stock(shop_from: From, seed: int) -> None:
    shop = shop_from(*open_rows(), seed=seed)
    lines = open_goods(shop)
    short = [line for line in lines if units_in(line.deducted) < line.quantity]
    partly = [line for line in short if line.deducted]

    assert len(lines) == 500
    assert len(short) == 167
    assert partly
    assert all(line.booked == line.quantity for line in lines)


def test_where_stock_falls_at_shipping_the_shelves_are_as_scarce(shop_from: From) -> None:
    shop = shop_from(*open_rows(), settings=AT_SHIPPING)
    left = {item.id: sum(cell.shelf for cell in item.cells.values()) for item in shop.shop.state.items}
    short = 0
    for line in open_goods(shop):
        item = shop.shop.state.line_item(line)
        assert item is not None
        short += left[item.id] < line.quantity
        left[item.id] = max(left[item.id] - line.quantity, 0)

    assert short == 167


@pytest.mark.parametrize("config", [{}, {"settings": AT_SHIPPING}, {"switches": Switches(backorders=True)}])
def test_the_store_is_consistent_with_itself(shop_from: From, config: dict[str, Any]) -> None:
    assert broken(shop_from(*open_rows(), **config).shop) == []


def test_with_native_backorders_what_is_short_is_backordered_up_to_the_limits(shop_from: From) -> None:
    lines = open_goods(shop_from(*open_rows(), switches={"backorders": True}))

    assert 0 < sum(line.backordered > 0 for line in lines) <= 167


def test_the_same_file_and_seed_make_the_same_shop_to_the_byte(shop_from: From) -> None:
    one, same, other = (encode(tell(shop_from(*open_rows(), seed=seed).shop.state)) for seed in (1, 1, 2))

    assert one == same != other


def test_a_csv_shop_can_live_on(shop_from: From) -> None:
    shop = shop_from(*open_rows())
    life, before = Life(shop.shop, orders_per_minute=600), len(orders(shop))
    for _ in range(20):
        life.tick()
    ids = [line.id for order in orders(shop) for line in order.lines]

    assert len(orders(shop)) == before + 20
    assert len(ids) == len(set(ids))
    assert broken(shop.shop) == []


def test_a_file_without_rows_is_an_empty_shop(shop_from: From) -> None:
    shop = shop_from()

    assert (orders(shop), shop.data("/v3/catalog/products")) == ([], [])


def test_the_command_takes_plain_and_gzipped_files(tmp_path: Path) -> None:
    plain, packed = tmp_path / "a.csv", tmp_path / "b.csv.gz"
    plain.write_text("\ufeff" + HEADER + row(), "utf-8")
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    one, other = (make_shop(parser().parse_args(["--orders-csv", str(file)])) for file in (plain, packed))

    assert encode(tell(one.state)) == encode(tell(other.state))
    assert len(one.state.orders) == 1


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"a,b\n", "lacks the columns InvoiceNo, StockCode"),
        (b"", "lacks the columns"),
        (HEADER.encode() + b"\xff\xfe", "cannot be read as CSV"),
        (gzip.compress(HEADER.encode() * 99)[:40], "cannot be read as CSV"),
        (None, "No such file"),
    ],
    ids=["other columns", "empty", "not UTF-8", "cut", "missing"],
)
def test_a_file_that_is_no_such_table_is_told(
    tmp_path: Path, content: bytes | None, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "wrong.csv"
    if content is not None:
        file.write_bytes(content)

    assert main(["--orders-csv", str(file)]) == 2
    assert told in capsys.readouterr().err


def test_another_store_is_not_made_from_the_file(shop_from: From) -> None:
    shop = shop_from(row())
    shop.practice("faults", [{"match": "GET /v2/orders*", "kind": "wrong_store"}])

    assert not any(order["external_order_id"] == "1" for order in shop.get("/v2/orders"))
