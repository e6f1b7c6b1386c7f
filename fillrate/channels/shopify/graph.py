"""The door to one shop's GraphQL API: what it says in its errors, and how fast it may be asked.

Every answer tells what its question cost and what is left of the points. A question waits until there are enough for what it
cost the last time; one that comes too early all the same is answered with THROTTLED, and asked again after the wait
that follows from the same figures.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

import msgspec

from fillrate.channels.shopify.documents import GRAPHQL, Document
from fillrate.errors import BadAnswer, FixChannel, StopChannel
from fillrate.gateway.http import Endpoint, Http, Reply
from fillrate.gateway.outside import Clock
from fillrate.gateway.trouble import Trouble

V = TypeVar("V")
LONGEST_WAIT_S = 60.0
TOO_LARGE = 413
LOOK = "Nothing was read or written; look at the shop's own admin."
THROTTLED, DENIED, TOO_COSTLY = "THROTTLED", "ACCESS_DENIED", "MAX_COST_EXCEEDED"
PASSING = frozenset({"INTERNAL_SERVER_ERROR", "TIMEOUT"})


class ErrorExtensions(msgspec.Struct):
    """What a program can understand of an error."""

    code: str | None = None


class ErrorRow(msgspec.Struct):
    """One error, as sent; with a path it happened while the question was carried out."""

    path: list[str | int] | None = None
    extensions: ErrorExtensions | None = None

    @property
    def code(self) -> str:
        """Its code, "" for none."""
        return (self.extensions.code or "") if self.extensions else ""


class Throttle(msgspec.Struct, rename="camel"):
    """The bucket of points, after this answer."""

    maximum_available: float
    currently_available: float
    restore_rate: float


class Cost(msgspec.Struct, rename="camel"):
    """What a question cost."""

    requested_query_cost: float | None = None
    throttle_status: Throttle | None = None


class Extensions(msgspec.Struct):
    """What the shop says beside the data."""

    cost: Cost | None = None


class Beside(msgspec.Struct):
    """What every answer has, whatever its data."""

    errors: list[ErrorRow] | str | None = None
    extensions: Extensions | None = None


class TooCostly(BadAnswer):
    """The question may cost more points than any may."""


class Denied(FixChannel):
    """The shop keeps something from the token."""


class Refused(StopChannel):
    """A write was not carried out at all: the shop did not take the question."""


class Graph:
    """A shop's GraphQL API of one version.

    `home` is the shop's own address, `opening` opens a door to another host, for which there is no token.
    """

    def __init__(self, http: Http, version: str, clock: Clock, home: str, opening: Callable[[str], Http]) -> None:
        self.http = http
        self.clock = clock
        self.home = home
        self.opening = opening
        self.sees_customers = True  # until the shop keeps their data from us
        self._path = GRAPHQL.format(version=version)
        self._points: Throttle | None = None
        self._seen_at = 0.0
        self._costs: dict[str, float] = {}

    def close(self) -> None:
        """Close the connections."""
        self.http.close()

    def ask(
        self, document: Document, variables: Mapping[str, Any], decoded: Callable[[bytes], tuple[Beside, V]]
    ) -> V:  # Any: JSON
        """Return what an answer holds; TooCostly, BadAnswer, FixChannel, RetryLater or StopChannel."""
        return self.reply(document, variables, decoded).needed()

    def reply(
        self, document: Document, variables: Mapping[str, Any], decoded: Callable[[bytes], tuple[Beside, V]]
    ) -> Reply[V]:  # Any: JSON
        """Return an answer with its headers."""
        self._wait_for(document)
        body = {"query": document.text, "variables": variables}
        return self.http.ask(self._at(document), body, lambda told: self._checked(document, decoded(told)))

    def send(
        self,
        document: Document,
        variables: Mapping[str, Any],  # Any: JSON
        decoded: Callable[[bytes], tuple[Beside, V]],
        may_send: Callable[[], None],
    ) -> V:
        """Carry out a mutation. Refused where it was not taken, InDoubt where nobody knows, StopChannel where the shop takes
        none; else as `Http.send`.
        """
        self._wait_for(document)
        body = {"query": document.text, "variables": variables}

        def checked(told: bytes) -> V:
            return self._checked(document, decoded(told), is_write=True)

        reply = self.http.send(self._at(document), "POST", body, checked, may_send)
        if reply.status == TOO_LARGE:
            raise Refused(f"{document.label}: the shop refused it ({reply.status}).")
        if reply.status >= 300 or reply.value is None:
            raise StopChannel(f"{document.label}: the shop takes no questions now ({reply.status}).", next=LOOK)
        return reply.value

    def _at(self, document: Document) -> Endpoint:
        return Endpoint(document.label, self._path, document.priority, document.scope)

    def _wait_for(self, document: Document) -> None:
        """Wait until there are points enough for what this cost the last time."""
        points, cost = self._points, self._costs.get(document.label, 0.0)
        if points is None or points.restore_rate <= 0:
            return
        left = points.currently_available + points.restore_rate * (self.clock.steady() - self._seen_at)
        short = min(cost, points.maximum_available) - left
        if short > 0:
            self.clock.sleep(min(short / points.restore_rate, LONGEST_WAIT_S))

    def _checked(self, document: Document, told: tuple[Beside, V], *, is_write: bool = False) -> V:
        """Return what an answer holds, or raise what its errors mean."""
        beside, value = told
        wait_s = self._note(document, beside)
        if not beside.errors:
            return value
        if isinstance(beside.errors, str):  # the shop as a whole, not this question: locked, frozen, unpaid
            raise StopChannel(f"{document.label}: the shop takes no questions now.", next=LOOK)
        errors = beside.errors
        codes = {one.code for one in errors}
        if THROTTLED in codes:
            raise Trouble(f"asked for patience ({THROTTLED})", maybe_done=False, patience=True, wait_s=wait_s)
        if DENIED in codes:
            raise Denied(
                f"{document.label}: the shop keeps this from the token ({DENIED}).",
                next=f"Give the app the scope {document.scope}, and access to what it asks of customers.",
            )
        if TOO_COSTLY in codes:
            raise TooCostly(f"{document.label}: the question may cost more than the shop allows.")
        if codes & PASSING or any(one.path for one in errors):
            raise Trouble(f"failed ({words(codes)})", becomes=BadAnswer)
        kind = Refused if is_write else BadAnswer
        raise kind(f"{document.label}: the shop did not take the question ({words(codes)}).", next="")

    def _note(self, document: Document, beside: Beside) -> float | None:
        """Remember what a question cost and what is left; returns the seconds until it could be asked once more."""
        cost = beside.extensions.cost if beside.extensions else None
        if cost is None:
            return None
        if cost.requested_query_cost is not None:
            self._costs[document.label] = cost.requested_query_cost
        if cost.throttle_status is None:
            return None
        self._points, self._seen_at = cost.throttle_status, self.clock.steady()
        short = (cost.requested_query_cost or 0) - self._points.currently_available
        rate = self._points.restore_rate
        return min(max(short, 0) / rate, LONGEST_WAIT_S) if rate > 0 else None


def words(codes: Collection[str]) -> str:
    """Return codes as words; only what is one."""
    good = sorted(one for one in codes if one.isascii() and one.replace("_", "").isalnum())
    return ", ".join(good) or "without a code"
