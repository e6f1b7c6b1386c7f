"""One call to Amazon on its way through the shop."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sandbox.amazon.errors import AmazonRefusal, invalid
from sandbox.amazon.stores import Store
from sandbox.exchange import NotJson, Request, decode
from sandbox.market.state import MarketState
from sandbox.market.trouble import Trouble

if TYPE_CHECKING:
    from sandbox.amazon.shop import Amazon


@dataclass(frozen=True, slots=True)
class Call:
    """A request whose path is relative to the shop, with its parameters decoded."""

    shop: "Amazon"
    request: Request
    params: Mapping[str, str]
    trouble: Trouble

    @property
    def state(self) -> MarketState:
        """What the shop holds."""
        return self.shop.state

    @property
    def now(self) -> int:
        """The shop's present second."""
        return self.shop.state.clock.now()

    @property
    def store(self) -> Store:
        """The store that the seller sells in."""
        return self.shop.store

    def switch(self, name: str) -> Any:
        """How the shop reads something unconfirmed."""
        return self.shop.switches[name]

    def json(self) -> dict[str, Any]:
        """The body, an object."""
        kind = (self.request.header("Content-Type") or "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise AmazonRefusal(415, "UnsupportedMediaType", "The request payload is in an unsupported format.")
        try:
            body = decode(self.request.body)
        except NotJson as error:
            raise invalid("Request body is not valid JSON.") from error
        if not isinstance(body, dict):
            raise invalid("Request body is not an object.")
        return body

    def csv(self, name: str, most: int | None = None, choices: Sequence[str] = ()) -> list[str] | None:
        """A comma-separated list; None when it was not sent."""
        text = self.params.get(name)
        if text is None:
            return None
        found = [part for part in text.split(",") if part]
        if not found or (most is not None and len(found) > most):
            raise invalid(f"'{name}' takes 1 to {most or 'many'} values.")
        if choices and not set(found) <= set(choices):
            raise invalid(f"'{name}' takes some of {', '.join(choices)}.")
        return found

    def marketplaces(self, most: int = 50, *, required: bool = True) -> list[str] | None:
        """`marketplaceIds`; the seller's own must be among them where they are required."""
        found = self.csv("marketplaceIds", most)
        if required and (found is None or self.store.id not in found):
            raise invalid("'marketplaceIds' is required and names a store of the seller.")
        return found

    def number(self, name: str, default: int, most: int) -> int:
        """A whole number from 1 on."""
        text = self.params.get(name, str(default))
        if not (text.isascii() and text.isdigit() and 1 <= int(text) <= most):
            raise invalid(f"'{name}' is a number from 1 to {most}.")
        return int(text)

    def moment(self, name: str) -> int | None:
        """A moment, which must say its offset."""
        text = self.params.get(name)
        if text is None:
            return None
        try:
            found = datetime.fromisoformat(text)
        except ValueError as error:
            raise invalid(f"'{name}' is not an ISO 8601 date and time.") from error
        if found.tzinfo is None or "T" not in text:
            raise invalid(f"'{name}' is not an ISO 8601 date and time.")
        return int(found.timestamp())

    def place(self, path: str) -> str:
        """A path of the shop as a whole URL."""
        return f"http://{self.request.header('Host') or '127.0.0.1'}{self.shop.prefix}{path}"
