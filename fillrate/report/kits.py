"""What a kit is drawn from, which of its parts is missing, and what lies there of each: sentences."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fillrate.report.texts import text


@dataclass(frozen=True, slots=True)
class PartFact:
    """One part of a kit's line: how many each unit takes, how many the open units take, and what there is."""

    sku: str
    per: int
    wanted: int
    is_counted: bool
    set_aside: Mapping[str, int]  # by location
    units_ahead: int
    on_hand: int
    free: int

    @property
    def missing(self) -> int:
        """How many units of it are not set aside."""
        return self.wanted - sum(self.set_aside.values()) if self.is_counted else 0


def part_lines(parts: Sequence[PartFact]) -> Iterator[str]:
    """Yield of what a line of a kit is made, and what is there and what is missing of it."""
    yield text("say", "kit", parts=", ".join(text("say", "kit_part", n=one.per, sku=one.sku) for one in parts))
    for one in parts:
        places = ", ".join(text("say", "place", n=n, place=place) for place, n in one.set_aside.items())
        if not one.is_counted:
            yield text("say", "part_untracked", sku=one.sku)
        elif not one.missing:
            yield text("say", "part_there", sku=one.sku, places=places)
        else:
            key = "part_free" if one.free >= one.missing else "part_missing"
            values = {"sku": one.sku, "n": one.missing, "of": one.wanted, "ahead": one.units_ahead}
            yield text("say", key, **values, on_hand=one.on_hand, free=one.free)
