"""Hooks are hints: just what they name is read, none is lost by a crash, and polling does the same without them."""

from pathlib import Path
from typing import Any

import pytest

from fillrate.channels.protocol import Stream
from fillrate.db.database import Database
from fillrate.gateway.outside import Outside
from fillrate.steps.hooks import follow
from fillrate.steps.hooks.hear import forget
from sandbox import Switches
from tests.simulation.crash import Crash, CrashAt, Watch
from tests.simulation.projection import end_state
from tests.simulation.world import fresh
from tests.steps.hooked import HookedWorld

ORDER, ORDERS, PRODUCTS, CUSTOMERS = (
    "GET /v2/orders/{id}",
    "GET /v2/orders",
    "GET /v3/catalog/products",
    "GET /v3/customers",
)


def made(url: str, **config: Any) -> HookedWorld:
    world = HookedWorld.make(url, 3, Switches(), **config)
    world.day()
    world.register()
    world.asked()
    return world


@pytest.fixture
def world(tmp_path: Path, sqlite_template: Path) -> HookedWorld:
    """A shop whose first day is over and whose hooks are registered."""
    return made(fresh(tmp_path, sqlite_template, "hooks"))


def placed(world: HookedWorld) -> int:
    variant = next(iter(world.shop.state.variants))
    return int(world.act(action="place_order", lines=[{"variant_id": variant.id, "quantity": 1}])["order_id"])


def known_status(world: HookedWorld, order: int) -> Any:
    found = world.ask(f"SELECT status FROM sales_order WHERE platform_id = '{order}'")
    return found[0][0] if found else None


def test_an_order_is_there_as_soon_as_its_hook_is_followed_and_only_it_was_read(db_url: str) -> None:
    world = made(db_url)
    order = placed(world)
    assert world.carried() >= 1
    assert (str(Stream.ORDERS), str(order)) in world.left()

    log = world.follow()

    assert known_status(world, order) == "11"
    assert log.counts["orders_new"] == 1
    found = world.asked()
    assert found.get(ORDER, 0) + found.get(ORDERS, 0) == 1
    assert not [one for one in found if "customers" in one or "inventory/items" in one]
    assert {stream for stream, _ in world.left()} <= {"products"}  # whose stock moved, as the shop tells of it too
    world.passes(61)
    world.follow()
    assert world.left() == []


def test_many_hooks_of_one_order_are_one_hint_and_a_run_twice_is_once(world: HookedWorld) -> None:
    order = placed(world)
    for status in (9, 11, 9, 3):
        world.act(action="set_status", order_id=order, status=status)
    assert world.carried() >= 6
    assert world.left().count(("orders", str(order))) == 1
    world.follow()
    state = world.ask("SELECT * FROM order_line ORDER BY id")
    world.asked()

    again = world.follow()

    assert known_status(world, order) == "3"
    assert (again.counts, world.asked()) == ({}, {})
    assert world.ask("SELECT * FROM order_line ORDER BY id") == state


def test_a_hook_that_comes_twice_hints_once(world: HookedWorld) -> None:
    order = placed(world)
    world.practice("hooks", {"twice": 1.0})
    world.act(action="set_status", order_id=order, status=9)
    world.carried()
    world.follow()
    world.hinted((Stream.ORDERS, order), key="the same")
    world.follow()
    world.passes(120)
    world.follow()
    world.hinted((Stream.ORDERS, order), key="the same")
    assert world.left() == []


def test_a_hook_is_known_again_for_three_days(world: HookedWorld) -> None:
    world.hinted((Stream.ORDERS, 1), key="the same")
    world.passes(72 * 3600 + 1)
    with world.desk() as desk:
        forget(desk)
    assert world.ask("SELECT * FROM hook_seen") == []


def test_what_is_heard_again_while_it_is_read_is_read_once_more(world: HookedWorld) -> None:
    order = placed(world)
    world.carried()

    def changes(path: str) -> None:
        if path.endswith(("/v2/orders", f"/v2/orders/{order}")):
            world.during = None
            world.act(action="set_status", order_id=order, status=9)
            world.carried()

    world.during = changes
    world.follow()
    assert (known_status(world, order), world.left("orders")) == ("11", [("orders", str(order))])
    world.follow()
    assert (known_status(world, order), world.left("orders")) == ("9", [])


@pytest.mark.parametrize("label", ["orders.again", "hooks.followed"])
def test_a_run_that_dies_before_its_hints_are_ended_loses_none(world: HookedWorld, label: str) -> None:
    order = placed(world)
    world.carried()
    with pytest.raises(Crash):
        world.follow(CrashAt(label, "before", 1))
    world.abandon_leases()
    assert ("orders", str(order)) in world.left()

    world.follow()
    world.passes(120)
    world.follow()

    assert (known_status(world, order), world.left()) == ("11", [])
    assert world.broken() == []


@pytest.mark.slow
def test_a_run_that_dies_anywhere_ends_after_the_next_as_if_it_had_not(tmp_path: Path, sqlite_template: Path) -> None:
    def told(name: str) -> HookedWorld:
        world = made(fresh(tmp_path, sqlite_template, name))
        order = placed(world)
        line = {"line_id": world.shop.state.orders.rows[order].lines[0].id, "quantity": 1}
        world.act(action="refund", order_id=order, lines=[line], status=11)
        product = next(iter(world.shop.state.products)).id
        world.act(action="rename_product", product_id=product, to="Another name")
        world.act(action="edit_customer", customer_id=3, company="Ada & Co")
        counted = next(one for one in world.shop.state.products if one.tracking == "product")
        world.act(action="set_stock", product_id=counted.id, number=77)
        world.carried()
        return world

    def ended(world: HookedWorld) -> Any:
        for _ in range(2):
            world.passes(61)
            world.follow()
        assert world.left() == []
        db = Database.open(world.url, Outside())
        found = {table: rows for table, rows in end_state(db).items() if table not in {"plan", "change"}}
        db.close()
        return found

    watch, calm = Watch(), told("calm")
    calm.follow(watch)
    wanted = ended(calm)
    points = [(label, phase) for label, phase in watch.seen if not label.startswith(("lease", "bigcommerce"))]
    assert len(points) > 12
    for number, (label, phase) in enumerate(points):
        world = told(f"point-{number}")
        with pytest.raises(Crash):
            world.follow(CrashAt(label, phase, 1))
        world.abandon_leases()
        assert ended(world) == wanted, (label, phase)


def test_a_shop_that_shows_a_change_late_is_asked_again_when_it_surely_does(
    tmp_path: Path, sqlite_template: Path
) -> None:
    world = made(fresh(tmp_path, sqlite_template, "late"), read_lag_requests=1)
    order = next(one.id for one in world.shop.state.orders if one.status == 11)
    world.act(action="set_status", order_id=order, status=9)
    world.carried()
    world.follow()
    assert (known_status(world, order), world.left()) == ("11", [("orders", str(order))])
    assert world.follow().counts == {}  # not before its time
    world.passes(61)
    world.follow()
    assert (known_status(world, order), world.left()) == ("9", [])


def test_products_are_read_by_id_and_customers_as_far_as_they_changed(world: HookedWorld) -> None:
    new = world.act(action="create_product", name="Mug", sku="MUG", stock=3)["product_id"]
    old = next(iter(world.shop.state.products)).id
    world.act(action="rename_product", product_id=old, to="Another name")
    world.act(action="edit_customer", customer_id=3, company="Ada & Co")
    world.carried()
    world.passes(61)
    world.follow()

    names = dict(
        map(tuple, world.ask(f"SELECT platform_id, name FROM product WHERE platform_id IN ('{old}', '{new}')"))
    )
    assert names == {str(old): "Another name", str(new): "Mug"}
    assert world.ask("SELECT sku FROM listing WHERE sku = 'MUG'") == [("MUG",)]
    found = world.asked()
    assert (found[PRODUCTS], found[CUSTOMERS]) == (1, 1)
    assert world.left() == []


def test_orders_are_followed_while_another_run_reads_the_catalogue(world: HookedWorld) -> None:
    order = placed(world)
    world.hinted((Stream.PRODUCTS, 77))
    world.carried()
    with world.desk() as desk, desk.db.hold("channel:main:catalog", wait_s=0):
        log = world.follow()
    assert (log.problems, known_status(world, order), world.left("orders")) == ([], "11", [])
    assert world.left("products")
    assert world.follow().counts == {}
    world.passes(61)
    world.follow()
    assert world.left() == []


def test_what_the_shop_says_is_gone_is_gone(world: HookedWorld) -> None:
    product = next(iter(world.shop.state.products)).id
    world.act(action="delete_product", product_id=product)
    world.carried()
    world.follow()
    assert world.ask(f"SELECT deleted_at IS NULL FROM product WHERE platform_id = '{product}'") == [(0,)]
    assert ("products", str(product)) not in world.left()


def test_a_refund_is_read_with_its_order(world: HookedWorld) -> None:
    order = next(one for one in world.shop.state.orders if one.status == 11 and one.lines)
    line = {"line_id": order.lines[0].id, "quantity": 1}
    world.act(action="refund", order_id=order.id, lines=[line], status=11)
    world.carried()
    world.follow()
    assert world.ask(f"SELECT COUNT(*) FROM refund WHERE order_platform_id = '{order.id}'")[0][0] >= 1


def test_where_too_much_changed_for_single_questions_all_that_changed_is_read(
    world: HookedWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "MOST", 3)
    orders = [placed(world) for _ in range(4)]
    world.carried()
    world.asked()
    world.follow()
    assert {known_status(world, one) for one in orders} == {"11"}
    assert ORDER not in world.asked()
    assert len(world.left("orders")) == 4  # the shop may show the last of them only later
    world.passes(61)
    world.follow()
    assert world.left() == []


def test_stock_that_somebody_set_is_counted_and_read_no_more_than_once_a_minute(world: HookedWorld) -> None:
    variant = next(
        one for one in world.shop.state.variants if world.shop.state.products.rows[one.product_id].tracking != "none"
    )
    for number in (17, 23):
        world.act(action="set_stock", variant_id=variant.id, number=number)
        world.carried()
        world.follow()
    found = world.ask("SELECT shown FROM stock_reading WHERE shown IN (17, 23)")
    assert found == [(17,)]
    assert any(stream == "stock" for stream, _ in world.left())
    world.passes(60)
    world.follow()
    assert world.ask("SELECT shown FROM stock_reading WHERE shown IN (17, 23)") == [(23,)]
    world.passes(61)
    world.follow()
    assert world.left() == []
    assert world.broken() == []


def test_stock_that_an_order_moved_is_not_read_for_it(world: HookedWorld) -> None:
    placed(world)
    world.carried()
    assert not [one for one in world.left() if one[0] == "stock"]


def test_hints_that_a_poll_has_followed_are_over(world: HookedWorld) -> None:
    order = placed(world)
    world.carried()
    world.orders_flow()
    assert ("orders", str(order)) in world.left()  # it may have been shown as it was before
    world.passes(61)
    world.orders_flow()
    world.catalog_only()
    assert world.left() == []
    assert known_status(world, order) == "11"


def test_hints_of_what_was_never_read_are_left_to_the_first_sweep(tmp_path: Path, sqlite_template: Path) -> None:
    world = HookedWorld.make(fresh(tmp_path, sqlite_template, "new"), 3, Switches())
    world.hinted((Stream.ORDERS, 1), (Stream.PRODUCTS, 1))
    world.follow()
    assert world.left() == []
    assert world.ask("SELECT COUNT(*) FROM sales_order") == [(0,)]


def hooks_of(world: HookedWorld) -> list[Any]:
    return list(world.shop.state.hooks.hooks.values())


def test_hooks_are_registered_by_a_plan_that_goes_out_by_itself_and_only_once(world: HookedWorld) -> None:
    assert {one.destination for one in hooks_of(world)} == {"http://127.0.0.1:8321/hooks/main"}
    assert "store/order/created" in {one.scope for one in hooks_of(world)}
    [(state, flow)] = world.ask("SELECT state, flow FROM plan WHERE flow = 'sync-orders'")
    assert (state, flow) == ("applied", "sync-orders")
    again = world.register()
    assert again.plans == []
    assert world.word not in str(world.ask("SELECT * FROM change"))


def test_a_merchants_first_plan_of_hooks_waits_for_nobody(tmp_path: Path, sqlite_template: Path) -> None:
    world = HookedWorld.make(fresh(tmp_path, sqlite_template, "first"), 3, Switches())
    world.is_practice = False
    world.register()
    assert hooks_of(world)


def test_a_dead_hook_is_made_active_again_and_a_missing_one_registered(world: HookedWorld) -> None:
    dead, gone = hooks_of(world)[:2]
    dead.status = "deactivated"
    del world.shop.state.hooks.hooks[gone.id]
    log = world.register()
    assert (log.counts["changes_unknown"], log.problems) == (0, [])
    assert all(one.status == "active" for one in hooks_of(world))
    assert gone.scope in {one.scope for one in hooks_of(world)}


def test_another_secret_word_is_told_to_the_shop(world: HookedWorld) -> None:
    world.word = "another-secret-word-of-more-than-thirty-two"
    world.register()
    assert {one.headers["x-fillrate-hook"] for one in hooks_of(world)} == {world.word}


def test_without_a_public_address_or_a_secret_no_hook_is_registered(tmp_path: Path, sqlite_template: Path) -> None:
    for public, client, word in (("", "x" * 40, ""), ("https://shop.example", "", "")):
        world = HookedWorld.make(fresh(tmp_path, sqlite_template, f"none{len(public)}"), 3, Switches())
        world.public_url, world.client_secret, world.word = public, client, word
        world.register()
        assert hooks_of(world) == []


def test_hooks_that_stay_away_while_orders_change_are_told_of(world: HookedWorld) -> None:
    def changed() -> list[str]:
        placed(world)
        world.passes(16 * 60)
        return [one.what for one in world.orders_flow().problems]

    assert changed() == []
    [told] = changed()
    assert "No hook has told of anything" in told
    assert "Nothing came." in told

    world.carried()
    assert changed() == []


def test_a_quiet_shop_is_no_silent_one(world: HookedWorld) -> None:
    placed(world)
    world.orders_flow()
    world.passes(86_400)
    assert world.orders_flow().problems == []


def test_a_wrong_secret_is_told_apart_from_silence(world: HookedWorld) -> None:
    world.client_secret, world.word = "not-the-secret-of-this-shop-at-all-no", ""
    found: list[str] = []
    for _ in range(3):
        placed(world)
        world.carried()
        world.passes(16 * 60)
        found = [one.what for one in world.orders_flow().problems]
    assert found
    assert "not signed with our secret" in found[0]
    assert world.left() == []


def test_hooks_that_come_too_late_are_refused_and_told_of(tmp_path: Path, sqlite_template: Path) -> None:
    world = HookedWorld.make(fresh(tmp_path, sqlite_template, "tardy"), 3, Switches(hook_retries_signed="once"))
    world.word = ""
    world.day()
    world.register()
    placed(world)
    world.shop.courier.carry(lambda *_: 503)
    world.passes(60)
    world.shop.courier.carry(lambda *_: 503)
    world.passes(600)
    assert world.carried() >= 1
    assert world.left() == []
    problems = [one for one in world.orders_flow().problems if "signed too long ago" in one.what]
    assert problems
    assert "hook_tolerance_minutes" in problems[0].next


def test_unsigned_hooks_count_where_they_carry_our_word(tmp_path: Path, sqlite_template: Path) -> None:
    world = HookedWorld.make(fresh(tmp_path, sqlite_template, "bare"), 3, Switches(hook_signature="none"))
    world.day()
    world.register()
    order = placed(world)
    world.carried()
    world.follow()
    assert known_status(world, order) == "11"
