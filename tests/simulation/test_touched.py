"""Whatever may happen to an item or to an order of it, the next allocation looks at it: one thing for each of many items."""

import json
from pathlib import Path

import sqlalchemy as sa

from fillrate.steps.correcting.priorities import set_priority
from fillrate.steps.runs import RunLog, recorded
from fillrate.steps.supply.sync import import_inbound
from sandbox import Request, Switches
from tests.simulation.world import World, fresh
from tests.steps.correcting import ANN, MUG, Mugs

THINGS = (
    "received", "lost", "cancelled", "held", "less_wanted", "more_wanted", "shipped", "ordered", "preorder", "deleted",
    "untracked", "on_its_way", "nothing",
)  # fmt: skip


def shop(world: World, **wish: object) -> dict[str, object]:
    answer: dict[str, object] = world.practice("shop", [wish])[0]
    assert "refused" not in answer, answer
    return answer


def order_of(world: World, sku: str) -> tuple[int, int]:
    """The first order of a SKU, and its line."""
    order = next(one for one in world.shop.state.orders if any(line.sku == sku for line in one.lines))
    return order.id, order.lines[0].id


def put(world: World, product_id: int, **fields: object) -> None:
    """Change a product as an app does."""
    path = f"/stores/{world.shop.config.store_hash}/v3/catalog/products/{product_id}"
    headers = {"x-auth-token": world.shop.config.token, "content-type": "application/json"}
    answer = world.shop.handle(Request("PUT", path, "", headers=headers, body=json.dumps(fields).encode()))
    assert answer.status == 200, answer.body


def test_everything_that_happens_to_an_item_is_looked_at(tmp_path: Path, sqlite_template: Path) -> None:
    at_shipping = {"update_stock_behavior": "order_completed_or_shipped"}  # so that the number is what lies there
    world = World.make(fresh(tmp_path, sqlite_template, "touched"), 3, Switches(), settings=at_shipping)
    world.looks = True
    products = {}
    for thing in THINGS:
        made = shop(world, action="create_product", name=thing, sku=thing, cents=700, stock=2)
        products[thing] = int(str(made["product_id"]))
        shop(world, action="set_backorder_limit", sku=thing, quantity=100)
        for _ in range(2):
            shop(world, action="place_order", lines=[{"sku": thing, "quantity": 2}])
    world.practice("clock", {"advance_seconds": 600})
    world.day()
    world.day()
    assert world.violations == []

    shop(world, action="receive", sku="received", quantity=1)
    shop(world, action="lose", sku="lost", quantity=1)
    for thing, status in (("cancelled", 5), ("held", 7)):
        shop(world, action="set_status", order_id=order_of(world, thing)[0], status=status)
    for thing, quantity in (("less_wanted", 1), ("more_wanted", 5)):
        order, line = order_of(world, thing)
        shop(world, action="edit_line", order_id=order, line_id=line, quantity=quantity)
    order, line = order_of(world, "shipped")
    shop(world, action="ship", order_id=order, lines=[{"line_id": line, "quantity": 1}])
    shop(world, action="place_order", lines=[{"sku": "ordered", "quantity": 1}])
    put(world, products["preorder"], availability="preorder", preorder_release_date="2030-01-01T00:00:00+00:00")
    shop(world, action="delete_product", product_id=products["deleted"])
    shop(world, action="set_tracking", product_id=products["untracked"], tracking="none")
    world.practice("clock", {"advance_seconds": 600})
    file = tmp_path / "po.csv"
    file.write_text("reference,sku,quantity,expected\nPO-1,on_its_way,9,2030-01-01\n")
    with world.desk() as desk, recorded(desk, RunLog("supply", "sync-inbound", "all")) as log:
        import_inbound(desk, log, file)
    world.day(full=True)
    world.day(full=True)
    file.write_text("reference,sku,quantity,expected\nPO-1,on_its_way,1,2031-01-01\n")
    with world.desk() as desk, recorded(desk, RunLog("less-supply", "sync-inbound", "all")) as log:
        import_inbound(desk, log, file)
    world.day()

    assert world.violations == []
    waits = "SELECT DISTINCT l.sku, u.reason FROM open_unit u JOIN order_line l ON l.id = u.line_id WHERE u.state = 'backorder'"
    with world.desk() as desk, desk.db.read() as reading:
        reasons = {row.sku: row.reason for row in reading.rows(sa.text(waits)) if row.sku in THINGS}
    assert {sku for sku in THINGS if sku not in reasons} == {"cancelled", "untracked"}
    assert (reasons["preorder"], reasons["deleted"], reasons["nothing"]) == ("preorder", "discontinued", "no_supply")


def test_a_word_on_one_line_leaves_the_forecast_of_the_others_of_its_order(sqlite_url: str) -> None:
    mugs = Mugs.begin(sqlite_url)
    mugs.shop(action="create_product", name="LID", sku="LID", cents=200, stock=0)
    mugs.shop(action="set_backorder_limit", sku="LID", quantity=100)
    lines = [{"sku": MUG, "quantity": 1}, {"sku": "LID", "quantity": 1}]
    lid = str(mugs.shop(action="place_order", lines=lines)["line_ids"][1])
    mugs.world.practice("clock", {"advance_seconds": 600})
    mugs.world.looks = True
    mugs.world.day()

    with mugs.world.desk() as desk, recorded(desk, RunLog("word", "set-priority", "all")) as log:
        set_priority(desk, log, ANN, "line", lid, 1)
    mugs.world.day()

    assert mugs.world.violations == []
