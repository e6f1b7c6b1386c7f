"""Which kinds of shops there are: those that come with Fillrate, and those that other packages add by an entry point."""

from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

GROUP = "fillrate.channels"
OURS = ("amazon", "bigcommerce", "ebay", "files", "shopify", "woocommerce")


@cache
def kind_named(name: str) -> Any:  # Any: a `Kind` of fillrate.channels.protocol, a room that settings do not know
    """Return a kind of shop; only what is asked for is loaded. Raises LookupError where there is none."""
    if name in OURS:
        try:
            return import_module(f"fillrate.channels.{name}").KIND
        except (ModuleNotFoundError, AttributeError) as error:
            raise LookupError(name) from error
    for one in entry_points(group=GROUP, name=name):
        return one.load()
    raise LookupError(name)


def kinds() -> list[str]:
    """Return the names of all kinds that are installed."""
    return sorted({*OURS, *(one.name for one in entry_points(group=GROUP))})
