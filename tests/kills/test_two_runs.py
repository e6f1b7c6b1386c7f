"""Two runs of the same work at once, as when a slot is fired twice: one does it, and there is one outcome."""

import signal

import pytest

from tests.kills.cases import wrong
from tests.kills.conftest import WHOLE_DAY
from tests.kills.moments import Moment

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

ENGINES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))
AT_WORK = Moment("orders.page", "after_commit", 1)
SKIPPED = 5


@pytest.mark.parametrize("engine", ENGINES)
def test_a_run_that_finds_another_at_work_is_skipped_and_that_one_ends_undisturbed(engine, given) -> None:
    morning, calm = given(engine, "sync-orders")

    with morning.place() as place:
        first = place.start("first", kind="pause", moment=AT_WORK)
        assert first.stopped()
        second = place.start("second")
        assert second.ended() == SKIPPED
        first.send(signal.SIGCONT)
        assert first.ended() == 0
        place.again()
        found = wrong(place, calm)

    assert f"Another run holds channel:main:orders: process {first.pid}" in second.said()
    assert found == {}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_slot_that_is_fired_twice_has_one_outcome(engine, given) -> None:
    morning, calm = given(engine, WHOLE_DAY)

    codes, failed = [], []
    for _ in range(10):
        with morning.place() as place:
            both = [place.start(name, real_time=True) for name in ("one", "two")]
            codes.append(sorted(process.ended() for process in both))
            place.again()
            failed += [found] if (found := wrong(place, calm)) else []

    assert failed == []
    assert all(code in {(0, 0), (0, SKIPPED), (SKIPPED, SKIPPED)} for code in map(tuple, codes)), codes
