"""What a reading of the shop's stock does to the ledger, where the shop's number alone would mislead."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from fillrate.db.database import Writing
from fillrate.db.tables import Inbound, InboundEvent
from fillrate.errors import StopChannel
from fillrate.settings import PolicySettings
from fillrate.steps.explain import explain_sku
from fillrate.steps.intake.windows import Asked
from fillrate.steps.ledger import Booking, Shelf, book
from fillrate.steps.reconcile import read_stock_into_ledger
from fillrate.steps.runs import RunLog
from fillrate.steps.sync import sync_catalog
from sandbox import Switches
from tests.practice_clock import PracticeClock
from tests.simulation.world import STORY, World, fresh

Make = Callable[..., World]
Row = dict[str, Any]


@pytest.fixture
def make(tmp_path: Path, sqlite_template: Path) -> Make:
    """A shop with nothing in it but what a test puts there."""

    def made(seed: int = 1, deducts_at: str = "order_placed", switches: Row | None = None, **config: Any) -> World:
        size = {"products": 0, "orders": 0, **config}
        settings = {"update_stock_behavior": deducts_at}
        url = fresh(tmp_path, sqlite_template, f"count-{seed}-{deducts_at}")
        return World.make(url, seed, Switches.of(switches or {}), settings=settings, **size)

    return made


def act(world: World, action: str, **more: Any) -> Row:
    [done] = world.practice("shop", {"action": action, **more})
    assert "refused" not in done, done
    return dict(done)


def product(world: World, sku: str = "X", **more: Any) -> int:
    return int(act(world, "create_product", name=sku, sku=sku, cents=1000, **{"stock": 10, **more})["product_id"])


def order(world: World, product_id: int, quantity: int) -> int:
    lines = [{"product_id": product_id, "quantity": quantity}]
    return int(act(world, "place_order", lines=lines)["order_id"])


def pass_hours(world: World, hours: int = 2) -> None:
    world.practice("clock", {"advance_seconds": hours * 3600})


def ask(world: World, question: str) -> list[tuple[Any, ...]]:
    with world.desk() as desk, desk.db.read() as reading:
        return [tuple(row) for row in reading.connection.exec_driver_sql(question)]


def on_hand(world: World, sku: str = "X") -> int:
    return int(
        ask(world, f"SELECT SUM(on_hand) FROM stock s JOIN item i ON i.id = s.item_id WHERE i.sku = '{sku}'")[0][0] or 0
    )


def owed(world: World) -> dict[str, int]:
    return dict(ask(world, "SELECT state, SUM(quantity) FROM open_unit GROUP BY state"))


def truth(world: World, sku: str = "X") -> int:
    places = world.practice("state?only=stock", method="GET")["stock"][sku].values()
    return sum(int(place["on_hand"]) for place in places)


def test_an_order_beyond_the_stock_of_a_shop_that_cannot_show_less_than_nothing_is_no_stock_on_the_shelf(
    make: Make,
) -> None:
    world = make()
    what = product(world, stock=5)
    world.day()

    order(world, what, 8)
    pass_hours(world)
    world.day()

    assert on_hand(world) == truth(world) == 5
    assert owed(world) == {"backlog": 5, "backorder": 3}


def test_an_order_for_what_never_lay_there_waits(make: Make) -> None:
    world = make()
    what = product(world, stock=0)
    world.day()

    order(world, what, 8)
    pass_hours(world)
    world.day()

    assert on_hand(world) == truth(world) == 0
    assert owed(world) == {"backorder": 8}


def numbered(world: World, number: int) -> None:
    """Somebody types a number, and it is read."""
    act(world, "set_stock", sku="X", number=number)
    pass_hours(world)
    world.day()


def said_of_refunds(world: World) -> list[str]:
    with world.desk() as desk:
        sentences, _ = explain_sku(desk, "X")
    return [one.strip() for one in sentences if "Refunded before" in one]


def refund(world: World, order_id: int, quantity: int) -> None:
    line = world.shop.state.orders.get(order_id).lines[0].id
    act(world, "refund", order_id=order_id, lines=[{"line_id": line, "quantity": quantity}])
    pass_hours(world)
    world.day()


def test_refunded_units_that_never_left_lie_there_until_the_number_shows_them_and_not_twice_after_it(
    make: Make,
) -> None:
    world = make()
    what = product(world, stock=29)
    world.day()
    bought = order(world, what, 4)
    pass_hours(world)
    world.day()

    refund(world, bought, 2)
    after_refund, missing = on_hand(world), said_of_refunds(world)
    numbered(world, 27)
    typed_back, back = on_hand(world), said_of_refunds(world)
    act(world, "set_status", order_id=bought, status=4)
    pass_hours(world)
    world.day()
    restocked, twice = on_hand(world), said_of_refunds(world)
    numbered(world, 29)

    assert [after_refund, typed_back, restocked, on_hand(world), truth(world)] == [29] * 5
    assert missing == [
        "Refunded before they left, and missing in the shop's number, though they lie here: 2. Add them there."
    ]
    assert [len(back), len(twice), said_of_refunds(world)] == [1, 1, []]
    assert "taken to be in the shop's number again: 2." in back[0]
    assert "twice in the shop's number" in twice[0]


def test_what_was_refunded_before_the_shelf_was_first_read_is_taken_to_be_in_its_number(make: Make) -> None:
    world = make()
    what = product(world, stock=29)
    bought = order(world, what, 4)
    with world.desk() as desk:  # orders and goods are known, the number is not
        sync_catalog(desk, desk.shop("main"), RunLog("first", "sync-catalog", "main"), Asked())
    refund(world, bought, 2)  # and now it is: nobody can say whether somebody has put them back already
    opening = on_hand(world)
    numbered(world, 27)

    assert (opening, on_hand(world), truth(world)) == (27, 29, 29)


def test_an_order_that_is_met_refunded_already_counts_by_whether_it_is_older_than_the_first_number(make: Make) -> None:
    world = make()
    what = product(world, stock=29)
    world.day()
    bought = order(world, what, 4)
    refund(world, bought, 2)

    assert on_hand(world) == truth(world) == 29
    assert ask(world, "SELECT qty_put_back FROM order_line") == [(0,)]


def test_the_refunds_of_an_old_order_that_is_read_late_raise_no_shelf(make: Make) -> None:
    world = make()
    what = product(world, stock=29)
    bought = order(world, what, 4)
    hidden = world.shop.state.orders.get(bought)
    world.shop.state.orders.remove(bought)
    world.day()
    first = on_hand(world)
    world.shop.state.orders.add(hidden)
    refund(world, bought, 2)

    assert (first, on_hand(world)) == (25, 27)
    assert ask(world, "SELECT qty_put_back FROM order_line") == [(2,)]


def test_goods_that_the_warehouse_told_of_are_no_refunded_units(make: Make) -> None:
    world = make()
    what = product(world, stock=29)
    world.day()
    refund(world, order(world, what, 4), 2)
    with world.desk() as desk, desk.db.write("delivery") as tx:
        tell_of_delivery(tx, 5)
    numbered(world, 30)
    came = on_hand(world)
    numbered(world, 32)

    assert (came, on_hand(world)) == (34, 34)


def tell_of_delivery(tx: Writing, units: int) -> None:
    """A file told that so many units were ordered, and that they came."""
    now = PracticeClock().now()
    place, item = (
        tx.scalar(sa.text("SELECT MIN(id) FROM location")),
        tx.scalar(sa.text("SELECT MAX(item_id) FROM stock")),
    )
    row = {"source": "erp", "reference": "PO-7", "position": "1", "kind": "purchase", "item_id": item, "sku": "X"}
    row |= {"sku_key": "X", "location_id": place, "qty_ordered": units, "qty_received": units, "qty_cancelled": 0}
    row |= {"qty_seen": 0, "status": "closed", "content_hash": "", "told_at": now, "told_by": "a.csv"}
    tx.insert(Inbound, [row])
    at = tx.scalar(sa.text("SELECT MAX(read_at) FROM stock_reading"))
    at = datetime.fromisoformat(at).replace(tzinfo=UTC) + timedelta(minutes=1)
    events = [{"kind": kind, "quantity": units, "cause": kind, "at": at} for kind in ("announced", "received")]
    tx.insert(InboundEvent, [{"inbound_id": 1, "run_id": "t", **one} for one in events])


def test_a_deleted_product_leaves_no_more_on_the_shelf_than_lay_there(make: Make) -> None:
    world = make(switches={"backorders": True})
    what = product(world, stock=3)
    act(world, "set_backorder_limit", product_id=what, quantity=9)
    product(world, sku="Z")
    order(world, what, 5)
    world.day()
    before = on_hand(world)

    act(world, "delete_product", product_id=what)
    pass_hours(world)
    for _ in range(3):
        world.day(full=True)

    assert before == 3
    assert on_hand(world) <= 3


@pytest.mark.parametrize(
    ("deducts_at", "action"), [("order_placed", "set_status"), ("order_completed_or_shipped", "ship")]
)
def test_what_another_run_reads_while_stock_is_read_is_in_flight_as_well(
    make: Make, deducts_at: str, action: str
) -> None:
    world = make(deducts_at=deducts_at)
    number = order(world, product(world), 4)
    world.day()
    pass_hours(world)

    def another_run_reads_it(path: str) -> None:
        if path.endswith("/v3/inventory/items"):
            world.during = None
            act(world, action, order_id=number, **({"status": 5} if action == "set_status" else {}))
            world.orders_only()

    world.during = another_run_reads_it
    with world.desk() as desk:
        read_stock_into_ledger(desk, desk.shop("main"), RunLog("race", "reconcile-inventory", "main"))

    assert on_hand(world) == truth(world)


def test_a_location_that_is_gone_holds_nothing_and_its_units_are_taken_from_another(make: Make) -> None:
    world = make(seed=3, deducts_at="order_completed_or_shipped")
    what = product(world, stock=0)
    act(world, "receive", product_id=what, location_id=2, quantity=50)
    order(world, what, 9)
    world.day()
    gone = world.shop.state.locations.pop(2)
    for item in world.shop.state.items:
        item.cells.pop(2, None)
    act(world, "receive", product_id=what, quantity=20)
    for _ in range(3):
        pass_hours(world)
        world.day(full=True)

    assert gone.id == 2
    assert on_hand(world) == 20
    assert owed(world) == {"backlog": 9}
    assert ask(world, "SELECT DISTINCT l.platform_id FROM allocation a JOIN location l ON l.id = a.location_id") == [
        ("1",)
    ]
    assert world.broken() == []


def test_a_shop_that_suddenly_shows_nothing_anywhere_is_not_believed(make: Make) -> None:
    world = make(seed=5, products=30)
    world.day()
    before = ask(world, "SELECT * FROM stock")
    for item in world.shop.state.items:
        for cell in item.cells.values():
            cell.shown = 0

    pass_hours(world)
    with pytest.raises(StopChannel, match="too much at once to be believed"), world.desk() as desk:
        read_stock_into_ledger(desk, desk.shop("main"), RunLog("zero", "reconcile-inventory", "main"))

    assert ask(world, "SELECT * FROM stock") == before


def test_a_product_that_is_counted_as_a_whole_now_is_counted_once_when_the_catalogue_was_read(make: Make) -> None:
    world = make(deducts_at="order_completed_or_shipped")
    sizes = [{"sku": "A", "label": "a", "stock": 10}, {"sku": "B", "label": "b", "stock": 5}]
    what = product(world, tracking="variant", variants=sizes)
    world.day()
    act(world, "set_tracking", product_id=what, tracking="product")
    act(world, "receive", product_id=what, quantity=15)
    pass_hours(world)

    log = RunLog("stale", "reconcile-inventory", "main")
    with world.desk() as desk, suppress(StopChannel):
        read_stock_into_ledger(desk, desk.shop("main"), log)
    before_the_catalogue = (on_hand(world, "A"), on_hand(world, "B"))
    world.day()

    assert before_the_catalogue == (10, 5)
    assert on_hand(world) + on_hand(world, "A") + on_hand(world, "B") == 15


def test_a_dry_run_says_that_orders_have_changed_since_they_were_read(make: Make) -> None:
    world = make()
    what = product(world)
    world.day()
    pass_hours(world)
    order(world, what, 4)

    log = RunLog("dry", "reconcile-inventory", "main", is_dry=True)
    with world.desk() as desk:
        STORY["reconcile-inventory"](desk, log, Asked())

    assert [problem.what for problem in log.problems] == ["Orders have changed since they were last read (1)."]


def test_stock_that_is_lost_is_lost_by_the_end_of_the_queue_whoever_came_later(make: Make) -> None:
    world = make(customers=3)
    rule = {"match": {"group": "2"}, "set": {"priority": 1}}
    world.policy = PolicySettings.model_validate({"rule": [rule]})
    world.shop.state.customers.get(1).group_id = 2  # type: ignore[union-attr]  # there are three
    what = product(world, stock=2)
    lines = [{"product_id": what, "quantity": 1}]
    first = act(world, "place_order", lines=lines)["order_id"]
    pass_hours(world)
    preferred = act(world, "place_order", lines=lines, customer_id=1)["order_id"]
    world.day()

    with world.desk() as desk, desk.db.write("test.lose", lock=True) as tx:
        [(item, location)] = [
            tuple(row) for row in tx.connection.exec_driver_sql("SELECT item_id, location_id FROM stock")
        ]
        booking = Booking("R", desk.outside.clock.now(), world.policy)
        booking.move(Shelf(item, location), "adjusted", -1, "found broken", desk.outside.clock.now())
        assert book(tx, booking) == 1

    states = "SELECT o.platform_id, u.state FROM open_unit u JOIN order_line l ON l.id = u.line_id JOIN sales_order o"
    found = dict(ask(world, f"{states} ON o.id = l.order_id"))
    assert found == {str(first): "backorder", str(preferred): "backlog"}
