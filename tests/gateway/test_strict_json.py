"""JSON from strangers."""

import json
import time
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillrate.gateway.strict_json import Malformed, decode, plain

ANYTHING = msgspec.json.Decoder()
LETTERS = st.text(st.characters(codec="utf-16-le", exclude_categories=()), max_size=12)
SURROGATES = st.text(st.characters(categories=("Cs",)) | st.sampled_from('\\u"d8'), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | LETTERS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(LETTERS, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES, st.booleans())
def test_good_json_comes_through_as_it_is(value: Any, ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only)

    assert decode(text.encode(), ANYTHING) == value
    assert plain(text) == value


@given(st.lists(SURROGATES | LETTERS, max_size=6))
def test_half_characters_become_marks_and_nothing_else_changes(texts: list[str]) -> None:
    body = json.dumps(texts).encode()

    found = decode(body, ANYTHING)

    assert found == [one.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for one in texts]


@given(st.binary(max_size=40))
def test_any_bytes_are_json_or_malformed(body: bytes) -> None:
    try:
        decode(body, ANYTHING)
    except (Malformed, msgspec.ValidationError):
        return
    json.loads(body.decode("utf-8-sig", "replace"))


@given(VALUES, st.sampled_from(["NaN", "Infinity", "-Infinity"]))
def test_a_number_that_is_none_becomes_a_text_and_nothing_else_changes(value: Any, odd: str) -> None:
    body = f'{{"odd": [{odd}], "texts": "{odd} \\"{odd}", "rest": {json.dumps(value)}}}'

    found = decode(body.encode(), ANYTHING)

    rest = json.dumps(value).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert (found["odd"], found["texts"]) == ([odd], f'{odd} "{odd}')
    assert found["rest"] == decode(rest.encode(), ANYTHING)


def test_a_byte_order_mark_is_left_out() -> None:
    assert decode(b'\xef\xbb\xbf{"a": 1}', ANYTHING) == {"a": 1}


@pytest.mark.parametrize(
    "body", [b'"' + b'\\"' * 200_000, b'"' + b"\\" * 400_001, b"NaN" * 200_000, b'"\xff' * 100_000]
)
def test_what_is_no_json_is_found_out_in_the_time_that_it_takes_to_read(body: bytes) -> None:
    began = time.monotonic()
    with pytest.raises(Malformed):
        decode(body, ANYTHING)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("depth", [1, 100])
def test_a_value_may_be_a_hundred_deep(depth: int) -> None:
    assert plain("[" * depth + "]" * depth) is not None


@pytest.mark.parametrize("depth", [101, 10_000])
def test_a_value_may_not_be_deeper(depth: int) -> None:
    with pytest.raises(Malformed):
        plain("[" * depth + "]" * depth)


@pytest.mark.parametrize("text", ["", "NaN", "{", "[1e999]", "\ud800", '{"a": 1} x'])
def test_what_is_no_json_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        plain(text)
