"""Bulk operations: run, polled until they are done, and read as a file of lines."""

import json
from typing import Any

import httpx
import pytest

from sandbox.market import Goods
from tests.sandbox.shopify.conftest import Asker, Make

RUN = """mutation Run($query: String!, $grouped: Boolean!) {
  bulkOperationRunQuery(query: $query, groupObjects: $grouped) {
    bulkOperation { id status url } userErrors { code field message } } }"""
POLL = """query Poll($id: ID!) { node(id: $id) { ... on BulkOperation {
  status errorCode objectCount rootObjectCount fileSize url completedAt } } }"""
ITEMS = """{ inventoryItems { edges { node { id sku inventoryLevels { edges { node {
  location { id } quantities(names: ["available"]) { name quantity } } } } } } } }"""


def run(shopify: Asker, query: str, *, grouped: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = shopify.ask(RUN, query=query, grouped=grouped)["bulkOperationRunQuery"]
    return found


def finish(shopify: Asker, operation: str) -> dict[str, Any]:
    for _ in range(5):
        found: dict[str, Any] = shopify.ask(POLL, id=operation)["node"]
        if found["status"] == "COMPLETED":
            return found
    raise AssertionError(found)


@pytest.mark.parametrize("grouped", [True, False])
def test_rows_of_a_nested_connection_name_their_parent(make: Make, grouped: bool) -> None:
    shopify = make([Goods(f"S-{n}", "Saw", n, 100) for n in range(300)])
    started = run(shopify, ITEMS, grouped=grouped)
    assert (started["bulkOperation"]["status"], started["bulkOperation"]["url"]) == ("CREATED", None)
    done = finish(shopify, started["bulkOperation"]["id"])
    assert (done["objectCount"], done["rootObjectCount"]) == ("600", "300")
    response = httpx.get(done["url"])
    assert len(response.content) == int(done["fileSize"])
    rows = [json.loads(line) for line in response.text.splitlines()]
    parents = [row["id"] for row in rows if "__parentId" not in row]
    seen: set[str] = set()
    for row in rows:
        seen.add(row.get("id", ""))
        assert row.get("__parentId", "") in seen | {""}
    children = [row["__parentId"] for row in rows if "__parentId" in row]
    assert sorted(children) == sorted(parents)
    assert (children == parents) is grouped
    numbers = {row["__parentId"]: row["quantities"][0]["quantity"] for row in rows if "__parentId" in row}
    skus = {row["id"]: row["sku"] for row in rows if "sku" in row}
    assert {skus[item]: n for item, n in numbers.items()} == {f"S-{n}": n for n in range(300)}


def test_a_file_lies_there_for_seven_days(shopify: Asker) -> None:
    done = finish(shopify, run(shopify, ITEMS)["bulkOperation"]["id"])
    clock = shopify.shop.state.clock
    clock.set(clock.now() + 7 * 86_400)
    assert httpx.get(done["url"]).status_code == 200
    clock.set(clock.now() + 1)
    assert httpx.get(done["url"]).status_code == 404


def test_nothing_found_is_no_file(shopify: Asker) -> None:
    done = finish(shopify, run(shopify, '{ orders(query: "id:1") { edges { node { id } } } }')["bulkOperation"]["id"])
    assert (done["objectCount"], done["url"]) == ("0", None)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("{ shop { name } }", "at least one connection"),
        ("{ orders { edges { node { nothing } } } }", "Cannot query field"),
        (
            "{ inventoryItems { edges { node { sku inventoryLevels { edges { node { id } } } } } } }",
            "must select its id",
        ),
        ("{ orders { edges { node ", "Syntax Error"),
        (
            "{ products { edges { node { id variants { edges { node { id inventoryItem {"
            " inventoryLevels { edges { node { id } } } } } } } } } } }",
            "nesting depth",
        ),
    ],
)
def test_a_query_that_cannot_be_run_is_refused(shopify: Asker, query: str, words: str) -> None:
    (error,) = run(shopify, query)["userErrors"]
    assert error["code"] == "INVALID"
    assert words in error["message"]


def test_five_run_at_once_and_one_can_be_cancelled(shopify: Asker) -> None:
    ids = [run(shopify, ITEMS)["bulkOperation"]["id"] for _ in range(5)]
    assert [error["code"] for error in run(shopify, ITEMS)["userErrors"]] == ["LIMIT_REACHED"]
    cancel = "mutation C($id: ID!) { bulkOperationCancel(id: $id) { bulkOperation { status } userErrors { message } } }"
    assert shopify.ask(cancel, id=ids[0])["bulkOperationCancel"]["bulkOperation"] == {"status": "CANCELED"}
    assert run(shopify, ITEMS)["userErrors"] == []
    latest = shopify.ask("{ currentBulkOperation { status } }")["currentBulkOperation"]
    assert latest["status"] == "RUNNING"
