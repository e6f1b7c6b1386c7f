"""How many units of an item a store may sell beyond its stock at a location, where it has native backorders.

A target is "product/variant@location", or "product@location" where the store counts by product.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from fillrate.channels.batch_writes import Item, Kind, MaySend, Sent
from fillrate.channels.bigcommerce import endpoints
from fillrate.channels.bigcommerce.pages import Pages
from fillrate.channels.bigcommerce.stock import IDS_AT_ONCE, PAGE, ItemRow, LevelRow
from fillrate.channels.bigcommerce.walks import by_page
from fillrate.channels.chunks import chunks
from fillrate.gateway.http import Http
from fillrate.records import Reject

LIMITS = Pages(endpoints.LIMITS, ItemRow, id_path=("identity", "variant_id"))


class Named(NamedTuple):
    """A target taken apart: by which id the store knows the item, that id, and the location."""

    key: str
    number: str
    location: str


def named(target: str) -> Named:
    """Return what a target names."""
    goods, _, location = target.partition("@")
    product, _, variant = goods.partition("/")
    return Named("variant_id", variant, location) if variant else Named("product_id", product, location)


def rows(http: Http, targets: Sequence[str]) -> Mapping[str, LevelRow | Reject]:
    """Return the numbers of each target's item at its location."""
    wanted = {one: named(one) for one in targets}
    found: dict[Named, LevelRow | Reject] = {}
    for key in ("variant_id", "product_id"):
        numbers = tuple(dict.fromkeys(one.number for one in wanted.values() if one.key == key))
        for asked, _ in chunks(numbers, IDS_AT_ONCE, 0):
            for batch, _ in by_page(http, LIMITS, {f"{key}:in": ",".join(asked), "limit": PAGE}, None):
                found |= {name: level for row in batch.rows for name, level in levels(row, key)}
                found |= {
                    Named(key, bad.platform_id, one.location): bad for bad in batch.rejects for one in wanted.values()
                }
    return {target: found[name] for target, name in wanted.items() if name in found}


def levels(row: ItemRow, key: str) -> list[tuple[Named, LevelRow]]:
    """Return the numbers of an item at each location, by what names them."""
    number = row.identity.variant_id if key == "variant_id" else row.identity.product_id
    return [(Named(key, str(number), str(one.location_id)), one) for one in row.locations]


def send(http: Http, items: Sequence[Item], may_send: MaySend) -> Sent:
    """Write the limits of items at one location."""
    names = [named(one.target) for one in items]
    settings = [
        {"identity": {name.key: int(name.number)}, "backorder_limit": one.after}
        for name, one in zip(names, items, strict=True)
    ]
    endpoint = endpoints.LIMITS_UPDATE.at(f"{endpoints.LIMITS_UPDATE.path}/{names[0].location}/items")
    return Sent(http.send(endpoint, "PUT", {"settings": settings}, bytes, may_send).status)


KINDS: Mapping[str, Kind] = {
    "backorder_limit": Kind(
        50, rows, lambda level: level.settings.backorder_limit, send, group=lambda one: named(one).location
    )
}
