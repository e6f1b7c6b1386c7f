"""A crash at every labelled point, then one rerun: it ends as if there had been no crash."""

from pathlib import Path

import pytest

from sandbox import Switches
from tests.simulation.crash import Crash, CrashAt, Watch
from tests.simulation.history import History, difference, ending
from tests.simulation.world import World, fresh

SEEDS = (12, pytest.param(11, marks=pytest.mark.slow), pytest.param(13, marks=pytest.mark.slow))
PARTS = 4
WRITING = {"apply.sending", "apply.answer", "apply.verified"} | {
    f"bigcommerce.metafields.{way}" for way in ("create", "update", "delete", "one", "page")
}
READING = {"orders.again", "bigcommerce.orders.one", "bigcommerce.orders.lines"}


def test_the_day_that_is_cut_off_anywhere_passes_every_kind_of_point(tmp_path: Path, sqlite_template: Path) -> None:
    _, points = History.begin(tmp_path, sqlite_template, SEEDS[0]).undisturbed()

    assert {label for label, *_ in points} >= WRITING | READING


@pytest.mark.slow  # the short tests let real processes die, in tests/kills
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("seed", SEEDS)
def test_a_crash_anywhere_and_one_rerun_end_as_if_there_had_been_no_crash(
    seed: int, part: int, tmp_path: Path, sqlite_template: Path
) -> None:
    history = History.begin(tmp_path, sqlite_template, seed)
    expected, points = history.undisturbed()
    assert expected.broken == []
    assert len(points) > 60
    mine = points[part::PARTS]

    failures = {}
    struck = 0
    for number, point in enumerate(mine):
        end, hits = history.crashed(point, f"crash-{number}")
        struck += hits > 0
        if found := difference(expected, end):
            failures[point] = found

    assert failures == {}
    assert struck == len(mine)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_a_crash_on_the_very_first_day_changes_nothing_either(seed: int, tmp_path: Path, sqlite_template: Path) -> None:
    calm = World.make(fresh(tmp_path, sqlite_template, "calm"), seed, Switches())
    watch = Watch()
    calm.day(watch)
    calm.day()
    expected = ending(calm)

    for number, (label, phase) in enumerate(watch.seen):
        world = World.make(fresh(tmp_path, sqlite_template, f"first-{number}"), seed, Switches())
        faults = CrashAt(label, phase, 1)
        with pytest.raises(Crash):
            world.day(faults)
        world.abandon_leases()
        world.day()
        assert difference(expected, ending(world)) == {}, (label, phase)
