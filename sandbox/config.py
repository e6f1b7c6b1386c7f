"""What a practice shop is made from."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.switches import Switches

QUOTAS: dict[str, int] = {"unlimited": 0, "standard": 150, "pro": 450}


@dataclass(frozen=True, slots=True)
class ShopConfig:
    """Size, seed and manners of a shop; the same config gives the same shop, to the byte.

    * `orders_csv`: a file of real order lines to make the shop from; the sizes then mean nothing
    * `quota`: requests per 30 seconds as of a plan: `unlimited`, `standard` (150) or `pro` (450)
    * `quota_clock`: windows run by the machine's clock (`wall`) or by the shop's own (`shop`, for simulators)
    * `rival_requests`: how many requests of each window another app of the store eats, evenly over the window
    * `read_lag_requests`: so many reads of a collection after a write still show the old value
    * `settings`: inventory settings to start with, e.g. `{"update_stock_behavior": "order_completed_or_shipped"}`
    * `channel_settings`: what single channels have instead, by channel id; it moves the stock of their orders
    * `token`, `client_secret`, `store_hash`: the credentials of the shop; letters to hooks are signed with the secret
    * `hooks_to_loopback`: hooks may be registered for plain http on this machine, as no real shop lets them
    * `hook_clock`: letters are stamped by the machine's clock (`wall`) or by the shop's own (`shop`, for simulators)
    """

    seed: int = 1
    products: int = 200
    customers: int = 150
    orders: int = 600
    days: int = 365
    orders_csv: Path | None = None
    quota: str = "unlimited"
    quota_clock: str = "wall"
    rival_requests: int = 0
    read_lag_requests: int = 0
    switches: Switches | Mapping[str, Any] | None = None
    settings: Mapping[str, Any] | None = None
    channel_settings: Mapping[int, Mapping[str, Any]] | None = None
    token: str = "practice-token"  # noqa: S105 - a practice shop on loopback has nothing to hide
    store_hash: str = "practice"
    client_secret: str = "practice-secret-of-forty-letters-or-more"  # noqa: S105 - as above
    hooks_to_loopback: bool = False
    hook_clock: str = "wall"

    def __post_init__(self) -> None:
        if self.quota not in QUOTAS:
            message = f"quota is one of {', '.join(QUOTAS)}, not {self.quota!r}"
            raise ValueError(message)
        if min(self.products, self.customers, self.orders, self.read_lag_requests, self.rival_requests) < 0:
            message = "sizes of a shop cannot be negative"
            raise ValueError(message)
        if self.days < 1:
            message = "a shop needs at least one day of history"
            raise ValueError(message)
