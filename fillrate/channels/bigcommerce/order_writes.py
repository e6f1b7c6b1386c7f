"""An order's status, and our one line in its staff notes: one order at a time, read right before, and never its lines.

The API has no batches of orders and no compare-and-set, so what lies between the reading and the write is as short as one
request. No answer is believed: what the shop took is `unknown` until it was read back, what it refused is looked up first.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from fillrate.channels.bigcommerce import endpoints
from fillrate.channels.bigcommerce.orders import PAGE, find
from fillrate.channels.bigcommerce.pages import Pages
from fillrate.channels.fields import Count, Id, text
from fillrate.channels.protocol import Outcome, Write
from fillrate.errors import FillrateError, FixSettings, InDoubt, StopRun
from fillrate.gateway.http import Http, Params
from fillrate.records import Reject

STATUS = "order_status"
STAFF_NOTE = "staff_note"
MARK = "[Fillrate]"  # what our line in the staff notes begins with, so that it is found again
LONGEST_NOTES = 65_535
TAKEN = Outcome(state="unknown", answer="The shop took it, and is asked whether it holds it.")
HELD = Outcome(state="done", answer="The shop already holds it.")
TOO_LONG = Outcome(state="refused", answer=f"The staff notes would be longer than {LONGEST_NOTES:,} characters.")
GONE = Outcome(state="stale", answer="The shop no longer has this order.")
READ = (endpoints.ORDER_STANDINGS, endpoints.ORDER_STANDING)
LIST: Params = {"sort": "id:asc", "limit": PAGE}


class StatusRow(msgspec.Struct):
    """An order with its status, as sent."""

    id: Id
    status_id: Count


class NotesRow(msgspec.Struct):
    """An order with what staff wrote, as sent; it must be told, or what stands there would be overwritten."""

    id: Id
    staff_notes: str | None


Row = Any  # Any: one of these two


class Part(NamedTuple):
    """One part of an order that we write: how it is read, what we take it to say, and what is sent to change it."""

    listed: Pages[Any]  # Any: Row
    alone: Pages[Any]  # Any: Row
    value: Callable[[Row], Any]  # Any: JSON
    body: Callable[[Row, Any], dict[str, Any]]  # Any: JSON; the order as it is, and the new value


def status_of(row: StatusRow) -> str:
    """Return an order's status as its code."""
    return str(row.status_id)


def status_body(_: StatusRow, after: Any) -> dict[str, Any]:  # Any: JSON
    """Return what is sent to give an order a status."""
    return {"status_id": int(after)}


def our_line(row: NotesRow) -> str | None:
    """Return our line in the staff notes, None where there is none."""
    return next((text(one) for one in (row.staff_notes or "").splitlines() if one.startswith(MARK)), None)


def notes_body(row: NotesRow, after: Any) -> dict[str, Any]:  # Any: JSON
    """Return the staff notes with our line at their end, or without it; all else stays as it is."""
    others = "".join(one for one in (row.staff_notes or "").splitlines(keepends=True) if not one.startswith(MARK))
    if after is None:
        return {"staff_notes": others}
    return {"staff_notes": f"{others}\n{after}" if others and not others.endswith("\n") else others + after}


def part(
    row: type[Any], value: Callable[[Row], Any], body: Callable[[Row, Any], dict[str, Any]]
) -> Part:  # Any: see Part
    """Return a part of an order that is read as these rows."""
    listed, alone = (Pages(endpoint, row, is_v2=True) for endpoint in READ)
    return Part(listed, alone, value, body)


PARTS: Mapping[str, Part] = {
    STATUS: part(StatusRow, status_of, status_body),
    STAFF_NOTE: part(NotesRow, our_line, notes_body),
}


def look(http: Http, kind: str, orders: Sequence[str]) -> dict[str, Any]:  # Any: JSON
    """Return what each order holds now, None where the shop has no such order; one that cannot be read is left out."""
    one_part = PARTS[kind]
    found = find(http, one_part.listed, one_part.alone, LIST, {}, orders)
    rows = {one: found.get(one) for one in orders}
    return {
        one: None if row is None else one_part.value(row) for one, row in rows.items() if not isinstance(row, Reject)
    }


def write(http: Http, batch: Sequence[Write], may_send: Callable[[], None]) -> dict[str, Outcome]:
    """Bring each order to its new value; one outcome for each, whatever happens."""
    outcomes: dict[str, Outcome] = {}
    for at, one in enumerate(batch):
        try:
            outcomes[one.target] = Job(http, one, may_send).run()
        except (FixSettings, StopRun):
            raise  # the token may not write, or this run may not any more: others find out what was done
        except FillrateError as error:
            if not outcomes:
                raise
            left = Outcome(state="unknown", answer=error.what)
            return outcomes | {each.target: left for each in batch[at:]}
    return outcomes


class Job:
    """One order on its way to its new value."""

    def __init__(self, http: Http, wish: Write, may_send: Callable[[], None]) -> None:
        self._http = http
        self._wish = wish
        self._may_send = may_send
        self._part = PARTS[wish.kind]

    def run(self) -> Outcome:
        """Read the order, write it where it still is what it was, and tell what became of that."""
        row = self._read()
        if row is None:
            return GONE
        if isinstance(row, Reject):
            return Outcome(state="unknown", answer=f"The order cannot be read, so nothing was sent: {row.reason}.")
        seen = self._part.value(row)
        if seen == self._wish.after:
            return HELD
        if seen != self._wish.before:
            return Outcome(state="stale", answer="The shop holds something else than when this was planned.", seen=seen)
        try:
            return self._send(row)
        except InDoubt as doubt:
            return Outcome(state="unknown", answer=doubt.what)

    def _send(self, row: Row) -> Outcome:
        endpoint = endpoints.ORDER_UPDATE.at(f"{endpoints.ORDER_UPDATE.path}/{self._wish.target}")
        body = self._part.body(row, self._wish.after)
        if len(body.get("staff_notes", "")) > LONGEST_NOTES:
            return TOO_LONG
        reply = self._http.send(endpoint, "PUT", body, bytes, self._may_send)
        if reply.status < 400:
            return TAKEN
        row_now = self._read()
        if not isinstance(row_now, Reject | None) and self._part.value(row_now) == self._wish.after:
            return HELD
        return Outcome(state="refused", answer=f"The shop refused it ({reply.status}).")

    def _read(self) -> Row | Reject | None:
        return self._part.alone.one(self._http, {}, self._wish.target)
