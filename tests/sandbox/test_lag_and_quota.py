"""Reads that lag behind writes, and the quota with its headers."""

from email.utils import parsedate_to_datetime
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox import Shop, ShopConfig
from tests.sandbox.conftest import Asker, Make


def names(shop: Asker) -> list[str]:
    return [row["name"] for row in shop.data("/v3/catalog/products")]


def test_reads_after_a_write_show_the_old_value_so_many_times(make: Make) -> None:
    shop = make(read_lag_requests=2)
    before = names(shop)
    shop.do("rename_product", product_id=shop.shop.state.products.ids[0], to="New name")

    assert names(shop) == before
    assert names(shop) == before
    assert names(shop) == ["New name", *before[1:]]


def test_a_new_order_appears_and_a_deleted_one_vanishes_late(make: Make) -> None:
    shop = make(read_lag_requests=1)
    gone = shop.shop.state.orders.ids[0]
    made = shop.do("place_order", lines=[{"product_id": shop.shop.state.products.ids[0], "quantity": 1}])["order_id"]
    shop.do("delete_order", order_id=gone)

    seen = [[order["id"] for order in shop.get("/v2/orders", limit=250)] for _ in range(2)]

    assert (gone in seen[0], made in seen[0]) == (True, False)
    assert (gone in seen[1], made in seen[1]) == (False, True)


def test_a_filter_by_change_is_late_too(make: Make) -> None:
    shop = make(read_lag_requests=1)
    shop.practice("clock", {"advance_seconds": 3600})
    now = shop.practice("clock", method="GET")["now"]
    shop.do("set_status", order_id=shop.shop.state.orders.ids[5], status=12)

    found = [shop.get("/v2/orders", min_date_modified=now) for _ in range(2)]

    assert found[0] is None
    assert [order["status_id"] for order in found[1]] == [12]


def test_only_reads_of_the_same_collection_end_the_lag(make: Make) -> None:
    shop = make(read_lag_requests=1)
    order_id = shop.shop.state.orders.ids[-1]
    note = {"permission_set": "app_only", "namespace": "ours", "key": "k", "value": "v"}
    shop.send("POST", f"/v3/orders/{order_id}/metafields", note)
    shop.get("/v2/orders")

    seen = [len(shop.data("/v3/orders/metafields", namespace="ours")) for _ in range(2)]

    assert seen == [0, 1]


def test_what_readers_see_is_worked_out_once_for_each_change(make: Make) -> None:
    shop = make(read_lag_requests=3)
    table = shop.shop.state.orders
    shop.do("set_status", order_id=table.ids[5], status=12)
    first = table.read()
    shop.get("/v2/orders")
    same = table.read()
    shop.do("set_status", order_id=table.ids[6], status=12)

    assert same is first
    assert table.read() is not first


@given(seed=st.integers(0, 10**6), lag=st.sampled_from([0, 5]))
@settings(max_examples=60, deadline=None)
def test_a_window_holds_exactly_what_was_changed_in_it(seed: int, lag: int) -> None:
    chance = Random(seed)
    shop = Asker(Shop(ShopConfig(seed=seed % 7, products=8, customers=4, orders=60, read_lag_requests=lag)))
    seen = shop.get("/v2/orders", limit=250)
    shop.practice("clock", {"advance_seconds": 600})
    for order_id in chance.sample(shop.shop.state.orders.ids, 4):
        shop.practice("shop", {"action": chance.choice(["archive_order", "delete_order"]), "order_id": order_id})
    seen = seen if lag else shop.get("/v2/orders", limit=250)
    changed = {row["id"]: parsedate_to_datetime(row["date_modified"]) for row in seen}
    low, high = sorted(chance.choice(list(changed.values())) for _ in range(2))
    least = chance.choice([0, chance.choice(list(changed))])
    params = {"min_date_modified": low.isoformat(), "max_date_modified": high.isoformat(), "min_id": least}
    if chance.random() < 0.3:
        del params["max_date_modified"]
        high = max(changed.values())

    wanted = [row_id for row_id, when in changed.items() if low <= when <= high and row_id >= least]
    found = {sort: shop.get("/v2/orders", limit=250, sort=sort, **params) or [] for sort in ("id", "date_modified:asc")}

    assert [row["id"] for row in found["id"]] == wanted
    assert [row["id"] for row in found["date_modified:asc"]] == sorted(wanted, key=lambda i: (changed[i], i))


def left(headers: dict[str, str]) -> int:
    return int(headers["X-Rate-Limit-Requests-Left"])


def test_every_answer_tells_the_quota(make: Make) -> None:
    shop = make(quota="standard", quota_clock="shop")
    first, second = (shop.send("GET", "/v2/time").headers for _ in range(2))

    assert (first["X-Rate-Limit-Requests-Quota"], first["X-Rate-Limit-Time-Window-Ms"]) == ("150", "30000")
    assert left(first) - left(second) == 1


def test_an_unlimited_store_never_runs_out(small: Asker) -> None:
    assert {small.send("GET", "/v2/time").status for _ in range(500)} == {200}


@pytest.mark.parametrize(("quota", "allowed"), [("standard", 150), ("pro", 450)])
def test_beyond_the_quota_comes_a_429_until_the_window_ends(make: Make, quota: str, allowed: int) -> None:
    shop = make(quota=quota, quota_clock="shop")
    shop.practice("clock", {"set": "2026-06-01T00:00:00Z"})

    answers = [shop.send("GET", "/v2/time") for _ in range(allowed + 1)]
    refused = answers[-1]
    shop.practice("clock", {"advance_seconds": int(refused.headers["X-Rate-Limit-Time-Reset-Ms"]) // 1000})

    assert [answer.status for answer in answers] == [200] * allowed + [429]
    assert refused.headers["X-Retry-After"] == "30"
    assert shop.send("GET", "/v2/time").status == 200


def test_a_rival_app_eats_its_share_evenly(make: Make) -> None:
    shop = make(quota="standard", quota_clock="shop", rival_requests=120)
    shop.practice("clock", {"set": "2026-06-01T00:00:00Z"})
    at_first = left(shop.send("GET", "/v2/time").headers)
    shop.practice("clock", {"advance_seconds": 15})
    later = left(shop.send("GET", "/v2/time").headers)

    assert (at_first, later) == (149, 88)


@pytest.mark.parametrize(
    ("switch", "names"), [("x", {"X-Retry-After"}), ("none", set()), ("both", {"X-Retry-After", "Retry-After"})]
)
def test_how_a_429_says_when_to_come_back_is_a_switch(make: Make, switch: str, names: set[str]) -> None:
    shop = make(quota="standard", quota_clock="shop", rival_requests=150, switches={"retry_after": switch})
    shop.practice("clock", {"set": "2026-06-01T00:00:29Z"})
    answers = [shop.send("GET", "/v3/catalog/brands") for _ in range(20)]
    body: dict[str, Any] = answers[-1].json()

    assert {name for name in answers[-1].headers if "Retry" in name} == names
    assert (body["status"], body["title"], body["errors"]) == (429, "Too many requests", {})
