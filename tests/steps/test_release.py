"""Backlog is released as pick lists, and what the shop tells later closes them."""

from datetime import UTC, datetime

import pytest

from fillrate.errors import Conflict, FixSettings, NotFound
from fillrate.gateway.outside import Phase
from fillrate.settings import LocationSettings, Policy, PolicySettings
from fillrate.steps import allocate, reconcile, sync
from fillrate.steps.correcting.cancelled_units import cancel_units
from fillrate.steps.correcting.holds import hold
from fillrate.steps.correcting.word import said
from fillrate.steps.intake.windows import Asked
from fillrate.steps.picking import told
from fillrate.steps.picking.outlook import worked_off_sentence
from fillrate.steps.picking.release import release_backlog
from fillrate.steps.picking.told import undo
from fillrate.steps.runs import RunLog, recorded
from fillrate.steps.sync import sync_orders
from tests.simulation.crash import Crash, CrashAt
from tests.simulation.world import World
from tests.steps.releasing import (
    answers,
    backlog,
    happen,
    is_sound,
    limited,
    lines,
    lists,
    ordered,
    released,
    shop_of,
    thing,
)


@pytest.fixture
def world(db_url: str) -> World:
    return shop_of(db_url)


@pytest.fixture
def small(sqlite_url: str) -> World:
    return shop_of(sqlite_url)


def test_what_is_ready_becomes_one_list_and_twice_is_once(world: World) -> None:
    world.looks = True
    variant = thing(world)
    first, second = ordered(world, (variant, 3)), ordered(world, (variant, 2))
    world.day()

    log, again = released(world), released(world)

    assert (log.counts["units_released"], log.counts["lists_made"], again.counts["lists_made"]) == (5, 1, 0)
    [made] = lists(world)
    assert [(one["order"], one["sku"], one["quantity"]) for one in made["lines"]] == [
        (str(first["order_id"]), "T", 3),
        (str(second["order_id"]), "T", 2),
    ]
    world.day()
    assert backlog(world) == {"picking": 5}
    assert answers(world, "SELECT DISTINCT cause FROM transition WHERE to_reason = 'picking'") == [("release",)]
    is_sound(world)


def test_what_does_not_fit_into_the_day_waits_for_capacity_and_goes_first_tomorrow(small: World) -> None:
    variant = thing(small)
    for _ in range(3):
        ordered(small, (variant, 2))
    small.day()
    limited(small, capacity_units=4)

    released(small)
    small.day()
    assert backlog(small) == {"picking": 4, "capacity": 2}
    assert released(small).counts["units_released"] == 0
    small.practice("clock", {"advance_seconds": 86_400})
    assert released(small).counts["units_released"] == 2

    assert [len(one["lines"]) for one in lists(small)] == [2, 1]
    is_sound(small)


def test_a_location_works_on_its_own_days_whatever_the_store_does(small: World) -> None:
    """The practice shop's clock stands in a week; the next Saturday is found by it."""
    now = datetime.fromtimestamp(small.shop.state.clock.now(), UTC)
    small.practice("clock", {"advance_seconds": (5 - now.weekday()) % 7 * 86_400})
    saturday = datetime.fromtimestamp(small.shop.state.clock.now(), UTC).date()
    ordered(small, (thing(small), 3))
    small.day()

    assert released(small).counts["units_released"] == 0  # as the store
    limited(small, holidays=(saturday,), workdays=("sat",))
    assert released(small).counts["units_released"] == 0
    assert backlog(small) == {"ready": 3}
    limited(small, workdays=("sat",))
    assert released(small).counts["units_released"] == 3
    is_sound(small)


def test_an_order_that_ships_complete_waits_for_its_part_at_a_location_that_is_closed(small: World) -> None:
    small.policy = PolicySettings(default=Policy(ship_complete=True))
    cup, pot = thing(small, "CUP"), thing(small, "POT")
    ordered(small, (cup, 1), (pot, 1))
    ordered(small, (cup, 2))
    small.day()
    second = small.shop.state.locations[2].code
    with small.desk() as desk, desk.db.write("move") as tx:  # the pots lie elsewhere
        there = f"(SELECT id FROM location WHERE code = '{second}')"
        pots = "item_id = (SELECT id FROM item WHERE sku = 'POT')"
        tx.connection.exec_driver_sql(f"DELETE FROM stock WHERE {pots} AND location_id = {there}")
        for table in ("stock", "allocation"):
            tx.connection.exec_driver_sql(f"UPDATE {table} SET location_id = {there} WHERE {pots}")
    today = datetime.fromtimestamp(small.shop.state.clock.now(), UTC).date()

    small.locations = (LocationSettings(channel="main", code=second, holidays=(today,)),)
    first = released(small)
    made = [(line["sku"], line["quantity"]) for one in lists(small) for line in one["lines"]]
    small.locations = ()
    then = released(small)

    assert made == [("CUP", 2)]
    assert (first.counts["units_released"], then.counts["units_released"]) == (2, 2)


@pytest.mark.slow
def test_so_many_orders_a_day(small: World) -> None:
    variant = thing(small)
    for _ in range(3):
        ordered(small, (variant, 1))
    small.day()
    limited(small, capacity_orders=2)

    assert released(small).counts["units_released"] == 2
    assert released(small).counts["units_released"] == 0


@pytest.mark.slow
def test_an_order_that_ships_complete_is_released_when_all_of_it_is_ready(small: World) -> None:
    small.policy = PolicySettings(default=Policy(ship_complete=True))
    cup, pot = thing(small, "CUP"), thing(small, "POT", stock=1)
    small.day()
    ordered(small, (pot, 1))
    ordered(small, (cup, 2), (pot, 1))
    small.day()

    released(small)
    assert {one["sku"] for made in lists(small) for one in made["lines"]} == {"POT"}
    happen(small, {"action": "receive", "sku": "POT", "quantity": 1})
    small.day()
    released(small)

    assert sorted(one["sku"] for one in lists(small)[1]["lines"]) == ["CUP", "POT"]
    is_sound(small)


def test_one_that_no_day_can_take_is_a_problem_that_says_what_to_do(small: World) -> None:
    small.policy = PolicySettings(default=Policy(ship_complete=True))
    order = ordered(small, (thing(small), 5))
    small.day()
    limited(small, capacity_units=4)

    [problem] = released(small).problems
    assert problem.where == f"order {order['order_id']}"
    assert "Raise capacity_units" in problem.next


def test_nothing_is_released_on_a_day_without_work(small: World) -> None:
    ordered(small, (thing(small), 5))
    small.day()
    sunday = datetime(2026, 3, 15, 12, tzinfo=UTC)

    with small.desk() as desk:
        release_backlog(desk, log := RunLog("sunday", "release-backlog", "all"), sunday)

    assert (lists(small), backlog(small), log.counts["units_released"]) == ([], {"ready": 5}, 0)


def test_what_was_held_back_since_the_last_allocation_is_not_released(small: World) -> None:
    order = ordered(small, (thing(small), 5))
    small.day()
    happen(small, {"action": "set_status", "order_id": order["order_id"], "status": 12})
    small.orders_only()

    assert released(small).counts["units_released"] == 0


def test_a_dry_run_counts_and_saves_nothing(small: World) -> None:
    ordered(small, (thing(small), 5))
    small.day()

    with small.desk() as desk:
        release_backlog(desk, log := RunLog("dry", "release-backlog", "all", is_dry=True), None)

    assert (lists(small), backlog(small), log.counts["units_released"]) == ([], {"ready": 5}, 5)


def test_what_the_shop_shows_as_shipped_closes_the_list(small: World) -> None:
    order = ordered(small, (thing(small), 3))
    small.day()
    released(small)
    line = {"line_id": order["line_ids"][0], "quantity": 2}

    happen(small, {"action": "ship", "order_id": order["order_id"], "lines": [line]})
    small.orders_only()
    assert (lines(small), lists(small)[0]["state"]) == ([(3, 1, 0, 2, 0, 0)], "open")
    happen(small, {"action": "ship", "order_id": order["order_id"], "lines": [{**line, "quantity": 1}]})
    small.orders_only()

    assert (lines(small), lists(small)[0]["state"]) == ([(3, 0, 0, 3, 0, 0)], "done")
    assert answers(small, "SELECT on_hand, allocated FROM stock") == [(7, 0)]
    is_sound(small)


def test_the_pace_is_that_of_what_was_seen_to_leave_and_not_of_what_orders_still_tell_of_before(small: World) -> None:
    variant = thing(small, stock=50)
    line = {"order_id": (old := ordered(small, (variant, 5)))["order_id"]}
    happen(small, {"action": "ship", **line, "lines": [{"line_id": old["line_ids"][0], "quantity": 1}]})
    small.practice("clock", {"advance_seconds": 21 * 86_400})
    ordered(small, (variant, 20))
    small.day()
    assert work_is_done(small).endswith("can be said after the first whole working day.")

    happen(small, {"action": "ship", **line, "lines": [{"line_id": old["line_ids"][0], "quantity": 4}]})
    small.practice("clock", {"advance_seconds": 86_400})
    small.day()

    assert "at 4.0 a working day (the last 1)" in work_is_done(small)


def work_is_done(world: World) -> str:
    with world.desk() as desk, desk.db.read() as reading:
        return worked_off_sentence(desk, reading)


def test_what_is_cancelled_or_edited_meanwhile_is_no_longer_to_be_picked_and_says_so(small: World) -> None:
    variant = thing(small)
    first, second = ordered(small, (variant, 3)), ordered(small, (variant, 4))
    small.day()
    released(small)

    happen(small, {"action": "set_status", "order_id": first["order_id"], "status": 5})
    edit = {"action": "edit_line", "order_id": second["order_id"], "line_id": second["line_ids"][0], "quantity": 3}
    happen(small, edit)
    small.orders_only()

    assert lines(small) == [(3, 0, 0, 0, 0, 3), (4, 3, 0, 0, 0, 1)]
    assert "no longer to be picked" in lists(small)[0]["lines"][0]["note"]
    is_sound(small)


@pytest.mark.slow
def test_what_is_held_back_meanwhile_comes_on_a_later_list(small: World) -> None:
    order = ordered(small, (thing(small), 3))
    small.day()
    released(small)

    happen(small, {"action": "set_status", "order_id": order["order_id"], "status": 12})
    small.day()
    assert (lines(small), backlog(small)) == ([(3, 0, 0, 0, 0, 3)], {"review": 3})
    happen(small, {"action": "set_status", "order_id": order["order_id"], "status": 11})
    small.day()
    released(small)

    assert lines(small) == [(3, 0, 0, 0, 0, 3), (3, 3, 0, 0, 0, 0)]
    is_sound(small)


def test_what_was_lost_from_the_shelf_is_not_to_be_picked(sqlite_url: str) -> None:
    small = shop_of(sqlite_url, deducts="order_completed_or_shipped")
    ordered(small, (thing(small), 8))
    small.day()
    released(small)

    happen(small, {"action": "set_stock", "sku": "T", "number": 5})
    small.day()

    assert lines(small) == [(8, 5, 0, 0, 0, 3)]
    is_sound(small)


@pytest.mark.parametrize("phase", ["before", pytest.param("after_commit", marks=pytest.mark.slow)])
def test_a_release_that_died_and_ran_again_ends_the_same(small: World, phase: Phase) -> None:
    ordered(small, (thing(small), 3))
    small.day()

    with pytest.raises(Crash), small.desk(CrashAt("release.save", phase, 1)) as desk:
        release_backlog(desk, RunLog("dead", "release-backlog", "all"), None)
    small.abandon_leases()
    released(small)

    assert lines(small) == [(3, 3, 0, 0, 0, 0)]
    is_sound(small)


def test_pick_lines_that_were_not_settled_when_a_run_died_are_by_the_next(small: World) -> None:
    order = ordered(small, (thing(small), 3))
    small.day()
    released(small)
    happen(small, {"action": "set_status", "order_id": order["order_id"], "status": 5})

    with pytest.raises(Crash), small.desk(CrashAt("picks.settle", "before", 1)) as desk:
        sync_orders(desk, desk.shop("main"), RunLog("dead", "sync-orders", "main"), Asked())
    small.abandon_leases()
    assert lines(small) == [(3, 3, 0, 0, 0, 0)]
    small.orders_only()

    assert lines(small) == [(3, 0, 0, 0, 0, 3)]
    is_sound(small)


def test_each_location_has_its_own_list_and_what_is_packed_there_leaves_from_there(sqlite_url: str) -> None:
    world = shop_of(sqlite_url, deducts="order_completed_or_shipped")
    variant = thing(world, stock=4)
    happen(world, {"action": "receive", "sku": "T", "quantity": 10, "location_id": 2})
    order = ordered(world, (variant, 14))
    world.day()
    limited(world, capacity_units=1)

    released(world)
    assert [(one["location"], one["units"]) for one in lists(world)] == [("BC-LOCATION-1", 1), ("LOC-2", 10)]
    with world.desk() as desk, desk.db.write("told", lock=True) as tx:
        [line] = [one["lines"][0]["id"] for one in lists(world) if one["location"] == "LOC-2"]
        told.shipped(desk, tx, 2, [told.Told(line, 10)], "")
    line_of = {"line_id": order["line_ids"][0], "quantity": 10}
    happen(world, {"action": "ship", "order_id": order["order_id"], "lines": [line_of], "force": True})
    world.orders_only()

    assert answers(world, "SELECT location_id, on_hand, allocated FROM stock ORDER BY 1") == [(1, 4, 4), (2, 0, 0)]
    assert lines(world) == [(1, 1, 0, 0, 0, 0), (10, 0, 10, 10, 0, 0)]


def test_a_list_is_taken_back_while_nothing_of_it_has_left(world: World) -> None:
    variant = thing(world)
    ordered(world, (variant, 3))
    world.day()
    limited(world, capacity_units=3)
    released(world)

    with world.desk() as desk:
        assert undo(desk, lists(world)[0]["id"])["state"] == "undone"
        assert undo(desk, lists(world)[0]["id"])["state"] == "undone"
    assert backlog(world) == {"ready": 3}
    assert lists(world)[0]["lines"][0]["note"] == "3 no longer to be picked: the list was taken back"
    assert released(world).counts["units_released"] == 3  # the room of the day is free again
    is_sound(world)


def test_a_list_of_which_something_has_left_is_not_taken_back(small: World) -> None:
    order = ordered(small, (thing(small), 3))
    small.day()
    released(small)
    line = {"line_id": order["line_ids"][0], "quantity": 1}
    happen(small, {"action": "ship", "order_id": order["order_id"], "lines": [line]})
    small.orders_only()

    with small.desk() as desk:
        with pytest.raises(Conflict, match=r"1 unit\(s\) of pick list 1 have left"):
            undo(desk, 1)
        with pytest.raises(NotFound, match="no pick list 7"):
            undo(desk, 7)
    assert lines(small) == [(3, 2, 0, 1, 0, 0)]


def test_what_is_being_packed_is_never_displaced_and_an_order_is_told_as_released_once(small: World) -> None:
    small.looks = True
    variant = thing(small, stock=3)
    small.day()
    order = ordered(small, (variant, 3))
    small.day()
    released(small)
    small.policy = PolicySettings(default=Policy(displaces=True, by_promise=True))
    ordered(small, (variant, 3))

    small.day()
    small.day()

    with small.desk() as desk, desk.db.read() as reading:
        from fillrate.db.queries.picks import orders_released

        found = orders_released(reading, desk.shop("main").id)
    [(known,)] = answers(small, f"SELECT id FROM sales_order WHERE platform_id = '{order['order_id']}'")
    assert found == {known}
    assert backlog(small) == {"picking": 3}
    is_sound(small)


def test_units_given_up_by_a_person_while_they_are_packed_leave_the_pick_list_with_that_word(small: World) -> None:
    order = ordered(small, (thing(small), 3))
    small.day()
    released(small)
    with small.desk() as desk, recorded(desk, RunLog("word", "cancel-units", "all")) as log:
        cancel_units(desk, log, said("Ann", "he called"), str(order["line_ids"][0]), 2)

    assert lines(small) == [(3, 1, 0, 0, 0, 2)]
    is_sound(small)


def test_what_a_person_holds_back_while_it_is_packed_leaves_the_pick_list_with_that_word(small: World) -> None:
    order = ordered(small, (thing(small), 3))
    small.day()
    released(small)
    with small.desk() as desk, recorded(desk, RunLog("word", "hold", "all")) as log:
        hold(desk, log, said("Ann", "he called"), "order", str(order["order_id"]))

    assert (lines(small), backlog(small)) == ([(3, 0, 0, 0, 0, 3)], {"hold": 3})
    is_sound(small)


def test_pick_lists_that_nobody_settles_are_found_by_the_audit(small: World, monkeypatch: pytest.MonkeyPatch) -> None:
    order = ordered(small, (thing(small), 3))
    small.day()
    released(small)
    for module in (sync, allocate, reconcile):
        monkeypatch.setattr(module, "settle", lambda *_: None)
    happen(small, {"action": "set_status", "order_id": order["order_id"], "status": 5})
    small.day()

    assert [(one["check"], one["first"]) for one in small.broken()] == [
        (
            "units being packed are those that pick lines stand for",
            ["line 1 of order 1: 0 units being packed, 3 on pick lists; the next sync-orders mends it"],
        )
    ]


def test_nothing_is_released_as_of_a_day_that_is_over(small: World) -> None:
    ordered(small, (thing(small), 5))
    small.day()

    with small.desk() as desk, pytest.raises(FixSettings, match="2020-01-01 is over"):
        release_backlog(desk, RunLog("typo", "release-backlog", "all"), datetime(2020, 1, 1, 12, tzinfo=UTC))

    assert lists(small) == []
