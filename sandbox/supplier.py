"""The supplier's own feed, outside the store's API and without a token: what is on its way and what has come."""

import csv
import io
from typing import Any

from sandbox.errors import Refusal, not_found, refuse
from sandbox.exchange import Request, Response, answer
from sandbox.state import State

CSV = "text/csv; charset=utf-8"
COLUMNS = (
    *("reference", "line", "kind", "supplier", "sku", "location", "quantity", "received"),
    *("ordered", "expected", "status", "received_on"),
)


def rows(state: State) -> list[dict[str, Any]]:
    """A row for each line of a purchase order."""
    return [
        {
            "reference": order.reference,
            "line": line.number,
            "kind": "purchase",
            "supplier": order.supplier,
            "sku": line.sku,
            "location": state.locations[line.location_id].code,
            "quantity": line.quantity,
            "received": line.received,
            "ordered": order.ordered,
            "expected": line.expected,
            "status": line.status,
            "received_on": line.received_on or None,
        }
        for order in state.purchase_orders.values()
        for line in order.lines
    ]


def feed(state: State, request: Request) -> Response:
    """Answer a request to the feed."""
    if request.path not in {"/supplier/inbound.json", "/supplier/inbound.csv"}:
        return refuse("/v3", not_found())
    if request.method != "GET":
        return refuse("/v3", Refusal(405, "The feed can only be read"))
    if request.path.endswith(".json"):
        return answer(rows(state))
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows(state))
    return Response(200, text.getvalue().encode(), CSV)
