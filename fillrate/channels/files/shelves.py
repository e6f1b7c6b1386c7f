"""What a channel of files holds: the other program's newest file, and over it what we have told since.

Our file holds what was told since their newest one: theirs tells what became of everything before. So a number counts as
theirs as soon as they have written again, whether they took ours or not; what they left out is planned once more.
"""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from fillrate.channels.files.disks import Refused
from fillrate.channels.files.places import Paper, Place
from fillrate.channels.files.stock import MAIN, Shelf, StockFile, stock_in
from fillrate.channels.protocol import Outcome, Write
from fillrate.channels.stock_writes import UNREADABLE, settled
from fillrate.errors import InDoubt, StopChannel

COLUMNS = ("sku", "location", "quantity")
WRITTEN = Outcome(state="done", answer="The file says so.")


@dataclass(frozen=True, slots=True)
class Shelves:
    """What is there: their file, and the numbers that we have told since it was written."""

    theirs: StockFile
    ours: Mapping[Shelf, int]

    def quantity(self, shelf: Shelf) -> int:
        """Return the number that counts."""
        return self.ours.get(shelf, self.theirs.rows[shelf].quantity)


def shelves(place: Place) -> Shelves:
    """Read both files."""
    paper, own = place.stock(), place.ours()
    theirs = stock_in(paper)
    if own is None or not is_newer(own, paper):
        return Shelves(theirs, {})
    told = stock_in(own)
    return Shelves(theirs, {shelf: row.quantity for shelf, row in told.rows.items()})


def is_newer(own: Paper, paper: Paper) -> bool:
    """Tell whether we wrote after they did."""
    if own.written_at is None or paper.written_at is None:
        what = f"Nobody can tell whether {own.name} or {paper.name} is newer: the address gives no Last-Modified."
        raise StopChannel(what, next="Let the server send the header Last-Modified.")
    return own.written_at >= paper.written_at


def target_of(shelf: Shelf) -> str:
    """Return how a number is called in a change."""
    return f"{shelf[0]}@{shelf[1]}"


def shelf_of(target: str) -> Shelf:
    """Return what `target_of` was made of."""
    sku, _, location = target.rpartition("@")
    return sku, location


def read_back(place: Place, targets: Sequence[str]) -> dict[str, Any]:  # Any: JSON
    """Return the number of each target; None for what is no longer listed, and nothing for what cannot be read."""
    now = shelves(place)
    unread = {one.platform_id for one in now.theirs.rejects}
    asked = {target: shelf_of(target) for target in targets}
    return {
        target: {"quantity": now.quantity(shelf)} if shelf in now.theirs.rows else None
        for target, shelf in asked.items()
        if shelf[0] not in unread
    }


def write(place: Place, batch: Sequence[Write], may_send: Callable[[], None], *, is_json: bool) -> dict[str, Outcome]:
    """Tell new numbers in one file; one outcome for each target, whatever happens."""
    now = shelves(place)
    outcomes: dict[str, Outcome] = {}
    told = dict(now.ours)
    unread = {one.platform_id for one in now.theirs.rejects}
    for wish in batch:
        shelf = shelf_of(wish.target)
        seen = {"quantity": now.quantity(shelf)} if shelf in now.theirs.rows else None
        outcome = UNREADABLE if shelf[0] in unread else settled(wish, seen)
        if outcome is None:
            told[shelf] = wish.after["quantity"]
        else:
            outcomes[wish.target] = outcome
    sent = [one.target for one in batch if one.target not in outcomes]
    if not sent:
        return outcomes
    try:
        place.put(as_json(told) if is_json else as_csv(told, now.theirs.divider), may_send)
    except Refused as refused:
        return outcomes | dict.fromkeys(sent, Outcome(state="refused", answer=str(refused)))
    except InDoubt as doubt:
        return outcomes | dict.fromkeys(sent, Outcome(state="unknown", answer=doubt.what))
    return outcomes | dict.fromkeys(sent, WRITTEN)


def rows(told: Mapping[Shelf, int]) -> Iterable[tuple[str, str, int]]:
    """Return the rows of our file."""
    return [(sku, "" if place == MAIN else place, told[sku, place]) for sku, place in sorted(told)]


def as_csv(told: Mapping[Shelf, int], divider: str) -> bytes:
    """Return our file as CSV, divided as the other program divides its own."""
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=divider, lineterminator="\n").writerows([COLUMNS, *rows(told)])
    return file.getvalue().encode()


def as_json(told: Mapping[Shelf, int]) -> bytes:
    """Return our file as JSON."""
    lines = [dict(zip(COLUMNS, row, strict=True)) for row in rows(told)]
    return msgspec.json.format(msgspec.json.encode({"lines": lines}), indent=1)
