"""SQLite and PostgreSQL: the same history ends in the same state."""

from pathlib import Path

import pytest

from tests.simulation.happenings import much_happens
from tests.simulation.history import difference, ending
from tests.simulation.world import World, fresh


@pytest.mark.postgres
@pytest.mark.parametrize("seed", [31, pytest.param(32, marks=pytest.mark.slow)])
def test_the_same_history_ends_the_same_on_both_engines(
    seed: int, tmp_path: Path, sqlite_template: Path, postgres_url: str
) -> None:
    worlds = [World.make(url, seed) for url in (fresh(tmp_path, sqlite_template, "one"), postgres_url)]

    for world in worlds:
        world.looks = True
        world.day()
        much_happens(world)
        world.day(full=True)
        world.day(full=True)

    assert [world.violations for world in worlds] == [[], []]
    one, other = (ending(world) for world in worlds)
    assert difference(one, other) == {}
    assert one.broken == []
