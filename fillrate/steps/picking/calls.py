"""A call of the warehouse happens once: its key is kept with its answer in the transaction that does what it asks."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.database import Writing
from fillrate.db.tables import WarehouseCall
from fillrate.errors import Conflict
from fillrate.steps.desk import Desk

Answer = dict[str, Any]  # Any: JSON


def once(desk: Desk, key: str, asked: Any, act: Callable[[Writing], Answer]) -> Answer:  # Any: JSON
    """Do what a call asks and return its answer; of a key that is known, return the answer that it had.

    Raises Conflict where the key was used for something else. A call that fails leaves nothing, its key included.
    """
    digest = hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()
    with desk.db.write("warehouse.call", lock=True) as tx:
        known = tx.first(sa.select(*WarehouseCall.__table__.c).where(col(WarehouseCall.key) == key))
        if known is not None and known.hash != digest:
            what = "This Idempotency-Key was used for another call."
            raise Conflict(what, next="Give each call a key of its own; send a call again under its own key.")
        if known is not None:
            return dict(known.answer)
        answer = act(tx)
        tx.insert(WarehouseCall, [{"key": key, "hash": digest, "answer": answer, "at": desk.outside.clock.now()}])
    return answer
