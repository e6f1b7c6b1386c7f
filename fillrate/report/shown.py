"""What each channel shows of an item, what it should, and why: free units and the merchant's rules."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from fillrate.report.texts import text


@dataclass(frozen=True, slots=True)
class ShownFact:
    """The number of one channel at one of its locations; `parts` are the terms of OFFERS from which `wanted` follows.

    `wanted` is empty where the number is not ours to say; `held` units (none or fewer) count as absent. `drift` are
    number, outcome and evidence of what is open about it.
    """

    channel: str
    location: str
    shown: int
    wanted: int | None
    held: int
    is_written: bool
    parts: dict[str, int] = field(default_factory=dict)
    drift: tuple[tuple[int, str, str], ...] = ()
    kept_off: int | None = None  # of a channel that holds the stock: units that its number leaves out, owed to others


NEUTRAL = {"share_e4": 10_000}  # what a rule says that changes nothing; 0 where nothing else is said


def shown_lines(facts: Sequence[ShownFact]) -> Iterator[str]:
    """Yield what each channel shows and why."""
    if facts:
        yield text("shown", "head")
    for one in facts:
        values = {"channel": one.channel, "location": one.location, "shown": one.shown}
        if one.kept_off is not None:
            yield "  " + text("shown", "leaves_out" if one.kept_off else "leaves_nothing", n=one.kept_off, **values)
        elif one.wanted is None:
            yield "  " + text("shown", "not_ours", **values)
        else:
            key = "agrees" if one.shown == one.wanted + one.held else "differs"
            yield "  " + text("shown", key, wanted=max(0, one.wanted + one.held), why=why(one), **values)
            if not one.is_written:
                yield "    " + text("shown", "not_written")
        for number, outcome, evidence in one.drift:
            yield "    " + text(
                "shown", "drift", number=number, outcome=text("drift_outcome", outcome), evidence=evidence
            )


def why(one: ShownFact) -> str:
    """Return the terms that make up what a channel should show."""
    told = [text("shown", "free", n=one.parts.get("free", 0))]
    for name, value in one.parts.items():
        if name != "free" and value != NEUTRAL.get(name, 0):
            told.append(text("shown", name, n=f"{value / 100:g}" if name == "share_e4" else value))
    if one.held:
        told.append(text("shown", "held", n=-one.held))
    return ", ".join(told)
