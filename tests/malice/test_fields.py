"""Every field of every record that a shop sends, spoiled in every way: its neighbours land, and it is told of by name.

The cases stand together on pages, each in a record of its own among records that are left alone. The whole of it is
slow; `make test` takes a fixed draw. FILLRATE_MALICE_SEED draws other ones, or replays one that failed.
"""

import os
import random
from pathlib import Path

import pytest

from tests.malice.conftest import Tell
from tests.malice.kinds import KINDS
from tests.malice.stage import Stage

SEED = int(os.environ.get("FILLRATE_MALICE_SEED", "1"))
DRAWN = 40
LEAST = {  # spoiled records of each kind, so that nothing is left out without a word
    "products": 3_000,
    "orders": 7_000,
    "locations": 1_500,
    "refunds": 700,
    "customers": 600,
    "categories": 600,
    "brands": 300,
    "stock": 500,
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_draw_of_spoiled_fields(kind: str, tmp_path: Path, sqlite_template: Path) -> None:
    stage = Stage.set_up(KINDS[kind], tmp_path, sqlite_template)
    cases = random.Random(SEED).sample(stage.cases(), DRAWN)

    told = [stage.act(page) for page in stage.pages(cases)]

    assert "\n".join(one for _, wrong in told for one in wrong) == ""
    assert sum(bodies for bodies, _ in told) >= DRAWN


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.parametrize("kind", KINDS)
def test_a_page_of_spoiled_fields_on_postgresql(
    kind: str, tmp_path: Path, sqlite_template: Path, postgres_url: str
) -> None:
    stage = Stage.set_up(KINDS[kind], tmp_path, sqlite_template)
    page = next(stage.pages(random.Random(SEED).sample(stage.cases(), 200)))

    told, wrong = stage.act(page, postgres_url)

    assert "\n".join(wrong) == ""
    assert told >= len(page)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_every_field_spoiled_in_every_way(kind: str, tmp_path: Path, sqlite_template: Path, tell: Tell) -> None:
    stage = Stage.set_up(KINDS[kind], tmp_path, sqlite_template)
    cases = random.Random(SEED).sample(stage.cases(), len(stage.cases()))

    told = [stage.act(page) for page in stage.pages(cases)]

    tell(f"{kind}: {len(cases)} spoiled records in {sum(n for n, _ in told)} tellings, {len(told)} pages")
    assert "\n".join(one for _, wrong in told for one in wrong) == ""
    assert len(cases) >= LEAST[kind]
