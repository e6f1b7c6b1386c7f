"""Numbers that each fit four bytes and together do not, on both engines."""

from sandbox import Switches
from tests.simulation.world import World

LARGEST = 2**31 - 1


def test_units_of_many_orders_may_pass_what_four_bytes_hold(db_url: str) -> None:
    settings = {"update_stock_behavior": "order_placed"}
    world = World.make(db_url, 1, Switches(backorders=True), products=3, customers=2, orders=0, settings=settings)
    state = world.shop.state
    variant = next(v for v in state.variants if state.item_of(v.product_id, v.id))
    line = {"variant_id": variant.id, "quantity": 1}
    world.practice("shop", [{"action": "place_order", "lines": [line]}] * 3)
    for order in state.orders:
        order.lines[0].quantity = LARGEST

    for _ in range(2):
        world.day()

    assert world.violations == []
    with world.desk() as desk, desk.db.read() as reading:
        sums = "SELECT CAST(SUM(quantity) AS BIGINT) FROM open_unit", "SELECT MAX(deducted) FROM stock_reading"
        assert [reading.connection.exec_driver_sql(one).scalar_one() for one in sums] == [3 * LARGEST] * 2
