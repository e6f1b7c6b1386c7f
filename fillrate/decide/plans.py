"""What a plan is called, whether it may go out by itself, and what the note on an order says."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

NOTE_VERSION = 1
OWN_NOTES = frozenset({"metafield"})  # nobody but us reads or writes them
OWN_HOOKS = frozenset({"hook"})  # that the shop tells us of changes; wanted wherever the settings say so
OWN_LEDGER = frozenset({"count"})  # booked by the very run that decides it; no shop is told
# Booked at once as the words of the person who gives them; a dry run's plan only shows what they would change.
BY_WORD = (
    "hold",
    "release",
    "set-priority",
    "move-promise",
    "do-not-cancel",
    "cancel-units",
    "mark-received",
    "put-back",
    "adopt-drift",
    "undo",
)
STAFF_PARTS = 5  # so many SKUs are named in the staff notes
ADOPT = "adopt-backorders"  # the flow that takes over from another app; its plans always wait for a person
ADOPTING = ("tracking", "stock_number", "shelf_limit")  # what it alone writes, in the only order that is safe
REJECTED = "Rejected by {who}."  # of a change that waited when its plan was refused; what ended earlier, nobody refused
NOT_HELD = "Its plan was rejected, and the shop does not hold it."  # of one that was on its way then
HASHED = ("channel", "kind", "target", "before", "after", "reason")


def canonical(changes: Iterable[Mapping[str, Any]]) -> bytes:  # Any: JSON
    """Return changes as bytes that are the same whatever order they came in."""
    rows = [{name: change[name] for name in HASHED} for change in changes]
    texts = sorted(json.dumps(row, sort_keys=True, ensure_ascii=True, separators=(",", ":")) for row in rows)
    return ("[" + ",".join(texts) + "]").encode()


def plan_hash(changes: Iterable[Mapping[str, Any]]) -> str:  # Any: JSON
    """Return the SHA-256 of the canonical changes, in hexadecimal digits."""
    return hashlib.sha256(canonical(changes)).hexdigest()


def must_wait(
    *, kind: str, changes: int, entities: Callable[[], int], is_first: bool, is_practice: bool, share: float, limit: int
) -> str:
    """Return why a plan waits for a person, or "" where it may go out by itself.

    `entities` counts what there is of what it changes, and is asked only where that matters; `share` and `limit` are the
    policy's.
    """
    if kind in OWN_HOOKS:
        return ""
    if is_first and not is_practice:
        return "It is the first plan for this channel; look at it before anything is written."
    if kind in OWN_NOTES:
        return ""
    if changes > limit:
        have = "1 change" if changes == 1 else f"{changes} changes"
        return f"It has {have}; more than {limit} wait for a person."
    if changes and changes > (there_are := entities()) * share:
        return f"It touches {changes} of {there_are}; more than {share:.0%} wait for a person."
    return ""


def backorder_note(lines: Iterable[Mapping[str, Any]]) -> dict[str, Any]:  # Any: JSON
    """Return what the shop is told of one order: its backordered units, by line.

    `lines` have line_platform_id, sku, reason, quantity and come in the order of line and reason. No times, so that an
    unchanged order keeps its note.
    """
    return {
        "version": NOTE_VERSION,
        "backordered": [
            {"line": row["line_platform_id"], "sku": row["sku"], "quantity": row["quantity"], "reason": row["reason"]}
            for row in lines
        ],
    }


def staff_note(units: Sequence[tuple[str, int]]) -> str:
    """Return the line in an order's staff notes: how many units of which SKU wait. It names no day, so that it stays true."""
    parts = [f"{n} × {sku or 'no SKU'}" for sku, n in units[:STAFF_PARTS]]
    parts += [f"{len(units) - STAFF_PARTS} more"] if len(units) > STAFF_PARTS else []
    return f"[Fillrate] Waits for stock: {', '.join(parts)}."
