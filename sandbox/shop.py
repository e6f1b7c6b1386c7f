"""The shop itself: takes a request, gives a response. HTTP is only a coat around it (see `sandbox.server`)."""

import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import replace

from sandbox.adjustments import settle
from sandbox.api.call import Call
from sandbox.api.routes import ROUTES, template_of
from sandbox.config import ShopConfig
from sandbox.errors import Refusal, not_found, refuse
from sandbox.exchange import Request, Response, from_the_start, read_query
from sandbox.faults import FaultPlan, play
from sandbox.generate import build
from sandbox.hooks.courier import Courier
from sandbox.hooks.events import announce
from sandbox.journal import Journal
from sandbox.practice import practice
from sandbox.quota import Quota
from sandbox.supplier import feed

PRACTICE, SUPPLIER = "/_practice", "/supplier/"


class Shop:
    """One practice store with its clock, faults, quota and journal. Safe to ask from several threads."""

    def __init__(self, config: ShopConfig | None = None) -> None:
        self.config = config or ShopConfig()
        self.state = build(self.config)
        self.faults = FaultPlan(self.config.seed)
        self.journal = Journal()
        self.lock = threading.RLock()
        self.token = self.config.token
        self.courier = Courier(self)
        self._quota = Quota(self.config)
        self.prefix = f"/stores/{self.config.store_hash}"
        self._other: Shop | None = None

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        with self.lock:
            self.courier.wake()
            if request.path == PRACTICE or request.path.startswith(PRACTICE + "/"):
                return self._answered("/v3", lambda: practice(self, request))
            if request.path.startswith(SUPPLIER):
                return self._answered("/v3", lambda: feed(self.state, request))
            path = request.path.removeprefix(self.prefix)
            if path == request.path or not path.startswith(("/v2/", "/v3/")):
                return self._outside(request)
            response = self._answered(path, lambda: self._serve(request, path))
            self.journal.note(request, path, response, self.state.clock.now())
            return response

    @staticmethod
    def _answered(path: str, serve: Callable[[], Response]) -> Response:
        """The answer; a defect of the shop itself is a 500 for the caller and a traceback for its author."""
        try:
            return serve()
        except Exception:  # noqa: BLE001 - one who is only hung up on cannot tell a defect from a fault that was set
            traceback.print_exc(file=sys.stderr)
            return refuse(path, Refusal(500, "Internal Server Error"))

    def _outside(self, request: Request) -> Response:
        """A path of no API of this store."""
        if request.path.startswith("/stores/") and not request.path.startswith(self.prefix + "/"):
            return refuse("/v3", Refusal(403, "You don't have a required scope to access the endpoint"))
        return refuse("/v3", not_found("The requested resource was not found."))

    def _serve(self, request: Request, path: str) -> Response:
        fault = self.faults.strike(f"{request.method} {path}", request.query)
        allowed, headers = self._quota.take(self.state.clock.now())
        if fault is not None:
            response = play(
                fault,
                path,
                lambda shift: self._ask(request, path, shift),
                lambda: self._ask(replace(request, query=from_the_start(request.query)), path, 0),
                lambda: self._ask_other(request),
                self.faults.chance,
            )
            kept = {} if fault.kind == "429" else headers
        elif allowed:
            response, kept = self._ask(request, path, 0), headers
        else:
            response, kept = self._over_quota(path, headers), headers
        response.headers = {**kept, **response.headers}
        return response

    def _over_quota(self, path: str, headers: dict[str, str]) -> Response:
        response = refuse(path, Refusal(429, "Too many requests"))
        seconds = str(-(-int(headers["X-Rate-Limit-Time-Reset-Ms"]) // 1000))
        way = self.state.switches.retry_after
        if way != "none":
            response.headers["X-Retry-After"] = seconds
        if way == "both":
            response.headers["Retry-After"] = seconds
        return response

    def _ask(self, request: Request, path: str, shift: int) -> Response:
        """The true answer."""
        try:
            return self._dispatch(request, path, shift)
        except Refusal as refusal:
            return refuse(path, refusal)
        finally:
            settle(self.state)
            announce(self.state)
            for table in self.state.tables():
                table.after_request()

    def _dispatch(self, request: Request, path: str, shift: int) -> Response:
        if request.header("X-Auth-Token") != self.config.token:
            raise Refusal(401, "Unauthorized")
        template, ids = template_of(path)
        methods = ROUTES.get(template)
        if methods is None:
            raise not_found()
        handler = methods.get(request.method)
        if handler is None:
            raise Refusal(405, f"The method {request.method} is not allowed here; use {', '.join(methods)}")
        params = read_query(request.query)
        if path.startswith("/v3") and any(not name for name, _ in params):
            raise Refusal(422, "The filter(s):  are not valid filter parameter(s).")
        call = Call(self.state, request.method, path, dict(params), request.body, shift)
        return handler(call, *ids)

    def _ask_other(self, request: Request) -> Response:
        """The answer that another store would give."""
        if self._other is None:
            config = replace(
                self.config, seed=self.config.seed + 1, products=20, customers=10, orders=40, orders_csv=None
            )
            self._other = Shop(replace(config, quota="unlimited", store_hash="elsewhere", token=self.config.token))
        path = request.path.replace(self.prefix, "/stores/elsewhere", 1)
        response = self._other.handle(replace(request, path=path))
        response.headers = {}
        return response
