"""Several shops in one: a BigCommerce store as it always was, and beside it shops of other kinds that sell its goods.

Requests go by their path: `/stores/{hash}/…` to a BigCommerce store, `/{kind}/{name}/…` to any other shop, everything
else to the first store. All shops have one clock; the levers of a shop lie at `/{kind}/{name}/_practice/…`, those of
the first store at `/_practice/…`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from sandbox.exchange import Request, Response
from sandbox.kinds import KINDS
from sandbox.market import Market, MarketConfig, goods_of
from sandbox.shop import Shop
from sandbox.state import State

STORE, CLOCK = "bigcommerce", "/_practice/clock"
SHARE = 0.5
"""The share of the goods of the first store that another shop sells."""


@dataclass(frozen=True, slots=True)
class Channel:
    """How a shop is found, for the settings of the one who is to find it."""

    name: str
    kind: str
    base_url: str
    settings: Mapping[str, str]
    secrets: Mapping[str, str]


def names_of(kinds: Sequence[str]) -> list[tuple[str, str]]:
    """Kind and name of each shop: the kind, and `shopify_2` for the second of a kind; of stores `second`, `second_2`.

    Raises ValueError for a kind that there is not.
    """
    seen: dict[str, int] = {}
    found = []
    for kind in kinds:
        if kind != STORE and kind not in KINDS:
            message = f"there is no kind {kind!r}; there are {', '.join(sorted([STORE, *KINDS]))}"
            raise ValueError(message)
        first = "second" if kind == STORE else kind
        seen[kind] = seen.get(kind, 0) + 1
        found.append((kind, first if seen[kind] == 1 else f"{first}_{seen[kind]}"))
    return found


class Mall:
    """The first store and the other shops by path. What it has of a shop (`state`, `token`) is that of the first."""

    def __init__(self, first: Shop, kinds: Sequence[str], switches: Mapping[str, Any] | None = None) -> None:
        """`switches` are those of other shops by name; `"random"` instead of one draws them by the seed."""
        named, told = names_of(kinds), switches or {}
        unknown = set(told) - {name for _, name in named}
        if unknown:
            message = f"there is no shop {', '.join(sorted(unknown))} to have switches"
            raise ValueError(message)
        self.first = first
        self.stores = {name: self._store(name) for kind, name in named if kind == STORE}
        self.markets = {name: self._market(kind, name, told.get(name)) for kind, name in named if kind != STORE}

    def _store(self, name: str) -> Shop:
        """Another BigCommerce store: the same goods, other orders."""
        config = self.first.config
        token, orders = f"{config.token}-{name}", config.orders // 2
        made = Shop(replace(config, store_hash=name, token=token, orders=orders))
        made.state.clock = self.first.state.clock
        return made

    def _market(self, kind: str, name: str, switches: Mapping[str, Any] | str | None) -> Market:
        config = self.first.config
        if switches == "random":
            switches = KINDS[kind].draw_switches(Random(f"{config.seed}:{name}:switches"))
        if isinstance(switches, str):
            message = f"switches of {name} are an object, not {switches!r}"
            raise ValueError(message)  # noqa: TRY004 - what a file holds is a value
        number = sum(name.encode())
        profile = self.first.state.profile
        made = MarketConfig(
            seed=config.seed * 1000 + number,
            name=name,
            orders=config.orders // 5,
            currency=profile.currency,
            zone=profile.zone,
            switches=switches or {},
        )
        goods = goods_of(self.first, SHARE, made.seed)
        return KINDS[kind](made, goods, self.first.state.clock)

    @property
    def prefix(self) -> str:
        """Where the API of the first store lies."""
        return self.first.prefix

    @property
    def token(self) -> str:
        """The token of the first store."""
        return self.first.token

    @property
    def state(self) -> State:
        """The state of the first store, which has the clock of all."""
        return self.first.state

    def channels(self, root: str) -> Iterator[Channel]:
        """How every shop but the first store is found under the address of the server."""
        for name, store in self.stores.items():
            yield Channel(name, STORE, root + store.prefix, {}, {"TOKEN": store.token})
        for name, market in self.markets.items():
            url = root + market.prefix
            yield Channel(name, market.kind, url, market.settings(url), market.secrets())

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        parts = request.path.split("/", 3)
        kind, name = (parts[1], parts[2]) if len(parts) > 2 else ("", "")
        rest = f"/{parts[3]}" if len(parts) > 3 else "/"
        store = self.stores.get(name) if kind in {"stores", STORE} else None
        market = self.markets.get(name)
        found = market if market is not None and market.kind == kind else None
        if request.path == CLOCK or (rest == CLOCK and (store or found)):
            return self._clock(replace(request, path=CLOCK))
        if store is not None:
            return store.handle(request if kind == "stores" else replace(request, path=rest))
        return (found or self.first).handle(request)

    def _clock(self, request: Request) -> Response:
        """The lever of the one clock; every store carries out what waits for it."""
        response = self.first.handle(request)
        for store in self.stores.values() if request.method == "POST" else ():
            store.handle(replace(request, body=b'{"advance_seconds": 0}'))
        return response
