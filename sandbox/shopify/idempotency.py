"""`@idempotent`: the same key with the same parameters is the same deed, done once."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from graphql import GraphQLError, GraphQLResolveInfo, get_directive_values

from sandbox.shopify.things import Context

REQUIRED_FROM = "2026-04"
Payload = dict[str, Any]

MESSAGES = {
    "IDEMPOTENCY_CONCURRENT_REQUEST": "This request is currently in progress, please try again.",
    "IDEMPOTENCY_KEY_PARAMETER_MISMATCH": (
        "The same idempotency key cannot be used with different operation parameters."
    ),
    "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED": (
        "A previous request with this idempotency key failed. Retry with a new idempotency key."
    ),
}


def _key(context: Context, info: GraphQLResolveInfo) -> str | None:
    """The key of a mutation. Raises GraphQLError where it must have one and has none."""
    directive = info.schema.get_directive("idempotent")
    told = get_directive_values(directive, info.field_nodes[0], info.variable_values) if directive else None
    if told is None:
        if context.version >= REQUIRED_FROM:
            message = "The @idempotent directive is required for this mutation but was not provided."
            raise GraphQLError(message, extensions={"code": "BAD_REQUEST"})
        return None
    key = str(told["key"])
    if not key.strip():
        raise GraphQLError("The idempotency key cannot be blank.", extensions={"code": "BAD_REQUEST"})
    return key


def once(
    context: Context,
    info: GraphQLResolveInfo,
    arguments: Mapping[str, Any],
    refused: Callable[[str, str], Payload],
    do: Callable[[], Payload],
) -> Payload:
    """Do it, or tell what became of it; `refused` makes the payload of a refusal from a code and a message."""
    key = _key(context, info)
    if key is None:
        return do()
    known: dict[str, Any] = context.shop.state.own.setdefault("idempotent", {})
    print_ = json.dumps([info.field_name, arguments], sort_keys=True)
    earlier = known.get(key)
    code = None
    if earlier is not None and earlier["print"] != print_:
        code = "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"
    elif (
        earlier is not None
        and earlier["payload"]["userErrors"]
        and context.shop.switches["failed_attempt"] == "refused"
    ):
        code = "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED"
    elif earlier is None and context.shop.is_waiting(key):
        code = "IDEMPOTENCY_CONCURRENT_REQUEST"
    if code is not None:
        return refused(code, MESSAGES[code])
    if earlier is None:
        earlier = known[key] = {"print": print_, "payload": do()}
    found: Payload = earlier["payload"]
    return found
