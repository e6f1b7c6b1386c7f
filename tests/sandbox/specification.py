"""Reads the official OpenAPI files, where they lie beside the repository, as schemas for real answers."""

import re
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

FOLDER = Path(__file__).parents[2].parent / "shared/specs/bigcommerce"
COMBINED = ("allOf", "oneOf", "anyOf")


def need_specification() -> None:
    if not FOLDER.is_dir():
        pytest.skip("the official API specifications are not present beside the repository")


@cache
def load(name: str) -> dict[str, Any]:
    document = yaml.load((FOLDER / name).read_text("utf-8"), Loader=yaml.CSafeLoader)
    as_json_schema(document)
    return dict(document)


def as_json_schema(node: Any) -> None:
    """Turn OpenAPI 3.0 into JSON Schema: null, `required`, and alternatives that overlap (so that one is never "just one")."""
    if isinstance(node, list):
        for part in node:
            as_json_schema(part)
    if not isinstance(node, dict):
        return
    if node.get("nullable") is True or node.get("x-nullable") is True:
        node["type"] = [node["type"], "null"] if isinstance(node.get("type"), str) else node.get("type")
    if "required" in node and not isinstance(node["required"], list):
        del node["required"]
    if "oneOf" in node:
        node["anyOf"] = node.pop("oneOf")
    for key in ("example", "examples", "x-examples", "default"):
        node.pop(key, None)
    for part in node.values():
        as_json_schema(part)


def resolved(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        found: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        node = found
    return node


def answer_schema(name: str, path: str, method: str, status: int) -> dict[str, Any]:
    """The schema of an answer; the names of path parameters do not matter."""
    document = load(name)
    bare = re.sub(r"\{\w+\}", "{id}", path)
    operations = next(ops for known, ops in document["paths"].items() if re.sub(r"\{\w+\}", "{id}", known) == bare)
    response = resolved(document, operations[method]["responses"][str(status)])
    content = response["content"]
    found: dict[str, Any] = next(iter(content.values()))["schema"]
    return found


def request_schema(name: str, path: str, method: str) -> dict[str, Any]:
    """The schema of a request's body."""
    document = load(name)
    bare = re.sub(r"\{\w+\}", "{id}", path)
    operations = next(ops for known, ops in document["paths"].items() if re.sub(r"\{\w+\}", "{id}", known) == bare)
    content = resolved(document, operations[method]["requestBody"])["content"]
    found: dict[str, Any] = next(iter(content.values()))["schema"]
    return found


def query_parameters(name: str, path: str) -> dict[str, str]:
    """The documented query parameters of a GET endpoint, each with a value that it must take."""
    document = load(name)
    bare = re.sub(r"\{\w+\}", "{id}", path)
    item = next(ops for known, ops in document["paths"].items() if re.sub(r"\{\w+\}", "{id}", known) == bare)
    listed = [resolved(document, p) for p in (*item.get("parameters", []), *item["get"].get("parameters", []))]
    return {p["name"]: sample(document, p) for p in listed if p["in"] == "query"}


def sample(document: dict[str, Any], parameter: dict[str, Any]) -> str:
    schema = resolved(document, parameter.get("schema") or parameter)
    schema = resolved(document, schema.get("items") or schema)
    if "enum" in schema:
        return str(schema["enum"][0])
    if "date" in parameter["name"] or parameter["name"].startswith("created"):
        return "2026-01-01T00:00:00Z"
    return {"integer": "1", "number": "1", "boolean": "true"}.get(str(schema.get("type")), "1")


def violations(name: str, schema: dict[str, Any], answer: Any) -> list[str]:
    document = load(name)
    validator = jsonschema.Draft4Validator({**document, "allOf": [deepcopy(schema)]})
    return sorted({f"{shape(error.absolute_path)}: {error.message[:160]}" for error in validator.iter_errors(answer)})


def shape(path: Any) -> str:
    return "/".join("*" if isinstance(part, int) else str(part) for part in path)


def undocumented(name: str, schema: dict[str, Any], answer: Any, at: str = "") -> set[str]:
    """Where an answer has names that the specification does not know."""
    schema = resolved(load(name), schema)
    if isinstance(answer, list):
        items = [part["items"] for part in branches(name, schema) if "items" in part]
        return {found for row in answer[:40] for found in merged(name, items, row, f"{at}/*")}
    if not isinstance(answer, dict):
        return set()
    known: dict[str, list[dict[str, Any]]] = {}
    free = False
    for part in branches(name, schema):
        free = free or part.get("additionalProperties") is True
        for key, value in (part.get("properties") or {}).items():
            known.setdefault(key, []).append(value)
    strange = set() if free or not known else {f"{at}/{key}" for key in answer if key not in known}
    for key, value in answer.items():
        if key in known:
            strange |= merged(name, known[key], value, f"{at}/{key}")
    return strange


def merged(name: str, schemas: list[dict[str, Any]], answer: Any, at: str) -> set[str]:
    """A name is documented when any of the schemas knows it."""
    found = [undocumented(name, schema, answer, at) for schema in schemas]
    return set.intersection(*found) if found else set()


def branches(name: str, schema: dict[str, Any]) -> list[dict[str, Any]]:
    schema = resolved(load(name), schema)
    found = [schema]
    for word in COMBINED:
        for part in schema.get(word, []):
            found += branches(name, part)
    return found
