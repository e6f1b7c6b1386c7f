"""Pages of a connection: a cursor names the place of a row in its order, so that rows that move are met again or not."""

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from graphql import GraphQLError

MOST = 250
Key = Callable[[Any], tuple[Any, ...]]


def _cursor(place: tuple[Any, ...]) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def _place(cursor: str) -> tuple[Any, ...]:
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor))
    except ValueError as error:
        raise GraphQLError("Invalid cursor for current pagination sort.", extensions={"code": "BAD_REQUEST"}) from error
    return tuple(found) if isinstance(found, list) else (found,)


def _size(asked: Mapping[str, Any], *, whole: bool) -> int | None:
    first: int | None = asked.get("first")
    last: int | None = asked.get("last")
    if whole and first is None and last is None:
        return None
    found = first if last is None else last
    if found is None or (first is not None and last is not None):
        raise GraphQLError("you must provide one of first or last", extensions={"code": "BAD_REQUEST"})
    if not 0 < found <= MOST:
        raise GraphQLError(f"The page size must be from 1 to {MOST}, not {found}.", extensions={"code": "BAD_REQUEST"})
    return found


def connection(rows: Iterable[Any], key: Key, asked: Mapping[str, Any], *, whole: bool = False) -> dict[str, Any]:
    """One page of rows in the order of their keys, which end in something that only one row has.

    `asked` are the arguments of the field; `whole` is a bulk operation, which needs no page sizes. Raises GraphQLError.
    """
    size = _size(asked, whole=whole)
    backwards = asked.get("last") is not None
    ordered = sorted(rows, key=key, reverse=bool(asked.get("reverse")))
    places = [key(row) for row in ordered]
    begin, end = 0, len(ordered)
    sign = -1 if asked.get("reverse") else 1
    if asked.get("after") is not None:
        begin = _count(places, _place(asked["after"]), sign, beyond=True)
    if asked.get("before") is not None:
        end = _count(places, _place(asked["before"]), sign, beyond=False)
    if size is not None:
        begin, end = (max(begin, end - size), end) if backwards else (begin, min(end, begin + size))
    nodes, cursors = ordered[begin:end], [_cursor(place) for place in places[begin:end]]
    info = {
        "hasNextPage": end < len(ordered),
        "hasPreviousPage": begin > 0,
        "startCursor": cursors[0] if cursors else None,
        "endCursor": cursors[-1] if cursors else None,
    }
    edges = [{"node": node, "cursor": cursor} for node, cursor in zip(nodes, cursors, strict=True)]
    return {"nodes": nodes, "edges": edges, "pageInfo": info}


def _count(places: list[tuple[Any, ...]], at: tuple[Any, ...], sign: int, *, beyond: bool) -> int:
    """How many rows lie before a place, the row at it included where the page goes beyond."""
    try:
        if sign > 0:
            return sum(place <= at if beyond else place < at for place in places)
        return sum(place >= at if beyond else place > at for place in places)
    except TypeError as error:
        raise GraphQLError("Invalid cursor for current pagination sort.", extensions={"code": "BAD_REQUEST"}) from error
