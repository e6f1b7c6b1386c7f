"""The queue of an item as a picture in plain text: what there is, in the order in which it is given, and who has it."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from fillrate.report.texts import text

MOST_BOXES = 6


class Box(NamedTuple):
    """Units that are for an order."""

    order: str
    units: int


class Row(NamedTuple):
    """A shelf or a delivery, who has what of it, and how many units of it nobody has."""

    name: str
    what: str
    boxes: Sequence[Box]
    free: int


def picture(sku: str, rows: Iterable[Row]) -> list[str]:
    """Return the picture, one line a row, its columns in line.

    CUP-RED
      Main      3 on hand        | #101 2 | #102 1 |
      PO-7      5 on 2026-12-01  | #103 4 | 1 free |
      nothing   2 not covered    | #104 2 |
    """
    drawn = [(row.name, row.what, boxes(row)) for row in rows]
    name, what = (max((len(row[i]) for row in drawn), default=0) for i in (0, 1))
    return [sku, *(f"  {row[0]:<{name}}  {row[1]:<{what}}  {row[2]}".rstrip() for row in drawn)]


def boxes(row: Row) -> str:
    """Return who has what of a row, in boxes; of many the first few."""
    inside = [text("picture", "box", order=one.order.rpartition(":")[2], n=one.units) for one in row.boxes[:MOST_BOXES]]
    rest = row.boxes[MOST_BOXES:]
    inside += [text("picture", "rest", n=len(rest), units=sum(one.units for one in rest))] if rest else []
    inside += [text("picture", "free", n=row.free)] if row.free else []
    return f"| {' | '.join(inside)} |" if inside else ""
