"""Makes a store from real order lines in a CSV file: the same file and seed give the same store, to the byte.

Every row of the file is one line of one order, or is listed in the shop's `refused`. Nothing is merged or mended.
"""

from pathlib import Path

from sandbox.clock import Clock, instant_of
from sandbox.config import ShopConfig
from sandbox.generate.customers import make_groups
from sandbox.generate.from_csv.goods import look_at, make_goods
from sandbox.generate.from_csv.orders import OrderBook, invoices_of
from sandbox.generate.from_csv.rows import read_sheet
from sandbox.generate.from_csv.shelves import lay_out
from sandbox.generate.profile import PLANS, make_locations
from sandbox.generate.shelves import make_items
from sandbox.state import Profile, State, default_settings
from sandbox.switches import Switches
from sandbox.table import Table


def build_from_csv(config: ShopConfig, path: Path) -> State:
    """The store of a file."""
    sheet = read_sheet(path)
    clock = Clock(instant_of(config.seed) if sheet.last is None else sheet.last + 60)
    made = make_goods(look_at(sheet.rows))
    book = OrderBook(made, config.seed, clock.start)
    for rows in invoices_of(sheet.rows):
        book.write(rows)
    switches = Switches.of(config.switches)
    profile = _profile(config)
    locations = make_locations(config.seed, profile)
    state = State(
        config=config,
        switches=switches,
        clock=clock,
        profile=profile,
        settings={**default_settings(switches), **(config.settings or {})},
        locations=locations,
        categories=Table(made.categories),
        brands=Table(made.brands),
        products=Table(made.products),
        variants=Table(made.variants),
        items=Table(make_items(made, list(locations), config.seed, backorders=switches.backorders)),
        customers=Table(book.customers.values()),
        orders=Table(book.orders),
        shipments=Table(book.shipments),
        refunds=Table(book.refunds),
        metafields=Table(),
        groups=make_groups(clock.start),
        refused=sheet.refused,
        next_line_id=book.line_id,
        next_address_id=book.address_id,
    )
    lay_out(state, book.orders)
    for table in state.tables():
        table.lag = config.read_lag_requests
    return state


def _profile(config: ShopConfig) -> Profile:
    """A British shop whose prices are final and whose clocks show UTC: the file names no tax and no zone."""
    return Profile("Paper Lantern Gifts", "UTC", "GBP", "£", "United Kingdom", "GB", 0, PLANS[config.quota])
