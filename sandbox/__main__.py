"""`python -m sandbox`: a practice shop on localhost, until it is told to stop."""

import argparse
import json
import random
import signal
import sys
import threading
import time
from pathlib import Path

from sandbox import Running, Shop, ShopConfig, Switches, serve
from sandbox.happenings import happen

MARK = "# written by the practice shop; it is written anew at each start\n"


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="fillrate sandbox", description="A practice BigCommerce shop on localhost.")
    parser.add_argument("--port", type=int, default=0, help="0 takes any free one")
    parser.add_argument("--seed", type=int, default=1, help="another number makes another shop")
    for name, default in (("products", 200), ("customers", 150), ("orders", 600), ("days", 365)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--quota", choices=("unlimited", "standard", "pro"), default="unlimited")
    parser.add_argument("--live", type=float, default=0.0, metavar="ORDERS_PER_MINUTE", help="orders keep coming in")
    parser.add_argument("--faults", type=Path, help="a JSON list of faults")
    parser.add_argument("--switches", help='"random", or a JSON file of switches that differ from the default')
    parser.add_argument("--settings", type=json.loads, help="inventory settings to start with, as JSON")
    parser.add_argument("--write-config", type=Path, metavar="DIR", help="write a ready fillrate.toml and .env there")
    return parser.parse_args()


def main() -> int:
    """Serve until SIGTERM or Ctrl-C."""
    wanted = arguments()
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    config = ShopConfig(
        seed=wanted.seed,
        products=wanted.products,
        customers=wanted.customers,
        orders=wanted.orders,
        days=wanted.days,
        quota=wanted.quota,
        switches=switches(wanted),
        settings=wanted.settings,
    )
    shop = Shop(config)
    if wanted.faults:
        shop.faults.set(json.loads(wanted.faults.read_text()))
    with serve(shop, wanted.port) as running:
        problem = write_config(wanted.write_config, running) if wanted.write_config else ""
        if problem:
            sys.stderr.write(f"{problem}\n")
            return 2
        print(f"practice shop ready at {running.url}", flush=True)  # noqa: T201 - what callers wait for
        if wanted.live > 0:
            shop.state.clock.run_with(time.monotonic)
        while not stop.wait(60 / wanted.live if wanted.live > 0 else None):
            a_sale(shop)
    return 0


def switches(wanted: argparse.Namespace) -> Switches:
    """The switches asked for."""
    if wanted.switches == "random":
        return Switches.draw(random.Random(wanted.seed))
    return Switches.of(json.loads(Path(wanted.switches).read_text()) if wanted.switches else None)


def a_sale(shop: Shop) -> None:
    """Somebody buys something."""
    chance = random.Random(shop.state.clock.now())
    variant = chance.choice(list(shop.state.variants))
    line = {"variant_id": variant.id, "quantity": chance.randint(1, 3)}
    happen(shop.state, {"action": "place", "lines": [line]})


def write_config(folder: Path, running: Running) -> str:
    """Write settings for the shop; gives why not, where somebody else's file is in the way."""
    toml, secrets = folder / "fillrate.toml", folder / ".env"
    for file in (toml, secrets):
        if file.exists() and not file.read_text().startswith(MARK):
            return f"{file} was not written by a practice shop; choose another folder."
    profile = running.shop.state.profile
    folder.mkdir(parents=True, exist_ok=True)
    toml.write_text(
        f"{MARK}[store]\nname = {json.dumps(profile.name)}\ntimezone = {json.dumps(profile.zone)}\n"
        f"currency = {json.dumps(profile.currency)}\n\n[[channel]]\nname = \"main\"\nkind = \"bigcommerce\"\n"
        f"base_url = {json.dumps(running.url)}\npractice = true\n"
    )
    secrets.touch(mode=0o600)
    secrets.chmod(0o600)
    secrets.write_text(f"{MARK}FILLRATE_CHANNEL_MAIN_TOKEN={running.token}\n")
    return ""


if __name__ == "__main__":
    sys.exit(main())
