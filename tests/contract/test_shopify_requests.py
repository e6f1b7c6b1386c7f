"""What is sent to Shopify is valid under every version of its schema that a shop may be asked by."""

import gzip
import json
from functools import cache
from pathlib import Path
from typing import get_args

import pytest
from graphql import GraphQLSchema, build_client_schema, parse, validate

from fillrate.channels.shopify import documents
from fillrate.channels.shopify.documents import Document
from fillrate.channels.shopify.settings import Version

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
