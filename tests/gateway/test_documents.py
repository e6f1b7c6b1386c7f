"""Documents at signed addresses are read and written without any token, and nowhere else than where it is safe."""

import gzip
import random
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from fillrate.errors import BadAnswer, StopChannel
from fillrate.gateway.documents import DOCUMENT_POLICY, Documents
from fillrate.gateway.outside import Outside
from tests.channels.practice import Hurried
from tests.gateway.scripted import Handler, Scripted, answer, serving


@contextmanager
def door(*answers: Handler) -> Iterator[tuple[Documents, Scripted]]:
    with serving(*answers) as script:
        outside = Outside(clock=Hurried(), chance=random.Random(1))
        documents = Documents(script.url, outside, policy=DOCUMENT_POLICY)
        yield documents, script
        documents.close()


def test_a_document_is_laid_down_and_fetched_at_the_very_address_without_a_token() -> None:
    with door(answer(500), answer(), answer(body=b"content")) as (documents, script):
        address = f"{script.url}/a%2Fb?X-Signature=a%2Fb%3D&X-Date=1"
        documents.write("x.upload", address, b"\x00body", "application/json; charset=UTF-8")

        assert documents.read("x.content", address) == b"content"
    assert [one.method for one in script.seen] == ["PUT", "PUT", "GET"]
    assert {one.path for one in script.seen} == {"/stores/abc/a%2Fb?X-Signature=a%2Fb%3D&X-Date=1"}
    assert script.seen[1].body == b"\x00body"
    assert script.seen[1].headers["Content-Type"] == "application/json; charset=UTF-8"
    assert not {"authorization", "x-auth-token"} & {name.lower() for one in script.seen for name in one.headers}


def test_what_is_packed_is_unpacked_and_what_is_packed_wrongly_is_no_document() -> None:
    with door(answer(body=gzip.compress(b"rows")), answer(body=b"rows"), answer(body=gzip.compress(b"rows")[:-9])) as (
        documents,
        script,
    ):
        assert documents.read("x", script.url, is_packed=True) == b"rows"
        for _ in range(2):
            with pytest.raises(BadAnswer):
                documents.read("x", script.url, is_packed=True)


@pytest.mark.parametrize("status", [301, 403, 404])
def test_an_address_that_refuses_is_told(status: int) -> None:
    with door(answer(status)) as (documents, script):
        with pytest.raises(StopChannel, match=str(status)):
            documents.read("x", script.url)


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/x",
        "http://127.0.0.1:1/x",
        "http://localhost/x",
        "ftp://x/y",
        "https://u:p@x/y",
        "nonsense",
        "",
    ],
)
def test_other_addresses_are_not_spoken_to(address: str) -> None:
    with door(answer()) as (documents, script):
        with pytest.raises(BadAnswer, match="not spoken to"):
            documents.read("x", address)
        assert script.seen == []
