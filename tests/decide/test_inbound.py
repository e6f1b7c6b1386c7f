"""What becomes of a line on its way adds up to what is told of it, whatever is told in whatever order."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fillrate.decide.inbound import Event, Told, events_of

START = datetime(2026, 3, 1, tzinfo=UTC)
units = st.integers(0, 30)
days = st.none() | st.integers(0, 20).map(lambda n: START + timedelta(days=n))
told = st.builds(
    Told,
    ordered=units,
    received=units,
    cancelled=units,
    status=st.sampled_from(["open", "closed", "cancelled"]),
    expected_at=days,
    at=days.map(lambda day: day or START),
    ordered_at=days,
    received_at=days,
)


def history(files: list[Told]) -> list[list[Event]]:
    return [events_of(before, now) for before, now in zip([None, *files], files, strict=False)]


@given(st.lists(told, min_size=1, max_size=6))
def test_events_sum_up_to_what_is_told(files: list[Told]) -> None:
    events = [event for told_now in history(files) for event in told_now]
    last = files[-1]
    sums: Counter[str] = Counter()
    for event in events:
        sums[event.kind] += event.quantity

    assert sums["announced"] + sums["raised"] - sums["cut"] == last.ordered
    assert sums["received"] - sums["taken_back"] == last.received
    assert all(event.quantity >= 0 for event in events)
    dates = [event for event in events if event.kind in {"announced", "slipped", "advanced"}]
    assert [one.expected_before for one in dates] == [None, *(one.expected_after for one in dates[:-1])]
    assert dates[-1].expected_after == last.expected_at


@given(st.lists(told, min_size=1, max_size=6))
def test_an_open_line_was_taken_up_again_after_each_time_it_was_over(files: list[Told]) -> None:
    is_open = True
    for events, now in zip(history(files), files, strict=True):
        kinds = {event.kind for event in events}
        assert ("reopened" in kinds) or is_open or now.status != "open"
        assert not ({"closed"} <= kinds and now.status != "closed")
        is_open = now.status == "open"


@given(told)
def test_what_is_told_twice_happens_once(one: Told) -> None:
    assert events_of(one, one) == []
    assert Counter(event.kind for event in events_of(None, one)).most_common(1)[0][1] == 1


def test_a_line_that_is_read_late_was_announced_when_it_was_ordered_and_came_when_it_came() -> None:
    ordered, came, read = START, START + timedelta(days=9), START + timedelta(days=30)

    events = events_of(None, Told(5, 5, 0, "closed", came - timedelta(days=2), read, ordered, came))

    assert [(event.kind, event.at) for event in events] == [
        ("announced", ordered),
        ("received", came),
        ("closed", read),
    ]
