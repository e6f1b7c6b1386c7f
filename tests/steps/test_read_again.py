"""What is asked for again by id: what could not be read, and open orders once a day and after a sweep that missed them."""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fillrate.gateway.outside import NoFaults, Phase
from fillrate.steps.intake import again
from fillrate.steps.intake.windows import Asked
from fillrate.steps.runs import RunLog
from fillrate.steps.sync import sync_catalog, sync_orders
from sandbox import Switches
from tests.simulation.crash import Crash, CrashAt
from tests.simulation.world import World, fresh

DAY_S = 86_400
EARLY = datetime(2020, 1, 1, tzinfo=UTC)
AFTER: Phase = "after_commit"
OWING = {1, 3, 7, 8, 9, 11, 12}
LAST = 232_792_559  # one less than a multiple of each number up to 20: the last of so many records


@pytest.fixture
def world(tmp_path: Path, sqlite_template: Path) -> World:
    """A shop on the evening of its first day."""
    made = World.make(fresh(tmp_path, sqlite_template, "open"), 3, Switches())
    made.day()
    return made


def an_open_order(world: World) -> int:
    truth = world.practice("state?only=orders", method="GET")["orders"]
    return next(int(one["id"]) for one in truth if one["status_id"] in OWING and not one["archived"])


def vanish(world: World, order: int) -> None:
    """The shop has lost an order: no list shows it, and asked for it the shop says 404."""
    world.shop.state.orders.remove(order)


def requests_of_single_orders(world: World) -> int:
    return int(world.practice("requests", method="GET").get("GET /v2/orders/{id}", 0))


def open_units(world: World, order: int) -> int:
    statement = (
        "SELECT COALESCE(SUM(u.quantity), 0) FROM open_unit u JOIN order_line l ON l.id = u.line_id"
        " JOIN sales_order o ON o.id = l.order_id WHERE o.platform_id = ?"
    )
    with world.desk() as desk, desk.db.read() as reading:
        return int(reading.connection.exec_driver_sql(statement, (str(order),)).scalar_one())


def all_open_units(world: World) -> int:
    with world.desk() as desk, desk.db.read() as reading:
        return int(reading.connection.exec_driver_sql("SELECT SUM(quantity) FROM open_unit").scalar_one())


def test_an_order_that_the_shop_says_is_gone_owes_nothing_from_the_next_day_on(world: World) -> None:
    order = an_open_order(world)
    owed = open_units(world, order)
    vanish(world, order)

    world.orders_only()
    same_day = open_units(world, order)
    world.practice("clock", {"advance_seconds": DAY_S})
    world.orders_only()

    assert owed == same_day > 0
    assert open_units(world, order) == 0
    assert world.broken() == []


def test_open_orders_are_read_again_once_a_day_and_not_in_every_run(world: World) -> None:
    vanish(world, an_open_order(world))
    world.practice("clock", {"advance_seconds": DAY_S})
    world.orders_only()
    asked = requests_of_single_orders(world)

    world.orders_only()
    world.orders_only()

    assert asked > 0
    assert requests_of_single_orders(world) == asked


def test_orders_that_sweeps_missed_are_asked_for_before_they_are_believed_gone(world: World) -> None:
    owed = all_open_units(world)
    world.practice("faults", [{"match": "GET /v2/orders", "kind": "missing_rows", "count": 5}])

    for _ in range(4):
        world.day(full=True)

    assert all_open_units(world) == owed


def damage(world: World, match: str, field: str, times: int | None = 1, how: str = "null", position: int = 0) -> None:
    fault = {"match": f"GET {match}", "kind": "bad_record", "field": field, "how": how, "position": position}
    world.practice("faults", [{**fault, "times": times}])


def answers(world: World, question: str) -> list[tuple[Any, ...]]:
    with world.desk() as desk, desk.db.read() as reading:
        return [tuple(row) for row in reading.connection.exec_driver_sql(question)]


def rejected(world: World) -> list[tuple[Any, ...]]:
    """What cannot be read: stream, id, attempts."""
    return answers(
        world,
        "SELECT stream, platform_id, attempts FROM rejected_record WHERE resolved_at IS NULL ORDER BY platform_id",
    )


def orders(world: World, *, full: bool = False) -> RunLog:
    log = RunLog("orders", "sync-orders", "main")
    with world.desk() as desk:
        sync_orders(desk, desk.shop("main"), log, Asked(full=full))
    return log


def catalog(world: World, *, full: bool = False) -> RunLog:
    log = RunLog("catalog", "sync-catalog", "main")
    with world.desk() as desk:
        sync_catalog(desk, desk.shop("main"), log, Asked(full=full))
    return log


def placed(world: World, count: int = 1) -> list[str]:
    """Somebody orders one of something; returns the orders' ids."""
    variant = next(v for v in world.shop.state.variants if world.shop.state.item_of(v.product_id, v.id))
    wish = {"action": "place_order", "lines": [{"variant_id": variant.id, "quantity": 1}]}
    made = world.practice("shop", [wish] * count)
    world.practice("clock", {"advance_seconds": 3600})
    return [str(one["order_id"]) for one in made]


def test_an_order_that_came_damaged_once_is_in_the_queue_after_the_same_run(world: World) -> None:
    [order] = placed(world)
    damage(world, "/v2/orders*", "date_created", position=LAST)

    log = orders(world)

    assert open_units(world, int(order)) == 1
    assert (rejected(world), log.counts["orders_rejected"], log.counts["orders_resolved"]) == ([], 0, 1)


def test_a_cancellation_that_came_damaged_is_taken_in_by_a_later_run_though_nothing_changed_since(world: World) -> None:
    order, later = placed(world, 2)
    orders(world)
    world.practice("shop", [{"action": "set_status", "order_id": int(order), "status": 5}])
    world.practice("clock", {"advance_seconds": 1800})
    damage(world, "/v2/orders*", "items_total", times=None, how="text")
    world.practice("shop", [{"action": "set_status", "order_id": int(later), "status": 9}])
    failed = orders(world)
    world.practice("clock", {"advance_seconds": 3600})
    world.practice("faults", method="DELETE")

    orders(world)

    assert failed.counts["orders_rejected"] == 1
    assert (open_units(world, int(order)), open_units(world, int(later)), rejected(world)) == (0, 1, [])


def test_an_order_that_could_not_be_read_and_is_gone_is_no_longer_asked_for(world: World) -> None:
    [order] = placed(world)
    damage(world, "/v2/orders*", "date_created", times=None, position=LAST)
    orders(world)
    kept = rejected(world)
    world.practice("faults", method="DELETE")
    vanish(world, int(order))

    orders(world)

    assert (kept, rejected(world)) == ([("orders", order, 2)], [])


def test_of_many_records_that_cannot_be_read_some_are_asked_for_in_each_run_and_all_in_turn(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(again, "MOST", 1)
    first, second = placed(world, 2)
    with world.desk() as desk, desk.db.write("test.reject") as tx:
        for order in (first, second):
            tx.connection.exec_driver_sql(
                "INSERT INTO rejected_record (channel_id, stream, platform_id, reason, payload_hash, attempts,"
                " first_seen_at, last_seen_at) SELECT id, 'orders', '"
                + order
                + "', 'x', 'x', 1, '2026-01-01', '2026-01-01' FROM channel"
            )
        tx.connection.exec_driver_sql("UPDATE cursor SET saved_until = '2027-01-01T00:00:00.000000+00:00'")

    log = orders(world)
    after_one = rejected(world)
    orders(world)

    assert (after_one, rejected(world)) == ([("orders", first, 1)], [])
    [problem] = log.problems
    assert problem.what == "Of 2 orders that could not be read, 1 were asked for again by their number."
    assert problem.next == "To read all: fillrate run sync-orders --full"


def test_an_order_that_does_not_tell_its_number_is_found_by_a_full_run(world: World) -> None:
    [order] = placed(world)
    damage(world, "/v2/orders*", "id", position=LAST)
    log = orders(world)
    kept = rejected(world)
    orders(world, full=True)

    assert log.problems[0].next == "To read all: fillrate run sync-orders --full"
    assert [(stream, name[0], attempts) for stream, name, attempts in kept] == [("orders", "?", 1)]
    assert rejected(world) == []
    assert open_units(world, int(order)) == 1


def test_records_that_do_not_tell_their_number_are_each_listed_with_their_reason(world: World) -> None:
    placed(world, 2)
    faults = [
        {"match": "GET /v2/orders*", "kind": "bad_record", "field": "id", "how": how, "position": LAST, "times": 1}
        for how in ("null", "type")
    ]
    for fault in faults:
        world.practice("faults", [fault])
        orders(world, full=True)

    assert len(rejected(world)) == 2
    assert {
        reason for [reason] in answers(world, "SELECT reason FROM rejected_record WHERE platform_id LIKE '?%'")
    } == {
        "Expected int, got null - at id",
        "Expected int, got object - at id",
    }


def test_a_refund_that_did_not_tell_its_number_is_read_by_a_full_run(world: World) -> None:
    order, line = next((one.id, one.lines[0].id) for one in world.shop.state.orders if one.lines)
    world.practice("shop", [{"action": "refund", "order_id": order, "lines": [{"line_id": line, "quantity": 1}]}])
    damage(world, "/v3/orders/payment_actions/refunds*", "id", position=LAST)
    orders(world, full=True)
    kept = rejected(world)
    world.rest(60)

    orders(world, full=True)

    assert [(stream, name[0]) for stream, name, _ in kept] == [("refunds", "?")]
    assert rejected(world) == []


def test_an_order_from_the_future_is_rejected_so_that_the_truth_can_follow_it(world: World) -> None:
    [number] = placed(world)
    order = next(one for one in world.shop.state.orders if str(one.id) == number)
    true, order.modified = order.modified, order.modified + 400 * DAY_S
    orders(world, full=True)
    kept = answers(world, "SELECT platform_id, reason FROM rejected_record WHERE resolved_at IS NULL")
    order.modified = true

    orders(world)

    [(platform_id, reason)] = kept
    assert (platform_id, reason[:36]) == (number, "modified_at lies in the future: 2027")
    assert (open_units(world, int(number)), rejected(world)) == (1, [])


def test_a_product_that_came_damaged_once_is_read_in_the_same_run(world: World) -> None:
    product = next(iter(world.shop.state.products))
    world.practice("shop", [{"action": "rename_product", "product_id": product.id, "to": "Renamed"}])
    damage(world, "/v3/catalog/products?*", "price")

    log = catalog(world)

    assert (rejected(world), log.counts["products_rejected"], log.counts["products_resolved"]) == ([], 0, 1)
    assert answers(world, "SELECT COUNT(*) FROM product WHERE name = 'Renamed'") == [(1,)]


def test_a_product_that_could_not_be_read_and_is_gone_ends_its_listings(world: World) -> None:
    product = next(iter(world.shop.state.products))
    world.practice("shop", [{"action": "rename_product", "product_id": product.id, "to": "Renamed"}])
    damage(world, "/v3/catalog/products?*", "price", times=None)
    catalog(world)
    kept = len(rejected(world))
    world.practice("faults", method="DELETE")
    world.practice("shop", [{"action": "delete_product", "product_id": product.id}])

    catalog(world)

    left = f"FROM listing WHERE product_platform_id = '{product.id}' AND deleted_at IS NULL"
    assert (kept, rejected(world), answers(world, f"SELECT COUNT(*) {left}")) == (1, [], [(0,)])


@pytest.mark.parametrize(("times", "left"), [(1, 0), (None, 1)])
def test_customers_that_came_damaged_are_read_once_more_with_all_that_changed_since_and_then_no_more(
    world: World, times: int | None, left: int
) -> None:
    cursor = "SELECT saved_until FROM cursor WHERE stream = 'customers'"
    customers = list(world.shop.state.customers)
    at_first = answers(world, cursor)
    for customer in customers[:2]:
        customer.modified = world.shop.state.clock.now()
        customer.company = "Other"
    world.practice("clock", {"advance_seconds": 3600})
    damage(world, "/v3/customers*", "email", times=times)

    catalog(world)
    damaged = answers(world, cursor)
    world.practice("clock", {"advance_seconds": 3600})
    catalog(world)

    assert damaged == at_first < answers(world, cursor)
    assert len(rejected(world)) == left
    assert answers(world, "SELECT COUNT(*) FROM customer WHERE company = 'Other'") == [(2 - left,)]


@pytest.mark.parametrize("is_by_hand", [False, True], ids=["cut off", "by hand"])
def test_what_was_saved_before_the_first_sweep_ended_and_is_gone_by_then_owes_nothing(
    is_by_hand: bool, tmp_path: Path, sqlite_template: Path
) -> None:
    world = World.make(fresh(tmp_path, sqlite_template, "cut"), 3, Switches(unstated_limit_max=100), orders=120)
    order = an_open_order(world)
    asked, faults = (Asked(since=EARLY), NoFaults()) if is_by_hand else (Asked(), CrashAt("orders.page", AFTER, 1))
    with world.desk(faults) as desk, suppress(Crash):
        sync_orders(desk, desk.shop("main"), RunLog("begun", "sync-orders", "main"), asked)
    world.abandon_leases()
    owed = open_units(world, order)
    vanish(world, order)

    world.orders_only()

    assert owed > 0
    assert open_units(world, order) == 0
    assert world.broken() == []
