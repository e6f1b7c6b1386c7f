"""What lies where: locations, the append-only ledger, its one cached sum, readings of shops, and units set aside."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from fillrate.db.tables.catalog import Compared
from fillrate.db.tables.columns import Model, key, ours, ref, units, when


class Location(Compared, table=True):
    """A place that holds or shows stock, named by the channel that told of it.

    Where `is_own_stock`, the channel alone moves what lies there (a fulfilment centre): it is counted, and never drawn on.
    """

    __table_args__ = (UniqueConstraint("channel_id", "platform_id"),)
    id: int | None = key()
    channel_id: int = ref("channel.id")
    platform_id: str
    code: str
    name: str
    is_enabled: bool
    is_default: bool
    is_own_stock: bool = ours(False)


class Movement(Model, table=True):
    """One ledger row; append-only; a correction is a new movement. `cause` is unique, so a fact is booked once."""

    __table_args__ = (
        Index("ix_movement_item", "item_id", "location_id"),
        CheckConstraint(
            "kind IN ('received', 'shipped', 'returned', 'adjusted', 'counted', 'transferred')", name="ck_movement_kind"
        ),
        CheckConstraint("quantity <> 0", name="ck_movement_quantity"),
    )
    id: int | None = key()
    item_id: int = ref("item.id")
    location_id: int = ref("location.id")
    kind: str
    quantity: int = units()
    cause: str = Field(unique=True)
    occurred_at: datetime = when()
    run_id: str


class Stock(Model, table=True):
    """The one cache: sums of movements and of allocations; changed only together with the rows it sums."""

    __table_args__ = (
        CheckConstraint(
            "allocated >= 0 AND allocated <= CASE WHEN on_hand > 0 THEN on_hand ELSE 0 END", name="ck_stock_allocated"
        ),
    )
    item_id: int = ref("item.id", primary=True)
    location_id: int = ref("location.id", primary=True)
    on_hand: int = units()
    allocated: int = units()


class StockReading(Model, table=True):
    """The last settled reading of a channel's numbers for one item and location (the base of the three-way merge).

    `deducted` is how many units the channel had taken off its number at that moment that had not left: open ones, and refunded
    ones that it had not put back; `parts_known` how many of those that left here as parts of kits it knows of: a person said so.

    Where we write the number (under its own name, `target`), it leaves out `kept_off` units that lie there, since others are
    owed them: empty, as long as it was never ours to write. It was written last at `written_at`, when `line_id` was the newest
    line of an order that we knew.
    """

    __tablename__ = "stock_reading"
    channel_id: int = ref("channel.id", primary=True)
    item_id: int = ref("item.id", primary=True)
    location_id: int = ref("location.id", primary=True)
    shown: int = units()
    safety_stock: int = units()
    backordered: int | None = units(null=True)
    backorder_limit: int | None = units(null=True)
    deducted: int = units()
    parts_known: int = Field(default=0, sa_type=BigInteger)
    target: str = ours("")
    kept_off: int | None = units(null=True)
    line_id: int = ours(0)
    written_at: datetime | None = when(null=True)
    first_read_at: datetime = when()  # events before this moment are already in the opening stock
    read_at: datetime = when()


class ShownStock(Model, table=True):
    """A number that a channel shows of what lies elsewhere: its base, the last reading that was understood.

    `target` is the channel's own name of it. `taken` are the units that its own orders had taken off by then, `returned`
    those of them that were cancelled or refunded, `parts` those that it knows of in kits, `line_id` the newest line of an
    order that was read by then. `wanted` is what it should show. `odd` units could not be explained since `odd_since`;
    `held` ones (none or fewer) count as absent until a person has decided what became of them.
    """

    __tablename__ = "shown_stock"
    __table_args__ = (Index("ix_shown_stock_item", "item_id"),)
    channel_id: int = ref("channel.id", primary=True)
    target: str = Field(primary_key=True)
    shown: int = units()
    reserved: int = units()
    is_settled: bool  # it shows what it should, and nothing is open about it
    item_id: int = ref("item.id")
    location_id: int = ref("location.id")
    taken: int = units()
    returned: int = units()
    parts: int = units()
    line_id: int = Field(sa_type=BigInteger)
    read_at: datetime = when()
    wanted: int | None = units(null=True)
    held: int = units()
    odd: int = units()
    odd_since: datetime | None = when(null=True)


class DriftFound(Model, table=True):
    """A difference that a reconciliation found, of what class, and what became of it; the newest of a target may be open."""

    __tablename__ = "drift"
    __table_args__ = (
        Index("ix_drift_target", "channel_id", "target"),
        Index("ix_drift_found", "found_at"),
    )
    id: int | None = key()
    channel_id: int = ref("channel.id")
    target: str
    item_id: int = ref("item.id")
    location_id: int = ref("location.id")
    drift: str
    base: int = units()
    theirs: int = units()
    wanted: int | None = units(null=True)
    unexplained: int = units()
    evidence: str  # one sentence
    outcome: str  # "healed", "waits", "watched", "settled"
    times: int = 1
    found_at: datetime = when()
    seen_at: datetime = when()
    settled_at: datetime | None = when(null=True)
    run_id: str


class AdoptedShelf(Model, table=True):
    """A shelf that Fillrate took over from another app, which sold from it without the shop's number.

    `origin` is its item's, which may come to be only when the shop counts it. `on_hand` is what somebody counted there, or
    nothing where nobody did; None means that it is to stay uncounted. `taken_off` are the open units that its number was
    planned with. `beyond` were sold beyond that number, told by us where the shop has no counter of its own. While it is
    `is_open`, its number is being written, and no reading of it counts.
    """

    __tablename__ = "adopted_shelf"
    channel_id: int = ref("channel.id", primary=True)
    origin: str = Field(primary_key=True)
    location_id: int = ref("location.id", primary=True)
    on_hand: int | None = units(null=True)
    is_counted: bool
    taken_off: int = units()
    beyond: int = units()
    is_open: bool


class Allocation(Model, table=True):
    """Units on hand at a location set aside for one line."""

    __table_args__ = (
        UniqueConstraint("line_id", "item_id", "location_id"),
        Index("ix_allocation_item", "item_id", "location_id"),
        CheckConstraint("quantity > 0", name="ck_allocation_quantity"),
    )
    id: int | None = key()
    line_id: int = ref("order_line.id")
    item_id: int = ref("item.id")
    location_id: int = ref("location.id")
    quantity: int = units()
