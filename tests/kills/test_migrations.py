"""`fillrate db upgrade` killed at every statement and at its commit: nothing is half done, and the next one does it all."""

import signal

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from fillrate.db.tables import metadata
from tests.kills.history import Place
from tests.kills.moments import Moment, passings

UPGRADE = ("db", "upgrade", "--json")


def nothing_or_all(place: Place) -> bool:
    """Tell whether there are no tables at all, or exactly those of this version."""
    with place.tables() as db:
        if db.check()["empty"]:
            return True
        with db.engine.connect() as connection:
            return compare_metadata(MigrationContext.configure(connection), metadata) == []


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("engine", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_an_upgrade_killed_at_any_statement_leaves_nothing_half_done(engine, given) -> None:
    day, _ = given(engine, "sync-catalog")
    empty = day.empty()

    def upgraded(place: Place, moment: Moment | None = None) -> int:
        return place.start("first", words=UPGRADE, kind="kill", moment=moment).ended()

    with empty.place() as place:
        assert upgraded(place) == 0
        moments = passings(place.processes[-1].passed())
    failed = []
    for moment in moments:
        with empty.place() as place:
            assert upgraded(place, moment) == -signal.SIGKILL
            was_clean = nothing_or_all(place)
            code = place.start("second", words=UPGRADE).ended()
            with place.tables() as db:
                is_right = db.check()["ok"] and nothing_or_all(place)
            if not (was_clean and code == 0 and is_right):
                failed.append((str(moment), was_clean, code, is_right))

    assert failed == []
    assert len(moments) > 45
    assert moments[-1].label == "commit" or Moment("commit", "before", 1) in moments
