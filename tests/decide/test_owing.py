"""What a change of an order means for the units of a line, over any history."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillrate.decide.owing import KnownLine, LineFacts, Meaning, Settlement, Units, settle
from fillrate.decide.states import Move, check_moves

PLACED = datetime(2026, 3, 1, tzinfo=UTC)
CLOSED = (Meaning.NOT_AN_ORDER, Meaning.NOTHING, Meaning.CANCELLED)
STANDS = [("new", ""), ("backlog", "ready"), ("backlog", "picking"), ("backlog", "payment"), ("backorder", "no_supply")]


def facts(
    quantity: int = 5,
    shipped: int = 0,
    refunded: int = 0,
    meaning: Meaning = Meaning.BY_LINES,
    day: int = 0,
    is_removed: bool = False,
) -> LineFacts:
    return LineFacts(meaning, quantity, shipped, refunded, is_removed, PLACED, PLACED + timedelta(days=day))


def units(quantity: int, state: str = "new", reason: str = "", day: int = 0) -> Units:
    return Units(state, reason, PLACED + timedelta(days=day), quantity)


def known(settled: Settlement) -> KnownLine:
    return KnownLine(settled.ordered, settled.shipped, settled.cancelled, settled.units, settled.told)


def after(*history: LineFacts) -> KnownLine:
    """Return what is known of a line once all this was told of it, one after the other."""
    line = None
    for told in history:
        line = known(settle(told, line))
    assert line is not None
    return line


def open_units(line: KnownLine | Settlement) -> int:
    return sum(one.quantity for one in line.units)


def moved(settled: Settlement) -> list[tuple[int, str, str, str]]:
    return [(one.quantity, one.from_state, one.to_state, one.cause) for one in settled.moves]


any_facts = st.builds(
    facts,
    quantity=st.integers(0, 9),
    shipped=st.integers(0, 11),
    refunded=st.integers(0, 11),
    meaning=st.sampled_from(Meaning),
    day=st.integers(0, 30),
    is_removed=st.booleans(),
)


@st.composite
def any_line(draw: st.DrawFn) -> KnownLine:
    """A line that allocation has worked on: its open units stand anywhere."""
    keys = draw(st.sets(st.tuples(st.sampled_from(STANDS), st.integers(0, 5)), max_size=4))
    stand = tuple(sorted(units(draw(st.integers(1, 4)), *where, day) for where, day in keys))
    shipped, cancelled = draw(st.integers(0, 4)), draw(st.integers(0, 4))
    ordered = shipped + cancelled + sum(one.quantity for one in stand)
    return KnownLine(ordered, shipped, cancelled, stand, draw(st.integers(0, shipped)))


@given(any_line(), any_facts, st.booleans())
def test_the_units_of_a_line_always_add_up(line: KnownLine, told: LineFacts, refund_cancels: bool) -> None:
    settled = settle(told, line, refund_cancels_unshipped=refund_cancels)

    assert settled.ordered == settled.shipped + settled.cancelled + open_units(settled)
    assert min(settled.ordered, settled.shipped, settled.cancelled) >= 0
    assert all(one.quantity > 0 for one in settled.units)
    assert list(settled.units) == sorted(settled.units)


@given(any_line(), any_facts)
def test_told_again_nothing_moves(line: KnownLine, told: LineFacts) -> None:
    first = settle(told, line)

    again = settle(told, known(first))

    assert (again.moves, known(again)) == ((), known(first))
    assert again[5:9] == (0, 0, 0, 0)


@given(any_line(), any_facts)
def test_every_move_is_legal_and_follows_from_the_state_before(line: KnownLine, told: LineFacts) -> None:
    settled = settle(told, line)

    check_moves(Move(*move[1:]) for move in settled.moves)
    stands = standing(line)
    for move in settled.moves:
        stands[move.from_state, move.from_reason] -= move.quantity
        stands[move.to_state, move.to_reason] += move.quantity
        assert stands[move.from_state, move.from_reason] >= 0 or move.from_state == "none"
    del stands["none", ""]
    assert +stands == standing(settled)


@given(any_line(), any_facts)
def test_what_left_the_backlog_is_told_apart_for_its_allocations(line: KnownLine, told: LineFacts) -> None:
    settled = settle(told, line)

    left = Counter[str]()
    for move in settled.moves:
        if move.from_state == "backlog":
            left[move.to_state] += move.quantity
    assert settled.left_backlog_shipped == left["shipped"]
    assert settled.left_backlog_released == left["cancelled"] + left["none"]
    assert settled.newly_shipped - settled.newly_unshipped == settled.shipped - line.shipped


@given(any_line(), any_facts)
def test_only_units_of_a_shipment_that_the_shop_took_back_come_back(line: KnownLine, told: LineFacts) -> None:
    settled = settle(told, line)

    assert settled.newly_unshipped <= max(0, line.told - told.shipped)
    assert settled.told == min(told.shipped, settled.ordered) <= settled.shipped


@given(st.lists(any_facts, min_size=1, max_size=6), any_facts)
def test_whatever_befalls_an_order_what_has_left_stays_so_while_its_shipments_stand(
    history: list[LineFacts], last: LineFacts
) -> None:
    line = after(*history)

    settled = settle(last._replace(shipped=max(last.shipped, line.told)), line)

    assert settled.shipped >= line.shipped


def standing(line: KnownLine | Settlement) -> Counter[tuple[str, str]]:
    stands = Counter({("shipped", ""): line.shipped, ("cancelled", ""): line.cancelled})
    for one in line.units:
        stands[one.state, one.reason] += one.quantity
    return +stands


def test_a_new_order_joins_the_queue_when_it_was_placed() -> None:
    settled = settle(facts(quantity=3, day=2), None)

    assert settled.units == (units(3),)
    assert moved(settled) == [(3, "none", "new", "ordered")]


@pytest.mark.parametrize("meaning", [*CLOSED, Meaning.DONE])
def test_an_order_that_was_finished_before_it_was_first_seen_makes_no_moves(meaning: Meaning) -> None:
    settled = settle(facts(quantity=3, shipped=1, meaning=meaning), None)

    shipped = 3 if meaning == Meaning.DONE else 1
    assert (settled.shipped, settled.cancelled, settled.units, settled.moves) == (shipped, 3 - shipped, (), ())
    assert settled.newly_shipped == shipped


def test_more_shipped_or_refunded_than_was_ordered_is_cut_to_what_was_ordered() -> None:
    assert known(settle(facts(quantity=3, shipped=8, refunded=8), None))[:3] == (3, 3, 0)


def test_units_added_by_an_edit_queue_at_the_time_of_the_edit() -> None:
    assert after(facts(quantity=2), facts(quantity=5, day=4)).units == (units(2), units(3, day=4))


def test_an_edit_takes_away_the_latest_units_and_those_with_stock_last() -> None:
    line = KnownLine(8, 0, 0, (units(3, "backlog", "ready"), units(2, "backorder", "no_supply"), units(3, day=1)))

    settled = settle(facts(quantity=2, day=2), line)

    assert settled.units == (units(2, "backlog", "ready"),)
    assert [move[0] for move in moved(settled)] == [3, 2, 1]
    assert settled.left_backlog_released == 1


def test_of_units_that_stand_alike_the_latest_leave_and_those_being_picked_last() -> None:
    stand = (
        units(1, "backlog", "picking", day=9),
        units(1, "backlog", "ready", day=1),
        units(1, "backlog", "ready", day=2),
        units(1, "backorder", "no_supply", day=3),
        units(1, "backorder", "no_supply", day=4),
    )

    left = [settle(facts(quantity=n), KnownLine(5, 0, 0, stand)).units for n in (4, 3, 2, 1)]

    assert left == [stand[:4], stand[:3], stand[:2], stand[:1]]


def test_an_edit_never_takes_away_what_has_shipped() -> None:
    assert after(facts(quantity=5), facts(quantity=5, shipped=4), facts(quantity=2, shipped=4))[:3] == (4, 4, 0)


def test_a_line_that_vanished_from_its_order_leaves_the_queue() -> None:
    settled = settle(facts(quantity=5, shipped=2, is_removed=True), after(facts(), facts(shipped=2)))

    assert known(settled)[:3] == (2, 2, 0)
    assert moved(settled) == [(3, "new", "none", "order_edited")]


def test_what_ships_is_first_what_is_being_picked_then_what_waited_longest() -> None:
    stand = (
        units(1, "backlog", "picking", day=3),
        units(1, "backlog", "ready", day=1),
        units(1, "backlog", "ready", day=2),
        units(1, "backorder", "no_supply"),
    )

    settled = settle(facts(quantity=4, shipped=2), KnownLine(4, 0, 0, tuple(sorted(stand))))

    assert settled.units == (stand[2], stand[3])
    assert (settled.left_backlog_shipped, settled.newly_shipped) == (2, 2)


def test_an_order_that_is_done_counts_what_is_open_as_shipped_even_without_a_shipment() -> None:
    settled = settle(facts(meaning=Meaning.DONE), after(facts()))

    assert moved(settled) == [(5, "new", "shipped", "shipped")]


@pytest.mark.parametrize("later", list(Meaning))
def test_money_given_back_for_what_has_left_brings_nothing_back_to_the_shelf(later: Meaning) -> None:
    line = after(facts(), facts(meaning=Meaning.DONE))

    settled = settle(facts(meaning=later, refunded=5, day=9), line)

    assert (settled.shipped, settled.cancelled, settled.moves, settled.newly_unshipped) == (5, 0, (), 0)


def test_refunded_units_first_cancel_units_that_have_not_left() -> None:
    settled = settle(facts(quantity=5, shipped=2, refunded=4), after(facts(quantity=5)))

    assert known(settled)[:3] == (5, 2, 3)
    assert moved(settled) == [(2, "new", "shipped", "shipped"), (3, "new", "cancelled", "refunded")]


def test_a_merchant_may_choose_that_refunded_units_stay_owed() -> None:
    settled = settle(facts(refunded=4), after(facts()), refund_cancels_unshipped=False)

    assert (settled.cancelled, open_units(settled)) == (0, 5)


def test_a_cancelled_order_gives_up_what_is_open_and_no_more() -> None:
    settled = settle(facts(shipped=2, meaning=Meaning.CANCELLED), after(facts(), facts(shipped=2)))

    assert known(settled)[:3] == (5, 2, 3)
    assert moved(settled) == [(3, "new", "cancelled", "cancelled")]


def test_a_cancelled_order_that_is_taken_up_again_queues_anew() -> None:
    line = after(facts(quantity=2), facts(quantity=2, meaning=Meaning.CANCELLED, day=1))

    settled = settle(facts(quantity=2, day=2), line)

    assert settled.units == (units(2, day=2),)
    assert moved(settled) == [(2, "cancelled", "new", "reopened")]


def test_a_deleted_shipment_brings_its_units_back_to_their_old_place() -> None:
    settled = settle(facts(shipped=1, day=2), after(facts(), facts(shipped=3, day=1)))

    assert (settled.newly_unshipped, settled.units) == (2, (units(4),))
    assert moved(settled) == [(2, "shipped", "new", "shipment_deleted")]


def test_an_order_done_without_a_shipment_and_refunded_in_part_owes_nothing_again() -> None:
    done = after(facts(quantity=3), facts(quantity=3, meaning=Meaning.DONE, day=1))

    settled = settle(facts(quantity=3, refunded=1, day=2), done)

    assert (settled.shipped, settled.units, settled.moves) == (3, (), ())


def test_of_an_order_done_with_half_a_shipment_only_that_half_can_come_back() -> None:
    done = after(facts(shipped=2), facts(shipped=2, meaning=Meaning.DONE, day=1))

    settled = settle(facts(day=2), done)

    assert (settled.shipped, settled.newly_unshipped, settled.units) == (3, 2, (units(2),))


@pytest.mark.parametrize("meaning", [Meaning.REVIEW, Meaning.UNKNOWN, Meaning.CANCELLED])
def test_a_shipment_is_taken_back_whatever_the_status_says(meaning: Meaning) -> None:
    settled = settle(facts(meaning=meaning, day=2), after(facts(), facts(shipped=3, day=1)))

    assert settled.newly_unshipped == 3


def test_an_unknown_status_neither_cancels_nor_ships_nor_takes_up_again() -> None:
    owed, cancelled = after(facts(shipped=1)), after(facts(), facts(meaning=Meaning.CANCELLED))

    assert settle(facts(shipped=1, meaning=Meaning.UNKNOWN), owed).moves == ()
    assert settle(facts(meaning=Meaning.UNKNOWN), cancelled).moves == ()
