"""What a shop of the market is made from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class MarketConfig:
    """Name, seed and size of a shop; the same config and goods give the same shop, to the byte.

    * `name`: its place is `/{kind}/{name}`; empty means the kind itself
    * `orders`, `days`: how many orders it has had, over how many days
    * `locations`: how many places hold its stock; a kind without locations has one
    * `currency`, `zone`: its money and where it is
    * `pace_clock`: limits run by the machine's clock (`wall`) or by the shop's own (`shop`, for simulators)
    * `switches`: what the reference leaves unconfirmed, by name, where it differs from the default of the kind
    """

    seed: int = 1
    name: str = ""
    orders: int = 40
    days: int = 60
    locations: int = 1
    currency: str = "USD"
    zone: str = "Europe/Berlin"
    pace_clock: str = "wall"
    switches: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.orders < 0 or self.days < 1 or self.locations < 1:
            message = "a shop needs at least one day and one location, and no fewer than no orders"
            raise ValueError(message)
        if self.pace_clock not in {"wall", "shop"}:
            message = f"pace_clock is wall or shop, not {self.pace_clock!r}"
            raise ValueError(message)
