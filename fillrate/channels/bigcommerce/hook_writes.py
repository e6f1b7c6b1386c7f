"""Which hooks the store sends us: read, registered, made active again, and taken back.

A hook is found by its scope and where it goes, of which a store has one. What another scope or address is told is not ours.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from fillrate.channels.batch_writes import HELD, MOVED, TAKEN, refused
from fillrate.channels.bigcommerce import endpoints
from fillrate.channels.bigcommerce.pages import Pages
from fillrate.channels.bigcommerce.walks import by_page
from fillrate.channels.fields import Id
from fillrate.channels.hooks import WORD_HEADER, is_word, mark_of
from fillrate.channels.protocol import Outcome, Registered, Write, hook_target
from fillrate.errors import BadAnswer, FillrateError, FixSettings, StopRun
from fillrate.gateway.http import Http

PAGE = 250
MaySend = Callable[[], None]
Words = Sequence[bytes]
Value = dict[str, Any]  # Any: JSON


class HookRow(msgspec.Struct):
    """A hook, as sent."""

    id: Id
    scope: str
    destination: str
    is_active: bool
    headers: dict[str, str] | None = None


PAGES = Pages(endpoints.HOOKS, HookRow)


def rows(http: Http) -> dict[str, HookRow]:
    """Return all hooks of our account by what a change of them is about; BadAnswer where one cannot be read."""
    found: dict[str, HookRow] = {}
    for batch, _ in by_page(http, PAGES, {"limit": PAGE}, None):
        if batch.rejects:
            raise BadAnswer(f"A hook cannot be read: {batch.rejects[0].reason}.")
        found |= {hook_target(row.scope, row.destination): row for row in batch.rows}
    return found


def registered(http: Http) -> tuple[Registered, ...]:
    """Return all hooks of our account."""
    return tuple(
        Registered(topic=row.scope, address=row.destination, is_active=row.is_active) for row in rows(http).values()
    )


def wanted(words: Words) -> Value:
    """Return what a hook of ours should hold."""
    return {"active": True, "mark": mark_of(words)}


def value_of(row: HookRow, words: Words) -> Value:
    """Return what a hook holds; it carries one of our words, none, or a strange one."""
    headers = {name.lower(): value for name, value in (row.headers or {}).items()}
    marks = [mark_of([word]) for word in words if is_word([word], headers)]
    strange = "another" if WORD_HEADER in headers else ""
    return {"active": row.is_active, "mark": marks[0] if marks else strange}


def look(http: Http, targets: Sequence[str], words: Words) -> dict[str, Value | None]:
    """Return what each target holds now, None where there is no such hook."""
    found = rows(http)
    return {one: value_of(found[one], words) if one in found else None for one in targets}


def write(http: Http, batch: Sequence[Write], words: Words, may_send: MaySend) -> dict[str, Outcome]:
    """Bring each hook to its new value, one request each; what the shop took is read back before it is believed."""
    found, outcomes = rows(http), {}
    for wish in batch:
        row = found.get(wish.target)
        now = None if row is None else value_of(row, words)
        if now == wish.after:
            outcomes[wish.target] = HELD
        elif now != wish.before:
            outcomes[wish.target] = Outcome(state="stale", answer=MOVED, seen=now)
        else:
            outcomes[wish.target] = sent(http, wish, row, words, may_send)
    return outcomes


def sent(http: Http, wish: Write, row: HookRow | None, words: Words, may_send: MaySend) -> Outcome:
    """Send one request and return what became of it."""
    try:
        status = request(http, wish, row, words, may_send)
    except (FixSettings, StopRun):
        raise
    except FillrateError as error:
        return Outcome(state="unknown", answer=error.what)
    return TAKEN if 200 <= status < 300 or status == 404 else refused(status)


def request(http: Http, wish: Write, row: HookRow | None, words: Words, may_send: MaySend) -> int:
    """Register, change or take back one hook; returns the status of the answer."""
    headers: Mapping[str, str] = {WORD_HEADER: words[0].decode()} if words else {}
    if row is None:
        scope, _, destination = wish.target.partition(" ")
        body = {"scope": scope, "destination": destination, "is_active": True, "headers": headers}
        return http.send(endpoints.HOOKS_CREATE, "POST", body, bytes, may_send).status
    path = f"{endpoints.HOOKS.path}/{row.id}"
    if wish.after is None:
        return http.send(endpoints.HOOKS_DELETE.at(path), "DELETE", None, bytes, may_send).status
    body = {"is_active": True, "headers": headers}
    return http.send(endpoints.HOOKS_UPDATE.at(path), "PUT", body, bytes, may_send).status
