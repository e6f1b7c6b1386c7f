"""Units that a person gave up are owed no more, and count once, whatever the shop does to the order before or after."""

from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from fillrate.decide.owing import KnownLine, LineFacts, Meaning, Settlement, settle
from fillrate.decide.states import Move, check_moves
from fillrate.decide.withdrawals import Withdrawn, give_up, seen
from tests.decide.test_owing import any_facts, facts, known, open_units

any_number = st.integers(-9, 9)


class GiveUp(NamedTuple):
    """A person's word: so many of the units that could be given up."""

    share: float


steps = st.lists(st.one_of(any_facts, st.builds(GiveUp, st.floats(0, 1))), max_size=8)


def settled(told: LineFacts, line: KnownLine | None) -> Settlement:
    return settle(told, line)


def carry(line: Settlement) -> KnownLine:
    return known(line)._replace(withdrawn=line.withdrawn)


def word(line: KnownLine, told: LineFacts, quantity: int) -> KnownLine:
    """A person gives up so many units in all; the line is settled by what the shop told last."""
    refunded = told.refunded
    wanted = (0 if told.is_removed else told.quantity) - refunded
    return carry(settled(told, line._replace(withdrawn=give_up(line.withdrawn, quantity, wanted))))


def most(line: KnownLine) -> int:
    return line.withdrawn.quantity + line.ordered - line.shipped - line.cancelled


def idle(line: KnownLine, told: LineFacts) -> int:
    """Units that are cancelled though nobody wants that any more: a status that nobody knows takes nothing up again."""
    rest = line.ordered - line.shipped
    return line.cancelled - min(min(told.refunded, rest) + line.withdrawn.left, rest)


def history(told: list[LineFacts | GiveUp], first: LineFacts) -> tuple[KnownLine, LineFacts]:
    """What is known of a line after all this, and what the shop told of it last; every step is checked."""
    line, last = carry(settled(first, None)), first
    for one in told:
        if isinstance(one, GiveUp):
            least = line.withdrawn.shown
            quantity = least + round(one.share * max(0, most(line) - least))
            before, line = line, word(line, last, quantity)
            taken = quantity - before.withdrawn.quantity
            if taken > 0:  # what stayed cancelled under a status that nobody knows is given up first
                stayed = idle(before, last) if last.meaning is Meaning.UNKNOWN else 0
                assert open_units(before) - open_units(line) == max(0, taken - stayed)
        else:
            result, last = settled(one, line), one
            check_moves(Move(*move[1:]) for move in result.moves)
            line = carry(result)
        assert line.ordered == line.shipped + line.cancelled + open_units(line)
        assert min(line.ordered, line.shipped, line.cancelled) >= 0
        assert 0 <= line.withdrawn.shown <= line.withdrawn.quantity
    return line, last


@given(any_facts, steps)
def test_units_add_up_through_any_mixture_of_words_edits_refunds_and_shipments(
    first: LineFacts, told: list[LineFacts | GiveUp]
) -> None:
    line, last = history(told, first)

    again = settled(last, line)

    assert (again.moves, carry(again)) == ((), line)


@given(any_facts, steps)
def test_a_person_never_gives_up_more_than_the_shop_still_wants(
    first: LineFacts, told: list[LineFacts | GiveUp]
) -> None:
    line, last = history(told, first)
    without = settled(last, line._replace(withdrawn=Withdrawn()))

    assert 0 <= open_units(without) - open_units(line) <= line.withdrawn.left


@given(st.integers(1, 9), st.integers(0, 9), st.data())
def test_what_the_shop_cancels_afterwards_is_what_was_given_up_and_not_more(
    ordered: int, shipped: int, data: st.DataObject
) -> None:
    shipped = min(shipped, ordered)
    given_up = data.draw(st.integers(0, ordered - shipped))
    told = facts(quantity=ordered, shipped=shipped)
    line = word(carry(settled(told, None)), told, given_up)
    edited = data.draw(st.integers(0, ordered - shipped))
    refunded = data.draw(st.integers(0, ordered - shipped - edited))

    after = settled(facts(quantity=ordered - edited, shipped=shipped, refunded=refunded), line)

    assert open_units(after) == ordered - shipped - max(given_up, edited + refunded)
    assert after.withdrawn.left == max(0, given_up - edited - refunded)


def test_an_edit_that_takes_the_same_units_away_moves_no_other_unit() -> None:
    told = facts(quantity=5)
    line = word(carry(settled(told, None)), told, 2)

    after = settled(facts(quantity=3, day=1), line)

    assert [(move.quantity, move.from_state, move.to_state, move.cause) for move in after.moves] == [
        (2, "cancelled", "none", "order_edited")
    ]
    assert after.units == line.units


def test_units_that_a_customer_wants_anew_are_owed_though_others_were_given_up() -> None:
    told = facts(quantity=5)
    line = word(carry(settled(told, None)), told, 2)

    more = carry(settled(facts(quantity=7, day=1), line))
    shown = carry(settled(facts(quantity=3, day=2), line))
    wanted_again = settled(facts(quantity=5, day=3), shown)

    assert (open_units(more), more.withdrawn.left) == (5, 2)
    assert (open_units(shown), shown.withdrawn.left) == (3, 0)
    assert open_units(wanted_again) == 5


def test_what_was_given_up_and_leaves_all_the_same_has_shipped_and_comes_back_given_up() -> None:
    told = facts(quantity=5)
    line = word(carry(settled(told, None)), told, 2)

    gone = carry(settled(facts(quantity=5, shipped=5), line))
    back = carry(settled(facts(quantity=5, shipped=0), gone))

    assert (gone.shipped, gone.cancelled) == (5, 0)
    assert (back.shipped, back.cancelled, open_units(back)) == (0, 2, 3)


def test_what_is_taken_up_again_is_owed_and_what_the_shop_has_shown_stays_cancelled() -> None:
    told = facts(quantity=5)
    line = word(carry(settled(told, None)), told, 3)
    one_refunded = facts(quantity=5, refunded=1, day=1)
    line = carry(settled(one_refunded, line))

    line = word(line, one_refunded, 1)

    assert (open_units(line), line.cancelled, line.withdrawn.left) == (4, 1, 0)


def test_the_word_of_a_person_is_a_cancel_and_not_a_refund() -> None:
    refunded = facts(quantity=5, refunded=1)
    line = carry(settled(refunded, None))

    after = settled(refunded, line._replace(withdrawn=give_up(line.withdrawn, 2, 4)))

    assert [(move.quantity, move.cause) for move in after.moves] == [(2, "cancelled")]


@given(st.integers(0, 9), any_number, any_number, any_number)
def test_only_the_least_that_the_shop_ever_wanted_matters(quantity: int, wanted: int, one: int, other: int) -> None:
    withdrawn = give_up(Withdrawn(), quantity, wanted)

    assert seen(seen(withdrawn, one), other) == seen(withdrawn, min(one, other))
    assert seen(withdrawn, wanted) == withdrawn


def test_a_cancelled_order_that_is_taken_up_again_still_lacks_what_was_given_up() -> None:
    told = facts(quantity=5)
    line = word(carry(settled(told, None)), told, 2)

    closed = carry(settled(facts(quantity=5, meaning=Meaning.CANCELLED), line))
    again = carry(settled(told, closed))

    assert (open_units(closed), open_units(again)) == (0, 3)


def test_units_taken_up_again_under_a_status_that_nobody_knows_come_back_once_it_is_known() -> None:
    unknown = facts(quantity=2, meaning=Meaning.UNKNOWN)
    line = carry(settled(unknown, None))

    taken_up = word(word(line, unknown, 1), unknown, 0)
    given_up_again = word(taken_up, unknown, 1)

    assert [one.cancelled for one in (taken_up, given_up_again)] == [1, 1]
    assert carry(settled(facts(quantity=2), taken_up)).cancelled == 0
    assert carry(settled(facts(quantity=2), given_up_again)).cancelled == 1
