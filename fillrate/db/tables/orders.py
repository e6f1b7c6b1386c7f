"""Who is owed what: orders, their lines, the open units of each line, and every move of a unit."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from fillrate.db.tables.catalog import Compared
from fillrate.db.tables.columns import Model, key, money, ours, ref, units, when


class Order(Compared, table=True):
    """One order; `note` says why it was closed without being worked on."""

    __tablename__ = "sales_order"
    __table_args__ = (
        UniqueConstraint("channel_id", "platform_id"),
        Index("ix_sales_order_modified", "channel_id", "modified_at"),
    )
    id: int | None = key()
    channel_id: int = ref("channel.id")
    platform_id: str
    status: str
    placed_at: datetime = when()
    modified_at: datetime = when()
    shipped_at: datetime | None = when(null=True)
    customer_platform_id: str
    email: str
    recipient: str
    destination: str
    currency: str
    total_e4: int = money()
    external_order_id: str
    source_channel: str
    is_archived: bool
    language: str = ours("")  # two letters; told with the order, "" where it is not
    ship_by: datetime | None = when(null=True)  # the day that the customer was told by the shop
    note: str = ""
    hold: str = ours("")  # a person's word: "", "manual", "address", or "customer", who wants it cancelled
    priority: int | None = Field(default=None)  # a person's word; else the policy's
    do_not_cancel: bool = ours(False)  # a person's word: nobody is asked to cancel it for want of an answer


class OrderLine(Model, table=True):
    """One line; its open units are qty_ordered − qty_shipped − qty_cancelled and stand in `open_unit`.

    `qty_shipped_told` are those of qty_shipped that the shop counts as shipped; the others left with an order that was
    done without a shipment. `qty_refunded` is what the shop reports; which of those units were never shipped shows in
    qty_cancelled. `item_id` is empty for a custom line and for a product that the catalogue does not know (yet).
    `qty_withdrawn` units were given up by a person's word, in all; of those the shop has shown `qty_withdrawn_shown` since,
    and once it has shown the rest it wants `qty_withdrawn_floor` (`fillrate.decide.withdrawals`). Of the units refunded
    before they left, the shop's stock number has shown `qty_put_back` again (`fillrate.decide.refunded`).
    """

    __tablename__ = "order_line"
    __table_args__ = (
        UniqueConstraint("channel_id", "platform_id"),
        Index("ix_order_line_order", "order_id"),
        Index("ix_order_line_item", "item_id"),
        CheckConstraint(
            "qty_shipped >= 0 AND qty_cancelled >= 0 AND qty_shipped + qty_cancelled <= qty_ordered",
            name="ck_order_line_sum",
        ),
        CheckConstraint(
            "qty_withdrawn_shown >= 0 AND qty_withdrawn_shown <= qty_withdrawn", name="ck_order_line_withdrawn"
        ),
    )
    id: int | None = key()
    channel_id: int = ref("channel.id")
    order_id: int = ref("sales_order.id")
    platform_id: str
    product_platform_id: str
    variant_platform_id: str
    sku: str
    name: str
    needs_stock: bool
    unit_price_e4: int = money()
    item_id: int | None = ref("item.id", null=True)
    qty_ordered: int = units()
    qty_shipped: int = units()
    qty_shipped_told: int = units()
    qty_cancelled: int = units()
    qty_refunded: int = units()
    is_removed: bool = False
    hold: str = ours("")  # as that of an order
    priority: int | None = Field(default=None)  # before that of the order
    qty_withdrawn: int = ours(0)
    qty_withdrawn_shown: int = ours(0)
    qty_withdrawn_floor: int = ours(0)
    qty_put_back: int = ours(0)


class OpenUnit(Model, table=True):
    """Open units of one line that share a state, a reason and the time at which they joined the queue."""

    __tablename__ = "open_unit"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="ck_open_unit_quantity"),
        CheckConstraint("state IN ('new', 'backlog', 'backorder')", name="ck_open_unit_state"),
    )
    line_id: int = ref("order_line.id", primary=True)
    state: str = Field(primary_key=True)
    reason: str = Field(primary_key=True)
    queued_at: datetime = when(primary=True)
    quantity: int = units()


class Transition(Model, table=True):
    """One move of units; append-only. State "none" is outside: before the order, or taken out by an edit."""

    __table_args__ = (
        Index("ix_transition_line", "line_id"),
        CheckConstraint("quantity > 0", name="ck_transition_quantity"),
    )
    id: int | None = key()
    line_id: int = ref("order_line.id")
    quantity: int = units()
    from_state: str
    from_reason: str
    to_state: str
    to_reason: str
    cause: str
    plan_id: str = ""
    run_id: str
    at: datetime = when()


class Shipment(Model, table=True):
    """Units of a line that we saw leave, or come back when the shop took a shipment back (negative); append-only."""

    line_id: int = ref("order_line.id", primary=True)
    number: int = Field(primary_key=True)  # 1, 2, 3 … for each line: makes the fact unique
    quantity: int = units()
    shipped_at: datetime | None = when(null=True)


class Refund(Model, table=True):
    """Money given back for an order."""

    __table_args__ = (UniqueConstraint("channel_id", "platform_id"),)
    id: int | None = key()
    channel_id: int = ref("channel.id")
    platform_id: str
    order_platform_id: str = Field(index=True)
    created_at: datetime = when()
    total_e4: int = money()
    reason: str
    content_hash: str


class RefundLine(Model, table=True):
    """What a refund was for; `line_platform_id` is "" for shipping, fees and the like."""

    __tablename__ = "refund_line"
    refund_id: int = ref("refund.id", primary=True)
    position: int = Field(primary_key=True)
    line_platform_id: str
    kind: str
    quantity: int = units()
    amount_e4: int = money()
