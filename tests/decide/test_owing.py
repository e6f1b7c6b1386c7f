"""What a change of an order means for the units of a line, over any history."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fillrate.decide.owing import KnownLine, LineFacts, Meaning, Settlement, settle
from fillrate.decide.states import LEGAL, State

PLACED = datetime(2026, 3, 1, tzinfo=UTC)
OWING = (Meaning.BY_LINES, Meaning.PAYMENT, Meaning.REVIEW, Meaning.UNKNOWN)


def facts(
    quantity: int = 5,
    shipped: int = 0,
    refunded: int = 0,
    meaning: Meaning = Meaning.BY_LINES,
    day: int = 0,
    is_removed: bool = False,
) -> LineFacts:
    return LineFacts(meaning, quantity, shipped, refunded, is_removed, PLACED, PLACED + timedelta(days=day))


def known(settled: Settlement) -> KnownLine:
    return KnownLine(settled.ordered, settled.shipped, settled.cancelled, settled.units)


def open_units(settled: Settlement) -> int:
    return sum(one.quantity for one in settled.units)


any_facts = st.builds(
    facts,
    quantity=st.integers(0, 9),
    shipped=st.integers(0, 11),
    refunded=st.integers(0, 11),
    meaning=st.sampled_from(Meaning),
    day=st.integers(0, 30),
    is_removed=st.booleans(),
)


@given(st.lists(any_facts, min_size=1, max_size=8))
def test_the_units_of_a_line_always_add_up_and_twice_is_once(history: list[LineFacts]) -> None:
    line = None
    for fact in history:
        before = line
        settled = settle(fact, line)
        line = known(settled)
        again = settle(fact, line)

        assert settled.ordered == settled.shipped + settled.cancelled + open_units(settled)
        assert min(settled.ordered, settled.shipped, settled.cancelled) >= 0
        assert again.moves == () and known(again) == line
        flows = {"new": 0, "backlog": 0, "backorder": 0}
        for move in settled.moves:
            assert move.quantity > 0
            assert move.cause in LEGAL[State(move.from_state), State(move.to_state)]
            if move.from_state in flows:
                flows[move.from_state] -= move.quantity
            if move.to_state in flows:
                flows[move.to_state] += move.quantity
        was = sum(one.quantity for one in before.units) if before else 0
        assert was + sum(flows.values()) == open_units(settled)


def test_a_new_order_joins_the_queue_when_it_was_placed() -> None:
    settled = settle(facts(quantity=3), None)

    assert [(one.state, one.queued_at, one.quantity) for one in settled.units] == [("new", PLACED, 3)]
    assert [(one.from_state, one.to_state, one.cause) for one in settled.moves] == [("none", "new", "ordered")]


def test_an_order_that_was_finished_before_it_was_first_seen_makes_no_moves() -> None:
    settled = settle(facts(quantity=3, meaning=Meaning.DONE), None)

    assert (settled.shipped, settled.units, settled.moves) == (3, (), ())


def test_units_added_by_an_edit_queue_at_the_time_of_the_edit() -> None:
    line = known(settle(facts(quantity=2), None))
    settled = settle(facts(quantity=5, day=4), line)

    assert [(one.queued_at, one.quantity) for one in settled.units] == [(PLACED, 2), (PLACED + timedelta(days=4), 3)]


def test_an_edit_never_takes_away_what_has_shipped() -> None:
    line = known(settle(facts(quantity=5, shipped=0), None))
    line = known(settle(facts(quantity=5, shipped=4), line))

    assert known(settle(facts(quantity=2, shipped=4), line))[:3] == (4, 4, 0)


def test_refunded_units_first_cancel_units_that_have_not_left() -> None:
    line = known(settle(facts(quantity=5), None))
    settled = settle(facts(quantity=5, shipped=2, refunded=4), line)

    assert (settled.shipped, settled.cancelled, open_units(settled)) == (2, 3, 0)
    assert {(one.to_state, one.cause) for one in settled.moves} == {("shipped", "shipped"), ("cancelled", "refunded")}


def test_a_cancelled_order_that_is_taken_up_again_queues_anew() -> None:
    line = known(settle(facts(quantity=2), None))
    line = known(settle(facts(quantity=2, meaning=Meaning.CANCELLED, day=1), line))
    settled = settle(facts(quantity=2, day=2), line)

    assert [(one.state, one.queued_at, one.quantity) for one in settled.units] == [
        ("new", PLACED + timedelta(days=2), 2)
    ]
    assert settled.moves[0].cause == "reopened"


def test_a_deleted_shipment_brings_its_units_back_to_their_old_place() -> None:
    line = known(settle(facts(quantity=2), None))
    line = known(settle(facts(quantity=2, shipped=2, day=1), line))
    settled = settle(facts(quantity=2, shipped=1, day=2), line)

    assert (settled.newly_unshipped, [(one.queued_at, one.quantity) for one in settled.units]) == (1, [(PLACED, 1)])


def test_an_unknown_status_neither_cancels_nor_ships() -> None:
    line = known(settle(facts(quantity=3, shipped=1), None))
    settled = settle(facts(quantity=3, shipped=1, meaning=Meaning.UNKNOWN), line)

    assert (settled.moves, open_units(settled)) == ((), 2)
