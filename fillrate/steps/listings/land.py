"""How a file of listings lands: what people say of listings is what the newest file says, all of it in one transaction."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import col

from fillrate.channels.listing_files import parse_listings
from fillrate.db.database import Writing
from fillrate.db.queries.matching import keys_worded, packed
from fillrate.db.tables import ImportFile, ListingWord, OrderLine, RejectedRow
from fillrate.errors import FillrateError, SkipRecord
from fillrate.steps.days import shop_time
from fillrate.steps.desk import Desk
from fillrate.steps.intake.catalog import match_lines
from fillrate.steps.intake.matching import match_listings
from fillrate.steps.intake.uncovered import wait_for_stock
from fillrate.steps.kits.fit import fit
from fillrate.steps.kits.land import empty_shelves, open_lines
from fillrate.steps.listings.words import KEY, Words, words_of
from fillrate.steps.picking.settle import settle_all
from fillrate.steps.runs import RunLog
from fillrate.steps.supply.feeds import LEASE, Undone, by_hand
from fillrate.steps.supply.land import Landed, keep_file

SOURCE = "listings-file"  # as a source of files; no feed can be called so
SAYS = ("sku", "sku_key", "per")


def import_listings(desk: Desk, log: RunLog, path: Path) -> Landed:
    """Make what people say of listings what a file says; FillrateError where it is refused. A dry run saves nothing.

    One with a bad row ends nothing that was said before.
    """
    arrived = by_hand(desk, path)
    paper, refused = replace(arrived.paper, source=SOURCE), arrived.refused
    landed = Landed()
    with (
        desk.db.hold(LEASE, wait_s=log.patience_s) as lease,
        suppress(Undone),
        desk.db.write("listings.file", lease, lock=True) as tx,
    ):
        for table in (RejectedRow, ImportFile):  # what earlier files said is over
            tx.delete(table, [{"source": SOURCE}], key=("source",))
        try:
            parsed = None if refused else parse_listings(arrived.body)
        except SkipRecord as skip:
            parsed, refused = None, skip.what
        if parsed is None:
            keep_file(desk, tx, paper, 0, [], refused)
        else:
            words = words_of(desk, tx, parsed.rows)
            words.bad[:0] = parsed.bad
            landed.bad, landed.ignored = words.bad, parsed.ignored
            say(desk, tx, log, landed, words)
            keep_file(desk, tx, paper, len(parsed.rows) + len(parsed.bad), landed.bad)
            settle_all(desk, tx, log.id)
        if log.is_dry:
            raise Undone
    if refused:
        raise FillrateError(f"{path.name} was refused. {refused}", next="Mend it and import it again.")
    log.counts.update({f"listings_{kind}": n for kind, n in landed.counts.items()})
    return landed


def say(desk: Desk, tx: Writing, log: RunLog, landed: Landed, words: Words) -> None:
    """Save what is said, point listings to their goods, and fit what is owed of them."""
    before = {
        tuple(getattr(row, name) for name in KEY): {name: getattr(row, name) for name in (*KEY, *SAYS)}
        for row in tx.rows(sa.select(*ListingWord.__table__.c))
    }
    after = {**before, **words.rows} if landed.bad else words.rows
    differs = [key for key in {*before, *after} if before.get(key) != after.get(key)]
    landed.counts.update(
        new=sum(key not in before for key in differs),
        changed=sum(key in before and key in after for key in differs),
        unchanged=len(after.keys() - set(differs)),
        ended=sum(key not in after for key in differs),
        rejected=len(landed.bad),
    )
    keys = words.keys | keys_worded(tx)
    was_packed = packed(tx)
    tx.delete(ListingWord, [dict(zip(KEY, key, strict=True)) for key in differs if key in before], key=KEY)
    tx.insert(ListingWord, [after[key] for key in sorted(differs) if key in after])
    match_listings(tx, keys)
    repacked = {item for item, _ in was_packed.items() ^ packed(tx).items()}
    at = desk.outside.clock.now()
    fit(tx, open_lines(tx, repacked), log.id, at, kits_only=False)
    empty_shelves(tx, repacked & packed(tx).keys(), log.id, at)
    for shop in desk.shops.values():
        if matched := match_lines(tx, shop.id):
            log.counts["lines_matched"] += matched
            wait_for_stock(tx, col(OrderLine.channel_id) == shop.id, log.id, shop_time(desk, tx, shop))
