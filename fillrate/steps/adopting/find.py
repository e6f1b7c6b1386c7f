"""What another app left behind: goods that the shop does not count any more, and numbers below nothing."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fillrate.db.database import Reading
from fillrate.db.queries import adopting as queries
from fillrate.db.queries import stock as stock_queries
from fillrate.decide.frames import rows_of
from fillrate.errors import StopChannel
from fillrate.steps.desk import Shop
from fillrate.steps.stock import taken_off

NUMBER, LIMIT = "stock_number", "shelf_limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """One shelf to be taken over: whose it is, why, what lies there, and what open orders take off its number.

    `place` is the location's id in the shop, `seen` the shop's number (None: the goods are not counted yet), `counter` what
    it says of units sold beyond that (None: nothing), `limit` how many may be. `taken_off` is 0 but at the location that the
    shop takes sold units from.
    """

    origin: str
    sku: str
    location_id: int
    place: str
    why: str
    on_hand: int = 0
    is_counted: bool = False
    taken_off: int = 0
    seen: int | None = None
    counter: int | None = None
    limit: int | None = None
    is_home: bool = True
    is_left: bool = False  # somebody said that it is to stay as it is

    @property
    def goods(self) -> str:
        """The shop's own id of what lies there: of a product, or of a product and its variant."""
        return self.origin.rpartition(":")[2]

    @property
    def product(self) -> str:
        """The shop's own id of its product."""
        return product_of(self.goods)

    @property
    def target(self) -> str:
        """What a change of its number is about."""
        return f"{self.goods}@{self.place}"


def product_of(target: str) -> str:
    """Return the shop's own id of the product that goods, or a shelf with them, are of."""
    return target.partition("@")[0].partition("/")[0]


@dataclass(slots=True)
class Found:
    """What is to be taken over: in what each uncounted product is to be counted and why, and all shelves."""

    ways: dict[str, str]
    whys: dict[str, str]
    shelves: list[Shelf]


def find(reading: Reading, shop: Shop) -> Found:
    """Return what another app left behind, with what is known of it. StopChannel where no location is known."""
    home = home_of(reading, shop)
    ways, whys, shelves = uncounted(reading, shop, home)
    below = [shelf_below(row) for row in queries.shelves_of(reading, shop.id, below=True)]
    met = {(one.origin, one.location_id) for one in (*shelves, *below)}
    adopted = queries.adopted(reading, shop.id)
    unfinished = [row for row in adopted if row.is_open and row.item_id and (row.origin, row.location_id) not in met]
    shelves += with_taken_off(reading, shop, [*below, *(shelf_unfinished(row) for row in unfinished)])
    counted = {(row.origin, row.location_id): row for row in adopted}
    return Found(ways, whys, [as_counted(one, counted.get((one.origin, one.location_id))) for one in shelves])


def home_of(reading: Reading, shop: Shop) -> Any:  # Any: a row of Location
    """Return the location from which the shop takes what it sells."""
    places = [row for row in stock_queries.locations(reading, shop.id) if row.is_enabled]
    if not places:
        raise StopChannel(f"{shop.name}: no location is known.", next="Read them: fillrate run reconcile-inventory")
    return next((row for row in places if row.is_default), places[0])


def uncounted(reading: Reading, shop: Shop, home: Any) -> tuple[dict[str, str], dict[str, str], list[Shelf]]:
    """Return ways, reasons and shelves of goods that are owed or were counted once, and are not counted now."""
    owed = {(row.product, row.variant): row for row in queries.owed_by_listing(reading, shop.id)}
    once = queries.once_counted(reading, shop.id)
    products: dict[str, list[Any]] = defaultdict(list)
    for row in queries.variants(reading, shop.id, {product for product, _ in owed} | once.keys()):
        products[row.product].append(row)
    off = units(stock_queries.deducted_units(reading, shop.id, but=shop.settings.undeducted_statuses, counted=False))
    ways: dict[str, str] = {}
    whys: dict[str, str] = {}
    shelves: list[Shelf] = []
    for product, rows in sorted(products.items(), key=lambda pair: (len(pair[0]), pair[0])):
        if any(row.is_kit for row in rows):
            continue
        ways[product] = way_of(rows, once.get(product))
        told = [owed[product, row.variant] for row in rows if (product, row.variant) in owed]
        whys[product] = evidence(rows[0], told, was_counted=product in once)
        shelves += shelves_of(shop, home, ways[product], whys[product], rows, off)
    return ways, whys, shelves


def way_of(rows: Sequence[Any], origin: str | None) -> str:  # Any: rows of queries.variants
    """Return in what a product is to be counted: as it was once, else each variant by itself where there are several."""
    if origin is not None:
        return "variant" if "/" in origin else "product"
    return "product" if len(rows) == 1 and not rows[0].options else "variant"


def evidence(first: Any, owed: Sequence[Any], *, was_counted: bool) -> str:  # Any: rows
    """Return in words why a product looks as if another app sold it."""
    number, orders = sum(row.units for row in owed), sum(row.orders for row in owed)
    parts = ["Its stock is not tracked"]
    if owed:
        parts.append(f"{number} unit(s) of {orders} open order(s) are owed")
    if was_counted:
        parts.append("it was tracked once")
    if first.availability == "preorder":
        parts.append("it is shown as a pre-order")
    return "; ".join(parts)


def shelves_of(
    shop: Shop, home: Any, way: str, why: str, rows: Sequence[Any], off: Mapping[int, int]
) -> list[Shelf]:  # Any: rows of Location and of queries.variants
    """Return the shelves that a product has once it is counted, at the location that it is sold from."""
    whole = Shelf(
        origin=f"{shop.name}:{rows[0].product}",
        sku=rows[0].product_sku or rows[0].sku,
        location_id=home.id,
        place=home.platform_id,
        why=why,
        taken_off=sum(off.get(row.item_id, 0) for row in rows),
    )
    if way == "product":
        return [whole]
    return [
        replace(whole, origin=f"{whole.origin}/{row.variant}", sku=row.sku, taken_off=off.get(row.item_id, 0))
        for row in rows
    ]


def shelf_below(row: Any) -> Shelf:  # Any: a row of queries.shelves_of
    """Return a shelf whose number is below nothing; what lies there is what its number and the open orders say."""
    return Shelf(
        origin=row.origin,
        sku=row.sku,
        location_id=row.location_id,
        place=row.place,
        why=f"Its number is {row.shown}",
        on_hand=max(row.on_hand, 0),
        seen=row.shown,
    )


def shelf_unfinished(row: Any) -> Shelf:  # Any: a row of queries.adopted
    """Return a shelf of which the shop has refused a number, or had changed it meanwhile."""
    why = "Its number was not written as planned"
    where = {"location_id": row.location_id, "place": row.place}
    return Shelf(origin=row.origin, sku=row.sku, why=why, on_hand=row.on_hand or 0, seen=0, **where)


def with_taken_off(reading: Reading, shop: Shop, shelves: Sequence[Shelf]) -> list[Shelf]:
    """Return shelves of counted goods with what open orders take off each, which is taken from one location only."""
    items = stock_queries.ids_of(reading, [one.origin for one in shelves])
    off = units(taken_off(reading, shop))
    homes: dict[int, int] = {}
    for row in queries.shelves_of(reading, shop.id, items=sorted(items.values())):
        homes.setdefault(row.item_id, row.location_id)
    found = []
    for one in shelves:
        item = items[one.origin]
        is_home = homes.get(item, one.location_id) == one.location_id
        found.append(replace(one, is_home=is_home, taken_off=off.get(item, 0) if is_home else 0))
    return found


def units(frame: Any) -> dict[int, int]:  # Any: a DataFrame of item_id, units
    """Return units by item."""
    return {row["item_id"]: int(row["units"]) for row in rows_of(frame)}


def as_counted(shelf: Shelf, row: Any) -> Shelf:  # Any: a row of queries.adopted, or None
    """Return a shelf with what somebody counted there in an earlier run."""
    if row is None or not row.is_counted:
        return shelf
    return replace(shelf, on_hand=row.on_hand or 0, is_counted=True, is_left=row.on_hand is None)
