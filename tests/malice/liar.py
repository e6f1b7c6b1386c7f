"""A practice shop in this process whose answers are spoiled on the way, record by record, and always in the same way."""

import json
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from fillrate.bootstrap import open_desk
from fillrate.gateway.outside import Outside
from fillrate.steps.desk import Desk
from sandbox.api.routes import template_of
from tests.malice.mutations import Case, has
from tests.simulation.wire import InProcess
from tests.simulation.world import World

Row = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """Where records of one kind are shown: the request (ids as `{id}`), and which record of it is which."""

    asked: str
    id_of: Callable[[Row], Any] = lambda row: row["id"]


@dataclass
class Lies:
    """Which record is told with which field spoiled, at which place; `told` counts the bodies that went out spoiled."""

    place: Place
    by_id: Mapping[Any, Case] = field(default_factory=dict)
    whole: Case | None = None  # spoils the answer itself, around its records
    told: int = 0

    def spoil(self, asked: str, body: bytes) -> bytes:
        """Return an answer with the lies in it."""
        if asked != self.place.asked or not body:
            return body
        answer = json.loads(body)
        if self.whole is not None:
            if not has(answer, self.whole.path):
                return body
            self.told += 1
            return self.whole.spoil(answer)
        rows = answer["data"] if isinstance(answer, dict) and "data" in answer else answer
        inside = b"[" + b", ".join(map(self._row, rows)) + b"]" if isinstance(rows, list) else self._row(rows)
        if rows is answer:
            return inside
        return b'{"data": ' + inside + b', "meta": ' + json.dumps(answer["meta"]).encode() + b"}"

    def _row(self, row: Row) -> bytes:
        case = self.by_id.get(self.place.id_of(row))
        if case is None:
            return json.dumps(row).encode()
        self.told += 1
        return case.spoil(row)


class Liar(InProcess):
    """The shop's answers with lies in them; without lies it is the shop itself."""

    lies: Lies | None = None
    then: Callable[[str, bytes], bytes] | None = None  # what else happens to an answer before that

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = super().handle_request(request)
        path = request.url.path.removeprefix(f"/stores/{self.shop.config.store_hash}")
        asked, body = f"{request.method} {template_of(path)[0]}", answer.content
        if self.then is not None and answer.status_code == 200:
            body = self.then(asked, body)
        if self.lies is not None and answer.status_code == 200:
            body = self.lies.spoil(asked, body)
        headers = {k: v for k, v in answer.headers.items() if k.lower() not in {"content-length", "transfer-encoding"}}
        return httpx.Response(answer.status_code, headers=headers, content=body, request=request)


@contextmanager
def desk_of(world: World, url: str, liar: Liar) -> Iterator[Desk]:
    """Open the desk of a merchant with these tables whose shop speaks through a liar."""
    world.url = url
    world.runs += 1
    outside = Outside(world.clock, random.Random(world.runs))
    with open_desk(world.settings(), outside, {"main": liar}) as desk:
        yield desk
