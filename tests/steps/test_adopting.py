"""Taking over from another app: tracking, numbers, counters and limits, and as much owed after as before."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fillrate.channels.count_files import Counts, parse_counts
from fillrate.errors import FillrateError
from fillrate.steps.adopting.adopt import Adopted, adopt
from fillrate.steps.plan import approve, reject
from fillrate.steps.runs import RunLog, recorded
from sandbox import Switches
from tests.simulation.crash import Crash, CrashAt, Watch
from tests.simulation.kitting import copy_of
from tests.simulation.world import World, fresh

Row = dict[str, Any]
Make = Callable[..., World]
COUNTERS = pytest.mark.parametrize("counters", [True, False], ids=["native", "without"])


@pytest.fixture
def make(tmp_path: Path, sqlite_template: Path) -> Make:
    def made(*, counters: bool = True, url: str = "", deducts_at: str = "order_placed", **switches: Any) -> World:
        reading = Switches.of({"backorders": counters, **switches})
        where = url or fresh(tmp_path, sqlite_template, f"adopt-{counters}-{deducts_at}")
        size = {"products": 0, "orders": 0, "customers": 2}
        return World.make(where, 1, reading, settings={"update_stock_behavior": deducts_at}, **size)

    return made


def act(world: World, action: str, **more: Any) -> Row:
    [done] = world.practice("shop", {"action": action, **more})
    assert "refused" not in done, done
    return dict(done)


def order(world: World, product_id: int, quantity: int) -> Row:
    made = act(world, "place_order", lines=[{"product_id": product_id, "quantity": quantity}])
    world.practice("clock", {"advance_seconds": 60})
    return made


def sold_by_an_app(world: World, sku: str = "CAP", owed: tuple[int, ...] = (3, 2)) -> int:
    """A product that an app has made untracked, sold to some."""
    made = act(world, "create_product", name=sku, sku=sku, cents=900, tracking="none")
    product = int(made["product_id"])
    for quantity in owed:
        order(world, product, quantity)
    return product


def below_nothing(world: World, sku: str = "HAT", number: int = -4) -> int:
    """A product that the shop counts, and of which it shows less than nothing."""
    product = int(act(world, "create_product", name=sku, sku=sku, cents=900, stock=0)["product_id"])
    act(world, "set_backorder_limit", product_id=product, quantity=100)
    order(world, product, -number)
    act(world, "set_backorder_limit", product_id=product, quantity=0)
    item = next(one for one in world.shop.state.items if one.product_id == product)
    item.cells[1].backordered = 0
    act(world, "set_stock", product_id=product, number=number)
    return product


def run(world: World, counts: str = "", *, dry: bool = False, faults: Any = None) -> tuple[Adopted, RunLog]:
    log = RunLog(f"adopt-{world.runs}", "adopt-backorders", "main", is_dry=dry)
    found = parse_counts(counts.encode()) if counts else Counts()
    with world.desk(faults) as desk, recorded(desk, log):
        return adopt(desk, desk.shop("main"), log, found), log


def let_through(world: World, plan: str) -> None:
    with world.desk() as desk:
        approve(desk, plan, None, "Ann")


def ask(world: World, question: str) -> list[tuple[Any, ...]]:
    with world.desk() as desk, desk.db.read() as reading:
        return [tuple(row) for row in reading.connection.exec_driver_sql(question)]


def owed(world: World) -> dict[str, int]:
    sql = "SELECT l.sku, SUM(u.quantity) FROM open_unit u JOIN order_line l ON l.id = u.line_id GROUP BY l.sku"
    return {sku: int(units) for sku, units in ask(world, sql)}


def on_hand(world: World, sku: str) -> int:
    sql = f"SELECT SUM(on_hand) FROM stock s JOIN item i ON i.id = s.item_id WHERE i.sku = '{sku}'"
    return int(ask(world, sql)[0][0] or 0)


def shown(world: World, sku: str) -> tuple[int, int, int]:
    """What the shop holds: its number, units backordered, and the limit."""
    cell = world.practice("state?only=stock", method="GET")["stock"][sku]["1"]
    return cell["shown"], cell["backordered"], cell["backorder_limit"]


def planned(world: World, plan: str) -> list[tuple[Any, ...]]:
    return ask(world, f"SELECT kind, target, state FROM change WHERE plan_id = '{plan}' ORDER BY id")


def written(world: World) -> list[str]:
    return [f"{one['method']} {one['path']}" for one in world.practice("requests?bodies=1", method="GET")["writes"]]


@COUNTERS
def test_what_an_app_sold_untracked_is_counted_again_and_as_much_is_owed_as_before(make: Make, counters: bool) -> None:
    world = make(counters=counters)
    sold_by_an_app(world)

    first, log = run(world, "sku,on_hand\ncap,1\n")
    assert written(world) == []
    assert log.counts["products_to_track"] == log.counts["shelves_to_adopt"] == 1
    let_through(world, first.proposed.plan)
    second, log = run(world)

    assert log.problems == []
    assert [tuple(one) for one in second.owed] == [("CAP", 5, 5)]
    assert (log.counts["units_owed_before"], log.counts["units_owed_after"]) == (5, 5)
    assert shown(world, "CAP") == ((0, 4, 4) if counters else (0, 0, 0))
    assert owed(world) == {"CAP": 5}
    assert on_hand(world, "CAP") == 1
    assert ask(world, "SELECT tracking FROM product") == [("product",)]
    assert world.broken() == []


@pytest.mark.slow
@COUNTERS
def test_more_on_the_shelf_than_is_owed_leaves_the_rest_for_sale(make: Make, counters: bool) -> None:
    world = make(counters=counters)
    sold_by_an_app(world)
    let_through(world, run(world, "sku,location,on_hand\nCAP,,8\n")[0].proposed.plan)
    run(world)

    assert shown(world, "CAP") == (3, 0, 0)
    assert on_hand(world, "CAP") == 8
    world.day()
    assert ask(world, "SELECT state, reason, SUM(quantity) FROM open_unit GROUP BY 1, 2") == [("backlog", "ready", 5)]


@pytest.mark.parametrize("counters", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_a_number_below_nothing_becomes_nothing_with_what_is_owed_beyond_it(make: Make, counters: bool) -> None:
    world = make(counters=counters)
    below_nothing(world)
    first, _ = run(world)
    before = on_hand(world, "HAT")
    let_through(world, first.proposed.plan)
    second, log = run(world)

    assert log.problems == []
    assert [tuple(one) for one in second.owed] == [("HAT", 4, 4)]
    assert shown(world, "HAT") == ((0, 4, 4) if counters else (0, 0, 0))
    assert before == on_hand(world, "HAT") == 0


@pytest.mark.slow
@COUNTERS
def test_goods_that_come_in_afterwards_lie_on_the_shelf_once(make: Make, counters: bool) -> None:
    world = make(counters=counters, backorder_release="ship")
    product = sold_by_an_app(world)
    let_through(world, run(world)[0].proposed.plan)
    run(world)
    world.practice("clock", {"advance_seconds": 600})
    act(world, "receive", product_id=product, quantity=3)
    world.practice("clock", {"advance_seconds": 600})
    world.day()

    assert on_hand(world, "CAP") == 3
    states = "SELECT state, CAST(SUM(quantity) AS INTEGER) FROM open_unit GROUP BY state ORDER BY state"
    assert ask(world, states) == [("backlog", 3), ("backorder", 2)]


@pytest.mark.slow
def test_a_shop_that_lowers_its_number_at_shipping_shows_all_that_lies_there(make: Make) -> None:
    world = make(deducts_at="order_completed_or_shipped")
    sold_by_an_app(world)
    let_through(world, run(world, "sku,on_hand\nCAP,7\n")[0].proposed.plan)
    run(world)

    assert shown(world, "CAP") == (7, 0, 0)
    assert on_hand(world, "CAP") == 7


@pytest.mark.slow
def test_each_variant_gets_its_own_number_and_what_nobody_counted_begins_at_nothing(make: Make) -> None:
    world = make()
    sizes = [{"sku": "TEE-S", "label": "S"}, {"sku": "TEE-L", "label": "L"}]
    made = act(world, "create_product", name="Tee", sku="TEE", cents=900, tracking="none", variants=sizes)
    lines = [{"variant_id": made["variant_ids"][0], "quantity": 2}]
    act(world, "place_order", lines=lines)
    world.practice("clock", {"advance_seconds": 60})
    first, _ = run(world, "sku,on_hand\nTEE-L,6\n")
    reasons = dict(ask(world, "SELECT target, reason FROM change WHERE kind = 'stock_number'"))
    let_through(world, first.proposed.plan)
    run(world)

    small, large = (f"{made['product_id']}/{one}@1" for one in made["variant_ids"])
    assert "Nobody has counted it" in reasons[small]
    assert "Nobody has counted it" not in reasons[large]
    assert (shown(world, "TEE-S"), shown(world, "TEE-L")) == ((0, 2, 2), (6, 0, 0))


def test_bad_rows_of_the_counts_are_told_with_their_reason_and_do_not_stop_the_good(make: Make) -> None:
    world = make()
    sold_by_an_app(world)
    act(world, "create_product", name="Sock", sku="SOCK", cents=900, stock=3)
    rows = ["CAP,,2", "cap,,3", "SOCK,,1", "NONE,,1", "CAP,nowhere,1", "CAP,,many", ",,1", "CAP,,"]
    first, log = run(world, "\n".join(["sku,location,on_hand", *rows]))

    told = {one.row: one.reason for one in first.proposed.counted.bad}
    assert sorted(told) == [3, 4, 5, 6, 7, 8, 9]
    assert told[3] == "this shelf is in row 2 already"
    assert told[6] == "no location is called nowhere"
    assert told[7] == "on_hand is no whole number of units"
    assert told[8] == "sku is missing"
    assert [one.on_hand for one in first.proposed.counted.shelves] == [2]
    assert log.counts["counts_rejected"] == 7


@pytest.mark.slow
def test_what_somebody_says_to_leave_stays_as_it_is_in_every_later_run(make: Make) -> None:
    world = make()
    sold_by_an_app(world, "WRAP")
    assert run(world)[0].proposed.plan
    assert run(world, "sku,on_hand\nWRAP,leave\n")[0].proposed.plan == ""
    assert run(world)[0].proposed.plan == ""
    assert ask(world, "SELECT DISTINCT state FROM plan WHERE flow = 'adopt-backorders'") == [("superseded",)]


def test_a_second_run_proposes_nothing_and_writes_nothing(make: Make) -> None:
    world = make()
    sold_by_an_app(world)
    below_nothing(world)
    let_through(world, run(world)[0].proposed.plan)
    run(world)
    before = written(world)
    again, log = run(world)

    assert (again.proposed.plan, log.state) == ("", "done")
    assert written(world) == before
    assert before == [
        "PUT /v3/catalog/products",
        "PUT /v3/inventory/adjustments/absolute",
        "PUT /v3/inventory/locations/1/items",
    ]


def test_the_same_file_of_counts_serves_every_run_and_another_count_of_what_was_taken_over_is_told(make: Make) -> None:
    world = make()
    sold_by_an_app(world)
    counts = "sku,location,on_hand\nCAP,,7\n"
    let_through(world, run(world, counts)[0].proposed.plan)

    written_now, again = (run(world, counts)[0].proposed.counted.bad for _ in range(2))
    [other] = run(world, counts.replace("7", "9"))[0].proposed.counted.bad

    assert (written_now, again) == ([], [])
    assert other.reason.startswith("nothing is taken over from an app for this SKU")


@pytest.mark.slow
def test_a_plan_that_waits_is_kept_with_its_counts_and_follows_the_orders(make: Make) -> None:
    world = make()
    product = sold_by_an_app(world)
    first = run(world, "sku,on_hand\nCAP,7\n")[0].proposed.plan
    same = run(world)[0].proposed.plan
    order(world, product, 4)
    later = run(world)[0].proposed.plan

    assert first == same != later
    assert ask(world, f"SELECT state FROM plan WHERE id = '{first}'") == [("superseded",)]
    numbers = ask(world, f"SELECT after FROM change WHERE plan_id = '{later}' AND kind = 'stock_number'")
    assert '"number": 0' in str(numbers)


@pytest.mark.slow
def test_no_other_run_writes_what_was_let_through(make: Make) -> None:
    world = make()
    sold_by_an_app(world)
    let_through(world, run(world)[0].proposed.plan)
    world.day()

    assert not [one for one in written(world) if "inventory" in one or "catalog" in one]


@pytest.mark.slow
def test_a_plan_that_a_person_refused_is_not_made_again(make: Make) -> None:
    world = make()
    sold_by_an_app(world)
    plan = run(world)[0].proposed.plan
    with world.desk() as desk:
        reject(desk, plan, "Ann")

    assert run(world)[0].proposed.plan == ""
    assert written(world) == []


def test_a_dry_run_shows_the_plan_keeps_nothing_else_and_cannot_be_let_through(make: Make) -> None:
    world = make()
    sold_by_an_app(world)
    world.day()
    found, _ = run(world, "sku,on_hand\nCAP,1\n", dry=True)

    assert {state for _, _, state in planned(world, found.proposed.plan)} == {"dry_run"}
    assert ask(world, "SELECT * FROM adopted_shelf") == []
    with world.desk() as desk, pytest.raises(FillrateError, match="cannot be approved"):
        approve(desk, found.proposed.plan, None, "Ann")


@pytest.mark.parametrize("counters", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_orders_that_come_in_before_the_shop_counts_are_reckoned_with(make: Make, counters: bool) -> None:
    world = make(counters=counters)
    product = sold_by_an_app(world)
    plan = run(world, "sku,on_hand\nCAP,6\n")[0].proposed.plan
    let_through(world, plan)
    bought = []

    def during(path: str) -> None:
        if path.endswith("/v3/inventory/locations") and not bought:  # the plan is approved, nothing is written yet
            bought.append(order(world, product, 3))

    world.during = during
    done, log = run(world)
    world.during = None

    assert log.problems == []
    assert [tuple(one) for one in done.owed] == [("CAP", 8, 8)]
    assert shown(world, "CAP") == ((0, 2, 2) if counters else (0, 0, 0))
    assert on_hand(world, "CAP") == 6


@pytest.mark.slow
def test_nothing_is_for_sale_between_any_two_writes_that_is_owed_already(make: Make) -> None:
    world = make()
    product = sold_by_an_app(world)
    let_through(world, run(world, "sku,on_hand\nCAP,2\n")[0].proposed.plan)
    for_sale = []

    def during(path: str) -> None:
        item = next((one for one in world.shop.state.items if one.product_id == product), None)
        if item is not None:
            cell = item.cells[1]
            for_sale.append(max(cell.shown, 0) + max(cell.backorder_limit - cell.backordered, 0))

    world.during = during
    run(world)

    assert set(for_sale) == {0}


def test_a_product_that_the_shop_refuses_to_count_stays_as_it_is_and_the_others_go_on(make: Make) -> None:
    world = make()
    for sku in ("BAD", "GOOD"):
        sold_by_an_app(world, sku)
    let_through(world, run(world)[0].proposed.plan)
    faults = {"match": "PUT /v3/catalog/products", "kind": "423", "times": 2}  # the batch of both, then the first alone
    world.practice("faults", [faults])
    done, log = run(world)

    assert [one.what for one in log.problems if "did not take it" in one.what]
    assert owed(world) == {"BAD": 5, "GOOD": 5}
    assert shown(world, "GOOD") == (0, 5, 5)
    assert dict(ask(world, "SELECT sku, tracking FROM product")) == {"BAD": "none", "GOOD": "product"}
    assert [tuple(one) for one in done.owed] == [("BAD", 5, 5), ("GOOD", 5, 5)]


@pytest.mark.slow
def test_a_number_that_staff_types_in_meanwhile_is_left_and_planned_anew(make: Make) -> None:
    world = make()
    product = below_nothing(world)
    let_through(world, run(world)[0].proposed.plan)
    act(world, "set_stock", product_id=product, number=-40)
    found, log = run(world)

    assert shown(world, "HAT")[0] == -40
    assert log.problems
    assert found.proposed.plan
    let_through(world, found.proposed.plan)
    _, log = run(world)
    assert (log.problems, shown(world, "HAT")[0]) == ([], 0)


def test_goods_that_are_deleted_before_their_number_is_written_keep_none_of_the_others(make: Make) -> None:
    world = make()
    sold_by_an_app(world)
    hat = below_nothing(world)
    for sku in "XYZ":  # goods that the shop counts all along
        act(world, "create_product", name=sku, sku=sku, cents=900, stock=3)
    world.practice("clock", {"advance_seconds": 60})
    let_through(world, run(world, "sku,on_hand\nCAP,2\n")[0].proposed.plan)
    act(world, "delete_product", product_id=hat)
    _, log = run(world)

    assert shown(world, "CAP") == (0, 3, 3)
    assert log.problems[-1].what == f"The shop tells no number of 1 shelves that are to get one: {hat}@1."
    assert ask(world, "SELECT * FROM adopted_shelf WHERE is_open") == []
    assert run(world)[1].problems == []
    assert world.broken() == []


# What was refunded before the number was written is in it. What is refunded later lies there and is missing in the number, so
# that goods nobody told of are first taken as these, as on any other shelf.
@COUNTERS
@pytest.mark.parametrize(
    ("when", "untold"),
    [
        pytest.param("before", 0, marks=pytest.mark.slow),
        pytest.param("approved", 0, marks=pytest.mark.slow),
        ("after", 2),
    ],
)
def test_units_refunded_of_what_is_taken_over_stay_on_the_shelf(
    make: Make, counters: bool, when: str, untold: int
) -> None:
    world = make(counters=counters)
    product = int(act(world, "create_product", name="CAP", sku="CAP", cents=900, tracking="none")["product_id"])
    some, others = order(world, product, 3), order(world, product, 4)

    def refund(now: str) -> None:
        if now == when:
            lines = [{"line_id": some["line_ids"][0], "quantity": 2}]
            act(world, "refund", order_id=some["order_id"], lines=lines)
            world.practice("clock", {"advance_seconds": 600})

    refund("before")
    plan = run(world, "sku,on_hand\nCAP,2\n")[0].proposed.plan
    refund("approved")
    let_through(world, plan)
    run(world)
    next(one for one in world.shop.state.items if one.product_id == product).cells[1].shelf = 2
    refund("after")
    seen = []
    shipment = [{"line_id": others["line_ids"][0], "quantity": 2}]
    for happens in (
        {},
        {"action": "ship", "order_id": others["order_id"], "lines": shipment},
        {"action": "receive", "sku": "CAP", "quantity": 20},
    ):
        if happens:
            act(world, **happens)
        for _ in range(2):
            world.practice("clock", {"advance_seconds": 600})
            world.day()
        seen.append((on_hand(world, "CAP"), owed(world)["CAP"]))

    assert seen == [(2, 5), (0, 3), (20 - untold, 3)]
    assert (world.violations, world.broken()) == ([], [])


def test_the_owed_units_that_went_missing_are_a_problem_of_the_run(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    world = make()
    sold_by_an_app(world)
    let_through(world, run(world)[0].proposed.plan)
    whole = "fillrate.steps.adopting.adopt.carry_out"

    def loses(desk: Any, shop: Any, log: Any) -> None:
        with desk.db.write("test.lose", lock=True) as tx:
            tx.connection.exec_driver_sql("UPDATE open_unit SET quantity = quantity - 1")

    monkeypatch.setattr(whole, loses)
    _, log = run(world)

    assert [one.what for one in log.problems] == ["CAP: 5 unit(s) were owed before, 3 are now."]


@pytest.mark.parametrize(
    "deducts_at", ["order_placed", pytest.param("order_completed_or_shipped", marks=pytest.mark.slow)]
)
def test_both_engines_tell_the_same(make: Make, db_url: str, deducts_at: str) -> None:
    world = make(url=db_url, deducts_at=deducts_at)
    sold_by_an_app(world)
    below_nothing(world)
    let_through(world, run(world, "sku,on_hand\nCAP,6\n")[0].proposed.plan)
    _, log = run(world)

    assert (log.problems, owed(world)) == ([], {"CAP": 5, "HAT": 4})
    assert (on_hand(world, "CAP"), on_hand(world, "HAT")) == (6, 0)
    assert (run(world)[0].proposed.plan, world.broken()) == ("", [])


def end_of(world: World) -> dict[str, Any]:
    queries = {
        "owed": "SELECT l.platform_id, u.state, u.quantity FROM open_unit u JOIN order_line l ON l.id = u.line_id",
        "stock": "SELECT i.origin, s.on_hand FROM stock s JOIN item i ON i.id = s.item_id WHERE s.on_hand <> 0",
        "adopted": "SELECT origin, on_hand, beyond, is_open FROM adopted_shelf",
    }
    found: dict[str, Any] = {name: sorted(ask(world, f"{sql}")) for name, sql in queries.items()}
    return {**found, "shop": [shown(world, "CAP"), shown(world, "HAT")], "broken": world.broken()}


def ready_to_write(make: Make, counters: bool) -> World:
    world = make(counters=counters, inventory_writes="late")
    sold_by_an_app(world)
    below_nothing(world)
    let_through(world, run(world, "sku,on_hand\nCAP,2\n")[0].proposed.plan)
    return world


# Reading is cut off elsewhere; here, whatever lies between the first and the last write, and the first page of each stream.
PARTS = 4
OURS = ("adopt.", "apply.", "catalog.tie", "orders.end", "stock.count", "bigcommerce.tracking", "bigcommerce.numbers",
        "bigcommerce.limits", "bigcommerce.shelves")  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
@COUNTERS
def test_cut_off_at_any_point_and_run_again_it_ends_the_same(
    make: Make, counters: bool, part: int, tmp_path: Path
) -> None:
    morning, watch = ready_to_write(make, counters), Watch()
    calm = copy_of(morning, tmp_path / "calm.db")
    run(calm, faults=watch)
    run(calm)
    wanted = end_of(calm)
    passed = [point for point in watch.seen.items() if point[0][0].startswith(OURS)]
    points = [(*point, n + 1) for point, times in passed for n in range(min(times, 3))]
    assert wanted["broken"] == []
    assert {"adopt.begin", "bigcommerce.numbers.update", "adopt.settled"} <= {label for label, _, _ in points}

    for number, point in enumerate(points[part::PARTS]):
        world, faults = copy_of(morning, tmp_path / f"{number}.db"), CrashAt(*point)
        with pytest.raises(Crash):
            run(world, faults=faults)
        world.abandon_leases()
        run(world)
        _, log = run(world)
        assert (faults.hits > 0, log.problems, end_of(world)) == (True, [], wanted), point
