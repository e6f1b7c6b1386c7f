"""A warehouse takes pick lists over HTTP and tells what became of them; nothing it tells counts twice."""

import time
from typing import Any

import httpx
import pytest

from fillrate.bootstrap import open_desk
from tests.cli.merchant import Merchant, interrupted
from tests.deployments.server import free_port
from tests.deployments.warehouse import TOKEN, served, warehouse_of
from tests.simulation.world import World
from tests.steps.releasing import answers, backlog, happen, is_sound, lines, ordered, released, shop_of, thing


@pytest.fixture
def world(db_url: str) -> World:
    return shop_of(db_url)


@pytest.fixture
def small(sqlite_url: str) -> World:
    return shop_of(sqlite_url)


def picked(world: World, quantity: int = 3) -> dict[str, Any]:
    """An order for one thing, on a pick list."""
    order = ordered(world, (thing(world), quantity))
    world.day()
    released(world)
    return order


def leaves(world: World, order: dict[str, Any], quantity: int) -> None:
    """The shop shows a shipment, and we read it."""
    line = {"line_id": order["line_ids"][0], "quantity": quantity}
    happen(world, {"action": "ship", "order_id": order["order_id"], "lines": [line]})
    world.orders_only()


def test_a_list_is_taken_by_one_and_what_it_ships_waits_for_the_shop_to_show_it(world: World) -> None:
    order = picked(world)
    with warehouse_of(world) as warehouse:
        [found] = warehouse.get("pick-lists", state="open")["pick_lists"]
        taken = warehouse.post(f"pick-lists/{found['id']}/take")
        [line] = taken["lines"]
        assert (taken["state"], line["sku"], line["to_do"]) == ("taken", "T", 3)
        assert "is taken already" in warehouse.post(f"pick-lists/{found['id']}/take", code=409)["error"]["what"]
        told = {"lines": [{"line": line["id"], "quantity": 3}], "tracking": "1Z-9"}
        done = warehouse.post(f"pick-lists/{found['id']}/shipped", told)
    assert (done["state"], done["lines"][0]["shipped"], done["lines"][0]["tracking"]) == ("done", 3, "1Z-9")
    world.day()
    assert (backlog(world), answers(world, "SELECT on_hand FROM stock")) == ({"picking": 3}, [(10,)])

    leaves(world, order, 3)

    assert lines(world) == [(3, 0, 3, 3, 0, 0)]
    assert answers(world, "SELECT on_hand, allocated FROM stock") == [(7, 0)]
    is_sound(world)


@pytest.mark.parametrize("first", [pytest.param("warehouse", marks=pytest.mark.slow), "shop"])
def test_whoever_tells_first_the_same_units_leave_once(small: World, first: str) -> None:
    order = picked(small)

    def told(quantity: int) -> None:
        with warehouse_of(small) as warehouse:
            [line] = warehouse.get("pick-lists/1")["lines"]
            body = {"lines": [{"line": line["id"], "quantity": quantity}]}
            warehouse.post("pick-lists/1/shipped", body, key=f"{first}-{quantity}-{small.runs}")

    for teller in (
        [told, lambda n: leaves(small, order, n)] if first == "warehouse" else [lambda n: leaves(small, order, n), told]
    ):
        for quantity in (2, 1):
            teller(quantity)

    assert lines(small) == [(3, 0, 3, 3, 0, 0)]
    assert answers(small, "SELECT on_hand, allocated FROM stock") == [(7, 0)]
    assert answers(small, "SELECT state FROM pick_list") == [("done",)]
    is_sound(small)


def test_what_was_not_found_is_not_picked_again_until_its_shelf_is_counted(small: World) -> None:
    picked(small)
    with warehouse_of(small) as warehouse:
        [line] = warehouse.get("pick-lists/1")["lines"]
        found = warehouse.post("pick-lists/1/short", {"lines": [{"line": line["id"], "quantity": 2}]})
        assert [(one["short"], one["to_do"], one["note"]) for one in found["lines"]] == [(2, 1, "2 not found")]
        assert (backlog(small), answers(small, "SELECT on_hand FROM stock")) == ({"picking": 1, "ready": 2}, [(10,)])
        assert released(small).counts["units_released"] == 0

        at = small.clock.now().isoformat()
        told = warehouse.post("counted", {"sku": "t", "quantity": 2, "counted_at": at})
        assert (told["expected"], told["difference"]) == (10, -8)
        assert "8 fewer than known" in told["to_do"]
        assert released(small).counts["units_released"] == 1  # of two that lie there, one is on the first list
        warehouse.post("counted", {"sku": "T", "quantity": 10, "counted_at": at})
        assert released(small).counts["units_released"] == 1
    is_sound(small)


@pytest.mark.slow
def test_a_shelf_that_was_mended_in_the_shop_is_in_doubt_no_longer(sqlite_url: str) -> None:
    world = shop_of(sqlite_url, deducts="order_completed_or_shipped")
    picked(world)
    with warehouse_of(world) as warehouse:
        [line] = warehouse.get("pick-lists/1")["lines"]
        warehouse.post("pick-lists/1/short", {"lines": [{"line": line["id"], "quantity": 3}]})
    happen(world, {"action": "set_stock", "sku": "T", "number": 4})
    world.day()

    assert released(world).counts["units_released"] == 3


def test_a_call_that_is_sent_again_has_the_answer_that_it_had(small: World) -> None:
    picked(small)
    with warehouse_of(small) as warehouse:
        [line] = warehouse.get("pick-lists/1")["lines"]
        body = {"lines": [{"line": line["id"], "quantity": 2}]}
        once = warehouse.post("pick-lists/1/shipped", body, key="parcel-0001")
        assert warehouse.post("pick-lists/1/shipped", body, key="parcel-0001") == once
        other = {"lines": [{"line": line["id"], "quantity": 1}]}
        refused = warehouse.post("pick-lists/1/shipped", other, key="parcel-0001", code=409)
        assert "used for another call" in refused["error"]["what"]
        body = {"sku": "T", "quantity": 8, "counted_at": small.clock.now().isoformat()}
        assert warehouse.post("counted", body)["difference"] == 0  # what left lies there no longer
    assert lines(small) == [(3, 1, 2, 0, 0, 0)]


def test_a_call_that_asks_too_much_changes_nothing_and_its_key_is_free(small: World) -> None:
    picked(small)
    with warehouse_of(small) as warehouse:
        [line] = warehouse.get("pick-lists/1")["lines"]
        told = [{"line": line["id"], "quantity": 4}]
        for what in ("shipped", "short"):
            refused = warehouse.post(f"pick-lists/1/{what}", {"lines": told}, key="parcel-0001", code=409)
            assert "has 3 unit(s) left, and 4 were told" in refused["error"]["what"]
        both = [{"line": line["id"], "quantity": 1}, {"line": 99, "quantity": 1}]
        odd = [{"line": line["id"], "quantity": 1, "part": "LID"}]
        refused = warehouse.post("pick-lists/1/short", {"lines": odd}, code=409)
        assert refused["error"] == {"what": "LID is no part of T.", "next": "It is no kit: leave part out."}
        assert "no line 99" in warehouse.post("pick-lists/1/short", {"lines": both}, code=404)["error"]["what"]
        assert lines(small) == [(3, 3, 0, 0, 0, 0)]
        warehouse.post("pick-lists/1/short", {"lines": [{"line": line["id"], "quantity": 3}]}, key="parcel-0001")


def test_what_left_though_it_was_cancelled_meanwhile_says_so(small: World) -> None:
    order = picked(small)
    happen(small, {"action": "set_status", "order_id": order["order_id"], "status": 5})
    small.orders_only()
    with warehouse_of(small) as warehouse:
        [line] = warehouse.get("pick-lists/1")["lines"]
        found = warehouse.post("pick-lists/1/shipped", {"lines": [{"line": line["id"], "quantity": 3}]})
    assert "no longer to be shipped: stop the parcel" in found["lines"][0]["note"]
    is_sound(small)


def test_lines_on_their_way_are_told_as_a_file_would_and_a_bad_one_costs_itself_only(small: World) -> None:
    good = {"reference": "PO-7", "line": "1", "sku": "t", "quantity": 40, "expected": "2031-04-08", "colour": "red"}
    bad = {"reference": "PO-7", "line": "2", "sku": "T", "quantity": -1}
    thing(small)
    small.day()
    with warehouse_of(small) as warehouse:
        told = warehouse.post("inbound", {"lines": [good, bad]}, key="order-0001")
        assert (told["new"], told["ignored_columns"]) == (1, ["colour"])
        [refused] = told["bad_rows"]
        assert (refused["row"], "quantity" in refused["reason"]) == (2, True)
        assert warehouse.post("inbound", {"lines": [good, bad]}, key="order-0001") == told
        assert warehouse.post("inbound", {"lines": [good]})["unchanged"] == 1
        later = {**good, "expected": "2031-04-20"}
        assert warehouse.post("inbound", {"lines": [later]})["changed"] == 1
        came = warehouse.post("received", {"reference": "PO-7", "position": "1", "quantity": 30})
        assert (came["source"], came["on_its_way"]) == ("warehouse", 10)
        warehouse.post("inbound", {"lines": [later]})  # it knows nothing of the receipt
        odd = b'{"lines": [{"reference": "PO-8", "sku": "T", "quantity": NaN}]}'
        head = {"Idempotency-Key": "order-0009", "Content-Type": "application/json"}
        answer = warehouse.http.post("/warehouse/v1/inbound", content=odd, headers=head)
        assert [one["row"] for one in answer.json()["bad_rows"]] == [1], answer.text
    kinds = [kind for (kind,) in answers(small, "SELECT kind FROM inbound_event ORDER BY id")]
    assert kinds == ["announced", "slipped", "received"]
    assert answers(small, "SELECT sku, qty_received, item_id IS NOT NULL FROM inbound") == [("t", 30, 1)]
    is_sound(small)


ODD: list[tuple[str, Any]] = [
    ("pick-lists/1/shipped", {"lines": []}),
    ("pick-lists/1/shipped", {"lines": [{"line": 1, "quantity": 0}]}),
    ("pick-lists/1/shipped", {"lines": [{"line": 1, "quantity": 10**12}]}),
    ("pick-lists/1/shipped", {"lines": [{"line": 2**70, "quantity": 1}]}),
    ("pick-lists/1/shipped", {"lines": [{"line": 1, "quantity": "3"}]}),
    ("pick-lists/1/shipped", {"lines": [{"line": 1, "quantity": 1}], "tracking": "a\x00b"}),
    ("pick-lists/1/shipped", {"lines": [{"line": 1, "quantity": 1, "who": "me"}]}),
    ("pick-lists/1/short", {}),
    (f"pick-lists/{2**70}/take", None),
    ("inbound", {"lines": []}),
    ("inbound", {"lines": [{"reference": ["PO-7"]}]}),
    ("inbound", {"lines": {"reference": "PO-7"}}),
    ("received", {"reference": "PO-7", "position": "1", "quantity": 0}),
    ("received", {"reference": "PO-7", "position": "1", "quantity": 1.5}),
    ("counted", {"sku": "T", "quantity": -1, "counted_at": "2026-03-01T08:00:00Z"}),
    ("counted", {"sku": "T", "quantity": 1, "counted_at": "2026-03-01T08:00:00"}),
    ("counted", {"sku": "T", "quantity": 1, "counted_at": "2099-03-01T08:00:00Z"}),
]


def test_odd_calls_are_refused_in_plain_words_and_do_nothing(small: World) -> None:
    picked(small)
    with warehouse_of(small) as warehouse:
        for path, body in ODD:
            error = warehouse.post(path, body, code=422)["error"]
            assert error["what"]
            assert "Traceback" not in str(error)
        for odd in (
            b"",
            b"{",
            b'{"lines": NaN}',
            b'{"lines": "\xff"}',
            b'["x"]',
            b'{"lines": [{"line": 1, "quantity": 1}], "tracking": "\\ud800"}',
        ):
            head = {"Idempotency-Key": "key-0123456", "Content-Type": "application/json"}
            answer = warehouse.http.post("/warehouse/v1/pick-lists/1/shipped", content=odd, headers=head)
            assert answer.status_code in {400, 422}, (odd, answer.text)
            answer = warehouse.http.post("/warehouse/v1/inbound", content=odd, headers=head)
            assert answer.status_code in {400, 422}, (odd, answer.text)
        answer = warehouse.http.post("/warehouse/v1/pick-lists/1/take")
        assert (answer.status_code, "Idempotency-Key" in answer.text) == (422, True)
        large = warehouse.http.post("/warehouse/v1/counted", content=b" " * 1_500_000)
        assert (large.status_code, large.json()["error"]["what"]) == (413, "The request is larger than 1 MB.")
        for path, body in [("counted", {"sku": "no such", "quantity": 1, "counted_at": "2026-03-01T08:00:00Z"}),
                           ("received", {"reference": "PO-7", "position": "1", "quantity": 1})]:  # fmt: skip
            assert warehouse.post(path, body, code=404)["error"]["next"]
        assert warehouse.http.get("/warehouse/v1/pick-lists", params={"location": "Mars"}).status_code == 404
    assert lines(small) == [(3, 3, 0, 0, 0, 0)]
    assert answers(small, "SELECT COUNT(*) FROM warehouse_call") == [(0,)]


def test_only_who_has_the_token_may_speak_and_without_one_the_api_is_off(small: World) -> None:
    with warehouse_of(small) as warehouse:
        for wrong in ("", f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer tökén"):
            answer = warehouse.http.get("/warehouse/v1/pick-lists", headers={"Authorization": wrong.encode()})
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        paths = warehouse.http.get("/openapi.json").json()["paths"]
        assert sum(path.startswith("/warehouse/v1/") for path in paths) == 8
        assert warehouse.http.get("/health").json() == {"status": "ok"}
    with open_desk(small.settings()) as desk, served(desk) as http:
        assert http.get("/warehouse/v1/pick-lists", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 404


def test_the_description_for_machines_names_every_answer_also_the_refusals_as_they_are_given(small: World) -> None:
    with warehouse_of(small) as warehouse:
        told = warehouse.http.get("/openapi.json").json()
        refused = warehouse.http.post("/warehouse/v1/received", json={}, headers={"Idempotency-Key": "call-one"}).json()
    calls = [call for path, ways in told["paths"].items() if "/warehouse/" in path for call in ways.values()]

    assert len(calls) == 8
    for call in calls:
        assert set(call["responses"]) == {"200", "401", "404", "409", "413", "422", "503"}
        for code, answer in call["responses"].items():
            schema = answer["content"]["application/json"]["schema"]["$ref"]
            assert (schema == "#/components/schemas/Refused") == (code != "200")
    shapes = told["components"]["schemas"]
    assert set(refused) == set(shapes["Refused"]["properties"])
    assert set(refused["error"]) == set(shapes["Why"]["properties"])


@pytest.mark.slow
def test_a_call_is_answered_at_once(small: World) -> None:
    picked(small)
    with warehouse_of(small) as warehouse:
        warehouse.get("pick-lists")
        began = time.monotonic()
        for _ in range(20):
            warehouse.get("pick-lists/1")
        assert (time.monotonic() - began) / 20 < 0.25


def test_the_command_serves_what_the_settings_say_until_ctrl_c(merchant: Merchant) -> None:
    port = free_port()
    with merchant.calling("receiver", "--port", str(port), FILLRATE_WAREHOUSE_TOKEN=TOKEN) as process:
        url, end = f"http://127.0.0.1:{port}", time.monotonic() + 60
        while True:
            try:
                found = httpx.get(f"{url}/warehouse/v1/pick-lists", headers={"Authorization": f"Bearer {TOKEN}"})
                break
            except httpx.ConnectError:
                assert time.monotonic() < end
                time.sleep(0.1)
        said = interrupted(process)
    assert found.json() == {"pick_lists": []}
    assert TOKEN not in said.out + said.err
