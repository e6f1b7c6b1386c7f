"""`python -m sandbox`: serves a practice shop on 127.0.0.1 until it is interrupted."""

import argparse
import gc
import json
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from sandbox.config import QUOTAS, ShopConfig
from sandbox.faults.plan import UnknownFault
from sandbox.live import Life
from sandbox.mall import STORE, Mall, names_of
from sandbox.market.live import MarketLife
from sandbox.server import Running, listen
from sandbox.shop import Shop
from sandbox.switches import Switches
from sandbox.written import NotOurs, check_folder, write_config

WRONG_USE, INTERRUPTED = 2, 130
FASTEST = 60_000
SIZES = {
    "products": "how many products the store sells",
    "customers": "how many customers have an account",
    "orders": "how many orders it has had",
    "days": "over how many days they came in",
}
DEDUCT_AT = {"order": "order_placed", "shipping": "order_completed_or_shipped"}


def parser() -> argparse.ArgumentParser:
    """The options."""
    defaults = ShopConfig()
    made = argparse.ArgumentParser("sandbox", description=__doc__)
    made.add_argument("--port", type=port, default=0, help="port to listen on; 0 takes any free one")
    made.add_argument("--seed", type=int, default=defaults.seed, help="the same seed makes the same shop")
    for name, what in SIZES.items():
        made.add_argument(f"--{name}", type=int, default=getattr(defaults, name), metavar="N", help=what)
    made.add_argument("--deduct-at", choices=sorted(DEDUCT_AT), default="order", help="when orders lower the stock")
    made.add_argument("--orders-csv", type=Path, metavar="FILE", help="make the shop from real order lines instead")
    made.add_argument(
        "--channels", metavar="KIND,…", default="", help="other shops that sell the same goods, in one process"
    )
    made.add_argument("--live", type=pace, metavar="ORDERS_PER_MINUTE", help="run the clock and let orders come in")
    made.add_argument("--quota", choices=sorted(QUOTAS), default=defaults.quota, help="the plan, by its requests")
    made.add_argument("--rival", type=int, default=0, help="requests that another app eats of each 30 seconds")
    made.add_argument("--read-lag", type=int, default=0, help="reads after a write that still show the old value")
    made.add_argument("--hooks-to-loopback", action="store_true", help="let hooks go to plain http on this machine")
    made.add_argument("--faults", type=Path, metavar="FILE", help="JSON list of faults to begin with")
    made.add_argument("--switches", metavar="random|FILE", help="unconfirmed behaviour: at random, or from JSON")
    made.add_argument("--write-config", type=Path, metavar="DIR", help="write DIR/fillrate.toml and DIR/.env")
    return made


def pace(text: str) -> float:
    """Orders per minute."""
    found = float(text)
    if not 0 < found <= FASTEST:
        raise ValueError(text)
    return found


def port(text: str) -> int:
    """A port that exists."""
    found = int(text)
    if not 0 <= found <= 65_535:
        raise ValueError(text)
    return found


def switches_of(option: str | None, seed: int) -> Switches:
    """The switches that the option asks for."""
    if option is None:
        return Switches(backorders=True)
    if option == "random":
        return Switches.draw(Random(f"{seed}:switches"))
    told = json.loads(Path(option).read_text("utf-8"))
    own = {name: value for name, value in told.items() if name != "channels"} if isinstance(told, dict) else told
    return Switches.of(own)


def channel_switches(option: str | None, names: Sequence[str]) -> dict[str, Any]:
    """The switches of other shops, by name: `channels` of the file, or drawn for each."""
    if option == "random":
        return dict.fromkeys(names, "random")
    found = {} if option is None else json.loads(Path(option).read_text("utf-8")).get("channels", {})
    if not isinstance(found, dict):
        message = f"channels of the switches is an object of name and switches, not {found!r}"
        raise ValueError(message)  # noqa: TRY004 - what a file holds is a value
    return found


def make_served(options: argparse.Namespace) -> Shop | Mall:
    """The shop, or the shops, that the options ask for."""
    shop = make_shop(options)
    if not options.channels:
        return shop
    kinds = [kind.strip() for kind in options.channels.split(",")]
    markets = [name for kind, name in names_of(kinds) if kind != STORE]
    return Mall(shop, kinds, channel_switches(options.switches, markets))


def make_shop(options: argparse.Namespace) -> Shop:
    """The shop that the options ask for."""
    config = ShopConfig(
        seed=options.seed,
        products=options.products,
        customers=options.customers,
        orders=options.orders,
        days=options.days,
        orders_csv=options.orders_csv,
        quota=options.quota,
        rival_requests=options.rival,
        read_lag_requests=options.read_lag,
        hooks_to_loopback=options.hooks_to_loopback,
        switches=switches_of(options.switches, options.seed),
        settings={"update_stock_behavior": DEDUCT_AT[options.deduct_at]},
    )
    shop = Shop(config)
    if options.faults is not None:
        shop.faults.set(json.loads(options.faults.read_text("utf-8")))
    return shop


def lives_of(served: Shop | Mall, pace: float) -> list[Life | MarketLife]:
    """The shoppers of every shop."""
    if isinstance(served, Shop):
        return [Life(served, pace)]
    stores = [Life(shop, pace) for shop in (served.first, *served.stores.values())]
    return [*stores, *(MarketLife(market, pace) for market in served.markets.values())]


def run(running: Running[Shop | Mall], options: argparse.Namespace) -> int:
    """Serve until a signal comes; gives the exit code that it asks for."""
    stopped, codes = threading.Event(), {signal.SIGTERM: 0, signal.SIGINT: INTERRUPTED}
    came: list[int] = []

    def stop(number: int, _: object) -> None:
        came.append(number)
        stopped.set()

    for number in codes:
        signal.signal(number, stop)
    lives = lives_of(running.shop, options.live) if options.live else []
    channels = list(running.shop.channels(running.root)) if isinstance(running.shop, Mall) else []
    if options.write_config is not None:
        profile = running.shop.state.profile
        place = {"name": profile.name, "zone": profile.zone, "currency": profile.currency}
        write_config(options.write_config, **place, url=running.url, token=running.token, channels=channels)
    for life in lives:
        life.start()
    sys.stdout.write(f"practice shop ready at {running.url}\nits token is {running.token}\n")
    for channel in channels:
        sys.stdout.write(f"{channel.name} ({channel.kind}) at {channel.base_url}\n")
    sys.stdout.flush()
    stopped.wait()
    for life in lives:
        life.stop()
    return codes[signal.Signals(came[0])]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 2 means that it was used wrongly, 130 that it was interrupted."""
    made = parser()
    options = made.parse_args(arguments)
    if options.live and not options.products:
        made.error("--live needs products to sell")
    try:
        if options.write_config is not None:
            check_folder(options.write_config)
        with listen(options.port) as place, Running(make_served(options), place) as running:
            gc.freeze()  # a large shop is not worth walking through at every collection
            return run(running, options)
    except KeyboardInterrupt:
        return INTERRUPTED
    except (NotOurs, UnknownFault, ValueError, OSError) as error:
        sys.stderr.write(f"sandbox: {error}\n")
        return WRONG_USE


if __name__ == "__main__":
    sys.exit(main())
