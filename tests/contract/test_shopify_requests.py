"""What is sent to Shopify is valid under every version of its schema that a shop may be asked by."""

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
from graphql import (
    DocumentNode,
    GraphQLSchema,
    OperationDefinitionNode,
    build_client_schema,
    get_operation_ast,
    parse,
    validate,
)
from graphql.execution.values import get_variable_values

from fillrate.channels.protocol import STOCK, Stream, Write
from fillrate.channels.shopify import bulk, documents
from fillrate.channels.shopify.documents import Document
from fillrate.channels.shopify.settings import Version
from tests.channels.practice import Practice, always, pages, records
from tests.channels.shopify.practice import refunded, shopify
from tests.contract.wiretap import Wiretap

FOLDER = Path(__file__).parents[2].parent / "shared/specs/shopify"
VERSIONS = get_args(Version)
DOCUMENTS = [one for one in vars(documents).values() if isinstance(one, Document)]

needs_schemas = pytest.mark.skipif(not FOLDER.is_dir(), reason="Shopify's own schemas are not beside the repository")


@cache
def schema(version: str) -> GraphQLSchema:
    told = json.loads(gzip.decompress((FOLDER / f"admin_{version}.json.gz").read_bytes()))
    return build_client_schema(told.get("data", told), assume_valid=True)


@needs_schemas
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda one: one.label)
@pytest.mark.parametrize("version", VERSIONS)
def test_every_document_is_valid_under_every_version(version: str, document: Document) -> None:
    assert [one.message for one in validate(schema(version), parse(document.text))] == []


def do_everything(side: Practice) -> None:
    side.channel.store()
    side.channel.time()
    side.channel.probe()
    since = side.channel.time()
    for stream in side.channel.capabilities().streams:
        pages(side.channel, stream)
        pages(side.channel, stream, since=since, until=since)
        if stream in side.channel.capabilities().by_id:
            pages(side.channel, stream, ids=(*sorted(records(side.channel, stream))[:9], "987654"))
    items = records(side.channel, Stream.STOCK).values()
    levels = [level for item in items for level in item.levels]  # type: ignore[attr-defined]
    wishes = [(one.target, {"quantity": one.shown}, {"quantity": 4}) for one in levels]
    batch = [Write(kind=STOCK, target=one, before=was, after=after, key="k") for one, was, after in wishes]
    side.channel.write(batch, always)
    side.channel.read_back(STOCK, [one.target for one in batch])


def mistakes(version: str, document: DocumentNode, variables: dict[str, Any]) -> list[str]:
    """Return what a shop of this version has against a document or its variables."""
    wrong = [one.message for one in validate(schema(version), document)]
    operation = get_operation_ast(document)
    assert isinstance(operation, OperationDefinitionNode)
    given = get_variable_values(schema(version), operation.variable_definitions or [], variables)
    return wrong + ([one.message for one in given] if isinstance(given, list) else [])


@needs_schemas
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("most", [10, 10_000], ids=["as files", "by pages"])
def test_every_question_and_its_variables_agree_with_the_schema_that_is_asked(
    version: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "FROM", most)
    tap = Wiretap()
    with shopify(seed=3, transport=tap, settings={"api_version": version}) as side:
        do_everything(refunded(side))

    asked = [one for one in tap.sent if one.url.path.endswith(f"/admin/api/{version}/graphql.json")]
    assert len(asked) > 20
    seen = set()
    for request in asked:
        told = json.loads(request.content)
        document = parse(told["query"])
        seen.add(told["query"])
        assert mistakes(version, document, told["variables"]) == []
        for row in told["variables"].get("input", {}).get("quantities", []):
            assert set(row) == {"inventoryItemId", "locationId", "quantity", "changeFromQuantity"}
            assert type(row["quantity"]) is type(row["changeFromQuantity"]) is int
    assert documents.NUMBERS_UPDATE.text in seen
