"""What waiting units wait for, when they are expected to leave, what product pages showed, and what customers were told."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from fillrate.db.tables.columns import Model, key, ref, units, when

# "shown" is what the shop showed at order; "slip" a delivery that came later; "person" an operator
PROMISE_SOURCES = ("stock", "supply", "shown", "slip", "person")


class Cover(Model, table=True):
    """A claim of backordered units of one line on goods that are on their way."""

    __table_args__ = (
        Index("ix_cover_inbound", "inbound_id"),
        Index("ix_cover_item", "item_id"),
        CheckConstraint("quantity > 0", name="ck_cover_quantity"),
    )
    line_id: int = ref("order_line.id", primary=True)
    queued_at: datetime = when(primary=True)
    inbound_id: int = ref("inbound.id", primary=True)
    item_id: int = ref("item.id", primary=True)
    quantity: int = units()


class Forecast(Model, table=True):
    """The day on which the last waiting unit of a line is expected to leave; no day where nobody knows.

    `likely_by` goes by the median lateness of the supply that covers it, `sure_by` by its 90th percentile.
    """

    line_id: int = ref("order_line.id", primary=True)
    likely_by: datetime | None = when(null=True)
    sure_by: datetime | None = when(null=True)
    uncovered: int = units()


class Promise(Model, table=True):
    """A ship-by day that a customer was told; append-only, so that the first one is never lost. The last one holds.

    `ship_by` is the beginning of the store's day.
    """

    __table_args__ = (
        UniqueConstraint("line_id", "number"),
        CheckConstraint(f"source IN {PROMISE_SOURCES}", name="ck_promise_source"),
    )
    id: int | None = key()
    line_id: int = ref("order_line.id")
    number: int = Field(ge=1)  # 1 for the first promise of a line
    ship_by: datetime = when()
    source: str
    given_at: datetime = when()
    plan_id: str = ""
    run_id: str
    inbound_id: int | None = ref("inbound.id", null=True)  # of a promise by supply: the delivery that decides its day


class ShownDay(Model, table=True):
    """A ship-by day that the page of a listing showed, from when until when (still shown: none); never told twice at once.

    What was ordered meanwhile is promised for that day. `ship_by` is the beginning of the store's day.
    """

    __tablename__ = "shown_day"
    listing_id: int = ref("listing.id", primary=True)
    shown_from: datetime = when(primary=True)
    shown_until: datetime | None = when(null=True)
    ship_by: datetime = when()
