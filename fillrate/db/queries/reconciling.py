"""Questions about the numbers that channels show: which of those just read differ, and what may be behind it.

What a channel told is staged beside the last numbers that were understood, so that the rows that agree never leave the
database. All else is asked of the items of those that do not.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.bulk import Select
from fillrate.db.database import Reading, Writing
from fillrate.db.queries.kits import IS_KIT
from fillrate.db.queries.queue import IN_USE
from fillrate.db.tables import (
    Allocation,
    Change,
    Channel,
    ChannelSettings,
    DriftFound,
    Inbound,
    Item,
    KitPart,
    Listing,
    Location,
    OpenUnit,
    Order,
    OrderLine,
    Product,
    ShownStock,
    Stock,
    StockReading,
    Transition,
)
from fillrate.decide.sku import sku_key
from fillrate.records import StockLevel

if TYPE_CHECKING:
    import pandas as pd

SEEN = sa.table(
    "seen_number",
    sa.column("target", sa.String),
    sa.column("product", sa.String),
    sa.column("variant", sa.String),
    sa.column("location", sa.String),
    sa.column("shown", sa.BigInteger),
    sa.column("reserved", sa.BigInteger),
)
ITEMS = sa.table("seen_item", sa.column("item_id", sa.BigInteger))
OLD = ShownStock.__table__.c
IN_DOUBT = ("sending", "unknown")


def stage(tx: Writing, levels: Iterable[StockLevel], items: Collection[int]) -> None:
    """Put what a channel told, and the items to look at in any case, beside the tables for the rest of this transaction."""
    names = ("target", "product_platform_id", "variant_platform_id", "location_platform_id", "shown", "reserved")
    tx.temporary(SEEN, map(attrgetter(*names), levels), key="target")
    tx.temporary(ITEMS, ((item,) for item in items), key="item_id")


def differing(reading: Reading, channel_id: int) -> "pd.DataFrame":
    """Return the staged numbers that are new, differ from the last ones, are not settled, or whose item is to be looked at.

    Columns: target, item_id, location_id (empty for what is new), product, variant, location, theirs, reserved, and all
    that is known of the last one, under its own names.
    """
    mine = sa.and_(OLD.channel_id == channel_id, OLD.target == SEEN.c.target)
    is_any_named = reading.first(sa.select(ITEMS.c.item_id).limit(1)) is not None
    is_named = OLD.item_id.in_(sa.select(ITEMS.c.item_id)) if is_any_named else sa.false()
    names = ("item_id", "location_id", "taken", "returned", "parts", "line_id", "read_at", "wanted", "held", "odd")
    statement: Select = (
        sa.select(
            SEEN.c.target,
            SEEN.c.product,
            SEEN.c.variant,
            SEEN.c.location,
            (SEEN.c.shown - SEEN.c.reserved).label("theirs"),
            SEEN.c.reserved,
            (OLD.shown - OLD.reserved).label("base"),
            *(OLD[name] for name in (*names, "odd_since", "is_settled")),
            OLD.reserved.label("base_reserved"),
        )
        .outerjoin(ShownStock.__table__, mine)
        .where(
            sa.or_(
                OLD.target.is_(None),
                OLD.shown != SEEN.c.shown,
                OLD.reserved != SEEN.c.reserved,
                ~OLD.is_settled,
                is_named,
            )
        )
    )
    return reading.frame(statement)


def untold(reading: Reading, channel_id: int) -> list[Any]:  # Any: rows
    """Return the target and item of numbers that are known and that the channel did not tell."""
    told = sa.exists().where(SEEN.c.target == OLD.target)
    statement: Select = sa.select(OLD.target, OLD.item_id).where(OLD.channel_id == channel_id, ~told)
    return reading.rows(statement.order_by(OLD.target))


def shown_items(reading: Reading, channel_id: int, products: Sequence[str]) -> list[Any]:  # Any: rows
    """Return what a channel's listings of these products sell: product_platform_id, variant_platform_id, item_id, match."""
    statement: Select = (
        sa.select(
            *(Listing.__table__.c[name] for name in ("product_platform_id", "variant_platform_id", "item_id", "match"))
        )
        .join(Item, col(Item.id) == col(Listing.item_id))
        .where(
            col(Listing.channel_id) == channel_id,
            col(Listing.deleted_at).is_(None),
            col(Item.is_tracked),
            reading.is_in(col(Listing.product_platform_id), products),
        )
        .order_by(col(Listing.id))
    )
    return reading.rows(statement)


class Manners(NamedTuple):
    """When a channel's own orders move its numbers, by source: those that do so at shipping, and that put nothing back."""

    at_shipping: tuple[str, ...]
    keeps_off: tuple[str, ...]
    untouched: tuple[str, ...]  # statuses of which nothing has been taken off


def manners(reading: Reading, channel_id: int, untouched: Sequence[str]) -> Manners:
    """Return how a channel moves its numbers, as last read from its settings."""
    statement = sa.select(col(ChannelSettings.stock)).where(col(ChannelSettings.channel_id) == channel_id)
    told = reading.scalar(statement) or {}
    at_shipping = [source for source, found in told.items() if found["deducts_at"] == "shipping"]
    keeps_off = [source for source, found in told.items() if not found["cancel_restocks"]]
    return Manners(tuple(sorted(at_shipping)), tuple(sorted(keeps_off)), tuple(sorted(untouched)))


def taken_off(reading: Reading, channel_id: int, items: Sequence[int], how: Manners) -> "pd.DataFrame":
    """Return item_id, taken, returned: units that a channel's own orders have taken off its numbers, of all their history.

    `returned` are units cancelled, or refunded after they left; where the channel puts them back they are not among `taken`.
    """
    line, source = OrderLine.__table__.c, col(Order.source_channel)
    cancelled = line.qty_cancelled - (line.qty_withdrawn - line.qty_withdrawn_shown)  # the shop knows of no other
    refunded = line.qty_refunded - cancelled
    of_shipped = sa.case((refunded < 0, 0), (refunded > line.qty_shipped, line.qty_shipped), else_=refunded)
    was_open = sa.exists().where(col(Transition.line_id) == line.id)
    is_history = sa.and_(line.qty_shipped == 0, line.qty_cancelled == line.qty_ordered, ~was_open)
    put_back = sa.case((source.in_(how.keeps_off), 0), else_=cancelled)
    taken = sa.case((source.in_(how.at_shipping), line.qty_shipped), else_=line.qty_ordered - put_back)
    nothing = sa.or_(is_history, col(Order.status).in_(how.untouched))
    statement: Select = (
        sa.select(
            line.item_id,
            sa.cast(sa.func.sum(sa.case((nothing, 0), else_=taken)), sa.BigInteger).label("taken"),
            sa.cast(sa.func.sum(sa.case((nothing, 0), else_=cancelled + of_shipped)), sa.BigInteger).label("returned"),
        )
        .join(Order, col(Order.id) == line.order_id)
        .where(line.channel_id == channel_id, line.needs_stock, reading.is_in(line.item_id, items))
        .group_by(line.item_id)
    )
    return reading.frame(statement)


def lines_after(reading: Reading, channel_id: int, items: Sequence[int], line_id: int, how: Manners) -> "pd.DataFrame":
    """Return item_id, line_id, placed_at, units of a channel's order lines with a higher number than this one."""
    line = OrderLine.__table__.c
    statement: Select = (
        sa.select(line.item_id, line.id.label("line_id"), col(Order.placed_at), line.qty_ordered.label("units"))
        .join(Order, col(Order.id) == line.order_id)
        .where(
            line.channel_id == channel_id,
            line.id > line_id,
            line.needs_stock,
            col(Order.status).not_in(how.untouched),
            reading.is_in(line.item_id, items),
        )
    )
    return reading.frame(statement)


def moved_after(reading: Reading, channel_id: int, items: Sequence[int], transition_id: int) -> "pd.DataFrame":
    """Return item_id, units: how many more units a channel's orders want than before this transition."""
    line, move = OrderLine.__table__.c, Transition.__table__.c
    entered = sa.case((move.from_state.in_(("none", "cancelled")), move.quantity), else_=0)
    left = sa.case((move.to_state.in_(("none", "cancelled")), move.quantity), else_=0)
    statement: Select = (
        sa.select(line.item_id, sa.cast(sa.func.sum(entered - left), sa.BigInteger).label("units"))
        .join(Transition, move.line_id == line.id)
        .where(line.channel_id == channel_id, move.id > transition_id, reading.is_in(line.item_id, items))
        .group_by(line.item_id)
    )
    return reading.frame(statement)


def parts_of(reading: Reading, items: Sequence[int]) -> "pd.DataFrame":
    """Return kit_id, part_id, per of every kit that draws on one of these items, or is one of them."""
    statement: Select = sa.select(col(KitPart.kit_id), col(KitPart.part_id), col(KitPart.per)).where(
        sa.or_(reading.is_in(col(KitPart.part_id), items), reading.is_in(col(KitPart.kit_id), items))
    )
    return reading.frame(statement)


def on_shelves(reading: Reading, items: Sequence[int]) -> "pd.DataFrame":
    """Return item_id, location_id, free (on hand, less what is set aside and what the shop keeps as safety stock)."""
    kept = (
        sa.select(sa.func.coalesce(sa.func.max(col(StockReading.safety_stock)), 0))
        .where(
            col(StockReading.item_id) == col(Stock.item_id),
            col(StockReading.location_id) == col(Stock.location_id),
        )
        .scalar_subquery()
    )
    left = col(Stock.on_hand) - col(Stock.allocated)
    free = left - sa.case((left < 0, 0), (kept > left, left), else_=kept)
    statement: Select = (
        sa.select(col(Stock.item_id), col(Stock.location_id), sa.cast(free, sa.BigInteger).label("free"))
        .join(Location, col(Location.id) == col(Stock.location_id))
        .where(IN_USE, reading.is_in(col(Stock.item_id), items))
    )
    return reading.frame(statement)


def owed(reading: Reading, items: Sequence[int]) -> "pd.DataFrame":
    """Return item_id, units: open units of these items that need stock, whoever sold them; of kits their parts are owed."""
    line = OrderLine.__table__.c
    plain: Select = (
        sa.select(line.item_id.label("item_id"), col(OpenUnit.quantity).label("units"))
        .join(OpenUnit, col(OpenUnit.line_id) == line.id)
        .join(Item, col(Item.id) == line.item_id)
        .where(line.needs_stock, ~IS_KIT, reading.is_in(line.item_id, items))
    )
    in_kits: Select = (
        sa.select(col(KitPart.part_id).label("item_id"), (col(OpenUnit.quantity) * col(KitPart.per)).label("units"))
        .join(OrderLine, line.item_id == col(KitPart.kit_id))
        .join(OpenUnit, col(OpenUnit.line_id) == line.id)
        .where(line.needs_stock, reading.is_in(col(KitPart.part_id), items))
    )
    both = plain.union_all(in_kits).subquery().c
    units = sa.cast(sa.func.sum(both.units), sa.BigInteger).label("units")
    return reading.frame(sa.select(both.item_id, units).group_by(both.item_id))


def set_aside(reading: Reading, items: Sequence[int]) -> "pd.DataFrame":
    """Return item_id, units that are set aside, wherever they lie."""
    units = sa.cast(sa.func.sum(col(Allocation.quantity)), sa.BigInteger).label("units")
    statement: Select = sa.select(col(Allocation.item_id), units).where(reading.is_in(col(Allocation.item_id), items))
    return reading.frame(statement.group_by(col(Allocation.item_id)))


def in_doubt(reading: Reading, channel_id: int, kind: str, targets: Sequence[str]) -> list[Any]:  # Any: rows
    """Return target, after, changed_at of writes to these targets whose answer is not clear."""
    statement: Select = sa.select(col(Change.target), col(Change.after), col(Change.changed_at)).where(
        col(Change.channel_id) == channel_id,
        col(Change.kind) == kind,
        col(Change.state).in_(IN_DOUBT),
        reading.is_in(col(Change.target), targets),
    )
    return reading.rows(statement)


def published(reading: Reading, channel_id: int) -> int:
    """Return how many numbers a channel shows."""
    return int(reading.scalar(sa.select(sa.func.count()).where(OLD.channel_id == channel_id)) or 0)


def holds(reading: Reading, channel_id: int) -> bool:
    """Tell whether a channel's numbers count what lies there."""
    return bool(reading.scalar(sa.select(col(Channel.holds_stock)).where(col(Channel.id) == channel_id)))


def shown_above_nothing(reading: Reading, channel_id: int) -> list[str]:
    """Return the targets of which a channel showed some when its number was last understood."""
    statement = sa.select(OLD.target).where(OLD.channel_id == channel_id, OLD.shown > 0)
    return [row.target for row in reading.rows(statement)]


def shown_of(reading: Reading, item_id: int) -> list[Any]:  # Any: rows of ShownStock with `location`, its name
    """Return the numbers that channels show of an item."""
    name = sa.case((col(Location.name) != "", col(Location.name)), else_=col(Location.platform_id))
    statement: Select = (
        sa.select(*OLD, name.label("location"))
        .join(Location, col(Location.id) == OLD.location_id)
        .where(OLD.item_id == item_id)
    )
    return reading.rows(statement.order_by(OLD.channel_id, OLD.target))


def written_of(reading: Reading, item_id: int) -> list[Any]:  # Any: rows
    """Return channel_id, location, shown, kept_off of an item's numbers that are ours to write where the stock lies."""
    reads = StockReading.__table__.c
    name = sa.case((col(Location.name) != "", col(Location.name)), else_=col(Location.platform_id))
    statement: Select = (
        sa.select(reads.channel_id, name.label("location"), reads.shown, reads.kept_off)
        .join(Location, col(Location.id) == reads.location_id)
        .where(reads.item_id == item_id, reads.kept_off.is_not(None))
    )
    return reading.rows(statement.order_by(reads.channel_id, reads.location_id))


def ever_on_their_way(reading: Reading) -> list[int]:
    """Return the items that were ever told to be on their way, be they so still or not."""
    statement = sa.select(col(Inbound.item_id)).where(col(Inbound.item_id).is_not(None)).distinct()
    return [row.item_id for row in reading.rows(statement)]


def shown_items_of(reading: Reading, channel_id: int) -> list[int]:
    """Return the items of which a channel shows a number."""
    return [row.item_id for row in reading.rows(sa.select(OLD.item_id).where(OLD.channel_id == channel_id).distinct())]


def places(reading: Reading, channel_id: int) -> list[Any]:  # Any: rows of Location
    """Return a channel's locations whose numbers only show what lies elsewhere."""
    holding = holds(reading, channel_id)
    statement = sa.select(*Location.__table__.c).where(
        col(Location.channel_id) == channel_id, col(Location.deleted_at).is_(None), ~col(Location.is_own_stock)
    )
    return [] if holding else reading.rows(statement.order_by(col(Location.id)))


def own_places(reading: Reading, channel_id: int) -> list[Any]:  # Any: rows of Location
    """Return a channel's locations whose stock it moves itself."""
    is_own = sa.and_(col(Location.channel_id) == channel_id, col(Location.is_own_stock))
    return reading.rows(sa.select(*Location.__table__.c).where(is_own).order_by(col(Location.id)))


def open_drift(reading: Reading, channel_id: int, targets: Sequence[str]) -> list[Any]:  # Any: rows of DriftFound
    """Return what was found of these targets and is not settled."""
    statement = sa.select(*DriftFound.__table__.c).where(
        col(DriftFound.channel_id) == channel_id,
        col(DriftFound.settled_at).is_(None),
        reading.is_in(col(DriftFound.target), targets),
    )
    return reading.rows(statement)


def healed_since(reading: Reading, channel_id: int, since: datetime, most: int) -> list[Any]:  # Any: rows
    """Return target, n of numbers that were put right at least so many times since then."""
    n = sa.func.sum(col(DriftFound.times)).label("n")
    statement: Select = (
        sa.select(col(DriftFound.target), n)
        .where(
            col(DriftFound.channel_id) == channel_id,
            col(DriftFound.found_at) >= since,
            col(DriftFound.outcome) == "healed",
            col(DriftFound.unexplained) != 0,
        )
        .group_by(col(DriftFound.target))
        .having(n >= most)
    )
    return reading.rows(statement.order_by(col(DriftFound.target)))


def still_listed(reading: Reading, channel_id: int, items: Sequence[int]) -> set[int]:
    """Return those of these items that a channel still lists."""
    statement = sa.select(col(Listing.item_id)).where(
        col(Listing.channel_id) == channel_id,
        col(Listing.deleted_at).is_(None),
        reading.is_in(col(Listing.item_id), items),
    )
    return {row.item_id for row in reading.rows(statement)}


def counted_as_a_whole(reading: Reading, channel_id: int) -> set[str]:
    """Return the products of which a channel keeps one number for all variants."""
    statement = sa.select(col(Product.platform_id)).where(
        col(Product.channel_id) == channel_id, col(Product.tracking) == "product"
    )
    return {row.platform_id for row in reading.rows(statement)}


def found_of(reading: Reading, sku: str) -> list[Any]:  # Any: rows
    """Return channel, drift, unexplained, evidence, outcome, found_at of all that was found of a SKU, the oldest first."""
    statement: Select = (
        sa.select(
            col(Channel.name).label("channel"),
            *(DriftFound.__table__.c[name] for name in ("drift", "unexplained", "evidence", "outcome", "found_at")),
        )
        .join(Channel, col(Channel.id) == col(DriftFound.channel_id))
        .join(Item, col(Item.id) == col(DriftFound.item_id))
        .where(col(Item.sku_key) == sku_key(sku))
        .order_by(col(DriftFound.id))
    )
    return reading.rows(statement)
