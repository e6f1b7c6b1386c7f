"""Whatever is asked, somebody answers: no request of a caller brings down a connection or the clock."""

import json
from typing import Any

import httpx
import pytest

from sandbox import Request, Running
from tests.sandbox.conftest import Asker

DEEP = b"[" * 100_000


@pytest.mark.parametrize("bound", ["inf", "-inf", "1e400", "nan", "many"])
def test_a_total_that_is_no_amount_is_refused(small: Asker, bound: str) -> None:
    assert small.send("GET", "/v2/orders", min_total=bound).status == 400


def test_json_that_nests_beyond_reason_is_no_json(small: Asker, running: Running, client: httpx.Client) -> None:
    order_id = client.get("/v2/orders", params={"limit": 1}).json()[0]["id"]

    assert client.post(f"/v3/orders/{order_id}/metafields", content=DEEP).status_code == 400
    assert httpx.post(f"{running.root}/_practice/shop", content=DEEP).status_code == 400


@pytest.mark.parametrize(
    "wanted",
    [{"advance_seconds": 10**15}, {"advance_seconds": -(10**10)}, {"set": "9999-12-31"}, {"set": 5}, [], 7, None],
    ids=str,
)
def test_the_clock_stays_within_a_hundred_years(small: Asker, wanted: Any) -> None:
    before = small.get("/v2/time")
    answer = small.shop.handle(Request("POST", "/_practice/clock", body=json.dumps(wanted).encode()))

    assert answer.status == 400
    assert small.get("/v2/time") == before
    assert small.get("/v2/store")


def test_a_defect_of_the_shop_is_a_500_that_is_counted_and_told(
    running: Running, client: httpx.Client, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sandbox.shop.template_of", lambda _: 1 / 0)
    answers = [client.get("/v2/store").status_code for _ in range(2)]

    assert answers == [500, 500]
    assert httpx.get(f"{running.root}/_practice/requests").json() == {"GET /v2/store": 2}
    assert "ZeroDivisionError" in capsys.readouterr().err
