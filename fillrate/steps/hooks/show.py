"""How the hooks of a shop stand: where they go, which the shop keeps, when one last came."""

from typing import Any

from fillrate.db.queries import hooks as queries
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.hooks.keep import address_of, registers


def why_none(desk: Desk, shop: Shop) -> str:
    """Return why a shop's hooks are not wanted."""
    if shop.hooks is None:
        return f"{shop.name} tells nothing by itself: it is only polled."
    if not shop.hooks.is_ready(shop.settings):
        return f"{shop.name} has no secret in the settings by which its hooks can be told from forged ones."
    return "[receiver] has no public_url, so that no shop knows where to send its hooks."


def hooks_of(desk: Desk, shop: Shop) -> dict[str, Any]:  # Any: JSON
    """Return how the hooks of one shop stand, asked of the shop where it can be."""
    address, keeper = address_of(desk, shop), registers(shop)
    found = keeper.hooks() if keeper and shop.hooks else ()
    at_home = {one.topic for one in found if one.address == address}
    topics = shop.hooks.topics if shop.hooks and address else ()
    with desk.db.read() as reading:
        watched = queries.watched(reading, shop.id)
        waiting = sum(row.hints for row in queries.waiting(reading) if row.channel == shop.name)
    heard = watched.heard_at if watched else None
    return {
        "channel": shop.name,
        "address": address,
        "why": "" if address else why_none(desk, shop),
        "hooks": [{"topic": one.topic, "address": one.address, "is_active": one.is_active} for one in found],
        "missing": [one for one in topics if one not in at_home] if keeper else [],
        "by_hand": [] if keeper else list(topics),
        "heard_at": heard.isoformat() if heard else None,
        "waiting": waiting,
    }
