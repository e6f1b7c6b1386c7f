"""Makes a plausible store from a seed: the same seed and sizes give the same store, to the byte."""

import gc
from random import Random

from sandbox.clock import Clock, instant_of
from sandbox.config import ShopConfig
from sandbox.generate.catalogue import Catalogue, make_catalogue
from sandbox.generate.columns import draw_columns
from sandbox.generate.customers import make_customers, make_groups
from sandbox.generate.from_csv import build_from_csv
from sandbox.generate.history import History
from sandbox.generate.inbound import make_inbound
from sandbox.generate.orders import OPEN, OrderMaker
from sandbox.generate.profile import make_locations, make_profile
from sandbox.generate.shelves import make_items, run_short
from sandbox.generate.skus import soil
from sandbox.records import RIVAL_CLIENT, Customer, Metafield, Order
from sandbox.state import State, check_setting, default_settings
from sandbox.switches import Switches
from sandbox.table import Table


def build(config: ShopConfig) -> State:
    """The store of a config."""
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        state = _build(config) if config.orders_csv is None else build_from_csv(config, config.orders_csv)
        state.purchase_orders = make_inbound(state)
        return state
    finally:
        if was_collecting:
            gc.enable()


def _build(config: ShopConfig) -> State:
    clock = Clock(instant_of(config.seed))
    made = make_catalogue(config.products, config.days, config.seed, clock.start)
    soil(made, config.seed)
    switches = Switches.of(config.switches)
    state = _empty_state(config, clock, switches, made)
    orders, young_after = _orders(state, made)
    history = History(state, config.seed, young_after)
    for order in orders:
        history.write(order)
    state.orders = Table(orders)
    state.shipments, state.refunds = Table(history.shipments), Table(history.refunds)
    state.customers = Table(_known_since(state, orders))
    state.metafields = Table(_foreign_metafields(orders, config.seed))
    for metafield in state.metafields:
        state.metafields_of[metafield.order_id].add(metafield.id)
    for table in state.tables():
        table.lag = config.read_lag_requests
    return state


def _empty_state(config: ShopConfig, clock: Clock, switches: Switches, made: Catalogue) -> State:
    profile = make_profile(config.seed, config.quota)
    locations = make_locations(config.seed, profile)
    items = make_items(made, list(locations), config.seed, backorders=switches.backorders)
    state = State(
        config=config,
        switches=switches,
        clock=clock,
        profile=profile,
        settings=default_settings(switches),
        locations=locations,
        categories=Table(made.categories),
        brands=Table(made.brands),
        products=Table(made.products),
        variants=Table(made.variants),
        items=Table(items),
        customers=Table(),
        orders=Table(),
        shipments=Table(),
        refunds=Table(),
        metafields=Table(),
        groups=make_groups(clock.start),
    )
    _set(state, config)
    return state


def _set(state: State, config: ShopConfig) -> None:
    """The inventory settings of the store and of its channels."""
    for name, value in (config.settings or {}).items():
        check_setting(name, value, state.settings, of_channel=False)
        state.settings[name] = value
    for channel, own in (config.channel_settings or {}).items():
        for name, value in own.items():
            check_setting(name, value, state.settings, of_channel=True)
            state.channel_settings[channel][name] = value


def _orders(state: State, made: Catalogue) -> tuple[list[Order], int]:
    """The orders as placed, with the shelves made so that a good part of the open ones runs short.

    Also gives the moment after which orders count as young.
    """
    config, opened = state.config, state.clock.start
    if not made.products:
        return [], opened
    columns = draw_columns(made, config, state.profile.zone, opened)
    maker = OrderMaker(made, columns, config.seed, opened)
    orders = maker.make()
    state.next_line_id, state.next_address_id = maker.line_id, maker.address_id
    demand: dict[int, int] = {}
    for order in orders:
        for line in order.lines if order.status in OPEN else ():
            item = state.line_item(line)
            if item is not None and line.quantity:
                demand[item.id] = demand.get(item.id, 0) + line.quantity
    run_short(state.items.rows, demand, config.seed)
    return orders, maker.young_after


def _known_since(state: State, orders: list[Order]) -> list[Customer]:
    """Customers, none younger than the first of their orders."""
    customers = make_customers(state.config.customers, state.config.seed, state.clock.start)
    for order in orders:
        if order.customer_id and customers[order.customer_id - 1].created > order.created:
            customers[order.customer_id - 1].created = order.created
    return customers


def _foreign_metafields(orders: list[Order], seed: int) -> list[Metafield]:
    """A few metafields that another app of the store has written."""
    chance = Random(f"{seed}:metafields")
    picked = sorted(chance.sample(range(len(orders)), min(len(orders), 3 + len(orders) // 200)))
    return [
        Metafield(n + 1, orders[at].id, "read", "gifts", "wrap", "yes", "", when, when, RIVAL_CLIENT)
        for n, at in enumerate(picked)
        if (when := orders[at].modified)
    ]
