"""What is sent to a shop to tell it something agrees with the official specification, name by name."""

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.api.routes import template_of
from tests.malice.test_told import KINDS
from tests.sandbox.specification import need_specification, request_schema, undocumented, violations
from tests.simulation.world import fresh
from tests.steps.telling import Told

FILES = {
    "/v2/orders/{id}": "orders.v2.oas2.yml",
    "/v3/catalog/products": "catalog/products_catalog.v3.yml",
    "/v3/inventory/locations/{id}/items": "inventory.v3.yml",
    "/v3/catalog/variants": "catalog/product-variants_catalog.v3.yml",
}

BETA = {"/settings/*/backorder_limit"}  # told by the guide to native backorders; no released document has it yet


@pytest.mark.parametrize("name", list(KINDS))
def test_what_a_shop_is_told_agrees_with_the_specification(name: str, tmp_path: Path, sqlite_template: Path) -> None:
    need_specification()
    told = Told.begin(fresh(tmp_path, sqlite_template, "told"), tmp_path, **KINDS[name].asked)
    told.order(5)
    KINDS[name].needs(told)
    told.day()

    sent = bodies(told, KINDS[name].write)

    assert KINDS[name].holds(told)
    method, _, path = KINDS[name].write.partition(" ")
    schema = request_schema(FILES[path], path[3:], method.lower())  # the documents leave the version out
    assert sent
    assert [violations(FILES[path], schema, body) for body in sent] == [[]] * len(sent)
    assert [undocumented(FILES[path], schema, body) - BETA for body in sent] == [set()] * len(sent)


def bodies(told: Told, write: str) -> list[Any]:
    """Return the bodies of all requests of a kind."""
    every = told.world.practice("requests?bodies=1", method="GET")["writes"]
    found = [one for one in every if f"{one['method']} {template_of(one['path'])[0]}" == write]
    return [json.loads(one["body"]) if isinstance(one["body"], str) else one["body"] for one in found]
