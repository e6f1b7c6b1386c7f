"""A place that speaks in files: what it leaves, how it writes, what it takes, and how it is found half written."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from sandbox import serve
from sandbox.files import Files
from sandbox.market import Goods, MarketConfig

GOODS = [Goods("LAMP", "Lamp, „groß“", 10, 2550), Goods("CUP", "Cup", 4, 900)]


@dataclass
class Caller:
    """Reads and puts files over HTTP."""

    shop: Files
    http: httpx.Client

    def rows(self, name: str = "stock.csv", **style: str) -> list[dict[str, str]]:
        text = self.http.get(f"/out/{name}").content.decode(style.get("encoding", "utf-8"))
        return list(csv.DictReader(io.StringIO(text), delimiter=style.get("delimiter", ",")))

    def numbers(self) -> dict[str, int]:
        return {row["sku"]: row["quantity"] for row in self.http.get("/out/stock.json").json()}

    def put(self, body: str | bytes, name: str = "stock.csv", **headers: str) -> int:
        content = body.encode() if isinstance(body, str) else body
        return self.http.put(f"/in/{name}", content=content, headers=headers).status_code

    def refused(self) -> list[str]:
        state = self.http.get("/_practice/state").json()
        return [one["reason"] for one in state["refused"]]

    def do(self, action: str, **entry: Any) -> dict[str, Any]:
        (told,) = self.shop.act({"action": action, **entry})
        assert "refused" not in told, told
        return told

    def wait(self, seconds: int) -> None:
        self.shop.state.clock.set(self.shop.state.clock.now() + seconds)


Make = Callable[..., Caller]


@pytest.fixture
def make() -> Iterator[Make]:
    """Make a place with two things and no orders, unless said otherwise, and a caller who may come in."""
    with ExitStack() as stack:

        def made(**config: Any) -> Caller:
            shop = Files(MarketConfig(**{"orders": 0, **config}), GOODS)
            running, keys = stack.enter_context(serve(shop)), shop.secrets()
            given: dict[str, Any] = (
                {"headers": {"Authorization": f"Bearer {keys['TOKEN']}"}}
                if "TOKEN" in keys
                else {"auth": (shop.name, keys["PASSWORD"])}
            )
            return Caller(shop, stack.enter_context(httpx.Client(base_url=running.url, **given)))

        yield made


@pytest.fixture
def place(make: Make) -> Caller:
    return make()


def test_stock_and_orders_lie_there_as_csv_and_json(place: Caller) -> None:
    order = place.do("place_order", lines=[{"sku": "LAMP", "quantity": 3}])
    place.do("ship", order_id=order["order_id"], lines=[{"line_id": order["line_ids"][0], "quantity": 1}])
    assert [(row["sku"], row["quantity"], row["reserved"]) for row in place.rows()] == [
        ("CUP", "4", "0"),
        ("LAMP", "7", "2"),
    ]
    (line,) = place.rows("orders.csv")
    told = [line[name] for name in ("sku", "quantity", "shipped", "price", "status")]
    assert told == ["LAMP", "3", "1", "25.5", "partly_shipped"]
    (same,) = place.http.get("/out/orders.json").json()
    assert {name: str(value) for name, value in same.items()} == line
    assert place.http.get("/out/stock.csv").headers["Content-Type"] == "text/csv"


def test_a_warehouse_counts_what_lies_there_and_tells_what_of_it_is_reserved(make: Make) -> None:
    place = make(switches={"counts": "on_hand"})
    place.do("place_order", lines=[{"sku": "LAMP", "quantity": 3}])
    lamp = place.rows()[1]
    assert (lamp["quantity"], lamp["reserved"]) == ("10", "3")


def test_nobody_comes_in_without_what_was_agreed_on(make: Make) -> None:
    for way, other in (("basic", {"Authorization": "Bearer files-token"}), ("token", {"Authorization": "Basic eDp5"})):
        place = make(switches={"auth": way})
        assert place.http.get("/out/stock.csv").status_code == 200
        for headers in ({}, other):
            found = httpx.get(f"{place.http.base_url}out/stock.csv", headers=headers)
            assert found.status_code == 401
            assert found.headers["WWW-Authenticate"].lower().startswith("bearer" if way == "token" else "basic")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_it_writes_and_reads_in_its_own_way(make: Make, encoding: str, delimiter: str) -> None:
    place = make(switches={"encoding": encoding, "delimiter": delimiter, "decimal": ","})
    place.do("place_order", lines=[{"sku": "LAMP", "quantity": 3}])
    raw = place.http.get("/out/stock.csv").content
    assert raw.startswith(b"\xef\xbb\xbf") == (encoding == "utf-8-sig")
    assert place.rows(encoding=encoding, delimiter=delimiter)[1]["title"] == "Lamp, „groß“"
    assert place.rows("orders.csv", encoding=encoding, delimiter=delimiter)[0]["price"] == "25,5"
    assert place.put(f"sku{delimiter}quantity\nLAMP{delimiter}5\n".encode(encoding)) == 201
    assert (place.numbers()["LAMP"], place.refused()) == (5, [])


def test_a_file_in_another_way_than_its_own_comes_to_nothing_and_nobody_is_told(make: Make) -> None:
    place = make(switches={"encoding": "utf-16", "delimiter": ";"})
    assert place.put("sku;quantity\nLAMP;5\n") == 201
    assert place.put("sku,quantity\nLAMP,5\n".encode("utf-16")) == 204
    assert place.numbers()["LAMP"] == 10
    assert len(place.refused()) == 2


def test_a_program_may_change_its_ways(place: Caller) -> None:
    place.do("set_style", delimiter=";", columns={"sku": "Artikel", "quantity": "Bestand"}, line_end="\n")
    assert place.http.get("/out/stock.csv").text.splitlines()[0].startswith("Artikel;title;location;Bestand;")
    assert place.http.get("/out/stock.json").json()[0]["Artikel"] == "CUP"
    place.put("Bestand;Artikel\n8;CUP\n")
    assert place.rows(delimiter=";")[0]["Bestand"] == "8"
    (told,) = place.shop.act({"action": "set_style", "delimiter": "x"})
    assert "cannot be" in told["refused"]


def test_numbers_that_are_put_are_taken_and_bad_rows_left_out(place: Caller) -> None:
    assert place.put("sku,location,quantity\nLAMP,1,3\nCUP,,2\nGONE,1,1\nCUP,1,-4\nCUP,1,2.5\nCUP,9,1\n\n") == 201
    assert place.numbers() == {"LAMP": 3, "CUP": 2}
    assert len(place.refused()) == 4
    assert place.put(json.dumps([{"sku": "LAMP", "quantity": 6}, {"sku": "CUP", "quantity": "7"}]), "stock.json") == 201
    assert place.numbers() == {"LAMP": 6, "CUP": 7}
    assert place.put("\ufeffsku,quantity\nLAMP,9\n") == 204
    assert place.put("\ufeff[]", "stock.json") == 204
    assert (place.numbers()["LAMP"], len(place.refused())) == (9, 4)
    place.put("sku,quantity\nLAMP,6\n")
    for body in ("{", "{}", "[1]"):
        place.put(body, "stock.json")
    assert place.numbers() == {"LAMP": 6, "CUP": 7}
    assert place.put(f"sku,quantity\nLAMP,{'5' * 200_000}\n") == 204
    assert place.numbers() == {"LAMP": 6, "CUP": 7}
    assert place.put("sku,quantity\nLAMP,0\n") == 204
    assert place.numbers()["LAMP"] == 0


def test_a_file_may_be_taken_some_requests_or_minutes_later(make: Make) -> None:
    place = make(switches={"takes": "later"})
    place.put("sku,quantity\nLAMP,3\n")
    seen = [place.numbers()["LAMP"] for _ in range(6)]
    assert (seen[0], seen[-1]) == (10, 3)
    place.put("sku,quantity\nLAMP,4\n")
    assert place.http.get("/_practice/state").json()["own"] == {"waiting": ["stock.csv"]}
    place.wait(600)
    assert place.numbers()["LAMP"] == 4


def test_files_may_be_written_only_every_15_minutes(make: Make) -> None:
    place = make(switches={"exports": "quarter_hour"})
    place.do("place_order", lines=[{"sku": "LAMP", "quantity": 3}])
    assert place.numbers()["LAMP"] == 10
    place.wait(900)
    assert place.numbers()["LAMP"] == 7
    place.do("receive", sku="LAMP", quantity=1)
    place.do("export")
    assert place.numbers()["LAMP"] == 8


def test_the_same_file_is_not_sent_twice(place: Caller) -> None:
    first = place.http.get("/out/stock.csv")
    for headers in ({"If-None-Match": first.headers["ETag"]}, {"If-Modified-Since": first.headers["Last-Modified"]}):
        same = place.http.get("/out/stock.csv", headers=headers)
        assert (same.status_code, same.content) == (304, b"")
    place.wait(60)
    assert place.http.get("/out/stock.csv").headers["Last-Modified"] == first.headers["Last-Modified"]
    place.do("place_order", lines=[{"sku": "LAMP", "quantity": 3}])
    other = place.http.get("/out/stock.csv", headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200
    assert other.headers["ETag"] != first.headers["ETag"]
    assert other.headers["Last-Modified"] != first.headers["Last-Modified"]


@pytest.mark.parametrize(
    ("way", "names"),
    [("etag", {"etag"}), ("last_modified", {"last-modified"}), ("none", set())],
)
def test_a_server_may_know_no_validators_and_then_sends_everything_again(make: Make, way: str, names: set[str]) -> None:
    first = make().http.get("/out/stock.csv").headers
    place = make(switches={"validators": way})
    found = place.http.get("/out/stock.csv")
    assert {"etag", "last-modified"} & set(found.headers) == names
    both = {"If-None-Match": first["ETag"]}, {"If-Modified-Since": first["Last-Modified"]}
    statuses = [place.http.get("/out/stock.csv", headers=one).status_code for one in both]
    assert statuses == [304 if way == "etag" else 200, 304 if way == "last_modified" else 200]


def test_a_reader_comes_while_somebody_writes(place: Caller) -> None:
    whole = place.http.get("/out/stock.csv")
    place.wait(5)
    place.do("half_write", file="stock.csv", keep=60)
    half = place.http.get("/out/stock.csv", headers={"If-None-Match": whole.headers["ETag"]})
    assert (half.status_code, half.content) == (200, whole.content[:60])
    assert half.headers["ETag"] != whole.headers["ETag"]
    assert place.http.get("/out/stock.csv").content == whole.content
    place.do("half_write", file="orders.csv", keep=0, times=2)
    assert [len(place.http.get("/out/orders.csv").content) > 0 for _ in range(3)] == [False, False, True]


def test_a_file_may_be_gone_for_a_while(place: Caller) -> None:
    place.do("remove_file", file="stock.csv")
    assert place.http.get("/out/stock.csv").status_code == 404
    assert place.http.get("/out/stock.json").status_code == 200
    place.do("remove_file", file="stock.csv", gone=False)
    assert place.http.get("/out/stock.csv").status_code == 200


def test_writes_may_be_tied_to_what_lies_there(place: Caller) -> None:
    assert place.http.get("/in/stock.csv").status_code == 404
    assert place.put("sku,quantity\nLAMP,3\n", **{"If-Match": "*"}) == 412
    assert place.put("sku,quantity\nLAMP,3\n", **{"If-None-Match": "*"}) == 201
    tag = place.http.get("/in/stock.csv").headers["ETag"]
    assert place.put("sku,quantity\nLAMP,4\n", **{"If-None-Match": "*"}) == 412
    assert place.put("sku,quantity\nLAMP,5\n", **{"If-Match": tag}) == 204
    assert place.put("sku,quantity\nLAMP,6\n", **{"If-Match": tag}) == 412
    assert place.http.get("/in/stock.csv").text == "sku,quantity\nLAMP,5\n"


def test_what_can_be_done_where(place: Caller) -> None:
    assert place.http.put("/out/stock.csv", content=b"").status_code == 405
    assert place.http.delete("/in/stock.csv").status_code == 405
    assert place.put("x", "orders.csv") == 404
    assert place.http.get("/").status_code == 404
    head = place.http.head("/out/stock.csv")
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["Content-Length"]) == len(place.http.get("/out/stock.csv").content)


def test_faults_strike_files_as_they_strike_other_shops(place: Caller) -> None:
    place.shop.faults.set({"kind": "partly", "match": "PUT *", "every": 2, "times": 1})
    place.put("sku,quantity\nLAMP,3\nCUP,3\n")
    assert place.numbers() == {"LAMP": 3, "CUP": 4}
    place.shop.faults.set({"kind": "lying", "match": "PUT *", "times": 1})
    assert place.put("sku,quantity\nLAMP,9\n") == 204
    assert place.numbers()["LAMP"] == 3
    place.shop.faults.set({"kind": "truncated", "match": "GET /out/*", "times": 1})
    with pytest.raises(httpx.RemoteProtocolError):
        place.http.get("/out/stock.csv")
    place.shop.faults.set({"kind": "zeros", "match": "GET /out/*", "times": 1})
    assert place.numbers() == {"LAMP": 0, "CUP": 0}
    assert place.numbers() == {"LAMP": 3, "CUP": 4}
