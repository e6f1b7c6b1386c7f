"""How windows of time and lists of ids are put to BigCommerce."""

from collections.abc import Iterator
from datetime import datetime

from fillrate.records import utc


def stamp(name: str, moment: datetime | None) -> dict[str, str | int]:
    """Return a parameter of time in whole seconds, nothing for None.

    Always with a time of day and a zone: a filter without them means the request's own time of day, and a zone that is
    documented nowhere.
    """
    return {} if moment is None else {name: utc(moment).isoformat(timespec="seconds")}


def chunks(ids: tuple[str, ...], size: int, start: int) -> Iterator[tuple[tuple[str, ...], str | None]]:
    """Yield the ids from position `start` on, so many at a time, with the token of the next ones."""
    for at in range(start, len(ids), size):
        after = at + size
        yield ids[at:after], str(after) if after < len(ids) else None
