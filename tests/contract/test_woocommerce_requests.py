"""What is sent to WooCommerce agrees with what its servers say of their own routes, new ones and old ones."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest

from fillrate.channels.protocol import STOCK, Stream, Write
from tests.channels.practice import Practice, always, pages, records
from tests.channels.woocommerce.practice import refunded, woocommerce
from tests.contract.wiretap import Wiretap

FOLDER = Path(__file__).parents[2].parent / "shared/specs/woocommerce"
EVERYWHERE = {"_fields", "rest_route"}  # WordPress takes these with every route
SIGNED = re.compile("oauth_[a-z_]+")
WHOLE = re.compile("[0-9]+")
BATCH = re.compile("/wc/v3/products(/[0-9]+/variations)?/batch")

needs_specification = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the shop's own index of routes is not beside the repository"
)


@cache
def routes(version: str) -> dict[str, Any]:
    return dict(json.loads((FOLDER / f"wc-v3-index-{version}.json").read_text("utf-8"))["routes"])


def asked_of(request: httpx.Request) -> tuple[str, dict[str, str]]:
    """Return the route of a request and its own parameters."""
    params = dict(request.url.params)
    route = params.get("rest_route") or request.url.path.partition("/wp-json")[2]
    return route, {key: one for key, one in params.items() if key not in EVERYWHERE and not SIGNED.fullmatch(key)}


def arguments(version: str, route: str, method: str) -> dict[str, Any] | None:
    """Return what a route takes by a method, None where there is no such route."""
    for pattern, told in routes(version).items():
        if re.fullmatch(pattern, route):
            return next((one["args"] for one in told["endpoints"] if method in one["methods"]), None)
    return None


def value_of(text: str, schema: dict[str, Any]) -> Any:
    """Return a parameter as the server reads it."""
    kind = schema.get("type")
    if kind == "array":
        return [value_of(one, schema.get("items", {})) for one in text.split(",")]
    if kind == "integer" and WHOLE.fullmatch(text):
        return int(text)
    return text == "true" if kind == "boolean" and text in {"true", "false"} else text


def do_everything(side: Practice) -> None:
    side.channel.store()
    side.channel.time()
    side.channel.probe()
    since = side.channel.time()
    for stream in side.channel.capabilities().streams:
        pages(side.channel, stream)
        pages(side.channel, stream, since=since)
        if stream in side.channel.capabilities().by_id:
            pages(side.channel, stream, ids=(*sorted(records(side.channel, stream))[:9], "987654"))
    items = records(side.channel, Stream.STOCK).values()
    levels = [level for item in items for level in item.levels]  # type: ignore[attr-defined]
    side.channel.write(
        [
            Write(kind=STOCK, target=one.target, before={"quantity": one.shown}, after={"quantity": 4}, key="k")
            for one in levels
        ],
        always,
    )
    side.channel.read_back(STOCK, [one.target for one in levels])


@needs_specification
@pytest.mark.parametrize(("version", "permalinks"), [("11.0.1", "pretty"), ("7.9.0", "plain")])
def test_every_request_is_one_that_the_server_knows(version: str, permalinks: str) -> None:
    tap = Wiretap()
    with woocommerce({"version": version, "permalinks": permalinks}, transport=tap) as side:
        do_everything(refunded(side))

    batches = 0
    for request in tap.sent:
        route, params = asked_of(request)
        if route in {"", "/"} or (route == "/wc/v3/variations" and version == "7.9.0"):
            continue  # WordPress itself; or the question that finds out how old the shop is
        known = arguments(version, route, request.method)
        assert known is not None, (request.method, route)
        assert set(params) <= set(known), route
        for name, text in params.items():
            schema = {
                key: one for key, one in known[name].items() if key in {"type", "enum", "items", "minimum", "maximum"}
            }
            jsonschema.validate(value_of(text, schema), schema)
        if BATCH.fullmatch(route):
            batches += 1
            check_batch(json.loads(request.content), known)
    assert batches > 1


def check_batch(body: dict[str, Any], known: dict[str, Any]) -> None:
    """A batch is not checked by the server at all, so that it is here: row by row, as a single write would be."""
    assert set(body) == {"update"}
    assert len(body["update"]) <= 100
    for row in body["update"]:
        assert set(row) == {"id", "stock_quantity"}
        assert isinstance(row["id"], int)
        assert known["stock_quantity"]["type"] == "integer"
        assert type(row["stock_quantity"]) is int
