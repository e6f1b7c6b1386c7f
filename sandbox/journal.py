"""What callers asked of the shop: every request counted by method and template, every write kept with its answer."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from sandbox.api.routes import template_of
from sandbox.exchange import Request, Response

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Journal:
    """Counts and writes since the last reset."""

    def __init__(self, template: Callable[[str], str] = lambda path: template_of(path)[0]) -> None:
        self._template = template
        self.counts: Counter[str] = Counter()
        self.writes: list[dict[str, Any]] = []

    def note(self, request: Request, path: str, response: Response, at: int, *, writes: bool | None = None) -> None:
        """Note one request to the store; `path` is relative to it, `writes` says what the method does not."""
        self.counts[f"{request.method} {self._template(path)}"] += 1
        if request.method in WRITES if writes is None else writes:
            body = request.body.decode("utf-8", "replace")
            self.writes.append(
                {"method": request.method, "path": path, "body": body, "status": response.status, "at": at}
            )

    def as_dict(self, *, bodies: bool) -> dict[str, Any]:
        """The counts, with the writes if asked."""
        counts: dict[str, Any] = dict(sorted(self.counts.items()))
        return {**counts, "writes": self.writes} if bodies else counts

    def reset(self) -> None:
        """Forget all."""
        self.counts.clear()
        self.writes.clear()
