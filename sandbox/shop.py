"""One practice shop: asks for the token, spends the quota, plays faults, answers, and keeps count of it all."""

import threading
from collections import Counter
from typing import Any

from sandbox import practice
from sandbox.api.call import Call
from sandbox.api.routes import ROUTES, template_of
from sandbox.config import ShopConfig
from sandbox.errors import Refusal, refuse
from sandbox.exchange import Request, Response, read_query
from sandbox.faultline import ABSURD, Fault, Faults
from sandbox.generate import build
from sandbox.quota import Quota
from sandbox.state import State

class Shop:
    """A shop that can be asked in this process; `sandbox.serve` puts it on a socket."""

    def __init__(self, config: ShopConfig | None = None) -> None:
        self.config = config or ShopConfig()
        self.state: State = build(self.config)
        self.faults = Faults(self.config.seed)
        self.quota = Quota(self.config, self.state.clock)
        self.counts: Counter[str] = Counter()
        self.writes: list[dict[str, Any]] = []
        self._lock = threading.RLock()

    @property
    def base(self) -> str:
        """The path under which the store answers."""
        return f"/stores/{self.config.store_hash}"

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        with self._lock:
            if request.path.startswith("/_practice/"):
                return practice.handle(self, request)
            return self._store(request)

    def _store(self, request: Request) -> Response:
        if not request.path.startswith(f"{self.base}/"):
            return refuse("/v3", Refusal(404, "There is no such store."))
        path = request.path.removeprefix(self.base)
        self.counts[f"{request.method} {template_of(path)[0]}"] += 1
        if request.header("X-Auth-Token") != self.config.token:
            return refuse(path, Refusal(401, "Unauthorized: no valid token."))
        granted, headers = self.quota.take()
        if not granted:
            given = refuse(path, Refusal(429, "Too many requests"))
            given.headers |= {**headers, **self._retry_after(headers)}
            return given
        given = self._faulty(request, path, headers)
        for table in self.state.tables():
            table.after_request()
        return given

    def _retry_after(self, headers: dict[str, str]) -> dict[str, str]:
        seconds = str(int(headers["X-Rate-Limit-Time-Reset-Ms"]) // 1000 + 1)
        names = {"x": ("X-Retry-After",), "none": (), "both": ("X-Retry-After", "Retry-After")}
        return dict.fromkeys(names[self.state.switches.retry_after], seconds)

    def _faulty(self, request: Request, path: str, headers: dict[str, str]) -> Response:
        fault = self.faults.next_for(request.method, path)
        given = None if fault is None else self.faults.instead(fault)
        if given is None:
            given = self._answer(request, path, fault.shift if fault is not None and fault.kind == "shift" else 0)
            if fault is not None:
                given = self.faults.afterwards(fault, given)
        given.headers |= self._rate_headers(fault, headers)
        return given

    def _rate_headers(self, fault: Fault | None, headers: dict[str, str]) -> dict[str, str]:
        if fault is None or fault.kind != "429":
            return headers
        if fault.headers == "without":
            return {}
        if fault.headers == "absurd":
            return {name: self.faults.chance.choice(ABSURD) for name in (*headers, "X-Retry-After")}
        soon = {**headers, "X-Rate-Limit-Requests-Left": "0", "X-Rate-Limit-Time-Reset-Ms": "1000"}
        return {**soon, **self._retry_after(soon)}

    def _answer(self, request: Request, path: str, shift: int) -> Response:
        pairs = read_query(request.query)
        if path.startswith("/v3") and any(not name for name, _ in pairs):
            return refuse(path, Refusal(422, "The filter(s): are not valid filter parameter(s)."))
        call = Call(self.state, request.method, path, dict(pairs), request.body, shift)
        template, ids = template_of(path)
        try:
            methods = ROUTES.get(template)
            if methods is None or request.method not in methods:
                raise Refusal(405 if methods else 404, "Method not allowed." if methods else "The route is not found.")
            given = methods[request.method](call, *ids)
        except Refusal as refusal:
            given = refuse(path, refusal)
        if request.method != "GET":
            text = request.body.decode(errors="replace")
            at = self.state.clock.now()
            self.writes.append({"method": request.method, "path": path, "body": text, "status": given.status, "at": at})
        return given
