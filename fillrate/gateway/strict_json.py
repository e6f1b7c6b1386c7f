"""JSON from strangers: what is no JSON is told apart from JSON of another shape, and nothing can crash the reader.

Typed decoding bounds the depth of everything we keep; content that we ignore is skipped, however deep, until the
decoder's own limit. Values without a type of their own go through `plain`, which caps the depth.
"""

import re
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

DEEPEST = 100
PIECE = re.compile(rb"""(?P<text> "[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z) ) | -?(?:NaN|Infinity)""", re.VERBOSE | re.DOTALL)
LONE = re.compile(
    rb"""\\(?: \\                                             # an escaped backslash escapes nothing
        | u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}  # a surrogate pair is a character
        | (?P<lone> u[dD][89a-fA-F][0-9a-fA-F]{2} ) )""",
    re.VERBOSE,
)


class Malformed(Exception):
    """A body that is no JSON."""


def decode(body: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """Return a body as the decoder's type.

    What sloppy writers of JSON do costs no page: half characters (lone surrogates, broken UTF-8), as where a text was
    cut, become U+FFFD; numbers that are none (NaN, Infinity) become texts, which only the record they stand in has to
    answer for; a byte order mark is left out. Raises Malformed for what is no JSON, msgspec.ValidationError for JSON of
    another shape.
    """
    try:
        return _decode(body, decoder)
    except Malformed:
        return _decode(PIECE.sub(_mended, body).decode("utf-8-sig", "replace").encode(), decoder)


def _mended(piece: re.Match[bytes]) -> bytes:
    if piece["text"] is None:
        return b'"' + piece[0] + b'"'
    return LONE.sub(lambda found: rb"\ufffd" if found["lone"] else found[0], piece[0])


def _decode(body: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    try:
        return decoder.decode(body)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(type(error).__name__) from None


_ANYTHING = msgspec.json.Decoder()


def plain(text: str) -> Any:
    """Return any JSON as dictionaries, lists and plain values (hence Any); Malformed if it is none or too deep."""
    try:
        value = _decode(text.encode(), _ANYTHING)
    except (UnicodeEncodeError, msgspec.ValidationError) as error:
        raise Malformed(type(error).__name__) from None
    layer = [value]
    for _ in range(DEEPEST):
        layer = [inner for outer in layer for inner in _inside(outer) if isinstance(inner, dict | list)]
        if not layer:
            return value
    message = f"deeper than {DEEPEST}"
    raise Malformed(message)


def _inside(value: Any) -> list[Any]:  # Any: JSON
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
