"""What another app did to our note in the shop is kept as what was seen, whatever it holds."""

import pytest

from sandbox import Switches
from tests.simulation.world import World


@pytest.mark.parametrize("value", ['"a\\u0000b"', '{"\\u0000": ["\\u0000"]}', "a\0b"])
def test_a_note_that_holds_nul_is_stale_and_written_anew(db_url: str, value: str) -> None:
    world = World.make(db_url, 1, Switches(backorders=True), products=3, customers=2, orders=0)
    state = world.shop.state
    variant = next(v for v in state.variants if (item := state.item_of(v.product_id, v.id)) and not item.by_product)
    world.practice("shop", [{"action": "place_order", "lines": [{"variant_id": variant.id, "quantity": 99}]}])
    world.day()
    (note,) = state.metafields
    note.value = value

    world.practice("shop", [{"action": "receive", "variant_id": variant.id, "quantity": 1}])
    for _ in range(3):
        world.practice("clock", {"advance_seconds": 3600})
        world.day()

    assert "\0" not in note.value
    assert note.value.startswith("{")
    assert world.broken() == []
