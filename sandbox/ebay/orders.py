"""Orders of the Fulfillment API: a filtered list whose cancel requests are always empty, and one order with them."""

from typing import Any

from sandbox.clock import DAY
from sandbox.ebay.call import Call
from sandbox.ebay.errors import EbayRefusal
from sandbox.ebay.filters import check_encoded, read_filter
from sandbox.ebay.order_rows import in_milliseconds, key_of, progress, show_order
from sandbox.exchange import Response, answer
from sandbox.market.records import Order

MOST_IDS = 50


def find_order(call: Call, order_id: str) -> Order | None:
    """The order of an id, if it is not older than two years."""
    number = order_id.rpartition("-")[2]
    found = next((one for one in call.state.orders.values() if one.id % 100_000 == _number(number)), None)
    if found is None or key_of(found) != order_id:
        return None
    return found if found.placed >= call.state.clock.now() - 731 * DAY else None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else -1


def _check_groups(call: Call) -> None:
    groups = call.params.get("fieldGroups")
    if groups not in {None, "TAX_BREAKDOWN"}:
        raise EbayRefusal(32800, str(groups))


def list_orders(call: Call) -> Response:
    """`getOrders`. `orderIds` put every other parameter aside; without a filter it is what was created in 90 days."""
    check_encoded(call.request.query)
    if "orderIds" in call.params:
        return _by_ids(call, call.params["orderIds"])
    _check_groups(call)
    limit, offset = _page(call)
    now = call.state.clock.now() * 1000 + 999
    wanted = read_filter(call.params.get("filter"), now)
    moment = "placed" if wanted.by == "creationdate" else "modified"
    found = []
    for order in call.state.orders.values():
        at = in_milliseconds(order, getattr(order, moment))
        inside = wanted.start <= at and (wanted.end is None or at <= wanted.end)
        if inside and (wanted.statuses is None or progress(order) in wanted.statuses):
            found.append(order)
    newest = call.switch("orders_sorted") == "newest_first"
    found.sort(key=lambda order: (order.placed, order.id), reverse=newest)
    page = found[offset : offset + limit]
    body: dict[str, Any] = {
        "href": call.link(limit=limit, offset=offset),
        "total": len(found),
        "limit": limit,
        "offset": offset,
        "orders": [show_order(call, order, whole=False) for order in page],
    }
    if offset + limit < len(found):
        body["next"] = call.link(limit=limit, offset=offset + limit)
    if offset:
        body["prev"] = call.link(limit=limit, offset=max(0, offset - limit))
    return answer(body)


def _page(call: Call) -> tuple[int, int]:
    limit, offset = call.params.get("limit", "50"), call.params.get("offset", "0")
    if not 1 <= _number(limit) <= 200:
        raise EbayRefusal(31100, limit)
    if _number(offset) < 0:
        raise EbayRefusal(31000, offset)
    return int(limit), int(offset)


def _by_ids(call: Call, text: str) -> Response:
    ids = [part for part in text.split(",") if part]
    if len(ids) > MOST_IDS:
        raise EbayRefusal(30900)
    found = [order for order in (find_order(call, one) for one in ids) if order is not None]
    orders = [show_order(call, order, whole=False) for order in found]
    return answer({"href": call.link(), "total": len(orders), "limit": MOST_IDS, "offset": 0, "orders": orders})


def get_order(call: Call, order_id: str) -> Response:
    """`getOrder`."""
    _check_groups(call)
    order = find_order(call, order_id)
    if order is None:
        raise EbayRefusal(32100, order_id, 404)
    return answer(show_order(call, order, whole=True))
