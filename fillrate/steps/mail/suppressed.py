"""Addresses that are not written to: the mail server knows nobody there, or a person said why; orders go on as they are."""

from typing import Any

from fillrate.db.database import Reading, Writing
from fillrate.db.tables import Suppressed
from fillrate.errors import FixSettings, NotFound
from fillrate.mailbox import mailbox
from fillrate.steps.desk import Desk

UNKNOWN = "the mail server knows nobody there"


def spelt(address: str) -> str:
    """Return an address as it is listed, "" where it is none."""
    try:
        return mailbox(address).address.lower()
    except ValueError:
        return ""


def why_suppressed(reading: Reading, address: str) -> str:
    """Return why an address is not written to, "" where it is."""
    found = reading.find(Suppressed, "address", [spelt(address)])
    return str(found[0].why) if found else ""


def add(desk: Desk, tx: Writing, address: str, why: str) -> None:
    """Write to an address no more, where it is one."""
    row = {"address": spelt(address), "why": why, "since": desk.outside.clock.now()}
    tx.upsert(Suppressed, [row] if row["address"] else [], key=("address",))


def suppress(desk: Desk, address: str, why: str) -> None:
    """Write to an address no more, as a person wants it."""
    if not spelt(address) or not why.strip():
        what = "This is no address, or there is no reason."
        raise FixSettings(what, next='fillrate mails suppress ann@example.com --reason "she complained"')
    with desk.db.write("mail.suppress", lock=True) as tx:
        add(desk, tx, address, why)


def allow(desk: Desk, address: str) -> None:
    """Write to an address again."""
    with desk.db.write("mail.allow", lock=True) as tx:
        if not why_suppressed(tx, address):
            raise NotFound("This address is not on the list.", next="See the list: fillrate mails")
        tx.delete(Suppressed, [{"address": spelt(address)}], key=("address",))


def suppressed(reading: Reading) -> list[dict[str, Any]]:  # Any: JSON
    """Return all addresses that are not written to."""
    rows = reading.rows(Suppressed.__table__.select().order_by(Suppressed.__table__.c.address))
    return [{"address": row.address, "why": row.why, "since": row.since.isoformat()} for row in rows]
