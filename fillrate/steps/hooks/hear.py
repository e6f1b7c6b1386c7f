"""Keep what hooks hint at: many of them in one transaction, each known again under its own name for some days."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa
from sqlmodel import col

from fillrate.channels.hooks import ForgedHook, LateHook
from fillrate.channels.protocol import Heard
from fillrate.db.database import Writing
from fillrate.db.tables import Hint, HookSeen, HookWatch
from fillrate.steps.desk import Desk, Shop

KNOWN_FOR = timedelta(hours=72)
NOTHING = Heard()
HINT_KEY = ("channel_id", "stream", "platform_id")
Judged = Literal["heard_at", "forged_at", "late_at", "nothing"]


@dataclass(frozen=True, slots=True)
class Call:
    """A hook that came and was judged: what it says, that it was `forged_at` or `late_at` its time, or says nothing to keep."""

    channel_id: int
    at: datetime
    heard: Heard = NOTHING
    kind: Judged = "heard_at"


def judge(desk: Desk, shop: Shop, headers: Mapping[str, str], raw: bytes) -> Call:
    """Return a call as its shop's kind understands it; what nobody can tell from a forged one is forged."""
    now = desk.outside.clock.now()
    if shop.hooks is None or not shop.hooks.is_ready(shop.settings):
        return Call(shop.id, now, kind="forged_at")
    try:
        heard = shop.hooks.hear(shop.settings, headers, raw, now)
    except LateHook:
        return Call(shop.id, now, kind="late_at")
    except ForgedHook:
        return Call(shop.id, now, kind="forged_at")
    if heard == NOTHING:
        return Call(shop.id, now, kind="nothing")
    told = shop.channel.capabilities().streams
    hints = tuple(one for one in heard.hints if one.stream in told)
    return Call(shop.id, now, Heard(key=heard.key or hashlib.sha256(raw).hexdigest(), hints=hints))


def keep(desk: Desk, calls: Sequence[Call]) -> None:
    """Keep these calls, all in one transaction: once it is over, none of them can get lost.

    A hook that came before under the same name hints at nothing more.
    """
    mark = desk.outside.new_id()
    with desk.db.write("hooks.keep") as tx:
        by_channel: dict[int, list[Call]] = defaultdict(list)
        for call in calls:
            by_channel[call.channel_id].append(call)
        for channel_id, of_channel in by_channel.items():
            fresh = unknown(tx, channel_id, [one for one in of_channel if one.kind == "heard_at"])
            tx.upsert(HookSeen, [seen_row(one) for one in fresh], key=("channel_id", "key"))
            tx.upsert(Hint, hint_rows(fresh, mark), key=HINT_KEY)
            note(tx, channel_id, of_channel)


def unknown(tx: Writing, channel_id: int, calls: Iterable[Call]) -> list[Call]:
    """Return the calls whose name was not heard before, each once."""
    by_key = {one.heard.key: one for one in calls}
    known = {row.key for row in tx.find(HookSeen, "key", list(by_key), "key", channel_id=channel_id)}
    return [one for key, one in by_key.items() if key not in known]


def seen_row(call: Call) -> dict[str, Any]:  # Any: a table's row
    """Return the row by which a hook is known again."""
    return {"channel_id": call.channel_id, "key": call.heard.key, "seen_at": call.at}


def hint_rows(calls: Iterable[Call], mark: str) -> list[dict[str, Any]]:  # Any: a table's rows
    """Return the rows of what these hooks hint at: to be read at once."""
    return [
        {
            "channel_id": call.channel_id,
            "stream": hint.stream.value,
            "platform_id": hint.platform_id,
            "mark": mark,
            "heard_at": call.at,
            "look_at": call.at,
        }
        for call in calls
        for hint in call.heard.hints
    ]


def note(tx: Writing, channel_id: int, calls: Sequence[Call]) -> None:
    """Note when hooks of each kind last came; a genuine one ends the time in which none told of changes."""
    row: dict[str, Any] = {"channel_id": channel_id}  # Any: times
    row |= {call.kind: call.at for call in calls if call.kind != "nothing"}
    if "heard_at" in row:
        row["missed_at"] = None
    tx.upsert(HookWatch, [row], key=("channel_id",))


def forget(desk: Desk) -> None:
    """Forget the names of hooks that came so long ago that no shop sends them again."""
    before = desk.outside.clock.now() - KNOWN_FOR
    with desk.db.write("hooks.forget") as tx:
        tx.execute(sa.delete(HookSeen).where(col(HookSeen.seen_at) < before))
