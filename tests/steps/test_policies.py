"""What each setting of the queue does for a merchant: from the settings, through the shop, to who has which unit."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fillrate.settings import LocationSettings, Match, Policy, PolicyPart, PolicyRule, PolicySettings
from fillrate.steps.correcting.promises import move_promise
from fillrate.steps.correcting.word import said
from fillrate.steps.runs import RunLog, recorded
from fillrate.steps.supply.sync import import_inbound
from tests.simulation.world import World
from tests.steps.releasing import answers, happen, is_sound, shop_of, thing

DEFAULT, SECOND = 1, 2  # locations of the shop
NEWCOMER, FRIEND = 1, 2  # customers of the shop; the friend is in the group of the best
GOOD = "3"  # that group
DAY_S = 86_400


@pytest.fixture
def world(sqlite_url: str) -> World:
    world = shop_of(sqlite_url, "order_completed_or_shipped")
    for number, group, country in ((NEWCOMER, 0, "United States"), (FRIEND, int(GOOD), "Germany")):
        customer = world.shop.state.customers.get(number)
        assert customer is not None
        customer.group_id, customer.country = group, country
    return world


def for_friends(**rule: Any) -> PolicySettings:
    return PolicySettings(rule=(PolicyRule(match=Match(group=GOOD), set=PolicyPart(**rule)),))


def order(world: World, customer: int, *lines: tuple[int, int]) -> str:
    """An order of (variant, quantity) by a customer."""
    wanted = [{"variant_id": variant, "quantity": quantity} for variant, quantity in lines]
    return str(happen(world, {"action": "place_order", "customer_id": customer, "lines": wanted})[0]["order_id"])


def stands(world: World, number: str) -> dict[tuple[str, str], int]:
    """Where the open units of an order stand: by state and reason."""
    question = (
        "SELECT u.state, u.reason, SUM(u.quantity) FROM open_unit u JOIN order_line l ON l.id = u.line_id"
        f" JOIN sales_order o ON o.id = l.order_id WHERE o.platform_id = '{number}' GROUP BY 1, 2"
    )
    return {(state, reason): units for state, reason, units in answers(world, question)}


def shelves_of(world: World, number: str) -> dict[str, int]:
    """How many units of an order are set aside where: by the shop's id of the location."""
    question = (
        "SELECT p.platform_id, SUM(a.quantity) FROM allocation a JOIN location p ON p.id = a.location_id"
        f" JOIN order_line l ON l.id = a.line_id JOIN sales_order o ON o.id = l.order_id WHERE o.platform_id = '{number}'"
        " GROUP BY 1"
    )
    return dict(answers(world, question))  # type: ignore[arg-type]


def lies(world: World, sku: str, default: int = 0, second: int = 0) -> int:
    """A thing with so many units at the default and at the second location; returns its variant."""
    variant = thing(world, sku, default)
    if second:
        happen(world, {"action": "receive", "sku": sku, "location_id": SECOND, "quantity": second})
    return variant


READY, NO_SUPPLY = ("backlog", "ready"), ("backorder", "no_supply")


def test_a_better_class_is_served_first(world: World) -> None:
    world.policy = for_friends(priority=1)
    mug = lies(world, "MUG", default=1)
    newcomer, friend = (order(world, one, (mug, 1)) for one in (NEWCOMER, FRIEND))

    world.day()

    assert (stands(world, friend), stands(world, newcomer)) == ({READY: 1}, {NO_SUPPLY: 1})
    is_sound(world)


@pytest.mark.parametrize("displaces", [False, True])
def test_a_better_class_takes_what_is_set_aside_for_others_only_where_it_may(world: World, displaces: bool) -> None:
    world.policy = for_friends(priority=1, displaces=displaces)
    mug = lies(world, "MUG", default=1)
    newcomer = order(world, NEWCOMER, (mug, 1))
    world.day()

    friend = order(world, FRIEND, (mug, 1))
    world.day()

    assert stands(world, friend if displaces else newcomer) == {READY: 1}
    is_sound(world)


def promised(world: World, number: str, days: int) -> None:
    """A person promises a later day for the line of an order."""
    question = (
        "SELECT l.platform_id FROM order_line l JOIN sales_order o ON o.id = l.order_id"
        f" WHERE o.platform_id = '{number}'"
    )
    [(line,)] = answers(world, question)
    with world.desk() as desk, recorded(desk, RunLog(f"word-{world.runs}", "move-promise", "all")) as log:
        move_promise(desk, log, said("Ann", "agreed"), str(line), workday(world, days))


def workday(world: World, days: int) -> date:
    """A working day at least so many days ahead in the shop's time."""
    day = (datetime.fromtimestamp(world.shop.state.clock.now(), UTC) + timedelta(days=days)).date()
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day


def test_who_is_promised_for_an_earlier_day_is_served_first_where_the_policy_goes_by_it(world: World) -> None:
    world.policy = PolicySettings(default=Policy(by_promise=True))
    mug = lies(world, "MUG")
    first, second = (order(world, NEWCOMER, (mug, 1)) for _ in range(2))
    world.day()
    promised(world, first, 30)
    promised(world, second, 5)

    happen(world, {"action": "receive", "sku": "MUG", "quantity": 1})
    world.day()

    assert (stands(world, first), stands(world, second)) == ({NO_SUPPLY: 1}, {READY: 1})
    is_sound(world)


def test_what_is_promised_beyond_the_horizon_takes_nothing_today(world: World) -> None:
    world.policy = PolicySettings(default=Policy(horizon_days=10))
    mug = lies(world, "MUG")
    late, soon = (order(world, NEWCOMER, (mug, 1)) for _ in range(2))
    world.day()
    promised(world, late, 30)

    happen(world, {"action": "receive", "sku": "MUG", "quantity": 2})
    world.day()

    assert (stands(world, late), stands(world, soon)) == ({("backorder", "withheld"): 1}, {READY: 1})
    is_sound(world)


def comes(world: World, folder: Path, sku: str, days: int) -> None:
    """A delivery of one is on its way."""
    file = folder / "po.csv"
    file.write_text(f"reference,line,sku,quantity,received,expected\nPO-7,1,{sku},1,0,{workday(world, days)}\n")
    world.clock.sleep(60)
    with world.desk() as desk, recorded(desk, RunLog(f"supply-{world.runs}", "sync-inbound", "all")) as log:
        import_inbound(desk, log, file)


@pytest.mark.parametrize(
    ("rule", "days", "keeps"),
    [
        ({"hold_days": 60}, 0, True),
        ({"hold_days": 2}, 0, False),
        ({"hold_days": 2, "starve_days": 5}, 4, False),
        ({"hold_days": 2, "starve_days": 5}, 7, True),
    ],
)
def test_an_order_that_ships_complete_keeps_what_is_there_while_the_rest_is_near_or_once_it_is_old(
    world: World, tmp_path: Path, rule: dict[str, int], days: int, keeps: bool
) -> None:
    world.policy = for_friends(ship_complete=True, **rule)
    mug, tray = lies(world, "MUG", default=1), lies(world, "TRAY")
    whole = order(world, FRIEND, (mug, 1), (tray, 1))
    world.catalog_only()
    comes(world, tmp_path, "TRAY", 25)
    world.practice("clock", {"advance_seconds": days * DAY_S})
    single = order(world, NEWCOMER, (mug, 1))

    world.day()

    assert shelves_of(world, whole) == ({str(DEFAULT): 1} if keeps else {})
    assert stands(world, single) == ({NO_SUPPLY: 1} if keeps else {READY: 1})
    assert ("backlog", "ready") not in stands(world, whole)
    is_sound(world)


@pytest.mark.parametrize(("limit", "places"), [(0, 2), (1, 1)])
def test_an_order_is_shipped_from_no_more_locations_than_the_limit_of_splits(
    world: World, limit: int, places: int
) -> None:
    world.policy = PolicySettings(default=Policy(split_limit=limit))
    mug, tray = lies(world, "MUG", default=1), lies(world, "TRAY", second=1)
    both = order(world, NEWCOMER, (mug, 1), (tray, 1))

    world.day()

    assert len(shelves_of(world, both)) == places
    is_sound(world)


GERMAN = {SECOND: {"near": ("DE",)}, DEFAULT: {"near": ("US", "GB")}}


@pytest.mark.parametrize(
    ("chosen", "customer", "places", "from_where"),
    [
        ("rank", NEWCOMER, {}, DEFAULT),
        ("most_stock", NEWCOMER, {}, SECOND),
        ("nearest", FRIEND, GERMAN, SECOND),
        ("nearest", NEWCOMER, GERMAN, DEFAULT),
        ("rank", NEWCOMER, {DEFAULT: {"serves": ("other",)}}, SECOND),
    ],
)
def test_a_location_is_drawn_on_as_the_policy_chooses(
    world: World, chosen: Any, customer: int, places: dict[int, Any], from_where: int
) -> None:
    world.policy = PolicySettings(default=Policy(locations=chosen))
    codes = {number: one.code for number, one in world.shop.state.locations.items()}
    world.locations = tuple(LocationSettings(channel="main", code=codes[one], **more) for one, more in places.items())
    mug = lies(world, "MUG", default=2, second=9)
    number = order(world, customer, (mug, 1))

    world.day()

    assert shelves_of(world, number) == {str(from_where): 1}
    is_sound(world)


def test_an_order_is_drawn_from_one_location_where_fewest_splits_are_wanted(world: World) -> None:
    world.policy = PolicySettings(default=Policy(locations="fewest_splits"))
    mug, tray = lies(world, "MUG", default=2, second=2), lies(world, "TRAY", second=1)
    both = order(world, NEWCOMER, (mug, 1), (tray, 1))

    world.day()

    assert shelves_of(world, both) == {str(SECOND): 2}
    is_sound(world)
