"""Days on which kits are picked at two locations, while recipes, numbers and orders change."""

from pathlib import Path

import pytest

from tests.simulation.kitting import asked, shop
from tests.simulation.test_kit_histories import KITS, PARTS, Life
from tests.simulation.test_releases import the_warehouse_works
from tests.steps.releasing import is_sound, released


@pytest.mark.slow  # tests/steps/test_kits_picked.py has one of each thing
@pytest.mark.parametrize("seed", range(400, 412))
def test_whatever_happens_a_kit_is_picked_where_all_its_parts_lie(seed: int, sqlite_url: str, tmp_path: Path) -> None:
    life = Life(sqlite_url, tmp_path, seed)
    for _ in range(5):
        for sku in PARTS:
            shop(
                life.world,
                "receive",
                sku=sku,
                quantity=life.chance.randint(1, 3),
                location_id=life.chance.choice([1, 2]),
            )
        life.day()
        released(life.world)
        the_warehouse_works(life.world, life.chance)
        is_sound(life.world, with_shops=False)
        life.something()
        life.world.day()
        is_sound(life.world, with_shops=False)
        life.world.practice("clock", {"advance_seconds": 86_400})  # nothing is released on a weekend
    picked = asked(life.world, "SELECT DISTINCT i.sku FROM pick_line p JOIN item i ON i.id = p.item_id")
    assert {sku for (sku,) in picked} & set(KITS)
