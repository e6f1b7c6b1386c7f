"""An order or an item explained: every unit is somewhere for a reason, and they add up."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from fillrate.report.explain import (
    MOST_MOVES,
    CoverFact,
    DeliveryFact,
    ForecastFact,
    LineFact,
    MoveFact,
    OrderFact,
    OwedFact,
    PromiseFact,
    RuleFact,
    ShelfFact,
    SkuFact,
    UnitsFact,
    as_json,
    order_lines,
)
from fillrate.report.explain_sku import sku_lines
from fillrate.report.places import AheadFact, PlaceFact, ordinal, place_sentences

DAY = datetime(2026, 3, 1, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
SHELF = ShelfFact("Main", 10, 3, 6, 4, None, DAY)
AHEAD = (AheadFact("main:7", 1, "class"), AheadFact("main:9", 3, "queued"))
PLACE = PlaceFact(number=3, of=12, units_before=4, before=AHEAD, others=0)
READY, WAITING = UnitsFact("backlog", "ready", 3, DAY), UnitsFact("backorder", "no_supply", 2, DAY, place=PLACE)


def line(**more: Any) -> LineFact:
    facts: dict[str, Any] = {
        "line": "5",
        "sku": "CUP-RED",
        "name": "Cup (red)",
        "ordered": 7,
        "shipped": 1,
        "cancelled": 1,
        "needs_stock": True,
        "units": (READY, WAITING),
        "set_aside": {"Main": 2, "Attic": 1},
        "shelves": (SHELF,),
        "moves": (MoveFact(DAY, 5, "new", "ordered"), MoveFact(DAY, 1, "none", "order_edited")),
    }
    return LineFact(**(facts | more))


def order(*lines: LineFact, **more: Any) -> OrderFact:
    facts = {"order": "main:12", "placed_at": DAY, "recipient": "Ada", "status": "Awaiting Fulfillment"}
    facts |= {"note": "", "is_gone": False, "note_in_shop": ""}
    return OrderFact(**(facts | {"lines": lines or (line(),)} | more))


def said_of(fact: OrderFact) -> list[str]:
    return [sentence.strip() for sentence in order_lines(fact, BERLIN)]


def test_an_explanation_says_where_each_unit_is_and_what_they_sum_to() -> None:
    assert order_lines(order(), BERLIN) == [
        "Order main:12, placed 2026-03-01 13:00 (Europe/Berlin), for Ada.",
        "The shop calls it: Awaiting Fulfillment.",
        "",
        "7 × Cup (red) (CUP-RED), line 5",
        "  1 shipped.",
        "  1 cancelled.",
        "  3 in backlog: ready to pack.",
        "  2 in backorder: none left, and no delivery is known.",
        "  Set aside for it: 2 at Main, 1 at Attic.",
        "  Its place in the queue for it: 3rd of 12, with 4 units before it.",
        "  Before it: order main:7 with 1 unit (of a better class); order main:9 with 3 units (in the queue for longer).",
        "  Main: 10 on the shelf, 3 of them set aside.",
        "  The shop shows 6 there (read 2026-03-01 13:00); taken off for orders: 4.",
        "  What happened:",
        "    2026-03-01 13:00: 5 new (the order came in).",
        "    2026-03-01 13:00: 1 taken out (the order was changed).",
        "",
        "Open units in all: 5 = 3 in backlog + 2 in backorder.",
    ]


def test_units_that_do_not_add_up_are_told_and_not_hidden() -> None:
    assert said_of(order(line(units=(READY,))))[-1] == (
        "These do not add up to the 5 units that are open. Check the tables: fillrate audit"
    )


def test_the_facts_are_json_and_say_how_much_is_open() -> None:
    facts = json.loads(json.dumps(as_json(order(line(), line(ordered=2)))))

    assert facts["open"] == 5
    ready, waiting = facts["lines"][0]["units"]
    assert ready == {
        "state": "backlog",
        "reason": "ready",
        "quantity": 3,
        "queued_at": "2026-03-01T12:00:00+00:00",
        "cause": "",
        "since": None,
        "place": None,
        "covers": [],
    }
    assert waiting["place"]["before"][0] == {"order": "main:7", "units": 1, "rule": "class"}


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("done", "The shop has been told which units wait."),
        ("parked", "Telling the shop which units wait is still to be done: waits for another try."),
    ],
)
def test_an_explanation_tells_what_the_shop_knows(state: str, said: str) -> None:
    assert said_of(order(note_in_shop=state))[-1] == said


def test_a_finished_order_of_which_nothing_is_known_but_its_number() -> None:
    closed = line(ordered=2, shipped=2, cancelled=0, name="", sku="", units=(), set_aside={}, moves=())

    assert said_of(order(closed, recipient="", note="older than the first day", is_gone=True)) == [
        "Order main:12, placed 2026-03-01 13:00 (Europe/Berlin), for a guest.",
        "The shop calls it: Awaiting Fulfillment.",
        "It was closed without work: older than the first day.",
        "The shop no longer has this order.",
        "",
        "2 × without a name (no SKU), line 5",
        "2 shipped.",
        "",
        "Nothing of it is left to do.",
    ]


@pytest.mark.parametrize(
    ("number", "of", "said"),
    [(1, 4, "It is next in the queue for it: the first of 4."), (1, 1, "Nobody else waits for it.")],
)
def test_the_next_in_the_queue_is_told_so(number: int, of: int, said: str) -> None:
    waiting = UnitsFact("backorder", "no_supply", 2, DAY, place=PlaceFact(number, of, 0, (), 0))

    assert said in said_of(order(line(units=(READY, waiting))))


def test_of_many_who_come_first_some_are_named_and_the_rest_is_counted() -> None:
    place = PlaceFact(number=23, of=40, units_before=51, before=AHEAD[:1], others=21)

    assert place_sentences(PlaceFact(1, 2, 0, (), 0, held_back=True))[1].startswith(
        "It takes nothing of what lies there today"
    )
    assert place_sentences(place) == [
        "Its place in the queue for it: 23rd of 40, with 51 units before it.",
        "Before it: order main:7 with 1 unit (of a better class); and 21 more.",
    ]


@pytest.mark.parametrize(
    ("n", "said"), [(1, "1st"), (2, "2nd"), (11, "11th"), (13, "13th"), (22, "22nd"), (112, "112th")]
)
def test_places_are_numbered_as_people_say_them(n: int, said: str) -> None:
    assert ordinal(n) == said


def test_the_rules_that_hold_for_a_line_are_told_with_what_set_them() -> None:
    rules = (
        RuleFact("priority", "10", "rule 2 of the settings, for brand Acme"),
        RuleFact("ship_complete", "True", "the default"),
    )

    assert dates_of(rules=rules) == [
        "Its class is 10; small numbers are served first. Set by rule 2 of the settings, for brand Acme.",
        "The order leaves as a whole, and stands where its last unit stands. Set by the default.",
    ]


def test_a_product_that_the_catalogue_does_not_know_is_not_said_to_be_out_of_stock_only() -> None:
    told = "The catalogue does not know this product yet. Read it: fillrate run sync-catalog --full"

    assert told in said_of(order(line(stays="unknown_item", shelves=())))


def test_what_needs_no_stock_says_so() -> None:
    said = said_of(order(line(needs_stock=False, units=(READY,), set_aside={}, shelves=())))

    assert said[6:8] == ["3 in backlog: ready to pack.", "It needs no stock from a shelf."]


def test_units_just_come_in_wait_for_the_next_allocation() -> None:
    assert "5 new: the next allocation looks at it." in said_of(order(line(units=(UnitsFact("new", "", 5, DAY),))))


def test_of_a_long_history_the_latest_is_told() -> None:
    moves = tuple(MoveFact(DAY + timedelta(hours=n), n + 1, "backlog", "stock_arrived") for n in range(20))

    said = [one for one in said_of(order(line(moves=moves))) if "stock became free" in one]

    assert len(said) == MOST_MOVES
    assert said[-1] == "2026-03-02 08:00: 20 in backlog (stock became free)."


def test_a_shelf_that_no_shop_tells_of_has_no_number_of_the_shop() -> None:
    said = said_of(order(line(shelves=(ShelfFact("Attic", 1, 0, None, None, None, None),))))

    assert not any("The shop shows" in one for one in said)


def test_an_item_is_explained_by_a_picture_its_shelves_its_queue_and_its_last_movements() -> None:
    soon = DAY + timedelta(days=9)
    cover = CoverFact(2, "PO-7", "Acme", soon)
    covered = UnitsFact("backorder", "awaiting_inbound", 2, DAY, covers=(cover,))
    fact = SkuFact(
        sku="CUP-RED",
        name="Cup (red)",
        is_tracked=True,
        shelves=(SHELF,),
        queue=(OwedFact("main:12", READY), OwedFact("main:13", covered, soon, soon), OwedFact("main:14", WAITING)),
        holders={"Main": (("main:12", 3),)},
        deliveries=(DeliveryFact("PO-7", "Acme", 5, soon, None, None, (("main:13", 2),), 3),),
        movements=((DAY, "counted", -2),),
    )

    assert sku_lines(fact, BERLIN) == [
        "CUP-RED: Cup (red).",
        "  Main: 10 on the shelf, 3 of them set aside.",
        "  The shop shows 6 there (read 2026-03-01 13:00); taken off for orders: 4.",
        "Owed in all: 7 = 3 in backlog + 4 in backorder.",
        "",
        "CUP-RED",
        "  Main     10 on hand       | #12 3 | 7 free |",
        "  PO-7     5 on 2026-03-10  | #13 2 | 3 free |",
        "  nothing  2 not covered    | #14 2 |",
        "",
        "  Order main:12: 3 in backlog: ready to pack (in the queue since 2026-03-01 13:00).",
        "  Order main:13: 2 in backorder: a delivery is on its way (in the queue since 2026-03-01 13:00)."
        " Promised by 2026-03-10. Likely to leave on 2026-03-10.",
        "  Order main:14: 2 in backorder: none left, and no delivery is known (in the queue since 2026-03-01 13:00).",
        "What happened:",
        "  2026-03-01 13:00: -2 by the shop's number.",
    ]
    assert as_json(fact)["deliveries"][0]["covered"] == [["main:13", 2]]
    assert as_json(fact)["queue"][0]["units"]["reason"] == "ready"


def test_of_a_delivery_that_was_received_in_part_the_picture_says_so() -> None:
    soon = DAY + timedelta(days=9)
    part = DeliveryFact("PO-7", "Acme", 5, soon, soon, soon, (), 5, unseen=3)
    whole = replace(part, reference="PO-8", unseen=5)

    said = sku_lines(SkuFact("CUP", "Cup", True, (), (), deliveries=(part, whole)), BERLIN)

    assert "  PO-7  3 received, 2 on 2026-03-10  | 5 free |" in said
    assert "  PO-8  5 received                   | 5 free |" in said


def test_a_kit_names_its_parts_in_place_of_a_picture_since_it_stands_in_their_queues() -> None:
    kit = SkuFact("BOX", "Gift box", True, (), (OwedFact("main:12", WAITING),), made_of=(("CUP", 1), ("TEA", 2)))

    said = sku_lines(kit, BERLIN)

    assert said[:4] == [
        "BOX: Gift box.",
        "It is a kit, drawn from its parts: 1 × CUP each, 2 × TEA each.",
        "What lies there and what is on its way is shown with each part: fillrate explain sku PART",
        "Owed in all: 2 = 2 in backorder.",
    ]
    assert not any("|" in one for one in said)


def test_a_long_queue_is_cut_and_says_so() -> None:
    fact = SkuFact("", "Cup", False, (), tuple(OwedFact(str(n), WAITING) for n in range(9)))

    said = sku_lines(fact, BERLIN, most=2)

    assert said[:3] == ["no SKU: Cup.", "Nobody counts its stock.", "Owed in all: 18 = 18 in backorder."]
    assert said[5] == "  nothing  18 not covered  | #0 2 | #1 2 | #2 2 | #3 2 | #4 2 | #5 2 | 3 more, 6 units |"
    assert said[-1] == "  … and 7 more"
    assert sku_lines(SkuFact("A", "Cup", True, (), ()), BERLIN)[-1] == "Nobody is owed any."


def test_what_the_shop_sold_beyond_its_stock_is_told_so_that_the_numbers_add_up() -> None:
    beyond = ShelfFact("Main", 4, 4, 0, 7, 3, DAY)

    assert said_of(order(line(shelves=(beyond,))))[11:13] == [
        "Main: 4 on the shelf, 4 of them set aside.",
        "The shop shows 0 there (read 2026-03-01 13:00); taken off for orders: 7, of which sold beyond its stock: 3.",
    ]


def test_units_of_one_line_that_wait_for_one_reason_are_told_once() -> None:
    later = UnitsFact("backorder", "no_supply", 1, DAY + timedelta(days=1))

    said = said_of(order(line(units=(READY, WAITING, later), ordered=8)))

    assert [one for one in said if "in backorder:" in one] == ["3 in backorder: none left, and no delivery is known."]


def dates_of(**more: Any) -> list[str]:
    plain = said_of(order(line()))
    return [sentence for sentence in said_of(order(line(**more))) if sentence not in plain]


def test_an_explanation_names_the_delivery_the_day_and_what_the_customer_was_told() -> None:
    later, latest = DAY + timedelta(days=9), DAY + timedelta(days=14)
    told = PromiseFact(DAY + timedelta(days=7), "supply", DAY)

    assert dates_of(
        covers=(
            CoverFact(1, "PO-7", "Acme", DAY + timedelta(days=5), DAY + timedelta(days=6), DAY + timedelta(days=9)),
            CoverFact(1, "PO-9", "", None),
        ),
        forecast=ForecastFact(later, latest, 0),
        promises=(told,),
    ) == [
        "1 of them: waiting for PO-7 of Acme, expected on 2026-03-06. Likely on the shelf on 2026-03-07, by 2026-03-10 in nine of"
        " ten cases.",
        "1 of them: waiting for PO-9 of a supplier without a name; nobody has told when it comes.",
        "It is likely to leave on 2026-03-10, and by 2026-03-15 in nine of ten cases.",
        "Promised to leave by 2026-03-08 (by what was on its way then; told on 2026-03-01).",
        "That promise will not be kept.",
    ]


def test_what_nothing_covers_has_no_day_and_says_so() -> None:
    assert dates_of(forecast=ForecastFact(None, None, 2)) == [
        "Nobody knows when it leaves: nothing on its way covers 2 of them."
    ]
    assert "later than such deliveries ever were" in dates_of(forecast=ForecastFact(None, None, 0))[0]


def test_a_preorder_says_on_which_day_it_is_released() -> None:
    waiting = UnitsFact("backorder", "preorder", 2, DAY)

    assert "It is released on 2026-03-03; nothing of it leaves before." in dates_of(
        units=(READY, waiting), release_at=DAY + timedelta(days=2)
    )
