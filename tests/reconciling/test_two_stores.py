"""Two BigCommerce stores of one merchant share one stock: the first holds it, the second shows what may still be sold."""

from pathlib import Path

from sandbox import Shop, ShopConfig, Switches
from tests.reconciling.merchant import Merchant, goods, on_hand
from tests.simulation.world import fresh


def sellable(merchant: Merchant) -> dict[str, int]:
    """Return what may be sold of each SKU: on hand in the hub's stores, less all that is owed to anybody."""
    owed = dict(
        merchant.rows(
            "SELECT i.sku, sum(u.quantity) FROM open_unit u JOIN order_line l ON l.id = u.line_id"
            " JOIN item i ON i.id = l.item_id WHERE l.needs_stock GROUP BY 1"
        )
    )
    held = {
        sku: sum(max(0, place["on_hand"] - place["safety_stock"]) for place in places.values())
        for sku, places in merchant.stock("hub").items()
    }
    return {sku: max(0, units - owed.get(sku, 0)) for sku, units in held.items()}


def test_the_second_store_shows_what_may_be_sold(merchant: Merchant) -> None:
    may_be_sold = sellable(merchant)

    assert {sku: may_be_sold[sku] for sku in merchant.numbers("outlet")} == merchant.numbers("outlet")


def test_a_second_run_writes_nothing(merchant: Merchant) -> None:
    before = merchant.rows("SELECT count(*) FROM change")

    log = merchant.reconcile()

    assert log.plans == []
    assert merchant.rows("SELECT count(*) FROM change") == before
    assert log.counts["numbers_looked_at"] == 0


def test_a_sale_in_the_first_store_lowers_the_second(merchant: Merchant) -> None:
    sku = goods(merchant)
    had = merchant.numbers("outlet")[sku]
    merchant.act("hub", action="place_order", lines=[{"sku": sku, "quantity": 2}])
    merchant.pass_time(120)

    merchant.reconcile()

    assert merchant.numbers("outlet")[sku] == had - 2


def test_a_sale_in_the_second_store_is_no_drift_and_is_owed_once(merchant: Merchant) -> None:
    sku = goods(merchant)
    had = merchant.numbers("outlet")[sku]
    merchant.act("outlet", action="place_order", lines=[{"sku": sku, "quantity": 3}])
    merchant.pass_time(120)

    log = merchant.reconcile()

    assert merchant.numbers("outlet")[sku] == had - 3
    assert (log.plans, merchant.drift()) == ([], [])
    assert sellable(merchant)[sku] == had - 3


def test_a_number_changed_by_hand_is_told_and_put_right(merchant: Merchant) -> None:
    sku = goods(merchant)
    had = merchant.numbers("outlet")[sku]
    merchant.act("outlet", action="set_stock", sku=sku, number=had - 4)
    merchant.pass_time(120)

    merchant.reconcile()
    assert merchant.numbers("outlet")[sku] == had - 4, "an order that explains it may still come"
    merchant.pass_time(120)
    merchant.reconcile()

    assert merchant.numbers("outlet")[sku] == had
    assert [row[2:] for row in merchant.drift()] == [("in_flight", -4, "watched"), ("edited", -4, "healed")]


def test_a_large_change_waits_for_a_person_and_the_units_count_as_absent(merchant: Merchant) -> None:
    sku = goods(merchant)
    had = merchant.numbers("outlet")[sku]
    assert had > 25
    merchant.act("outlet", action="set_stock", sku=sku, number=had - 25)
    for _ in range(2):
        merchant.pass_time(120)
        merchant.reconcile()
    merchant.act("hub", action="place_order", lines=[{"sku": sku, "quantity": 2}])
    merchant.pass_time(120)
    merchant.reconcile()

    assert merchant.numbers("outlet")[sku] == max(0, had - 25 - 2)
    assert [row[2:] for row in merchant.drift()] == [("in_flight", -25, "watched"), ("edited", -25, "waits")]


def test_a_sale_in_the_second_store_lowers_the_first_and_what_lies_there_stays(merchant: Merchant) -> None:
    sku = goods(merchant)
    had, lies = merchant.numbers("hub")[sku], on_hand(merchant, sku)
    merchant.act("outlet", action="place_order", lines=[{"sku": sku, "quantity": 3}])
    for _ in range(3):
        merchant.pass_time(120)
        merchant.reconcile()

    assert merchant.numbers("hub")[sku] == had - 3
    assert on_hand(merchant, sku) == lies


def test_what_the_second_store_ships_leaves_the_shelf_and_no_number_moves(merchant: Merchant) -> None:
    sku = goods(merchant)
    order = merchant.act("outlet", action="place_order", lines=[{"sku": sku, "quantity": 3}])["order_id"]
    merchant.pass_time(120)
    merchant.reconcile()
    merchant.allocate()
    merchant.reconcile()
    numbers, lies = (merchant.numbers("hub")[sku], merchant.numbers("outlet")[sku]), on_hand(merchant, sku)

    merchant.act("outlet", action="ship", order_id=order)
    for _ in range(3):
        merchant.pass_time(120)
        merchant.reconcile()

    assert on_hand(merchant, sku) == lies - 3
    assert (merchant.numbers("hub")[sku], merchant.numbers("outlet")[sku]) == numbers
    assert merchant.drift() == []


def test_goods_that_come_in_at_the_first_store_are_counted_once_and_shown_in_both(merchant: Merchant) -> None:
    sku = goods(merchant)
    lies, had = on_hand(merchant, sku), merchant.numbers("outlet")[sku]
    merchant.act("outlet", action="place_order", lines=[{"sku": sku, "quantity": 3}])
    merchant.pass_time(120)
    merchant.reconcile()
    merchant.reconcile()
    shows = merchant.numbers("hub")[sku]
    merchant.act("hub", action="set_stock", sku=sku, number=shows + 10)
    for _ in range(2):
        merchant.pass_time(120)
        merchant.reconcile()

    assert on_hand(merchant, sku) == lies + 10
    assert merchant.numbers("outlet")[sku] == had - 3 + 10
    assert merchant.numbers("hub")[sku] == shows + 10


def test_an_order_that_a_write_went_over_is_not_taken_for_goods(merchant: Merchant) -> None:
    sku = goods(merchant)
    lies, had, showed = on_hand(merchant, sku), merchant.numbers("hub")[sku], merchant.numbers("outlet")[sku]
    merchant.act("outlet", action="place_order", lines=[{"sku": sku, "quantity": 3}])
    merchant.pass_time(120)
    bought = []

    def buy(path: str) -> None:
        if path.endswith("/adjustments/absolute") and not bought:
            bought.append(sku)
            merchant.act("hub", action="place_order", lines=[{"sku": sku, "quantity": 2}])

    merchant.before_write = buy
    for _ in range(4):
        merchant.reconcile()
        merchant.pass_time(120)

    assert bought
    assert on_hand(merchant, sku) == lies
    assert merchant.numbers("hub")[sku] == had - 5
    assert merchant.numbers("outlet")[sku] == showed - 5


def test_the_first_plan_of_a_channel_waits_as_a_whole(tmp_path: Path, sqlite_template: Path) -> None:
    config = {"seed": 5, "products": 8, "customers": 4, "days": 30, "switches": Switches(backorders=True)}
    shops = {name: Shop(ShopConfig(store_hash=name, orders=n, **config)) for name, n in (("hub", 10), ("outlet", 0))}
    merchant = Merchant(fresh(tmp_path, sqlite_template, "first"), shops, channels={"outlet": {"practice": False}})
    merchant.sync()
    for _ in range(3):
        merchant.reconcile()
    before = merchant.numbers("outlet")
    merchant.pass_time(120)
    merchant.reconcile()

    states = merchant.rows(
        "SELECT state, count(*) FROM change WHERE kind = 'stock' AND state <> 'superseded' GROUP BY state"
    )
    assert [state for state, _ in states] == ["planned"]
    assert merchant.numbers("outlet") == before
