"""Take over from another app: write what a person let through, compare what is owed, and plan what is left to take over."""

from dataclasses import dataclass, field
from typing import Any

from fillrate.channels.count_files import Counts
from fillrate.steps.adopting.carry_out import approved, carry_out
from fillrate.steps.adopting.plan import Proposed, propose
from fillrate.steps.adopting.verify import Owed, owed_now, verify
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.identity import check_identity
from fillrate.steps.intake.windows import Asked
from fillrate.steps.reconcile import read_stock_into_ledger
from fillrate.steps.runs import RunLog
from fillrate.steps.sync import sync_catalog


@dataclass(slots=True)
class Adopted:
    """What a run proposed for one shop, and what is owed before and after where it wrote something."""

    proposed: Proposed
    owed: list[Owed] = field(default_factory=list)


def adopt(desk: Desk, shop: Shop, log: RunLog, counts: Counts) -> Adopted:
    """Do all of it for one shop; a dry run decides by what was read last, plans, and writes nothing."""
    if log.is_dry:
        check_identity(desk, shop, log)
        return Adopted(propose(desk, shop, log, counts))
    with desk.db.hold(f"adopt:{shop.name}", wait_s=log.patience_s):
        sync_catalog(desk, shop, log, Asked())
        read_stock_into_ledger(desk, shop, log)
        owed: list[Owed] = []
        if any(approved(desk, shop).values()):
            before = owed_now(desk, shop)
            carry_out(desk, shop, log)
            read_stock_into_ledger(desk, shop, log)
            owed = verify(desk, shop, log, before)
        else:
            carry_out(desk, shop, log)
        return Adopted(propose(desk, shop, log, counts), owed)


def told(log: RunLog, channel: str, found: Adopted) -> None:
    """Add what was done in one channel to what the run tells; a row counts as bad where it fits none of the channels."""
    counted = found.proposed.counted
    shelves: list[dict[str, Any]] = [  # Any: JSON
        {
            "channel": channel,
            "sku": one.sku,
            "location": one.place,
            "on_hand": one.on_hand,
            "is_counted": one.is_counted,
            "seen": one.seen,
            "sold": one.taken_off,
            "why": one.why,
        }
        for one in counted.shelves
    ]
    log.details.setdefault("shelves", []).extend(shelves)
    log.details.setdefault("owed", []).extend(one._asdict() for one in found.owed)
    bad = [{"row": one.row, "reason": one.reason} for one in counted.bad]
    elsewhere = {one["row"] for one in log.details.get("bad_rows", bad)}
    log.details["bad_rows"] = [one for one in bad if one["row"] in elsewhere]
    log.counts["counts_rejected"] = len(log.details["bad_rows"])
