"""Kits in columns: what their units take from shelves, and how many whole ones lie at one location."""

from typing import TYPE_CHECKING

from fillrate.decide.frames import RECIPES

if TYPE_CHECKING:
    import pandas as pd

SHELF = ["item_id", "location_id"]
LINE_AND_PLACE = ["line_id", "location_id"]


def by_part(rows: "pd.DataFrame", recipes: "pd.DataFrame") -> "pd.DataFrame":
    """Return rows (item_id) with one row for each part in place of a kit's, by RECIPES; `per` units of it make one."""
    parts = recipes[list(RECIPES)].rename(columns={"item_id": "part_id"})
    found = rows.merge(parts, left_on="item_id", right_on="recipe_id", how="left")
    item, per = found["part_id"].fillna(found["item_id"]), found["per"].fillna(1)
    return found[rows.columns].assign(item_id=item.astype("int64"), per=per.astype("int64"))


def whole_units(aside: "pd.DataFrame", parts: "pd.DataFrame") -> "pd.DataFrame":
    """Return line_id, location_id, quantity: how many whole units what is set aside for each line makes at each location.

    `aside` has line_id, item_id, location_id, quantity; `parts` has line_id, item_id, per of the lines that are kits.
    """
    import pandas as pd

    of_kits = aside["line_id"].isin(parts["line_id"])
    wanted = aside.loc[of_kits, LINE_AND_PLACE].drop_duplicates().merge(parts, on="line_id")
    found = wanted.merge(aside, on=["line_id", *SHELF], how="left")
    found["quantity"] = found["quantity"].fillna(0).astype("int64") // found["per"]
    return pd.concat(
        [
            aside[~of_kits].groupby(LINE_AND_PLACE, as_index=False)[["quantity"]].sum(),
            found.groupby(LINE_AND_PLACE, as_index=False)[["quantity"]].min(),
        ],
        ignore_index=True,
    )
