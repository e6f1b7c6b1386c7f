"""What a till, a warehouse or an ERP writes into files is read, whatever the dress; what is bad costs only itself."""

import json
import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillrate.channels.files.orders import NEEDED, SPELLINGS, Reading, orders_in
from fillrate.channels.files.places import Paper
from fillrate.channels.files.stock import stock_in
from fillrate.channels.protocol import Stream
from fillrate.errors import RetryLater, StopChannel
from fillrate.records import Order, StockItem
from tests.channels.files.place import ORDERS, STOCK, Watch, opened
from tests.channels.practice import pages, records

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
UTC_EUROS = Reading(ZoneInfo("UTC"), "EUR")


def shelves(body: str | bytes) -> dict[tuple[str, str], int]:
    paper = Paper("stock.csv", body.encode() if isinstance(body, str) else body, NOW)
    return {shelf: row.quantity for shelf, row in stock_in(paper).rows.items()}


def orders(*bodies: str) -> tuple[dict[str, Order], list[tuple[str, str]]]:
    papers = [Paper(f"orders-{n}.csv", body.encode(), NOW) for n, body in enumerate(bodies, 1)]
    found, rejects = orders_in(papers, UTC_EUROS)
    return found, [(one.platform_id, one.reason) for one in rejects]


@pytest.mark.parametrize(
    "body",
    [
        "sku,quantity\nA,5\nB,-2\n",
        "SKU;Qty\r\nA;5\r\nB;-2\r\n",
        "\ufeffItem-Number\tAvailable Quantity\nA\t5\nB\t-2\n",
        "Artikelnummer;Bestand;Bezeichnung\n A ; 5 ;Schrank\nB;-2;\n\n",
        '[{"sku": "A", "quantity": 5}, {"sku": "B", "quantity": -2.0}]',
        '{"lines": [{"Item": "A", "QTY": "5"}, {"Item": "B", "QTY": "-2"}]}',
    ],
)
def test_the_same_stock_in_many_dresses(body: str) -> None:
    assert shelves(body) == {("A", "main"): 5, ("B", "main"): -2}


def test_a_column_under_our_own_name_wins_over_one_that_is_called_like_it() -> None:
    assert shelves("item,sku,quantity,stock\nX,A,5,9\n") == {("A", "main"): 5}


def test_a_sku_with_a_bad_row_is_left_out_at_all_its_places() -> None:
    found = stock_in(Paper("stock.csv", b"sku,location,quantity\nA,W,5\nA,E,x\nB,W,1\nB,W,2\nC,W,3\nD,W\n", NOW))

    assert {shelf: row.quantity for shelf, row in found.rows.items()} == {("C", "W"): 3}
    assert {(one.platform_id, one.reason) for one in found.rejects} == {
        ("A", "stock.csv row 3: quantity is no whole number of units"),
        ("B", "stock.csv row 5: this SKU stands there twice for W"),
        ("", "stock.csv row 7: it has 2 cells, the header has 3"),
    }


@pytest.mark.parametrize("body", ["", "sku,name\nA,x\n", "sku,quantity\n", "\xe4".encode("latin-1"), "[]", "{}"])
def test_what_is_no_file_of_stock_empties_no_shelf(body: str | bytes) -> None:
    with pytest.raises(StopChannel):
        shelves(body)


def test_every_column_of_an_order_is_read() -> None:
    found, bad = orders(
        "order,line,sku,quantity,ordered,modified,status,shipped,cancelled,refunded,price,currency,email,recipient,country,"
        "region,postcode,ship_by,customer,source,external_order,item_name\n"
        '7,1,A-1,5,2026-02-01,2026-02-02T08:00:00+01:00,Partially Shipped,2,1,1,"9,99",CHF,a@b.example,Ann,CH,ZH,8001,'
        "2026-02-10,K7,till,X-9,Chair\n"
        "7,2,,1,2026-02-01,,partially-shipped,,,,1.5,,,,,,,,,,,Wrapping\n"
    )

    order = found["7"]
    assert bad == []
    assert (order.status, order.placed_at) == ("part_shipped", datetime(2026, 2, 1, tzinfo=UTC))
    assert order.modified_at == datetime(2026, 2, 2, 7, tzinfo=UTC)
    assert order.ship_by == datetime(2026, 2, 10, tzinfo=UTC)
    assert (order.currency, order.total_e4) == ("CHF", 4 * 99_900 + 15_000)
    assert (order.email, order.recipient, order.destination) == ("a@b.example", "Ann", "CH/ZH/8001")
    assert (order.customer_platform_id, order.source_channel, order.external_order_id) == ("K7", ":till", "X-9")
    chair, wrapping = order.lines
    assert (chair.platform_id, chair.sku, chair.variant_platform_id, chair.name) == ("7/1", "A-1", "A-1", "Chair")
    assert (chair.quantity, chair.quantity_shipped, chair.quantity_refunded) == (4, 2, 1)
    assert (chair.needs_stock, wrapping.needs_stock) == (True, False)


def test_the_newest_file_has_the_last_word_on_an_order_and_others_stay() -> None:
    head = "order,sku,quantity,ordered\n"
    found, bad = orders(head + "1,A,1,2026-02-01\n2,A,1,2026-02-01\n", head + "1,A,3,2026-02-01\n1,B,1,2026-02-01\n")

    assert {number: [line.quantity for line in one.lines] for number, one in found.items()} == {"1": [3, 1], "2": [1]}
    assert bad == []


def test_an_order_of_which_a_row_cannot_be_read_is_no_order() -> None:
    head = "order,line,sku,quantity,ordered,status\n"
    found, bad = orders(
        head
        + "1,1,A,1,2026-02-01,open\n1,2,B,x,2026-02-01,open\n"
        + "2,1,A,1,2026-02-01,open\n2,1,B,1,2026-02-01,open\n"
        + "3,1,A,1,2026-02-01,open\n3,2,A,1,2026-02-01,shipped\n"
        + "4,1,A,1,,open\n5,1,A,1,2026-02-01,open\n"
    )

    assert set(found) == {"5"}
    assert bad == [
        ("4", "orders-1.csv row 8: ordered is missing"),
        ("3", "orders-1.csv row 6: its rows do not agree on the status: open, shipped"),
        ("2", "orders-1.csv row 5: line 1 stands there twice"),
        ("1", "orders-1.csv row 3: quantity is no whole number of units"),
    ]


def test_a_row_that_does_not_say_whose_it_is_spoils_the_orders_beside_it() -> None:
    head = "order,sku,quantity,ordered\n"
    found, bad = orders(head + "1,A,1,2026-02-01\n2,A,1,2026-02-01\n2,B\n3,A,1,2026-02-01\n4,A,1,2026-02-01\n")

    assert set(found) == {"1", "4"}
    gap = "orders-1.csv row 4 cannot be read and may be a line of this order"
    assert set(bad) == {("2", gap), ("3", gap), ("", "orders-1.csv row 4: it has 2 cells, the header has 4")}


def test_a_bad_word_in_a_newer_file_takes_an_older_good_one_back_until_it_is_mended() -> None:
    head = "order,sku,quantity,ordered\n"
    found, bad = orders(head + "1,A,1,2026-02-01\n", head + "1,A,x,2026-02-01\n")

    assert found == {}
    assert [number for number, _ in bad] == ["1"]


def test_lines_of_orders_whose_names_hold_a_slash_stay_apart() -> None:
    found, _ = orders("order,line,sku,quantity,ordered\nA/1,2,A,1,2026-02-01\nA,1/2,A,1,2026-02-01\n")

    assert len({line.platform_id for one in found.values() for line in one.lines}) == 2


def test_the_newest_file_of_stock_is_the_whole_truth(tmp_path: Path) -> None:
    (tmp_path / "stock-old.csv").write_text("sku,quantity\nA,1\nB,2\n")
    os.utime(tmp_path / "stock-old.csv", (1_700_000_000, 1_700_000_000))
    (tmp_path / "Stock.JSON").write_text('[{"sku": "A", "quantity": 9}]')
    (tmp_path / "other.csv").write_text("sku,quantity\nX,1\n")
    channel = opened(path=str(tmp_path))

    [item] = records(channel, Stream.STOCK).values()

    assert isinstance(item, StockItem)
    assert [(one.sku, one.shown, one.target) for one in item.levels] == [("A", 9, "A@main")]


def test_a_file_that_is_being_written_is_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "stock.csv"
    file.write_text(STOCK)

    class Writing(Watch):
        waits = 2

        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            if self.waits:
                self.waits -= 1
                file.write_text(file.read_text() + f"N-{self.waits},,1\n")
                os.utime(file, (self.at.timestamp(), self.at.timestamp()))

    clock = Writing()
    clock.at = datetime.now(UTC)

    assert set(records(opened(clock, path=str(tmp_path)), Stream.STOCK)) == {"A-1", "B-2", "C-3", "N-0", "N-1"}

    clock.at, clock.waits = datetime.now(UTC), 100
    os.utime(file)
    with pytest.raises(RetryLater):
        records(opened(clock, path=str(tmp_path)), Stream.STOCK)


@pytest.mark.parametrize("tail", ["C-3,", "C-3,,", '"C-3'])
def test_a_file_that_ends_within_a_row_is_half_a_file_and_empties_no_shelf(tmp_path: Path, tail: str) -> None:
    (tmp_path / "stock.csv").write_text(f"sku,location,quantity,name\nA-1,,5,x\n{tail}")

    with pytest.raises(StopChannel):
        records(opened(path=str(tmp_path)), Stream.STOCK)


def test_files_in_the_encoding_that_the_settings_name_are_read(tmp_path: Path) -> None:
    (tmp_path / "stock.csv").write_bytes("sku;quantity\nBÄNK;5\n".encode("cp1252"))

    assert set(records(opened(path=str(tmp_path), encoding="cp1252"), Stream.STOCK)) == {"BÄNK"}
    with pytest.raises(StopChannel, match="UTF-8"):
        records(opened(path=str(tmp_path)), Stream.STOCK)


def test_files_may_be_called_otherwise_and_lie_in_folders_below(tmp_path: Path) -> None:
    for name, content in (
        ("out/inv_1.csv", STOCK),
        ("out/sales_1.csv", ORDERS),
        ("out/stock.csv", "sku,quantity\nX,1\n"),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    channel = opened(path=str(tmp_path), stock_file="out/inv", orders_file="out/sales", own_file="in/fillrate")

    assert set(records(channel, Stream.STOCK)) == {"A-1", "B-2", "C-3"}
    assert set(records(channel, Stream.ORDERS)) == {"1001", "1002"}


def test_json_that_is_whole_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "stock.json").write_text('[{"sku": "A", "quantity": 9}]')
    clock = Watch()
    clock.at = before = datetime.now(UTC)

    assert set(records(opened(clock, path=str(tmp_path)), Stream.STOCK)) == {"A"}
    assert clock.at == before


def test_a_file_of_orders_that_came_late_with_an_old_time_is_still_in_the_window(tmp_path: Path) -> None:
    channel = opened(path=str(tmp_path))
    begin = datetime.now(UTC)
    (tmp_path / "orders-1.csv").write_text(ORDERS)
    os.utime(tmp_path / "orders-1.csv", (1_700_000_000, 1_700_000_000))  # moved here with the time of its making

    assert set(records(channel, Stream.ORDERS, since=begin, until=channel.time())) == {"1001", "1002"}
    assert records(channel, Stream.ORDERS, since=channel.time()) == {}


def test_a_file_of_orders_that_is_none_is_told_and_the_others_land(tmp_path: Path) -> None:
    (tmp_path / "orders-1.csv").write_text(ORDERS)
    (tmp_path / "orders-2.csv").write_bytes("order\xe4".encode("latin-1"))

    [page] = pages(opened(path=str(tmp_path)), Stream.ORDERS)

    assert {one.platform_id for one in page.records} == {"1001", "1002"}
    assert [one.reason for one in page.rejects] == ["orders-2.csv: It is not text in UTF-8; save it as UTF-8."]


def test_a_folder_without_stock_is_an_error_and_one_without_orders_has_none(tmp_path: Path) -> None:
    channel = opened(path=str(tmp_path))

    assert pages(channel, Stream.ORDERS) == []
    with pytest.raises(StopChannel, match="no file stock"):
        pages(channel, Stream.STOCK)
    with pytest.raises(StopChannel):
        pages(opened(path=str(tmp_path / "none")), Stream.ORDERS)


def test_what_a_place_does_not_tell_is_not_asked_of_it(tmp_path: Path) -> None:
    assert Stream.ORDERS not in opened(path=str(tmp_path), reads=("stock",)).capabilities().streams
    only_orders = opened(path=str(tmp_path), reads=("orders",)).capabilities()
    assert (only_orders.streams, only_orders.writes) == ({Stream.ORDERS}, frozenset())


CELLS = st.one_of(
    st.text(max_size=12), st.sampled_from(["", "1", "-1", "2026-02-01", "9" * 400, "\x00", "NaN", "1e400"])
)
HEADS = st.lists(st.sampled_from([*NEEDED, *SPELLINGS, "status", "total", "note"]), max_size=14)


@given(HEADS, st.lists(st.lists(CELLS, max_size=16), max_size=8), st.sampled_from(",;\t"))
def test_hostile_cells_never_crash_a_file(more: list[str], rows: list[list[str]], divider: str) -> None:
    head = list(dict.fromkeys([*NEEDED, *more]))
    body = "\n".join(divider.join(cell.replace("\n", " ") for cell in row) for row in [head, *rows])

    found, rejects = orders_in([Paper("orders.csv", body.encode("utf-8", "replace"), NOW)], UTC_EUROS)

    assert all(one.lines for one in found.values())
    assert all(one.reason for one in rejects)


@given(st.binary(max_size=200))
def test_hostile_bytes_never_crash_a_file(body: bytes) -> None:
    orders_in([Paper("orders.json", body, NOW)], UTC_EUROS)
    with suppress(StopChannel):
        stock_in(Paper("stock.json", body, NOW))


JSON_VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=9), st.lists(st.integers())
)


@given(st.lists(st.dictionaries(st.sampled_from([*NEEDED, *SPELLINGS, "status"]), JSON_VALUES), max_size=6))
def test_hostile_objects_never_crash_a_file(objects: list[dict[str, object]]) -> None:
    body = json.dumps(objects).encode()
    orders_in([Paper("orders.json", body, NOW)], UTC_EUROS)
    try:
        found = stock_in(Paper("stock.json", body, NOW))
    except StopChannel:
        return
    assert {row.sku for row in found.rows.values()}.isdisjoint(one.platform_id for one in found.rejects)
