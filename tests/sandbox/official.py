"""The official files of eBay and Amazon, where they lie beside the repository, as schemas for real requests and answers.

A file is named as seen from the folder of BigCommerce's: `../ebay/sell_inventory_v1_oas3.json`. Both OpenAPI 3 and
Swagger 2 are read.
"""

import re
from typing import Any

import pytest

from tests.sandbox.specification import FOLDER, load, resolved, undocumented, violations


def need(name: str) -> None:
    if not (FOLDER / name).is_file():
        pytest.skip("the official API specifications are not present beside the repository")


def operation(name: str, path: str, method: str) -> dict[str, Any]:
    """The operation of a path, whatever its parameters are called."""
    bare = re.sub(r"\{\w+\}", "{}", path)
    paths = load(name)["paths"]
    found: dict[str, Any] = next(ops for known, ops in paths.items() if re.sub(r"\{\w+\}", "{}", known) == bare)[method]
    return found


def answer_complaints(name: str, path: str, method: str, status: int, body: Any) -> list[str]:
    """What is wrong with an answer: types that are not as specified, and names that the specification does not know."""
    response = resolved(load(name), operation(name, path, method)["responses"][str(status)])
    schema = response["schema"] if "schema" in response else next(iter(response["content"].values()))["schema"]
    return [*violations(name, schema, body), *sorted(undocumented(name, schema, body))]


def request_complaints(name: str, path: str, method: str, body: Any) -> list[str]:
    """What is wrong with the body of a request."""
    known = operation(name, path, method)
    if "requestBody" in known:
        schema = next(iter(resolved(load(name), known["requestBody"])["content"].values()))["schema"]
    else:
        schema = next(one["schema"] for one in known["parameters"] if one.get("in") == "body")
    return [*violations(name, schema, body), *sorted(undocumented(name, schema, body))]


def query_names(name: str, path: str, method: str = "get") -> set[str]:
    """The documented query parameters of an operation."""
    listed = (resolved(load(name), one) for one in operation(name, path, method).get("parameters", []))
    return {one["name"] for one in listed if one["in"] == "query"}
