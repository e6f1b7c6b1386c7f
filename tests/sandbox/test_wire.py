"""What is said on the wire beside JSON: chunks, gzip, versions, dates, the case of names."""

import gzip
import json
import socket
from collections.abc import Iterator

import httpx
import pytest

from sandbox import Running
from tests.sandbox.conftest import Asker


def said(running: Running, *lines: str, body: bytes = b"") -> bytes:
    """What the server says until it hangs up."""
    head = "\r\n".join([*lines, f"X-Auth-Token: {running.token}", "", ""]).encode()
    with socket.create_connection(("127.0.0.1", running.port), timeout=5) as wire:
        wire.sendall(head + body)
        return b"".join(iter(lambda: wire.recv(65_536), b""))


def test_a_body_may_come_in_chunks(running: Running, client: httpx.Client) -> None:
    order_id = running.shop.state.orders.ids[0]
    note = json.dumps({"permission_set": "app_only", "namespace": "ours", "key": "k", "value": "v"}).encode()

    def parts() -> Iterator[bytes]:
        yield note[:7]
        yield note[7:]

    answers = [client.post(f"/v3/orders/{order_id}/metafields", content=parts()).status_code for _ in range(2)]

    assert answers == [200, 409]


@pytest.mark.parametrize("chunks", [b"zz\r\n", b"-5\r\nabc\r\n", b"\r\n", b"fffffffffff\r\nx"])
def test_chunks_that_are_none_are_refused(running: Running, chunks: bytes) -> None:
    lines = ("POST /_practice/shop HTTP/1.1", "Transfer-Encoding: chunked")

    assert said(running, *lines, body=chunks).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize("lines", [["GET /v2/time HTTP/1.0"], ["GET /v2/time HTTP/1.1", "Connection: close"]])
def test_a_connection_ends_where_its_caller_means_it_to(running: Running, lines: list[str]) -> None:
    assert b"close" in said(running, *lines).lower()


def test_whoever_takes_gzip_gets_large_answers_in_it(client: httpx.Client) -> None:
    plain = client.get("/v3/catalog/products", headers={"Accept-Encoding": "identity"})
    packed = client.get("/v3/catalog/products", headers={"Accept-Encoding": "br, gzip;q=0.8"})
    small = client.get("/v2/time", headers={"Accept-Encoding": "gzip"})

    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) * 3 < int(plain.headers["Content-Length"])
    assert packed.json() == plain.json()
    assert not {"Content-Encoding"} & {*plain.headers, *small.headers}


def test_a_small_answer_may_unfold_to_a_large_one(small: Asker) -> None:
    small.practice("faults", {"match": "GET /v2/orders*", "kind": "bomb", "mib": 20})
    answer = small.send("GET", "/v2/orders")

    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.body) < 100_000
    unfolded = gzip.decompress(answer.body)
    assert len(unfolded) > 20 * 2**20
    assert json.loads(unfolded) == []


def test_answers_are_dated_by_the_shops_clock_and_names_come_in_any_case(
    running: Running, client: httpx.Client
) -> None:
    httpx.post(f"{running.root}/_practice/clock", json={"set": "2031-02-03T04:05:06Z"})
    answers = [client.get("/v2/time") for _ in range(3)]
    names = {name for answer in answers for name, _ in answer.headers.raw if name.lower() == b"date"}

    assert {answer.headers["Date"] for answer in answers} == {"Mon, 03 Feb 2031 04:05:06 GMT"}
    assert names == {b"Date", b"date", b"DATE"}


def test_the_truth_tells_every_moment_in_the_same_way(small: Asker) -> None:
    small.do("set_status", order_id=small.shop.state.orders.ids[-1], status=12)
    truth = small.truth()

    assert all(moment.endswith("Z") for moment in (group["created"] for group in truth["groups"]))
    assert [message["at"] for message in truth["messages"]] == [truth["clock"]["now"]]
