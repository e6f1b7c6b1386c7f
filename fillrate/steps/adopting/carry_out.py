"""Write what a person let through, in the one order in which the shop sells nothing that it should not.

1. *Tracking on.* What is counted begins at nothing, so from here on nobody buys what others are owed. Until now the app
   let orders come in at any moment: they are read again, and the numbers are reckoned anew where one came between.
2. *Numbers, with the counter of backordered units.* What lies there and is owed to nobody is for sale.
3. *Limits*, last: raised before the counter is set, they would let just as many be sold once more.

While a number is being written no reading of its shelf counts. A run that is cut off anywhere is gone on with by the next.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fillrate.db.database import Reading, Writing
from fillrate.db.queries import adopting as queries
from fillrate.db.queries import plans as plan_queries
from fillrate.db.tables import AdoptedShelf
from fillrate.decide.adopting import Numbers, is_explained, numbers
from fillrate.decide.plans import ADOPTING
from fillrate.steps.adopting.find import LIMIT, NUMBER, Shelf, product_of, shelf_unfinished, with_taken_off
from fillrate.steps.adopting.plan import KEY, TRACKING, change, end
from fillrate.steps.apply import LATER_WAITS_S, apply_changes
from fillrate.steps.days import shop_time
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.intake.windows import Asked
from fillrate.steps.ledger import Booking, book
from fillrate.steps.ledger import Shelf as LedgerShelf
from fillrate.steps.plan import Intended, end_changes, settle_plans, store_plan
from fillrate.steps.runs import Problem, RunLog
from fillrate.steps.sync import sync_orders, sync_products

MOST_NAMED = 5  # shelves in one problem
A_SECOND_OVER = 2.0  # the shop's times are whole seconds: what came in this one is read for certain after it
BETWEEN = "An order came in, or another number was there, before the shop counted it: {before} became {after}."


def carry_out(desk: Desk, shop: Shop, log: RunLog) -> None:
    """Write what is approved, in its order, and finish what an earlier run left unfinished."""
    due = approved(desk, shop)
    log.plans += dict.fromkeys(row.plan_id for rows in due.values() for row in rows)
    if due[NUMBER] or due[TRACKING]:
        with desk.db.write("adopt.begin", lock=True) as tx:
            set_open(tx, shop, due[NUMBER])
        apply_changes(desk, shop, log, (TRACKING,))
        fresh = {row.target for row in due[TRACKING]}
        goods = sorted({*fresh, *(product_of(row.target) for row in due[NUMBER])})
        sync_products(desk, shop, log, goods)
        give_up_untracked(desk, shop, log)
        desk.outside.clock.sleep(A_SECOND_OVER)
        sync_orders(desk, shop, log, Asked())
        reckon_anew(desk, shop, log, fresh)
        await_counted(desk, shop, log)
        apply_changes(desk, shop, log, (NUMBER,))
    if approved(desk, shop)[LIMIT]:
        apply_changes(desk, shop, log, (LIMIT,))
    settle(desk, shop, log)


def approved(desk: Desk, shop: Shop) -> dict[str, list[Any]]:  # Any: rows of Change
    """Return what is to be written or found out about, by kind."""
    with desk.db.read() as reading:
        rows = plan_queries.to_apply(reading, shop.id, ADOPTING)
    return {kind: [row for row in rows if row.kind == kind] for kind in ADOPTING}


def set_open(tx: Writing, shop: Shop, changes: Sequence[Any]) -> None:  # Any: rows of Change
    """Note which numbers are being written."""
    targets = {row.target for row in changes}
    rows = [row for row in queries.adopted(tx, shop.id) if target_of(row) in targets]
    tx.update(AdoptedShelf, [{**key_of(row), "is_open": True} for row in rows], key=KEY)


def target_of(row: Any) -> str:  # Any: a row of queries.adopted
    """Return what a change of a shelf's number is about."""
    return shelf_unfinished(row).target


def key_of(row: Any) -> dict[str, Any]:  # Any: a row of queries.adopted, and of its table
    """Return the key of a shelf's row."""
    return {name: getattr(row, name) for name in KEY}


def give_up_untracked(desk: Desk, shop: Shop, log: RunLog) -> None:
    """End the numbers of products that the shop refused to count, or of which staff has said something else meanwhile."""
    with desk.db.write("adopt.refused", lock=True) as tx:
        numbered = [*live(tx, shop, NUMBER).values(), *live(tx, shop, LIMIT).values()]
        products = {product_of(row.target) for row in numbered}
        last = plan_queries.last_words(tx, shop.id, TRACKING, products)
        refused = {one for one, row in last.items() if row.state in {"failed", "stale"}}
        gone = [row for row in numbered if product_of(row.target) in refused]
        end(desk, tx, gone, "Its product is not counted.")
        targets = {row.target for row in gone}
        shelves = [row for row in queries.adopted(tx, shop.id) if target_of(row) in targets]
        tx.update(AdoptedShelf, [{**key_of(row), "is_open": False} for row in shelves], key=KEY)
    for one in sorted(refused):
        what = f"The shop did not take it that product {one} is counted, so its numbers stay as they are."
        log.problems.append(Problem(f"{shop.name}: adopt", what, "Why it did not: fillrate status"))


def live(reading: Reading, shop: Shop, kind: str) -> dict[str, Any]:  # Any: rows of Change
    """Return the changes of a kind that are approved or on their way, by target."""
    rows = plan_queries.live_changes(reading, shop.id, kind)
    return {target: row for target, row in rows.items() if row.state != "planned"}


def reckon_anew(desk: Desk, shop: Shop, log: RunLog, fresh: Iterable[str]) -> None:
    """Put other numbers in the place of those that orders overtook: the count that a person let through stays as it is."""
    with desk.db.read() as reading:
        targets = sorted(live(reading, shop, NUMBER))
    shown, limits = (shop.channel.read_back(kind, targets) if targets else {} for kind in (NUMBER, LIMIT))
    with desk.db.write("adopt.reckoned", lock=True) as tx:
        changes: list[Intended] = []
        numbers_now = live(tx, shop, NUMBER)
        for shelf, row, taken_off in open_shelves(tx, shop):
            planned, now = numbers_now.get(shelf.target), shown.get(shelf.target)
            if planned is None or now is None or planned.state in plan_queries.IN_DOUBT:
                continue
            is_fresh = shelf.product in fresh
            if is_fresh or is_explained(planned.before["number"], now["number"], taken_off - row.taken_off):
                changes += reckoned(shop, shelf, row.on_hand or 0, taken_off, planned, now, limits.get(shelf.target))
        plan = store_plan(desk, tx, shop, log, changes)
    log.plans += [plan] if plan else []


def open_shelves(reading: Reading, shop: Shop) -> list[tuple[Shelf, Any, int]]:  # Any: rows of queries.adopted
    """Return each shelf whose number is being written and whose item is known, with what open orders take off it now."""
    rows = [row for row in queries.adopted(reading, shop.id) if row.is_open and row.item_id is not None]
    shelves = with_taken_off(reading, shop, [shelf_unfinished(row) for row in rows])
    return [(shelf, row, shelf.taken_off) for shelf, row in zip(shelves, rows, strict=True)]


def reckoned(
    shop: Shop, shelf: Shelf, on_hand: int, taken_off: int, planned: Any, now: Mapping[str, Any], limit: Any
) -> list[Intended]:  # Any: a row of Change, JSON
    """Return the number and the limit of a shelf as things stand, where the planned ones do not fit any more."""
    value = numbers(on_hand, taken_off)
    after = {"number": value.number, "beyond": None if now["beyond"] is None else value.beyond}
    if after == planned.after and now == planned.before:
        return []
    told = BETWEEN.format(before=planned.after["number"], after=value.number)
    changes = [change(shop, NUMBER, shelf.target, dict(now), after, told)]
    if now["beyond"] is not None and value.beyond > (limit or 0):
        changes.append(change(shop, LIMIT, shelf.target, limit or 0, value.beyond, told))
    return changes


def await_counted(desk: Desk, shop: Shop, log: RunLog) -> None:
    """Wait until the shop tells a number of everything that is to get one; what it never tells of keeps none of the others.

    Its limit is not written either: without its number, as many could be bought once more.
    """
    with desk.db.read() as reading:
        left = sorted(live(reading, shop, NUMBER))
    for wait in (*LATER_WAITS_S, 0):
        shown = shop.channel.read_back(NUMBER, left) if left else {}
        left = [target for target in left if shown[target] is None]
        if not left:
            return
        desk.outside.clock.sleep(wait)
    with desk.db.write("adopt.untold", lock=True) as tx:
        found = [live(tx, shop, kind) for kind in (NUMBER, LIMIT)]
        untold = [rows[target] for rows in found for target in left if target in rows]
        end_changes(desk, tx, [row.id for row in untold], "stale", "The shop tells no number of it.")
        settle_plans(tx, sorted({row.plan_id for row in untold}))
    what = f"The shop tells no number of {len(left)} shelves that are to get one: {', '.join(left[:MOST_NAMED])}."
    next_step = f"See that it counts them, or leave them if they are gone; then run it again: fillrate {log.flow}"
    log.problems.append(Problem(f"{shop.name}: adopt", what, next_step))


def settle(desk: Desk, shop: Shop, log: RunLog) -> None:
    """Let readings count again on shelves whose number is written, and keep what was sold beyond it where only we can."""
    with desk.db.read() as reading:
        targets = [shelf.target for shelf, _, _ in open_shelves(reading, shop)]
    if not targets:
        return
    shown = shop.channel.read_back(NUMBER, targets)
    left = []
    with desk.db.write("adopt.settled", lock=True) as tx:
        last = plan_queries.last_words(tx, shop.id, NUMBER, targets)
        rows, lies_there = [], {}
        for shelf, row, taken_off in open_shelves(tx, shop):
            value, now = numbers(row.on_hand or 0, taken_off), shown.get(shelf.target)
            how = "refused" if row.is_over else ending(last.get(shelf.target), value, now)
            if not how:
                left.append(shelf)
                continue
            beyond = value.beyond if now is None or now["beyond"] is None else 0
            rows.append({**key_of(row), "is_open": False, "is_counted": False, "beyond": beyond})
            if how == "written":
                lies_there[LedgerShelf(row.item_id, row.location_id)] = row.on_hand or 0
        book_counts(desk, tx, shop, log, lies_there)
        tx.update(AdoptedShelf, rows, key=KEY)
    log.counts["shelves_adopted"] += len(rows)
    for one in left:
        what = f"The number of {one.sku or one.target} was not written as planned; no reading of it counts until it is."
        next_step = f"See why: fillrate status. Then plan it anew: fillrate {log.flow}"
        log.problems.append(Problem(f"{shop.name}: adopt", what, next_step))


def ending(last: Any, value: Numbers, now: Mapping[str, Any] | None) -> str:  # Any: a row of Change; JSON
    """Return how the writing of a number has ended: "written", "refused" by a person, or "" where it has not."""
    if last is not None and last.state == "done":
        return "written"
    if now is not None and (now["number"], now["beyond"] or 0) == (value.number, value.beyond if now["beyond"] else 0):
        return "written"
    return "refused" if last is None or last.state == "superseded" else ""


def book_counts(desk: Desk, tx: Writing, shop: Shop, log: RunLog, lies_there: Mapping[LedgerShelf, int]) -> None:
    """Book what was counted on shelves that were known before; the first reading of the others finds it."""
    booking = Booking(log.id, shop_time(desk, tx, shop), desk.settings.policy)
    for row in queries.shelves_of(tx, shop.id, items=sorted({one.item_id for one in lies_there})):
        shelf = LedgerShelf(row.item_id, row.location_id)
        difference = lies_there.get(shelf, row.on_hand) - row.on_hand
        if difference:
            booking.move(shelf, "counted", difference, f"adopted:{log.id}:{row.origin}@{row.place}", booking.at)
    book(tx, booking)
