"""Fillrate's one JSON metafield per order: read back, created, changed and deleted in batches.

It is `app_only`: nobody but the API account that wrote it can see or change it, so what we find is what we wrote, and
no other app breaks by it. An answer is matched to the writes by order, never by position. What an answer does not
confirm is looked up before it is called refused or unknown; that also settles "already exists". A write that follows a
reading back relies on it and looks no more: the notes are ours alone, and to find many of them takes a sweep of all.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, NamedTuple

import msgspec

from fillrate.channels.bigcommerce import endpoints
from fillrate.channels.bigcommerce.pages import Batch, Pages
from fillrate.channels.bigcommerce.walks import by_cursor, by_page
from fillrate.channels.fields import Id
from fillrate.channels.protocol import Outcome, Write
from fillrate.errors import BadAnswer, FillrateError, FixSettings, InDoubt, StopRun
from fillrate.gateway.http import Endpoint, Http, Params
from fillrate.gateway.strict_json import Malformed, decode, plain

KIND = "metafield"
NAMESPACE = "fillrate"
KEY = "backorder"
LONGEST_VALUE = 65_535
PAGE = 250
FIELD = {"permission_set": "app_only", "namespace": NAMESPACE, "key": KEY}
FEW = 3  # up to so many orders are asked one by one; more are found in a sweep over all our metafields
ROUNDS = 2
NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")  # after an even number of backslashes
Method = Literal["POST", "PUT", "DELETE"]

DONE = Outcome(state="done", answer="The shop took it.")
TOO_LONG = Outcome(state="refused", answer=f"The value is longer than {LONGEST_VALUE:,} characters.")


class FieldRow(msgspec.Struct):
    """A metafield, as sent."""

    id: Id
    resource_id: Id
    namespace: str
    key: str
    value: str


class DoneRow(msgspec.Struct):
    """A metafield that an answer says was written."""

    id: int | None = None
    resource_id: int | None = None
    value: str | None = None


class Told(msgspec.Struct):
    """The answer to a batch: what was done (after a deletion: mere ids), and what was not."""

    data: list[DoneRow | int] = []
    errors: list[msgspec.Raw] | dict[str, msgspec.Raw] = []


class Item(NamedTuple):
    """One thing to send: its order, the metafield's id (0 for a new one), and the body (Any: JSON)."""

    order: str
    field_id: int
    body: Any


FIELDS = Pages(endpoints.METAFIELDS, FieldRow)
ORDER_FIELDS = Pages(endpoints.ORDER_METAFIELDS, FieldRow)
TOLD = msgspec.json.Decoder(Told)
OURS: Params = {"namespace": NAMESPACE, "key": KEY, "limit": PAGE}
Seen = dict[str, FieldRow | None]  # the metafield of each order that was looked for; None where there is none


def look(http: Http, orders: Sequence[str]) -> Seen:
    """Return each order's metafield as the shop has it now."""
    found = find(http, orders)
    return {one: found.get(one) for one in orders}


def find(http: Http, orders: Sequence[str]) -> dict[str, FieldRow]:
    """Return the metafields of these orders, by order."""
    wanted = set(orders)
    rows = sweep(http) if len(wanted) > FEW else (row for one in sorted(wanted) for row in of_order(http, one))
    found: dict[str, FieldRow] = {}
    for row in rows:
        order = str(row.resource_id)
        if order in wanted and (row.namespace, row.key) == (NAMESPACE, KEY):
            found.setdefault(order, row)
    return found


def sweep(http: Http) -> Iterable[FieldRow]:
    """Yield all our metafields of all orders; only orders with backordered units have one."""
    for batch, _ in by_cursor(http, FIELDS, OURS, None):
        yield from all_of(batch)


def of_order(http: Http, order: str) -> Iterable[FieldRow]:
    """Yield our metafield of one order; an order that is gone has none."""
    path = f"{endpoints.ORDER_METAFIELDS.path}/{order}/metafields"
    for batch, _ in by_page(http, ORDER_FIELDS, OURS, None, path):
        rows = all_of(batch)
        if any(str(row.resource_id) != order for row in rows):
            raise BadAnswer(what=f"{ORDER_FIELDS.endpoint.label}: the shop answered another question than ours.")
        yield from rows


def all_of(batch: Batch[FieldRow]) -> list[FieldRow]:
    """Return the rows of a page; BadAnswer where one cannot be read, since a note that is there must not count as missing."""
    if batch.rejects:
        raise BadAnswer(what=f"{FIELDS.endpoint.label}: a note cannot be read: {batch.rejects[0].reason}.")
    return batch.rows


def value_of(row: FieldRow | None) -> Any:
    """Return a metafield's value (Any: our own JSON); what is no JSON comes back as the text it is, equal to nothing.

    So does JSON that holds the character NUL, which no PostgreSQL keeps.
    """
    if row is None:
        return None
    text = row.value.replace("\0", "\ufffd")
    try:
        return text if NUL.search(text) else plain(text)
    except Malformed:
        return text


def canonical(value: Any) -> str:
    """Return the one text of a JSON value (Any), the same for equal values."""
    return msgspec.json.encode(value, order="deterministic").decode()


def write(http: Http, batch: Sequence[Write], seen: Seen, may_send: Callable[[], None]) -> dict[str, Outcome]:
    """Bring each order's metafield to its new value; one outcome for each order, whatever happens.

    `seen` is what was just read back; where it does not tell of all these orders, they are looked for first.
    """
    job = Job(http, batch, may_send)
    try:
        job.run(seen)
    except InDoubt as doubt:
        job.give_up(doubt.what)
    except (FixSettings, StopRun):
        raise  # the token may not write, or this run may not any more: others find out what was done
    except FillrateError as error:
        if not job.has_sent:
            raise
        job.give_up(error.what)
    return job.outcomes


class Job:
    """One batch on its way: the text that each order shall hold (None: none at all), and what became of it."""

    def __init__(self, http: Http, batch: Sequence[Write], may_send: Callable[[], None]) -> None:
        self._http = http
        self._may_send = may_send
        self._wanted = {one.target: None if one.after is None else canonical(one.after) for one in batch}
        self._refused: set[str] = set()
        self.outcomes = {one: TOO_LONG for one, text in self._wanted.items() if text and len(text) > LONGEST_VALUE}
        self.has_sent = False

    def run(self, seen: Seen) -> None:
        """Send what differs from what was seen, and look again where the answer left something open; twice at most."""
        held = seen if seen.keys() >= set(self._open()) else look(self._http, self._open())
        for _ in range(ROUNDS):
            self._close(held)
            if self._open():
                self._send_all(held)
            if not self._open():
                return
            held = look(self._http, self._open())
        self._close(held)
        self.give_up("The shop did not say what became of it.")

    def give_up(self, why: str) -> None:
        """Say of everything without an outcome that the shop refused it, or else that it must be read back."""
        for one in self._open():
            refused = Outcome(state="refused", answer="The shop refused it.")
            self.outcomes[one] = refused if one in self._refused else Outcome(state="unknown", answer=why)

    def _open(self) -> list[str]:
        return [one for one in self._wanted if one not in self.outcomes]

    def _close(self, held: Seen) -> None:
        """Close what the shop already holds as wanted."""
        for one in self._open():
            row = held[one]
            if self._wanted[one] == (None if row is None else row.value):
                self.outcomes[one] = DONE

    def _send_all(self, held: Seen) -> None:
        to_create, to_change, to_delete = [], [], []
        for one in self._open():
            text, row = self._wanted[one], held[one]
            if row is None:
                to_create.append(Item(one, 0, {"resource_id": int(one), **FIELD, "value": text}))
            elif text is not None:
                to_change.append(Item(one, row.id, {"id": row.id, **FIELD, "value": text}))
            else:
                to_delete.append(Item(one, row.id, row.id))
        self._send(endpoints.METAFIELDS_CREATE, "POST", to_create)
        self._send(endpoints.METAFIELDS_UPDATE, "PUT", to_change)
        self._send(endpoints.METAFIELDS_DELETE, "DELETE", to_delete)

    def _send(self, endpoint: Endpoint, method: Method, items: Sequence[Item]) -> None:
        """Send one batch; halve it where the shop refuses the whole for the sake of one."""
        if not items:
            return
        self.has_sent = True
        bodies = [one.body for one in items]
        reply = self._http.send(endpoint, method, bodies, lambda body: decode(body, TOLD), self._may_send)
        told = reply.value or Told()
        confirmed = [one for one in items if self._is_confirmed(one, told)]
        self.outcomes |= {one.order: DONE for one in confirmed}
        left = [one for one in items if one.order not in self.outcomes]
        if reply.status >= 400 and not confirmed and len(left) > 1:
            middle = len(left) // 2
            self._send(endpoint, method, left[:middle])
            self._send(endpoint, method, left[middle:])
        elif reply.status >= 400 or told.errors:
            self._refused |= {one.order for one in left}

    def _is_confirmed(self, item: Item, told: Told) -> bool:
        """Tell whether the answer names this very thing as done, by identity."""
        for done in told.data:
            if isinstance(done, int):
                if done == item.body:
                    return True
            elif done.value == self._wanted[item.order] and (
                done.id == item.field_id if item.field_id else str(done.resource_id) == item.order
            ):
                return True
        return False
