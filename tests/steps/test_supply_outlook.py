"""When what is on its way comes, and what people are told of it, on each engine."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fillrate.db.queries.supply import slipped
from fillrate.settings import SupplierSettings
from fillrate.steps.supply.outlook import expected_arrivals
from fillrate.steps.supply.seen import match_counts
from fillrate.steps.supply.summary import supply
from tests.steps.purchasing import Merchant, day

HEAD = "reference,sku,quantity,received,ordered,expected,received_on,supplier"


@pytest.fixture
def merchant(db_url: str, tmp_path: Path) -> Iterator[Merchant]:
    """A merchant on each engine in turn, in June 2026."""
    with closing(Merchant.begin(db_url, tmp_path)) as made:
        made.clock.time = datetime(2026, 6, 1, 9, tzinfo=UTC)
        yield made


@pytest.fixture
def small(sqlite_url: str, tmp_path: Path) -> Iterator[Merchant]:
    """The same merchant on SQLite."""
    with closing(Merchant.begin(sqlite_url, tmp_path)) as made:
        made.clock.time = datetime(2026, 6, 1, 9, tzinfo=UTC)
        yield made


def come(merchant: Merchant) -> dict[int, tuple[Any, ...]]:
    with merchant.desk() as desk, desk.db.read() as reading:
        found = expected_arrivals(desk, reading, merchant.clock.time)
    rows = found.astype(object).where(found.notna(), None).to_dict("records")
    return {row["inbound_id"]: (row["units"], *(day(row[name]) for name in ("likely_at", "sure_at"))) for row in rows}


def test_lines_come_by_their_date_or_their_suppliers_lead_time_as_late_as_he_is_when_he_delivers(
    merchant: Merchant,
) -> None:
    merchant.suppliers = (SupplierSettings(code="ACME", lead_days=10, workdays=("tue", "thu")),)
    merchant.tell(
        "OLD,A,10,10,2026-04-01,2026-05-01,2026-05-04,acme",  # 3 days late
        "PO1,A,100,20,,2026-06-08,2026-06-01,ACME",  # 7 days early, so half of 2 observations each
        "PO2,B,5,0,2026-06-01,,,ACME",  # by lead time on the 11th
        "PO3,C,7,0,,,,ACME",
        "PO4,C,9,0,,2026-06-10,,Other",  # of whom nothing is known: as all of them
        header=HEAD,
    )  # fmt: skip

    assert come(merchant) == {
        2: (80, "2026-06-02", "2026-06-11"),
        3: (5, "2026-06-04", "2026-06-16"),
        4: (7, None, None),
        5: (9, "2026-06-03", "2026-06-15"),
    }


def test_a_line_without_a_date_comes_as_long_after_its_order_as_five_deliveries_of_its_supplier_did(
    merchant: Merchant,
) -> None:
    old = [
        f"OLD{n},A,10,10,2026-04-01,,{received},ACME"
        for n, received in enumerate(("2026-04-11", "2026-04-11", "2026-04-13", "2026-04-15"))
    ]
    merchant.tell(*old, "PO1,B,5,0,2026-06-01,,,acme", "PO2,C,7,0,2026-06-01,,,Other", "PO3,C,9,0,,,,ACME", header=HEAD)
    assert set(come(merchant).values()) == {(5, None, None), (7, None, None), (9, None, None)}
    merchant.do("DELETE FROM touched")

    merchant.tell(
        "OLD9,A,10,10,2026-04-01,,2026-04-21,ACME", header=HEAD, name="fifth.csv"
    )  # of 10, 10, 12, 14, 20 days

    found = come(merchant)
    assert [found[number] for number in (5, 6, 7)] == [
        (5, "2026-06-15", "2026-06-22"),  # on the 13th, a Saturday; on the 21st, a Sunday
        (7, None, None),
        (9, None, None),
    ]
    assert {2, 3} <= {item for (item,) in merchant.ask("SELECT item_id FROM touched")}  # so that they get their day
    with merchant.desk() as desk, desk.db.read() as reading:
        acme, other = supply(desk, reading, 20)["suppliers"]
    assert (acme["lead_days"], acme["lead_sure_days"], other["lead_days"]) == (12.0, 20.0, None)

    merchant.suppliers = (SupplierSettings(code="ACME", lead_days=2),)
    assert come(merchant)[5] == (5, "2026-06-03", "2026-06-10")  # what is typed wins; late as nobody ever told


def test_an_order_that_is_dated_after_its_receipt_teaches_no_lead_time(small: Merchant) -> None:
    small.tell(*(f"OLD{n},A,10,10,2026-05-09,,2026-05-08,ACME" for n in range(6)), header=HEAD)

    with small.desk() as desk, desk.db.read() as reading:
        [acme] = supply(desk, reading, 20)["suppliers"]
    assert acme["lead_days"] is None


def test_dates_that_were_told_after_the_goods_had_come_say_nothing_of_how_late_they_were(small: Merchant) -> None:
    small.tell("PO1,A,10,0,,2026-06-05,,ACME", header=HEAD)
    small.clock.time = datetime(2026, 6, 12, 9, tzinfo=UTC)
    small.tell("PO1,A,10,10,,2026-06-10,2026-06-10,ACME", header=HEAD)

    with small.desk() as desk, desk.db.read() as reading:
        [acme] = supply(desk, reading, 20)["suppliers"]
    assert (acme["deliveries"], acme["median_days"], acme["sure_days"]) == (1, 5.0, 5.0)


def test_receipts_that_were_taken_back_altogether_were_no_delivery(small: Merchant) -> None:
    small.tell("PO1,A,10,10,,2026-05-05,2026-05-20,ACME", header=HEAD)
    small.tell("PO1,A,10,0,,2026-05-05,,ACME", header=HEAD)

    with small.desk() as desk, desk.db.read() as reading:
        [acme] = supply(desk, reading, 20)["suppliers"]
    assert (acme["deliveries"], acme["units"], acme["overdue"]) == (0, 10, 1)


def test_a_count_shows_goods_on_their_way(merchant: Merchant) -> None:
    merchant.tell("PO1,A,50,0,,2026-06-02,,ACME", header=HEAD)
    merchant.tell("PO1,A,50,20,,2026-06-02,2026-06-01,ACME", header=HEAD)
    merchant.do("DELETE FROM touched")

    with merchant.desk() as desk, desk.db.write("count") as tx:
        shelf, first_read, now = (1, 1), datetime(2026, 5, 1, tzinfo=UTC), merchant.clock.time
        assert match_counts(tx, {shelf: 25, (2, 1): 3}, {shelf: first_read}, now, "counted:main:1", "r") == 25

    assert merchant.lines("qty_received", "qty_seen") == {("PO1", "A"): (20, 25)}
    assert merchant.events()[-1] == ("counted", 25, None, None)
    assert merchant.ask("SELECT item_id FROM touched") == [(1,)]


def test_people_are_told_of_feeds_bad_rows_unknown_skus_and_what_is_overdue(merchant: Merchant) -> None:
    with merchant.desk() as desk, desk.db.read() as reading:
        assert set(map(len, supply(desk, reading, 20).values())) == {0}
    merchant.file("no header\n", "bad.csv")
    merchant.tell("PO1,A,10,4,,2026-06-20,,ACME", "PO2,A%_,1,,,,,", "PO3,B,many,,,,,", header=HEAD)
    merchant.clock.time = datetime(2026, 6, 19, 9, tzinfo=UTC)
    log = merchant.tell("PO1,A,10,4,,2026-06-22,,ACME", "PO2,A%_,1,,,,,", "PO3,B,many,,,,,", header=HEAD)
    merchant.clock.time = datetime(2026, 6, 23, 9, tzinfo=UTC)

    with merchant.desk() as desk, desk.db.read() as reading:
        found = supply(desk, reading, 20)
        [later] = slipped(reading, log.id, 20)

    assert [(one["feed"], one["files"], one["refused"], one["rejected"]) for one in found["feeds"]] == [
        ("erp", 2, 1, 1)
    ]
    assert [(one["file"], one["row"]) for one in found["bad_rows"]] == [("bad.csv", 0), ("po.csv", 4)]
    assert found["unknown_skus"] == [{"feed": "erp", "reference": "PO2", "sku": "A%_", "like": []}]
    assert found["overdue"] == [
        {
            "reference": "PO1",
            "sku": "A",
            "supplier": "ACME",
            "units": 6,
            "expected": "2026-06-22",
            "days": 1,
            "sure": None,
        }
    ]
    assert (later.reference, later.units, day(later.expected_before), day(later.expected_after)) == (
        "PO1", 6, "2026-06-20", "2026-06-22",
    )  # fmt: skip
