"""What people said of an order or a line: when, who, what it changed, and why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from fillrate.report.texts import text


@dataclass(frozen=True, slots=True)
class WordFact:
    """One word of a person."""

    at: datetime
    who: str
    kind: str
    change: str  # from what to what
    reason: str


def word_lines(words: Sequence[WordFact], zone: ZoneInfo) -> Iterator[str]:
    """Yield what was said, the oldest first."""
    if words:
        yield text("say", "words")
    for one in words:
        at = f"{one.at.astimezone(zone):%Y-%m-%d %H:%M}"
        values = {"who": one.who, "what": text("word", one.kind), "change": one.change, "reason": one.reason}
        yield "  " + text("say", "word", at=at, **values)
