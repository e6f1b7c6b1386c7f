"""Stock moves with orders by the store's settings, and the shelf, the shown number and the orders always agree."""

from collections import defaultdict
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox import Shop, ShopConfig, Switches
from sandbox.actions import run_actions
from sandbox.state import SETTING_VALUES
from tests.sandbox.conftest import Asker, Make

AT_SHIPPING = {"update_stock_behavior": "order_completed_or_shipped"}


def stocked(shop: Asker, units: int = 10, limit: int = 0, **entry: Any) -> int:
    """A new product with so many units at the default location; gives its variant."""
    made = shop.do("create_product", name="Test lamp", sku="TEST-1", stock=units, **entry)
    if limit:
        shop.do("set_backorder_limit", sku="TEST-1", quantity=limit)
    return int(made["variant_ids"][0])


def numbers(shop: Asker, sku: str = "TEST-1") -> tuple[int, int]:
    """What lies on the shelf, and what the API shows."""
    shelf = sum(cell["on_hand"] for cell in shop.truth()["stock"][sku].values())
    item = shop.data("/v3/inventory/items", **{"sku:in": sku})[0]
    return shelf, sum(place["total_inventory_onhand"] for place in item["locations"])


def place(shop: Asker, variant_id: int, quantity: int, status: int = 11) -> dict[str, Any]:
    return shop.do("place_order", lines=[{"variant_id": variant_id, "quantity": quantity}], status=status)


def test_an_order_lowers_the_number_at_once_and_the_shelf_when_it_ships(small: Asker) -> None:
    variant = stocked(small)
    order = place(small, variant, 4)
    ordered = numbers(small)
    small.do("ship", order_id=order["order_id"])

    assert ordered == (10, 6)
    assert numbers(small) == (6, 6)


def test_a_shop_that_deducts_at_shipping_lowers_both_together(make: Make) -> None:
    shop = make(settings=AT_SHIPPING)
    variant = stocked(shop)
    order = place(shop, variant, 4)
    ordered = numbers(shop)
    line = {"line_id": order["line_ids"][0], "quantity": 1}
    shop.do("ship", order_id=order["order_id"], lines=[line])

    assert ordered == (10, 10)
    assert numbers(shop) == (9, 9)


def test_whether_a_part_shipment_deducts_before_the_status_is_shipped_is_a_switch(make: Make) -> None:
    shop = make(settings=AT_SHIPPING, switches={"shipped_deducts": "status"})
    order = place(shop, stocked(shop), 4)
    line = {"line_id": order["line_ids"][0], "quantity": 1}

    shop.do("ship", order_id=order["order_id"], lines=[line])
    part = numbers(shop)
    shop.do("ship", order_id=order["order_id"])

    assert part == (9, 10)
    assert numbers(shop) == (6, 6)


@pytest.mark.parametrize(("status", "shown"), [(0, 10), (6, 10), (11, 7), (7, 7)])
def test_incomplete_and_declined_orders_lower_nothing(small: Asker, status: int, shown: int) -> None:
    place(small, stocked(small), 3, status)

    assert numbers(small) == (10, shown)


@pytest.mark.parametrize("unpaid", [1, 7, 12])
def test_whether_unpaid_orders_lower_the_number_is_a_switch(make: Make, unpaid: int) -> None:
    shop = make(switches={"placed_deducts": "paid_only"})
    order = place(shop, stocked(shop), 3, unpaid)
    waiting = numbers(shop)
    shop.do("set_status", order_id=order["order_id"], status=11)

    assert (waiting, numbers(shop)) == ((10, 10), (10, 7))


@pytest.mark.parametrize("status", [4, 5])
@pytest.mark.parametrize(("restocks", "shown"), [(True, 10), (False, 6)])
def test_a_closing_status_restocks_only_if_the_setting_says_so(
    make: Make, status: int, restocks: bool, shown: int
) -> None:
    shop = make(settings={"refund_order_stock_adjustment": restocks})
    order = place(shop, stocked(shop), 4)

    shop.do("set_status", order_id=order["order_id"], status=status)

    assert numbers(shop) == (10, shown)


def test_a_cancelled_order_that_comes_back_takes_its_stock_again(small: Asker) -> None:
    order = place(small, stocked(small), 4)
    for status in (5, 11, 5, 9):
        small.do("set_status", order_id=order["order_id"], status=status)

    assert numbers(small) == (10, 6)


def test_a_refund_alone_never_moves_stock(small: Asker) -> None:
    order = place(small, stocked(small), 4)
    told = small.do("refund", order_id=order["order_id"], lines=[{"line_id": order["line_ids"][0], "quantity": 3}])

    refund = small.get(f"/v3/orders/payment_actions/refunds/{told['refund_id']}")["data"]
    assert refund["items"][0]["quantity"] == 3
    assert numbers(small) == (10, 6)


@pytest.mark.parametrize(("adjusts", "after"), [(True, [3, 8]), (False, [6, 6])])
def test_an_edit_moves_stock_only_if_the_setting_says_so(make: Make, adjusts: bool, after: list[int]) -> None:
    shop = make(settings={"edit_order_stock_adjustment": adjusts})
    order = place(shop, stocked(shop), 4)
    shown = []
    for quantity in (7, 2):
        shop.do("edit_line", order_id=order["order_id"], line_id=order["line_ids"][0], quantity=quantity)
        shown.append(numbers(shop)[1])

    assert shown == after


def test_a_removed_line_stays_with_a_quantity_of_nothing(small: Asker) -> None:
    order = place(small, stocked(small), 4)
    small.do("remove_line", order_id=order["order_id"], line_id=order["line_ids"][0])

    lines = small.get(f"/v2/orders/{order['order_id']}/products")
    assert [line["quantity"] for line in lines] == [0]
    assert numbers(small) == (10, 10)


def test_an_oversold_order_stands_and_the_number_stops_at_nothing(small: Asker) -> None:
    order = place(small, stocked(small, 3), 8)

    line = next(o for o in small.truth()["orders"] if o["id"] == order["order_id"])["lines"][0]
    assert numbers(small) == (3, 0)
    assert (line["quantity"], line["booked"], line["deducted"]) == (8, 8, {"1": 3})


def test_units_come_from_the_default_location_first(small: Asker) -> None:
    variant = stocked(small, 3)
    small.do("receive", variant_id=variant, location_id=2, quantity=4)
    order = place(small, variant, 5)

    line = next(o for o in small.truth()["orders"] if o["id"] == order["order_id"])["lines"][0]
    assert line["deducted"] == {"1": 3, "2": 2}


def test_what_no_shelf_has_cannot_be_shipped_unless_forced(small: Asker) -> None:
    order = place(small, stocked(small, 3), 8)

    (told,) = small.practice("shop", {"action": "ship", "order_id": order["order_id"]})
    assert "3 units" in told["refused"]
    assert small.truth()["refused"][0]["reason"] == told["refused"]
    small.do("ship", order_id=order["order_id"], force=True)
    assert numbers(small) == (-5, 0)


def test_a_deleted_shipment_puts_the_goods_back_and_leaves_the_status(small: Asker) -> None:
    order = place(small, stocked(small), 4)
    shipment = small.do("ship", order_id=order["order_id"])["shipment_id"]
    small.do("delete_shipment", order_id=order["order_id"], shipment_id=shipment)

    assert numbers(small) == (10, 6)
    assert small.get(f"/v2/orders/{order['order_id']}")["status_id"] == 2
    assert small.send("GET", f"/v2/orders/{order['order_id']}/shipments").status == 204


@pytest.mark.parametrize(("sets", "statuses"), [(True, [3, 2]), (False, [11, 11])])
def test_whether_a_shipment_sets_the_status_is_a_switch(make: Make, sets: bool, statuses: list[int]) -> None:
    shop = make(switches={"shipment_sets_status": sets})
    order = place(shop, stocked(shop), 4)
    seen = []
    for units in (1, 3):
        shop.do("ship", order_id=order["order_id"], lines=[{"line_id": order["line_ids"][0], "quantity": units}])
        seen.append(shop.get(f"/v2/orders/{order['order_id']}")["status_id"])

    assert seen == statuses


def test_goods_that_arrive_are_shown_when_the_receipt_is_booked(small: Asker) -> None:
    variant = stocked(small)
    small.do("receive", variant_id=variant, quantity=5)
    small.do("receive", variant_id=variant, quantity=2, book=False)

    assert numbers(small) == (17, 15)


@pytest.mark.parametrize("statuses", [(2,), (2, 11, 2), (2, 11, 10), (10, 2)])
def test_goods_that_left_with_a_status_do_not_leave_again(small: Asker, statuses: tuple[int, ...]) -> None:
    order = place(small, stocked(small), 2)
    for status in statuses:
        small.do("set_status", order_id=order["order_id"], status=status)
    marked, by_hand = numbers(small), small.truth()["stock"]["TEST-1"]["1"]["by_hand"]
    small.do("ship", order_id=order["order_id"])

    assert (marked, by_hand) == ((8, 8), -2)
    assert numbers(small) == (8, 8)
    assert small.truth()["stock"]["TEST-1"]["1"]["by_hand"] == 0


def test_goods_that_left_unbooked_can_be_put_into_a_shipment_though_the_shelf_is_empty(small: Asker) -> None:
    order = place(small, stocked(small, 2), 2)
    small.do("set_status", order_id=order["order_id"], status=2)
    small.do("ship", order_id=order["order_id"], lines=[{"line_id": order["line_ids"][0], "quantity": 1}])
    small.do("set_status", order_id=order["order_id"], status=10)

    assert numbers(small) == (0, 0)


def test_a_deleted_order_takes_everything_of_its_own_along_and_leaves_the_stock(small: Asker) -> None:
    made = place(small, stocked(small), 4)
    order, line = made["order_id"], made["line_ids"][0]
    note = {"permission_set": "app_only", "namespace": "ours", "key": "k", "value": "v"}
    small.send("POST", f"/v3/orders/{order}/metafields", note)
    refund = small.do("refund", order_id=order, lines=[{"line_id": line, "quantity": 1}])["refund_id"]
    small.do("ship", order_id=order, lines=[{"line_id": line, "quantity": 1}])
    small.do("delete_order", order_id=order)

    assert small.data("/v3/orders/metafields", namespace="ours") == []
    assert small.send("GET", f"/v3/orders/payment_actions/refunds/{refund}").status == 404
    assert numbers(small) == (9, 6)
    assert broken(small.shop) == []


@pytest.mark.parametrize("tracking", ["variant", "product"])
def test_goods_counted_anew_do_not_come_back_from_the_old_count(small: Asker, tracking: str) -> None:
    variant = stocked(small)
    order = place(small, variant, 2)
    product = small.shop.state.variants.rows[variant].product_id
    small.do("set_tracking", product_id=product, tracking=tracking)
    small.do("set_status", order_id=order["order_id"], status=5)

    assert numbers(small) == (0, 0)
    assert broken(small.shop) == []


OWN: list[tuple[str, Any, str, tuple[int, int]]] = [
    ("update_stock_behavior", "order_completed_or_shipped", "www", (10, 10)),
    ("update_stock_behavior", "order_completed_or_shipped", "manual", (10, 6)),
    ("update_stock_behavior", "order_completed_or_shipped", "external", (10, 6)),
    ("update_stock_behavior", None, "www", (10, 6)),
]


@pytest.mark.parametrize(("name", "value", "source", "after"), OWN)
def test_a_channel_with_a_setting_of_its_own_moves_stock_by_it(
    small: Asker, name: str, value: Any, source: str, after: tuple[int, int]
) -> None:
    variant = stocked(small)
    small.do("set_setting", name=name, value=value, channel_id=2)
    lines = [{"variant_id": variant, "quantity": 4}]
    small.do("place_order", lines=lines, channel_id=2, source=source)
    of_channel = numbers(small)
    small.do("place_order", lines=lines, channel_id=1)

    assert of_channel == after
    assert numbers(small) == (10, after[1] - 4)


def test_a_channel_may_restock_and_adjust_though_the_store_does_not(make: Make) -> None:
    keeps = {"refund_order_stock_adjustment": False, "edit_order_stock_adjustment": False}
    shop = make(settings=keeps, channel_settings={1: dict.fromkeys(keeps, True)})
    order = place(shop, stocked(shop), 4)
    shop.do("edit_line", order_id=order["order_id"], line_id=order["line_ids"][0], quantity=3)
    edited = numbers(shop)
    shop.do("set_status", order_id=order["order_id"], status=5)

    assert (edited, numbers(shop)) == ((10, 7), (10, 10))


def test_a_setting_that_does_not_exist_makes_no_shop(make: Make) -> None:
    with pytest.raises(ValueError, match="there is no setting"):
        make(channel_settings={1: {"colour": 1}})
    with pytest.raises(ValueError, match="is one of"):
        make(settings={"update_stock_behavior": None})


def test_a_number_typed_by_hand_does_not_move_the_shelf(small: Asker) -> None:
    small.do("set_stock", variant_id=stocked(small), number=3)

    assert numbers(small) == (10, 3)


def test_an_untracked_product_never_shows_stock(small: Asker) -> None:
    place(small, stocked(small, tracking="none"), 4)

    assert "TEST-1" not in small.truth()["stock"]


@pytest.mark.parametrize(("moves", "changed"), [(True, 1), (False, 0)])
def test_whether_stock_moves_the_date_of_its_product_is_a_switch(make: Make, moves: bool, changed: int) -> None:
    shop = make(switches={"stock_moves_product_date": moves})
    variant = stocked(shop)
    shop.practice("clock", {"advance_seconds": 600})
    now = shop.practice("clock", method="GET")["now"]
    place(shop, variant, 1)

    assert len(shop.data("/v3/catalog/products", **{"date_modified:min": now})) == changed


@pytest.mark.parametrize(("way", "level"), [("default_location", 4), ("total_available", 10)])
def test_the_level_in_the_catalogue_is_a_switch(make: Make, way: str, level: int) -> None:
    shop = make(switches={"catalog_level": way})
    variant = stocked(shop, 4)
    shop.do("receive", variant_id=variant, location_id=2, quantity=7)
    shop.do("set_safety_stock", variant_id=variant, location_id=2, quantity=1)

    assert shop.data("/v3/catalog/products", sku="TEST-1")[0]["inventory_level"] == level


@pytest.mark.parametrize(("mails", "count"), [(True, 2), (False, 0)])
def test_whether_the_shop_sends_its_own_mails_is_a_switch(make: Make, mails: bool, count: int) -> None:
    shop = make(switches={"status_mails": mails})
    order = place(shop, stocked(shop), 1)
    shop.do("ship", order_id=order["order_id"])

    assert len(shop.truth()["messages"]) == count


def test_native_backorders_show_what_was_sold_beyond_the_stock(make: Make) -> None:
    shop = make(switches={"backorders": True})
    variant = stocked(shop, 3, limit=9)
    order = place(shop, variant, 8)

    line = shop.get(f"/v2/orders/{order['order_id']}/products")[0]
    cell = shop.data("/v3/inventory/items", **{"sku:in": "TEST-1"})[0]["locations"][0]
    assert line["quantity_backordered"] == 5
    assert (cell["total_inventory_onhand"], cell["qty_backordered"]) == (0, 5)
    assert "backorder_limit" in cell["settings"]


@pytest.mark.parametrize(("limit", "asked", "sold"), [(0, 2, True), (0, 3, False), (5, 7, True), (5, 8, False)])
def test_an_order_beyond_the_backorder_limit_is_refused(make: Make, limit: int, asked: int, sold: bool) -> None:
    shop = make(switches={"backorders": True})
    variant = stocked(shop, 2, limit)
    lines = [{"variant_id": variant, "quantity": 1}, {"variant_id": variant, "quantity": asked - 1}]

    (told,) = shop.practice("shop", {"action": "place_order", "lines": lines})

    assert ("refused" not in told) == sold
    assert sold or f"available_quantity_for_backorder {limit}" in told["refused"]
    assert shop.data("/v3/inventory/items", **{"sku:in": "TEST-1"})[0]["locations"][0]["qty_backordered"] == (
        max(asked - 2, 0) if sold else 0
    )


def test_a_line_added_or_edited_beyond_the_backorder_limit_is_refused(make: Make) -> None:
    shop = make(switches={"backorders": True})
    variant = stocked(shop, 2, 3)
    order = place(shop, variant, 4)
    add = {"action": "add_line", "order_id": order["order_id"], "variant_id": variant, "quantity": 2}
    edit = {"action": "edit_line", "order_id": order["order_id"], "line_id": order["line_ids"][0], "quantity": 6}

    for told in shop.practice("shop", [add, edit]):
        assert "available_quantity_for_backorder 1" in told["refused"]


@pytest.mark.parametrize(("release", "received", "shipped"), [("ship", (6, 5), (1, 0)), ("receive", (1, 0), (1, 0))])
def test_when_the_backordered_count_falls_is_a_switch(
    make: Make, release: str, received: tuple[int, int], shipped: tuple[int, int]
) -> None:
    shop = make(switches={"backorders": True, "backorder_release": release})
    variant = stocked(shop, 3, limit=9)
    order = place(shop, variant, 8)

    def cell() -> tuple[int, int]:
        found = shop.data("/v3/inventory/items", **{"sku:in": "TEST-1"})[0]["locations"][0]
        return found["total_inventory_onhand"], found["qty_backordered"]

    shop.do("receive", variant_id=variant, quantity=6)
    after_receipt = cell()
    shop.do("ship", order_id=order["order_id"])

    assert (after_receipt, cell()) == (received, shipped)


@pytest.mark.parametrize(("shrinks", "left"), [(True, 2), (False, 5)])
def test_whether_a_backordered_line_shrinks_as_it_ships_is_a_switch(make: Make, shrinks: bool, left: int) -> None:
    shop = make(switches={"backorders": True, "backordered_line_shrinks": shrinks})
    variant = stocked(shop, 3, limit=9)
    order = place(shop, variant, 8)
    shop.do("receive", variant_id=variant, quantity=3)
    shop.do("ship", order_id=order["order_id"], lines=[{"line_id": order["line_ids"][0], "quantity": 6}])

    assert shop.get(f"/v2/orders/{order['order_id']}/products")[0]["quantity_backordered"] == left


def broken(shop: Shop) -> list[str]:
    """Items for which shelf + shipped = shown − backordered + deducted + by hand does not hold."""
    state = shop.state
    moved: dict[int, int] = defaultdict(int)
    for order in state.orders:
        for line in order.lines:
            item = state.line_item(line)
            if item is not None:
                moved[item.id] += line.shipped - sum(units for _, units in line.deducted)
    return [
        f"item {item.id}"
        for item in state.items
        if moved[item.id] + sum(c.shelf - c.shown + c.backordered - c.by_hand for c in item.cells.values())
        or any(cell.shown < 0 or cell.backordered < 0 for cell in item.cells.values())
    ]


def drawn_settings(chance: Random) -> dict[str, Any]:
    """Settings of the store, and often other ones of a channel."""
    chosen = chance.choice([{}, AT_SHIPPING, {"refund_order_stock_adjustment": False}])
    own = {name: chance.choice((*values, None)) for name, values in SETTING_VALUES.items() if "stock_" in name}
    return {"settings": chosen, "channel_settings": {chance.choice([1, 2]): own} if chance.random() < 0.5 else {}}


@given(seed=st.integers(0, 5000))
@settings(max_examples=60, deadline=None)
def test_a_generated_store_is_consistent_with_itself(seed: int) -> None:
    chance = Random(seed)
    switches = Switches.draw(chance)
    shop = Shop(
        ShopConfig(seed=seed, products=25, customers=10, orders=60, switches=switches, **drawn_settings(chance))
    )

    assert broken(shop) == []
    cells = [cell for item in shop.state.items for cell in item.cells.values()]
    assert all(cell.shelf >= 0 and 0 <= cell.backordered <= cell.backorder_limit for cell in cells)


def random_action(shop: Shop, chance: Random) -> dict[str, Any]:
    if not shop.state.items.ids:
        return {"action": "create_product", "name": "Lamp", "sku": "L", "stock": 9, "tracking": "variant"}
    order = shop.state.orders.rows[chance.choice(shop.state.orders.ids[-12:])]
    line = chance.choice(order.lines)
    item = shop.state.items.rows[chance.choice(shop.state.items.ids)]
    one, of_item = {"line_id": line.id, "quantity": chance.randint(1, 3)}, {"variant_id": item.id}
    lines = [{"variant_id": chance.choice(shop.state.variants.ids), "quantity": chance.randint(1, 40)}]
    return chance.choice(
        [
            {
                "action": "place_order",
                "lines": lines,
                "status": chance.choice([0, 1, 7, 11, 12]),
                "channel_id": chance.choice([1, 2]),
            },
            {"action": "edit_line", "order_id": order.id, "line_id": line.id, "quantity": chance.randint(0, 30)},
            {"action": "add_line", "order_id": order.id, **lines[0]},
            {"action": "set_status", "order_id": order.id, "status": chance.randint(0, 14)},
            {"action": "ship", "order_id": order.id},
            {"action": "ship", "order_id": order.id, "lines": [one], "force": chance.random() < 0.3},
            {"action": "delete_shipment", "order_id": order.id, "shipment_id": (order.shipments or [0])[-1]},
            {"action": "refund", "order_id": order.id, "lines": [one], "status": chance.choice([order.status, 4, 14])},
            {"action": "receive", **of_item, "quantity": chance.randint(1, 30), "book": chance.random() < 0.8},
            {"action": "lose", **of_item, "quantity": 1},
            {"action": "set_stock", **of_item, "number": chance.randint(0, 20)},
            {"action": "set_backorder_limit", **of_item, "quantity": chance.randint(0, 30)},
            {"action": "delete_order", "order_id": order.id},
            {
                "action": "set_tracking",
                "product_id": item.product_id,
                "tracking": chance.choice(["none", "product", "variant", "variant"]),
            },
        ]
    )


@given(seed=st.integers(0, 5000))
@settings(max_examples=40, deadline=None)
def test_whatever_happens_the_shelf_the_number_and_the_orders_agree(seed: int) -> None:
    chance = Random(seed)
    chosen = drawn_settings(chance)
    shop = Shop(ShopConfig(seed=seed, products=8, customers=3, orders=20, switches=Switches.draw(chance), **chosen))

    for _ in range(60):
        action = random_action(shop, chance)
        run_actions(shop.state, action)
        assert broken(shop) == [], action
