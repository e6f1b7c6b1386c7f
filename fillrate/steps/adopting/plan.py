"""Plan what is to be taken over: tracking, numbers with the shop's own counters, and limits; a person decides about all of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fillrate.channels.count_files import Counts
from fillrate.db.database import Reading, Writing
from fillrate.db.queries import adopting as queries
from fillrate.db.queries import plans as plan_queries
from fillrate.db.tables import AdoptedShelf
from fillrate.decide.adopting import numbers
from fillrate.decide.plans import ADOPTING
from fillrate.steps.adopting.counts import Counted, with_counts
from fillrate.steps.adopting.find import LIMIT, NUMBER, Found, Shelf, find
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.plan import Intended, end_changes, settle_plans, store_plan
from fillrate.steps.runs import RunLog

TRACKING = "tracking"
KEY = ("channel_id", "origin", "location_id")
WAITS = "It changes what your shop counts and sells; only a person lets it through."
UNCOUNTED = "Nobody has counted it: it begins at 0, and the shop shows it as sold out. Count it with --counts"

Target = tuple[str, str]  # kind and target


@dataclass(frozen=True, slots=True)
class Proposed:
    """What is to be taken over: the plan's id or "", its shelves as counted, and what of a counts file fits none."""

    plan: str
    counted: Counted


def propose(desk: Desk, shop: Shop, log: RunLog, counts: Counts) -> Proposed:
    """Store a plan of all that another app left behind, in place of one that still waits; "" where there is nothing."""
    with desk.db.read() as reading:
        found = find(reading, shop)
        counted = with_counts(reading, shop, found, counts)
        has_counters = queries.has_counters(reading, shop.id)
    counted.shelves = as_shown(shop, counted.shelves)
    with desk.db.write("adopt.plan", lock=True) as tx:
        changes = proposal(tx, shop, found, counted.shelves, has_counters=has_counters)
        plan = store(desk, tx, shop, log, changes)
        if not log.is_dry:
            keep_counts(tx, shop, counted)
    log.plans += [plan] if plan else []
    log.counts.update(
        products_to_track=sum(one.kind == TRACKING for one in changes),
        shelves_to_adopt=len({one.target for one in changes if one.kind != TRACKING}),
        counts_rejected=len(counted.bad),
    )
    return Proposed(plan, counted)


def as_shown(shop: Shop, shelves: Sequence[Shelf]) -> list[Shelf]:
    """Return the shelves as the shop shows them now; what it shows no longer, or above nothing by now, is left out."""
    old = [one.target for one in shelves if one.seen is not None]
    shown, limits = (shop.channel.read_back(kind, old) if old else {} for kind in (NUMBER, LIMIT))
    found = []
    for one in shelves:
        if one.seen is None:
            found.append(one)
            continue
        value = shown[one.target]
        is_mended = value is None or (one.seen < 0 <= value["number"] and not one.is_counted)
        if not is_mended:
            found.append(replace(one, seen=value["number"], counter=value["beyond"], limit=limits[one.target]))
    return found


def proposal(
    reading: Reading, shop: Shop, found: Found, shelves: Sequence[Shelf], *, has_counters: bool
) -> list[Intended]:
    """Return all changes that are to be made, but those that are on their way or that somebody refused."""
    products = {one.product for one in shelves if one.seen is None}
    tracking = [
        change(shop, TRACKING, product, "none", found.ways[product], f"{found.whys[product]}.")
        for product in sorted(products)
    ]
    wanted = [*without_refused(reading, shop, tracking)]
    tracked = {one.target for one in wanted}
    for one in shelves:
        if one.seen is not None or one.product in tracked:
            wanted += without_refused(reading, shop, shelf_changes(shop, one, has_counters=has_counters))
    return wanted


def shelf_changes(shop: Shop, one: Shelf, *, has_counters: bool) -> list[Intended]:
    """Return what a shelf's number and its limit become."""
    value = numbers(one.on_hand, one.taken_off)
    is_native = has_counters if one.seen is None else one.counter is not None
    before = {"number": one.seen or 0, "beyond": (one.counter or 0) if is_native else None}
    after = {"number": value.number, "beyond": value.beyond if is_native else None}
    is_right = one.seen is not None and before == after  # what is not counted yet gets its number written in any case
    changes = [] if is_right else [change(shop, NUMBER, one.target, before, after, reason_of(one))]
    if is_native and value.beyond > (one.limit or 0):
        why = "As many as are owed already, so that nobody buys more of it until you raise this."
        changes.append(change(shop, LIMIT, one.target, one.limit or 0, value.beyond, why))
    return changes


def reason_of(one: Shelf) -> str:
    """Return in words why a number is what it is."""
    told = f"{one.why}; {one.on_hand} lie there, {one.taken_off} are sold."
    return told if one.is_counted or one.seen is not None else f"{told} {UNCOUNTED}."


def change(shop: Shop, kind: str, target: str, before: Any, after: Any, reason: str) -> Intended:  # Any: JSON
    """Return one intended write."""
    return Intended(channel=shop.name, kind=kind, target=target, before=before, after=after, reason=reason)


def without_refused(reading: Reading, shop: Shop, changes: Sequence[Intended]) -> list[Intended]:
    """Return the changes that nobody refused, and whose target is not being written to right now."""
    found = []
    for kind in sorted({one.kind for one in changes}):
        of_kind = [one for one in changes if one.kind == kind]
        targets = [one.target for one in of_kind]
        refused = plan_queries.refused_values(reading, shop.id, kind, targets)
        live = plan_queries.live_changes(reading, shop.id, kind, targets)
        on_its_way = {target for target, row in live.items() if row.state != "planned"}
        found += [
            one
            for one in of_kind
            if one.target not in on_its_way and not (one.target in refused and refused[one.target] == one.after)
        ]
    return found


def store(desk: Desk, tx: Writing, shop: Shop, log: RunLog, changes: Sequence[Intended]) -> str:
    """Store all changes as one plan, unless one that waits says just that; what waits and is wanted no longer ends."""
    waiting = {
        (kind, target): row
        for kind in ADOPTING
        for target, row in plan_queries.live_changes(tx, shop.id, kind).items()
        if row.state == "planned"
    }
    wanted: Mapping[Target, Intended] = {(one.kind, one.target): one for one in changes}
    if is_same(waiting, wanted):
        return next((row.plan_id for row in waiting.values()), "")
    if not log.is_dry:
        end(desk, tx, [row for key, row in waiting.items() if key not in wanted])
    return store_plan(desk, tx, shop, log, changes, waits_because=WAITS)


def is_same(waiting: Mapping[Target, Any], wanted: Mapping[Target, Intended]) -> bool:  # Any: rows of Change
    """Tell whether what waits is what is wanted."""
    return waiting.keys() == wanted.keys() and all(
        (waiting[key].before, waiting[key].after) == (one.before, one.after) for key, one in wanted.items()
    )


def end(desk: Desk, tx: Writing, rows: Collection[Any], why: str = "It is not wanted any more.") -> None:
    """End changes that were not written, and plans of which nothing is left (Any: rows of Change)."""
    end_changes(desk, tx, [row.id for row in rows], "superseded", why)
    settle_plans(tx, sorted({row.plan_id for row in rows}))


def keep_counts(tx: Writing, shop: Shop, counted: Counted) -> None:
    """Keep what was counted, or what is said to lie there, by shelf; a number that was written already stays as it is known."""
    known = {(row.origin, row.location_id): row for row in queries.adopted(tx, shop.id)}
    rows = []
    for one in (*counted.shelves, *(one for one in counted.left if one.is_left)):
        old = known.get((one.origin, one.location_id))
        rows.append(
            {
                "channel_id": shop.id,
                "origin": one.origin,
                "location_id": one.location_id,
                "on_hand": None if one.is_left else one.on_hand,
                "is_counted": one.is_counted,
                "taken_off": one.taken_off,
                "beyond": 0 if old is None else old.beyond,
                "is_open": old is not None and old.is_open,
            }
        )
    tx.upsert(AdoptedShelf, rows, key=KEY)
