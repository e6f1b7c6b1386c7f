"""Actions on customers."""

from collections.abc import Mapping
from typing import Any

from sandbox.actions.reading import ActionRefused, whole, words
from sandbox.state import State


def edit_customer(state: State, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Somebody says for which company a customer buys."""
    customer, company = state.customers.get(whole(entry, "customer_id")), words(entry, "company")
    if customer is None:
        raise ActionRefused(f"there is no customer {entry['customer_id']}")
    state.customers.before_change(customer)
    customer.company = company
    state.customers.changed(customer, state.clock.now())
    return {"customer_id": customer.id}
