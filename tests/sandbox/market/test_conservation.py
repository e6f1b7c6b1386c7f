"""Whatever happens to orders, no unit appears or vanishes: what is gone from a number is what its lines have taken."""

from random import Random
from typing import Any

import pytest

from sandbox.amazon import Amazon
from sandbox.ebay import Ebay
from sandbox.files import Files
from sandbox.market import Goods, Market, MarketConfig
from sandbox.shopify import Shopify
from sandbox.woocommerce import WooCommerce
from tests.sandbox.market.test_base import Careful, Stall, Warehouse

GOODS = [Goods(f"S-{n}", "Saw", 5 * n, 100) for n in range(4)] + [
    Goods(f"T-{n}", "Tub", 9, 100, "tub") for n in range(3)
]
KINDS: list[tuple[type[Market], dict[str, Any]]] = [
    (Stall, {}),
    (Warehouse, {}),
    (Careful, {}),
    (Amazon, {}),
    (Amazon, {"pending_holds": False, "cancel_restocks": False}),
    (Ebay, {}),
    (Ebay, {"live_quantity": "offer", "cancel_restocks": False}),
    (Files, {}),
    (Files, {"counts": "on_hand"}),
    (Shopify, {}),
    (WooCommerce, {"shared_numbers": "none"}),
    (WooCommerce, {"plugin_status": "backordered"}),
]


def act(shop: Market, chance: Random) -> dict[str, Any]:
    """Something that people do to an order, often nonsense."""
    order = chance.choice(list(shop.state.orders.values()))
    line = chance.choice(order.lines)
    entry: dict[str, Any] = {"action": chance.choice(ACTS), "order_id": order.id, "line_id": line.id}
    if chance.random() < 0.5:
        entry["lines"] = [{"line_id": line.id, "quantity": chance.randint(1, 3)}]
    if chance.random() < 0.3:
        entry["restock"] = chance.random() < 0.5
    words = ("pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed")
    return {**entry, "quantity": chance.randint(0, 6), "status": chance.choice(words)}


ACTS = ("edit_line", "cancel", "refund", "ship", "pay", "set_status", "trash_order", "restore_order", "hold", "release")


@pytest.mark.parametrize(("kind", "switches"), KINDS)
@pytest.mark.parametrize("seed", range(6))
def test_what_a_number_lost_is_what_lines_have_taken(kind: type[Market], switches: dict[str, Any], seed: int) -> None:
    shop, chance, done = kind(MarketConfig(seed=seed, orders=6, switches=switches), GOODS), Random(seed), 0
    tracked = [one for one in shop.state.listings.values() if one.tracked]
    cells = {(one.id, place_id): cell for one in tracked for place_id, cell in one.cells.items()}
    taken = {key: cell.number for key, cell in cells.items()}

    def sums(what: str) -> dict[tuple[int, int], int]:
        found = dict.fromkeys(cells, 0)
        for order in shop.state.orders.values():
            for line in order.lines:
                counted = shop.state.counted(shop.state.listings[line.listing_id])
                if counted is not None:
                    found[counted.id, line.location_id] += getattr(line, what)
        return found

    whole = {key: number + sums("taken")[key] for key, number in taken.items()}
    for _ in range(250):
        if chance.random() < 0.2:
            lines = [
                {"sku": chance.choice(GOODS).sku, "quantity": chance.randint(1, 4)} for _ in range(chance.randint(1, 3))
            ]
            (told,) = shop.act({"action": "place_order", "lines": lines, "status": chance.choice(["open", "pending"])})
        else:
            (told,) = shop.act(act(shop, chance))
        done += "refused" not in told
        held, gone = sums("held"), sums("taken")
        assert {key: cell.reserved for key, cell in cells.items()} == held
        assert {key: cell.number + gone[key] for key, cell in cells.items()} == whole
        for order in shop.state.orders.values():
            for line in order.lines:
                assert 0 <= line.held <= line.due, (order.status, line)
                assert line.shipped + line.cancelled + line.dropped <= line.quantity, line
                assert line.taken >= 0 and line.refunded <= line.quantity, line
    assert done > 40
