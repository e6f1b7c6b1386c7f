"""Decide what became of a number that waits: it follows the ledger again, or the ledger takes it over.

Meanwhile its missing units are held: they count as absent. Either way they are let go; where the ledger takes them over, it
knows of them from then on, and so do all channels.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.database import Reading, Writing
from fillrate.db.queries import drift as queries
from fillrate.db.queries import reconciling
from fillrate.db.queries.explain import items as items_called
from fillrate.db.queries.kits import Part, recipes
from fillrate.db.queries.supply import to_be_seen
from fillrate.db.tables import DriftFound, InboundEvent, Item, Movement, ShownStock, StockReading
from fillrate.decide.sku import sku_key
from fillrate.errors import FillrateError, FixSettings, NotFound
from fillrate.steps.correcting.word import Kind, Said, Scene, Told, Values, take, taking
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.ledger import Booking, Shelf, book
from fillrate.steps.reconciling.places import pools
from fillrate.steps.runs import RunLog
from fillrate.steps.supply.seen import match_counts

WAITS, PUT_BACK, ADOPTED = "waits", "put_back", "adopted"
GOES = "The next reading lets every channel show what may be sold: fillrate run reconcile-inventory"


def put_back(desk: Desk, log: RunLog, said: Said, which: str) -> Told:
    """Let a number that waits follow the ledger again; `which` is the number of the finding, or a SKU."""
    return decide(desk, log, said, which, PUT_BACK)


def adopt_drift(desk: Desk, log: RunLog, said: Said, which: str) -> Told:
    """Take what a number that waits says into the ledger; `which` as above."""
    return decide(desk, log, said, which, ADOPTED)


def decide(desk: Desk, log: RunLog, said: Said, which: str, value: str) -> Told:
    """Book what somebody decided of all that is called so in one channel."""
    with taking(desk) as tx:
        rows = find(tx, which)
        name = rows[0].channel
        if name not in desk.shops:
            what = f"{which} belongs to channel {name}, which is no longer in the settings."
            raise FixSettings(what, next="Put the channel back into fillrate.toml.")
        wanted = {f"drift:{row.id}": value for row in rows}
        told = take(Scene(desk, tx, log, desk.shops[name], said), DRIFT, wanted)
    return told._replace(next=GOES if told.changes else "")


def find(reading: Reading, which: str) -> list[Any]:  # Any: rows of queries.told
    """Return what waits and is called so, of one channel; NotFound for nothing, or for several channels."""
    rows = [row for row in queries.waiting(reading) if str(row.id) == which]
    if not rows:
        items = [row.id for row in items_called(reading, sku_key(which))]
        rows = queries.waiting(reading, items)
    if not rows:
        raise NotFound(f"Nothing of {which} waits for a person.", next="See what waits: fillrate drift")
    if len({row.channel for row in rows}) > 1:
        choice = ", ".join(f"{row.id} ({row.channel})" for row in rows)
        raise NotFound(f"Numbers of {which} wait in several channels.", next=f"Name one by its number: {choice}")
    return rows


def rows_of(reading: Reading, targets: Collection[str]) -> dict[str, Any]:  # Any: rows of queries.told
    """Return the finding behind each target, such as "drift:7"."""
    ids = [int(target.partition(":")[2]) for target in targets]
    return {f"drift:{row.id}": row for row in queries.numbered(reading, ids)}


def held(_: Desk, reading: Reading, shop: Shop, targets: Collection[str]) -> Values:
    """Return what became of each finding."""
    return {target: row.outcome for target, row in rows_of(reading, targets).items()}


def check(scene: Scene, wanted: Values) -> None:
    """Refuse what the next reading would undo, and to take back goods that have come in by it."""
    for target, row in rows_of(scene.tx, wanted).items():
        if wanted[target] == ADOPTED:
            moves = list(moves_of(scene, row))
            if not moves:
                what = f"Nobody counts {row.sku or row.target}, so the ledger has nothing to take over."
                raise FillrateError(what, next=f"Let it follow again: fillrate put-back {row.id} --reason TEXT")
            refuse_followed(scene.tx, row, [shelf for shelf, _ in moves])
        elif scene.tx.scalar(sa.select(sa.func.count()).where(col(InboundEvent.cause).like(f"drift:{row.id}:%"))):
            what = f"With drift {row.id} goods on their way were taken for received; that is not taken back."
            raise FillrateError(what, next="Set the number right where the stock lies.")


def refuse_followed(tx: Writing, row: Any, shelves: Sequence[Shelf]) -> None:  # Any: as above
    """Refuse shelves of which a channel's own number says what lies there: the next reading would book it back."""
    known = tx.find(StockReading, "item_id", [one.item_id for one in shelves], "item_id", "location_id", "kept_off")
    if any((one.item_id, one.location_id) in shelves and one.kept_off is None for one in known):
        name = row.sku or row.target
        what = f"What lies there of {name} is what another channel's number says, and Fillrate does not write it."
        to_do = f"Set that number right in its shop; once it is read: fillrate put-back {row.id} --reason TEXT"
        raise FillrateError(what, next=to_do)


def book_words(scene: Scene, wanted: Values) -> None:
    """Settle or open findings, hold or let go their units, and book what the ledger takes over or gives back."""
    at = scene.desk.outside.clock.now()
    for target, row in rows_of(scene.tx, wanted).items():
        value = wanted[target]
        if value == WAITS:
            hold_units(scene.tx, row, min(row.units, 0))
        elif row.outcome == WAITS:
            hold_units(scene.tx, row, -min(row.units, 0))
        if row.outcome == ADOPTED:
            give_back(scene, row)
        if value == ADOPTED:
            take_over(scene, row)
        settled = None if value == WAITS else at
        scene.tx.update(DriftFound, [{"id": row.id, "outcome": value, "settled_at": settled}], key=("id",))


def hold_units(tx: Writing, row: Any, units: int) -> None:  # Any: as above
    """Let more units of a number (fewer than none) count as absent, or let such go; it is looked at again."""
    key = {"channel_id": row.channel_id, "target": row.target}
    for known in tx.find(ShownStock, "target", [row.target], "held", channel_id=row.channel_id):
        now = {"held": min(0, known.held + units), "is_settled": False}
        tx.update(ShownStock, [{**key, **now}], key=("channel_id", "target"))


def take_over(scene: Scene, row: Any) -> None:  # Any: as above
    """Book what a number says into the ledger: goods on their way first, where there are more than expected."""
    tx, cause = scene.tx, f"drift:{row.id}:{scene.plan_id}"
    at, moves = scene.now(), list(moves_of(scene, row))
    rises = {(shelf.item_id, shelf.location_id): units for shelf, units in moves if units > 0}
    since = tx.find(
        StockReading, "item_id", sorted({item for item, _ in rises}), "item_id", "location_id", "first_read_at"
    )
    first = {
        **dict.fromkeys(rises, row.found_at),
        **{(one.item_id, one.location_id): one.first_read_at for one in since},
    }
    come = match_counts(tx, rises, first, at, cause, scene.log.id)
    booking = Booking(scene.log.id, at, scene.desk.settings.policy)
    for shelf, units in moves:
        received = min(come, max(0, units))
        come -= received
        for kind, quantity in (("received", received), ("adjusted", units - received)):
            if quantity:
                name = f"{cause}:{kind}:{shelf.item_id}:{shelf.location_id}"
                booking.move(shelf, kind, quantity, name, at)
    book(tx, booking)
    know_off(tx, dict(moves))


def give_back(scene: Scene, row: Any) -> None:  # Any: as above
    """Book off again what the ledger took over."""
    statement = sa.select(col(Movement.item_id), col(Movement.location_id), col(Movement.quantity))
    of_finding = scene.tx.rows(statement.where(col(Movement.cause).like(f"drift:{row.id}:%")))
    sums: Counter[Shelf] = Counter()
    for move in of_finding:
        sums[Shelf(move.item_id, move.location_id)] -= move.quantity
    at = scene.now()
    booking = Booking(scene.log.id, at, scene.desk.settings.policy)
    for shelf, units in sums.items():
        if units:
            name = f"drift:{row.id}:{scene.plan_id}:back:{shelf.item_id}:{shelf.location_id}"
            booking.move(shelf, "adjusted", units, name, at)
    book(scene.tx, booking)
    know_off(scene.tx, sums)


def know_off(tx: Writing, moves: dict[Shelf, int] | Counter[Shelf]) -> None:
    """Let numbers that we write where the stock lies know of this: until they are written they show it still."""
    rows: list[Any] = tx.find(StockReading, "item_id", sorted({one.item_id for one in moves}))
    changed = [
        {
            **{name: getattr(one, name) for name in ("channel_id", "item_id", "location_id")},
            "kept_off": one.kept_off + moves[Shelf(one.item_id, one.location_id)],
        }
        for one in rows
        if one.kept_off is not None and Shelf(one.item_id, one.location_id) in moves
    ]
    tx.update(StockReading, changed, key=("channel_id", "item_id", "location_id"))


def moves_of(scene: Scene, row: Any) -> Iterator[tuple[Shelf, int]]:  # Any: as above
    """Yield what the ledger takes over, shelf by shelf; of a kit or a pack its parts."""
    pool = pools(scene.desk, scene.tx, scene.shop, scene.log).get(row.location_id, ())
    if not pool:
        what = f"Nobody says whose stock {row.channel} shows there."
        raise FillrateError(what, next="Say so under [channel.locations] in the settings.")
    is_counted = scene.tx.scalar(sa.select(col(Item.is_tracked)).where(col(Item.id) == row.item_id))
    itself = [Part(row.item_id, 1, bool(is_counted))]
    for part in recipes(scene.tx, [row.item_id]).get(row.item_id, itself):
        if part.is_counted and row.units:
            yield from spread(scene.tx, part.item_id, row.units * part.per, pool)


def spread(tx: Reading, item: int, units: int, pool: Sequence[int]) -> Iterator[tuple[Shelf, int]]:
    """Yield where units of an item come to: to where goods are expected; or leave: from where most is free."""
    on_shelves = reconciling.on_shelves(tx, [item])
    free = dict(zip(on_shelves["location_id"].tolist(), on_shelves["free"].tolist(), strict=True))
    by_free = sorted(pool, key=lambda place: (-free.get(place, 0), pool.index(place)))
    if units > 0:
        expected = {row.location_id for row in to_be_seen(tx, [item])}
        yield Shelf(item, next((place for place in by_free if place in expected), by_free[0])), units
        return
    left, taken = -units, dict.fromkeys(by_free, 0)
    for place in by_free:
        taken[place] = min(left, max(0, free.get(place, 0)))
        left -= taken[place]
    taken[by_free[0]] += left
    for place, n in taken.items():
        if n:
            yield Shelf(item, place), -n


DRIFT = Kind("drift", held, check, book_words)
