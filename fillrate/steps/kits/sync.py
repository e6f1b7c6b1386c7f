"""Take in a file of kits, that a person names or that a feed brings."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from fillrate.channels.kit_files import parse_kits
from fillrate.db.database import Writing
from fillrate.db.lease import Held
from fillrate.db.queries.kits import left_by_shelf
from fillrate.db.tables import ImportFile, RejectedRow, StockReading
from fillrate.errors import FillrateError, SkipRecord
from fillrate.steps.desk import Desk
from fillrate.steps.kits.land import land, too_few
from fillrate.steps.picking.settle import settle_all
from fillrate.steps.runs import RunLog
from fillrate.steps.supply.feeds import LEASE, Arrived, Undone, by_hand
from fillrate.steps.supply.land import Landed, keep_file

KITS = "kits-file"  # as a source of files; no feed can be called so


def import_kits(desk: Desk, log: RunLog, path: Path, *, parts_counted: bool = False) -> Landed:
    """Make the kits what a file says; FillrateError where it is refused. A dry run saves nothing.

    `parts_counted`: the shop's numbers of parts are what lies there, whatever left in kits before.
    """
    arrived = by_hand(desk, path)
    feeds = {one.name for one in desk.settings.inbound if one.holds == "kits"}
    if arrived.paper.source not in feeds:
        arrived = replace(arrived, paper=replace(arrived.paper, source=KITS))
    with desk.db.hold(LEASE, wait_s=log.patience_s) as lease:
        landed, refused = take_in_kits(desk, log, lease, arrived, by_person=True, parts_counted=parts_counted)
    if landed is None:
        raise FillrateError(f"{path.name} was refused. {refused}", next="Mend it and import it again.")
    return landed


def take_in_kits(
    desk: Desk, log: RunLog, lease: Held, arrived: Arrived, *, by_person: bool = False, parts_counted: bool = False
) -> tuple[Landed | None, str]:
    """Make the kits what one file says, in one transaction; None and why where it is refused. A dry run saves nothing.

    Only a file that is named `by_person` ends any number of kits: one that a feed brings may be half an export.
    """
    paper, refused = arrived.paper, arrived.refused
    try:
        kits = None if refused else parse_kits(arrived.body)
    except SkipRecord as skip:
        kits, refused = None, skip.what
    landed = None
    with suppress(Undone), desk.db.write("kits.file", lease, lock=True) as tx:
        for table in (RejectedRow, ImportFile):  # what earlier files of this source said is over
            tx.delete(table, [{"source": paper.source}], key=("source",))
        if kits is not None and not by_person:
            refused = too_few(desk, tx, kits)
        if kits is None or refused:
            keep_file(desk, tx, paper, 0, [], refused)
        else:
            landed = land(desk, tx, log.id, paper, kits)
        if parts_counted:
            know_parts(tx)
        settle_all(desk, tx, log.id)
        if log.is_dry:
            raise Undone
    if landed is not None:
        log.counts.update({f"kits_{kind}": n for kind, n in landed.counts.items()})
    return landed, refused


def know_parts(tx: Writing) -> None:
    """Note that the shop's numbers know of all parts that have left in kits so far."""
    known = [
        {"item_id": item, "location_id": location, "parts_known": units}
        for (item, location), units in left_by_shelf(tx).items()
    ]
    tx.update(StockReading, known, key=("item_id", "location_id"))
