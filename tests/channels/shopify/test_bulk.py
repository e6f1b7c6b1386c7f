"""Large collections as the file that Shopify exports."""

from collections.abc import Iterator

import pytest

from fillrate.channels.protocol import Stream
from fillrate.channels.shopify import bulk
from fillrate.errors import BadAnswer, FillrateError
from tests.channels.practice import Practice, pages, records
from tests.channels.shopify.practice import shopify
from tests.contract.wiretap import Wiretap

BOTH = pytest.mark.parametrize("stream", [Stream.PRODUCTS, Stream.STOCK])


@pytest.fixture
def side(monkeypatch: pytest.MonkeyPatch) -> Iterator[Practice]:
    with shopify(seed=3) as side:
        monkeypatch.setattr(bulk, "FROM", 10)
        yield side


@BOTH
def test_a_file_tells_what_pages_tell(side: Practice, stream: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    from_file = records(side.channel, stream)
    assert "GET /bulk/1.jsonl" in side.requests()
    monkeypatch.setattr(bulk, "FROM", 10_000)

    assert records(side.channel, stream) == from_file
    assert len(from_file) > 10


def test_no_token_goes_to_where_the_file_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    tap = Wiretap()
    with shopify(seed=3, transport=tap) as side:
        monkeypatch.setattr(bulk, "FROM", 10)
        pages(side.channel, Stream.STOCK)

    files = [one for one in tap.sent if one.method == "GET"]
    assert files
    assert all("X-Shopify-Access-Token" not in one.headers for one in files)
    assert any("X-Shopify-Access-Token" in one.headers for one in tap.sent if one.method == "POST")


@BOTH
@pytest.mark.parametrize("kind", ["500", "drop", "truncated", "429"])
def test_trouble_with_the_file_that_passes_changes_nothing(side: Practice, stream: Stream, kind: str) -> None:
    undisturbed = records(side.channel, stream)
    side.fault(kind, match="GET *", times=1)

    assert records(side.channel, stream) == undisturbed


@BOTH
@pytest.mark.parametrize("kind", ["500", "drop", "truncated", "empty", "html", "malformed", "redirect", "401"])
def test_a_file_that_cannot_be_read_is_an_error_and_never_an_empty_shop(
    side: Practice, stream: Stream, kind: str
) -> None:
    side.fault(kind, match="GET *")

    with pytest.raises(FillrateError):
        pages(side.channel, stream)


def test_a_file_that_lacks_lines_is_not_believed(side: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = bulk.lines_of
    monkeypatch.setattr(bulk, "lines_of", lambda body, size: whole(body.rpartition(b"\n{")[0], size))

    with pytest.raises(BadAnswer, match="no answer"):
        pages(side.channel, Stream.STOCK)


@BOTH
@pytest.mark.parametrize("after", [None, "file:720000009999:4"])
def test_a_shop_that_is_busy_with_other_exports_is_read_by_pages(
    side: Practice, stream: Stream, after: str | None
) -> None:
    query = "{ products { edges { node { id } } } }"
    for _ in range(5):
        side.channel._graph.ask(bulk.documents.BULK_RUN, {"query": query}, bulk.told_start)  # type: ignore[attr-defined]

    assert len(records(side.channel, stream, after=after)) > 10
    assert not [key for key in side.requests() if "jsonl" in key]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://storage.googleapis.com/file",
        "https://elsewhere.example/file",
        "https://storage.googleapis.com.elsewhere.example/file",
        "https://storage.googleapis.com@elsewhere.example/file",
        "https://storage.googleapis.com:8443/file",
        "https://storage.googleapis.com/../file",
        "http://127.0.0.1:1/bulk/1.jsonl",
        "file:///etc/passwd",
    ],
)
def test_a_file_elsewhere_is_not_fetched(side: Practice, url: str) -> None:
    with pytest.raises(BadAnswer, match="lies where none should"):
        told = bulk.Operation(id="gid://shopify/BulkOperation/1", url=url, file_size="1")
        bulk.download(side.channel._graph, told)  # type: ignore[attr-defined]


@BOTH
def test_a_file_that_is_no_longer_there_is_asked_for_anew(
    side: Practice, stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "PAGE", 5)
    (first, *_) = pages(side.channel, stream)
    side.pass_time(8 * 86_400)

    again = pages(side.channel, stream, after=first.next)

    assert again[0].records == first.records
    assert len({one.platform_id for page in again for one in page.records}) > 10
