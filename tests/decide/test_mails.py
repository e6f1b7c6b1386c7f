"""Which mails are due: what a customer should know beside what he was told, never the same twice, never a day that breaks."""

from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillrate.decide.mails import Kind, Line, Mail, Order, due, is_night, next_try, too_many

KINDS: tuple[Kind, ...] = get_args(Kind)
FIRST, SECOND, THIRD = date(2026, 12, 1), date(2026, 12, 9), date(2027, 1, 20)
UNTIL, LATER = datetime(2026, 11, 28, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC)


def line(**other: Any) -> Line:
    usual = {
        "line": "1",
        "sku": "MUG",
        "name": "Mug",
        "open": 3,
        "shipped": 0,
        "cancelled": 0,
        "waiting": 3,
        "ready": 0,
    }
    return Line(**{**usual, "promised": FIRST, **other})


def order(*lines: Line, kinds: tuple[Kind, ...] = KINDS) -> Order:
    return Order(order="1001", kinds=kinds, lines=lines or (line(),))


def told(what: Order, said: list[Mail] | None = None, *, rules_are_on: bool = False) -> list[Mail]:
    return due(what, said or [], rules_are_on=rules_are_on)


def words(mails: list[Mail]) -> list[tuple[str, list[tuple[str, int, date | None]]]]:
    return [(mail.target, [(one.line, one.quantity, one.ship_by) for one in mail.lines]) for mail in mails]


def test_a_line_that_waits_is_told_with_its_promise_and_one_in_stock_is_not() -> None:
    both = order(line(), line(line="2", waiting=0, ready=3))

    assert words(told(both)) == [("1001/backordered/1", [("1", 3, FIRST)])]


@pytest.mark.parametrize("promised", [None, FIRST])
def test_a_day_that_nobody_knows_or_that_cannot_be_kept_is_not_told(promised: date | None) -> None:
    what = order(line(promised=promised, breaks=promised is not None))

    assert words(told(what)) == [("1001/backordered/1", [("1", 3, None)])]


def test_a_day_that_cannot_be_kept_is_left_to_the_rules_for_delays_where_they_are_on() -> None:
    assert told(order(line(breaks=True)), rules_are_on=True) == []
    asks = line(breaks=True, to_do="ask_silence_is_yes", tell=SECOND, deadline=UNTIL)
    [mail] = told(order(asks), rules_are_on=True)
    assert words([mail]) == [("1001/date_moved/1", [("1", 3, SECOND)])]
    assert (mail.rule, mail.deadline) == ("silence_keeps", UNTIL)


def test_a_day_that_the_rules_only_want_told_is_the_first_that_a_customer_hears_where_his_promise_breaks() -> None:
    what = order(line(breaks=True, to_do="tell", tell=SECOND))

    said = told(what, rules_are_on=True)

    assert words(said) == [("1001/date_moved/1", [("1", 3, SECOND)])]
    assert said[0].rule == "no_answer"
    assert told(what, said, rules_are_on=True) == []


def test_another_promise_is_told_once_with_the_day_before() -> None:
    said = told(order())
    moved = order(line(promised=SECOND))

    [mail] = told(moved, said)
    assert (mail.message, mail.lines[0].earlier, mail.lines[0].ship_by) == ("date_moved", FIRST, SECOND)
    assert told(moved, [*said, mail]) == []
    back = told(order(line(promised=FIRST)), [*said, mail])
    assert [one.target for one in back] == ["1001/date_moved/2"]


def test_a_promise_that_breaks_is_not_told_until_it_moves() -> None:
    said = told(order())

    assert told(order(line(promised=SECOND, breaks=True)), said) == []


def test_a_question_is_asked_once_and_the_next_one_has_its_own_key() -> None:
    first = order(line(breaks=True, to_do="ask_needs_yes", tell=None, deadline=UNTIL))
    said = told(first, rules_are_on=True)

    assert [(one.target, one.rule) for one in said] == [("1001/date_moved/1", "silence_cancels")]
    assert told(first, said, rules_are_on=True) == []
    again = order(line(to_do="ask_needs_yes", tell=THIRD, deadline=LATER))
    assert [one.target for one in told(again, said, rules_are_on=True)] == ["1001/date_moved/2"]


def test_of_two_questions_about_an_order_the_strictest_is_asked_first_and_the_other_after_it() -> None:
    mild = line(to_do="ask_silence_is_yes", tell=SECOND, deadline=UNTIL)
    strict = line(line="2", to_do="ask_needs_yes", tell=THIRD, deadline=LATER)
    what = order(mild, strict)

    first = told(what, rules_are_on=True)
    second = told(what, first, rules_are_on=True)

    assert words(first) == [("1001/date_moved/1", [("2", 3, THIRD)])]
    assert words(second) == [("1001/date_moved/2", [("1", 3, SECOND)])]
    assert told(what, [*first, *second], rules_are_on=True) == []


def test_a_line_is_told_to_be_on_its_way_only_when_all_of_it_is_set_aside_and_it_was_told_to_wait() -> None:
    said = told(order())

    assert told(order(line(waiting=1, ready=2)), said) == []
    assert told(order(line(waiting=0, ready=0)), said) == []  # held back: it cannot be packed
    assert told(order(line(waiting=0, ready=3)), []) == []
    back = told(order(line(waiting=0, ready=3)), said)
    assert words(back) == [("1001/on_its_way/1", [("1", 3, None)])]
    assert told(order(line(waiting=0, ready=3)), [*said, *back]) == []


def test_what_has_left_is_told_in_parts_until_the_order_is_done() -> None:
    first = order(line(open=2, waiting=0, ready=2, shipped=1))
    said = told(first)

    assert words(said) == [("1001/partly_shipped/1", [("1", 1, None)])]
    assert told(first, said) == []
    assert words(told(order(line(open=1, waiting=0, ready=1, shipped=2)), said)) == [
        ("1001/partly_shipped/2", [("1", 1, None)])
    ]
    assert told(order(line(open=0, waiting=0, shipped=3)), said) == []


def test_what_was_cancelled_is_told_where_it_was_awaited_or_nothing_else_comes() -> None:
    cut = line(open=1, waiting=0, ready=1, cancelled=2)

    assert told(order(cut)) == []
    assert words(told(order(cut), told(order())))[-1] == ("1001/cancelled/1", [("1", 2, None)])
    assert words(told(order(line(open=0, waiting=0, cancelled=3)))) == [("1001/cancelled/1", [("1", 3, None)])]


def test_a_kind_that_is_switched_off_is_not_written() -> None:
    assert told(order(kinds=("on_its_way",))) == []


LINES = st.builds(
    line,
    line=st.sampled_from("12"),
    promised=st.sampled_from([None, FIRST, SECOND, THIRD]),
    breaks=st.booleans(),
    waiting=st.integers(0, 3),
    ready=st.integers(0, 3),
    shipped=st.integers(0, 2),
    cancelled=st.integers(0, 2),
    to_do=st.sampled_from(["nothing", "tell", "ask_silence_is_yes", "ask_needs_yes", "propose_cancel"]),
    tell=st.sampled_from([None, FIRST, SECOND, THIRD]),
    deadline=st.sampled_from([UNTIL, LATER]),
)
ORDERS = st.lists(LINES, min_size=1, max_size=2, unique_by=lambda one: one.line).map(lambda lines: order(*lines))


@given(st.lists(ORDERS, max_size=6), st.booleans())
def test_whatever_happens_no_two_mails_share_a_key_and_what_was_said_is_not_said_again(
    days: list[Order], rules_are_on: bool
) -> None:
    said: list[Mail] = []
    for what in days:
        while mails := told(what, said, rules_are_on=rules_are_on):
            said += mails
            assert len(said) < 100, "the same is told again and again"

    assert len({one.target for one in said}) == len(said)
    dated = [one for one in said if one.message in {"backordered", "date_moved"}]
    for name in "12":
        of_line = [(mail.rule, part.ship_by) for mail in dated for part in mail.lines if part.line == name]
        assert all(one != after or after[0] != "no_answer" for one, after in pairwise(of_line))


@given(st.lists(ORDERS, max_size=6), st.booleans())
def test_no_day_is_told_but_the_promise_that_holds_or_the_one_the_rules_want(
    days: list[Order], rules_are_on: bool
) -> None:
    said: list[Mail] = []
    for what in days:
        by_name = {one.line: one for one in what.lines}
        mails = told(what, said, rules_are_on=rules_are_on)
        for one in (one for mail in mails for one in mail.lines if one.ship_by):
            line = by_name[one.line]
            wanted = line.to_do in {"tell", "ask_silence_is_yes", "ask_needs_yes"}
            assert one.ship_by == (line.tell if wanted and one.ship_by != line.promised else line.promised)
            assert wanted or not line.breaks
        said += mails


@pytest.mark.parametrize(
    ("clock", "start", "end", "night"),
    [
        ("2026-07-01T19:00", "21:00", "08:00", True),  # 21:00 in Berlin
        ("2026-07-01T18:59", "21:00", "08:00", False),
        ("2026-07-01T05:59", "21:00", "08:00", True),
        ("2026-07-01T06:00", "21:00", "08:00", False),
        ("2026-07-01T12:00", "13:00", "15:00", True),
        ("2026-07-01T12:00", "00:00", "00:00", False),
    ],
)
def test_night_is_between_two_times_of_the_stores_day(clock: str, start: str, end: str, night: bool) -> None:
    at = datetime.fromisoformat(clock).replace(tzinfo=UTC)

    assert is_night(at, ZoneInfo("Europe/Berlin"), start, end) is night


def test_a_few_mails_are_never_a_mass_and_many_or_a_large_share_are() -> None:
    assert too_many(10, 10, at_most=100, share=0.2) == ""
    assert "11 of 50 open orders" in too_many(11, 50, at_most=100, share=0.2)
    assert too_many(11, 55, at_most=100, share=0.2) == ""
    assert "101 customers" in too_many(101, 100_000, at_most=100, share=0.2)
    assert "1 customers" in too_many(1, 5, at_most=0, share=0.2)


def test_the_waits_between_tries_double() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)

    assert [(next_try(tries, at) - at).total_seconds() / 60 for tries in (1, 2, 3, 10)] == [5, 10, 20, 2560]
