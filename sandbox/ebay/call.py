"""One call to eBay on its way through the shop."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from sandbox.ebay.errors import EbayRefusal
from sandbox.ebay.stores import money, site_of
from sandbox.exchange import NotJson, Request, decode
from sandbox.market.state import MarketState
from sandbox.market.trouble import Trouble

if TYPE_CHECKING:
    from sandbox.ebay.shop import Ebay


@dataclass(frozen=True, slots=True)
class Call:
    """A request whose path is relative to the shop, with its parameters decoded."""

    shop: "Ebay"
    request: Request
    params: Mapping[str, str]
    trouble: Trouble

    @property
    def state(self) -> MarketState:
        """What the shop holds."""
        return self.shop.state

    def switch(self, name: str) -> Any:
        """How the shop reads something unconfirmed."""
        return self.shop.switches[name]

    @property
    def currency(self) -> str:
        """The money that the account deals in."""
        return self.shop.config.currency

    @property
    def site(self) -> str:
        """The site that it sells on."""
        return site_of(self.currency)

    def money(self, cents: int) -> dict[str, str]:
        """An amount as eBay writes it."""
        return money(cents, self.currency)

    def json(self, number: int) -> dict[str, Any]:
        """The body, an object; refused with the error of a number when it is none."""
        kind = (self.request.header("Content-Type") or "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise EbayRefusal(2004, "Content-Type", 415)
        try:
            body = decode(self.request.body)
        except NotJson as error:
            raise EbayRefusal(number, "request body") from error
        if not isinstance(body, dict):
            raise EbayRefusal(number, "request body")
        return body

    def rows(self, number: int) -> list[dict[str, Any]]:
        """The `requests` of a bulk call, with at least one."""
        found = self.json(number).get("requests")
        if not isinstance(found, list) or not found or not all(isinstance(row, dict) for row in found):
            raise EbayRefusal(number, "requests")
        return found

    def page(self, number: int, default: int, most: int) -> tuple[int, int]:
        """`limit` and `offset`; refused with the error of a number."""
        told = {"limit": self.params.get("limit", str(default)), "offset": self.params.get("offset", "0")}
        for name, text in told.items():
            if not (text.isascii() and text.isdigit() and int(text) >= (name == "limit")):
                raise EbayRefusal(number, f"{name}: {text}")
        limit = int(told["limit"])
        if limit > most:
            raise EbayRefusal(number, f"limit: {limit}")
        return limit, int(told["offset"])

    def place(self, path: str) -> str:
        """A path of the shop as its answers name it: a whole URL, or only its path."""
        found = f"{self.shop.prefix}{path}"
        if self.switch("links") == "relative":
            return found
        return f"http://{self.request.header('Host') or '127.0.0.1'}{found}"

    def link(self, **changed: object) -> str:
        """This call with some parameters changed."""
        return self.place(f"{self.request.path}?{urlencode({**self.params, **changed})}")
