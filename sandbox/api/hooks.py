"""`/v3/hooks`: who is to be told of what; see `sandbox.hooks` for how it is then told."""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from sandbox.api.body import json_object
from sandbox.api.call import Call
from sandbox.api.filters import Listing, read_listing
from sandbox.api.paging import pagination
from sandbox.errors import Refusal
from sandbox.exchange import Response, answer, no_content
from sandbox.hooks.events import watch
from sandbox.hooks.letters import deactivate_quiet
from sandbox.hooks.records import ACTIVE, INACTIVE, Hook
from sandbox.hooks.scopes import EXCEPTION, SCOPES
from sandbox.state import State

MOST_OF_SCOPE = 10
WRITABLE = frozenset({"scope", "destination", "is_active", "headers"})
FILTERS = Listing(id_ops=frozenset(), controls=frozenset({"is_active", "scope", "destination"}))
ADMIN_FILTERS = Listing(id_ops=frozenset(), controls=frozenset({"is_active"}))
INVALID = "JSON data is missing or invalid"


def show_hook(state: State, hook: Hook) -> dict[str, Any]:
    """A hook as the API tells it."""
    deactivate_quiet(state, hook)
    return {
        "id": hook.id,
        "client_id": hook.client,
        "store_hash": state.config.store_hash,
        "scope": hook.scope,
        "destination": hook.destination,
        "headers": hook.headers or None,
        "is_active": hook.status == ACTIVE,
        "created_at": hook.created,
        "updated_at": hook.updated,
    }


def _invalid(**errors: str) -> Refusal:
    return Refusal(422, INVALID, errors)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _check_destination(state: State, destination: Any) -> None:
    """Only https on 443; this shop also speaks to its own machine, where its config says so."""
    parts = urlsplit(destination if isinstance(destination, str) else "")
    try:
        port = parts.port
    except ValueError:
        port = -1
    host = parts.hostname or ""
    if state.config.hooks_to_loopback and parts.scheme == "http" and _is_loopback(host):
        return
    if parts.scheme != "https" or "." not in host or port not in {None, 443} or parts.username:
        raise _invalid(destination="error.expected.url: it must be served over https on port 443")


def _check(state: State, body: dict[str, Any]) -> None:
    """Refuse what cannot be a hook."""
    if unknown := sorted(body.keys() - WRITABLE):
        raise _invalid(**dict.fromkeys(unknown, "error.unknown"))
    if "destination" in body:
        _check_destination(state, body["destination"])
    if "scope" in body and body["scope"] not in SCOPES:
        raise _invalid(scope="error.unknown.scope")
    if not isinstance(body.get("is_active", True), bool):
        raise _invalid(is_active="error.expected.boolean")
    headers = body.get("headers") or {}
    if not isinstance(headers, dict) or not all(isinstance(value, str) for value in headers.values()):
        raise _invalid(headers="error.expected.map.of.strings")


def _check_place(state: State, hook: Hook) -> None:
    """One hook for a scope and a destination, ten for a scope, one for exceptions."""
    others = [one for one in state.hooks.hooks.values() if one.id != hook.id and one.scope == hook.scope]
    if any(one.destination == hook.destination for one in others):
        raise Refusal(422, "A hook already exists for this scope and destination", {"destination": "error.duplicate"})
    if len(others) >= (1 if hook.scope == EXCEPTION else MOST_OF_SCOPE):
        raise Refusal(422, "There are too many hooks of this scope", {"scope": "error.too.many"})


def create_hook(call: Call) -> Response:
    """Register; it is told of events from now on, or from a minute later."""
    state, body = call.state, json_object(call)
    missing = {name: "error.path.missing" for name in ("scope", "destination") if name not in body}
    if missing:
        raise _invalid(**missing)
    _check(state, body)
    now = state.clock.now()
    status = ACTIVE if body.get("is_active", True) else INACTIVE
    hook = Hook(0, body["scope"], body["destination"], body.get("headers") or {}, now, now, now, status)
    _check_place(state, hook)
    if not state.hooks.hooks:
        watch(state)
    state.hooks.last_id += 1
    hook.id = state.hooks.last_id
    state.hooks.hooks[hook.id] = hook
    return _told(state, hook)


def _told(state: State, hook: Hook) -> Response:
    return answer({"data": show_hook(state, hook), "meta": {}})


def list_hooks(call: Call) -> Response:
    """A page of the hooks of this account."""
    read_listing(call, FILTERS)
    rows = [show_hook(call.state, one) for one in call.state.hooks.hooks.values()]
    active = call.flag("is_active")
    wanted = {name: call.params[name] for name in ("scope", "destination") if name in call.params}
    rows = [one for one in rows if all(one[name] == value for name, value in wanted.items())]
    rows = [one for one in rows if active is None or one["is_active"] == active]
    page = call.page(250)
    chosen = rows[page.start() : page.start() + page.limit]
    return answer({"data": chosen, "meta": {"pagination": pagination(call, page, len(rows), len(chosen))}})


def _hook(call: Call, hook_id: int) -> Hook:
    hook = call.state.hooks.hooks.get(hook_id)
    if hook is None:
        raise Refusal(404, f"Webhook with id [{hook_id}] not found")
    return hook


def get_hook(call: Call, hook_id: int) -> Response:
    """One hook."""
    return _told(call.state, _hook(call, hook_id))


def update_hook(call: Call, hook_id: int) -> Response:
    """Change what is sent; a hook that is active again begins a new time of quiet."""
    state, hook, body = call.state, _hook(call, hook_id), json_object(call)
    if not body:
        raise _invalid(**{"": "error.at.least.one.field"})
    _check(state, body)
    changed = Hook(
        hook.id,
        body.get("scope", hook.scope),
        body.get("destination", hook.destination),
        (body["headers"] or {}) if "headers" in body else hook.headers,
        hook.created,
        state.clock.now(),
        hook.told_at,
        hook.status,
    )
    _check_place(state, changed)
    if "is_active" in body:
        changed.status = ACTIVE if body["is_active"] else INACTIVE
        changed.told_at = state.clock.now()
    state.hooks.hooks[hook.id] = changed
    return _told(state, changed)


def delete_hook(call: Call, hook_id: int) -> Response:
    """Take a hook back; the answer shows it once more."""
    hook = _hook(call, hook_id)
    del call.state.hooks.hooks[hook.id]
    return _told(call.state, hook)


def get_admin(call: Call) -> Response:
    """Who gets mails about hooks, all hooks with their status, and domains that are blocked."""
    read_listing(call, ADMIN_FILTERS)
    state, now, active = call.state, call.state.clock.now(), call.flag("is_active")
    rows = [{**show_hook(state, one), "status": one.status} for one in state.hooks.hooks.values()]
    rows = [one for one in rows if active is None or one["is_active"] == active]
    blocked = [
        {"destination": f"https://{host}", "time_left": until - now, "reasons": []}
        for host, until in state.hooks.blocked.items()
        if until > now
    ]
    data = {"emails": state.hooks.emails, "hooks_list": rows, "blocked_domains": blocked}
    return answer({"data": data, "meta": {"pagination": pagination(call, call.page(250), len(rows), len(rows))}})


def put_admin(call: Call) -> Response:
    """Say who gets mails about hooks."""
    emails = json_object(call).get("emails")
    if not isinstance(emails, list) or not all(isinstance(one, str) and "@" in one for one in emails):
        raise _invalid(emails="error.expected.array.of.emails")
    call.state.hooks.emails = emails
    return no_content()
