"""A shop with a past, from goods and a seed: older orders have shipped, the latest wait; the numbers are those given."""

from collections.abc import Sequence
from itertools import groupby
from random import Random
from typing import TYPE_CHECKING

from sandbox.clock import DAY, Clock
from sandbox.market import orders
from sandbox.market.config import MarketConfig
from sandbox.market.goods import Goods
from sandbox.market.records import Cell, Listing, Order, Place
from sandbox.market.state import MarketState

if TYPE_CHECKING:
    from sandbox.market.shop import Market

WAITING = 0.25
"""The share of the orders, the latest ones, that has not shipped."""


def build(shop: "Market", goods: Sequence[Goods], clock: Clock) -> MarketState:
    """The state of a new shop."""
    config = shop.config
    names = ("Main warehouse", *(f"Store {n}" for n in range(2, config.locations + 1)))
    places = {n: Place(n, name) for n, name in enumerate(names, start=1)}
    state = MarketState(clock, places)
    _list(state, config, goods)
    shop.dress(state, Random(f"{config.seed}:{shop.kind}"))
    _past(state, shop)
    for order in state.orders.values():
        shop.name_order(state, order)
    return state


def _list(state: MarketState, config: MarketConfig, goods: Sequence[Goods]) -> None:
    """Listings: goods of one family under a parent that has no stock of its own."""
    chance = Random(f"{config.seed}:listings")
    opened = state.clock.start - config.days * DAY
    ordered = sorted(goods, key=lambda one: (one.family, one.sku))
    for family, members in groupby(ordered, key=lambda one: one.family):
        parent: int | None = None
        for one in members:
            if family and parent is None:
                parent = _parent(state, one, opened).id
            listing_id = state.fresh_id("listing", 101)
            listing = Listing(listing_id, parent or listing_id, one.sku, one.title, one.price, opened, opened)
            listing.cells = _spread(one.number, list(state.places), opened, chance)
            state.listings[listing_id] = listing


def _parent(state: MarketState, first: Goods, opened: int) -> Listing:
    made_id = state.fresh_id("listing", 101)
    made = Listing(made_id, made_id, "", first.title, first.price, opened, opened, tracked=False, sold=False)
    state.listings[made_id] = made
    return made


def _spread(number: int, place_ids: list[int], when: int, chance: Random) -> dict[int, Cell]:
    """A number over the places, most of it at the first."""
    away = {place_id: chance.randint(0, number // (2 * len(place_ids))) for place_id in place_ids[1:]}
    first = number - sum(away.values())
    return {place_id: Cell(away.get(place_id, first), modified=when) for place_id in place_ids}


def _past(state: MarketState, shop: "Market") -> None:
    """Orders as they came in; the numbers that the goods show are those after all of them."""
    config, manners = shop.config, shop.manners
    chance, start = Random(f"{config.seed}:orders"), state.clock.start
    sold = list(state.sold())
    if not sold:
        return
    moments = sorted(start - chance.randint(60, config.days * DAY) for _ in range(config.orders))
    listings = state.listings.values()
    numbers = {(listing.id, p): cell.number for listing in listings for p, cell in listing.cells.items()}
    for at, placed in enumerate(moments):
        wanted = [(chance.choice(sold), chance.choice((1, 1, 1, 2, 3))) for _ in range(chance.choice((1, 1, 2, 3)))]
        lines = [(listing, units, orders.place_for(state, listing, units, manners)) for listing, units in wanted]
        moved = min(start, placed + chance.randint(3_600, 4 * DAY))
        _rich(state, lines)
        for basket in shop.baskets(lines):
            order = orders.place(state, manners, basket)
            if at < len(moments) * (1 - WAITING):
                orders.ship(state, manners, order, [(line, line.due) for line in order.lines])
            _date(order, placed, moved)
    for (listing_id, place_id), number in numbers.items():
        cell = state.listings[listing_id].cells[place_id]
        cell.number = number + (cell.reserved if manners.moves_at == "shipping" else 0)
    for listing in state.listings.values():
        listing.modified = listing.created


def _rich(state: MarketState, lines: Sequence[tuple[Listing, int, int]]) -> None:
    """What was sold once had been there."""
    for listing, units, place_id in lines:
        cell = state.cell(listing, place_id)
        if cell is not None:
            cell.number += units


def _date(order: Order, placed: int, moved: int) -> None:
    order.placed = placed
    order.modified = moved if order.shipments else placed
    order.shipments = [type(one)(one.id, order.modified, one.parts, one.restocked, one.own) for one in order.shipments]
