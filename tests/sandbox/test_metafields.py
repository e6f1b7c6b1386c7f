"""Order metafields: written singly and in batches, read by filters, unique, limited, and some of another app."""

from typing import Any

import pytest

from tests.sandbox.conftest import Asker, Make


def note(key: str = "state", **other: Any) -> dict[str, Any]:
    return {"permission_set": "app_only", "namespace": "ours", "key": key, "value": "{}", **other}


def ours(shop: Asker, path: str = "/v3/orders/metafields", **params: Any) -> list[dict[str, Any]]:
    return shop.data(path, namespace="ours", limit=250, **params)


@pytest.fixture
def order_id(small: Asker) -> int:
    return small.shop.state.orders.ids[-1]


def test_a_metafield_can_be_created_changed_read_and_deleted(small: Asker, order_id: int) -> None:
    base = f"/v3/orders/{order_id}/metafields"

    made = small.send("POST", base, note()).json()["data"]
    small.practice("clock", {"advance_seconds": 60})
    changed = small.send("PUT", f"{base}/{made['id']}", {"value": "[1]"}).json()["data"]

    assert (changed["value"], changed["key"], changed["resource_id"]) == ("[1]", "state", order_id)
    assert changed["date_modified"] > changed["date_created"] == made["date_created"]
    assert small.get(f"{base}/{made['id']}")["data"] == changed
    assert small.send("DELETE", f"{base}/{made['id']}").status == 204
    assert ours(small, base) == []


def test_a_batch_does_every_entry_by_itself(small: Asker, order_id: int) -> None:
    entries = [note("a", resource_id=order_id), note("a", resource_id=order_id), note("b", resource_id=10**8)]

    response = small.send("POST", "/v3/orders/metafields", [*entries, note("c", resource_id=order_id)])

    body = response.json()
    assert response.status == 422
    assert [row["key"] for row in body["data"]] == ["a", "c"]
    assert set(body["errors"][0]["errors"]) == {"1", "2"}
    assert body["meta"] == {"total": 4, "success": 2, "failed": 2}


def test_batches_change_and_delete_by_id(small: Asker, order_id: int) -> None:
    made = small.send("POST", "/v3/orders/metafields", [note(k, resource_id=order_id) for k in "abc"]).json()["data"]
    ids = [row["id"] for row in made]

    changed = small.send("PUT", "/v3/orders/metafields", [{"id": i, "value": str(i)} for i in ids])
    deleted = small.send("DELETE", "/v3/orders/metafields", ids[:2])

    assert [row["value"] for row in changed.json()["data"]] == [str(i) for i in ids]
    assert (deleted.status, deleted.json()["data"]) == (200, ids[:2])
    assert [row["id"] for row in ours(small)] == ids[2:]


@pytest.mark.parametrize("most", [10, 50])
def test_a_batch_above_the_limit_is_refused_whole(make: Make, most: int) -> None:
    shop = make(switches={"metafield_batch_max": most})
    order_id = shop.shop.state.orders.ids[0]

    def send(count: int) -> int:
        entries = [note(f"k{count}-{n}", resource_id=order_id) for n in range(count)]
        return shop.send("POST", "/v3/orders/metafields", entries).status

    assert (send(most), send(most + 1)) == (200, 413)
    assert len(ours(shop)) == most


def test_namespace_and_key_are_unique_for_an_order(small: Asker, order_id: int) -> None:
    base = f"/v3/orders/{order_id}/metafields"
    small.send("POST", base, note("a"))
    other = small.send("POST", base, note("b")).json()["data"]

    assert small.send("POST", base, note("a")).status == 409
    assert small.send("PUT", f"{base}/{other['id']}", {"key": "a"}).status == 409
    assert small.send("POST", f"/v3/orders/{order_id - 1}/metafields", note("a")).status == 200


def test_an_order_holds_only_so_many(make: Make) -> None:
    shop = make(switches={"metafields_per_order": 50})
    base = f"/v3/orders/{shop.shop.state.orders.ids[0]}/metafields"

    assert {shop.send("POST", base, note(f"k{n}")).status for n in range(50)} == {200}
    assert shop.send("POST", base, note("one more")).status == 422


@pytest.mark.parametrize(
    "body",
    [
        {},
        note(value=1),
        note(value="x" * 65_536),
        note("k" * 65),
        note(permission_set="everybody"),
        note(namespace=""),
        [note()],
        {**note(), "key": None},
    ],
    ids=["nothing", "number", "long value", "long key", "permission", "empty namespace", "array", "null"],
)
def test_a_wrong_metafield_is_refused(small: Asker, order_id: int, body: Any) -> None:
    assert small.send("POST", f"/v3/orders/{order_id}/metafields", body).status == 422
    assert ours(small) == []


def test_broken_json_is_a_400(small: Asker, order_id: int) -> None:
    from sandbox import Request

    token = {"X-Auth-Token": small.shop.config.token}
    path = f"/stores/practice/v3/orders/{order_id}/metafields"

    assert small.shop.handle(Request("POST", path, "", token, b"{")).status == 400


def test_metafields_of_another_app_can_be_read_and_not_changed(small: Asker) -> None:
    foreign = small.data("/v3/orders/metafields", namespace="gifts")[0]
    path = f"/v3/orders/{foreign['resource_id']}/metafields/{foreign['id']}"

    assert small.get(path)["data"] == foreign
    assert small.send("PUT", path, {"value": "no"}).status == 403
    assert small.send("DELETE", path).status == 403


def test_metafields_are_found_by_key_namespace_and_change(small: Asker, order_id: int) -> None:
    base = f"/v3/orders/{order_id}/metafields"
    for key in ("a", "b", "c"):
        small.practice("clock", {"advance_seconds": 100})
        small.send("POST", base, note(key))
    second = ours(small, base)[1]

    assert [row["key"] for row in ours(small, key="b")] == ["b"]
    assert [row["key"] for row in ours(small, **{"key:in": "a,c"})] == ["a", "c"]
    assert [row["key"] for row in ours(small, **{"date_modified:min": second["date_modified"]})] == ["b", "c"]
    assert [row["key"] for row in ours(small, direction="desc")] == ["c", "b", "a"]


def test_metafields_can_be_walked_by_cursor(small: Asker, order_id: int) -> None:
    base = f"/v3/orders/{order_id}/metafields"
    for n in range(7):
        small.send("POST", base, note(str(n)))
    keys: list[str] = []
    after: dict[str, Any] = {}
    while True:
        body = small.get(base, limit=3, namespace="ours", **after)
        keys += [row["key"] for row in body["data"]]
        if "next" not in body["meta"]["cursor_pagination"]["links"]:
            break
        after = {"after": body["meta"]["cursor_pagination"]["end_cursor"]}

    assert keys == [str(n) for n in range(7)]
