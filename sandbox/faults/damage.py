"""Faults that damage a true answer: cut, malformed, rows missing, one record broken, partly successful."""

from collections.abc import Callable
from copy import deepcopy
from random import Random
from typing import Any

from sandbox.exchange import Response, WireFault, answer, decode, encode
from sandbox.faults.options import BROKEN
from sandbox.faults.plan import Fault

DEPTH = 5000


def _rows(body: Any) -> list[Any] | None:
    """The list of records of an answer, in either API."""
    found = body if isinstance(body, list) else body.get("data") if isinstance(body, dict) else None
    return found if isinstance(found, list) else None


def truncated(response: Response, fault: Fault, _: Random) -> Response:
    """Cut in the middle: on the wire (fewer bytes than declared) or, with `"how": "json"`, as a whole but cut text."""
    keep = int(fault.options.get("keep", len(response.body) // 2))
    if fault.options.get("how") == "json":
        response.body = response.body[:keep]
    else:
        response.fault = WireFault("truncate", keep=keep)
    return response


def malformed(response: Response, fault: Fault, chance: Random) -> Response:
    """Text that is nearly JSON, in one of several ways."""
    ways: dict[str, Callable[[bytes], bytes]] = {
        "nan": lambda body: b'{"data": [{"id": NaN, "price": Infinity}], "was": ' + body + b"}",
        "surrogate": lambda body: b'{"data": [{"id": 1, "name": "\\ud83d"}], "was": ' + body + b"}",
        "duplicate": lambda body: b'{"data": [], "data": [{"id": 1, "id": 2}], "was": ' + body + b"}",
        "deep": lambda _: b"[" * DEPTH + b"]" * DEPTH,
        "cut": lambda body: body[: len(body) * 2 // 3],
        "trailing": lambda body: body + b",]",
        "huge": lambda _: b'{"data": [{"id": 1' + b"0" * 400 + b'}], "meta": {}}',
        "nul": lambda body: body + b"\x00",
    }
    way = fault.options.get("how") or chance.choice(sorted(ways))
    response.body = ways[str(way)](response.body or b"[]")
    response.status = 200 if response.status == 204 else response.status
    return response


def empty_catalogue(response: Response, _: Fault, __: Random) -> Response:
    """Suddenly nothing there, said in the proper form: `data: []` with meta that agrees, or v2's 204."""
    body = decode(response.body) if response.body else []
    if isinstance(body, list):
        return Response(204)
    if _rows(body) is None:
        return response
    body["data"] = []
    pages = body.get("meta", {}).get("pagination")
    if pages is not None:
        pages |= {"total": 0, "count": 0, "total_pages": 0, "current_page": 1}
        pages["links"] = {"current": pages.get("links", {}).get("current", "?page=1")}
    body.get("meta", {}).pop("cursor_pagination", None)
    return answer(body)


def missing_rows(response: Response, fault: Fault, chance: Random) -> Response:
    """Some rows of the page are left out, and nothing says so."""
    body = decode(response.body) if response.body else []
    rows = _rows(body)
    if not rows:
        return response
    for _ in range(min(int(fault.options.get("count", 1)), len(rows))):
        rows.pop(chance.randrange(len(rows)))
    if isinstance(body, dict) and "pagination" in body.get("meta", {}):
        body["meta"]["pagination"]["count"] = len(rows)
    return answer(body) if rows or isinstance(body, dict) else Response(204)


def bad_record(response: Response, fault: Fault, chance: Random) -> Response:
    """One record of the page is damaged: a field missing, null, of another type, or nonsense text."""
    body = decode(response.body) if response.body else []
    rows = _rows(body) or ([body["data"]] if isinstance(body, dict) and isinstance(body.get("data"), dict) else [])
    rows = rows or ([body] if isinstance(body, dict) and "id" in body else [])
    candidates = [row for row in rows if isinstance(row, dict)]
    if not candidates:
        return response
    row = candidates[int(fault.options.get("position", chance.randrange(len(candidates)))) % len(candidates)]
    name = str(fault.options.get("field") or chance.choice(sorted(row)))
    how = fault.options.get("how") or chance.choice(BROKEN)
    if how == "missing":
        row.pop(name, None)
    else:
        row[name] = {"type": {"unexpected": [row.get(name)]}, "null": None, "text": "not what you expect"}[str(how)]
    response.body = encode(body)
    return response


def partly(response: Response, fault: Fault, _: Random) -> Response:
    """207: what was saved, with an error about a part of it."""
    body = decode(response.body) if response.body else {}
    data = body.get("data") if isinstance(body, dict) else body
    errors = fault.options.get("errors", {"inventory": "The inventory part could not be saved."})
    return answer({"data": deepcopy(data), "errors": errors, "meta": {}}, 207)


def drip(response: Response, fault: Fault, _: Random) -> Response:
    """The answer comes a few bytes at a time."""
    response.fault = WireFault("drip", bytes_per_second=float(fault.options.get("bytes_per_second", 200)))
    return response


def drop_after(response: Response, _: Fault, __: Random) -> Response:
    """Done, but the connection closes before the answer."""
    response.fault = WireFault("drop")
    return response


def endless(response: Response) -> Response:
    """Say of a page that it is the next one again."""
    if not response.body:
        return response
    body = decode(response.body)
    for name in ("pagination", "cursor_pagination"):
        pages = body.get("meta", {}).get(name) if isinstance(body, dict) else None
        if pages:
            pages["links"]["next"] = pages["links"].get("current", "?page=1")
    return answer(body, response.status)


DAMAGE: dict[str, Callable[[Response, Fault, Random], Response]] = {
    "truncated": truncated,
    "malformed": malformed,
    "empty_catalogue": empty_catalogue,
    "missing_rows": missing_rows,
    "bad_record": bad_record,
    "207": partly,
    "drip": drip,
    "drop_after_write": drop_after,
}
