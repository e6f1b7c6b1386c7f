"""How refunds land: the document and what it was for. What refunded units mean for a line comes with the order itself."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.channels.protocol import Stream
from fillrate.db.database import Writing
from fillrate.db.tables import Refund, RefundLine
from fillrate.records import Refund as RefundRecord
from fillrate.steps.desk import Shop
from fillrate.steps.intake.compare import content_hash
from fillrate.steps.intake.stream import Intake


def refunds(shop: Shop) -> Intake:
    """Return the intake of refunds."""

    def land(tx: Writing, records: Sequence[RefundRecord]) -> Counter[str]:
        return land_refunds(tx, shop.id, records)

    return Intake(Stream.REFUNDS, Refund, land, "created_at")


def land_refunds(tx: Writing, channel_id: int, records: Sequence[RefundRecord]) -> Counter[str]:
    """Save the refunds that are new or different."""
    hashes = {record.platform_id: content_hash(record) for record in records}
    saved = saved_hashes(tx, channel_id, list(hashes))
    fresh = [record for record in records if saved.get(record.platform_id) != hashes[record.platform_id]]
    rows = [refund_row(channel_id, record, hashes[record.platform_id]) for record in fresh]
    tx.upsert(Refund, rows, key=("channel_id", "platform_id"))
    ids = tx.ids(Refund, channel_id, [record.platform_id for record in fresh])
    tx.delete(RefundLine, [{"refund_id": one} for one in ids.values()], key=("refund_id",))
    tx.insert(RefundLine, [row for record in fresh for row in line_rows(ids[record.platform_id], record)])
    new = sum(record.platform_id not in saved for record in fresh)
    return Counter(new=new, changed=len(fresh) - new, unchanged=len(records) - len(fresh))


def saved_hashes(tx: Writing, channel_id: int, platform_ids: list[str]) -> dict[str, str]:
    """Return the content hash of each refund that is saved."""
    statement = sa.select(col(Refund.platform_id), col(Refund.content_hash)).where(
        col(Refund.channel_id) == channel_id, tx.is_in(col(Refund.platform_id), platform_ids)
    )
    return {row.platform_id: row.content_hash for row in tx.rows(statement)}


def refund_row(channel_id: int, record: RefundRecord, content: str) -> dict[str, Any]:  # Any: a table's row
    """Return the row of one refund."""
    return {
        "channel_id": channel_id,
        "platform_id": record.platform_id,
        "order_platform_id": record.order_platform_id,
        "created_at": record.created_at,
        "total_e4": record.total_e4,
        "reason": record.reason,
        "content_hash": content,
    }


def line_rows(refund_id: int, record: RefundRecord) -> list[dict[str, Any]]:  # Any: a table's rows
    """Return the rows of what one refund was for."""
    return [
        {
            "refund_id": refund_id,
            "position": position,
            "line_platform_id": line.line_platform_id,
            "kind": line.kind,
            "quantity": line.quantity,
            "amount_e4": line.amount_e4,
        }
        for position, line in enumerate(record.lines)
    ]
