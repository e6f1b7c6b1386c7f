"""The Orders API of 2026-01-01: a search by time whose answer says until when it looked, and one order."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from sandbox.amazon.call import Call
from sandbox.amazon.errors import invalid, not_found
from sandbox.amazon.order_rows import AMAZON, MERCHANT, SETS, STATUSES, fulfilled_by, key_of, show_order, status_of
from sandbox.clock import DAY
from sandbox.exchange import Response, answer
from sandbox.market.records import Order
from sandbox.times import iso_zulu

TWO_MINUTES = 120
TWO_YEARS = 730 * DAY
FREE = frozenset({"paginationToken", "maxResultsPerPage", "includedData"})
"""What may differ from one page to the next."""


def _window(call: Call) -> tuple[str, int, int]:
    """Which moment is searched, from when on and until when; both belong to it.

    Without an end it is two minutes ago. Raises AmazonRefusal.
    """
    told = {name: call.moment(name) for name in ("createdAfter", "lastUpdatedAfter")}
    given = [name for name, moment in told.items() if moment is not None]
    if len(given) != 1:
        raise invalid("Exactly one of 'createdAfter' and 'lastUpdatedAfter' is required.")
    start_name = given[0]
    end_name = start_name.replace("After", "Before")
    other = "createdBefore" if end_name == "lastUpdatedBefore" else "lastUpdatedBefore"
    if other in call.params:
        raise invalid(f"'{other}' cannot be combined with '{start_name}'.")
    start, end, latest = told[start_name] or 0, call.moment(end_name), call.now - TWO_MINUTES
    if end is not None and (end < start or end > latest):
        raise invalid(f"'{end_name}' must not lie before '{start_name}', and at least two minutes in the past.")
    if end is None and start > latest and call.switch("after_too_late") == "400":
        raise invalid(f"'{start_name}' must lie at least two minutes in the past.")
    return ("placed" if start_name == "createdAfter" else "modified"), start, latest if end is None else end


def _fingerprint(params: Mapping[str, str]) -> str:
    return json.dumps(sorted((name, value) for name, value in params.items() if name not in FREE))


def _write_token(call: Call, moment: str, end: int, last: Order) -> str:
    told = {
        "of": _fingerprint(call.params),
        "end": end,
        "after": [getattr(last, moment), last.id],
        "made": call.now,
    }
    return base64.urlsafe_b64encode(json.dumps(told).encode()).decode()


def _read_token(call: Call) -> dict[str, Any] | None:
    """What a token says. It is good for a day, and only beside the parameters that it was given for."""
    text = call.params.get("paginationToken")
    if text is None:
        return None
    try:
        told: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text))
        fits = told["of"] == _fingerprint(call.params) and told["made"] > call.now - DAY
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise invalid("'paginationToken' is not valid.") from error
    if not fits:
        raise invalid("'paginationToken' has expired, or belongs to other parameters.")
    return told


def search(call: Call) -> Response:
    """`searchOrders`, oldest first; `lastUpdatedBefore` (or `createdBefore`) says until when it looked."""
    wanted = call.csv("includedData", choices=SETS) or []
    size = call.number("maxResultsPerPage", 100, 100)
    statuses = call.csv("fulfillmentStatuses", choices=STATUSES)
    by = call.csv("fulfilledBy", choices=(MERCHANT, AMAZON))
    stores = call.marketplaces(required=False)
    moment, start, end = _window(call)
    told = _read_token(call)
    if told is not None:
        end = int(told["end"])
    found = [
        order
        for order in call.state.orders.values()
        if start <= getattr(order, moment) <= end
        and order.placed >= call.now - TWO_YEARS
        and (stores is None or call.store.id in stores)
        and (statuses is None or status_of(order) in statuses)
        and (by is None or fulfilled_by(order) in by)
        and (told is None or [getattr(order, moment), order.id] > told["after"])
    ]
    found.sort(key=lambda order: (getattr(order, moment), order.id))
    page = found[:size]
    body: dict[str, Any] = {"orders": [show_order(call.shop, order, wanted) for order in page]}
    if len(found) > size:
        body["pagination"] = {"nextToken": _write_token(call, moment, end, page[-1])}
    body["createdBefore" if moment == "placed" else "lastUpdatedBefore"] = iso_zulu(end)
    return answer(body)


def find(call: Call, order_id: str) -> Order | None:
    """The order of an id, if it is not older than two years."""
    tail = order_id.rpartition("-")[2]
    found = call.state.orders.get(int(tail)) if tail.isascii() and tail.isdigit() else None
    if found is None or key_of(found) != order_id or found.placed < call.now - TWO_YEARS:
        return None
    return found


def get_order(call: Call, order_id: str) -> Response:
    """`getOrder`."""
    wanted = call.csv("includedData", choices=SETS) or []
    order = find(call, order_id)
    if order is None:
        raise not_found(f"The order {order_id} does not exist.")
    return answer({"order": show_order(call.shop, order, wanted)})
