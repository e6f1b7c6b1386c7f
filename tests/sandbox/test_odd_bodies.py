"""A body that holds anything at any place is refused or taken, and never brings the shop down."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from tests.sandbox.conftest import Make
from tests.sandbox.test_specification import WRITES, ids_to_write, with_ids

ODD = (None, True, -1, 2**63, 1.5, "x", "9999-12-31T23:59:59+00:00", [1], {"id": 1})
GOOD = [write for write in WRITES if write[-1] < 207]


def places(body: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where in a body something stands."""
    yield at
    for key in body if isinstance(body, dict) else range(len(body)) if isinstance(body, list) else ():
        yield from places(body[key], (*at, key))


def changed(body: Any, at: tuple[Any, ...], value: Any) -> Any:
    """A body with another value at one place."""
    if not at:
        return value
    body = deepcopy(body)
    part = body
    for key in at[:-1]:
        part = part[key]
    part[at[-1]] = value
    return body


@pytest.mark.parametrize("native", [True, False])
def test_a_body_that_holds_anything_anywhere_never_brings_the_shop_down(make: Make, native: bool) -> None:
    shop = make(products=40, orders=80, switches={"backorders": native})
    ids = ids_to_write(shop)
    native_settings = {"settings": [{"identity": {"product_id": "lamp"}, "backorder_message_id": 2}]}
    by_setting = ("inventory.v3.yml", "/v3/inventory/locations/{one}/items", "put", native_settings, 200)
    everything = {"availability": "preorder", "preorder_release_date": "2026-01-01", "categories": [1], "sku": "L"}
    by_field = ("", "/v3/catalog/products/{lamp}", "put", everything, 200)
    of_variant = (
        "",
        "/v3/catalog/variants",
        "put",
        [{"id": "small", "inventory_level": 1, "sku": "S", "price": 1}],
        200,
    )

    for _, path, method, wanted, _ in (*GOOD, by_setting, by_field, of_variant):
        body = with_ids(wanted, ids)
        for at in places(body):
            for value in ODD:
                response = shop.send(method.upper(), path.format(**ids), changed(body, at, value))
                assert response.status < 500, (method, path, at, value)

    for path in ("/v2/orders", "/v3/catalog/products", "/v3/catalog/variants", "/v3/inventory/items"):
        assert shop.send("GET", path, limit=250).status == 200
