"""All the rules of allocation told slowly and plainly, a line at a time; columns and serving must agree with this."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from fillrate.decide.allocation import Allocated
from tests.decide.reference import DAY, Laid, Row, Units, outcome

NEVER = datetime.max.replace(tzinfo=UTC)
Spot = tuple[int, int]  # item, location


@dataclass(eq=False)
class Tranche:
    """Units of one line that joined the queue together."""

    facts: Row
    quantity: int
    picked: int
    parts: dict[int, int]  # how many of each item one unit takes; empty where nobody knows
    wants: int = 0  # units without stock set aside
    claims: list[tuple[int, Row, int]] = field(default_factory=list)  # item, inbound, quantity
    is_passed: bool = False
    is_picked: bool = False

    @property
    def line(self) -> int:
        return int(self.facts["line_id"])

    @property
    def needs(self) -> bool:
        return bool(self.facts["needs_stock"] and self.facts["is_tracked"])

    @property
    def place(self) -> tuple[Any, ...]:
        facts = self.facts
        promised = facts["promised_at"] if facts["by_promise"] else None
        return (
            facts["priority"],
            promised or NEVER,
            facts["queued_at"],
            facts["placed_at"],
            facts["order_key"],
            facts["line_key"],
        )

    @property
    def must_wait(self) -> bool:
        """Whether it may have nothing of what lies there today: promised for later, or not released yet."""
        return self.is_early or self.is_unreleased

    @property
    def is_unreleased(self) -> bool:
        return self.facts["release_at"] is not None and bool(self.facts["release_at"] > DAY)

    @property
    def near(self) -> Any:
        """When its promise comes within the horizon, None where there is none."""
        facts = self.facts
        if facts["horizon_days"] is None or facts["promised_at"] is None:
            return None
        return facts["promised_at"] - timedelta(days=facts["horizon_days"])

    @property
    def is_early(self) -> bool:
        return self.near is not None and bool(self.near > DAY)


class World:
    """What there is, and by which rules it is shared out."""

    def __init__(self, world: dict[str, Any]) -> None:
        self.shelves: list[Row] = sorted(world["shelves"], key=lambda row: (row["location_rank"], row["location_id"]))
        self.inbound: list[Row] = sorted(
            world["coming"], key=lambda row: (row["likely_at"] or NEVER, row["inbound_id"])
        )
        self.reaches: list[Row] = sorted(world["reaches"], key=lambda row: (row["rank"], row["location_id"]))
        self.reserves: list[Row] = world["reserves"]
        self.recipes: dict[int, dict[int, int]] = defaultdict(dict)
        for row in world["recipes"]:
            self.recipes[row["recipe_id"]][row["item_id"]] = row["per"]
        self.on_hand = Counter({(row["item_id"], row["location_id"]): max(0, row["on_hand"]) for row in self.shelves})
        self.usable = {(row["item_id"], row["location_id"]) for row in self.shelves if row["usable"]}

    def tranches(self, demand: list[Row]) -> list[Tranche]:
        together: dict[tuple[int, datetime], list[Row]] = defaultdict(list)
        for row in demand:
            together[row["line_id"], row["queued_at"]].append(row)
        return sorted((self.tranche(rows) for rows in together.values()), key=lambda one: one.place)

    def tranche(self, rows: list[Row]) -> Tranche:
        facts = rows[0]
        own = {} if facts["item_id"] is None else {facts["item_id"]: 1}
        parts = own if facts["recipe_id"] is None else self.recipes[facts["recipe_id"]]
        picked = sum(row["quantity"] for row in rows if row["reason"] == "picking" and not row["hold"])
        return Tranche(facts, sum(row["quantity"] for row in rows), picked, parts)

    def locations(self, tranche: Tranche, item: int) -> list[int]:
        """The places that a line may be served from, the first one first."""
        here = [row["location_id"] for row in self.shelves if row["item_id"] == item and row["usable"]]
        if tranche.facts["reach_id"] == 0:
            return here
        reach = [row["location_id"] for row in self.reaches if row["reach_id"] == tranche.facts["reach_id"]]
        return [place for place in reach if place in here]


def what_stays(world: World, queue: list[Tranche], taken: list[Row]) -> Laid:
    """A line keeps what it wants, from its best shelves; a shelf that is short loses the end of the queue."""
    held = Counter({(row["line_id"], row["item_id"], row["location_id"]): row["quantity"] for row in taken})
    claims: dict[tuple[int, int], dict[int, int]] = defaultdict(dict)  # by line and item, by location
    for line in dict.fromkeys(one.line for one in queue if one.needs):
        tranches = [one for one in queue if one.line == line]
        for item, per in tranches[0].parts.items():
            wanted = per * sum(one.quantity for one in tranches)
            for place in [row["location_id"] for row in world.shelves if row["item_id"] == item and row["usable"]]:
                claims[line, item][place] = min(held[line, item, place], wanted)
                wanted -= claims[line, item][place]
    claimed: Counter[Spot] = Counter()
    for (_, item), places in claims.items():
        for place, units in places.items():
            claimed[item, place] += units
    pieces = []
    for (line, item), places in claims.items():
        # what a line loses, its last units lose: they are the ones that stand on a short shelf
        order = sorted(places, key=lambda place: claimed[item, place] > world.on_hand[item, place])
        units = [place for place in order for _ in range(places[place])]
        for one in sorted((one for one in queue if one.line == line), key=lambda one: one.facts["queued_at"]):
            here, units = units[: one.quantity * one.parts[item]], units[one.quantity * one.parts[item] :]
            pieces += [(one.place, line, item, place) for place in here]
    free, kept = Counter(world.on_hand), Counter()
    for _, line, item, place in sorted(pieces):
        if free[item, place]:
            free[item, place] -= 1
            kept[line, item, place] += 1
    return kept


class Laying:
    """One walk along the queue."""

    def __init__(self, world: World, queue: list[Tranche], kept: Laid) -> None:
        self.world, self.queue = world, queue
        self.laid: Laid = Counter(kept)
        self.free = Counter({spot: units for spot, units in world.on_hand.items() if spot in world.usable})
        for (_, item, place), units in kept.items():
            self.free[item, place] -= units
        self.inbound = on_hand_until_release(world, queue, kept)
        self.left = {row["inbound_id"]: row["quantity"] for row in self.inbound}
        self.spare: Counter[Spot] = Counter()  # by line and item, beyond whole units
        self.chosen: dict[int, list[int]] = {}
        self.idle: Counter[Spot] = Counter()
        self.incomplete: set[Tranche] = set()
        self.channel = {one.line: one.facts["channel_id"] for one in queue}
        have = self.have_whole(kept)
        for one in sorted(queue, key=lambda one: one.facts["queued_at"]):
            one.claims, one.is_passed, one.is_picked = [], False, False
            if not one.needs:
                one.wants = 0
                continue
            covered = min(have[one.line], one.quantity)
            have[one.line] -= covered
            one.wants = one.quantity - covered
            one.is_picked = min(one.picked, covered) > 0

    def given_back(self, kept: Laid) -> Laid:
        """What those who are passed over had set aside, but for what is being picked; idle parts of kits."""
        less: Laid = Counter()
        passed = {one.line for one in self.queue if one.is_passed}
        back: Counter[Spot] = Counter(self.idle)
        for (line, item, _), units in kept.items():
            if line in passed:
                back[line, item] += units
        for line, item in back:
            for place in [row["location_id"] for row in self.world.shelves if row["item_id"] == item][::-1]:
                units = min(back[line, item], kept[line, item, place])
                back[line, item] -= units
                less[line, item, place] += units
        return +less

    def short(self, one: Tranche) -> int:
        """Units of a tranche that have no stock set aside; of a line's units the earliest have it."""
        if not one.needs:
            return 0
        earlier = sum(
            o.quantity for o in self.queue if o.line == one.line and o.facts["queued_at"] < one.facts["queued_at"]
        )
        return one.quantity - min(one.quantity, max(0, self.have_whole(+self.laid)[one.line] - earlier))

    def lying_free(self) -> Counter[Spot]:
        free = Counter(self.world.on_hand)
        for (_, item, place), units in self.laid.items():
            free[item, place] -= units
        return free

    def claimed(self, *, in_time: bool = False) -> Counter[int]:
        """Units of each line that are covered by deliveries, with the parts that are set aside, or that nobody wants today.

        `in_time`: by what lies there for lines whose day has not come, too.
        """
        sums: Counter[Spot] = Counter()
        for (line, item, _), units in self.laid.items():
            sums[line, item] += units
        for one in self.queue:
            for item, _, units in one.claims:
                sums[one.line, item] += units
        for (line, item), units in self.at_hand(sums, in_time).items():
            sums[line, item] += units
        have = self.have_whole(+self.laid)
        whole: Counter[int] = Counter()
        for one in self.queue:
            if one.needs and one.parts:
                whole[one.line] = min(sums[one.line, item] // per for item, per in one.parts.items()) - have[one.line]
        return whole

    def at_hand(self, sums: Counter[Spot], in_time: bool) -> Counter[Spot]:
        """What nobody wants today: of the other parts, where a kit waits for a delivery of one, and of what waits for its day."""
        reserved = {row["item_id"] for row in self.world.reserves}
        free = Counter({spot: n for spot, n in self.lying_free().items() if spot in self.world.usable})
        lines: dict[int, list[Tranche]] = defaultdict(list)
        for one in self.queue:
            lines[one.line].append(one)
        found: Counter[Spot] = Counter()
        for line, ones in lines.items():
            one = min(ones, key=lambda each: each.facts["queued_at"])
            is_choosy = one.facts["reach_id"] or one.facts["split_limit"]
            is_kit = one.facts["recipe_id"] is not None and not is_choosy and any(each.claims for each in ones)
            is_not_yet = one.must_wait or one in self.incomplete
            may = (is_kit or (is_not_yet and not one.facts["split_limit"])) if in_time else is_kit and not is_not_yet
            if not one.needs or not may:
                continue
            reach = {row["location_id"] for row in self.world.reaches if row["reach_id"] == one.facts["reach_id"]}
            for item, per in one.parts.items():
                lacks = per * sum(each.quantity for each in ones) - sums[line, item]
                for row in self.world.shelves:
                    spot = row["item_id"], row["location_id"]
                    is_near = not one.facts["reach_id"] or row["location_id"] in reach
                    if row["item_id"] == item and is_near and item not in reserved:
                        units = max(0, min(free[spot], lacks))
                        free[spot] -= units
                        lacks -= units
                        found[line, item] += units
        return found

    def have_whole(self, kept: Laid) -> Counter[int]:
        """Whole units that each line has; what is beyond them is spare."""
        sums: Counter[Spot] = Counter()
        for (line, item, _), units in kept.items():
            sums[line, item] += units
        whole: Counter[int] = Counter()
        for one in self.queue:
            if one.needs and one.parts:
                whole[one.line] = min(sums[one.line, item] // per for item, per in one.parts.items())
                for item, per in one.parts.items():
                    self.spare[one.line, item] = sums[one.line, item] - whole[one.line] * per
        return whole

    def reserved(self, one: Tranche, item: int) -> int:
        """Units of an item that are kept for other channels."""
        kept = 0
        for row in self.world.reserves:
            if row["item_id"] == item and row["channel_id"] != one.facts["channel_id"]:
                has = sum(
                    units
                    for (line, other, _), units in self.laid.items()
                    if other == item and self.channel[line] == row["channel_id"]
                )
                kept += max(0, row["quantity"] - has)
        return kept

    def places(self, one: Tranche, item: int) -> list[int]:
        places = self.by_choice(one, item)
        if one.facts["order_id"] in self.chosen:
            return [place for place in self.chosen[one.facts["order_id"]] if place in places]
        return places

    def room(self, one: Tranche, item: int) -> int:
        if one.must_wait:
            return 0
        everywhere = sum(units for (other, _), units in self.free.items() if other == item)
        here = sum(self.free[item, place] for place in self.places(one, item))
        return max(0, min(here, everywhere - self.reserved(one, item)))

    def take(self, one: Tranche, item: int, quantity: int) -> None:
        own = min(quantity, self.spare[one.line, item])
        self.spare[one.line, item] -= own
        quantity -= own
        for place in self.places(one, item):
            units = min(quantity, self.free[item, place])
            self.free[item, place] -= units
            self.laid[one.line, item, place] += units
            quantity -= units
        assert not quantity

    def choose(self, ones: list[Tranche]) -> None:
        """The order's locations: those it draws on, then the nearest, or the one that fills most of it; and so on."""
        ones = [one for one in ones if one.wants and one.parts and not one.must_wait]
        if not ones or (ones[0].facts["choice"] != "fewest_splits" and not ones[0].facts["split_limit"]):
            return
        order = ones[0].facts["order_id"]
        lines = {one.line for one in self.queue if one.facts["order_id"] == order}
        chosen = sorted({place for (line, _, place), units in self.laid.items() if line in lines and units})
        wanted: Counter[int] = Counter()
        for one in ones:
            for item, per in one.parts.items():
                wanted[item] += per * one.wants
        others = [place for item in wanted for place in self.by_choice(ones[0], item) if self.free[item, place]]
        others = [place for place in dict.fromkeys(others) if place not in chosen]
        for place in chosen:
            self.want_less(wanted, place)
        while others:
            place = next((one for one in others if self.is_enough(ones, [*chosen, one])), others[0])
            if ones[0].facts["choice"] == "fewest_splits":
                place = max(others, key=lambda one: self.fills(wanted, one))
            others.remove(place)
            chosen.append(place)
            self.want_less(wanted, place)
        self.chosen[order] = chosen[: ones[0].facts["split_limit"] or None]

    def is_enough(self, ones: list[Tranche], places: list[int]) -> bool:
        """Whether one unit of one of them can be made of what lies at these places and of its spare parts."""
        for one in ones:
            there = {
                item: sum(self.free[item, place] for place in self.by_choice(one, item) if place in places)
                for item in one.parts
            }
            if all(there[item] + self.spare[one.line, item] >= per for item, per in one.parts.items()):
                return True
        return False

    def want_less(self, wanted: Counter[int], place: int) -> None:
        for item in wanted:
            wanted[item] -= min(wanted[item], self.free[item, place])

    def by_choice(self, one: Tranche, item: int) -> list[int]:
        places = self.world.locations(one, item)
        if one.facts["choice"] == "most_stock":
            return sorted(places, key=lambda place: -self.free[item, place])
        return places

    def fills(self, wanted: Counter[int], place: int) -> int:
        return sum(min(units, self.free[item, place]) for item, units in wanted.items())

    def waits_for(self, tranche: Tranche, item: int) -> list[Row]:
        """The deliveries that a line can wait for, the next one first."""
        reach = {row["location_id"] for row in self.world.reaches if row["reach_id"] == tranche.facts["reach_id"]}
        return [
            row
            for row in self.inbound
            if row["item_id"] == item
            and (tranche.facts["reach_id"] == 0 or row["location_id"] is None or row["location_id"] in reach)
        ]

    def claim(self, one: Tranche, item: int, quantity: int) -> None:
        for row in self.waits_for(one, item):
            units = min(quantity, self.left[row["inbound_id"]])
            if units:
                self.left[row["inbound_id"]] -= units
                quantity -= units
                one.claims.append((item, row, units))

    def comes_in_time(self, lacking: Iterable[tuple[Tranche, int, int]]) -> bool:
        left = Counter(self.left)
        for one, item, quantity in lacking:
            last = DAY + timedelta(days=one.facts["hold_days"])
            missing = quantity
            for row in self.waits_for(one, item):
                if row["likely_at"] is not None and row["likely_at"] <= last:
                    units = min(missing, left[row["inbound_id"]])
                    left[row["inbound_id"]] -= units
                    missing -= units
            if missing:
                return False
        return True

    def is_starved(self, one: Tranche) -> bool:
        return bool(one.facts["placed_at"] + timedelta(days=one.facts["starve_days"]) < DAY)

    def walk(self, whole: dict[int, list[Tranche]]) -> None:
        """Serve one after the other; an order that leaves as a whole stands where its last unit stands."""
        looked: set[int] = set()
        for one in self.queue:
            order = one.facts["order_id"]
            together = whole.get(order, []) if one.facts["ship_complete"] else []
            if together and one is not together[-1]:
                continue
            if (one.needs or together) and order not in looked:
                self.choose([other for other in self.queue if other.facts["order_id"] == order])
                looked.add(order)
            if together:
                self.serve_whole(together)
            elif one.wants and one.parts:
                self.serve(one)

    def serve(self, one: Tranche) -> None:
        units = min((self.room(one, item) + self.spare[one.line, item]) // per for item, per in one.parts.items())
        units = min(units, one.wants)
        for item, per in one.parts.items():
            self.take(one, item, units * per)
        one.wants -= units
        if not one.wants:
            return
        if len(one.parts) > 1:
            self.hold_parts(one)
        else:
            for item, per in one.parts.items():
                self.claim(one, item, one.wants * per)

    def hold_parts(self, one: Tranche) -> None:
        wanted = {item: per * one.wants for item, per in one.parts.items()}
        there = {item: min(units, self.room(one, item) + self.spare[one.line, item]) for item, units in wanted.items()}
        lacking = [(one, item, wanted[item] - there[item]) for item in wanted]
        if self.is_starved(one) or self.comes_in_time(lacking):
            for item, units in there.items():
                self.take(one, item, units)
            for _, item, units in lacking:
                self.claim(one, item, units)
            return
        for item, units in wanted.items():
            self.idle[one.line, item] += self.spare[one.line, item]
            self.claim(one, item, units)

    def serve_whole(self, ones: list[Tranche]) -> None:
        wishes = [one for one in ones if one.wants]
        before = (Counter(self.free), Counter(self.laid), Counter(self.spare))
        lacking: list[tuple[Tranche, int, int]] = []
        for one in wishes:
            for item, per in one.parts.items():
                units = one.wants * per
                there = min(units, self.room(one, item) + self.spare[one.line, item])
                self.take(one, item, there)
                if units > there:
                    lacking.append((one, item, units - there))
        unknown = any(not one.parts for one in wishes)
        if lacking or unknown:
            self.incomplete |= set(ones)
        if not lacking and not unknown:
            for one in wishes:
                one.wants = 0
            return
        if any(self.is_starved(one) or one.is_picked for one in ones) or (not unknown and self.comes_in_time(lacking)):
            for one, item, units in lacking:
                self.claim(one, item, units)
            for one in wishes:
                if one.parts:
                    short = {item: units for other, item, units in lacking if other is one}
                    one.wants -= min((one.wants * per - short.get(item, 0)) // per for item, per in one.parts.items())
            return
        self.free, self.laid, self.spare = before
        for one in ones:
            one.is_passed = True
            for item, per in one.parts.items():
                self.claim(one, item, one.wants * per)


def said(result: Allocated) -> dict[str, Any]:
    """Return in the same form what the allocation says."""
    laid, units = outcome(result)
    covers = {
        (row.line_id, row.queued_at, row.inbound_id, row.item_id): row.quantity for row in result.covers.itertuples()
    }
    days = result.forecasts.astype({"likely_at": object, "sure_at": object})
    days = days.where(days.notna(), None)
    return {
        "laid": laid,
        "units": units,
        "covers": covers,
        "forecasts": {row.line_id: (row.likely_at, row.sure_at, row.uncovered) for row in days.itertuples()},
    }


def told(world: dict[str, Any]) -> dict[str, Any]:
    """Return what is set aside, where every open unit stands, what waits for what, and what is to be expected."""
    things = World(world)
    queue = things.tranches(world["demand"])
    whole = ship_complete_orders(queue)
    kept, laying = settled(things, queue, what_stays(things, queue, world["taken"]), whole)
    laying = make_way(things, queue, kept, laying, whole)
    return where_all_stands(things, queue, laying)


def settled(things: World, queue: list[Tranche], kept: Laid, whole: dict[int, list[Tranche]]) -> tuple[Laid, Laying]:
    """Walk along the queue until nobody who is passed over has anything to give back."""
    while True:
        laying = Laying(things, queue, kept)
        laying.walk(whole)
        less = laying.given_back(kept)
        if not less:
            return kept, laying
        kept = kept - less


def make_way(
    things: World, queue: list[Tranche], kept: Laid, laying: Laying, whole: dict[int, list[Tranche]]
) -> Laying:
    """Worse classes give up what better ones want that displace them, as long as it is these who get it."""

    def want() -> dict[Tranche, int]:
        takers = [one for one in queue if one.facts["displaces"] and one.parts == {one.facts["item_id"]: 1}]
        return {one: short for one in takers if not one.must_wait and (short := laying.short(one)) > 0}

    wanted = want()
    while any(wanted.values()):
        gives, gets = displaced(things, queue, kept, wanted)
        if not gives:
            break
        less, tried = settled(things, queue, kept - gives, whole)
        gains = {one: laying.short(one) - tried.short(one) for one in gets}
        if all(gains[one] >= units for one, units in gets.items()):
            kept, laying = less, tried
            wanted = want()
        else:
            wanted = {
                one: max(0, gains[one]) if one in gains and gains[one] < gets[one] else units
                for one, units in wanted.items()
            }
    return laying


def displaced(
    things: World, queue: list[Tranche], kept: Laid, wanted: dict[Tranche, int]
) -> tuple[Laid, Counter[Tranche]]:
    """The end of the queue gives up first, and nobody what is being picked."""
    left, gets = Counter(kept), Counter()
    picked = {one.line for one in queue if one.picked}
    holders = list({one.line: one for one in reversed(queue)}.values())
    holders.sort(key=lambda one: one.place, reverse=True)
    for one, most in wanted.items():
        item, short = one.facts["item_id"], most
        for holder in holders:
            if holder.facts["priority"] > one.facts["priority"] and holder.line not in picked:
                for place in things.locations(one, item):
                    gives = min(short, left[holder.line, item, place])
                    left[holder.line, item, place] -= gives
                    gets[one] += gives
                    short -= gives
    return kept - left, +gets


def on_hand_until_release(things: World, queue: list[Tranche], kept: Laid) -> list[Row]:
    """What lies there may not leave before its day; where somebody may have it, it is not kept back."""
    inbound = list(things.inbound)
    for item in {row["item_id"] for row in things.shelves}:
        ones = [one for one in queue if one.needs and item in one.parts]
        if ones and all(one.is_unreleased for one in ones):
            day = max(one.facts["release_at"] for one in ones)
            for place in (place for other, place in things.usable if other == item):
                free = things.on_hand[item, place] - sum(n for (_, *spot), n in kept.items() if spot == [item, place])
                if free:
                    inbound.append(
                        {
                            "inbound_id": f"on hand {item} {place}",
                            "item_id": item,
                            "location_id": place,
                            "quantity": free,
                            "likely_at": day,
                            "sure_at": day,
                        }
                    )
    rank = {row["location_id"]: row["location_rank"] for row in things.shelves}
    return sorted(
        inbound,
        key=lambda row: (
            row["likely_at"] or NEVER,
            -1 if isinstance(row["inbound_id"], str) else row["inbound_id"],
            rank.get(row["location_id"], 0),
            row["location_id"] or 0,
        ),
    )


def ship_complete_orders(queue: list[Tranche]) -> dict[int, list[Tranche]]:
    """Orders of more than one unit that leave as a whole."""
    orders: dict[int, list[Tranche]] = defaultdict(list)
    for one in queue:
        if one.facts["ship_complete"]:
            orders[one.facts["order_id"]].append(one)
    return {order: ones for order, ones in orders.items() if sum(one.quantity for one in ones) > 1}


def where_all_stands(things: World, queue: list[Tranche], laying: Laying) -> dict[str, Any]:
    units: Units = Counter()
    covers: Counter[tuple[int, datetime, int, int]] = Counter()
    have = laying.have_whole(+laying.laid)
    promised: Counter[int] = Counter()
    backlog: dict[Tranche, int] = {}
    free = +laying.lying_free()
    there: Counter[int] = Counter()
    anywhere: Counter[int] = Counter()
    for (item, place), units_free in free.items():
        anywhere[item] += units_free
        there[item] += units_free if (item, place) in things.usable else 0
    claimed_by_line, in_time, soon = laying.claimed(), laying.claimed(in_time=True), Counter[int]()
    for one in sorted(queue, key=lambda one: one.facts["queued_at"]):
        if not one.needs:
            backlog[one] = one.quantity
            continue
        backlog[one] = min(have[one.line], one.quantity)
        have[one.line] -= backlog[one]
    uncovered: Counter[int] = Counter()
    waits: Counter[int] = Counter()
    for one in sorted(queue, key=lambda one: one.facts["queued_at"]):
        incomplete = one in laying.incomplete
        facts, key = one.facts, (one.line, one.facts["queued_at"])
        picked = min(one.picked, backlog[one])
        units[*key, "backlog", "picking"] += picked
        why = facts["hold"] or ("ship_complete" if incomplete else "ready")
        units[*key, "backlog", why] += backlog[one] - picked
        short = one.quantity - backlog[one]
        covered = min(short, claimed_by_line[one.line] - promised[one.line]) if one.parts else 0
        promised[one.line] += covered
        waits[one.line] += short
        there_then = min(short, in_time[one.line] - soon[one.line]) if one.parts else 0
        soon[one.line] += there_then
        uncovered[one.line] += short - there_then
        preorder = facts["is_preorder"] or one.is_unreleased
        if not preorder:
            units[*key, "backorder", "awaiting_inbound"] += covered
            short -= covered
        if preorder:
            why = "preorder"
        elif incomplete and one.parts and all(there[item] >= per for item, per in one.parts.items()):
            why = "ship_complete"
        elif one.parts and all(anywhere[item] >= per for item, per in one.parts.items()):
            why = "withheld"
        else:
            why = "discontinued" if facts["is_discontinued"] else "no_supply"
        units[*key, "backorder", why] += short
        for item, row, quantity in one.claims:
            if isinstance(row["inbound_id"], int):
                covers[*key, row["inbound_id"], item] += quantity
    return {
        "laid": +laying.laid,
        "units": +units,
        "covers": +covers,
        "forecasts": forecasts(queue, laying, waits, uncovered),
    }


def forecasts(queue: list[Tranche], laying: Laying, waits: Counter[int], uncovered: Counter[int]) -> dict[int, Any]:
    """The day on which the last unit of a line is there that waits, or of its order where that leaves as a whole."""
    days: dict[int, tuple[Any, Any]] = {}
    for one in queue:
        likely, sure = days.get(one.line, (None, None))
        release = one.facts["release_at"]
        ends = [(row["likely_at"] or NEVER, row["sure_at"] or NEVER) for _, row, _ in one.claims]
        ends += [(release, release)] if release else []
        ends += [(one.near, one.near)] if one.near else []
        days[one.line] = tuple(
            max([end[n] for end in ends] + [now] if now else [end[n] for end in ends], default=None)
            for n, now in enumerate((likely, sure))
        )  # type: ignore[assignment]
    found = {}
    lines = {one.line: one for one in queue}
    for line, one in lines.items():
        together = {line}
        if one in laying.incomplete:
            together = {other.line for other in laying.incomplete if other.facts["order_id"] == one.facts["order_id"]}
        if any(waits[other] for other in together):
            ends = [(NEVER, NEVER) if uncovered[other] else tuple(end for end in days[other]) for other in together]
            likely, sure = (max([end[n] for end in ends if end[n]], default=None) for n in (0, 1))
            found[line] = (None if likely == NEVER else likely, None if sure == NEVER else sure, uncovered[line])
    return found
