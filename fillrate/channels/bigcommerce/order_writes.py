"""An order's status, written one order at a time: read right before, sent where it still is what it was, never its lines.

The API has no batches of orders and no compare-and-set, so what lies between the reading and the write is as short as one
request. No answer is believed: what the shop took is `unknown` until it was read back, what it refused is looked up first.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from fillrate.channels.bigcommerce import endpoints
from fillrate.channels.bigcommerce.orders import PAGE, find
from fillrate.channels.bigcommerce.pages import Pages
from fillrate.channels.fields import Count, Id
from fillrate.channels.protocol import Outcome, Write
from fillrate.errors import BadAnswer, FillrateError, FixSettings, InDoubt, StopRun
from fillrate.gateway.http import Http, Params
from fillrate.records import Reject

STATUS = "order_status"
TAKEN = Outcome(state="unknown", answer="The shop took it, and is asked whether it holds it.")
HELD = Outcome(state="done", answer="The shop already holds it.")
GONE = Outcome(state="stale", answer="The shop no longer has this order.")
LIST: Params = {"sort": "id:asc", "limit": PAGE}


class Standing(msgspec.Struct):
    """An order as far as we write it, as sent."""

    id: Id
    status_id: Count


LISTED = Pages(endpoints.ORDER_STANDINGS, Standing, is_v2=True)
ALONE = Pages(endpoints.ORDER_STANDING, Standing, is_v2=True)
Value = Callable[[Standing], Any]  # Any: JSON
Body = Callable[[Standing, Any], dict[str, Any]]  # Any: JSON; the order as it is, and the new value


def status_of(row: Standing) -> str:
    """Return an order's status as its code."""
    return str(row.status_id)


def status_body(_: Standing, after: Any) -> dict[str, Any]:  # Any: JSON
    """Return what is sent to give an order a status."""
    return {"status_id": int(after)}


KINDS: Mapping[str, tuple[Value, Body]] = {STATUS: (status_of, status_body)}


def look(http: Http, kind: str, orders: Sequence[str]) -> dict[str, Any]:  # Any: JSON
    """Return what each order holds now, None where the shop has no such order."""
    value, _ = KINDS[kind]
    found = find(http, LISTED, ALONE, LIST, {}, orders)
    return {one: value(known(found[one])) if one in found else None for one in orders}


def known(row: Standing | Reject) -> Standing:
    """Return an order that could be read; BadAnswer where it could not, since it must not count as gone."""
    if isinstance(row, Reject):
        raise BadAnswer(what=f"{endpoints.ORDER_STANDING.label}: an order cannot be read: {row.reason}.")
    return row


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
        self._value, self._body = KINDS[wish.kind]

    def run(self) -> Outcome:
        """Read the order, write it where it still is what it was, and tell what became of that."""
        row = self._read()
        if row is None:
            return GONE
        seen = self._value(row)
        if seen == self._wish.after:
            return HELD
        if seen != self._wish.before:
            return Outcome(state="stale", answer="The shop holds something else than when this was planned.", seen=seen)
        try:
            return self._send(row)
        except InDoubt as doubt:
            return Outcome(state="unknown", answer=doubt.what)

    def _send(self, row: Standing) -> Outcome:
        endpoint = endpoints.ORDER_UPDATE.at(f"{endpoints.ORDER_UPDATE.path}/{self._wish.target}")
        body = self._body(row, self._wish.after)
        reply = self._http.send(endpoint, "PUT", body, bytes, self._may_send)
        if reply.status < 400:
            return TAKEN
        row_now = self._read()
        if row_now is not None and self._value(row_now) == self._wish.after:
            return HELD
        return Outcome(state="refused", answer=f"The shop refused it ({reply.status}).")

    def _read(self) -> Standing | None:
        row = ALONE.one(self._http, {}, self._wish.target)
        return None if row is None else known(row)
