"""Order metafields, to read: of one order or of all, with filters, pages and cursors."""

from collections.abc import Sequence
from typing import Any

from sandbox.api.call import Call
from sandbox.api.filters import Field, Listing, find_sorted, read_listing
from sandbox.api.orders import order_of
from sandbox.api.paging import choose_fields, cursor_paged
from sandbox.errors import not_found
from sandbox.exchange import Response, answer
from sandbox.records import OUR_CLIENT, Metafield
from sandbox.times import iso_offset

EITHER = frozenset({"", "in"})
METAFIELDS = Listing(
    fields={
        "key": Field(lambda _, m: m.key, str, EITHER),
        "namespace": Field(lambda _, m: m.namespace, str, EITHER),
        "resource_id": Field(lambda _, m: m.order_id, int, EITHER),
    },
    controls=frozenset({"after", "before"}),
    dates={"date_created": "created", "date_modified": "modified"},
)


def visible(metafield: Metafield) -> bool:
    """Whether our client may see it: its own, and what others do not keep to themselves."""
    return metafield.owner == OUR_CLIENT or metafield.permission_set != "app_only"


def show_metafield(metafield: Metafield) -> dict[str, Any]:
    """One metafield."""
    return {
        "id": metafield.id,
        "permission_set": metafield.permission_set,
        "namespace": metafield.namespace,
        "key": metafield.key,
        "value": metafield.value,
        "description": metafield.description,
        "resource_type": "order",
        "resource_id": metafield.order_id,
        "date_created": iso_offset(metafield.created),
        "date_modified": iso_offset(metafield.modified),
        "owner_client_id": metafield.owner,
    }


def _page(call: Call, order_id: int | None) -> Response:
    query = read_listing(call, METAFIELDS)
    query.tests.append(visible)
    view = call.state.metafields.read()
    if order_id is not None:
        query.tests.append(lambda metafield: metafield.order_id == order_id)
        if not call.state.metafields.late and query.ids is None:
            query.ids = call.state.metafields_of[order_id]
    ids = find_sorted(call, METAFIELDS, view, query)

    def show(chosen: Sequence[int]) -> list[Any]:
        return [show_metafield(metafield) for metafield in view.rows(chosen)]

    return cursor_paged(call, ids, show, None)


def list_all_metafields(call: Call) -> Response:
    """A page of the metafields of all orders."""
    return _page(call, None)


def list_metafields(call: Call, order_id: int) -> Response:
    """A page of the metafields of one order."""
    order_of(call, order_id)
    return _page(call, order_id)


def get_metafield(call: Call, order_id: int, metafield_id: int) -> Response:
    """One metafield."""
    order_of(call, order_id)
    metafield = call.state.metafields.read().get(metafield_id)
    if metafield is None or metafield.order_id != order_id or not visible(metafield):
        raise not_found("A metafield was not found with this query.")
    return answer({"data": choose_fields(call, [show_metafield(metafield)])[0], "meta": {}})
