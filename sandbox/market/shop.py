"""The base of every shop of the market: takes a request, plays its faults and its pace, and asks the kind.

A kind is a subclass with `kind`, `manners` and `CHOICES` (its switches, the first of each being the default) that
implements `authenticate` and `dispatch`, and overrides of the rest what is not as here. All paths given to a kind are
relative to its prefix `/{kind}/{name}`; `self.state` may be replaced by a snapshot at any time, so nothing keeps a
reference into it between requests.
"""

import re
import sys
import threading
import time
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any, ClassVar

from sandbox.clock import Clock, instant_of
from sandbox.exchange import Request, Response, WireFault
from sandbox.faults.damage import DAMAGE
from sandbox.faults.instead import INSTEAD
from sandbox.faults.plan import Fault, FaultPlan
from sandbox.journal import WRITES, Journal
from sandbox.market.actions import ACTIONS, Action, run_actions
from sandbox.market.config import MarketConfig
from sandbox.market.generate import build
from sandbox.market.goods import Goods
from sandbox.market.manners import Manners
from sandbox.market.practice import practice
from sandbox.market.records import Listing, Order
from sandbox.market.state import MarketState
from sandbox.market.trouble import KINDS, Trouble

Wanted = tuple[Listing, int, int]
"""A listing, units of it, and the id of the place that they are sold from."""

NUMBER = re.compile(r"/\d+(?=/|$)")
STATUS_FAULTS = frozenset({"500", "501", "502", "503", "504", "507", "423", "401", "403"})


class Market(ABC):
    """One practice shop with its state, faults and journal. Safe to ask from several threads."""

    kind: ClassVar[str]
    manners: Manners = Manners()
    CHOICES: ClassVar[Mapping[str, tuple[Any, ...]]] = {}

    def __init__(
        self, config: MarketConfig | None = None, goods: Sequence[Goods] = (), clock: Clock | None = None
    ) -> None:
        self.config = config or MarketConfig()
        self.name = self.config.name or self.kind
        self.prefix = f"/{self.kind}/{self.name}"
        self.switches = self._checked(self.config.switches)
        self.state: MarketState = build(self, goods, clock or Clock(instant_of(self.config.seed)))
        self.faults = FaultPlan(self.config.seed, KINDS)
        self.journal = Journal(self.template)
        self.lock = threading.RLock()
        self._waiting: list[tuple[int, Request]] = []
        self._requests = 0

    # What a kind fills in.

    @abstractmethod
    def authenticate(self, request: Request) -> Response | None:
        """The refusal of a request that lacks the right credentials; None when it may go on."""

    @abstractmethod
    def dispatch(self, request: Request, trouble: Trouble) -> Response:
        """The true answer to a request with the right credentials, its path relative to the shop."""

    def refusal(self, request: Request, status: int) -> Response:
        """An error of a status in the shop's own dialect."""
        return Response(status)

    def too_many(self, request: Request, seconds: int) -> Response:
        """How the shop says that its pace is exceeded and ends in so many seconds."""
        return self.refusal(request, 429)

    def pace(self, request: Request) -> Response | None:
        """The refusal of a request that comes too fast; None when it may go on."""
        return None

    def writes(self, request: Request) -> bool:
        """Whether a request may change something."""
        return request.method in WRITES

    def asked_for(self, request: Request) -> str:
        """What a request is about where its path does not say it; faults match it as if it were the query."""
        return ""

    def template(self, path: str) -> str:
        """A path without its ids, as requests are counted."""
        return NUMBER.sub("/{id}", path)

    def dress(self, state: MarketState, chance: Random) -> None:
        """Make of plain listings what this kind makes of them, before the first order."""
        for listing in state.listings.values():
            self.dress_listing(state, listing)

    def dress_listing(self, state: MarketState, listing: Listing) -> None:  # noqa: B027 - most kinds have nothing to add
        """Make of one plain new listing what this kind makes of it."""

    def name_order(self, state: MarketState, order: Order) -> None:  # noqa: B027
        """Give a new order what only this kind knows, such as the `key` by which it is called."""

    def settle(self) -> None:  # noqa: B027 - most kinds do at once what they are asked
        """Do what has become due; comes before every request and every look at the truth."""

    def baskets(self, wanted: Sequence[Wanted]) -> Sequence[Sequence[Wanted]]:
        """The orders that the shop makes of what a customer buys at once."""
        return [wanted]

    def own_truth(self) -> Mapping[str, Any]:
        """What is so and only this kind has."""
        return {}

    def sells_beyond(self, listing: Listing) -> bool:
        """Whether a customer may buy more of a listing than there is; where the manners refuse it, nobody may."""
        return True

    def actions(self) -> Mapping[str, Action]:
        """What people can do to this shop."""
        return ACTIONS

    def find_listing(self, name: object) -> Listing | None:
        """The listing of an id, in whatever form the kind shows ids."""
        return self.state.listings.get(name) if isinstance(name, int) else None

    def secrets(self) -> Mapping[str, str]:
        """What a caller needs to know, by the name of the field, such as {"KEY": ..., "SECRET": ...}."""
        return {}

    def settings(self, base_url: str) -> Mapping[str, str]:
        """What a caller's settings need beside name, kind and base_url."""
        return {}

    # What all have in common.

    @property
    def token(self) -> str:
        """The first of the secrets."""
        return next(iter(self.secrets().values()), "")

    @property
    def sets_clock(self) -> bool:
        """Whether the clock of limits is the shop's own."""
        return self.config.pace_clock == "shop"

    def seconds(self) -> float:
        """The clock by which the shop paces its callers."""
        return float(self.state.clock.now()) if self.sets_clock else time.monotonic()

    @classmethod
    def draw_switches(cls, chance: Random) -> dict[str, Any]:
        """Every switch of the kind at random."""
        return {name: chance.choice(choices) for name, choices in cls.CHOICES.items()}

    def act(self, entries: object) -> list[dict[str, Any]]:
        """Let people do something to the shop: see `sandbox.market.actions`."""
        with self.lock:
            return run_actions(self, entries)

    def handle(self, request: Request) -> Response:
        """Answer one request; its path may begin with the shop's prefix."""
        with self.lock:
            path = request.path.removeprefix(self.prefix) or "/"
            own = replace(request, path=path)
            if path == "/_practice" or path.startswith("/_practice/"):
                return self._answered(own, lambda: self._look(own))
            response = self._answered(own, lambda: self._serve(own))
            at, asked_for = self.state.clock.now(), self.asked_for(own)
            called = f"{path}?{asked_for}" if asked_for else path
            self.journal.note(own, called, response, at, writes=self.writes(own))
            return response

    def _checked(self, told: Mapping[str, Any]) -> dict[str, Any]:
        for name, value in told.items():
            choices = self.CHOICES.get(name)
            if choices is None:
                message = f"unknown switch {name!r} of {self.kind}; there are {', '.join(sorted(self.CHOICES))}"
                raise ValueError(message)
            if value not in choices or type(value) is not type(choices[choices.index(value)]):
                message = f"switch {name!r} is one of {choices}, not {value!r}"
                raise ValueError(message)
        return {name: told.get(name, choices[0]) for name, choices in self.CHOICES.items()}

    def _answered(self, request: Request, serve: Callable[[], Response]) -> Response:
        """The answer; a defect of the shop itself is a 500 for the caller and a traceback for its author."""
        try:
            return serve()
        except Exception:  # noqa: BLE001 - one who is only hung up on cannot tell a defect from a fault that was set
            traceback.print_exc(file=sys.stderr)
            return self.refusal(request, 500)

    def _look(self, request: Request) -> Response:
        self.settle()
        return practice(self, request)

    def _serve(self, request: Request) -> Response:
        self.settle()
        self._catch_up()
        fault = self.faults.strike(f"{request.method} {request.path}", self.asked_for(request) or request.query)
        if fault is not None:
            return self._play(fault, request)
        return self._ask(request)

    def _catch_up(self) -> None:
        """Carry out what an earlier request was told to be done and was not."""
        self._requests += 1
        due = [request for at, request in self._waiting if at <= self._requests]
        self._waiting = [one for one in self._waiting if one[0] > self._requests]
        for request in due:
            self.dispatch(request, Trouble())

    def _ask(self, request: Request, trouble: Trouble | None = None) -> Response:
        """The answer with all that the shop asks of a caller."""
        return self.authenticate(request) or self.pace(request) or self.dispatch(request, trouble or Trouble())

    def _ask_in_vain(self, request: Request) -> Response:
        """The answer of a shop that then forgets what it did."""
        real, self.state = self.state, self.state.snapshot()
        try:
            return self._ask(request)
        finally:
            self.state = real

    def _read_zeros(self, request: Request) -> Response:
        """The answer of a shop that has nothing."""
        if self.writes(request):
            return self._ask(request)
        real, self.state = self.state, self.state.snapshot()
        try:
            for listing in self.state.listings.values():
                for cell in listing.cells.values():
                    cell.number = cell.reserved = 0
            return self._ask(request)
        finally:
            self.state = real

    def _play(self, fault: Fault, request: Request) -> Response:
        """The answer under a fault."""
        if fault.kind == "lying":
            return self._ask_in_vain(request)
        if fault.kind == "late":
            return self._do_late(request, int(fault.options.get("requests", 5)))
        if fault.kind == "zeros":
            return self._read_zeros(request)
        if fault.kind in {"partly", "out_of_order"}:
            return self._ask(request, Trouble.of(fault, self.faults.chance))
        if fault.kind in DAMAGE:
            return DAMAGE[fault.kind](self._ask(request), fault, self.faults.chance)
        if fault.options.get("done"):
            self._ask(request)
        return self._instead(fault, request)

    def _instead(self, fault: Fault, request: Request) -> Response:
        if fault.kind == "429":
            return self.too_many(request, int(fault.options.get("seconds", 1)))
        if fault.kind in STATUS_FAULTS and fault.kind not in {"502", "504"}:
            return self.refusal(request, int(fault.kind))
        if fault.kind == "drop":
            return Response(0, fault=WireFault("drop"))
        return INSTEAD[fault.kind](request.path, fault)

    def _do_late(self, request: Request, after: int) -> Response:
        if not self.writes(request):
            return self._ask(request)
        response = self._ask_in_vain(request)
        if response.status < 400:
            self._waiting.append((self._requests + after, request))
        return response
