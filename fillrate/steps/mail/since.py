"""Since when orders are written about: those that were placed before a kind of mail was switched on hear nothing of it."""

from collections.abc import Mapping
from datetime import datetime

from fillrate.db.database import Reading, Writing
from fillrate.db.queries import mails as queries
from fillrate.db.tables import Mark
from fillrate.decide.mails import Kind
from fillrate.steps.desk import Desk, Shop

Since = Mapping[Kind, datetime]


def switched_on(desk: Desk, tx: Writing, shop: Shop, at: datetime) -> Since:
    """Return since when, by kind of mail, and note it of kinds that are switched on now; of others it is forgotten."""
    prefix = f"mail:{shop.name}:"
    known = queries.marks(tx, prefix)
    kinds = desk.settings.mail.messages if desk.settings.mail else ()
    off = [name for name in known if name.removeprefix(prefix) not in kinds]
    tx.delete(Mark, [{"name": name} for name in off], key=("name",))
    fresh = [prefix + kind for kind in kinds if prefix + kind not in known]
    start = max(at, queries.newest_order(tx, shop.id) or at) if fresh else at
    tx.insert(Mark, [{"name": name, "value": start.isoformat()} for name in fresh])
    return known_since(desk, tx, shop)


def known_since(desk: Desk, reading: Reading, shop: Shop) -> Since:
    """Return since when, by kind of mail, as far as it is switched on and was noted."""
    prefix = f"mail:{shop.name}:"
    known = queries.marks(reading, prefix)
    kinds = desk.settings.mail.messages if desk.settings.mail else ()
    return {kind: datetime.fromisoformat(known[prefix + kind]) for kind in kinds if prefix + kind in known}
