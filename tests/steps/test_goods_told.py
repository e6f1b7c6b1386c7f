"""What a shop says of its goods: the day of the next free unit on the page, and whether they can be bought."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fillrate.errors import FixSettings
from fillrate.settings import Match, Policy, PolicyPart, PolicyRule, PolicySettings
from fillrate.steps.correcting.undo import undo
from fillrate.steps.correcting.word import said
from fillrate.steps.plan import approve, reject
from fillrate.steps.runs import RunLog
from sandbox import Switches
from tests.simulation.world import fresh
from tests.steps.telling import HOUR_S, Told

SAYS = "In stock again: leaves by {day}."
OWN = "Made by hand"
PUT = "PUT /v3/catalog/products"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=(pytest.mark.postgres, pytest.mark.slow))])
def told(request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path) -> Told:
    sqlite = request.param == "sqlite"
    url = fresh(tmp_path, sqlite_template, "telling") if sqlite else request.getfixturevalue("postgres_url")
    made = Told.begin(url, tmp_path)
    made.product().availability_text = OWN
    made.act("receive", sku="MUG", quantity=1)  # the catalogue is read again by the next change of the product
    made.world.shop.state.products.changed(made.product(), made.world.shop.state.clock.now())
    made.ask(product_page=SAYS, purchasing=True)
    return made


def text(told: Told) -> str:
    return str(told.product().availability_text)


def test_a_page_shows_the_day_of_the_next_free_unit_and_then_what_it_said_before(told: Told) -> None:
    told.day()
    assert (text(told), told.shown()) == (OWN, [])
    told.order(6)  # two of them wait
    reference = told.coming(5, days=20)
    told.day()
    [(first, is_shown)] = told.shown()
    assert is_shown
    assert first > str(told.today() + timedelta(days=20))
    assert text(told).startswith("In stock again: leaves by ")
    assert first[:4] in text(told)

    told.order(3)  # takes what was free of it
    later = told.coming(9, days=40)
    told.day()
    assert [still for _, still in told.shown()] == [False, True]
    assert told.shown()[1][0] > str(told.today() + timedelta(days=40))

    told.act("receive", reference=reference, line=1, quantity=5)
    told.act("receive", reference=later, line=1, quantity=9)
    told.read_supply()
    for _ in range(2):
        told.day()

    assert text(told) == OWN
    assert [still for _, still in told.shown()] == [False, False]
    assert told.sent(PUT) == 3
    assert told.is_sound()


def test_of_a_delivery_that_came_in_part_and_is_in_no_number_yet_the_rest_is_free(told: Told) -> None:
    told.order(10)  # six of them wait
    reference = told.coming(10, days=20)
    told.world.practice("clock", {"advance_seconds": 24 * HOUR_S})
    told.day()
    told.act("receive", reference=reference, line=1, quantity=5, book=False)
    told.world.clock.time = datetime.fromtimestamp(told.world.shop.state.clock.now(), UTC)
    told.read_supply()
    told.day()

    assert [is_shown for _, is_shown in told.shown()] == [False, True], "it came early, and so may the rest"
    assert text(told).startswith("In stock again: leaves by ")


@pytest.mark.slow
def test_without_a_free_unit_on_its_way_the_page_says_nothing_of_ours(told: Told) -> None:
    told.order(6)
    told.coming(2, days=20)  # both are waited for
    told.day()

    assert (text(told), told.sent(PUT)) == (OWN, 0)


@pytest.mark.slow
def test_what_the_merchant_writes_over_our_day_is_his_own_and_is_given_back(told: Told) -> None:
    told.order(6)
    reference = told.coming(5, days=20)
    told.day()
    told.product().availability_text = "Only in May"
    told.day()
    assert text(told) == "Only in May"

    told.act("slip", reference=reference, to=str(told.today() + timedelta(days=60)))
    told.read_supply()
    for _ in range(3):
        told.day()
    assert text(told).startswith("In stock again")
    told.act("receive", reference=reference, line=1, quantity=5)
    told.read_supply()
    for _ in range(2):
        told.day()

    assert text(told) == "Only in May"


@pytest.mark.slow
def test_a_text_that_the_merchant_put_there_meanwhile_is_not_replaced_by_his_old_one(told: Told) -> None:
    told.order(6)
    reference = told.coming(5, days=20)
    told.day()
    told.product().availability_text = "Only in May"
    told.act("receive", reference=reference, line=1, quantity=5)
    told.read_supply()
    for _ in range(3):
        told.day()

    assert text(told) == "Only in May"
    assert told.sent(PUT) == 1


def test_who_changes_another_text_of_the_page_does_not_keep_our_day_on_it_for_ever(told: Told) -> None:
    told.order(6)
    reference = told.coming(5, days=20)
    told.day()
    told.product().preorder_message = "A second edition is planned"
    told.world.shop.state.products.changed(told.product(), told.world.shop.state.clock.now())
    told.day()
    told.act("receive", reference=reference, line=1, quantity=5)
    told.read_supply()
    for _ in range(3):
        told.day()

    assert (text(told), told.product().preorder_message) == (OWN, "A second edition is planned")
    assert told.world.broken() == []


@pytest.mark.slow
def test_a_preorder_says_the_day_in_its_own_message_too(told: Told) -> None:
    told.product().availability = "preorder"
    told.product().preorder_message = "Coming: %%DATE%%"
    told.world.shop.state.products.changed(told.product(), told.world.shop.state.clock.now())
    told.order(6)
    reference = told.coming(5, days=20)
    told.day()
    assert told.product().preorder_message == text(told)
    told.act("cancel_goods", reference=reference)
    told.read_supply()
    told.day()

    assert (text(told), told.product().preorder_message) == (OWN, "Coming: %%DATE%%")


def test_switched_off_gives_back_what_stood_there(told: Told) -> None:
    told.limit(4)
    told.order(8)
    told.coming(5, days=20)
    told.day()
    assert (text(told) != OWN, told.is_off()) == (True, True)
    told.ask()
    told.day()
    told.day()

    assert (text(told), told.is_off()) == (OWN, False)
    assert told.sent(PUT) == 2


@pytest.mark.slow
def test_an_undone_page_stays_undone_while_it_would_say_the_same(told: Told) -> None:
    told.order(6)
    told.coming(5, days=20)
    told.day()
    [plan] = told.plans("product_page")
    with told.world.desk() as desk:
        undo(desk, RunLog("undo", "undo", "all"), said("Ann", "ugly"), plan.id)
    told.day()
    told.day()

    assert (text(told), told.shown()[-1][1]) == (OWN, False)


def test_a_page_with_several_variants_speaks_only_when_none_of_them_can_be_had(told: Told) -> None:
    variants = [{"sku": "TEE-S", "stock": 0}, {"sku": "TEE-M", "stock": 1}]
    tee = told.act("create_product", name="Tee", sku="TEE", variants=variants)
    told.read()
    for sku, days in (("TEE-S", 20), ("TEE-M", 50)):
        expected = str(told.today() + timedelta(days=days))
        told.act("order_goods", lines=[{"sku": sku, "quantity": 3}], expected=expected)
    told.read_supply()
    told.day()
    assert told.product(tee["product_id"]).availability_text == ""

    told.act("place_order", lines=[{"sku": "TEE-M", "quantity": 1}])
    told.day()

    assert told.product(tee["product_id"]).availability_text.startswith("In stock again")
    assert {day > str(told.today() + timedelta(days=50)) for day, _ in told.shown()} == {True}
    assert len(told.shown()) == 2


def test_what_has_reached_its_limit_cannot_be_bought_until_units_are_free(told: Told) -> None:
    told.limit(4)
    told.order(7)  # three of them wait
    told.day()
    assert not told.is_off()
    told.order(1)
    for _ in range(2):
        told.day()
    assert told.is_off()

    told.act("receive", sku="MUG", quantity=2)
    for _ in range(2):
        told.day()

    assert not told.is_off()
    assert told.changes("purchasing") == [(False, True, "done"), (True, False, "done")]
    assert told.sent("PUT /v3/catalog/variants") == 2


def test_what_was_withdrawn_before_its_plan_was_refused_is_nothing_that_a_person_refused(told: Told) -> None:
    told.world.policy = PolicySettings(default=Policy(wait_above_share=0, backorder_limit=2))
    cup = told.act("create_product", name="Cup", sku="CUP", cents=900, stock=0)["product_id"]
    told.act("set_backorder_limit", product_id=cup, quantity=1000)
    told.order(6)
    told.act("place_order", lines=[{"product_id": cup, "quantity": 2}])
    told.day()
    [waits] = [plan.id for plan in told.plans("purchasing") if plan.state == "waiting"]
    told.act("receive", sku="MUG", quantity=2)
    for _ in range(2):
        told.day()
    with told.world.desk() as desk:
        reject(desk, waits, "Ann")
    told.order(2)
    told.day()
    [fresh] = [plan.id for plan in told.plans("purchasing") if plan.state == "waiting"]
    with told.world.desk() as desk:
        approve(desk, fresh, None, "Ann")
    told.day()

    assert told.is_off()
    assert [state for *_, state in told.changes("purchasing")] == ["superseded", "superseded", "done"]


@pytest.mark.slow
def test_what_the_merchant_has_switched_off_is_never_switched_on(told: Told) -> None:
    told.limit(4)
    told.order(8)
    variant = told.world.shop.state.variants.rows[told.product().variant_ids[0]]
    variant.disabled = True
    told.world.shop.state.products.changed(told.product(), told.world.shop.state.clock.now())
    told.day()
    told.act("receive", sku="MUG", quantity=9)
    told.day()

    assert told.is_off()
    assert told.sent("PUT /v3/catalog/variants") == 0


@pytest.mark.slow
def test_what_was_off_already_when_we_came_is_the_merchants(told: Told) -> None:
    told.limit(4)
    told.order(8)
    told.read()
    told.world.shop.state.variants.rows[told.product().variant_ids[0]].disabled = True
    told.run("allocate-orders")
    assert told.changes("purchasing") == [(False, True, "done")]
    told.act("receive", sku="MUG", quantity=9)
    told.day()
    told.day()

    assert told.is_off()
    assert told.sent("PUT /v3/catalog/variants") == 0


@pytest.mark.slow
def test_without_a_limit_everything_can_be_bought(told: Told) -> None:
    told.order(50)
    told.day()

    assert (told.is_off(), told.changes("purchasing")) == (False, [])


@pytest.mark.slow
def test_goods_are_planned_for_what_was_touched_only(told: Told) -> None:
    others: list[Any] = [told.act("create_product", name=f"Cup {n}", sku=f"CUP-{n}", stock=0) for n in range(3)]
    told.limit(0)
    told.day()
    assert len(told.changes("purchasing")) == len(others)
    told.order(4)
    told.day()

    assert len(told.changes("purchasing")) == len(others) + 1


LIMITS = "PUT /v3/inventory/locations/{id}/items"


@pytest.mark.parametrize("writes", ["at_once", pytest.param("unordered", marks=pytest.mark.slow)])
def test_the_policys_limit_is_the_shops_until_it_is_switched_off(
    writes: str, tmp_path: Path, sqlite_template: Path
) -> None:
    switches = Switches(backorders=True, inventory_writes=writes)
    told = Told.begin(fresh(tmp_path, sqlite_template, "limits"), tmp_path, switches, backorder_limit=True)
    told.day()
    assert (told.cell().backorder_limit, told.changes("backorder_limit")) == (1000, [])
    told.limit(7)
    for _ in range(3):
        told.day()
    assert told.cell().backorder_limit == 7
    assert told.sent(LIMITS) == 1
    told.act("set_backorder_limit", product_id=told.mug, quantity=9)  # by hand, after us
    told.day()
    assert told.cell().backorder_limit == 9
    told.limit(8)
    for _ in range(2):
        told.day()
    assert told.cell().backorder_limit == 8

    told.ask()
    for _ in range(2):
        told.day()

    assert told.cell().backorder_limit == 9
    assert [(before, after) for before, after, state in told.changes("backorder_limit") if state == "done"] == [
        (1000, 7),
        (9, 8),
        (8, 9),
    ]


@pytest.mark.slow
def test_a_shop_without_native_backorders_gets_no_limit(tmp_path: Path, sqlite_template: Path) -> None:
    switches = Switches(backorders=False, inventory_writes="at_once")
    told = Told.begin(fresh(tmp_path, sqlite_template, "limits"), tmp_path, switches, backorder_limit=True)
    told.limit(7)
    told.day()

    assert (told.changes("backorder_limit"), told.sent(LIMITS)) == ([], 0)


@pytest.mark.parametrize("tracking", ["variant", "product"])
def test_a_limit_holds_for_a_sku_as_a_whole_wherever_it_lies(
    tracking: str, tmp_path: Path, sqlite_template: Path
) -> None:
    told = Told.begin(fresh(tmp_path, sqlite_template, "limits"), tmp_path, backorder_limit=True)
    told.act("set_tracking", product_id=told.mug, tracking=tracking)
    locations = [one for one in told.world.shop.state.locations if told.world.shop.state.locations[one].enabled]
    for one in locations:
        told.act("receive", sku="MUG", quantity=1, location_id=one)
        told.act("set_backorder_limit", product_id=told.mug, location_id=one, quantity=50)
    told.limit(7)
    told.day()

    assert len(locations) > 1
    assert [told.cell(one).backorder_limit for one in locations] == [7 if one == 1 else 0 for one in locations]


def test_a_limit_of_a_location_holds_there_and_the_rest_of_the_skus_at_the_default_one(
    tmp_path: Path, sqlite_template: Path
) -> None:
    told = Told.begin(fresh(tmp_path, sqlite_template, "limits"), tmp_path, backorder_limit=True)
    places = told.world.shop.state.locations
    for one in places:
        told.act("receive", sku="MUG", quantity=1, location_id=one)
        told.act("set_backorder_limit", product_id=told.mug, location_id=one, quantity=50)
    two = PolicyRule(match=Match(sku="MUG", location=places[2].code), set=PolicyPart(backorder_limit=2))
    told.world.policy = PolicySettings(default=Policy(wait_above_share=1), rule=(two,))
    told.day()
    assert [told.cell(one).backorder_limit for one in places] == [50, 2, 50]  # of the SKU as a whole nothing is said

    told.world.policy = PolicySettings(default=Policy(wait_above_share=1, backorder_limit=7), rule=(two,))
    told.day()

    assert [told.cell(one).backorder_limit for one in places] == [5, 2, 0]
    assert told.is_sound()


def edited(told: Told) -> None:
    """The shop notes that somebody has changed the product."""
    told.world.shop.state.products.changed(told.product(), told.world.shop.state.clock.now())


def test_a_day_is_shown_no_more_once_somebody_has_written_over_it(told: Told) -> None:
    told.order(6)
    told.coming(5, days=20)
    told.day()
    told.day()
    assert [still for _, still in told.shown()] == [True]
    told.product().availability_text = "Only in May"
    edited(told)
    told.day()

    assert (text(told), [still for _, still in told.shown()]) == ("Only in May", [False])


@pytest.mark.slow
def test_an_undone_limit_and_what_may_be_bought_are_as_before(tmp_path: Path, sqlite_template: Path) -> None:
    told = Told.begin(fresh(tmp_path, sqlite_template, "undone"), tmp_path, backorder_limit=True, purchasing=True)
    told.limit(2)
    told.order(5)
    told.day()
    assert (told.is_off(), told.cell().backorder_limit) == (True, 2)
    for kind in ("purchasing", "backorder_limit"):
        with told.world.desk() as desk:
            undo(desk, RunLog(f"undo-{kind}", "undo", "all"), said("Ann", "not yet"), told.plans(kind)[-1].id)
    for _ in range(2):
        told.day()

    assert (told.is_off(), told.cell().backorder_limit) == (False, 1000)


def test_a_scope_that_is_missing_stops_only_what_needs_it(told: Told) -> None:
    told.ask(product_page=SAYS, staff_note=True)
    told.order(6)
    told.coming(5, days=20)
    told.world.practice("faults", [{"match": PUT, "kind": "403"}])

    with pytest.raises(FixSettings, match="store_v2_products"):
        told.day()

    assert told.true_order(1).staff_notes == "[Fillrate] Waits for stock: 2 × MUG."
    assert [state for _, _, state in told.changes("product_page")] == ["approved"]
