"""The `/_practice` endpoints: the truth, what was asked, and the levers (faults, actions, the clock)."""

import operator
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sandbox.actions import run_actions
from sandbox.adjustments import settle_all
from sandbox.clock import Clock
from sandbox.exchange import NotJson, Request, Response, answer, decode, no_content, read_query
from sandbox.faults.plan import UnknownFault
from sandbox.hooks.events import announce
from sandbox.hooks.records import Manners
from sandbox.truth import PARTS, show_clock, tell

if TYPE_CHECKING:
    from sandbox.shop import Shop

EARLIEST, LATEST = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (2000, 2100))


def wrong(reason: str, status: int = 400) -> Response:
    """The answer to a lever that was pulled wrongly."""
    return answer({"error": reason}, status)


def _get_state(shop: "Shop", request: Request) -> Response:
    only = dict(read_query(request.query)).get("only")
    parts = only.split(",") if only else None
    if parts and not set(parts) <= set(PARTS):
        return wrong(f"only takes some of {', '.join(PARTS)}")
    return answer(tell(shop.state, parts))


def _get_requests(shop: "Shop", request: Request) -> Response:
    bodies = dict(read_query(request.query)).get("bodies") == "1"
    return answer(shop.journal.as_dict(bodies=bodies))


def _delete_requests(shop: "Shop", _: Request) -> Response:
    shop.journal.reset()
    return no_content()


def _get_faults(shop: "Shop", _: Request) -> Response:
    return answer(shop.faults.as_list())


def _post_faults(shop: "Shop", request: Request) -> Response:
    try:
        shop.faults.set(decode(request.body))
    except UnknownFault as error:
        return wrong(str(error))
    return answer(shop.faults.as_list())


def _delete_faults(shop: "Shop", _: Request) -> Response:
    shop.faults.set([])
    return no_content()


def _post_shop(shop: "Shop", request: Request) -> Response:
    return answer(run_actions(shop.state, decode(request.body)))


def _get_clock(shop: "Shop", _: Request) -> Response:
    return answer(show_clock(shop.state.clock))


def _post_clock(shop: "Shop", request: Request) -> Response:
    response = move_clock(shop.state.clock, request)
    if response.status == 200:
        settle_all(shop.state)
        announce(shop.state)
    return response


def move_clock(clock: Clock, request: Request) -> Response:
    """Move a clock as a request asks; a 400 for what is no moment of this century."""
    wanted: Any = decode(request.body)
    try:
        moment = _wanted_moment(wanted, clock.now())
    except (KeyError, TypeError, ValueError, OverflowError):
        return wrong('the clock takes {"advance_seconds": n} or {"set": "2026-03-01T00:00:00Z"}')
    if not EARLIEST <= moment < LATEST:
        return wrong("the clock goes from the year 2000 to 2100")
    clock.set(moment)
    return answer(show_clock(clock))


def _wanted_moment(wanted: Any, now: int) -> int:
    """The second that a clock request asks for."""
    if "advance_seconds" in wanted:
        return now + int(operator.index(wanted["advance_seconds"]))
    moment = datetime.fromisoformat(wanted["set"])
    return int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp())


def _get_hooks(shop: "Shop", _: Request) -> Response:
    return answer(shop.state.hooks.as_dict())


def _post_hooks(shop: "Shop", request: Request) -> Response:
    try:
        shop.state.hooks.manners = Manners.of(decode(request.body))
    except ValueError as error:
        return wrong(str(error))
    return _get_hooks(shop, request)


LEVERS: dict[str, dict[str, Callable[["Shop", Request], Response]]] = {
    "/_practice/state": {"GET": _get_state},
    "/_practice/requests": {"GET": _get_requests, "DELETE": _delete_requests},
    "/_practice/faults": {"GET": _get_faults, "POST": _post_faults, "DELETE": _delete_faults},
    "/_practice/shop": {"POST": _post_shop},
    "/_practice/hooks": {"GET": _get_hooks, "POST": _post_hooks},
    "/_practice/clock": {"GET": _get_clock, "POST": _post_clock},
}


def practice(shop: "Shop", request: Request) -> Response:
    """Answer a request to a practice endpoint."""
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
