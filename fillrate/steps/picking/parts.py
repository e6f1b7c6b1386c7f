"""What is set aside and being packed, by what lies on shelves: of kits their parts."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fillrate.db.database import Reading
from fillrate.db.queries.kits import counted_parts, recipes_frame
from fillrate.db.queries.picks import in_hand, set_aside
from fillrate.decide.parts import SHELF, by_part, whole_units

if TYPE_CHECKING:
    import pandas as pd


def set_aside_whole(reading: Reading, line_ids: Sequence[int]) -> "pd.DataFrame":
    """Return line_id, location_id, quantity: how many whole units are set aside for each line at each location."""
    return whole_units(set_aside(reading, line_ids), counted_parts(reading, line_ids))


def in_hand_by_part(reading: Reading) -> "pd.DataFrame":
    """Return item_id, location_id, quantity, gone of all that is being packed, one row a shelf."""
    rows = by_part(in_hand(reading), recipes_frame(reading))
    units = rows[["quantity", "gone"]].mul(rows["per"], axis=0)
    return rows[SHELF].join(units).groupby(SHELF, as_index=False).sum()
