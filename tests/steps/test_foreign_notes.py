"""What another app did to our note in the shop is kept as what was seen, whatever it holds."""

import pytest

from sandbox import Switches
from tests.simulation.world import World


@pytest.mark.parametrize(
    "value",
    [
        '"a\\u0000b"',
        pytest.param('{"\\u0000": ["\\u0000"]}', marks=pytest.mark.slow),
        pytest.param("a\0b", marks=pytest.mark.slow),
    ],
)
def test_a_note_that_holds_nul_is_stale_and_written_anew(db_url: str, value: str) -> None:
    world = World.make(db_url, 1, Switches(backorders=True), products=3, customers=2, orders=0)
    world.practice("shop", {"action": "create_product", "name": "X", "sku": "X", "cents": 1000, "stock": 3})
    world.practice("shop", {"action": "set_backorder_limit", "sku": "X", "quantity": 1000})
    world.practice("shop", {"action": "place_order", "lines": [{"sku": "X", "quantity": 99}]})
    world.day()
    (note,) = world.shop.state.metafields
    note.value = value

    world.practice("shop", {"action": "receive", "sku": "X", "quantity": 1})
    for _ in range(3):
        world.practice("clock", {"advance_seconds": 3600})
        world.day()

    assert "\0" not in note.value
    assert note.value.startswith("{")
    assert world.broken() == []
