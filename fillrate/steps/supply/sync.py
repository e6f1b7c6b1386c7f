"""Read what feeds and people tell of goods on their way: each file once, in the order in which they were written."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.channels.inbound_files import parse_inbound
from fillrate.db.database import Writing
from fillrate.db.lease import Held
from fillrate.db.tables import ImportFile, Inbound, RejectedRow
from fillrate.errors import FillrateError, RetryLater, SkipRecord, StopChannel
from fillrate.gateway.folder import files_in
from fillrate.settings import InboundSettings
from fillrate.steps.desk import Desk
from fillrate.steps.kits.sync import take_in_kits
from fillrate.steps.runs import Problem, RunLog
from fillrate.steps.supply.feeds import ENDINGS, LEASE, Arrived, Undone, arrival, at_address, by_hand, may_differ
from fillrate.steps.supply.land import Landed, keep_file, land
from fillrate.steps.supply.names import Places, match_items, unmatched
from fillrate.steps.supply.outlook import with_alike
from fillrate.steps.touch import touch

MEND = "Mend it; the next run reads it again."


def sync_inbound(desk: Desk, log: RunLog) -> None:
    """Read all feeds; one that cannot be read is a problem of the run, the others go on."""
    with desk.db.hold(LEASE, wait_s=log.patience_s) as lease:
        for feed in desk.settings.inbound:
            try:
                read_feed(desk, log, lease, feed)
            except (StopChannel, RetryLater) as error:
                log.problem(f"inbound {feed.name}", error)
        if not log.is_dry:
            tie_up(desk, lease, found := Landed())
            log.counts["inbound_unmatched"] += found.unmatched


def import_inbound(desk: Desk, log: RunLog, path: Path) -> Landed:
    """Take in one file that a person names; FillrateError where it is refused."""
    with desk.db.hold(LEASE, wait_s=log.patience_s) as lease:
        landed = take_in(desk, log, lease, by_hand(desk, path))
        if landed is None:
            what = log.problems[-1].what.replace("It was", f"{path.name} was", 1)
            raise FillrateError(what, next="Mend it and import it again.")
        if not log.is_dry:
            tie_up(desk, lease, landed)
        log.counts["inbound_unmatched"] = landed.unmatched
    return landed


def read_feed(desk: Desk, log: RunLog, lease: Held, feed: InboundSettings) -> None:
    """Read the files of one feed that are new or changed, or of which something could not be used."""
    with desk.db.read() as reading:
        of_feed = sa.select(*ImportFile.__table__.c).where(col(ImportFile.source) == feed.name)
        known = {row.name: row for row in reading.rows(of_feed)}
    if feed.holds == "kits":
        read_kits(desk, log, lease, feed, known)
        return
    for arrived in [at_address(desk, feed)] if feed.url else in_folder(desk, log, lease, feed, known):
        if arrived is None:
            log.counts["files_left"] += 1
        elif not is_read(known.get(arrived.paper.name), arrived, feed):
            take_in(desk, log, lease, arrived)


def read_kits(
    desk: Desk, log: RunLog, lease: Held, feed: InboundSettings, known: Mapping[str, Any]
) -> None:  # Any: rows of ImportFile
    """Read the newest file of a feed of kits, unless a newer one was read already, or this very one without fault."""
    files = [] if feed.url else files_in(Path(str(feed.path)), ENDINGS)
    if not (feed.url or files):
        return
    arrived = at_address(desk, feed) if feed.url else arrival(desk, files[-1], feed)
    if arrived is None:
        log.counts["files_left"] += 1
        return
    newest = max((row.modified_at for row in known.values()), default=arrived.paper.modified_at)
    if newest <= arrived.paper.modified_at and not is_read(known.get(arrived.paper.name), arrived, feed):
        landed, refused = take_in_kits(desk, log, lease, arrived)
        log.counts["files_refused" if landed is None else "files_read"] += 1
        if landed is None:
            where = f"inbound {feed.name}: {arrived.paper.name}"
            log.problems.append(Problem(where, f"It was refused. {refused}", MEND))


def in_folder(
    desk: Desk, log: RunLog, lease: Held, feed: InboundSettings, known: Mapping[str, Any]
) -> Iterator[Arrived | None]:  # Any: rows of ImportFile
    """Yield the files of a feed's folder that may say something new, the oldest first; None for one that is being written."""
    files = files_in(Path(str(feed.path)), ENDINGS)
    gone = sorted(known.keys() - {one.name for one in files})
    if gone and not log.is_dry:
        with desk.db.write("supply.forget", lease) as tx:
            for table in (RejectedRow, ImportFile):
                tx.delete(table, [{"source": feed.name, "name": name} for name in gone], key=("source", "name"))
    for found in files:
        last = known.get(found.name)
        if last is None or last.rejected or last.refused or may_differ(found, last.read_at):
            yield arrival(desk, found, feed)


def is_read(known: Any, arrived: Arrived, feed: InboundSettings) -> bool:  # Any: a row of ImportFile, or None
    """Tell whether a file was read without fault and says nothing new; in two complete ones, the same says something."""
    if known is None or known.rejected or known.refused or known.hash != arrived.paper.hash:
        return False
    return arrived.paper.modified_at <= known.modified_at or bool(feed.url and not feed.complete)


def take_in(desk: Desk, log: RunLog, lease: Held, arrived: Arrived) -> Landed | None:
    """Save what one file tells, in one transaction; None where it is refused. A dry run saves nothing."""
    paper, refused = arrived.paper, arrived.refused
    try:
        parsed = None if refused else parse_inbound(arrived.body, desk.settings.store.zone, paper.modified_at)
    except SkipRecord as skip:
        parsed, refused = None, skip.what
    landed = None
    with suppress(Undone), desk.db.write("supply.file", lease, lock=True) as tx:
        if parsed is None:
            keep_file(desk, tx, paper, 0, [], refused)
        else:
            landed = land(desk, tx, log.id, paper, parsed)
        if log.is_dry:
            if landed is not None:
                tie(desk, tx, landed)
            raise Undone
    log.counts["files_refused" if landed is None else "files_read"] += 1
    if landed is not None:
        log.counts.update({f"inbound_{kind}": n for kind, n in landed.counts.items()})
    why = f"It was refused. {refused}" if landed is None else landed.problem
    if why:
        log.problems.append(Problem(f"inbound {paper.source}: {paper.name}", why, MEND))
    return landed


def tie_up(desk: Desk, lease: Held, landed: Landed) -> None:
    """After the files were read: tie up what is known by now, in a transaction of its own."""
    with desk.db.write("supply.tie_up", lease, lock=True) as tx:
        tie(desk, tx, landed)


def tie(desk: Desk, tx: Writing, landed: Landed) -> None:
    """Give open lines the location and the item that are known by now, and note in `landed` who has none."""
    give_default_location(tx, Places(tx, desk).default)
    touch(tx, match_items(tx))
    without = unmatched(tx)
    landed.unmatched = len(without)
    landed.unknown = with_alike(tx, [row for row in without if row.id in landed.lines])


def give_default_location(tx: Writing, location_id: int | None) -> None:
    """Let open lines that name no location go to the default one, once there is one."""
    is_nowhere = sa.and_(col(Inbound.location_id).is_(None), col(Inbound.status) == "open")
    if location_id is not None:
        tx.execute(sa.update(Inbound).where(is_nowhere).values(location_id=location_id))
