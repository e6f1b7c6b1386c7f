"""`/v2/orders`: the list with its filters, single orders, the count. An empty list is a 204 without a body."""

from collections.abc import Callable, Sequence
from typing import Any

from sandbox.api.call import Call
from sandbox.api.consignments import consignments_of
from sandbox.api.filters import Query, find, high_bound, low_bound, narrow
from sandbox.api.order_rows import cart_id, show_order, totals
from sandbox.api.paging import bare_page
from sandbox.api.statuses import STATUSES, count_row
from sandbox.errors import Refusal, not_found
from sandbox.exchange import Response, answer
from sandbox.people import person
from sandbox.records import Order
from sandbox.state import State

SORTS: dict[str, Callable[[Order], Any]] = {
    "id": lambda order: order.id,
    "customer_id": lambda order: order.customer_id,
    "date_created": lambda order: order.created,
    "date_modified": lambda order: order.modified,
    "status_id": lambda order: order.status,
    "channel_id": lambda order: order.channel_id,
    "external_id": lambda _: 0,
}
DATES = (("date_created", "created"), ("date_modified", "modified"))
NUMBERS: dict[str, Callable[[Order], int]] = {
    "status_id": lambda order: order.status,
    "channel_id": lambda order: order.channel_id,
    "customer_id": lambda order: order.customer_id,
}
TEXTS: dict[str, Callable[[Order], str]] = {
    "email": lambda order: person(order.person).email,
    "cart_id": cart_id,
    "payment_method": lambda order: order.method,
    "external_order_id": lambda order: order.external_order_id,
}
INCLUDES = frozenset({"consignments", "consignments.line_items", "fees"})


def order_of(call: Call, order_id: int) -> Order:
    """The order that readers see, or the 404."""
    order = call.state.orders.read().get(order_id)
    if order is None:
        raise not_found()
    return order


def _equals(get: Callable[[Order], Any], want: object) -> Callable[[Order], bool]:
    return lambda order: bool(get(order) == want)


def read_order_query(call: Call) -> Query:
    """Understand the filters; v2 ignores what it does not know."""
    query = Query(low=call.number("min_id"), high=call.number("max_id"))
    switches = call.state.switches
    for name, attribute in DATES:
        least, most = call.moment(f"min_{name}"), call.moment(f"max_{name}")
        low = None if least is None else low_bound(least, inclusive=switches.min_date_inclusive)
        high = None if most is None else high_bound(most, inclusive=switches.max_date_inclusive)
        if (low, high) != (None, None):
            narrow(query, attribute, low, high)
    for name, get in NUMBERS.items():
        if name in call.params:
            query.tests.append(_equals(get, call.number(name)))
    for name, get_text in TEXTS.items():
        if name in call.params:
            query.tests.append(_equals(get_text, call.params[name]))
    _by_total(call, query)
    if "is_deleted" in call.params:
        query.tests.append(_equals(lambda order: order.archived, call.flag("is_deleted")))
    elif not switches.archived_orders_listed:
        query.tests.append(lambda order: not order.archived)
    return query


def _by_total(call: Call, query: Query) -> None:
    state = call.state
    for name, sign in (("min_total", 1), ("max_total", -1)):
        if name in call.params:
            try:
                bound = round(float(call.params[name]) * 10_000)
            except (ValueError, OverflowError) as error:
                raise call.bad_parameter(name) from error
            query.tests.append(lambda order, b=bound, s=sign: (totals(state, order)[3] - b) * s >= 0)  # type: ignore[misc]


def _first_ids(call: Call, query: Query, most: int) -> Sequence[int]:
    """The first ids in the order asked for (by id unless `sort` says otherwise); v2 never tells how many there are."""
    view = call.state.orders.read()
    wanted, _, direction = call.params.get("sort", "id:asc").partition(":")
    if wanted not in SORTS or direction not in {"", "asc", "desc"}:
        raise call.bad_parameter("sort")
    reverse = direction == "desc"
    if wanted in {"id", "date_modified"}:
        return find(view, query, by_change=wanted == "date_modified", reverse=reverse, most=most)
    rows = sorted(view.rows(find(view, query)), key=SORTS[wanted], reverse=reverse)
    return [order.id for order in rows]


def included(call: Call) -> frozenset[str]:
    """The `include` of an order request; consignments need the structure parameter for their present shape."""
    include = frozenset(call.csv("include") or ())
    if not include <= INCLUDES:
        raise call.bad_parameter("include")
    if call.params.get("consignment_structure", "object") != "object":
        raise call.bad_parameter("consignment_structure")
    return include


def whole_order(call: Call, order: Order, include: frozenset[str]) -> dict[str, Any]:
    """An order with what was asked to come with it."""
    row = show_order(call.state, order)
    if include & {"consignments", "consignments.line_items"}:
        found = consignments_of(call.state, order, whole="consignments.line_items" in include)
        row["consignments"] = found if "consignment_structure" in call.params else [found]
    if "fees" in include:
        row["fees"] = []
    return row


def list_orders(call: Call) -> Response:
    """A page of orders."""
    include = included(call)
    view = call.state.orders.read()
    page = call.page()
    ids = _first_ids(call, read_order_query(call), page.start(call.shift) + page.limit)
    return bare_page(call, ids, lambda order_id: whole_order(call, view.rows([order_id])[0], include))


def get_order(call: Call, order_id: int) -> Response:
    """One order."""
    return answer(whole_order(call, order_of(call, order_id), included(call)))


def count_orders(call: Call) -> Response:
    """How many orders, by status."""
    view = call.state.orders.read()
    counts = dict.fromkeys(STATUSES, 0)
    for order in view.rows(find(view, read_order_query(call))):
        counts[order.status] += 1
    rows = [count_row(status, count) for status, count in counts.items()]
    return answer({"statuses": rows, "count": sum(counts.values())})


def check_order(state: State, order_id: int) -> Order:
    """The order as it really is, for writers; a v3-shaped 404 when there is none."""
    order = state.orders.get(order_id)
    if order is None:
        raise Refusal(404, "The order was not found.")
    return order
