"""What every shop of the market has in common, shown on a kind that does no more than list numbers and take them."""

from collections.abc import Iterator
from typing import Any, ClassVar

import httpx
import pytest

from sandbox import Request, Response, Shop, ShopConfig, serve
from sandbox.clock import Clock
from sandbox.exchange import answer, decode
from sandbox.market import Goods, Manners, Market, MarketConfig, Trouble, goods_of, stock
from sandbox.market.live import MarketLife
from sandbox.market.records import Cell

GOODS = [Goods("A-1", "Anchor", 10, 1500), Goods("B-1", "Bell", 0, 900), Goods("B-2", "Bell, big", 4, 1900, "bell")]


class Stall(Market):
    """A kind with one path: GET lists numbers by SKU, POST sets [[sku, number], ...]."""

    kind = "stall"
    CHOICES: ClassVar[dict[str, tuple[Any, ...]]] = {"polite": (True, False)}

    def authenticate(self, request: Request) -> Response | None:
        return None if request.header("X-Key") == "k" else answer({"sorry": 401}, 401)

    def secrets(self) -> dict[str, str]:
        return {"KEY": "k"}

    def refusal(self, request: Request, status: int) -> Response:
        return answer({"sorry": status}, status)

    def dispatch(self, request: Request, trouble: Trouble) -> Response:
        state = self.state
        if request.method == "GET":
            return answer({one.sku: one.cells[1].number for one in state.sold()})
        results = []
        for row, (sku, number) in enumerate(decode(request.body)):
            if not trouble.fails(row):
                stock.write_number(state, state.by_sku(sku)[0], 1, number)
            results.append([sku, not trouble.fails(row)])
        return answer(trouble.results(results))


class Warehouse(Stall):
    """A kind whose number falls at shipping."""

    manners = Manners(moves_at="shipping")


class Careful(Stall):
    """A kind that sells only what it has."""

    manners = Manners(below_zero="refuses", refund_restocks=False)


def made(kind: type[Stall] = Stall, **options: Any) -> Stall:
    return kind(MarketConfig(**{"orders": 0, **options}), GOODS)


def do(shop: Market, action: str, **entry: Any) -> dict[str, Any]:
    (told,) = shop.act({"action": action, **entry})
    assert "refused" not in told, told
    return told


def cell(shop: Market, sku: str) -> tuple[int, int]:
    found: Cell = shop.state.by_sku(sku)[0].cells[1]
    return found.number, found.reserved


def lever(shop: Market, method: str, what: str, body: bytes = b"") -> Any:
    response = shop.handle(Request(method, f"{shop.prefix}/_practice/{what}", body=body))
    assert response.status in {200, 204}, response.body
    return response.json() if response.body else None


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    shop = made()
    with serve(shop) as running, httpx.Client(base_url=running.url, headers={"X-Key": running.token}) as found:
        yield found


def faults(client: httpx.Client, **fault: Any) -> None:
    assert client.post("/_practice/faults", json=fault).status_code == 200


def test_the_same_seed_makes_the_same_shop_with_the_numbers_that_were_given() -> None:
    one, two = made(orders=30), made(orders=30)
    assert lever(one, "GET", "state") == lever(two, "GET", "state")
    assert {row["sku"]: row["number"] for row in lever(one, "GET", "state")["stock"]} == {"A-1": 10, "B-1": 0, "B-2": 4}
    assert {order["status"] for order in lever(one, "GET", "state")["orders"]} == {"open", "shipped"}
    assert lever(made(orders=30, seed=2), "GET", "state") != lever(one, "GET", "state")


def test_a_shop_that_moves_at_shipping_shows_what_is_sellable_beside_what_is_reserved() -> None:
    stock_rows = lever(made(Warehouse, orders=30), "GET", "state")["stock"]
    assert {row["sku"]: row["number"] - row["reserved"] for row in stock_rows} == {"A-1": 10, "B-1": 0, "B-2": 4}


def test_an_order_lowers_the_number_and_may_take_it_below_nothing() -> None:
    shop = made()
    order = do(shop, "place_order", lines=[{"sku": "A-1", "quantity": 12}])
    assert cell(shop, "A-1") == (-2, 12)
    do(shop, "ship", order_id=order["order_id"], lines=[{"line_id": order["line_ids"][0], "quantity": 5}])
    assert cell(shop, "A-1") == (-2, 7)
    do(shop, "cancel", order_id=order["order_id"])
    assert cell(shop, "A-1") == (5, 0)
    (told,) = lever(shop, "GET", "state")["orders"]
    assert told["status"] == "shipped"
    assert [(line["quantity"], line["shipped"], line["cancelled"]) for line in told["lines"]] == [(12, 5, 7)]


def test_units_that_went_out_come_back_with_a_refund_unless_told_otherwise() -> None:
    shop = made()
    order = do(shop, "place_order", lines=[{"sku": "A-1", "quantity": 6}])
    line = order["line_ids"][0]
    do(shop, "ship", order_id=order["order_id"])
    do(shop, "refund", order_id=order["order_id"], lines=[{"line_id": line, "quantity": 2}])
    assert cell(shop, "A-1") == (6, 0)
    do(shop, "refund", order_id=order["order_id"], lines=[{"line_id": line, "quantity": 4}], restock=False)
    assert cell(shop, "A-1") == (6, 0)


def test_a_refund_of_what_has_not_shipped_ends_its_promise() -> None:
    shop = made(Careful)
    order = do(shop, "place_order", lines=[{"sku": "A-1", "quantity": 6}])
    do(shop, "refund", order_id=order["order_id"])
    assert cell(shop, "A-1") == (4, 0)
    assert lever(shop, "GET", "state")["orders"][0]["status"] == "cancelled"


def test_a_shop_that_moves_at_shipping_reserves_until_then() -> None:
    shop = made(Warehouse)
    order = do(shop, "place_order", lines=[{"sku": "A-1", "quantity": 6}])
    assert cell(shop, "A-1") == (10, 6)
    do(shop, "ship", order_id=order["order_id"], lines=[{"line_id": order["line_ids"][0], "quantity": 2}])
    assert cell(shop, "A-1") == (8, 4)
    do(shop, "cancel", order_id=order["order_id"])
    assert cell(shop, "A-1") == (8, 0)


def test_a_pending_order_holds_nothing_until_it_is_paid() -> None:
    shop = made()
    order = do(shop, "place_order", lines=[{"sku": "A-1", "quantity": 3}], status="pending")
    assert cell(shop, "A-1") == (10, 0)
    do(shop, "pay", order_id=order["order_id"])
    assert cell(shop, "A-1") == (7, 3)
    do(shop, "edit_line", order_id=order["order_id"], line_id=order["line_ids"][0], quantity=1)
    assert cell(shop, "A-1") == (9, 1)


def test_a_shop_that_sells_only_what_it_has_refuses_the_rest_and_says_so() -> None:
    shop = made(Careful)
    (told,) = shop.act(
        {"action": "place_order", "lines": [{"sku": "B-2", "quantity": 3}, {"sku": "B-2", "quantity": 2}]}
    )
    assert told["refused"] == "out of stock: 5 of 'B-2' asked, 4 left"
    assert cell(shop, "B-2") == (4, 0)
    assert lever(shop, "GET", "state")["refused"] == [{"what": {
        "action": "place_order", "lines": [{"sku": "B-2", "quantity": 3}, {"sku": "B-2", "quantity": 2}],
    }, "reason": told["refused"]}]  # fmt: skip


def test_people_edit_receive_lose_rename_and_delete() -> None:
    shop = made()
    do(shop, "set_stock", sku="A-1", number=-3)
    do(shop, "receive", sku="A-1", quantity=10)
    do(shop, "lose", sku="A-1", quantity=1)
    do(shop, "rename_sku", sku="A-1", to="A-9")
    new = do(shop, "create_product", sku="C-1", number=2)
    assert (cell(shop, "A-9"), cell(shop, "C-1")) == ((6, 0), (2, 0))
    do(shop, "delete_product", id=new["id"])
    assert [told["refused"] for told in shop.act([{"action": "receive", "sku": "C-1", "quantity": 1}])] == [
        "0 listings have the SKU 'C-1'"
    ]


def test_a_lying_shop_says_done_and_is_not(client: httpx.Client) -> None:
    faults(client, kind="lying", match="POST *", times=1)
    assert client.post("/", json=[["A-1", 3]]).json() == [["A-1", True]]
    assert client.get("/").json()["A-1"] == 10
    client.post("/", json=[["A-1", 3]])
    assert client.get("/").json()["A-1"] == 3


def test_a_late_shop_does_it_some_requests_later(client: httpx.Client) -> None:
    faults(client, kind="late", match="POST *", requests=3, times=1)
    assert client.post("/", json=[["A-1", 3]]).status_code == 200
    assert [client.get("/").json()["A-1"] for _ in range(4)] == [10, 10, 3, 3]


def test_a_shop_of_zeros_still_takes_writes(client: httpx.Client) -> None:
    faults(client, kind="zeros")
    client.post("/", json=[["A-1", 3]])
    assert client.get("/").json() == {"A-1": 0, "B-1": 0, "B-2": 0}
    client.delete("/_practice/faults")
    assert client.get("/").json()["A-1"] == 3


def test_a_part_of_a_batch_fails_and_results_come_in_another_order(client: httpx.Client) -> None:
    rows = [["A-1", 1], ["B-1", 2], ["B-2", 3]]
    faults(client, kind="partly", every=2, times=1)
    assert client.post("/", json=rows).json() == [["A-1", True], ["B-1", False], ["B-2", True]]
    assert client.get("/").json() == {"A-1": 1, "B-1": 0, "B-2": 3}
    faults(client, kind="out_of_order")
    told = [client.post("/", json=rows).json() for _ in range(8)]
    assert all(sorted(one) == [["A-1", True], ["B-1", True], ["B-2", True]] for one in told)
    assert any([one[0] for one in answers] != ["A-1", "B-1", "B-2"] for answers in told)


def test_refusals_speak_the_shop_and_the_wire_breaks(client: httpx.Client) -> None:
    faults(client, kind="503", times=1)
    assert client.get("/").json() == {"sorry": 503}
    faults(client, kind="429", times=1)
    assert client.get("/").json() == {"sorry": 429}
    faults(client, kind="drop_after_write", times=1)
    with pytest.raises(httpx.RemoteProtocolError):
        client.post("/", json=[["A-1", 7]])
    faults(client, kind="truncated", times=1)
    with pytest.raises(httpx.RemoteProtocolError):
        client.get("/")
    assert client.get("/").json()["A-1"] == 7
    assert client.post("/_practice/faults", json={"kind": "empty_catalogue"}).status_code == 400
    assert client.get("/", headers={"X-Key": "no"}).status_code == 401


def test_requests_are_counted_and_the_clock_moves_when_told(client: httpx.Client) -> None:
    client.post("/things/17/parts", json=[])
    assert client.get("/_practice/requests").json() == {"POST /things/{id}/parts": 1}
    before = client.get("/_practice/clock").json()["epoch"]
    assert client.post("/_practice/clock", json={"advance_seconds": 60}).json()["epoch"] == before + 60


def test_a_switch_that_there_is_not_is_refused() -> None:
    assert made(switches={"polite": False}).switches == {"polite": False}
    for wrong in ({"polite": 0}, {"rude": True}):
        with pytest.raises(ValueError, match="switch"):
            made(switches=wrong)


def test_goods_of_a_bigcommerce_shop_keep_their_sku_and_the_number_it_shows() -> None:
    hub = Shop(ShopConfig(seed=3, products=40, customers=5, orders=30))
    goods = goods_of(hub, share=0.6)
    shown = hub.handle(Request("GET", "/_practice/state", "only=stock")).json()["stock"]
    assert goods and {one.sku: one.number for one in goods} == {one.sku: shown[one.sku]["1"]["shown"] for one in goods}
    assert goods == goods_of(hub, share=0.6) != goods_of(hub, share=0.6, seed=2)
    assert len(goods_of(hub, share=1.0)) > len(goods)


def test_shoppers_come_by_themselves() -> None:
    shop = Stall(MarketConfig(orders=0), GOODS, Clock(1_800_000_000))
    life = MarketLife(shop, 60)
    for _ in range(40):
        life.tick()
    orders = lever(shop, "GET", "state")["orders"]
    assert len(orders) == 40
    assert {"open", "shipped"} <= {order["status"] for order in orders}
    sold = sum(line["quantity"] - line["cancelled"] for order in orders for line in order["lines"])
    assert sum(row["number"] for row in lever(shop, "GET", "state")["stock"]) == 14 - sold
