"""How windows of time and lists of ids are put to BigCommerce."""

from collections.abc import Iterator
from datetime import datetime

from fillrate.records import utc


def stamp(name: str, moment: datetime | None, *, with_zone: bool = True) -> dict[str, str | int]:
    """Return a parameter of time in whole seconds, nothing for None; always with a time of day, which else defaults."""
    if moment is None:
        return {}
    told = utc(moment).isoformat(timespec="seconds")
    return {name: told if with_zone else told.removesuffix("+00:00")}


def chunks(ids: tuple[str, ...], size: int, start: int) -> Iterator[tuple[tuple[str, ...], str | None]]:
    """Yield the ids from position `start` on, so many at a time, with the token of the next ones."""
    for at in range(start, len(ids), size):
        after = at + size
        yield ids[at:after], str(after) if after < len(ids) else None
