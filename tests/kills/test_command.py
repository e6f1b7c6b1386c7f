"""The real command with Prefect around its flow: the same strikes, and two of them at once."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.deployments.server import prefect_server
from tests.kills.cases import struck, wrong
from tests.kills.history import Calm, Morning
from tests.kills.moments import REQUEST, Moment, Strike

pytestmark = [pytest.mark.slow, pytest.mark.flow, pytest.mark.timeout(900)]

FLOW = "allocate-orders"
STRIKES = (
    Strike("kill", Moment("allocate.save", "before", 1)),
    Strike("kill", Moment("bigcommerce.metafields.create", "after_effect", 1)),
    Strike("kill", Moment(REQUEST, "received", 5)),
    Strike("kill", Moment(REQUEST, "answered", 6)),
    Strike("term", Moment("apply.sending", "after_commit", 1)),
    Strike("term", Moment("allocate.save", "before", 1)),
    Strike("pause", Moment("bigcommerce.metafields.create", "before", 1)),
    Strike("pause", Moment("apply.answer", "before", 1)),
    Strike("power", Moment("apply.answer", "after_commit", 1), lost=2),
)
Given = tuple[Morning, Calm]


@pytest.fixture(scope="module")
def environ(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with prefect_server(tmp_path_factory.mktemp("server")) as server:
        yield server.environ


@pytest.fixture(scope="module")
def commands(given: Callable[[str, str], Given], environ: dict[str, str]) -> Callable[[str], Given]:
    """Return the moment before the flow, in which every process is the command with Prefect, in real time."""

    def commands_on(engine: str) -> Given:
        morning, calm = given(engine, FLOW)
        wishes: dict[str, Any] = {"flows": (), "words": ("run", FLOW, "--json"), "real_time": True, "environ": environ}
        return replace(morning, wishes=wishes), calm

    return commands_on


@pytest.mark.parametrize("engine", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
@pytest.mark.parametrize("strike", STRIKES, ids=str)
def test_the_command_that_is_struck_and_run_once_more_ends_as_if_nothing_had_happened(commands, engine, strike) -> None:
    morning, calm = commands(engine)

    assert struck(morning, calm, strike) == {}


@pytest.mark.parametrize("engine", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_two_commands_at_once_wait_for_each_other_and_there_is_one_outcome(commands, engine) -> None:
    morning, calm = commands(engine)

    with morning.place() as place:
        both = [place.start("one"), place.start("two")]
        codes = [process.ended(180) for process in both]
        found = wrong(place, calm)

    assert codes == [0, 0]
    assert found == {}
