"""Two hundred kills on each engine, at moments drawn by a seed: at any passing of any point of a whole day, or at any request.

A failing case prints the seed and itself: FILLRATE_KILLS_SEED=… draws the same again, FILLRATE_STRIKE="sqlite day …"
(see test_points.py) runs one alone.
"""

import os
import random

import pytest

from tests.kills.cases import struck
from tests.kills.conftest import WHOLE_DAY
from tests.kills.moments import drawn

ENGINES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))
KILLS, PARTS = 200, 10
SEED = int(os.environ.get("FILLRATE_KILLS_SEED") or random.randrange(10**6))


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("engine", ENGINES)
def test_kills_at_random_moments_of_the_day_and_one_rerun_end_as_if_there_had_been_none(engine, part, given) -> None:
    morning, calm = given(engine, WHOLE_DAY)
    kills = drawn(SEED, KILLS, calm.moments, calm.asked)[part::PARTS]

    failed = {f"{engine} day {one}": found for one in kills if (found := struck(morning, calm, one))}

    assert failed == {}, f"FILLRATE_KILLS_SEED={SEED}"
    assert len(kills) == KILLS // PARTS
