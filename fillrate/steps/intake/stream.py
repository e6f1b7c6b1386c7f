"""Read one stream of one shop into the tables, page by page, whatever the stream holds.

A page's good records, its rejected ones and the cursor land in one transaction; so a run may be cut off anywhere and
the next one goes on with the page after.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

import msgspec
import sqlalchemy as sa

from fillrate.channels.protocol import Ask, Page, Stream
from fillrate.db.bulk import rare_collections
from fillrate.db.database import Reading, Writing
from fillrate.db.lease import Held
from fillrate.db.tables.columns import Model
from fillrate.records import Reject
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.intake import rejects, sweeps, windows
from fillrate.steps.intake.compare import content_hash
from fillrate.steps.intake.windows import Asked, Window
from fillrate.steps.runs import Problem, RunLog


@dataclass(frozen=True, slots=True)
class Swept:
    """A table that a complete sweep of the stream compares: the ids met in a page, and the column they stand in."""

    name: str
    table: type[Model]
    id_column: str
    met: Callable[[Reading, Page[Any]], list[str]]


@dataclass(frozen=True, slots=True)
class Intake:
    """How one stream lands: `land` saves a page's records and counts them; `stamp` is the shop's time of each."""

    stream: Stream
    table: type[Model]
    land: Callable[[Writing, Sequence[Any]], Counter[str]]
    stamp: str | None
    swept: tuple[Swept, ...] = ()
    after: Callable[[Writing], None] | None = None  # what else the end of a window brings
    lock: bool = False  # it touches stock, allocations or open units
    by_id: bool = False  # its records can be asked for by id


def met_ids(_: Reading, page: Page[Any]) -> list[str]:
    """Return the ids that a page proves to exist; a record that cannot be read exists all the same."""
    return [one.platform_id for one in page.records] + [one.platform_id for one in page.rejects]


def read_in(desk: Desk, shop: Shop, log: RunLog, intake: Intake, asked: Asked, lease: Held) -> Window:
    """Read a stream from where it was left to the shop's now, and count into the run's log; a dry run saves nothing.

    Returns the window that was read; of a stream that the channel does not have, nothing is.
    """
    if intake.stream not in shop.channel.capabilities().streams:
        return Window(since=None, until=desk.outside.clock.now(), moves_cursor=False)
    now = shop.channel.time()
    overlap = timedelta(minutes=shop.settings.overlap_minutes)
    with desk.db.read() as reading:
        window = windows.next_window(reading, shop.id, intake.stream, now, overlap, asked)
    if intake.stream not in shop.channel.capabilities().windowed:
        window = Window(since=None, until=now, is_sweep=True, is_first=window.is_first)
    # A sweep asks for all there is: what changes while it reads would otherwise move out of its sight and count as gone.
    until = None if window.is_sweep else window.until
    ask = Ask(stream=intake.stream, since=window.since, until=until, after=window.after)
    if log.is_dry:
        look_only(shop, log, ask, intake, window)
        return window
    began = desk.outside.clock.now()
    with desk.db.write(f"{intake.stream}.begin", lease) as tx:
        windows.begin(tx, shop.id, intake.stream, window)
        if window.is_sweep and window.after is None:
            for swept in intake.swept:
                sweeps.forget(tx, shop.id, swept.name)
    with rare_collections():
        for page in shop.channel.read(ask):
            with desk.db.write(f"{intake.stream}.page", lease, lock=intake.lock) as tx:
                counts = land_page(desk, shop, intake, tx, page, window)
                if page.next is not None:
                    windows.advance(tx, shop.id, intake.stream, window, page.next)
            log.counts.update(counts)
            log.say(f"{intake.stream} of {shop.name}: {read_so_far(log, intake)} read")
    with desk.db.write(f"{intake.stream}.end", lease, lock=intake.lock) as tx:
        problems = end_window(desk, shop, log, intake, tx, window)
        if window.is_sweep and window.after is None and not intake.swept:
            rejects.resolve_nameless(tx, shop.id, intake.stream, desk.outside.clock.now(), before=began)
        windows.finish(tx, shop.id, intake.stream, window, saved_until(tx, shop.id, intake, window, began))
    log.problems.extend(problems)
    return window


def look_only(shop: Shop, log: RunLog, ask: Ask, intake: Intake, window: Window) -> None:
    """Read and count without saving; newer than what is saved are those behind the cursor that the window overlaps."""
    for page in shop.channel.read(ask):
        log.counts.update({f"{ask.stream}_read": len(page.records), f"{ask.stream}_rejected": len(page.rejects)})
        if intake.stamp is not None and window.moves_cursor:
            saved, stamps = window.saved_until, [getattr(one, intake.stamp) for one in page.records]
            log.counts[f"{ask.stream}_newer"] += sum(saved is None or stamp > saved for stamp in stamps)


def read_so_far(log: RunLog, intake: Intake) -> int:
    """Return how many records of a stream this run has met."""
    kinds = ("new", "changed", "unchanged", "older", "rejected")
    return sum(log.counts[f"{intake.stream}_{kind}"] for kind in kinds)


def land_page(desk: Desk, shop: Shop, intake: Intake, tx: Writing, page: Page[Any], window: Window) -> Counter[str]:
    """Save one page: its records, its rejects, and what it proves to exist or to be gone."""
    page = without_future(desk, intake, page, window)
    counts = Counter({f"{intake.stream}_{kind}": n for kind, n in intake.land(tx, page.records).items()})
    at = desk.outside.clock.now()
    rejects.save_rejects(tx, shop.id, intake.stream, page.rejects, at)
    settled = [record.platform_id for record in page.records] + list(page.gone)
    counts[f"{intake.stream}_resolved"] += rejects.resolve_rejects(tx, shop.id, intake.stream, settled, at)
    counts[f"{intake.stream}_rejected"] += len(page.rejects)
    if page.gone:
        counts[f"{intake.stream}_deleted"] += sweeps.gone(tx, shop.id, intake.table, page.gone, at)
    for swept in intake.swept:
        if window.is_sweep:
            met = swept.met(tx, page)
            sweeps.seen(tx, shop.id, swept.name, [one for one in met if not one] if window.is_first else met)
        else:
            sweeps.proven(tx, shop.id, swept.table, swept.id_column, swept.met(tx, page))
    return counts


def without_future(desk: Desk, intake: Intake, page: Page[Any], window: Window) -> Page[Any]:
    """Return the page with records from the future rejected: such a stamp would keep all later truth out."""
    if intake.stamp is None:
        return page
    stamp = attrgetter(intake.stamp)
    latest = max(window.until, desk.outside.clock.now()) + timedelta(days=1)
    told = tuple(
        Reject(
            platform_id=one.platform_id,
            reason=f"{intake.stamp} lies in the future: {stamp(one):%Y-%m-%d}",
            payload_hash=content_hash(one),
        )
        for one in page.records
        if stamp(one) > latest
    )
    if not told:
        return page
    good = tuple(one for one in page.records if stamp(one) <= latest)
    return msgspec.structs.replace(page, records=good, rejects=(*page.rejects, *told))


def end_window(desk: Desk, shop: Shop, log: RunLog, intake: Intake, tx: Writing, window: Window) -> list[Problem]:
    """Do what the end of a window brings: judge the sweep, and say why it counts for nothing."""
    problems = []
    if window.is_sweep:
        share = desk.settings.policy.for_(channel=shop.name).vanish_share
        for swept in intake.swept:
            if not window.is_first:
                counts, why_not = sweeps.end_sweep(
                    tx, shop.id, swept.name, swept.table, share, window.until, swept.id_column
                )
                log.counts.update({f"{swept.name}_{kind}": n for kind, n in counts.items()})
                if why_not:
                    what_now = "Look at the shop; nothing was deleted here."
                    problems.append(Problem(f"{shop.name}: {swept.name}", why_not, what_now))
            if not sweeps.nameless(tx, shop.id, swept.name):  # what had no name was met by its name now, or is gone
                rejects.resolve_nameless(tx, shop.id, swept.name, desk.outside.clock.now())
            sweeps.forget(tx, shop.id, swept.name)
    if intake.after is not None:
        intake.after(tx)
    return problems


def saved_until(
    tx: Writing, channel_id: int, intake: Intake, window: Window, began: datetime
) -> Any:  # Any: time, None
    """Return where the next window begins: at the newest shop time that is saved.

    Where records cannot be asked for by id, a window that met bad ones for the first time is read once more.
    """
    if intake.stamp is not None and not intake.by_id and rejects.first_met(tx, channel_id, intake.stream, began):
        cursor = windows.load_cursor(tx, channel_id, intake.stream)
        return None if cursor is None else cursor.saved_until
    return newest(tx, channel_id, intake, window)


def newest(tx: Writing, channel_id: int, intake: Intake, window: Window) -> Any:  # Any: a time, or None
    """Return the newest shop time among the saved rows up to the window's end."""
    if intake.stamp is None:
        return None
    columns = intake.table.__table__.c
    stamp = columns[intake.stamp]
    return tx.scalar(sa.select(sa.func.max(stamp)).where(columns.channel_id == channel_id, stamp <= window.until))
