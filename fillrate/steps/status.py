"""How things stand: how far the shops were read, what is owed, what waits for a person, and what went wrong."""

from collections.abc import Sequence
from typing import Any

from fillrate.db.queries import hooks as hook_queries
from fillrate.db.queries import plans as plan_queries
from fillrate.db.queries import status as queries
from fillrate.steps.cancelling import asked_to_cancel
from fillrate.steps.desk import Desk
from fillrate.steps.glance import glance
from fillrate.steps.mail.summary import mails
from fillrate.steps.picking.outlook import worked_off_sentence
from fillrate.steps.picking.shelves import in_doubt
from fillrate.steps.reconciling.found import waiting_in_all
from fillrate.steps.supply.summary import supply

SHOWN = 20


def status(desk: Desk) -> dict[str, Any]:  # Any: JSON
    """Return all of it as plain values; times are ISO text in UTC."""
    with desk.db.read() as reading:
        waiting = plan_queries.plans(reading, ("waiting", "approved"))
        counts = plan_queries.change_counts(reading, [row.id for row in waiting])
        total, rejects = queries.rejected(reading, SHOWN)
        refused = plan_queries.failed(reading)
        return {
            "cursors": [
                plain(row, ("channel", "stream", "saved_until", "window_until")) for row in queries.cursors(reading)
            ],
            "glance": glance(desk, reading, 0),
            "queue": [plain(row, ("state", "reason", "units", "lines", "oldest")) for row in queries.queue(reading)],
            "not_in_settings": [
                plain(row, ("channel", "orders", "units"))
                for row in queries.held(reading, [shop.id for shop in desk.shops.values()])
            ],
            "plans": [
                {**plain(row, ("id", "flow", "state", "waits_because", "hash")), "changes": counts[row.id]}
                for row in waiting
            ],
            "refused": {
                "total": len(refused),
                "latest": [plain(row, ("channel", "kind", "target", "plan_id", "answer")) for row in refused[:SHOWN]],
            },
            "rejected": {
                "total": total,
                "latest": [plain(row, ("channel", "stream", "platform_id", "reason", "attempts")) for row in rejects],
            },
            "runs": [
                plain(row, ("flow", "channel", "state", "started_at", "ended_at", "counts", "problems"))
                for row in queries.last_runs(reading)
            ],
            "drift": [plain(row, ("sku", "origin", "location", "on_hand")) for row in queries.drift(reading)],
            "waiting_drift": waiting_in_all(desk, reading),
            "sku_trouble": [plain(row, ("sku", "items")) for row in queries.sku_trouble(reading, SHOWN)],
            "supply": supply(desk, reading, SHOWN),
            "asked_to_cancel": asked_to_cancel(desk, reading),
            "doubtful_shelves": in_doubt(reading),
            "work": worked_off_sentence(desk, reading),
            "mails": mails(reading, SHOWN),
            "hooks": [
                plain(row, ("channel", "heard_at", "forged_at", "late_at")) for row in hook_queries.watches(reading)
            ],
            "hints": [plain(row, ("channel", "stream", "hints", "oldest")) for row in hook_queries.waiting(reading)],
        }


def plain(row: Any, names: Sequence[str]) -> dict[str, Any]:  # Any: a database row, JSON
    """Return some columns of a row, times as ISO text."""
    values = {name: getattr(row, name) for name in names}
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()}
