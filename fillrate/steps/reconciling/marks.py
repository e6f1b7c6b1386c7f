"""How far our journals were looked at when a channel was last reconciled, and under which rules."""

import hashlib
from typing import NamedTuple

import msgspec
import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.database import Reading, Writing
from fillrate.db.queries.stock import LastFacts
from fillrate.db.tables import Mark
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.reconciling.exposure import silent


class Marked(NamedTuple):
    """Up to where, and whether the rules are still those of then."""

    facts: LastFacts
    is_same: bool


def marked(desk: Desk, reading: Reading, shop: Shop) -> Marked:
    """Return how far a channel was reconciled."""
    said = reading.scalar(sa.select(col(Mark.value)).where(col(Mark.name) == name(shop)))
    transition, movement, rules = str(said or "0 0 -").split()
    return Marked(LastFacts(int(transition), int(movement)), rules == fingerprint(desk, reading, shop))


def mark(desk: Desk, tx: Writing, shop: Shop, facts: LastFacts) -> None:
    """Note that all up to here has been looked at."""
    value = f"{facts.transition} {facts.movement} {fingerprint(desk, tx, shop)}"
    tx.upsert(Mark, [{"name": name(shop), "value": value}], key=("name",))


def name(shop: Shop) -> str:
    """Return the name of a channel's mark."""
    return f"reconciled:{shop.name}"


def fingerprint(desk: Desk, reading: Reading, shop: Shop) -> str:
    """Return what changes with the rules of what a channel shows, and with who cannot be reached."""
    places = [one.model_dump(mode="json") for one in desk.settings.location]
    rules = [desk.settings.policy.model_dump(mode="json"), places, shop.settings.locations, shop.settings.publish]
    rules += [one for one in silent(desk, reading) if one != shop.name]
    return hashlib.sha256(msgspec.json.encode(rules)).hexdigest()[:16]
