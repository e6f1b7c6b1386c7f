"""What every channel offers to the steps, whatever shop it speaks to.

Synchronous on purpose: a few large calls, each run off the event loop. Errors come from `fillrate.errors`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Generic, Literal, Protocol, TypeVar, runtime_checkable

import httpx
import msgspec

from fillrate.gateway.auth import Auth
from fillrate.gateway.budget import Budget
from fillrate.gateway.documents import DOCUMENT_POLICY, Documents
from fillrate.gateway.http import DEFAULT_POLICY, RENEWABLE, Http
from fillrate.gateway.outside import Outside
from fillrate.gateway.rates import RateHeaders
from fillrate.gateway.retry import RetryPolicy
from fillrate.records import Record, Reject, StockSettings, StoreInfo
from fillrate.settings import ChannelSettings

R = TypeVar("R", bound=Record)
STOCK = "stock"  # the kind of change that sets a stock number


class Stream(StrEnum):
    """What can be read; each yields one kind of record from `fillrate.records`."""

    CATEGORIES = "categories"
    BRANDS = "brands"
    PRODUCTS = "products"
    CUSTOMERS = "customers"
    ORDERS = "orders"
    REFUNDS = "refunds"
    LOCATIONS = "locations"
    STOCK = "stock"


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """One question to a channel: a stream, a closed window of the shop's own times, and where to go on.

    `since` None reads from the beginning, `until` is never later than the shop's now. `after` is the `next` of an
    earlier page of the same question, so that a crashed read goes on where it stopped. `ids` asks for these records
    only (orders, products, stock, refunds by order): what is not in the answer's `records`, `rejects` or `gone` was not
    answered.
    """

    stream: Stream
    since: datetime | None = None
    until: datetime | None = None
    after: str | None = None
    ids: tuple[str, ...] | None = None


class Page(msgspec.Struct, Generic[R], frozen=True, kw_only=True):
    """One page: good records, bad ones with their reasons, ids that the shop said are gone, and where to go on."""

    records: tuple[R, ...]
    rejects: tuple[Reject, ...]
    next: str | None
    gone: tuple[str, ...] = ()


class StockManner(msgspec.Struct, frozen=True, kw_only=True):
    """How a channel keeps its stock numbers, and how it takes ours.

    A write of kind "stock" names `StockLevel.target`; its value is a row of fields: {"quantity": 5}, and what else is in
    `fields` where the plan sets it: {"quantity": 5, "safety_stock": 2}. `read_back` of that kind returns just such rows.
    """

    reads: frozenset[Literal["on_hand", "reserved", "available"]]  # what of these the shop tells
    writes: Literal["available", "with_reserved", "nothing"]  # what the number means that is written: what may still be
    # sold, or that with the units promised to open orders, which the shop takes off itself
    fields: frozenset[Literal["safety_stock", "backorder_limit"]] = (
        frozenset()
    )  # set beside the quantity, each by itself
    compare_and_set: bool = False  # the shop refuses a write where its number is not `Write.before`
    idempotent: bool = False  # the same `Write.key` sent twice counts once
    relative: bool = False  # it takes differences; none is sent, since one sent twice would count twice
    answers: Literal["each", "whole"] = "each"  # whether a bad row fails alone or the whole request
    takes_effect: Literal["at_once", "later"] = "at_once"
    locations: bool = False  # one number for each location, or one for all
    goes_negative: bool = False  # whether sales may take the number below nothing
    backorders: Literal["none", "unlimited", "limit"] = "none"  # whether it can sell beyond its number, and how far
    delta: bool = False  # the stock stream can be read by a window: only what changed
    sweep_seconds: int = 0  # a complete reading is made no more often than this; 0: in each run
    fresh_seconds: int = 600  # a reading older than this says nothing about now


class Capabilities(msgspec.Struct, frozen=True, kw_only=True):
    """What this channel can do; the product asks this, never the channel's name."""

    streams: frozenset[Stream]
    windowed: frozenset[Stream]  # streams that can be read by a window of modified times
    by_id: frozenset[Stream]  # streams whose records can be asked for by id
    writes: frozenset[str]  # kinds of change it can apply
    write_batch: int  # most writes at once, of kinds that `write_batches` does not name
    write_batches: Mapping[str, int] = {}
    statuses: Mapping[str, str]  # its order statuses: code -> the shop's own English name
    read_lag_seconds: int
    stock: StockManner
    gives_promises: bool = False  # its orders carry a ship-by date that the customer was told

    def batch_of(self, kind: str) -> int:
        """Return how many writes of a kind may go out at once."""
        return self.write_batches.get(kind, self.write_batch)


class Write(msgspec.Struct, frozen=True, kw_only=True):
    """One intended write: `target` is the shop's own id of what changes, `after` the whole new value (None deletes)."""

    kind: str
    target: str
    before: Any
    after: Any
    key: str  # names this intent; the same at every attempt


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one write; `unknown` must be read back before anything else happens.

    `stale` is what was not sent, since the target held neither the old nor the new value right before; `seen` is what it held.
    """

    state: Literal["done", "refused", "unknown", "stale"]
    answer: str  # one sentence for people, without the body
    seen: Any = None  # Any: JSON


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """A right that a token needs: its name at the shop, what for, and whether this token has it."""

    name: str
    use: str
    state: Literal["granted", "missing", "not checked"]


class Channel(Protocol):
    """A shop, as the steps see it."""

    @property
    def name(self) -> str:
        """The channel's name in the settings."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...

    def capabilities(self) -> Capabilities:
        """Say what this channel can do, without asking the shop."""
        ...

    def time(self) -> datetime:
        """Return the shop's own clock."""
        ...

    def store(self) -> StoreInfo:
        """Return what the shop says about itself."""
        ...

    def probe(self) -> tuple[Scope, ...]:
        """Find out which rights the token has, by reading only; what only a write would show is "not checked"."""
        ...

    def stock_settings(self, sources: Sequence[str]) -> dict[str, StockSettings]:
        """Return when the shop's own events move its numbers, for orders of each of these sources (`source_channel`)."""
        ...

    def read(self, ask: Ask) -> Iterator[Page[Any]]:
        """Yield the pages of one question, each only when asked for."""
        ...

    def read_back(self, kind: str, targets: Sequence[str]) -> dict[str, Any]:
        """Return the present value of each target (None: there is none), read from the shop now.

        One that is there and cannot be read is left out: nothing may be done about it.
        """
        ...

    def write(self, batch: Sequence[Write], may_send: Callable[[], None]) -> dict[str, Outcome]:
        """Apply up to `write_batch` writes of one kind; one outcome for each target, whatever happens.

        `may_send` is called right before each request that changes something; what it raises goes upwards.
        It may rely on what the last `read_back` saw of these targets, and looks for itself where that did not.
        """
        ...


class Hint(msgspec.Struct, frozen=True):
    """Something that a shop said has changed: a record of a stream by its id, or whatever there is ("")."""

    stream: Stream
    platform_id: str = ""


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What a genuine hook says. `key` is its own name, the same when it is sent again; "": it has none."""

    key: str = ""
    hints: tuple[Hint, ...] = ()


class Registered(msgspec.Struct, frozen=True, kw_only=True):
    """A hook as the shop keeps it: its topic, where it goes, and whether the shop still sends it."""

    topic: str
    address: str
    is_active: bool


@runtime_checkable
class KeepsHooks(Protocol):
    """A channel whose shop lets hooks be registered: it writes changes of kind "hook", too.

    The target of such a change is `hook_target(topic, address)`, its value a row such as {"active": true, "mark": "…"}, or
    None where there is none; `mark` tells one secret word, which the shop sends along, from another.
    """

    def hooks(self) -> tuple[Registered, ...]:
        """Return all hooks of our account."""
        ...

    def hook_value(self) -> dict[str, Any]:
        """Return what a hook of ours should hold (Any: JSON)."""
        ...


@dataclass(frozen=True, slots=True)
class Hooks:
    """How a kind of shop tells of changes by HTTP, or by files; pure, so that it can be asked for each call at once.

    `hear` takes this kind's settings, the headers with their names in small letters, the raw body and our own time, and
    raises ForgedHook for what the shop did not send. `is_ready` says whether the settings hold a secret to tell that by.
    `topics` are what is registered; `folders` names places where a file that is put there is a hint.
    """

    hear: Callable[[Any, Mapping[str, str], bytes, datetime], Heard]  # Any: this kind's own settings
    is_ready: Callable[[Any], bool]
    topics: tuple[str, ...] = ()
    folders: Callable[[Any], tuple[Path, ...]] = lambda _: ()


HOOK = "hook"  # the kind of change that registers one, or takes it back


def hook_target(topic: str, address: str) -> str:
    """Return what a change of a hook is about."""
    return f"{topic} {address}"


@dataclass(frozen=True, slots=True)
class Reach:
    """What a channel is opened with: the outside, the store's request budget, and in tests a transport of their own."""

    outside: Outside
    budget: Budget
    transport: httpx.BaseTransport | None = None

    def http(
        self,
        base_url: str,
        auth: Auth,
        *,
        rates: RateHeaders | None = None,
        policy: RetryPolicy = DEFAULT_POLICY,
        renewable: frozenset[int] = RENEWABLE,
    ) -> Http:
        """Return the door to one host; the budget is shared by all doors of the channel."""
        return Http(
            base_url,
            auth,
            self.outside,
            self.budget,
            transport=self.transport,
            policy=policy,
            rates=rates,
            renewable=renewable,
        )

    def documents(self, home: str, policy: RetryPolicy = DOCUMENT_POLICY) -> Documents:
        """Return the way to documents at signed addresses; `home` is the channel's own address."""
        return Documents(home, self.outside, transport=self.transport, policy=policy)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of shop, as a package gives it: its settings, what it can do, and how to open a channel.

    Other packages add theirs by an entry point in the group "fillrate.channels" whose name is the kind's.
    """

    name: str
    settings: type[ChannelSettings]
    capabilities: Capabilities
    open: Callable[[Any, Reach], Channel]  # Any: this kind's own settings
    hooks: Hooks | None = None
