"""The `/_practice` endpoints of a shop of the market: as those of the BigCommerce shop, with its own truth."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from sandbox.exchange import NotJson, Request, Response, answer, decode, no_content, read_query
from sandbox.faults.plan import UnknownFault
from sandbox.market.truth import tell
from sandbox.practice import move_clock, wrong
from sandbox.truth import show_clock

if TYPE_CHECKING:
    from sandbox.market.shop import Market


def _get_requests(shop: "Market", request: Request) -> Response:
    bodies = dict(read_query(request.query)).get("bodies") == "1"
    return answer(shop.journal.as_dict(bodies=bodies))


def _delete_requests(shop: "Market", _: Request) -> Response:
    shop.journal.reset()
    return no_content()


def _get_faults(shop: "Market", _: Request) -> Response:
    return answer(shop.faults.as_list())


def _post_faults(shop: "Market", request: Request) -> Response:
    try:
        shop.faults.set(decode(request.body))
    except UnknownFault as error:
        return wrong(str(error))
    return answer(shop.faults.as_list())


def _delete_faults(shop: "Market", _: Request) -> Response:
    shop.faults.set([])
    return no_content()


LEVERS: dict[str, dict[str, Callable[["Market", Request], Response]]] = {
    "/_practice/state": {"GET": lambda shop, _: answer(tell(shop))},
    "/_practice/requests": {"GET": _get_requests, "DELETE": _delete_requests},
    "/_practice/faults": {"GET": _get_faults, "POST": _post_faults, "DELETE": _delete_faults},
    "/_practice/shop": {"POST": lambda shop, request: answer(shop.act(decode(request.body)))},
    "/_practice/clock": {
        "GET": lambda shop, _: answer(show_clock(shop.state.clock)),
        "POST": lambda shop, request: move_clock(shop.state.clock, request),
    },
}


def practice(shop: "Market", request: Request) -> Response:
    """Answer a request to a practice endpoint; its path is relative to the shop."""
    methods = LEVERS.get(request.path)
    if methods is None:
        return wrong(f"there are {', '.join(LEVERS)}", 404)
    handler = methods.get(request.method)
    if handler is None:
        return wrong(f"{request.path} takes {', '.join(methods)}", 405)
    try:
        return handler(shop, request)
    except NotJson as error:
        return wrong(f"the body is not JSON: {error}")
