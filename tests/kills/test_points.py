"""Every labelled point × every kind of crash, on both engines: one rerun, and it is as if nothing had happened.

A failing case prints itself; FILLRATE_STRIKE="sqlite allocate-orders kill:apply.sending@after_commit@1:1" runs it alone.
"""

import os

import pytest

from tests.kills.cases import struck
from tests.kills.moments import KINDS, REQUEST, Moment, Strike, labelled_points
from tests.simulation.world import STORY

ENGINES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))
WRITING = "allocate-orders"
DRAWN = (  # the moments at which most is at stake, for the short tests
    Strike("kill", Moment(REQUEST, "received", 6)),
    Strike("power", Moment("bigcommerce.metafields.update", "after_effect", 1), lost=2),
    Strike("kill", Moment("bigcommerce.metafields.create", "after_effect", 1)),
    Strike("pause", Moment("bigcommerce.metafields.update", "before", 1)),
    Strike("term", Moment("apply.sending", "after_commit", 1)),
    Strike("pause", Moment("apply.answer", "before", 1)),
)
REPLAYED = os.environ.get("FILLRATE_STRIKE", "")


@pytest.mark.parametrize(
    ("engine", "strikes"), [("sqlite", DRAWN), pytest.param("postgresql", DRAWN[2:4], marks=pytest.mark.postgres)]
)
def test_a_process_that_is_struck_while_it_writes_to_the_shop_does_so_once(engine, strikes, given) -> None:
    morning, calm = given(engine, WRITING)

    failed = {str(one): found for one in strikes if (found := struck(morning, calm, one))}

    assert failed == {}
    assert calm.ending.broken == []
    assert calm.writes.total() == 9


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("flow", STORY)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("engine", ENGINES)
def test_a_strike_at_any_labelled_point_and_one_rerun_end_as_if_there_had_been_none(engine, kind, flow, given) -> None:
    morning, calm = given(engine, flow)
    strikes = [Strike(kind, moment) for moment in points_of(flow, engine, given)]

    failed = {f"{engine} {flow} {one}": found for one in strikes if (found := struck(morning, calm, one))}

    assert failed == {}
    assert len(strikes) > 10


def points_of(flow: str, engine: str, given) -> list[Moment]:
    """Return the points that no earlier flow of the day has passed."""
    earlier = [name for name in STORY if list(STORY).index(name) < list(STORY).index(flow)]
    passed = {point for name in earlier for point in labelled_points(given(engine, name)[1].moments)}
    return [point for point in labelled_points(given(engine, flow)[1].moments) if point not in passed]


@pytest.mark.skipif(not REPLAYED, reason="FILLRATE_STRIKE names no case to run again")
def test_the_strike_that_is_to_be_looked_at(given) -> None:
    engine, flow, strike = REPLAYED.split()
    morning, calm = given(engine, flow)

    assert struck(morning, calm, Strike.read(strike)) == {}
