"""Ways through a collection while it changes, without HTTP: what must be met is met, and no walk goes in circles."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillrate.channels.bigcommerce.pages import Batch, CursorLinks, Cursors, Meta, Pagination, is_consistent
from fillrate.channels.bigcommerce.walks import Keyset, by_cursor, by_id, by_page
from fillrate.channels.offsets import Offsets
from fillrate.errors import BadAnswer
from fillrate.records import Reject


@dataclass
class Row:
    id: int


@dataclass
class Endpoint:
    label: str = "shop.rows"


@dataclass
class Shelf:
    """A collection that may change before each page; rows come in the order of ids, at most `cap` a page."""

    rows: list[int]
    cap: int = 3
    changes: dict[int, list[int]] = field(default_factory=dict)
    tells_total: bool = True
    left_out: dict[int, int] = field(default_factory=dict)  # request -> row missing from its page
    endpoint: Endpoint = field(default_factory=Endpoint)
    asked: int = 0

    def get(self, _http: Any, params: dict[str, Any], _path: str | None = None) -> Batch[Any]:
        self.rows = self.changes.get(self.asked, self.rows)
        ahead = [one for one in self.rows if one > int(params.get("id:greater", 0)) and one >= params.get("min_id", 0)]
        first = (params.get("page", 1) - 1) * self.cap
        shown = [one for one in ahead[first : first + self.cap] if one != self.left_out.get(self.asked)]
        self.asked += 1
        total = len(ahead) if self.tells_total else None
        return Batch([Row(one) for one in shown], [], Meta(Pagination(total=total, per_page=250)))


NO_ID = Reject(platform_id="", reason="id is null", payload_hash="h")


@dataclass
class Nameless:
    """A collection of one row that does not tell its id."""

    endpoint: Endpoint = field(default_factory=Endpoint)
    asked: int = 0

    def get(self, _http: Any, params: dict[str, Any], _path: str | None = None) -> Batch[Any]:
        self.asked += 1
        return Batch([], [NO_ID][params["page"] - 1 :], Meta(Pagination(total=1, per_page=250)))


def ids_of(walk: Any) -> list[int]:
    return [row.id for batch, _ in walk for row in batch.rows]


ROWS = st.lists(st.integers(1, 60), unique=True, max_size=25).map(sorted)
HISTORIES = st.dictionaries(st.integers(0, 8), ROWS, max_size=4)


@given(ROWS, HISTORIES, st.integers(1, 7), st.booleans(), st.booleans())
def test_a_walk_by_id_meets_every_row_that_was_there_throughout(
    rows: list[int], changes: dict[int, list[int]], cap: int, tells_total: bool, v2: bool
) -> None:
    shelf = Shelf(rows, cap, changes, tells_total)
    lasting = set(rows).intersection(*changes.values())

    met = ids_of(by_id(None, shelf, {}, None, v2=v2))  # type: ignore[arg-type]  # a shelf stands in for pages and shop

    assert lasting <= set(met)
    assert len(set(met)) == len(met)


@given(ROWS, st.data(), st.integers(1, 7))
def test_a_walk_by_page_meets_every_row_that_was_there_throughout(rows: list[int], data: Any, cap: int) -> None:
    """Rows may vanish before any page, which shifts all that follow; new ones come at the end, as new ids do."""
    kept, changes = list(rows), {}
    for request in sorted(data.draw(st.sets(st.integers(1, 8), max_size=3))):
        gone = set(data.draw(st.lists(st.sampled_from(kept), max_size=3))) if kept else set()
        kept = [one for one in kept if one not in gone]
        changes[request] = list(kept)
    shelf = Shelf(rows, cap, changes)

    met = ids_of(by_page(None, shelf, {}, None))  # type: ignore[arg-type]  # as above

    assert set(kept) <= set(met)
    assert len(set(met)) == len(met)


@given(ROWS, st.integers(1, 7), st.booleans())
def test_any_page_size_meets_the_same_rows(rows: list[int], cap: int, tells_total: bool) -> None:
    for walk in (by_id, by_page):
        shelf = Shelf(rows, cap, tells_total=tells_total)
        assert sorted(ids_of(walk(None, shelf, {}, None))) == rows  # type: ignore[operator]  # as above


@given(ROWS, st.integers(1, 7), st.booleans())
def test_every_token_goes_on_exactly_there(rows: list[int], cap: int, tells_total: bool) -> None:
    for walk in (by_id, by_page):
        whole = list(walk(None, Shelf(rows, cap, tells_total=tells_total), {}, None))  # type: ignore[operator]
        for at, (_, token) in enumerate(whole[:-1], 1):
            rest = ids_of(walk(None, Shelf(rows, cap, tells_total=tells_total), {}, token))  # type: ignore[operator]
            assert rest == ids_of(whole[at:])


@pytest.mark.parametrize("walk", [by_id, by_page])
@pytest.mark.parametrize("request_number", [0, 1, 2])
def test_a_row_left_out_of_a_page_is_found_by_reading_again(walk: Any, request_number: int) -> None:
    rows = list(range(1, 9))
    shelf = Shelf(rows, 3, left_out={request_number: rows[request_number * 3 + 1]})

    assert sorted(ids_of(walk(None, shelf, {}, None))) == rows


def test_a_total_that_is_never_reached_does_not_hold_the_walk() -> None:
    """A shop may count what it never shows; reading everything again, once, has to be enough."""
    shelf = Shelf([1, 2, 3, 4], 3, left_out=dict.fromkeys(range(50), 2))

    assert ids_of(by_page(None, shelf, {}, None)) == [1, 3, 4]  # type: ignore[arg-type]  # as above
    assert shelf.asked < 10


def test_a_collection_of_which_no_row_tells_its_id_is_told_as_rejected_and_does_not_hold_the_walk() -> None:
    nameless = Nameless()

    batches = [batch for batch, _ in by_page(None, nameless, {}, None)]  # type: ignore[arg-type]  # as above

    assert {len(batch.rejects) for batch in batches} == {0, 1}
    assert 0 < nameless.asked < 10


def test_rows_that_vanish_for_ever_end_in_an_error() -> None:
    changes = {n: list(range(n + 1, 40)) for n in range(40)}

    with pytest.raises(BadAnswer, match="faster than they can be read"):
        ids_of(by_page(None, Shelf([*range(1, 40)], 1, changes), {}, None))  # type: ignore[arg-type]  # as above


@pytest.mark.parametrize("ids", [[], [3], [2, 9], [3, 3]])
def test_a_page_that_does_not_lead_on_is_refused(ids: list[int]) -> None:
    keyset = Keyset("shop.rows", after=3)

    with pytest.raises(BadAnswer, match="repeated a page"):
        keyset.advance(ids, len(ids), None)


def test_rejected_rows_count_for_the_place_too() -> None:
    bad = [Reject(platform_id=one, reason="r", payload_hash="h") for one in ("9", "", "x")]

    assert Batch([Row(4), Row(2)], bad, Meta()).ids() == [2, 4, 9]


@dataclass
class Cursored:
    """A collection along cursors; `next` says which cursor follows which."""

    next: dict[str, str]
    endpoint: Endpoint = field(default_factory=Endpoint)

    def get(self, _http: Any, params: dict[str, Any], _path: str | None = None) -> Batch[Any]:
        cursor = params.get("after", "")
        follows = self.next.get(cursor, "")
        links = CursorLinks(next=f"?after={follows}" if follows else None)
        return Batch([Row(len(cursor) + 1)], [], Meta(None, Cursors(end_cursor=follows or "zzz", links=links)))


def test_cursors_are_followed_to_the_page_without_a_next_one() -> None:
    walk = list(by_cursor(None, Cursored({"": "a", "a": "bb"}), {}, None))  # type: ignore[arg-type]  # as above

    assert [(batch.rows[0].id, token) for batch, token in walk] == [(1, "cursor=a"), (2, "cursor=bb"), (3, None)]


@pytest.mark.parametrize("circle", [{"": "a", "a": "a"}, {"": "a", "a": "bb", "bb": "a"}])
def test_a_circle_of_cursors_is_refused(circle: dict[str, str]) -> None:
    with pytest.raises(BadAnswer, match="in a circle"):
        list(by_cursor(None, Cursored(circle), {}, None))  # type: ignore[arg-type]  # as above


@given(ROWS, st.integers(1, 7))
def test_a_collection_without_cursors_is_walked_by_page(rows: list[int], cap: int) -> None:
    assert ids_of(by_cursor(None, Shelf(rows, cap), {}, None)) == rows  # type: ignore[arg-type]  # as above


@pytest.mark.parametrize(
    ("rows", "told", "is_good"),
    [
        (0, None, True),
        (0, Pagination(total=0, count=0, current_page=1, per_page=250), True),
        (0, Pagination(total=500, count=0, current_page=3, per_page=250), True),
        (0, Pagination(total=500, count=0, current_page=1, per_page=250), False),
        (0, Pagination(total=500, count=0, current_page=2, per_page=250), False),
        (0, Pagination(total=1), False),
        (2, Pagination(total=2, count=2), True),
        (2, Pagination(total=2, count=3), False),
        (2, Pagination(), True),
    ],
)
def test_an_empty_page_is_empty_only_where_nothing_is_left(rows: int, told: Pagination | None, is_good: bool) -> None:
    batch: Batch[Any] = Batch([Row(n + 1) for n in range(rows)], [], Meta(told))

    assert is_consistent(batch) is is_good


def test_a_token_by_page_keeps_the_total() -> None:
    offsets = Offsets.at("shop.rows", "4:900")

    assert (offsets.page, offsets.total, offsets.token) == (4, 900, "4:900")
