"""Mornings on each engine, made once for all the cases of a file."""

from collections.abc import Callable
from functools import cache

import pytest

from tests.kills.history import Calm, Morning
from tests.kills.stores import Databases, Files, Store

Given = tuple[Morning, Calm]
WHOLE_DAY = "day"


@pytest.fixture(scope="module")
def given(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Given]:
    """Return, for an engine and a flow (or "day" for all of them), the moment before it and how it ends undisturbed."""

    def store(engine: str) -> Store:
        if engine == "sqlite":
            return Files(tmp_path_factory.mktemp("files"))
        return Databases(str(request.getfixturevalue("postgres_server")))

    @cache
    def morning(engine: str) -> Morning:
        return Morning.begin(tmp_path_factory.mktemp("places"), store(engine))

    @cache
    def moment(engine: str, flow: str) -> Given:
        found = morning(engine) if flow == WHOLE_DAY else morning(engine).before(flow)
        return found, found.undisturbed()

    return moment
