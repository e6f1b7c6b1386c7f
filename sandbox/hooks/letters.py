"""Makes an event a letter to each hook that is registered for it, and signs it as Standard Webhooks does."""

import base64
import hashlib
import hmac
from random import Random
from typing import Any

from sandbox.exchange import encode
from sandbox.hooks.records import ACTIVE, DEACTIVATED, Delivery, Hook
from sandbox.hooks.scopes import matches
from sandbox.state import State

STORE_ID = "1025646"
QUIET_DAYS = 90
DAY = 86_400
BEGINS_AFTER = {"at_once": 0, "after_a_minute": 60}


def queue_event(state: State, scope: str, data: dict[str, Any]) -> None:
    """Give an event to every hook that is told of it; how it travels is drawn by the seed."""
    body = b""
    for hook in list(state.hooks.hooks.values()):
        if matches(hook.scope, scope) and is_told(state, hook):
            body = body or letter(state, scope, data)
            hook.told_at = state.clock.now()
            send_off(state, hook, body)


def is_told(state: State, hook: Hook) -> bool:
    """Whether a hook hears of events now; one that heard of none for too long never will again."""
    deactivate_quiet(state, hook)
    begins = hook.created + BEGINS_AFTER[state.switches.hooks_begin]
    return hook.status == ACTIVE and state.clock.now() >= begins


def deactivate_quiet(state: State, hook: Hook) -> None:
    """Switch a hook off that had no event for 90 days."""
    if hook.status == ACTIVE and state.clock.now() - hook.told_at >= QUIET_DAYS * DAY:
        hook.status, hook.updated = DEACTIVATED, state.clock.now()


def letter(state: State, scope: str, data: dict[str, Any]) -> bytes:
    """The body that says it; `hash` is one of all the rest."""
    said = {
        "scope": scope,
        "store_id": STORE_ID,
        "data": data,
        "created_at": state.clock.now(),
        "producer": f"stores/{state.config.store_hash}",
    }
    return encode({**said, "hash": hashlib.sha1(encode(said), usedforsecurity=False).hexdigest()})


def send_off(state: State, hook: Hook, body: bytes) -> None:
    """Put a letter on its way, unless it gets lost; perhaps twice, perhaps late."""
    desk = state.hooks
    desk.made += 1
    chance, manners = Random(f"{state.config.seed}:hook:{desk.made}"), desk.manners
    desk.counts["events"] += 1
    if chance.random() < manners.lose:
        desk.counts["lost"] += 1
        return
    late = manners.late_seconds if chance.random() < manners.late else 0
    name = f"msg_{chance.getrandbits(96):024x}"
    copies = 2 if chance.random() < manners.twice else 1
    for _ in range(copies):
        made = Delivery(name, hook.id, body, state.clock.now() + late)
        place = chance.randrange(len(desk.queue) + 1) if manners.shuffle else len(desk.queue)
        desk.queue.insert(place, made)
    desk.counts["twice"] += copies - 1


def signed(secret: str, delivery: Delivery, stamp: int) -> dict[str, str]:
    """The headers that prove where a letter comes from."""
    content = f"{delivery.id}.{stamp}.".encode() + delivery.body
    proof = base64.b64encode(hmac.new(secret.encode(), content, hashlib.sha256).digest()).decode()
    return {"webhook-id": delivery.id, "webhook-timestamp": str(stamp), "webhook-signature": f"v1,{proof}"}
