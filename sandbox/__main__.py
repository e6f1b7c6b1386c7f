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

from sandbox.config import QUOTAS, ShopConfig
from sandbox.faults.plan import UnknownFault
from sandbox.live import Life
from sandbox.server import Running, serve
from sandbox.shop import Shop
from sandbox.switches import Switches
from sandbox.written import NotOurs, check_folder, write_config

WRONG_USE = 2


def parser() -> argparse.ArgumentParser:
    """The options."""
    defaults = ShopConfig()
    made = argparse.ArgumentParser("sandbox", description=__doc__)
    made.add_argument("--port", type=int, default=0, help="port to listen on; 0 takes any free one")
    made.add_argument("--seed", type=int, default=defaults.seed, help="the same seed makes the same shop")
    for name in ("products", "customers", "orders", "days"):
        made.add_argument(f"--{name}", type=int, default=getattr(defaults, name))
    made.add_argument("--orders-csv", type=Path, metavar="FILE", help="make the shop from real order lines instead")
    made.add_argument("--live", type=pace, metavar="ORDERS_PER_MINUTE", help="run the clock and let orders come in")
    made.add_argument("--quota", choices=sorted(QUOTAS), default=defaults.quota)
    made.add_argument("--rival", type=int, default=0, help="requests that another app eats of each 30 seconds")
    made.add_argument("--read-lag", type=int, default=0, help="reads after a write that still show the old value")
    made.add_argument("--faults", type=Path, metavar="FILE", help="JSON list of faults to begin with")
    made.add_argument("--switches", metavar="random|FILE", help="unconfirmed behaviour: at random, or from JSON")
    made.add_argument("--write-config", type=Path, metavar="DIR", help="write DIR/fillrate.toml and DIR/.env")
    return made


def pace(text: str) -> float:
    """Orders per minute."""
    found = float(text)
    if found <= 0:
        raise ValueError(text)
    return found


def switches_of(option: str | None, seed: int) -> Switches:
    """The switches that the option asks for."""
    if option is None:
        return Switches()
    if option == "random":
        return Switches.draw(Random(f"{seed}:switches"))
    return Switches.of(json.loads(Path(option).read_text("utf-8")))


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
        switches=switches_of(options.switches, options.seed),
    )
    shop = Shop(config)
    if options.faults is not None:
        shop.faults.set(json.loads(options.faults.read_text("utf-8")))
    return shop


def run(running: Running, options: argparse.Namespace) -> None:
    """Serve until a signal comes."""
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    life = Life(running.shop, options.live) if options.live else None
    if options.write_config is not None:
        profile = running.shop.state.profile
        place = {"name": profile.name, "zone": profile.zone, "currency": profile.currency}
        write_config(options.write_config, **place, url=running.url, token=running.token)
    if life is not None:
        life.start()
    sys.stdout.write(f"practice shop ready at {running.url}\n")
    sys.stdout.flush()
    stopped.wait()
    if life is not None:
        life.stop()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 2 means that it was used wrongly."""
    options = parser().parse_args(arguments)
    try:
        if options.write_config is not None:
            check_folder(options.write_config)
        with serve(make_shop(options), options.port) as running:
            gc.freeze()  # a large shop is not worth walking through at every collection
            run(running, options)
    except (NotOurs, UnknownFault, ValueError, OSError) as error:
        sys.stderr.write(f"sandbox: {error}\n")
        return WRONG_USE
    return 0


if __name__ == "__main__":
    sys.exit(main())
