"""The daily quota of each API of the application, and the call that tells it."""

from collections import Counter
from typing import TYPE_CHECKING, Any

from sandbox.clock import DAY
from sandbox.ebay.call import Call
from sandbox.ebay.order_rows import show_moment
from sandbox.exchange import Response, answer, no_content

if TYPE_CHECKING:
    from sandbox.ebay.shop import Ebay

APIS = {"/sell/inventory/": "Inventory", "/sell/fulfillment/": "Fulfillment"}


class DailyQuota:
    """Counts calls of each API by the day of the shop's clock (UTC)."""

    def __init__(self, limit: int) -> None:
        self.limits = dict.fromkeys(APIS.values(), limit)
        self._day = -1
        self._used: Counter[str] = Counter()

    def _turn(self, now: int) -> None:
        if now // DAY != self._day:
            self._day = now // DAY
            self._used.clear()

    def take(self, api: str, now: int) -> bool:
        """Spend a call of an API; false when there is none left today."""
        if self.left(api, now) <= 0:
            return False
        self._used[api] += 1
        return True

    def left(self, api: str, now: int) -> int:
        """How many calls of an API are left today."""
        self._turn(now)
        return max(0, self.limits[api] - self._used[api])


def resets(now: int) -> int:
    """The second at which the day is over."""
    return (now // DAY + 1) * DAY


def api_of(path: str) -> str | None:
    """The API that a path belongs to, if it has a quota."""
    return next((name for start, name in APIS.items() if path.startswith(start)), None)


def tell(call: Call) -> Response:
    """`getRateLimits`, of the APIs that were asked for; 204 when that is none."""
    now, shop = call.state.clock.now(), call.shop
    wanted = call.params.get("api_context", "sell"), call.params.get("api_name", "").lower()
    names = [name for name in shop.quota.limits if wanted[1] in {"", name.lower()}] if wanted[0] == "sell" else []
    if not names:
        return no_content()
    return answer({"rateLimits": [_rate(shop, name, now, show_moment(resets(now) * 1000)) for name in names]})


def _rate(shop: "Ebay", name: str, now: int, reset: str) -> dict[str, Any]:
    rate = {
        "limit": shop.quota.limits[name],
        "remaining": shop.quota.left(name, now),
        "reset": reset,
        "timeWindow": DAY,
    }
    resource = {"name": f"sell.{name.lower()}", "rates": [rate]}
    return {"apiContext": "sell", "apiName": name, "apiVersion": "v1", "resources": [resource]}
