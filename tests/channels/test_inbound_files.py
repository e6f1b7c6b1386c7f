"""Files of lines on their way: what is read, what is rejected by row, and what is refused as a whole."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fillrate.channels.inbound_files import InboundFile, parse_inbound
from fillrate.errors import SkipRecord

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WHOLE = (
    "reference,line,kind,supplier,sku,location,quantity,received,cancelled,ordered,expected,status,received_on,note\n"
    "PO1,1,Purchase,ACME,A-1,WEST,10,4,1,2026-01-05,2026-03-31T08:00:00+02:00,Open,2026-02-27,x\n"
)


def parse(body: str | bytes) -> InboundFile:
    return parse_inbound(body.encode() if isinstance(body, str) else body, BERLIN, NOW)


def reasons(body: str | bytes) -> list[tuple[int, str]]:
    return [(one.row, one.reason) for one in parse(body).bad]


def test_every_column_is_read_and_unknown_ones_are_named() -> None:
    parsed = parse(WHOLE)

    [(row, line)] = parsed.rows
    assert row == 2
    assert (line.reference, line.position, line.kind, line.supplier, line.sku) == (
        "PO1",
        "1",
        "purchase",
        "ACME",
        "A-1",
    )
    assert (line.location, line.quantity, line.received, line.cancelled) == ("WEST", 10, 4, 1)
    assert line.status == "open"
    assert line.ordered_at == datetime(2026, 1, 4, 23, tzinfo=UTC)  # the 5th in Berlin
    assert line.expected_at == datetime(2026, 3, 31, 6, tzinfo=UTC)
    assert line.received_at == datetime(2026, 2, 26, 23, tzinfo=UTC)
    assert parsed.ignored == ("note",)


@pytest.mark.parametrize(
    "body",
    [
        "Reference;SKU;Quantity\nPO1;A;10\n",
        "\ufeffreference,sku,quantity\r\nPO1,A,10\r\n\r\n",
        "\n\nsku,quantity,reference\n A ,10, PO1\n",
        'reference,sku,quantity\n"PO1","A"," 10 "',
        '[{"reference": "PO1", "sku": "A", "quantity": 10}]',
        '\ufeff {"lines": [{"reference": "PO1", "sku": "A", "quantity": "10"}], "more": 1}',
        '[{"reference": "PO1", "sku": "A", "quantity": 10.0, "expected": null, "status": ""}]',
    ],
)
def test_the_same_line_in_many_dresses(body: str) -> None:
    [(_, line)] = parse(body).rows

    assert (line.reference, line.position, line.sku, line.quantity, line.status) == ("PO1", "A", "A", 10, "open")


def test_lines_without_a_name_are_called_after_their_sku_and_turn() -> None:
    parsed = parse("reference,sku,quantity\nPO1,A,1\nPO1,A,2\nPO2,A,3\nPO1,B,4\n")

    assert [line.position for _, line in parsed.rows] == ["A", "A #2", "A", "B"]


@pytest.mark.parametrize(
    ("received", "cancelled", "status"),
    [(0, 0, "open"), (9, 0, "open"), (9, 1, "closed"), (10, 0, "closed"), (0, 10, "cancelled")],
)
def test_a_file_without_a_status_tells_it_by_its_numbers(received: int, cancelled: int, status: str) -> None:
    [(_, line)] = parse(f"reference,sku,quantity,received,cancelled\nPO1,A,10,{received},{cancelled}\n").rows

    assert line.status == status


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("reference", "", "reference is missing"),
        ("sku", " ", "sku is missing"),
        ("sku", "x" * 256, "sku is longer than 255 characters"),
        ("quantity", "", "quantity is missing"),
        ("quantity", "1,000", "quantity is no whole number of units"),
        ("quantity", "1.000", "quantity is no whole number of units"),
        ("quantity", "-1", "quantity is no whole number of units"),
        ("quantity", "1e3", "quantity is no whole number of units"),
        ("quantity", "٣", "quantity is no whole number of units"),
        ("quantity", "3000000000", "quantity is no whole number of units"),
        ("received", "few", "received is no whole number of units"),
        ("cancelled", "11", "cancelled is more than quantity: 11 of 10"),
        ("expected", "31.03.2026", "expected is no date such as 2026-03-31"),
        ("expected", "2026-02-30", "expected is no date such as 2026-03-31"),
        ("expected", "0001-01-01", "expected is no date such as 2026-03-31"),
        ("status", "delayed", "status must be one of open, closed, cancelled"),
        ("kind", "gift", "kind must be one of purchase, transfer"),
        ("received_on", "2026-03-05", "received_on lies in the future"),
    ],
)
def test_a_bad_row_is_rejected_with_its_number_and_reason_and_its_neighbour_is_read(
    column: str, value: str, reason: str
) -> None:
    names = list(dict.fromkeys(["reference", "sku", "quantity", column]))
    cells = {"reference": "PO1", "sku": "A", "quantity": "10", column: value}
    body = (
        ",".join(names) + "\n" + ",".join(f'"{cells[name]}"' for name in names) + "\nPO2,B,1" + "," * (len(names) - 3)
    )

    assert reasons(body) == [(2, reason)]
    assert [line.reference for _, line in parse(body).rows] == ["PO2"]
    assert parse(json.dumps([cells])).bad[0].reason == reason


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (True, "quantity is no whole number of units"),
        (1.5, "quantity is no whole number of units"),
        (1e300, "quantity is no whole number of units"),
        ([1], "it is no object of texts and numbers"),
        ({"a": 1}, "it is no object of texts and numbers"),
    ],
)
def test_json_of_another_shape_is_rejected(value: object, reason: str) -> None:
    row = {"reference": "PO1", "sku": "A", "quantity": value}

    assert reasons(json.dumps([row, 7])) == [(1, reason), (2, "it is no object of texts and numbers")]


def test_sloppy_json_costs_only_its_row() -> None:
    body = '[{"reference": "PO1", "sku": "A", "quantity": NaN}, {"reference": "PO2", "sku": "B", "quantity": 2}]'

    assert reasons(body) == [(1, "quantity is no whole number of units")]
    assert len(parse(body).rows) == 1


def test_a_row_of_another_length_and_a_line_told_twice_are_rejected() -> None:
    body = "reference,line,sku,quantity\nPO1,1,A\nPO1,1,A,1,2\nPO1,1,A,1\nPO1,1,B,2\n"

    assert reasons(body) == [
        (2, "it has 3 cells, the header has 4"),
        (3, "it has 5 cells, the header has 4"),
        (5, "line 1 of PO1 is in row 4 already"),
    ]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "does not name the column"),
        (b"reference,sku,quantity\n", "has no rows"),
        (b"[]", "has no rows"),
        (b'{"lines": []}', "has no rows"),
        (b"reference,sku\nPO1,A\n", r"does not name the column\(s\) quantity"),
        (b"reference,sku,quantity,sku\nPO1,A,1,A\n", "names sku twice"),
        ("reference,sku,quantity\nPO1,Ä,1\n".encode("latin-1"), "not text in UTF-8"),
        (b'reference,sku,quantity\nPO1,"A,1\n', "is no CSV"),
        (b'reference,sku,quantity\nPO1,"' + b"A" * 200_000 + b'",1\n', "is no CSV"),
        (b'{"rows": []}', "neither a JSON list"),
        (b'[{"reference": "PO1"', "neither a JSON list"),
        (b"[" * 100_000, "neither a JSON list"),
        (b'{"lines": 7}', "neither a JSON list"),
    ],
)
def test_what_is_no_such_file_is_refused_with_a_sentence(body: bytes, why: str) -> None:
    with pytest.raises(SkipRecord, match=why):
        parse(body)


def test_names_hold_no_control_or_steering_characters() -> None:
    [(_, line)] = parse('reference,sku,quantity\n"PO\x1b[31m1","A\u202eB",1\n').rows

    assert (line.reference, line.sku) == ("PO[31m1", "AB")


CELLS = st.sampled_from(
    ["", "PO1", "A", "10", "-1", "9" * 20, "2026-04-01", "2026-13-01", "=1+1", '"', "\x00", "NaN", "é", "1e999"]
)
FILES = st.lists(st.lists(CELLS, min_size=2, max_size=5).map(",".join), max_size=5).map(
    lambda rows: "\n".join(["reference,sku,quantity,expected", *rows]).encode()
)
OBJECTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | CELLS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["reference", "sku", "quantity", "lines"]), inner)
    ),
    max_leaves=12,
)


@given(st.binary(max_size=200) | FILES | OBJECTS.map(lambda value: json.dumps(value).encode()))
@example(b'[{"reference": "PO1", "sku": "A", "quantity": 1e999}]')
@example(b'{"lines": [{"reference": "\\ud800", "sku": "A", "quantity": 1}]}')
def test_whatever_a_file_holds_it_is_read_rejected_or_refused(body: bytes) -> None:
    try:
        parsed = parse(body)
    except SkipRecord:
        return
    assert parsed.rows or parsed.bad
    for _, line in parsed.rows:
        assert line.reference
        assert line.sku
        f"{line.reference}{line.sku}{line.position}".encode()
