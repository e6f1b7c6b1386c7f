"""The only door to a shop's HTTP API: one host, one budget, and the product's only retries.

A read is repeated on everything that may pass: broken connections, 429, 5xx, bodies that are no JSON. A write is
repeated only where certainly nothing happened (never connected, or 429); any other doubt raises InDoubt, and the
caller reads before it does anything else. What the shop says about the request itself (404, 409, 422 …) is a value.
"""

import ipaddress
import logging
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Literal, TypeVar
from urllib.parse import urlencode

import httpx
import msgspec

from fillrate.errors import BadAnswer, FillrateError, FixChannel, FixSettings, InDoubt, RetryLater, StopChannel
from fillrate.gateway.auth import Auth
from fillrate.gateway.budget import Budget, Priority
from fillrate.gateway.exchange import Answer, exchange
from fillrate.gateway.outside import Outside
from fillrate.gateway.pace import Buckets, Pace
from fillrate.gateway.rates import RateHeaders
from fillrate.gateway.retry import RetryPolicy, Tries
from fillrate.gateway.strict_json import Malformed
from fillrate.gateway.trouble import Trouble
from fillrate.gateway.wire import Wire

log = logging.getLogger(__name__)

SEGMENT = r"(?:[A-Za-z0-9_~-]|%[0-9A-F]{2})(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})*"
PATH = re.compile(rf"(?:/{SEGMENT})+|/")  # no host, no query, no "..", nothing left to escape
GONE = frozenset({404, 410})
VISIBLE_TO_READS = GONE | {409, 413, 422}
PASSING = frozenset({500, 502, 503, 504})
RENEWABLE = frozenset({401})
DEFAULT_POLICY = RetryPolicy()
TRIED_AGAIN = "Run it again later; what a run has read so far is kept."

T = TypeVar("T")
Params = Mapping[str, str | int]
Method = Literal["POST", "PUT", "PATCH", "DELETE"]
JSON, FORM = "application/json", "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One thing to ask of a shop: a stable step label, its path, its urgency, and the scope that a token needs.

    `pace` where the shop counts this operation by itself.
    """

    label: str
    path: str
    priority: Priority
    scope: str
    pace: Pace | None = None

    def at(self, path: str) -> "Endpoint":
        """Return the same endpoint at a path with ids in it."""
        return replace(self, path=path)


@dataclass(frozen=True, slots=True)
class Reply(Generic[T]):
    """What the shop said: its status, and the decoded body where there is one."""

    label: str
    status: int
    value: T | None = field(repr=False)
    headers: Mapping[str, str] = field(repr=False, default_factory=dict)

    @property
    def is_gone(self) -> bool:
        """The shop says that this does not exist."""
        return self.status in GONE

    def needed(self) -> T:
        """Return the body, or raise BadAnswer where there is none."""
        if self.value is None or not 200 <= self.status < 300:
            raise BadAnswer(what=f"{self.label}: the shop answered {self.status} where it must send data.")
        return self.value


@dataclass(frozen=True, slots=True)
class Content:
    """A body that is no JSON, as it is, and what it is."""

    body: bytes = field(repr=False)
    kind: str


@dataclass(frozen=True, slots=True)
class Ask:
    """What goes into one request, beside its endpoint; `is_write` where it changes something."""

    method: str
    params: Params
    content: bytes = field(default=b"", repr=False)
    content_type: str = JSON
    is_write: bool = False
    is_a_look: bool = False  # whether there is anything to ask: even a 404 that is a page for people tells


def free() -> None:
    """Let a request out: reading does no harm, whoever does it."""


class Http:
    """A shop's API over HTTPS (plain HTTP to this machine only).

    `renewable` are the statuses by which the shop may mean that a token has ended.
    """

    def __init__(
        self,
        base_url: str,
        auth: Auth,
        outside: Outside,
        budget: Budget,
        *,
        transport: httpx.BaseTransport | None = None,
        policy: RetryPolicy = DEFAULT_POLICY,
        rates: RateHeaders | None = None,
        renewable: frozenset[int] = RENEWABLE,
    ) -> None:
        self._base = base(base_url)
        self._renewable = renewable
        self._auth = auth
        self._outside = outside
        self._budget = budget
        self._policy = policy
        self._rates = rates or RateHeaders()
        self._buckets = Buckets(outside.clock, self._rates.operation)
        self._transport = transport or Wire(outside.clock, policy.total_s, is_plain=self._base.scheme == "http")

    def __repr__(self) -> str:
        return f"Http({self._base.host})"

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def get(
        self,
        endpoint: Endpoint,
        params: Params,
        decode: Callable[[bytes], T],
        *,
        is_a_look: bool = False,
        told: Collection[int] = (),
    ) -> Reply[T]:
        """Read. `decode` turns a good body into a value; where it raises Malformed, the read is tried again.

        404, 409, 410, 413, 422 and what else is `told` are returned without a value; of a 404 that is a page for people
        nothing is believed, unless it `is_a_look` for whether an API lies there at all. Raises RetryLater, BadAnswer,
        StopChannel or FixChannel.
        """
        return self._told(self._ask(endpoint, Ask("GET", params, is_a_look=is_a_look), decode), told)

    def ask(
        self,
        endpoint: Endpoint,
        json: Any,  # Any: whatever msgspec can encode
        decode: Callable[[bytes], T],
        params: Params | None = None,
        *,
        form: Mapping[str, str] | None = None,
        told: Collection[int] = (),
    ) -> Reply[T]:
        """Read by a POST that changes nothing (GraphQL, look-ups by a list, token requests); as `get` in all else.

        `form` is sent instead of `json` where it is given; statuses in `told` are returned without a value too.
        """
        content = msgspec.json.encode(json) if form is None else urlencode(form).encode()
        kind = JSON if form is None else FORM
        return self._told(self._ask(endpoint, Ask("POST", params or {}, content, kind), decode), told)

    @staticmethod
    def _told(reply: Reply[T], told: Collection[int] = ()) -> Reply[T]:
        """Return an answer that says something, or raise StopChannel."""
        if reply.status >= 300 and reply.status not in VISIBLE_TO_READS and reply.status not in told:
            raise StopChannel(f"{reply.label}: the shop refused to answer ({reply.status}).", next=TRIED_AGAIN)
        return reply

    def send(
        self,
        endpoint: Endpoint,
        method: Method,
        json: Any,  # Any: whatever msgspec can encode, or a Content that is sent as it is
        decode: Callable[[bytes], T],
        may_send: Callable[[], None],
        params: Params | None = None,
    ) -> Reply[T]:
        """Write. Every refusal of the shop (4xx, 507) is returned, with its body decoded where that can be read.

        `may_send` is asked right before each attempt; what it raises goes upwards. Raises InDoubt where the write may
        have happened; RetryLater, StopChannel, FixChannel where it has not.
        """
        content = json if isinstance(json, Content) else Content(msgspec.json.encode(json), JSON)
        ask = Ask(method, params or {}, content.body, content.kind, is_write=True)
        return self._ask(endpoint, ask, decode, may_send)

    def _ask(
        self, endpoint: Endpoint, ask: Ask, decode: Callable[[bytes], T], may_send: Callable[[], None] = free
    ) -> Reply[T]:
        tries = Tries(self._policy, self._outside)
        while True:
            self._take(endpoint)
            try:
                return self._once(endpoint, ask, decode, may_send)
            except Trouble as trouble:
                if ask.is_write and trouble.maybe_done:
                    raise InDoubt(
                        what=f"{endpoint.label}: {self._base.host} {trouble.problem}.",
                        next="Whether the write happened is unknown; it is read back before anything else.",
                    ) from None
                pause = tries.pause_after(trouble)
                if pause is None:
                    raise self._given_up(endpoint, trouble) from None
                log.info("%s: the shop %s; asking again in %.1f s", endpoint.label, trouble.problem, pause)
                if trouble.patience and endpoint.pace is not None:
                    pause = max(0.0, pause - self._buckets.empty(endpoint.label, endpoint.pace))
                elif trouble.patience:
                    self._budget.pause(pause)
                self._outside.clock.sleep(pause)

    def rate(self, endpoint: Endpoint) -> float:
        """Return how many requests a second an operation may do, as far as is known; for one that has a pace."""
        return self._buckets.rate(endpoint.label, endpoint.pace) if endpoint.pace else float("inf")

    def _take(self, endpoint: Endpoint) -> None:
        """Return when one request may go out."""
        if endpoint.pace is not None:
            self._buckets.take(endpoint.label, endpoint.pace)
        self._budget.take(endpoint.priority)

    def _once(
        self, endpoint: Endpoint, ask: Ask, decode: Callable[[bytes], T], may_send: Callable[[], None]
    ) -> Reply[T]:
        answer = self._answer(endpoint, ask, may_send)
        if answer.status in self._renewable and self._auth.renew():
            self._take(endpoint)
            answer = self._answer(endpoint, ask, may_send)
        self._refuse(endpoint, answer, is_write=ask.is_write, believes_pages=ask.is_write or ask.is_a_look)
        value = decoded(answer, decode, is_write=ask.is_write)
        return Reply(endpoint.label, answer.status, value, answer.headers)

    def _answer(self, endpoint: Endpoint, ask: Ask, may_send: Callable[[], None]) -> Answer:
        request = self._request(endpoint, ask)
        self._outside.faults.at(endpoint.label, "before")
        may_send()
        answer = exchange(self._transport, request, self._outside.clock, self._policy)
        self._outside.faults.at(endpoint.label, "after_effect")
        if endpoint.pace is not None:
            self._buckets.learn(endpoint.label, endpoint.pace, answer.headers)
        quota = self._rates.quota(answer.headers)
        if quota is not None:
            self._budget.observe(quota)
        return answer

    def _refuse(self, endpoint: Endpoint, answer: Answer, *, is_write: bool, believes_pages: bool) -> None:
        """Raise for every status that says nothing about the request itself."""
        status = answer.status
        wait_s = self._rates.wait_s(answer.headers, is_used_up=status == 429)
        if status == 429:
            raise Trouble(problem="asked for patience (429)", maybe_done=False, wait_s=wait_s, patience=True)
        if status in {401, 403}:
            raise FixChannel(
                what=f"{endpoint.label}: {self._base.host} refused the token ({status}).",
                next=f"Give this channel a valid token with the scope {endpoint.scope}.",
            )
        if status in PASSING or (is_write and status >= 500 and status != 507):
            is_closed = status == 503  # maintenance: the whole store is down, not this call
            if is_closed:
                self._budget.pause(max(wait_s or 0, 1))
            raise Trouble(problem=f"failed ({status})", wait_s=wait_s if is_closed else None)
        if status in GONE and not believes_pages and answer.body.lstrip()[:1] == b"<":
            raise Trouble(problem=f"answered with a page for people ({status})", becomes=BadAnswer)
        if 300 <= status < 400:
            what = f"{endpoint.label}: {self._base.host} sent us elsewhere ({status}), where a token must not go."
            raise BadAnswer(what, next="Set base_url to the API's own address.")

    def _request(self, endpoint: Endpoint, ask: Ask) -> httpx.Request:
        if not PATH.fullmatch(endpoint.path):
            message = f"{endpoint.label}: not a path on the pinned host"
            raise ValueError(message)
        url = self._base.copy_with(path=self._base.path.rstrip("/") + endpoint.path, params=dict(ask.params) or None)
        headers = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "User-Agent": "fillrate",
        }
        if ask.content:
            headers["Content-Type"] = ask.content_type
        policy = self._policy
        timeout = httpx.Timeout(policy.read_s, connect=policy.connect_s).as_dict()
        request = httpx.Request(ask.method, url, headers=headers, content=ask.content, extensions={"timeout": timeout})
        self._auth.sign(request)
        return request

    def _given_up(self, endpoint: Endpoint, trouble: Trouble) -> FillrateError:
        what = f"{endpoint.label}: {self._base.host} {trouble.problem}, again and again."
        if trouble.patience:
            after = max(trouble.wait_s or 0, 60)
            return RetryLater(what, after=after, next="The next run goes on from here.")
        return trouble.becomes(what, next=TRIED_AGAIN)


def base(url: str) -> httpx.URL:
    """Return a channel's address, checked; FixSettings unless it is https, or http to this machine."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        parsed = httpx.URL("")
    is_plain_home = parsed.scheme == "http" and is_loopback(parsed.host)
    if not parsed.host or parsed.userinfo or parsed.query or not (parsed.scheme == "https" or is_plain_home):
        raise FixSettings(
            what="A channel's base_url must be a plain https address (http only to this machine).",
            next="Mend base_url in fillrate.toml; secrets go into the environment, never into an address.",
        )
    return parsed


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def decoded(answer: Answer, decode: Callable[[bytes], T], *, is_write: bool) -> T | None:
    """Return the decoded body; a refusal's body may be anything, a good answer's may not."""
    is_good = answer.status < 300
    if answer.status == 204 or not (is_good or is_write):
        return None
    try:
        return decode(answer.body)
    except (Malformed, msgspec.ValidationError):
        if is_good:
            raise Trouble(problem="answered with something that is no answer", becomes=BadAnswer) from None
        return None
