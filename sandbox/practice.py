"""The practice endpoints: the truth, the count of requests, faults, happenings and the clock. No token is asked for."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from sandbox.errors import Refusal, refuse
from sandbox.exchange import Request, Response, answer, decode, no_content, read_query
from sandbox.happenings import happen
from sandbox.people import person
from sandbox.state import State

if TYPE_CHECKING:
    from sandbox.shop import Shop


def handle(shop: "Shop", request: Request) -> Response:
    """Answer one practice request."""
    name = request.path.removeprefix("/_practice/")
    try:
        if request.method == "GET":
            return answer(look(shop, name, dict(read_query(request.query))))
        if request.method == "DELETE":
            return forget(shop, name)
        return answer(act(shop, name, decode(request.body or b"null")))
    except (msgspec.DecodeError, ValueError, TypeError) as error:
        return refuse("/v3", Refusal(422, str(error)))
    except Refusal as refusal:
        return refuse("/v3", refusal)


def look(shop: "Shop", name: str, params: dict[str, str]) -> Any:
    """What a GET shows."""
    if name == "state":
        return truth(shop.state)
    if name == "requests":
        counts = dict(sorted(shop.counts.items()))
        return counts | {"writes": shop.writes} if params.get("bodies") == "1" else counts
    if name == "faults":
        return shop.faults.show()
    if name == "clock":
        return clock(shop.state)
    raise Refusal(404, f"There is no practice endpoint {name}.")


def act(shop: "Shop", name: str, body: Any) -> Any:
    """What a POST does."""
    if name == "shop":
        wishes = body if isinstance(body, list) else [body]
        done = [happen(shop.state, wish) for wish in wishes]
        return done if isinstance(body, list) else done[0]
    if name == "faults":
        shop.faults.set(body if isinstance(body, list) else [body])
        return shop.faults.show()
    if name == "clock":
        move(shop.state, body)
        return clock(shop.state)
    raise Refusal(404, f"There is no practice endpoint {name}.")


def forget(shop: "Shop", name: str) -> Response:
    """What a DELETE clears."""
    if name == "faults":
        shop.faults.set([])
    elif name == "requests":
        shop.counts.clear()
        shop.writes.clear()
    else:
        raise Refusal(404, f"Nothing to clear at {name}.")
    return no_content()


def move(state: State, body: Any) -> None:
    """Move the clock."""
    if "set" in body:
        state.clock.set(int(datetime.fromisoformat(body["set"]).timestamp()))
    else:
        state.clock.advance(int(body["advance_seconds"]))


def clock(state: State) -> dict[str, Any]:
    """The clock as callers see it."""
    now = state.clock.now()
    return {"now": datetime.fromtimestamp(now, UTC).isoformat(), "epoch": now, "live": state.clock.live}


def truth(state: State) -> dict[str, Any]:
    """Everything that is so, whatever readers are shown."""
    return {
        "clock": clock(state),
        "settings": state.settings,
        "switches": state.switches.as_dict(),
        "stock": stock(state),
        "orders": [order_truth(state, order) for order in state.orders],
        "customers": [
            {"id": row.id, "email": person(row.person).email, "group_id": row.group_id} for row in state.customers
        ],
        "groups": [asdict(row) for row in state.groups.values()],
        "messages": state.messages,
        "refused": state.refused,
    }


def stock(state: State) -> dict[str, dict[str, Any]]:
    """By SKU and location: what lies there, what is shown, and what was sold beyond it; twins of a SKU have `#id` added."""
    found: dict[str, dict[str, Any]] = {}
    for item in state.items:
        variant = state.variants.get(item.variant_id or item.id)
        product = state.products.get(item.product_id)
        sku = (product.sku if item.by_product and product is not None else variant.sku if variant is not None else "") or f"#{item.id}"
        cells = {str(place): {"on_hand": cell.shelf, **asdict(cell)} for place, cell in sorted(item.cells.items())}
        found[sku if sku not in found else f"{sku}#{item.id}"] = cells
    return found


def order_truth(state: State, order: Any) -> dict[str, Any]:
    """One order with its lines and metafields."""
    fields = [row for row in state.metafields if row.order_id == order.id]
    return {
        "id": order.id,
        "status_id": order.status,
        "customer_id": order.customer_id,
        "archived": order.archived,
        "lines": [
            {
                "id": line.id,
                "sku": line.sku,
                "product_id": line.product_id,
                "variant_id": line.variant_id,
                "kind": line.kind,
                "quantity": line.quantity,
                "quantity_shipped": line.shipped,
                "quantity_refunded": line.refunded,
                "deducted": sum(units for _, units in line.deducted),
            }
            for line in order.lines
        ],
        "shipments": order.shipments,
        "metafields": [{"namespace": f.namespace, "key": f.key, "value": f.value, "owner": f.owner} for f in fields],
    }
