"""One request to the API as handlers see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.exchange import NotJson, Request, decode, read_query
from sandbox.market.state import MarketState
from sandbox.market.trouble import Trouble
from sandbox.woocommerce.errors import Refusal

if TYPE_CHECKING:
    from sandbox.woocommerce.shop import WooCommerce


@dataclass(frozen=True, slots=True)
class Call:
    """A request with its parameters; `url` is the address of the list or record that it is about."""

    shop: "WooCommerce"
    method: str
    url: str
    params: Mapping[str, str]
    body: Mapping[str, Any]
    trouble: Trouble

    @property
    def state(self) -> MarketState:
        """The state of the shop now."""
        return self.shop.state


def read_params(query: str) -> dict[str, str]:
    """Parameters of a query as PHP reads them: the last of a name wins, `name[]` makes a list."""
    found: dict[str, str] = {}
    for name, value in read_query(query):
        plain, bracket, _ = name.partition("[")
        found[plain] = f"{found[plain]},{value}" if bracket and plain in found else value
    return found


def read_body(request: Request) -> Mapping[str, Any]:
    """The parameters in a body; WordPress looks only into one that says that it is JSON. Raises Refusal."""
    kind = (request.header("Content-Type") or "").partition(";")[0].strip().lower()
    if not request.body or kind != "application/json":
        return {}
    try:
        found = decode(request.body)
    except NotJson as error:
        raise Refusal(400, "rest_invalid_json", "Invalid JSON body passed.") from error
    return found if isinstance(found, dict) else {}
