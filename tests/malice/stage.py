"""A shop, one kind of its records, and pages of them on which some are spoiled and the others left alone."""

import json
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from fillrate.channels.protocol import Stream
from fillrate.steps.desk import Desk
from fillrate.steps.intake.windows import Asked
from fillrate.steps.runs import RunLog, recorded
from sandbox import Switches
from sandbox.records import Brand, Location
from tests.malice.kinds import Kind
from tests.malice.liar import Liar, Lies, Row, desk_of
from tests.malice.mutations import RIGHTLY, Case, cases_of, has
from tests.malice.truth import is_told
from tests.simulation.world import World

MOST_ON_A_PAGE = 80  # so many bad records and fewer are all asked for again in one run
OF_IT = 0.6  # the share of a page that may be spoiled
# made of several fields, or only told apart by what a field says
DERIVED = frozenset({
    "origin", "item_name", "item_sku", "item_key", "sku_key", "is_tracked", "is_digital", "needs_stock",
    "recipient", "destination", "source_channel", "options", "line_platform_id", "category_platform_ids", "variant_platform_id",
    "qty_ordered", "qty_shipped", "qty_shipped_told", "qty_cancelled", "on_hand", "is_purchasable", "is_visible",
    "is_enabled", "is_archived", "language",
})  # fmt: skip
PLAUSIBLE = {"a number"}
REJECTED = "SELECT platform_id, reason, resolved_at FROM rejected_record WHERE stream = :stream"
Saved = dict[str, dict[str, str]]


@dataclass
class Stage:
    """What an honest read of one kind leaves behind, and the tables that each page starts from."""

    kind: Kind
    world: World
    before: Path
    records: list[Row] = field(default_factory=list)
    honest: Saved = field(default_factory=dict)
    ran: int = 0

    @classmethod
    def set_up(cls, kind: Kind, folder: Path, template: Path) -> "Stage":
        """Make a shop in which there are many of everything, and read it honestly."""
        world = World.make("", 3, Switches(), products=150, customers=120, orders=220, days=80)
        state = world.shop.state
        for n in range(1001, 1040):
            state.locations[n] = Location(n, f"LOC-{n}", f"Place {n}", "UTC")
            state.brands.add(Brand(n, f"Brand {n}"))
        before = Path(shutil.copy(template, folder / "before.db"))
        stage = cls(kind, world, before)
        with desk_of(world, f"sqlite:///{before}", Liar(world.shop)) as desk:
            for step in kind.before:
                step(desk, RunLog("before", "sync-catalog", "main"), Asked())
        shown: dict[Any, Row] = {}
        liar = Liar(world.shop)
        liar.then = lambda asked, body: stage.listen(asked, body, shown)
        with stage.fresh_desk(liar) as desk:
            stage.run(desk)
            stage.honest = stage.saved(desk)
        stage.records = list(shown.values())
        return stage

    def listen(self, asked: str, body: bytes, shown: dict[Any, Row]) -> bytes:
        """Remember the records as the shop shows them."""
        if asked == self.kind.place.asked and body:
            answer = json.loads(body)
            for row in answer if isinstance(answer, list) else answer["data"]:
                shown[self.kind.place.id_of(row)] = row
        return body

    @contextmanager
    def fresh_desk(self, liar: Liar) -> Iterator[Desk]:
        """Open a desk on tables into which nothing of this kind has been read."""
        file = self.before.parent / "page.db"
        shutil.copy(self.before, file)
        with desk_of(self.world, f"sqlite:///{file}", liar) as desk:
            yield desk
        for leftover in self.before.parent.glob("page.db*"):
            leftover.unlink()

    def run(self, desk: Desk, *, full: bool = False) -> Counter[str]:
        """Do the step that reads this kind; returns its counts."""
        self.ran += 1
        with recorded(desk, RunLog(f"run-{self.ran}", "sync", "main")) as log:
            self.kind.step(desk, log, Asked(full=full))
        return log.counts

    def saved(self, desk: Desk) -> Saved:
        """Return what is kept of each record."""
        with desk.db.read() as reading:
            return self.kind.rows(reading)

    def rejected(self, desk: Desk) -> dict[str, str]:
        """Return the reason of each record that still cannot be read, by its id."""
        with desk.db.read() as reading:
            rows = reading.rows(sa.text(REJECTED).bindparams(stream=str(self.kind.stream)))
        return {row.platform_id: row.reason for row in rows if row.resolved_at is None}

    def cases(self) -> list[Case]:
        """Return every mutation of every field of this kind that leaves it malformed or the same record."""
        return [
            one for one in cases_of(self.records) if not (one.field in self.kind.identities and one.how in PLAUSIBLE)
        ]

    def pages(self, cases: Sequence[Case]) -> Iterator[dict[Any, Case]]:
        """Yield the cases by record, a page of them at a time."""
        left = list(cases)
        while left:
            room = min(MOST_ON_A_PAGE, max(1, int(len(self.records) * OF_IT)))
            free, page, later = list(self.records), {}, []
            for case in left:
                index = (
                    next((i for i, row in enumerate(free) if has(row, case.path)), None) if len(page) < room else None
                )
                if index is None:
                    later.append(case)
                else:
                    page[self.kind.place.id_of(free.pop(index))] = case
            assert page, left[0]
            yield page
            left = later

    def act(self, page: dict[Any, Case], url: str | None = None) -> tuple[int, list[str]]:
        """Read a page with its lies, then the truth; returns how many bodies were spoiled and everything that is wrong.

        `url` names other tables than those that were prepared.
        """
        liar = Liar(self.world.shop)
        with desk_of(self.world, url, liar) if url else self.fresh_desk(liar) as desk:
            for step in self.kind.before if url else ():
                step(desk, RunLog("before", "sync-catalog", "main"), Asked())
            liar.lies = lies = Lies(self.kind.place, page)
            counts = self.run(desk)
            rejected = self.rejected(desk)
            wrong = self.compare(page, self.saved(desk), rejected) + self.uncounted(counts, rejected)
            liar.lies = None
            self.world.clock.sleep(60)
            self.run(desk)
            wrong += self.not_healed(rejected, desk) if self.kind.by_id else []
            self.run(desk, full=True)
            wrong += [f"after a full run still: {one}" for one in self.differences(self.saved(desk), page)]
            wrong += [f"still rejected: {one}" for one in self.rejected(desk).items()]
        return lies.told, wrong

    def uncounted(self, counts: Counter[str], rejected: dict[str, str]) -> list[str]:
        """Return it where what was told is not what landed, was passed over and is listed, by the run's own counts."""
        kinds = (f"{self.kind.stream}_{kind}" for kind in ("new", "skipped_unpaid_checkouts"))
        landed = sum(counts[kind] for kind in kinds)
        if self.kind.stream == Stream.STOCK or landed + len(rejected) == len(self.records):
            return []  # of stock, what rejects hide is asked for again and counted again
        return [f"{len(self.records)} were told, {landed} landed or were passed over, {len(rejected)} are listed"]

    def compare(self, page: dict[Any, Case], saved: Saved, rejected: dict[str, str]) -> list[str]:
        """Return what is wrong after a page with lies: neighbours that are hurt, records lost, invented or misunderstood."""
        wrong = []
        bad = {str(record): case for record, case in page.items()}
        for record in self.honest.keys() | saved.keys():
            case = bad.get(record)
            if case is None:
                wrong += (
                    [f"neighbour {record}: {self.honest.get(record)} {saved.get(record)}"]
                    if (self.honest.get(record) != saved.get(record))
                    else []
                )
        nameless = [reason for name, reason in rejected.items() if name.startswith("?")]
        for record, case in bad.items():
            reason = rejected.get(record)
            if reason is None and record not in saved:
                reason = next((one for one in nameless if names(one, case)), None)
            if record in saved and reason is None:
                wrong += [f"{record} {case}: {one}" for one in self.misunderstood(record, case, saved[record])]
            elif reason is None and record in self.honest and not is_skipped(case):
                wrong.append(f"{record} {case}: lost without a word")
            elif reason is None:
                continue
            elif record in saved:
                wrong.append(f"{record} {case}: rejected ({reason}) and kept all the same")
            elif not names(reason, case):
                wrong.append(f"{record} {case}: the reason does not name the field: {reason}")
        return wrong

    def misunderstood(self, record: str, case: Case, kept: dict[str, str]) -> Iterator[str]:
        """Yield what is kept of an accepted record and is neither the truth nor what the spoiled field says."""
        honest = self.honest[record]
        may_differ = frozenset() if case.how == RIGHTLY else self.kind.needed.get(case.field, frozenset())
        for name in sorted(honest.keys() | kept.keys()):
            if honest.get(name) == kept.get(name):
                continue
            column = name.rpartition(".")[2]
            if column not in may_differ:
                yield f"{name} became {kept.get(name)!r:.80} instead of {honest.get(name)!r:.80}"
            elif column not in DERIVED and not is_told(case, kept.get(name, "None")):
                yield f"{name} became {kept.get(name)!r:.80}, which nobody said"

    def not_healed(self, rejected: dict[str, str], desk: Desk) -> Iterator[str]:
        """Yield which records that were rejected by name are not right after one run in which the shop tells the truth."""
        still, saved = self.rejected(desk), self.saved(desk)
        for record in rejected:
            if not record.startswith("?") and (record in still or saved.get(record) != self.honest.get(record)):
                yield f"one run later {record} is still not right: {still.get(record)}"

    def differences(self, saved: Saved, page: dict[Any, Case]) -> Iterator[str]:
        """Yield what differs from what an honest shop leaves behind, units aside that a lie has let leave for good."""
        fields = {str(record): case.field for record, case in page.items()}
        for record in sorted(self.honest.keys() | saved.keys()):
            honest, kept = self.honest.get(record, {}), saved.get(record, {})
            for name in sorted(honest.keys() | kept.keys()):
                has_left = "qty_" in name and "qty_shipped" in self.kind.needed.get(fields.get(record, ""), ())
                if honest.get(name) != kept.get(name) and not has_left:
                    yield f"{record} {name}: {kept.get(name)!r:.80} instead of {honest.get(name)!r:.80}"


def names(reason: str, case: Case) -> bool:
    """Tell whether a reason names the field that is spoiled, or what is around it."""
    named = [part for part in case.path if isinstance(part, str)]
    return any(part.removeprefix("date_") in reason for part in named)


def is_skipped(case: Case) -> bool:
    """Tell whether this says of an order that it is an unfinished checkout, which is counted and not kept."""
    return case.field == "status_id" and case.content == b"0"
