"""Both queues at a glance from real tables, on both engines: what is at risk, what is due, what waits longest, and stays."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from fillrate.bootstrap import open_desk
from fillrate.gateway.outside import Outside
from fillrate.settings import DatabaseSettings, Settings, StoreSettings
from fillrate.steps.desk import Desk
from fillrate.steps.glance import glance, longest, time_spent
from tests.practice_clock import PracticeClock

NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)  # a Wednesday
CLOSED = datetime(2026, 3, 13, tzinfo=UTC).date()  # a holiday: three working days on is the Tuesday


class At(PracticeClock):
    """A clock that stands."""

    def now(self) -> datetime:
        return NOW


@pytest.fixture(params=["sqlite_url", "postgres_url"])
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    url: str = request.getfixturevalue(request.param)
    store = StoreSettings(holidays=(CLOSED,))
    with open_desk(Settings(database=DatabaseSettings(url=url), store=store), Outside(At()), {}) as found:
        with found.db.write("test.seed") as tx:
            for statement in ROOTS:
                tx.execute(sa.text(statement))
        yield found


ROOTS = (
    "INSERT INTO channel (id, name, kind, identity) VALUES (1, 'main', 'bigcommerce', '')",
    "INSERT INTO sales_order (id, channel_id, platform_id, status, placed_at, modified_at, customer_platform_id, email,"
    " recipient, destination, currency, total_e4, external_order_id,"
    " source_channel, is_archived, note, content_hash,"
    " missing_sweeps)"
    " VALUES (1, 1, '100', '11', '2026-01-01 00:00:00+00:00', '2026-01-01 00:00:00+00:00', '', '', '', '', 'USD', 0, '', '',"
    " FALSE, '', '', 0)",
)


def line(desk: Desk, number: int, state: str, reason: str, days: int, **more: Any) -> None:
    """A line with 2 open units that joined the queue so many days ago; promises and a forecast, in days from now."""
    from fillrate.db.tables import Forecast, OpenUnit, OrderLine, Promise

    ids = {
        "channel_id": 1,
        "order_id": 1,
        "platform_id": str(number),
        "product_platform_id": "",
        "variant_platform_id": "",
    }
    counts = {"qty_ordered": 2, "qty_shipped": 0, "qty_shipped_told": 0, "qty_cancelled": 0, "qty_refunded": 0}
    facts = {
        "sku": f"S{number}",
        "name": "",
        "needs_stock": True,
        "unit_price_e4": 0,
        "item_id": None,
        "is_removed": False,
    }
    with desk.db.write("test.line") as tx:
        tx.insert(OrderLine, [{"id": number, **ids, **counts, **facts}])
        queued = NOW - timedelta(days=days)
        tx.insert(OpenUnit, [{"line_id": number, "state": state, "reason": reason, "queued_at": queued, "quantity": 2}])
        for n, day in enumerate(more.get("promises", ()), start=1):
            told = {"line_id": number, "number": n, "ship_by": NOW + timedelta(days=day), "source": "stock"}
            tx.insert(Promise, [{**told, "given_at": NOW, "plan_id": "", "run_id": "r"}])
        if "likely" in more:
            by = None if more["likely"] is None else NOW + timedelta(days=more["likely"])
            tx.insert(Forecast, [{"line_id": number, "likely_by": by, "sure_by": by, "uncovered": 0}])


def lines_of(part: Any) -> list[str]:
    return [one["line"] for one in part["worst"]]


def test_a_promise_is_at_risk_when_the_forecast_is_later_than_the_last_one_or_there_is_no_day(desk: Desk) -> None:
    line(desk, 1, "backorder", "awaiting_inbound", 3, promises=[9], likely=10)
    line(desk, 2, "backorder", "awaiting_inbound", 9, promises=[9], likely=9)
    line(desk, 3, "backorder", "awaiting_inbound", 9, promises=[5, 20], likely=10)  # moved: the last one holds
    line(desk, 4, "backorder", "no_supply", 2, promises=[4], likely=None)
    line(desk, 5, "backorder", "no_supply", 70, likely=None)
    line(desk, 6, "backlog", "ship_complete", 1, promises=[40], likely=60)  # it has stock, and leaves with the rest
    line(desk, 7, "backlog", "ready", 1, promises=[40], likely=60)  # leaves now, before other units of its line

    with desk.db.read() as reading:
        found = glance(desk, reading, 10)

    assert (lines_of(found["at_risk"]), found["at_risk"]["units"]) == (
        ["4", "1", "6"],
        6,
    )  # the first promised day first
    assert (lines_of(found["unpromised"]), found["unpromised"]["lines"]) == (["5"], 1)
    assert [one["line"] for one in found["longest"][:2]] == ["5", "2"]
    assert found["longest"][0] == {
        "order": "main:100",
        "line": "5",
        "sku": "S5",
        "state": "backorder",
        "reason": "no_supply",
        "quantity": 2,
        "days": 70,
        "queued_at": (NOW - timedelta(days=70)).isoformat(),
        "promised": None,
        "likely_by": None,
    }


def test_what_is_promised_within_three_working_days_and_not_being_packed_is_due(desk: Desk) -> None:
    tuesday = datetime(2026, 3, 17, tzinfo=UTC)
    until = (tuesday - NOW) / timedelta(days=1)
    line(desk, 1, "backlog", "ready", 1, promises=[until])
    line(desk, 2, "backlog", "ready", 1, promises=[until + 1])
    line(desk, 3, "backlog", "picking", 1, promises=[0])
    line(desk, 4, "backlog", "payment", 1, promises=[-9, -3])
    line(desk, 5, "backlog", "ready", 1, promises=[0, until + 9])
    line(desk, 6, "backorder", "no_supply", 1, promises=[0], likely=0)

    with desk.db.read() as reading:
        found = glance(desk, reading, 1)

    assert (lines_of(found["due_soon"]), found["due_soon"]["lines"], found["due_soon"]["units"]) == (["4"], 2, 4)


def test_every_open_unit_is_in_one_class_of_age(desk: Desk) -> None:
    for number, days in enumerate((0, 1, 2, 7, 8, 30, 31, 60, 61, 400), start=1):
        line(desk, number, "backorder", "no_supply", days)
    line(desk, 11, "backlog", "ready", 3)
    line(desk, 12, "new", "", 0)

    with desk.db.read() as reading:
        found = glance(desk, reading, 0)
        waits = longest(desk, reading, 2, "no_supply")

    assert found["units"] == {"backlog": 2, "backorder": 20, "new": 2}
    assert [(one["state"], one["ages"]) for one in found["ages"]] == [
        ("backlog", [0, 2, 0, 0, 0, 0, 0]),
        ("backorder", [4, 2, 2, 2, 2, 4, 4]),
        ("new", [2, 0, 0, 0, 0, 0, 0]),
    ]
    assert [one["days"] for one in waits["longest"]] == [400, 61]


def moved(desk: Desk, number: int, *moves: tuple[str, str, str, str, float]) -> None:
    """Moves of a line's 2 units, so many days ago."""
    from fillrate.db.tables import Transition

    names = ("from_state", "from_reason", "to_state", "to_reason")
    rows = [
        {**dict(zip(names, move, strict=False)), "at": NOW - timedelta(days=move[4]), "line_id": number, "quantity": 2}
        for move in moves
    ]
    with desk.db.write("test.moves") as tx:
        tx.insert(Transition, [{**row, "cause": "allocated", "plan_id": "", "run_id": "r"} for row in rows])


def test_time_in_a_state_is_told_of_those_who_left_it_lately_and_of_those_who_are_there(desk: Desk) -> None:
    waits, ready = ("backorder", "no_supply"), ("backlog", "ready")
    line(desk, 1, *ready, 90)
    moved(desk, 1, ("none", "", "new", "", 90), ("new", "", *waits, 90), (*waits, *ready, 5))
    line(desk, 2, *waits, 90)
    moved(desk, 2, ("none", "", "new", "", 90), ("new", "", *waits, 40))  # nothing of it in 30 days

    with desk.db.read() as reading:
        found = time_spent(desk, reading)

    assert found["stays"] == [
        {
            "state": "backorder",
            "reason": "no_supply",
            "units": 2,
            "median_days": 85.0,
            "most_days": 85.0,
            "mean_days": 85.0,
        }
    ]
    assert [(one["state"], one["ages"]) for one in found["in_state"]] == [
        ("backlog", [0, 0, 2, 0, 0, 0, 0]),
        ("backorder", [0, 0, 0, 0, 0, 2, 0]),
    ]


def test_where_nothing_is_owed_all_is_zero(desk: Desk) -> None:
    with desk.db.read() as reading:
        found, spent = glance(desk, reading, 5), time_spent(desk, reading)

    assert (found["ages"], found["longest"], found["at_risk"]) == ([], [], {"lines": 0, "units": 0, "worst": []})
    assert (spent["stays"], spent["in_state"]) == ([], [])
