"""What Amazon says, and does not say, of its own warehouses."""

import json
import random
from typing import Any

import pytest

from fillrate.channels.amazon.fba import fulfillable
from fillrate.channels.amazon.store import Account
from fillrate.errors import BadAnswer
from fillrate.gateway.auth import Headers
from fillrate.gateway.budget import Budget, LocalTokens
from fillrate.gateway.http import Http
from fillrate.gateway.outside import Outside
from tests.channels.practice import Hurried
from tests.gateway.scripted import answer, serving


def page(*told: tuple[str, Any], token: str | None = None) -> bytes:
    rows = [{"sellerSku": sku, "inventoryDetails": details} for sku, details in told]
    body: dict[str, Any] = {"payload": {"granularity": {}, "inventorySummaries": rows}}
    return json.dumps({**body, **({"pagination": {"nextToken": token}} if token else {})}).encode()


def asked(skus: list[str], *bodies: bytes) -> tuple[dict[str, int], list[str]]:
    outside = Outside(clock=Hurried(), chance=random.Random(1))
    with serving(*[answer(body=one) for one in bodies]) as script:
        http = Http(script.url, Headers({}), outside, Budget(LocalTokens(outside.clock), outside))
        try:
            return fulfillable(Account(http, "SELLER", "M"), skus), [one.path for one in script.seen]
        finally:
            http.close()


def test_what_amazon_does_not_speak_of_it_has_none_of_and_what_it_tells_no_number_of_is_left_out() -> None:
    found, _ = asked(
        ["A", "B", "C"], page(("A", {"fulfillableQuantity": 4}), ("B", {}), ("X", {"fulfillableQuantity": 1}))
    )

    assert found == {"A": 4, "C": 0}


def test_an_answer_is_read_to_its_end_and_not_in_a_circle() -> None:
    found, paths = asked(
        ["A", "B"], page(("A", {"fulfillableQuantity": 4}), token="t"), page(("B", {"fulfillableQuantity": 5}))
    )
    assert found == {"A": 4, "B": 5}
    assert "nextToken=t" in paths[1]

    with pytest.raises(BadAnswer, match="circle"):
        asked(["A"], page(token="t"))


def test_fifty_are_asked_for_at_once_and_one_with_a_comma_alone() -> None:
    skus = [f"S{n}" for n in range(60)] + ["A,B"]

    found, paths = asked(skus, page())

    assert found == dict.fromkeys(skus, 0)
    assert [path.count("%2C") for path in paths] == [49, 9, 1]
    assert "sellerSku=A%2CB" in paths[2]
