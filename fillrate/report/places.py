"""A place in the queue in words: which one of how many, who stands before it, and what puts them there."""

from dataclasses import dataclass

from fillrate.report.texts import text


@dataclass(frozen=True, slots=True)
class AheadFact:
    """Somebody who is served earlier, of how many units, and by which rule."""

    order: str
    units: int
    rule: str  # one of decide.ranks.RULES, or "same"


@dataclass(frozen=True, slots=True)
class PlaceFact:
    """A place in the queue of an item, among those who wait like it (or have stock like it)."""

    number: int  # 1 for the first
    of: int
    units_before: int
    before: tuple[AheadFact, ...]  # the first few of those before it
    others: int  # how many more stand before it
    held_back: bool = False  # it may have nothing of what lies there today


def place_sentences(place: PlaceFact) -> list[str]:
    """Return where it stands, and who is served before it and why."""
    held = [text("place", "held_back")] if place.held_back else []
    if place.number == 1:
        return [text("place", "first" if place.of > 1 else "only", of=place.of), *held]
    said = [text("place", "place", number=ordinal(place.number), of=place.of, units=units(place.units_before))]
    named = [
        text("place", "before", order=one.order, units=units(one.units), rule=text("rank_rule", one.rule))
        for one in place.before
    ]
    more = [text("place", "others", n=place.others)] if place.others else []
    return [*said, text("place", "who", who="; ".join([*named, *more])), *held]


def ordinal(n: int) -> str:
    """Return 1st, 2nd, 3rd, 4th …"""
    ending = "th" if n % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


def units(n: int) -> str:
    """Return a number of units."""
    return text("units", "one") if n == 1 else text("units", "many", n=n)
