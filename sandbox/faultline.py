"""Faults on demand: which requests they hit, how often, and what they do to the answer."""

import fnmatch
from dataclasses import asdict, dataclass, replace
from random import Random
from typing import Any

from sandbox.exchange import HTML, Response, WireFault, answer, decode, encode

KINDS = frozenset(
    {
        "429", "500", "502", "503", "504", "html", "truncated", "malformed", "empty", "empty_catalogue", "missing_rows",
        "shift", "drip", "drop", "drop_after_write", "bad_record", "wrong_store",
    }
)  # fmt: skip
MALFORMED = (b'{"data": [{"id": NaN}]}', b'{"data": [', b"[" * 5000, b'{"data": "\xff"}', b'{"a": 1, "a": 2}x')
ABSURD = ("-5", "NaN", "1e12", "", "999999999999")


@dataclass(slots=True)
class Fault:
    """One fault: `match` is a method and path such as `GET /v2/orders*`; `times` None goes on for ever."""

    match: str
    kind: str
    times: int | None = 1
    after: int = 0
    rate: float = 1.0
    headers: str = "with"
    shift: int = -1
    fired: int = 0
    met: int = 0


class Faults:
    """All faults of a shop."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(f"{seed}:faults")
        self.list: list[Fault] = []

    def set(self, wanted: list[dict[str, Any]]) -> None:
        """Replace all faults. Raises ValueError for a kind that does not exist."""
        faults = [Fault(**one) for one in wanted]
        unknown = sorted({one.kind for one in faults} - KINDS)
        if unknown:
            message = f"unknown fault {', '.join(unknown)}; there are {', '.join(sorted(KINDS))}"
            raise ValueError(message)
        self.list = faults

    def show(self) -> list[dict[str, Any]]:
        """Every fault, with how often it has fired."""
        return [asdict(one) for one in self.list]

    def next_for(self, method: str, path: str) -> Fault | None:
        """The fault that hits this request, if any."""
        for one in self.list:
            if not fnmatch.fnmatchcase(f"{method} {path}", one.match):
                continue
            one.met += 1
            spent = one.times is not None and one.fired >= one.times
            if one.met > one.after and not spent and self.chance.random() < one.rate:
                one.fired += 1
                return one
        return None

    def instead(self, fault: Fault) -> Response | None:
        """The answer that a fault gives instead of asking the shop; nothing has happened then."""
        if fault.kind in {"500", "502", "503", "504"}:
            return Response(int(fault.kind), b"<html><body>Server error</body></html>", HTML)
        if fault.kind == "429":
            return answer({"status": 429, "title": "Too many requests", "type": "", "errors": {}}, 429)
        if fault.kind == "drop":
            return Response(200, b"", fault=WireFault("drop"))
        return None

    def afterwards(self, fault: Fault, given: Response) -> Response:
        """What a fault makes of the shop's answer."""
        if fault.kind == "html":
            return Response(200, b"<!DOCTYPE html><html><body>Please wait</body></html>", HTML)
        if fault.kind == "truncated":
            return replace(given, fault=WireFault("truncate", keep=len(given.body) // 2))
        if fault.kind == "malformed":
            return replace(given, status=200, body=self.chance.choice(MALFORMED))
        if fault.kind == "empty":
            return Response(200, b"")
        if fault.kind == "drip":
            return replace(given, fault=WireFault("drip", bytes_per_second=20.0))
        if fault.kind == "drop_after_write":
            return replace(given, fault=WireFault("drop"))
        return self.spoil(fault, given)

    def spoil(self, fault: Fault, given: Response) -> Response:
        """Damage the rows of a list."""
        if given.status != 200 or not given.body:
            return given
        body = decode(given.body)
        rows = body["data"] if isinstance(body, dict) and isinstance(body.get("data"), list) else body
        if fault.kind == "wrong_store" and isinstance(body, dict) and "id" in body:
            return replace(given, body=encode({**body, "id": "another", "name": "Another store"}))
        if not isinstance(rows, list) or not rows:
            return given
        if fault.kind == "bad_record":
            at = self.chance.randrange(len(rows))
            rows[at] = {**rows[at], "date_modified": 12, "name": None, "total_inc_tax": "much", "identity": 5}
        elif fault.kind == "missing_rows":
            del rows[:: max(2, len(rows) // 2)]
        elif fault.kind == "empty_catalogue" and isinstance(body, dict):
            pages = {"total": 0, "count": 0, "total_pages": 0, "current_page": 1, "per_page": 50, "links": {}}
            body = {"data": [], "meta": {"pagination": pages}}
            return replace(given, body=encode(body))
        return replace(given, body=encode(body))
