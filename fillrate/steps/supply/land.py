"""How a file of lines on their way lands: compared with what was told before, all of it in one transaction."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from fillrate.channels.inbound_files import InboundFile
from fillrate.channels.row_files import BadRow
from fillrate.db.database import Reading, Writing
from fillrate.db.queries.supply import items_on_their_way
from fillrate.db.tables import ImportFile, Inbound, RejectedRow
from fillrate.decide.inbound import Told, events_of
from fillrate.decide.sku import sku_key
from fillrate.errors import SkipRecord
from fillrate.records import InboundLine
from fillrate.steps.desk import Desk
from fillrate.steps.intake.compare import content_hash
from fillrate.steps.supply.events import Paper, save_events
from fillrate.steps.supply.missing import cancel_missing
from fillrate.steps.supply.names import Places, folded, match_items, suppliers
from fillrate.steps.supply.receipts import at_least, told_here
from fillrate.steps.touch import note_items, touch

Name = tuple[str, str]  # reference and position


class Placed(NamedTuple):
    """A line with our keys of where it goes and where it comes from."""

    line: InboundLine
    location_id: int | None
    from_location_id: int | None

    @property
    def name(self) -> Name:
        """What tells it from other lines of its feed."""
        return self.line.reference, self.line.position


@dataclass(slots=True)
class Landed:
    """What a file brought: counts by kind, its bad rows, columns without a meaning, why what it leaves out was not believed.

    Of its `lines` (our keys), those are `unknown` whose SKU no single item has; `unmatched` counts them in all files.
    """

    counts: Counter[str] = field(default_factory=Counter)
    bad: list[BadRow] = field(default_factory=list)
    ignored: tuple[str, ...] = ()
    problem: str = ""
    lines: set[int] = field(default_factory=set)
    unmatched: int = 0
    unknown: list[dict[str, Any]] = field(default_factory=list)  # Any: JSON


def land(desk: Desk, tx: Writing, run_id: str, paper: Paper, parsed: InboundFile) -> Landed:
    """Save what a file tells: its lines, what became of them and its bad rows; and note the items that it touches."""
    found = Landed(bad=list(parsed.bad), ignored=parsed.ignored)
    good = placed(Places(tx, desk), parsed, found.bad)
    saved = saved_lines(tx, paper.source, good)
    told = told_here(tx, [row.id for row in saved.values()])
    good = [one._replace(line=at_least(one.line, saved.get(one.name), told)) for one in good]
    fresh = new_or_changed(tx, paper, good, saved, found.counts)
    supplied = suppliers(tx, [one.line.supplier for one in fresh], desk.settings.supplier)
    rows = [row_of(one, supplied, saved.get(one.name), paper) for one in fresh]
    tx.upsert(Inbound, rows, key=("source", "reference", "position"))
    landed = saved_lines(tx, paper.source, fresh)
    found.lines = {(landed.get(one.name) or saved[one.name]).id for one in good}
    became = {
        landed[one.name].id: events_of(before(saved.get(one.name)), now(one, saved.get(one.name), paper))
        for one in fresh
    }
    found.counts.update(save_events(tx, run_id, paper, became))
    gone: list[Any] = []  # Any: rows of Inbound
    if paper.is_complete and not found.bad:  # a bad row may be any of the lines that are missing
        gone, found.problem = cancel_missing(desk, tx, run_id, paper, {one.name for one in good})
        found.counts["cancelled"] += len(gone)
    moved = [lines[one.name] for one in fresh for lines in (saved, landed) if one.name in lines] + gone
    touch(tx, {row.item_id for row in moved if row.item_id is not None} | match_items(tx, list(became)))
    if found.counts["received"] + found.counts["taken_back"]:  # how late suppliers are decides when the rest comes
        note_items(tx, items_on_their_way())
    found.counts["rejected"] += len(found.bad)
    keep_file(desk, tx, paper, len(parsed.rows) + len(parsed.bad), found.bad)
    return found


def placed(places: Places, parsed: InboundFile, bad: list[BadRow]) -> list[Placed]:
    """Return the lines with their locations; those that name none of ours are added to the bad rows."""
    good = []
    for number, line in parsed.rows:
        try:
            check_sku(line.sku)
            start = places.find(line.from_location) if line.from_location else None
            good.append(Placed(line, places.find(line.location), start))
        except SkipRecord as skip:
            bad.append(BadRow(row=number, reason=skip.what))
    return good


def check_sku(sku: str) -> None:
    """Refuse a SKU of which nothing can be seen."""
    if not sku_key(sku):
        raise SkipRecord("sku is missing", path="sku")


def saved_lines(reading: Reading, source: str, lines: Iterable[Placed]) -> dict[Name, Any]:  # Any: rows of Inbound
    """Return the saved rows of the references of these lines."""
    references = sorted({one.line.reference for one in lines})
    return {(row.reference, row.position): row for row in reading.find(Inbound, "reference", references, source=source)}


def new_or_changed(
    tx: Writing, paper: Paper, lines: Sequence[Placed], saved: dict[Name, Any], counts: Counter[str]
) -> list[Placed]:  # Any: rows of Inbound
    """Return the lines that tell something new; of the others note that this file told of them too, unless it is older."""
    fresh, same = [], []
    for one in lines:
        row: Any = saved.get(one.name)
        kind = kind_of_change(one, row, paper)
        counts[kind] += 1
        if kind in {"new", "changed"}:
            fresh.append(one)
        elif kind == "unchanged":
            same.append({"id": row.id, **paper.told})
    tx.update(Inbound, same, key=("id",))
    return fresh


def kind_of_change(one: Placed, row: Any, paper: Paper) -> str:  # Any: a row of Inbound, or None
    """Return "new", "changed", "unchanged" or "older"."""
    if row is None:
        return "new"
    if paper.is_older_than(row):
        return "older"
    return "unchanged" if row.content_hash == content_hash(one.line) else "changed"


def row_of(
    one: Placed, supplied: dict[str, int], old: Any, paper: Paper
) -> dict[str, Any]:  # Any: a row of Inbound, or None; a table's row
    """Return the row of a line; what is known of it beyond this file stays."""
    line, key = with_word(one.line, old), sku_key(one.line.sku)
    is_same_sku = old is not None and old.sku_key == key
    is_over = line.status != "open"
    ended_at = line.received_at or paper.modified_at
    was_over = old is not None and old.status == line.status
    first = None if old is None else old.first_expected_at
    return {
        "source": paper.source,
        "reference": line.reference,
        "position": line.position,
        "kind": line.kind,
        "supplier_id": supplied.get(folded(line.supplier)),
        "item_id": old.item_id if is_same_sku else None,
        "sku": line.sku,
        "sku_key": key,
        "location_id": one.location_id,
        "from_location_id": one.from_location_id,
        "qty_ordered": line.quantity,
        "qty_received": line.received,
        "qty_cancelled": line.cancelled,
        "qty_by_hand": 0 if line is one.line else old.qty_by_hand,
        "qty_seen": 0 if old is None else still_seen(line, old),
        "status": line.status,
        "ordered_at": line.ordered_at,
        "first_expected_at": first or line.expected_at,
        "expected_at": line.expected_at,
        "closed_at": (old.closed_at if was_over else ended_at) if is_over else None,
        "content_hash": content_hash(one.line),
        **paper.told,
    }


def still_seen(line: InboundLine, old: Any) -> int:  # Any: a row of Inbound
    """Return how many units a shop's number has shown; those of a receipt that is taken back were others."""
    return int(min(old.qty_seen, line.received) if line.received < old.qty_received else old.qty_seen)


def with_word(line: InboundLine, old: Any) -> InboundLine:  # Any: a row of Inbound, or None
    """Return a line with what a person said was received, until its source tells of as many."""
    if old is None or line.received >= old.qty_by_hand:
        return line
    return msgspec.structs.replace(line, received=old.qty_by_hand)


def now(one: Placed, old: Any, paper: Paper) -> Told:  # Any: a row of Inbound, or None
    """Return what a file tells of a line."""
    line = with_word(one.line, old)
    return Told(
        line.quantity,
        line.received,
        line.cancelled,
        line.status,
        line.expected_at,
        paper.modified_at,
        line.ordered_at,
        line.received_at,
    )


def before(row: Any) -> Told | None:  # Any: a row of Inbound, or None
    """Return what was told of a line before, None for a new one."""
    if row is None:
        return None
    return Told(row.qty_ordered, row.qty_received, row.qty_cancelled, row.status, row.expected_at, row.told_at)


def keep_file(desk: Desk, tx: Writing, paper: Paper, rows: int, bad: Sequence[BadRow], refused: str = "") -> None:
    """Keep that a file was read, and which of its rows could not be used."""
    key = {"source": paper.source, "name": paper.name}
    read = {"hash": paper.hash, "modified_at": paper.modified_at, "read_at": desk.outside.clock.now()}
    told = {"rows": rows, "rejected": len(bad), "refused": refused}
    tx.upsert(ImportFile, [{**key, **read, **told}], key=("source", "name"))
    tx.delete(RejectedRow, [key], key=("source", "name"))
    tx.insert(RejectedRow, [{**key, "row": one.row, "reason": one.reason} for one in bad])
