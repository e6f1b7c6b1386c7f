"""When units of each item joined the queue, by state; only what needs stock."""

from typing import Any

import sqlalchemy as sa

from fillrate.db.database import Database
from fillrate.gateway.outside import Outside
from tests.simulation.world import World


def rows(world: World, state: str, extreme: str) -> list[tuple[Any, Any]]:
    """Return (item, earliest or latest place in the queue) of units in a state."""
    statement = sa.text(
        f"SELECT l.item_id, {extreme}(u.queued_at) FROM open_unit u JOIN order_line l ON l.id = u.line_id"
        " JOIN item i ON i.id = l.item_id WHERE u.state = :state AND l.needs_stock AND i.is_tracked GROUP BY l.item_id"
    )
    db = Database.open(world.url, Outside())
    with db.read() as reading:
        found = [(row[0], str(row[1])) for row in reading.rows(statement, {"state": state})]
    db.close()
    return found
