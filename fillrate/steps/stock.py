"""A shop's stock becomes the ledger's, by the opening-stock equality applied at every reading.

Orders are read before and after the stock. An item whose open units changed in between is left for the next run, since
its number may or may not know of that order yet.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from fillrate.channels.protocol import Ask, Stream
from fillrate.db.database import Reading, Writing
from fillrate.db.queries import stock as queries
from fillrate.db.queries.adopting import adopted, being_set, sold_beyond
from fillrate.db.queries.kits import left_by_shelf
from fillrate.db.queries.stock import LastFacts
from fillrate.db.tables import AdoptedShelf, Location, StockReading
from fillrate.decide.adopting import beyond_left
from fillrate.decide.frames import rows_of
from fillrate.decide.owing import OWES_NOTHING, Meaning
from fillrate.decide.refunded import Refunded
from fillrate.decide.sweeps import emptying, vanishing
from fillrate.errors import StopChannel
from fillrate.records import Reject, StockItem, StockLevel
from fillrate.steps.days import shop_time
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.intake import rejects
from fillrate.steps.intake.catalog import land_plain
from fillrate.steps.intake.mirrored import PATTERN, owing_statuses
from fillrate.steps.intake.stream import Intake, Swept, met_ids, read_in
from fillrate.steps.intake.windows import Asked
from fillrate.steps.ledger import Booking, Shelf, book
from fillrate.steps.plan import Intended, store_plan
from fillrate.steps.put_back import read_lines, refunded_frame, refunded_lines, save_put_back, told_receipts
from fillrate.steps.reconciling.held import plan_held
from fillrate.steps.runs import Problem, RunLog
from fillrate.steps.supply.seen import match_counts

if TYPE_CHECKING:
    import pandas as pd

CHUNK = 250
COUNT = "count"
CLOSED = {*OWES_NOTHING, Meaning.DONE}


@dataclass(slots=True)
class ShopStock:
    """What a shop said of its stock, by (product, variant), and when the reading began by its own clock."""

    began_at: datetime
    levels: dict[tuple[str, str], tuple[StockLevel, ...]] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)

    def add(self, items: Iterable[StockItem]) -> None:
        """Keep what one page told."""
        for item in items:
            for level in item.levels[:1]:
                self.levels[level.product_platform_id, level.variant_platform_id] = item.levels


def read_locations(desk: Desk, shop: Shop, log: RunLog) -> None:
    """Read the places that hold stock."""
    swept = (Swept("locations", Location, "platform_id", met_ids),)
    intake = Intake(Stream.LOCATIONS, Location, land_plain(Location, shop.id), None, swept)
    with desk.db.hold(f"channel:{shop.name}:locations", wait_s=log.patience_s) as lease:
        read_in(desk, shop, log, intake, Asked(), lease)


def read_stock(desk: Desk, shop: Shop, log: RunLog) -> ShopStock:
    """Read all of a shop's numbers; what rows that moved between pages hid is asked for again by id.

    Raises StopChannel where the shop no longer speaks of too many of the items that it once spoke of.
    """
    found = ShopStock(shop.channel.time())
    collect(shop, Ask(stream=Stream.STOCK), found)
    with desk.db.read() as reading:
        listed = queries.listed_items(reading, shop.id)
        known = {item for item, _ in queries.read_before(reading, shop.id)}
    hidden = [row.variant_platform_id for row in silent(listed, found)]
    for start in range(0, len(hidden), CHUNK):
        collect(shop, Ask(stream=Stream.STOCK, ids=tuple(hidden[start : start + CHUNK])), found)
    log.counts.update(stock_read=len(found.levels), stock_rejected=len(found.rejects))
    still = silent(listed, found)
    share = desk.settings.policy.for_(channel=shop.name).vanish_share
    why_not = vanishing("counted items", len(known & {row.item_id for row in still}), len(known), share)
    if why_not:
        raise StopChannel(why_not, next="No number was believed and none was changed; look at the shop's inventory.")
    if still:
        what = f"The shop tells no stock for {len(still)} of {len(listed)} listings that it counts."
        log.problems.append(Problem(f"{shop.name}: stock", what, "Their numbers stay as they were; look at the shop."))
    return found


def collect(shop: Shop, ask: Ask, found: ShopStock) -> None:
    """Add the pages of one question."""
    for page in shop.channel.read(ask):
        found.add(page.records)
        found.rejects.extend(page.rejects)


def silent(listed: Sequence[Any], found: ShopStock) -> list[Any]:  # Any: rows of queries.listed_items
    """Return the listings that the shop counts and did not speak of, neither themselves nor by their product."""
    told = {reject.platform_id for reject in found.rejects}
    variants = Counter(row.item_id for row in listed)
    return [row for row in listed if not levels_of(row, variants, found) and row.variant_platform_id not in told]


def levels_of(listed: Any, variants: Counter[int], found: ShopStock) -> tuple[StockLevel, ...]:  # Any: as above
    """Return what the shop said of a listing's item: by product where the catalogue says that it counts so, else by variant.

    A shop that has just changed its way of counting is understood when the catalogue was read again.
    """
    by_product = "/" not in listed.origin
    whole = found.levels.get((listed.product_platform_id, "")) if by_product else None
    if whole is None and (not by_product or variants[listed.item_id] == 1):
        return found.levels.get((listed.product_platform_id, listed.variant_platform_id), ())
    return whole or ()


def count_stock(desk: Desk, shop: Shop, log: RunLog, stock: ShopStock, before: LastFacts) -> None:
    """Book what the reading says that the ledger does not: one `counted` movement for each shelf that differs.

    Items of which anything moved since `before` are left for the next run. The changes are shown as a plan. A dry run
    stores its plan and nothing else. Raises StopChannel where too many shelves would be empty all at once.
    """
    with desk.db.hold("stock", wait_s=60) as lease, desk.db.write("stock.count", lease, lock=True) as tx:
        readings = readings_of(tx, shop, stock)
        refunded = refunded_lines(tx, shop)
        known = read_lines(tx, shop, refunded)
        counted = decide_counts(tx, shop, stock, readings, before, known)
        refuse_mass_zero(desk, shop, counted)
        differs = counted[counted["quantity"] != 0]
        plan_id = store_plan(desk, tx, shop, log, intended(tx, shop, differs), booked_by="policy")
        if not log.is_dry:
            lost = book_counts(desk, tx, shop, log, stock, differs)
            save_readings(desk, tx, shop, stock, readings, counted)
            plan_held(desk, tx, shop, log, readings, counted)
            lower_beyond(tx, shop, readings, counted)
            log.counts["units_put_back"] += save_put_back(tx, refunded, known, counted)
            at, read = desk.outside.clock.now(), [variant or f"-{product}" for product, variant in stock.levels]
            rejects.save_rejects(tx, shop.id, Stream.STOCK, stock.rejects, at)
            rejects.resolve_rejects(tx, shop.id, Stream.STOCK, read, at)
            if all(one.platform_id for one in stock.rejects):
                rejects.resolve_nameless(tx, shop.id, Stream.STOCK, at)
            log.counts.update(shelves_counted=len(differs), units_lost_their_stock=lost)
    log.plans += [plan_id] if plan_id else []


def readings_of(reading: Reading, shop: Shop, stock: ShopStock) -> "pd.DataFrame":
    """Return the numbers by our own keys: item_id, location_id, shown, backordered, is_default_location and the limits.

    Several variants that share their product's number are one row. An item that no listing points to any more reads
    zero, and so does a location that is gone.
    """
    import pandas as pd

    places = {row.platform_id: row for row in queries.locations(reading, shop.id)}
    rows: dict[Shelf, dict[str, Any]] = {}  # Any: numbers
    listed_items = queries.listed_items(reading, shop.id)
    variants = Counter(listed.item_id for listed in listed_items)
    for listed in listed_items:
        for level in levels_of(listed, variants, stock):
            place = places.get(level.location_platform_id)
            if place is not None:
                numbers_of = numbers(level, is_default=place.is_default, is_whole="/" not in listed.origin)
                rows.setdefault(Shelf(listed.item_id, place.id), numbers_of)
    default = {row.id for row in places.values() if row.is_default}
    for gone in queries.lost_shelves(reading, shop.id):
        nothing = dict.fromkeys(("shown", "safety_stock"), 0) | dict.fromkeys(("backordered", "backorder_limit"))
        shelf = Shelf(gone.item_id, gone.location_id)
        rows.setdefault(shelf, {**nothing, "is_default_location": gone.location_id in default, "target": ""})
    columns = [
        *Shelf._fields,
        "target",
        "shown",
        "safety_stock",
        "backordered",
        "backorder_limit",
        "is_default_location",
    ]
    frame = pd.DataFrame([{**shelf._asdict(), **row} for shelf, row in rows.items()], columns=columns)
    whole = dict.fromkeys(("item_id", "location_id", "shown", "safety_stock"), "int64")
    return frame.astype({**whole, "backordered": "Int64", "backorder_limit": "Int64", "is_default_location": "bool"})


def numbers(level: StockLevel, *, is_default: bool, is_whole: bool) -> dict[str, Any]:  # Any: numbers
    """Return one level's numbers, under the name by which they are written."""
    return {
        "target": level.product_target if is_whole and level.product_target else level.target,
        "shown": level.shown,
        "safety_stock": level.safety_stock,
        "backordered": level.backordered,
        "backorder_limit": level.backorder_limit,
        "is_default_location": is_default,
    }


def decide_counts(
    reading: Reading,
    shop: Shop,
    stock: ShopStock,
    readings: "pd.DataFrame",
    before: LastFacts,
    refunded: Sequence[Refunded],
) -> "pd.DataFrame":
    """Return what each shelf should hold by this reading, for the shelves that it may be told of."""
    from fillrate.decide.opening import count_stock as decide

    lag = timedelta(seconds=shop.channel.capabilities().read_lag_seconds)
    undeducted = shop.settings.undeducted_statuses
    since = stock.began_at - lag
    recent = queries.deducted_units(reading, shop.id, but=undeducted, since=since)
    recent = together(recent, refunded_units(refunded_lines(reading, shop, since)))
    in_flight = [*queries.changed_since(reading, before), *being_set(reading, shop.id)]
    on_hand = queries.on_hand(reading)
    received = told_receipts(reading, shop, {one.item_id for one in refunded if one.missing}, stock.began_at)
    hides, missing, late = hidden(reading, shop), refunded_frame(refunded), late_orders(reading, shop)
    return decide(readings, taken_off(reading, shop), on_hand, in_flight, recent, hides, missing, received, late)


def late_orders(reading: Reading, shop: Shop) -> "pd.DataFrame":
    """Return item_id, location_id, units of orders that were placed before we wrote a shelf's number, and read only since."""
    import pandas as pd

    rows = queries.orders_written_over(reading, shop.id, but=shop.settings.undeducted_statuses)
    return pd.DataFrame(rows, columns=["item_id", "location_id", "units"]).astype("int64")


def taken_off(reading: Reading, shop: Shop) -> "pd.DataFrame":
    """Return item_id, units: all that a shop has taken off its numbers at order, for orders that are copies too."""
    deducted = deducted_units(reading, shop)
    if not shop.settings.mirrors:
        return deducted
    statuses = owing_statuses(shop.settings.meanings, shop.settings.undeducted_statuses)
    return together(deducted, queries.units_of_copies(reading, shop.id, statuses, PATTERN))


def together(some: "pd.DataFrame", others: "pd.DataFrame") -> "pd.DataFrame":
    """Return item_id, units of both: the shop lowers its number for copied orders as for its own."""
    import pandas as pd

    return pd.concat([some, others]).groupby("item_id", as_index=False).agg(units=("units", "sum"))


def refunded_units(lines: Sequence[Refunded]) -> "pd.DataFrame":
    """Return item_id, units of refunded lines that the number should leave out."""
    import pandas as pd

    rows = [(one.item_id, one.missing) for one in lines if one.missing]
    return pd.DataFrame(rows, columns=["item_id", "units"]).astype("int64")


def hidden(reading: Reading, shop: Shop) -> "pd.DataFrame":
    """Return item_id, location_id, units that no number of a shelf knows of.

    They left as parts of kits, or were sold beyond the number while another app kept it from being counted; or it leaves
    them out since we wrote it so (fewer than none).
    """
    import pandas as pd

    known, left = queries.read_before(reading, shop.id), left_by_shelf(reading)
    units = {shelf: units - known[shelf].parts_known for shelf, units in left.items() if shelf in known}
    for shelf, row in known.items():
        if row.kept_off:
            units[shelf] = units.get(shelf, 0) - row.kept_off
    for shelf, beyond in sold_beyond(reading, shop.id).items():
        units[shelf] = units.get(shelf, 0) + beyond
    rows = [(*shelf, n) for shelf, n in units.items()]
    return pd.DataFrame(rows, columns=["item_id", "location_id", "units"])


def deducted_units(reading: Reading, shop: Shop) -> "pd.DataFrame":
    """Return item_id, units: what a shop has taken off its numbers for open orders, with what a person gave up of them."""
    import pandas as pd

    untouched = shop.settings.undeducted_statuses
    units = queries.deducted_units(reading, shop.id, but=untouched)
    given_up = [
        {"item_id": row.item_id, "units": row.units}
        for row in queries.given_up_units(reading, shop.id)
        if row.status not in untouched and shop.settings.meaning(row.status) not in CLOSED
    ]
    if not given_up:
        return units
    return together(units, pd.DataFrame(given_up))


def refuse_mass_zero(desk: Desk, shop: Shop, counted: "pd.DataFrame") -> None:
    """Raise StopChannel where a reading would empty an unusual share of the shelves that hold something."""
    held = counted[counted["on_hand_before"] > 0]
    share = desk.settings.policy.for_(channel=shop.name).vanish_share
    why_not = emptying(int((held["on_hand_after"] <= 0).sum()), len(held), share)
    if why_not:
        raise StopChannel(why_not, next="Look at the shop's inventory; if it is true, raise vanish_share for one run.")


def intended(reading: Reading, shop: Shop, differs: "pd.DataFrame") -> list[Intended]:
    """Return the counts as changes of our own ledger, so that a person sees them as a plan."""
    if differs.empty:
        return []
    origins = queries.origins(reading, [int(one) for one in differs["item_id"].unique()])
    places = {row.id: row.platform_id for row in queries.locations(reading, shop.id)}
    known = queries.read_before(reading, shop.id)
    changes = []
    for row in rows_of(differs):
        is_first = (row["item_id"], row["location_id"]) not in known
        changes.append(
            Intended(
                channel=shop.name,
                kind=COUNT,
                target=f"{origins[row['item_id']]}@{places.get(row['location_id'], '')}",
                before=None if is_first else row["on_hand_before"],
                after=row["on_hand_after"],
                reason="First reading of this shelf." if is_first else "The shop's number says so.",
            )
        )
    return changes


def book_counts(desk: Desk, tx: Writing, shop: Shop, log: RunLog, stock: ShopStock, differs: "pd.DataFrame") -> int:
    """Book one movement for each shelf that differs; returns how many units lost their stock by it.

    What rises on a shelf that was read before may be goods on their way that have come.
    """
    booking = Booking(log.id, shop_time(desk, tx, shop), desk.settings.policy)
    count = f"counted:{shop.name}:{queries.last_facts(tx).movement + 1}"
    first_read = {shelf: row.first_read_at for shelf, row in queries.read_before(tx, shop.id).items()}
    rises: dict[tuple[int, int], int] = {}
    for row in rows_of(differs):
        shelf, quantity = Shelf(row["item_id"], row["location_id"]), row["quantity"]
        booking.move(shelf, "counted", quantity, f"{count}:{shelf.item_id}:{shelf.location_id}", stock.began_at)
        if quantity > 0 and shelf in first_read:
            rises[shelf] = quantity
    log.counts["units_seen"] += match_counts(tx, rises, first_read, stock.began_at, count, log.id)
    return book(tx, booking)


def save_readings(
    desk: Desk, tx: Writing, shop: Shop, stock: ShopStock, readings: "pd.DataFrame", counted: "pd.DataFrame"
) -> None:
    """Keep the reading as the base that the next one is compared with; what did not change is not written."""
    keys = ["item_id", "location_id"]
    known, left = queries.read_before(tx, shop.id), left_by_shelf(tx)
    settled = readings.merge(counted[[*keys, "deducted", "overwritten"]], on=keys)
    newest = queries.newest_line(tx) if shop.settings.publish else 0
    rows = []
    for row in settled.astype(object).where(settled.notna(), None).to_dict("records"):
        shelf = (row["item_id"], row["location_id"])
        values = {name: None if row[name] is None else int(row[name]) for name in KEPT}
        old = known.get(shelf)
        values |= {"target": row["target"], **kept_off(shop, old, int(row["overwritten"]), newest)}
        if old is None or any(getattr(old, name) != value for name, value in values.items()):
            first = stock.began_at if old is None else old.first_read_at
            times = {"first_read_at": first, "read_at": stock.began_at}
            parts = left.get(shelf, 0) if old is None else old.parts_known
            rows.append({"channel_id": shop.id, **values, **times, "parts_known": parts})
    tx.upsert(StockReading, rows, key=("channel_id", *keys))


def kept_off(
    shop: Shop, old: Any, overwritten: int, newest: int
) -> dict[str, int | None]:  # Any: a row of StockReading, or None
    """Return what a number that is ours to write leaves out; before it was ever written, nothing."""
    if old is None or old.kept_off is None:
        return {"kept_off": 0 if shop.settings.publish else None, "line_id": newest}
    return {"kept_off": old.kept_off - overwritten, "line_id": newest if overwritten else old.line_id}


def lower_beyond(tx: Writing, shop: Shop, readings: "pd.DataFrame", counted: "pd.DataFrame") -> None:
    """Forget units sold beyond a number of which nothing is open any more and which the number does not hold either."""
    rows = {(row.item_id, row.location_id): row for row in adopted(tx, shop.id) if row.beyond}
    if not rows:
        return
    keys = ["item_id", "location_id"]
    settled = readings.merge(counted[[*keys, "deducted"]], on=keys)
    lowered = []
    for row in rows_of(settled[["item_id", "location_id", "shown", "deducted"]]):
        known = rows.get((row["item_id"], row["location_id"]))
        left = 0 if known is None else beyond_left(known.beyond, row["shown"], row["deducted"])
        if known is not None and left != known.beyond:
            lowered.append(
                {"channel_id": shop.id, "origin": known.origin, "location_id": known.location_id, "beyond": left}
            )
    tx.update(AdoptedShelf, lowered, key=("channel_id", "origin", "location_id"))


KEPT = ("item_id", "location_id", "shown", "safety_stock", "backordered", "backorder_limit", "deducted")
