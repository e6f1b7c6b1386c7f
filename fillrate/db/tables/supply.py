"""What is on its way: suppliers, the lines of their deliveries, what was told of each, and the files that told it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from fillrate.db.tables.columns import Model, key, ours, ref, units, when

INBOUND_KINDS = ("purchase", "transfer")
INBOUND_STATUSES = ("open", "closed", "cancelled")
INBOUND_EVENTS = (
    "announced",
    "slipped",
    "advanced",
    "cut",
    "raised",
    "received",
    "taken_back",
    "over_delivered",
    "counted",
    "cancelled",
    "reopened",
    "closed",
)


class Supplier(Model, table=True):
    """Who delivers; `code` is what the files call it, as it was written first."""

    id: int | None = key()
    code: str = Field(unique=True)
    name: str


class Inbound(Model, table=True):
    """One line of a purchase order or of a transfer, as its source told of it last.

    While it is open, max(0, qty_ordered − qty_cancelled − max(qty_received, qty_seen)) units are on their way;
    `qty_seen` are those that a shop's own number has shown already. `item_id` is empty while no single item has the SKU.
    `qty_by_hand` were received by a person's word, which holds until the source tells of as many.
    `told_at` and `told_by` are the time and the name of the file that told of it last: an older one changes nothing.
    """

    __table_args__ = (
        UniqueConstraint("source", "reference", "position"),
        Index("ix_inbound_status", "status"),
        CheckConstraint(f"kind IN {INBOUND_KINDS}", name="ck_inbound_kind"),
        CheckConstraint(f"status IN {INBOUND_STATUSES}", name="ck_inbound_status"),
        CheckConstraint(
            "qty_ordered >= 0 AND qty_received >= 0 AND qty_cancelled >= 0 AND qty_seen >= 0", name="ck_inbound_units"
        ),
    )
    id: int | None = key()
    source: str
    reference: str
    position: str
    kind: str
    supplier_id: int | None = ref("supplier.id", null=True, index=True)
    item_id: int | None = ref("item.id", null=True, index=True)
    sku: str
    sku_key: str
    location_id: int | None = ref("location.id", null=True)
    from_location_id: int | None = ref("location.id", null=True)
    qty_ordered: int = units()
    qty_received: int = units()
    qty_cancelled: int = units()
    qty_seen: int = units()
    qty_by_hand: int = ours(0)
    status: str
    ordered_at: datetime | None = when(null=True)
    first_expected_at: datetime | None = when(null=True)
    expected_at: datetime | None = when(null=True)
    closed_at: datetime | None = when(null=True)
    content_hash: str
    told_at: datetime = when()
    told_by: str
    missing_sweeps: int = 0


class InboundEvent(Model, table=True):
    """What became of a line on its way; append-only; `cause` is unique, so a fact is told once. `at` is when it happened."""

    __tablename__ = "inbound_event"
    __table_args__ = (
        Index("ix_inbound_event_inbound", "inbound_id"),
        CheckConstraint(f"kind IN {INBOUND_EVENTS}", name="ck_inbound_event_kind"),
        CheckConstraint("quantity >= 0", name="ck_inbound_event_quantity"),
    )
    id: int | None = key()
    inbound_id: int = ref("inbound.id")
    kind: str
    quantity: int = units()
    expected_before: datetime | None = when(null=True)
    expected_after: datetime | None = when(null=True)
    cause: str = Field(unique=True)
    at: datetime = when()
    run_id: str


class ImportFile(Model, table=True):
    """A file that was read, by its content; `refused` says why nothing of it was."""

    __tablename__ = "import_file"
    source: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    hash: str
    modified_at: datetime = when()
    read_at: datetime = when()
    rows: int
    rejected: int
    refused: str = ""


class RejectedRow(Model, table=True):
    """A row of a file that cannot be used, with its reason, as of the last reading of that file."""

    __tablename__ = "rejected_row"
    source: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    row: int = Field(primary_key=True)
    reason: str
