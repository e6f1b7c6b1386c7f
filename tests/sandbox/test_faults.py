"""Every kind of fault really happens, over a real socket, and is told by the practice endpoint."""

import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from sandbox import Running
from sandbox.faults.damage import DAMAGE
from sandbox.faults.instead import INSTEAD
from sandbox.faults.options import NEARLY, OPTIONS
from tests.sandbox.conftest import Asker, Make

ORDERS, PRODUCTS, ITEMS = "/v2/orders", "/v3/catalog/products", "/v3/inventory/items"
Set = Callable[..., None]


@pytest.fixture
def set_faults(running: Running) -> Set:
    def post(*faults: dict[str, Any]) -> None:
        httpx.post(f"{running.root}/_practice/faults", json=list(faults)).raise_for_status()

    return post


def fired(running: Running) -> list[int]:
    return [fault["fired"] for fault in httpx.get(f"{running.root}/_practice/faults").json()]


def test_every_kind_can_be_played() -> None:
    assert set(INSTEAD) | set(DAMAGE) | {"wrong_store", "shift", "loop"} == set(OPTIONS)


@pytest.mark.parametrize("kind", ["429", "500", "501", "502", "503", "504", "507", "423", "401", "403"])
def test_an_error_status_comes_in_the_shape_of_its_api(client: httpx.Client, set_faults: Set, kind: str) -> None:
    set_faults({"match": "GET *", "kind": kind})
    v2, v3 = client.get(ORDERS), client.get(PRODUCTS)

    assert v2.status_code == v3.status_code == int(kind)
    if kind not in {"502", "504"}:
        assert (v2.json()[0]["status"], v3.json()["status"]) == (int(kind), int(kind))


@pytest.mark.parametrize(
    ("way", "check"),
    [
        ("with", lambda h: h["X-Rate-Limit-Time-Reset-Ms"] == "1000" and h["X-Retry-After"] == "1"),
        ("without", lambda h: not any("limit" in name.lower() or "retry" in name.lower() for name in h)),
        ("absurd", lambda h: int(h["X-Retry-After"]) > 10**8 and h["X-Rate-Limit-Requests-Left"] == "NaN"),
    ],
)
def test_a_429_has_headers_or_none_or_absurd_ones(
    client: httpx.Client, set_faults: Set, way: str, check: Callable[[httpx.Headers], bool]
) -> None:
    set_faults({"match": "GET /v2/*", "kind": "429", "headers": way, "times": 1})

    assert check(client.get(ORDERS).headers)
    assert client.get(ORDERS).status_code == 200


def test_html_comes_with_a_200(client: httpx.Client, set_faults: Set) -> None:
    set_faults({"match": f"GET {PRODUCTS}", "kind": "html"})
    answer = client.get(PRODUCTS)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    assert answer.text.startswith("<!DOCTYPE html>")


def test_an_empty_200_is_not_an_empty_list(client: httpx.Client, set_faults: Set) -> None:
    set_faults({"match": f"GET {PRODUCTS}", "kind": "empty"})
    answer = client.get(PRODUCTS)

    assert (answer.status_code, answer.content) == (200, b"")


def test_a_truncated_answer_declares_more_than_it_sends(client: httpx.Client, set_faults: Set) -> None:
    set_faults({"match": f"GET {PRODUCTS}", "kind": "truncated"})

    with pytest.raises(httpx.RemoteProtocolError, match="incomplete|without sending complete"):
        client.get(PRODUCTS)


def test_cut_json_may_also_come_as_a_whole_answer(client: httpx.Client, set_faults: Set) -> None:
    set_faults({"match": f"GET {PRODUCTS}", "kind": "truncated", "how": "json"})

    with pytest.raises(json.JSONDecodeError):
        client.get(PRODUCTS).json()


@pytest.mark.parametrize("way", NEARLY)
def test_malformed_json_is_nothing_that_a_strict_reader_takes(client: httpx.Client, set_faults: Set, way: str) -> None:
    set_faults({"match": f"GET {PRODUCTS}", "kind": "malformed", "how": way})
    text = client.get(PRODUCTS).text

    def no_constants(name: str) -> float:
        raise ValueError(name)

    def no_giants(digits: str) -> int:
        assert len(digits) < 20, "no id is that large"
        return int(digits)

    def no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len({name for name, _ in pairs}) == len(pairs), "the same name twice"
        return dict(pairs)

    with pytest.raises((ValueError, AssertionError, RecursionError)):
        json.dumps(
            json.loads(text, parse_constant=no_constants, parse_int=no_giants, object_pairs_hook=no_twins),
            ensure_ascii=False,
        ).encode()


def test_an_emptied_catalogue_is_said_in_proper_form(client: httpx.Client, set_faults: Set) -> None:
    set_faults({"match": "GET *", "kind": "empty_catalogue"})
    body = client.get(PRODUCTS).json()

    assert body["data"] == []
    assert (body["meta"]["pagination"]["total"], body["meta"]["pagination"]["count"]) == (0, 0)
    assert client.get(ORDERS).status_code == 204


def test_missing_rows_are_missed_by_nobody(client: httpx.Client, set_faults: Set) -> None:
    whole = client.get(PRODUCTS).json()["data"]
    set_faults({"match": f"GET {PRODUCTS}", "kind": "missing_rows", "count": 3})
    body = client.get(PRODUCTS).json()

    assert len(body["data"]) == len(whole) - 3 == body["meta"]["pagination"]["count"]
    assert all(row in whole for row in body["data"])


@pytest.mark.parametrize(("repeat", "lost", "twice"), [(False, {5}, set()), (True, set(), {4})])
def test_rows_move_between_pages(
    client: httpx.Client, set_faults: Set, repeat: bool, lost: set[int], twice: set[int]
) -> None:
    ids = [row["id"] for row in client.get(PRODUCTS).json()["data"]]
    set_faults({"match": f"GET {PRODUCTS}*", "kind": "shift", "by": 1, "repeat": repeat})
    seen = [r["id"] for page in (1, 2) for r in client.get(PRODUCTS, params={"page": page, "limit": 5}).json()["data"]]

    assert {at for at in range(10 - len(lost) + len(twice) - 1) if ids[at] not in seen} - {9} == lost
    assert {at for at in range(10) if seen.count(ids[at]) == 2} == twice


def test_a_walk_by_id_is_not_hurt_by_moving_rows(client: httpx.Client, set_faults: Set) -> None:
    ids = [row["id"] for row in client.get(PRODUCTS).json()["data"]]
    set_faults({"match": f"GET {PRODUCTS}*", "kind": "shift", "by": 2})
    seen = [0]
    while rows := client.get(PRODUCTS, params={"sort": "id", "limit": 5, "id:greater": seen[-1]}).json()["data"]:
        seen += [row["id"] for row in rows]

    assert seen[1:] == ids


def test_a_drip_takes_its_time(client: httpx.Client, set_faults: Set) -> None:
    set_faults({"match": "GET /v2/time", "kind": "drip", "bytes_per_second": 60})
    began = time.monotonic()
    answer = client.get("/v2/time")

    assert answer.json()["time"] > 0
    assert time.monotonic() - began > 0.2


def test_a_dropped_connection_has_done_nothing(client: httpx.Client, running: Running, set_faults: Set) -> None:
    order_id = client.get(ORDERS, params={"limit": 1}).json()[0]["id"]
    note = {"permission_set": "app_only", "namespace": "ours", "key": "k", "value": "v"}
    set_faults({"match": "POST *", "kind": "drop", "times": 1}, {"match": "POST *", "kind": "drop_after_write"})

    written = []
    for _ in range(2):
        with pytest.raises(httpx.RemoteProtocolError):
            client.post(f"/v3/orders/{order_id}/metafields", json=note)
        found = client.get("/v3/orders/metafields", params={"namespace": "ours"}).json()["data"]
        written.append(len(found))

    assert written == [0, 1]
    assert fired(running) == [1, 1]


def test_a_500_may_hide_a_write_that_was_done(client: httpx.Client, set_faults: Set) -> None:
    order_id = client.get(ORDERS, params={"limit": 1}).json()[0]["id"]
    note = {"permission_set": "app_only", "namespace": "ours", "key": "k", "value": "v"}
    set_faults({"match": "POST *", "kind": "500", "done": True})

    assert client.post(f"/v3/orders/{order_id}/metafields", json=note).status_code == 500
    assert len(client.get("/v3/orders/metafields", params={"namespace": "ours"}).json()["data"]) == 1


@pytest.mark.parametrize("how", ["missing", "null", "type", "text"])
@pytest.mark.parametrize(("path", "field"), [(ORDERS, "status_id"), (PRODUCTS, "id"), (ITEMS, "identity")])
def test_one_record_of_a_page_is_damaged(
    client: httpx.Client, set_faults: Set, path: str, field: str, how: str
) -> None:
    def rows() -> list[dict[str, Any]]:
        body = client.get(path).json()
        return list(body if isinstance(body, list) else body["data"])

    whole = rows()
    set_faults({"match": f"GET {path}", "kind": "bad_record", "field": field, "how": how, "position": 2})
    damaged = rows()

    assert [at for at in range(len(whole)) if whole[at] != damaged[at]] == [2]
    assert damaged[2].get(field) != whole[2][field]


def test_another_store_answers(client: httpx.Client, set_faults: Set) -> None:
    own = client.get("/v2/store").json()
    set_faults({"match": "GET *", "kind": "wrong_store"})

    assert client.get("/v2/store").json()["id"] != own["id"]
    assert client.get("/v2/store").json()["store_id"] != own["store_id"]


def test_a_207_says_that_a_part_failed(client: httpx.Client, set_faults: Set) -> None:
    order_id = client.get(ORDERS, params={"limit": 1}).json()[0]["id"]
    set_faults({"match": "POST /v3/orders/*", "kind": "207"})
    note = {"permission_set": "app_only", "namespace": "ours", "key": "k", "value": "v"}
    answer = client.post(f"/v3/orders/{order_id}/metafields", json=note)

    assert answer.status_code == 207
    assert answer.json()["data"]["key"] == "k"
    assert answer.json()["errors"]


def test_a_redirect_leads_elsewhere(client: httpx.Client, set_faults: Set) -> None:
    set_faults({"match": "GET *", "kind": "redirect", "location": "https://elsewhere.example/x"})
    answer = client.get(ORDERS)

    assert (answer.status_code, answer.headers["Location"]) == (302, "https://elsewhere.example/x")


def test_the_next_page_may_be_this_page_for_ever(client: httpx.Client, set_faults: Set) -> None:
    set_faults({"match": f"GET {PRODUCTS}", "kind": "loop"})
    links = client.get(PRODUCTS, params={"limit": 5, "page": 2}).json()["meta"]["pagination"]["links"]

    assert links["next"] == links["current"]


def test_a_walk_by_id_or_cursor_may_begin_anew_for_ever(client: httpx.Client, set_faults: Set) -> None:
    set_faults({"match": "GET *", "kind": "loop"})
    walks: list[tuple[str, dict[str, Any], str]] = [
        (PRODUCTS, {"limit": 5, "sort": "id"}, "id:greater"),
        (ORDERS, {"limit": 5}, "min_id"),
        (ORDERS, {"limit": 5}, "page"),
        ("/v3/customers", {"limit": 5}, "page"),
    ]
    for path, params, name in walks:
        pages = [client.get(path, params={**params, name: at}).json() for at in (1, 3, 120)]
        assert pages[0] == pages[1] == pages[2] != []
    first = client.get("/v3/customers", params={"limit": 5}).json()
    cursor = first["meta"]["cursor_pagination"]["end_cursor"]
    assert client.get("/v3/customers", params={"limit": 5, "after": cursor}).json()["data"] == first["data"]
    assert client.get("/v2/orders/count", params={"min_id": 10**6}).json()["count"] == 40
    assert client.get(ORDERS, params={"status_id": 99}).status_code == 204


def test_a_fault_begins_late_and_ends(client: httpx.Client, running: Running, set_faults: Set) -> None:
    set_faults({"match": "GET /v2/time", "kind": "503", "after": 2, "times": 2})

    assert [client.get("/v2/time").status_code for _ in range(6)] == [200, 200, 503, 503, 200, 200]
    assert fired(running) == [2]


def test_the_query_can_be_matched_too(client: httpx.Client, set_faults: Set) -> None:
    set_faults({"match": "GET /v2/orders?*page=2*", "kind": "500"})

    assert client.get(ORDERS, params={"page": 1, "limit": 5}).status_code == 200
    assert client.get(ORDERS, params={"page": 2, "limit": 5}).status_code == 500


def test_a_rate_is_drawn_by_the_seed(make: Make) -> None:
    runs = []
    for _ in range(2):
        shop = make()
        shop.practice("faults", {"match": "GET *", "kind": "503", "rate": 0.4})
        runs.append([shop.send("GET", "/v2/time").status for _ in range(60)])

    assert runs[0] == runs[1]
    assert 10 < runs[0].count(503) < 40


def test_faults_end_when_they_are_cleared(client: httpx.Client, running: Running, set_faults: Set) -> None:
    set_faults({"match": "*", "kind": "500"})
    httpx.delete(f"{running.root}/_practice/faults")

    assert client.get("/v2/time").status_code == 200
    assert fired(running) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "earthquake"},
        {"match": "*"},
        "all",
        [{"kind": "500", "times": "two"}],
        {"kind": "500", "tmies": 3},
        {"kind": "500", "after": True},
        {"kind": "malformed", "how": "zz"},
        {"kind": "truncated", "keep": "x"},
        {"kind": "drip", "bytes_per_second": 0},
        {"kind": "500", "rate": "x"},
        {"kind": "500", "rate": None},
        {"kind": "shift", "by": -1},
    ],
)
def test_an_unknown_fault_is_refused_and_the_old_ones_stay(small: Asker, wrong: Any) -> None:
    from sandbox import Request

    small.practice("faults", {"match": "GET /v2/time", "kind": "503"})
    answer = small.shop.handle(Request("POST", "/_practice/faults", "", {}, json.dumps(wrong).encode()))

    assert answer.status == 400
    assert small.send("GET", "/v2/time").status == 503


def test_a_caller_without_a_socket_sees_what_the_wire_would_do(small: Asker) -> None:
    small.practice("faults", {"match": "GET /v2/time", "kind": "truncated"})
    fault = small.send("GET", "/v2/time").fault

    assert fault is not None
    assert (fault.kind, fault.keep) == ("truncate", 9)
