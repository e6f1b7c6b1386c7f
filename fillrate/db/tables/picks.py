"""What the warehouse was asked to pick, and what it told: shipped, not found, received, counted; each call once."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from fillrate.db.tables.columns import Json, Model, key, ref, units, when

PICK_LIST_STATES = ("open", "taken", "done", "undone")
SHELF_REPORTS = ("short", "counted")
UNSETTLED = "seen + short + removed < quantity"


class PickList(Model, table=True):
    """What one run released at one location; `day` is the beginning of the store's day whose capacity it takes."""

    __tablename__ = "pick_list"
    __table_args__ = (
        UniqueConstraint("run_id", "location_id"),
        Index("ix_pick_list_day", "location_id", "day"),
        CheckConstraint(f"state IN {PICK_LIST_STATES}", name="ck_pick_list_state"),
    )
    id: int | None = key()
    location_id: int = ref("location.id")
    run_id: str
    day: datetime = when()
    state: str
    made_at: datetime = when()
    taken_at: datetime | None = when(null=True)


class PickLine(Model, table=True):
    """Units of an order line to be picked from one shelf.

    `shipped` is what the warehouse told, `seen` what the shop shows: the larger of the two has gone. `short` was not found,
    `removed` is no longer to be picked (cancelled, edited, on hold, lost, undone).
    """

    __tablename__ = "pick_line"
    __table_args__ = (
        UniqueConstraint("list_id", "line_id"),
        Index("ix_pick_line_line", "line_id"),
        Index(
            "ix_pick_line_unsettled", "list_id", sqlite_where=sa.text(UNSETTLED), postgresql_where=sa.text(UNSETTLED)
        ),
        CheckConstraint(
            "quantity > 0 AND shipped >= 0 AND seen >= 0 AND short >= 0 AND removed >= 0 AND shipped <= quantity"
            " AND seen + short + removed <= quantity",
            name="ck_pick_line_units",
        ),
    )
    id: int | None = key()
    list_id: int = ref("pick_list.id")
    line_id: int = ref("order_line.id")
    item_id: int = ref("item.id")
    quantity: int = units()
    shipped: int = units()
    seen: int = units()
    short: int = units()
    removed: int = units()
    tracking: str = ""


class ShelfReport(Model, table=True):
    """What the warehouse said of a shelf: units not found, or a count; append-only. It holds until the next count.

    `expected` are the units that the ledger knew there, `movement_id` its newest row, so that one sees what was counted since.
    """

    __tablename__ = "shelf_report"
    __table_args__ = (
        Index("ix_shelf_report_item", "item_id", "location_id"),
        CheckConstraint(f"kind IN {SHELF_REPORTS}", name="ck_shelf_report_kind"),
        CheckConstraint("quantity >= 0", name="ck_shelf_report_quantity"),
    )
    id: int | None = key()
    item_id: int = ref("item.id")
    location_id: int = ref("location.id")
    kind: str
    quantity: int = units()
    expected: int = units()
    movement_id: int = units()
    at: datetime = when()


class Receipt(Model, table=True):
    """Units of a line on its way that the warehouse told as received, negative where it took that back; append-only."""

    __table_args__ = (CheckConstraint("quantity <> 0", name="ck_receipt_quantity"),)
    call_key: str = Field(primary_key=True)
    inbound_id: int = ref("inbound.id", index=True)
    quantity: int = units()
    received_at: datetime = when()


class WarehouseCall(Model, table=True):
    """One call that changed something, by the key that its sender gave it, with what it was answered; append-only."""

    __tablename__ = "warehouse_call"
    key: str = Field(primary_key=True)
    hash: str
    answer: dict[str, Any] = Field(sa_type=Json)  # Any: JSON
    at: datetime = when()
