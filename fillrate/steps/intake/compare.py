"""Tell what is new or changed from what is already saved, so that a page costs what changed in it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, TypeVar

import msgspec

from fillrate.db.database import Reading
from fillrate.db.tables.columns import Model
from fillrate.records import Record

R = TypeVar("R", bound=Record)
ENCODER = msgspec.msgpack.Encoder(decimal_format="string", order="deterministic")


def content_hash(record: msgspec.Struct, *more: str) -> str:
    """Return 16 hexadecimal digits that change with the record's content (and with `more`)."""
    return blake2b(ENCODER.encode((record, more)), digest_size=8).hexdigest()


def known(reading: Reading, table: type[Model], channel_id: int, platform_ids: Iterable[str]) -> dict[str, Any]:
    """Return what is saved under these outside ids: content_hash, deleted_at, and where there are, modified_at, note."""
    wanted = ("platform_id", "content_hash", "deleted_at", "modified_at", "note")
    names = [name for name in wanted if name in table.__table__.c]
    rows = reading.find(table, "platform_id", list(platform_ids), *names, channel_id=channel_id)
    return {row.platform_id: row for row in rows}


def changed(records: Sequence[R], saved: Mapping[str, Any], hashes: Mapping[str, str]) -> tuple[list[R], Counter[str]]:
    """Return the records that differ from what is saved and are not older than it, with counts of each kind."""
    fresh: list[R] = []
    counts: Counter[str] = Counter()
    for record in records:
        row = saved.get(record.platform_id)
        kind = kind_of_change(record, row, hashes[record.platform_id])
        counts[kind] += 1
        if kind in {"new", "changed"}:
            fresh.append(record)
    return fresh, counts


def kind_of_change(record: Record, row: Any, content: str) -> str:  # Any: a row of `known`, or None
    """Return "new", "changed", "unchanged" or "older"."""
    if row is None:
        return "new"
    stamp = getattr(record, "modified_at", None)
    if stamp is not None and stamp < row.modified_at:
        return "older"
    return "changed" if content != row.content_hash or row.deleted_at is not None else "unchanged"
