"""Lists of ids that are too long for one question."""

from collections.abc import Iterator


def chunks(ids: tuple[str, ...], size: int, start: int) -> Iterator[tuple[tuple[str, ...], str | None]]:
    """Yield the ids from position `start` on, so many at a time, with the token of the next ones."""
    for at in range(start, len(ids), size):
        after = at + size
        yield ids[at:after], str(after) if after < len(ids) else None
