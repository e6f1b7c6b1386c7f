"""Runs lists of actions in order; one that is refused says why, is remembered, and does not stop the rest."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.actions import catalogue, customers, goods, orders, shipping, supply
from sandbox.actions.reading import ActionRefused
from sandbox.hooks.events import announce
from sandbox.state import State

ACTIONS: dict[str, Callable[[State, Mapping[str, Any]], dict[str, Any]]] = {
    "place_order": orders.place_order,
    "edit_line": orders.edit_line,
    "add_line": orders.add_line_to,
    "remove_line": orders.remove_line,
    "set_status": orders.set_status_of,
    "refund": orders.refund,
    "archive_order": orders.archive_order,
    "delete_order": orders.delete_order,
    "ship": shipping.ship_parts,
    "delete_shipment": shipping.delete_shipment,
    "set_stock": goods.set_stock,
    "receive": goods.receive,
    "lose": goods.lose,
    "order_goods": supply.order_goods,
    "slip": supply.slip,
    "cut": supply.cut,
    "cancel_goods": supply.cancel_goods,
    "set_safety_stock": goods.set_safety_stock,
    "set_backorder_limit": goods.set_backorder_limit,
    "set_setting": goods.set_setting,
    "rename_sku": catalogue.rename_sku,
    "rename_product": catalogue.rename_product,
    "set_price": catalogue.set_price,
    "set_visible": catalogue.set_visible,
    "set_tracking": catalogue.set_tracking,
    "create_product": catalogue.create_product,
    "delete_product": catalogue.delete_product,
    "edit_customer": customers.edit_customer,
}


def _run(state: State, entry: object) -> dict[str, Any]:
    if not isinstance(entry, dict):
        return {"action": None, "refused": "an action is an object"}
    name = entry.get("action")
    if name not in ACTIONS:
        return {"action": name, "refused": f"unknown action; there are {', '.join(ACTIONS)}"}
    try:
        return {"action": name, **ACTIONS[str(name)](state, entry)}
    except ActionRefused as refusal:
        return {"action": name, "refused": str(refusal)}


def run_actions(state: State, entries: object) -> list[dict[str, Any]]:
    """Do one action or a list of them; gives for each what it did, with ids, or `refused` with the reason."""
    listed = entries if isinstance(entries, list) else [entries]
    told = []
    for entry in listed:
        outcome = _run(state, entry)
        if "refused" in outcome:
            state.refused.append({"what": entry, "reason": outcome["refused"]})
        told.append(outcome)
        announce(state)
    return told
