"""What is served is a part of the official schema of each version, field by field, argument by argument."""

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
    build_client_schema,
    parse,
    validate,
)

from sandbox.shopify.schema import VERSIONS, schema, served_version
from tests.sandbox.shopify.conftest import LEVEL, SET

FOLDER = Path(__file__).parents[4] / "shared/specs/shopify"


@cache
def official(version: str) -> GraphQLSchema:
    if not FOLDER.is_dir():
        pytest.skip("the official API schemas are not present beside the repository")
    told: dict[str, Any] = json.loads(gzip.decompress((FOLDER / f"admin_{version}.json.gz").read_bytes()))
    return build_client_schema(told.get("data", told), assume_valid=True)


def arguments(made: Any) -> dict[str, tuple[str, Any]]:
    return {name: (str(one.type), one.default_value) for name, one in made.items()}


@pytest.mark.parametrize("version", VERSIONS)
def test_every_type_field_and_argument_is_an_official_one(version: str) -> None:
    ours, theirs = schema(version), official(version)
    for name, mine in ours.type_map.items():
        if name.startswith("__"):
            continue
        real = theirs.type_map[name]
        assert type(mine) is type(real), name
        if isinstance(mine, GraphQLEnumType) and isinstance(real, GraphQLEnumType):
            assert set(mine.values) <= set(real.values), name
        if isinstance(mine, GraphQLInputObjectType) and isinstance(real, GraphQLInputObjectType):
            assert arguments(mine.fields).items() <= arguments(real.fields).items(), name
            needed = {field for field, one in real.fields.items() if str(one.type).endswith("!")}
            assert {field for field in needed if real.fields[field].default_value is Undefined} <= set(mine.fields)
        if isinstance(mine, GraphQLObjectType | GraphQLInterfaceType):
            assert isinstance(real, GraphQLObjectType | GraphQLInterfaceType)
            assert {one.name for one in mine.interfaces} <= {one.name for one in real.interfaces}, name
            for field, one in mine.fields.items():
                assert str(one.type) == str(real.fields[field].type), f"{name}.{field}"
                assert arguments(one.args).items() <= arguments(real.fields[field].args).items(), f"{name}.{field}"


@pytest.mark.parametrize("version", VERSIONS)
def test_input_objects_lack_nothing_that_a_real_shop_takes(version: str) -> None:
    for name in (
        "InventorySetQuantitiesInput",
        "InventoryQuantityInput",
        "InventoryAdjustQuantitiesInput",
        "InventoryChangeInput",
    ):
        mine, real = schema(version).type_map[name], official(version).type_map[name]
        assert isinstance(mine, GraphQLInputObjectType) and isinstance(real, GraphQLInputObjectType)
        assert set(mine.fields) == set(real.fields), name


@pytest.mark.parametrize("version", VERSIONS)
def test_the_directive_is_the_official_one(version: str) -> None:
    mine, real = schema(version).get_directive("idempotent"), official(version).get_directive("idempotent")
    assert mine is not None and real is not None
    assert (mine.locations, arguments(mine.args)) == (real.locations, arguments(real.args))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("document", [SET, LEVEL])
def test_documents_of_these_tests_are_valid_in_both(version: str, document: str) -> None:
    assert validate(official(version), parse(document)) == []
    assert validate(schema(version), parse(document)) == []


def test_versions_that_are_gone_are_answered_by_the_oldest() -> None:
    asked = ("2024-10", "2026-01", "2026-04", "2026-07", "2026-10", "2026-05", "unstable")
    assert [served_version(one) for one in asked] == ["2026-01", "2026-01", "2026-04", "2026-07", None, None, None]
