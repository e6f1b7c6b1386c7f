"""An order's status, and our one line in its staff notes: one order a request, since the API has no more, and never its lines."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from fillrate.channels.batch_writes import Item, Kind, MaySend, Sent
from fillrate.channels.bigcommerce import endpoints
from fillrate.channels.bigcommerce.orders import PAGE, find
from fillrate.channels.bigcommerce.pages import Pages
from fillrate.channels.fields import Count, Id, text
from fillrate.gateway.http import Http, Params
from fillrate.records import Reject

MARK = "[Fillrate]"  # what our line in the staff notes begins with, so that it is found again
LONGEST_NOTES = 65_535
LIST: Params = {"sort": "id:asc", "limit": PAGE}


class StatusRow(msgspec.Struct):
    """An order with its status, as sent."""

    id: Id
    status_id: Count


class NotesRow(msgspec.Struct):
    """An order with what staff wrote, as sent; it must be told, or what stands there would be overwritten."""

    id: Id
    staff_notes: str | None


def status_of(row: StatusRow) -> str:
    """Return an order's status as its code."""
    return str(row.status_id)


def status_body(item: Item) -> dict[str, Any]:  # Any: JSON
    """Return what is sent to give an order a status."""
    return {"status_id": int(item.after)}


def our_line(row: NotesRow) -> str | None:
    """Return our line in the staff notes, None where there is none."""
    return next((text(one) for one in (row.staff_notes or "").splitlines() if one.startswith(MARK)), None)


def notes_body(item: Item) -> dict[str, Any]:  # Any: JSON
    """Return the staff notes with our line at their end, or without it; all else stays as it is."""
    lines = (item.row.staff_notes or "").splitlines(keepends=True)
    others = "".join(one for one in lines if not one.startswith(MARK))
    if item.after is None:
        return {"staff_notes": others}
    return {"staff_notes": f"{others}\n{item.after}" if others and not others.endswith("\n") else others + item.after}


def too_long(item: Item) -> str:
    """Return why staff notes cannot take our line, "" where they can."""
    longer = len(notes_body(item)["staff_notes"]) > LONGEST_NOTES
    return f"The staff notes would be longer than {LONGEST_NOTES:,} characters." if longer else ""


def kind(
    row: type[Any],
    value: Callable[[Any], Any],
    body: Callable[[Item], dict[str, Any]],
    complaint: Callable[[Item], str] = lambda _: "",
) -> Kind:  # Any: see Kind
    """Return a part of an order that is read as these rows and written by these bodies."""
    listed, alone = (
        Pages(endpoint, row, is_v2=True) for endpoint in (endpoints.ORDER_STANDINGS, endpoints.ORDER_STANDING)
    )

    def rows(http: Http, orders: Sequence[str]) -> Mapping[str, Any | Reject]:
        return find(http, listed, alone, LIST, {}, orders)

    def send(http: Http, items: Sequence[Item], may_send: MaySend) -> Sent:
        (one,) = items
        endpoint = endpoints.ORDER_UPDATE.at(f"{endpoints.ORDER_UPDATE.path}/{one.target}")
        return Sent(http.send(endpoint, "PUT", body(one), bytes, may_send).status)

    return Kind(1, rows, value, send, complaint=complaint)


KINDS: Mapping[str, Kind] = {
    "order_status": kind(StatusRow, status_of, status_body),
    "staff_note": kind(NotesRow, our_line, notes_body, too_long),
}
