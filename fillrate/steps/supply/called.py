"""Lines on their way that a program tells over HTTP: they land as those of a file that was written just now."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from fillrate.channels.inbound_files import parse_inbound
from fillrate.channels.row_files import Cell
from fillrate.db.database import Writing
from fillrate.settings import BY_WAREHOUSE
from fillrate.steps.desk import Desk
from fillrate.steps.supply.events import Paper
from fillrate.steps.supply.feeds import digest
from fillrate.steps.supply.land import land

NAME = "POST /inbound"
KINDS = ("new", "changed", "unchanged", "older")


def told_of_lines(
    desk: Desk, tx: Writing, key: str, lines: Sequence[Mapping[str, Cell]]
) -> dict[str, Any]:  # Any: JSON
    """Save lines with the columns of a feed's file; return counts by what is new of them, bad rows, columns without a meaning."""
    body, now = json.dumps(list(lines)).encode(), desk.outside.clock.now()
    paper = Paper(BY_WAREHOUSE, NAME, now, digest(key.encode() + body))
    landed = land(desk, tx, desk.outside.new_id(), paper, parse_inbound(body, desk.settings.store.zone, now))
    return {
        **{kind: landed.counts[kind] for kind in KINDS},
        "bad_rows": [{"row": one.row, "reason": one.reason} for one in landed.bad],
        "ignored_columns": list(landed.ignored),
    }
