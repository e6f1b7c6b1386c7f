"""Serve knotted lines one after the other, in the order of the queue: from the shelves, then from what is on its way.

A ship-complete order stands where its last unit stands. Where not all of it is there, its units are set aside if the rest
comes within `hold_days` or it has waited longer than `starve_days`; else others may use them and it keeps its place. A
kit's parts are treated alike.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from fillrate.decide.coming import Claims, Coming, unreleased
from fillrate.decide.knots import DAY_US, Knots, Rules, early, is_unknown
from fillrate.decide.shelves import Stock, Taken, covered
from fillrate.decide.stretches import Flags, Ints, summed
from fillrate.decide.tranches import NO_ITEM, Owed

Parts = Sequence[tuple[int, int]]  # items, and how many of each one unit needs


class Fate(IntEnum):
    """What became of an order that ships complete."""

    COMPLETE = 0
    HELD = 1  # set aside until the rest is there
    PASSED = 2  # others may use the stock meanwhile


class Wish(NamedTuple):
    """What one tranche still wants, and by which rules."""

    tranche: int
    line: int
    short: int
    parts: Parts
    order_id: int
    channel_id: int
    reach_id: int
    choice: str
    split_limit: int
    may_take: bool
    wait_until_us: int
    is_starving: bool
    is_known: bool
    whole: int  # number of the ship-complete order, −1 where it may be shipped in parts
    is_picking: bool


@dataclass(frozen=True, slots=True)
class Served:
    """What came of it; `gives_back` is empty, or by need what those who are passed over must give back."""

    taken: Taken
    claims: Claims
    fate: Ints  # by number of a ship-complete order
    gives_back: Ints


@dataclass(slots=True)
class Room:
    """What is left on shelves and of inbound lines, and what has been taken of it."""

    rules: Rules
    location: list[int]  # by shelf
    free: list[int]  # by shelf
    left: list[int]  # by inbound row
    likely: list[int]  # by inbound row
    arrives: list[int]  # by inbound row: its location, NO_ITEM where nobody said
    shelves: dict[int, list[int]]  # usable shelves by item, in the order in which they are drawn on
    inbound: dict[int, list[int]]  # inbound rows by item, the next one first
    spare: dict[tuple[int, int], int]  # by line and item: set aside, but not part of a whole unit
    has: dict[tuple[int, int], int]  # by item and channel: set aside
    used: dict[int, set[int]]  # by order: locations that it draws on
    best: dict[int, list[int]] = field(default_factory=dict)  # by order: locations that it may draw on, the best first
    taken: list[tuple[int, int, int]] = field(default_factory=list)
    claims: list[tuple[int, int, int]] = field(default_factory=list)
    idle: list[tuple[int, int, int]] = field(default_factory=list)  # spare parts of kits that others may use meanwhile

    def in_order(self, wish: Wish, item: int) -> list[int]:
        """Return the shelves of an item that a wish may draw on, the first one first."""
        shelves = self.shelves.get(item, [])
        if wish.reach_id:
            rank = self.rules.reaches.get(wish.reach_id, {})
            shelves = sorted((s for s in shelves if self.location[s] in rank), key=lambda s: rank[self.location[s]])
        if wish.choice == "most_stock":
            shelves = sorted(shelves, key=lambda s: -self.free[s])
        if wish.order_id in self.best:
            best = self.best[wish.order_id]
            shelves = sorted(
                (s for s in shelves if self.location[s] in best), key=lambda s: best.index(self.location[s])
            )
        return shelves

    def choose(self, wishes: Iterable[Wish]) -> None:
        """Choose the locations of an order that wants few of them: those it draws on, then what fills most of it.

        Without `fewest_splits`, the first one in its order with which a whole unit can be made.
        """
        wishes = [wish for wish in wishes if wish.short and wish.may_take]
        if not wishes or (wishes[0].choice != "fewest_splits" and not wishes[0].split_limit):
            return
        first = wishes[0]
        wanted: dict[int, int] = defaultdict(int)
        for wish in wishes:
            for item, per in wish.parts:
                wanted[item] += wish.short * per
        at: dict[int, dict[int, int]] = defaultdict(dict)  # location -> item -> free
        for item in wanted:
            for shelf in self.in_order(first, item):
                if self.free[shelf]:
                    at[self.location[shelf]][item] = self.free[shelf]
        chosen = sorted(self.used[first.order_id])
        for location in chosen:
            fill(wanted, at.pop(location, {}))
        while at:
            by_fill = first.choice == "fewest_splits"
            useful = (one for one in at if self.makes_a_unit(wishes, {*chosen, one}))
            location = max(at, key=lambda one: filled(wanted, at[one])) if by_fill else next(useful, next(iter(at)))
            chosen.append(location)
            fill(wanted, at.pop(location))
        self.best[first.order_id] = chosen[: first.split_limit or None]

    def makes_a_unit(self, wishes: Sequence[Wish], locations: set[int]) -> bool:
        """Tell whether these locations have all parts of one unit that is wanted, with what is set aside for it."""
        return any(
            all(
                self.spare.get((wish.line, item), 0)
                + sum(self.free[s] for s in self.in_order(wish, item) if self.location[s] in locations)
                >= per
                for item, per in wish.parts
            )
            for wish in wishes
        )

    def room(self, wish: Wish, item: int) -> int:
        """Return how many units of an item a wish may take, other channels' reserves left alone."""
        if not wish.may_take:
            return 0
        there = sum(self.free[shelf] for shelf in self.in_order(wish, item))
        kept = self.rules.reserves.get(item)
        if kept:
            others = sum(
                max(0, units - self.has.get((item, channel), 0))
                for channel, units in kept.items()
                if channel != wish.channel_id
            )
            there = min(there, max(0, sum(self.free[shelf] for shelf in self.shelves.get(item, [])) - others))
        return there

    def can_have(self, wish: Wish, item: int) -> int:
        """Return the same with what is set aside for the line already."""
        return self.spare.get((wish.line, item), 0) + self.room(wish, item)

    def take(self, wish: Wish, item: int, quantity: int) -> None:
        """Set units aside; there is room for them."""
        own = min(quantity, self.spare.get((wish.line, item), 0))
        if own:
            self.spare[wish.line, item] -= own
            quantity -= own
        for shelf in self.in_order(wish, item) if quantity else ():
            units = min(quantity, self.free[shelf])
            if units:
                self.free[shelf] -= units
                self.taken.append((wish.line, shelf, units))
                self.used[wish.order_id].add(self.location[shelf])
                self.has[item, wish.channel_id] = self.has.get((item, wish.channel_id), 0) + units
                quantity -= units

    def reached(self, wish: Wish, item: int) -> list[int]:
        """Return the inbound rows of an item that a wish can wait for, the next one first."""
        rows = [row for row in self.inbound.get(item, []) if self.left[row]]
        if not wish.reach_id:
            return rows
        rank = self.rules.reaches.get(wish.reach_id, {})
        return [row for row in rows if self.arrives[row] in rank or self.arrives[row] == NO_ITEM]

    def claim(self, wish: Wish, item: int, quantity: int) -> None:
        """Let units wait for what is on its way, as far as it goes."""
        for row in self.reached(wish, item):
            if quantity <= 0:
                return
            units = min(quantity, self.left[row])
            self.left[row] -= units
            quantity -= units
            self.claims.append((wish.tranche, row, units))

    def comes_in_time(self, wish: Wish, item: int, quantity: int) -> bool:
        """Tell whether so many units arrive before one gives up waiting."""
        rows = self.reached(wish, item) if quantity > 0 else []
        return quantity <= sum(self.left[row] for row in rows if self.likely[row] <= wish.wait_until_us)

    def serve(self, wish: Wish) -> None:
        """Give a wish what there is, as far as it makes whole units; let the rest wait."""
        units = min(wish.short, *(self.can_have(wish, item) // per for item, per in wish.parts))
        for item, per in wish.parts:
            self.take(wish, item, units * per)
        rest = [(wish, item, (wish.short - units) * per) for item, per in wish.parts]
        if len(rest) == 1:
            self.claim(*rest[0])
        elif units < wish.short and self.hold_or_pass(rest) == Fate.PASSED:
            self.idle += [(wish.line, item, self.spare.get((wish.line, item), 0)) for item, _ in wish.parts]

    def serve_whole(self, wishes: Sequence[Wish]) -> Fate:
        """Give an order all that it wants, or hold what there is, or pass it over."""
        wanted = [(wish, item, wish.short * per) for wish in wishes for item, per in wish.parts]
        return self.hold_or_pass(wanted, wishes)

    def hold_or_pass(self, wanted: Sequence[tuple[Wish, int, int]], wishes: Sequence[Wish] = ()) -> Fate:
        """Take all if all is there; else what there is, where the rest is worth waiting for; else nothing."""
        lacking = self.lacking(wanted)
        is_known = all(wish.is_known for wish in wishes)
        is_all = is_known and not any(lacking.values())
        first = wanted[0][0] if wanted else wishes[0]
        by_item = {item: wish for wish, item, _ in wanted}
        worth_it = first.is_starving or any(wish.is_picking for wish in wishes)
        if not (is_all or worth_it):
            worth_it = is_known and all(self.comes_in_time(by_item[item], item, n) for item, n in lacking.items())
        for wish, item, quantity in wanted:
            there = min(quantity, self.can_have(wish, item)) if is_all or worth_it else 0
            self.take(wish, item, there)
            self.claim(wish, item, quantity - there)
        return Fate.COMPLETE if is_all else Fate.HELD if worth_it else Fate.PASSED

    def lacking(self, wanted: Sequence[tuple[Wish, int, int]]) -> dict[int, int]:
        """Return how many units of each item are not there for those who want them."""
        lacks: dict[int, int] = defaultdict(int)
        wants: dict[int, int] = defaultdict(int)
        room: dict[int, int] = {}
        used: dict[tuple[int, int], int] = defaultdict(int)  # of what is set aside for lines already
        for wish, item, quantity in wanted:
            own = min(quantity, self.spare.get((wish.line, item), 0) - used[wish.line, item])
            used[wish.line, item] += own
            if not wish.may_take:
                lacks[item] += quantity - own
            elif quantity > own:
                wants[item] += quantity - own
                room[item] = max(room.get(item, 0), self.room(wish, item))
        for item, units in wants.items():
            lacks[item] += max(0, units - room[item])
        return lacks


def filled(wanted: dict[int, int], there: dict[int, int]) -> int:
    """Return how much of what is wanted lies at a location."""
    return sum(min(units, there.get(item, 0)) for item, units in wanted.items())


def fill(wanted: dict[int, int], there: dict[int, int]) -> None:
    """Want no more what a location gives."""
    for item, units in there.items():
        wanted[item] -= min(units, wanted.get(item, 0))


def serve(
    owed: Owed, stock: Stock, coming: Coming, free: Ints, left: Ints, kept: Taken, knots: Knots, rules: Rules
) -> Served:
    """Serve all knotted tranches of what is `free` by shelf and `left` by inbound row."""
    room = make_room(owed, stock, coming, free, left, kept, rules)
    orders: dict[int, list[Wish]] = defaultdict(list)
    of_order: dict[int, list[Wish]] = defaultdict(list)
    queue = wishes(owed, stock, kept, knots, rules)
    for wish in queue:
        of_order[wish.order_id].append(wish)
        if wish.whole >= 0:
            orders[wish.whole].append(wish)
    fate = np.zeros(len(orders), dtype=np.int64)
    chosen = set()
    for wish in queue:
        if wish.whole >= 0 and wish is not orders[wish.whole][-1]:
            continue
        if wish.order_id not in chosen:
            chosen.add(wish.order_id)
            room.choose(of_order[wish.order_id])
        if wish.whole >= 0:
            fate[wish.whole] = room.serve_whole(orders[wish.whole])
        elif wish.short:
            room.serve(wish)
    given = given_back(owed, stock, kept, room.idle, np.isin(knots.order, np.flatnonzero(fate == Fate.PASSED)))
    return Served(Taken(*in_columns(room.taken)), Claims(*in_columns(room.claims)), fate, given)


def given_back(owed: Owed, stock: Stock, kept: Taken, idle: list[tuple[int, int, int]], is_passed: Flags) -> Ints:
    """Return by need what those who are passed over (tranches; idle parts of kits) had set aside; empty for nothing."""
    needs = owed.needs
    has = summed(needs.find(kept.line, stock.item_id[kept.shelf]), kept.quantity, len(needs.line))
    passed = np.zeros(len(owed.first), dtype=bool)
    passed[owed.line[is_passed]] = True
    line, item, quantity = in_columns(idle)
    given = np.where(passed[needs.line], has, 0)
    np.add.at(given, needs.find(line, item), quantity)
    given = np.minimum(given, has)
    return given if given.any() else given[:0]


def in_columns(rows: list[tuple[int, int, int]]) -> list[Ints]:
    """Return rows of three as three columns."""
    return list(np.array(rows, dtype=np.int64).reshape(-1, 3).T)


def make_room(owed: Owed, stock: Stock, coming: Coming, free: Ints, left: Ints, kept: Taken, rules: Rules) -> Room:
    """Return what there is to take, and who has what already."""
    channel, order = (owed.fact(name, owed.first[kept.line]).tolist() for name in ("channel_id", "order_id"))
    item, place = stock.item_id[kept.shelf].tolist(), stock.location_id[kept.shelf].tolist()
    has: dict[tuple[int, int], int] = defaultdict(int)
    used: dict[int, set[int]] = defaultdict(set)
    for i, quantity in enumerate(kept.quantity.tolist()):
        has[item[i], channel[i]] += quantity
        used[order[i]].add(place[i])
    return Room(
        rules=rules,
        location=stock.location_id.tolist(),
        free=free.tolist(),
        left=left.tolist(),
        likely=coming.likely_us.tolist(),
        arrives=coming.location_id.tolist(),
        shelves=by_item(stock.item_id, np.flatnonzero(stock.usable)),
        inbound=by_item(coming.item_id, np.arange(len(left))),
        spare=spare(owed, stock, kept),
        has=has,
        used=used,
    )


def by_item(item_id: Ints, rows: Ints) -> dict[int, list[int]]:
    """Return the rows of each item, in their order."""
    found: dict[int, list[int]] = defaultdict(list)
    for item, row in zip(item_id[rows].tolist(), rows.tolist(), strict=True):
        found[item].append(row)
    return found


def spare(owed: Owed, stock: Stock, kept: Taken) -> dict[tuple[int, int], int]:
    """Return by line and item what is set aside beyond whole units: parts of kits of which others are missing."""
    needs = owed.needs
    has = summed(needs.find(kept.line, stock.item_id[kept.shelf]), kept.quantity, len(needs.line))
    whole = summed(owed.line, covered(owed, stock, kept), len(owed.first))
    beyond = has - whole[needs.line] * needs.per
    rows = np.flatnonzero(beyond > 0)
    keys = zip(needs.line[rows].tolist(), needs.item_id[rows].tolist(), strict=True)
    return dict(zip(keys, beyond[rows].tolist(), strict=True))


def wishes(owed: Owed, stock: Stock, kept: Taken, knots: Knots, rules: Rules) -> list[Wish]:
    """Return what the knotted tranches want, in the order of the queue."""
    rows = np.flatnonzero(knots.is_knotted)
    rows = rows[owed.places(rows)]
    parts: dict[int, list[tuple[int, int]]] = defaultdict(list)
    needs = owed.needs
    of_line = np.flatnonzero(np.isin(needs.line, owed.line[rows]))
    for line, item, per in zip(*(one[of_line].tolist() for one in (needs.line, needs.item_id, needs.per)), strict=True):
        parts[line].append((item, per))
    as_of, placed, has = rules.as_of_us, owed.fact("placed_us", rows), covered(owed, stock, kept)
    lines = owed.line[rows].tolist()
    columns = [
        rows,
        owed.line[rows],
        (owed.wants - has)[rows],
        owed.fact("order_id", rows),
        owed.fact("channel_id", rows),
        owed.fact("reach_id", rows),
        owed.fact("choice", rows),
        owed.fact("split_limit", rows),
        ~(unreleased(owed, as_of) | early(owed, as_of))[rows],
        as_of + owed.fact("hold_days", rows) * DAY_US,
        placed < as_of - owed.fact("starve_days", rows) * DAY_US,
        ~is_unknown(owed)[rows],
        knots.order[rows],
        np.minimum(owed.being_picked(), has)[rows] > 0,
    ]
    tranche, line, short, *others = (column.tolist() for column in columns)
    return [Wish(*one) for one in zip(tranche, line, short, [parts[n] for n in lines], *others, strict=True)]
