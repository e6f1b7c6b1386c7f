"""How a file of kits lands: the kits are what the newest file says, all of it in one transaction."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.channels.kit_files import Kits
from fillrate.db.database import Reading, Writing
from fillrate.db.tables import KitPart, Movement, OpenUnit, OrderLine, Stock
from fillrate.decide.sweeps import FEW
from fillrate.steps.desk import Desk
from fillrate.steps.kits.fit import fit
from fillrate.steps.kits.names import Made, made_of
from fillrate.steps.supply.events import Paper
from fillrate.steps.supply.land import Landed, keep_file
from fillrate.steps.touch import touch


def land(desk: Desk, tx: Writing, run_id: str, paper: Paper, kits: Kits) -> Landed:
    """Make every kit what the file says. One with a bad row stays as it was; what a file leaves out ends if no row is bad."""
    told, unclear = made_of(tx, kits)
    found = Landed(bad=[*kits.bad, *unclear], ignored=kits.ignored)
    before = saved(tx)
    after = {**before, **told} if found.bad else told
    differs = {kit for kit in {*before, *after} if before.get(kit) != after.get(kit)}
    found.counts.update(
        new=len(differs - before.keys()),
        changed=len(differs & before.keys() & after.keys()),
        unchanged=len(after.keys() - differs),
        ended=len(differs - after.keys()),
        rejected=len(found.bad),
    )
    save(tx, {kit: after.get(kit, {}) for kit in differs})
    touch(tx, differs.union(*(made[kit] for kit in differs for made in (before, after) if kit in made)))
    at = desk.outside.clock.now()
    fit(tx, open_lines(tx, differs), run_id, at, kits_only=False)
    empty_shelves(tx, differs & after.keys(), run_id, at)
    keep_file(desk, tx, paper, len(kits.rows) + len(kits.bad), found.bad)
    return found


def too_few(desk: Desk, reading: Reading, kits: Kits) -> str:
    """Return why a file is not believed that leaves out an unusual share of many kits, "" where it is."""
    told, unclear = made_of(reading, kits)
    if kits.bad or unclear:  # such a file ends nothing
        return ""
    before = saved(reading)
    gone, share = len(before.keys() - told.keys()), desk.settings.policy.default.vanish_share
    if gone <= FEW or gone <= len(before) * share:
        return ""
    what = f"It leaves out {gone} of the {len(before)} kits known here, which is too much at once to be believed."
    return f"{what} If it is right, say so: fillrate import kits FILE."


def saved(reading: Reading) -> Made:
    """Return all kits as they are; packs are told of by files of listings."""
    found: Made = defaultdict(dict)
    for row in reading.rows(sa.select(*KitPart.__table__.c).where(~col(KitPart.is_pack))):
        found[row.kit_id][row.part_id] = row.per
    return found


def save(tx: Writing, kits: Made) -> None:
    """Replace these kits; one without parts is none any more."""
    tx.delete(KitPart, [{"kit_id": kit} for kit in sorted(kits)], key=("kit_id",))
    rows = [
        {"kit_id": kit, "part_id": part, "per": per}
        for kit, parts in sorted(kits.items())
        for part, per in parts.items()
    ]
    tx.insert(KitPart, rows)


def open_lines(reading: Reading, items: Collection[int]) -> list[int]:
    """Return the lines of these items with open units."""
    is_open = sa.exists().where(col(OpenUnit.line_id) == col(OrderLine.id))
    statement = sa.select(col(OrderLine.id)).where(reading.is_in(col(OrderLine.item_id), sorted(items)), is_open)
    return [row.id for row in reading.rows(statement)]


def empty_shelves(tx: Writing, kits: Collection[int], run_id: str, at: datetime) -> None:
    """Book what lies on shelves of kits off: a kit lies nowhere, it is drawn from its parts."""
    rows: list[Any] = tx.find(Stock, "item_id", sorted(kits))
    held = [row for row in rows if row.on_hand]
    movements = [
        {
            "item_id": row.item_id,
            "location_id": row.location_id,
            "kind": "counted",
            "quantity": -row.on_hand,
            "cause": f"kit:{run_id}:{row.item_id}:{row.location_id}",
            "occurred_at": at,
            "run_id": run_id,
        }
        for row in held
    ]
    tx.insert(Movement, movements)
    emptied = [{"item_id": row.item_id, "location_id": row.location_id, "on_hand": 0} for row in held]
    tx.update(Stock, emptied, key=("item_id", "location_id"))
