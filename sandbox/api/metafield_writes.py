"""Order metafields, to write: one at a time or in batches, where each entry has its own outcome."""

from collections.abc import Callable
from typing import Any

from sandbox.api.call import Call
from sandbox.api.metafields import show_metafield
from sandbox.api.orders import check_order
from sandbox.errors import Refusal, not_found, v3_error
from sandbox.exchange import Response, answer, no_content
from sandbox.records import OUR_CLIENT, Metafield

PERMISSIONS = frozenset({"app_only", "read", "write", "read_and_sf_access", "write_and_sf_access"})
LENGTHS = {"namespace": 64, "key": 64, "value": 65_535, "description": 255}
NEEDED = ("permission_set", "namespace", "key", "value")


def _check(fields: dict[str, Any], *, creating: bool) -> dict[str, str]:
    """The writable fields of a body; a 422 names what is wrong with them."""
    wrong: dict[str, str] = {}
    found = {name: fields[name] for name in (*LENGTHS, "permission_set") if name in fields}
    if creating:
        wrong |= {name: f"{name} is required" for name in NEEDED if name not in found}
    for name, value in found.items():
        if not isinstance(value, str):
            wrong[name] = f"{name} must be a string"
        elif name in LENGTHS and len(value) > LENGTHS[name]:
            wrong[name] = f"{name} must be at most {LENGTHS[name]} characters"
        elif name in NEEDED and not value:
            wrong[name] = f"{name} must not be empty"
    if "permission_set" not in wrong and found.get("permission_set", "read") not in PERMISSIONS:
        wrong["permission_set"] = "permission_set is not one of the allowed values"
    if wrong:
        raise Refusal(422, "; ".join(wrong.values()), wrong)
    return found


def _own(call: Call, metafield_id: object, order_id: int | None = None) -> Metafield:
    """A metafield that we may change."""
    found = call.state.metafields.get(metafield_id) if isinstance(metafield_id, int) else None
    if found is None or (order_id is not None and found.order_id != order_id):
        raise not_found("Metafield does not exist")
    if found.owner != OUR_CLIENT and not found.permission_set.startswith("write"):
        raise Refusal(403, "Unauthorized to change this metafield")
    return found


def _refuse_twin(call: Call, order_id: int, namespace: str, key: str, but: int = 0) -> None:
    """Namespace and key are unique for client and order; an order holds only so many."""
    there = (call.state.metafields.rows[found] for found in call.state.metafields_of[order_id] if found != but)
    mine = [metafield for metafield in there if metafield.owner == OUR_CLIENT]
    if any((m.namespace, m.key) == (namespace, key) for m in mine):
        raise Refusal(409, "The metafield conflicts with another metafield", {"key": "namespace and key are taken"})
    most = call.state.switches.metafields_per_order
    if len(mine) >= most:
        raise Refusal(422, f"An order can have at most {most} metafields of one client")


def _create(call: Call, order_id: int, body: dict[str, Any]) -> Metafield:
    fields = _check(body, creating=True)
    check_order(call.state, order_id)
    _refuse_twin(call, order_id, fields["namespace"], fields["key"])
    now = call.state.clock.now()
    made = Metafield(
        id=call.state.fresh_id("metafield", call.state.metafields),
        order_id=order_id,
        permission_set=fields["permission_set"],
        namespace=fields["namespace"],
        key=fields["key"],
        value=fields["value"],
        description=fields.get("description", ""),
        created=now,
        modified=now,
    )
    call.state.metafields.add(made)
    call.state.metafields_of[order_id].add(made.id)
    return made


def _update(call: Call, metafield: Metafield, body: dict[str, Any]) -> Metafield:
    fields = _check(body, creating=False)
    namespace, key = fields.get("namespace", metafield.namespace), fields.get("key", metafield.key)
    if (namespace, key) != (metafield.namespace, metafield.key):
        _refuse_twin(call, metafield.order_id, namespace, key, but=metafield.id)
    call.state.metafields.before_change(metafield)
    for name, value in fields.items():
        setattr(metafield, name, value)
    call.state.metafields.changed(metafield, call.state.clock.now())
    return metafield


def _remove(call: Call, metafield: Metafield) -> None:
    call.state.metafields.remove(metafield.id)
    call.state.metafields_of[metafield.order_id].discard(metafield.id)


def _object(call: Call) -> dict[str, Any]:
    body = call.json()
    if not isinstance(body, dict):
        raise Refusal(422, "The body must be an object")
    return body


def create_metafield(call: Call, order_id: int) -> Response:
    """Create one."""
    made = _create(call, order_id, _object(call))
    return answer({"data": show_metafield(made), "meta": {}})


def update_metafield(call: Call, order_id: int, metafield_id: int) -> Response:
    """Change one; what is not sent stays."""
    check_order(call.state, order_id)
    changed = _update(call, _own(call, metafield_id, order_id), _object(call))
    return answer({"data": show_metafield(changed), "meta": {}})


def delete_metafield(call: Call, order_id: int, metafield_id: int) -> Response:
    """Delete one."""
    check_order(call.state, order_id)
    _remove(call, _own(call, metafield_id, order_id))
    return no_content()


def _batch(call: Call, do: Callable[[Any], Any]) -> Response:
    """Do each entry by itself; failures are told by their position."""
    entries = call.json()
    if not isinstance(entries, list) or not entries:
        raise Refusal(422, "The body must be an array with at least one entry")
    most = call.state.switches.metafield_batch_max
    if len(entries) > most:
        raise Refusal(413, f"The request payload is too large. The maximum items allowed in the array is {most}", {})
    done: list[Any] = []
    failed: dict[str, str] = {}
    for position, entry in enumerate(entries):
        try:
            done.append(do(entry))
        except Refusal as refusal:
            failed[str(position)] = refusal.text
    meta = {"total": len(entries), "success": len(done), "failed": len(failed)}
    errors = [v3_error(422, "Bulk operation has failed", failed)] if failed else []
    return answer({"data": done, "errors": errors, "meta": meta}, 422 if failed else 200)


def _entry(entry: object) -> dict[str, Any]:
    if not isinstance(entry, dict):
        raise Refusal(422, "Each entry must be an object")
    return entry


def create_metafields(call: Call) -> Response:
    """Create many; `resource_id` names the order."""

    def create(entry: object) -> dict[str, Any]:
        body = _entry(entry)
        order_id = body.get("resource_id")
        if not isinstance(order_id, int):
            raise Refusal(422, "resource_id is required")
        return show_metafield(_create(call, order_id, body))

    return _batch(call, create)


def update_metafields(call: Call) -> Response:
    """Change many, by id."""

    def update(entry: object) -> dict[str, Any]:
        body = _entry(entry)
        return show_metafield(_update(call, _own(call, body.get("id")), body))

    return _batch(call, update)


def delete_metafields(call: Call) -> Response:
    """Delete many: an array of ids."""

    def delete(entry: object) -> int:
        found = _own(call, entry)
        _remove(call, found)
        return found.id

    return _batch(call, delete)
