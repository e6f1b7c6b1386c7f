"""Cut two lists of quantities against each other, group by group, as two rulers laid side by side."""

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


def cut(
    left_group: "pd.Series[Any]",  # Any: whole numbers
    left_quantity: "pd.Series[Any]",
    right_group: "pd.Series[Any]",
    right_quantity: "pd.Series[Any]",
) -> "tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.int64]]":
    """Return (row of the left, row of the right, quantity) for each piece that both cover, in order.

    Rows of a group must stand together and in the order in which they are served; quantities are 0 or more.
    """
    _, codes = np.unique(np.concatenate([left_group, right_group]), return_inverse=True)
    left, right = codes[: len(left_group)], codes[len(left_group) :]
    room = int(left_quantity.sum()) + int(right_quantity.sum()) + 1
    starts, ends = edges(left, np.asarray(left_quantity, dtype=np.int64), room)
    from_, to = edges(right, np.asarray(right_quantity, dtype=np.int64), room)
    points = np.unique(np.concatenate([starts, ends, from_, to]))
    begin, finish = points[:-1], points[1:]
    mine, theirs = covering(starts, ends, begin), covering(from_, to, begin)
    both = (mine >= 0) & (theirs >= 0)
    return mine[both], theirs[both], (finish - begin)[both]


def edges(
    group: "NDArray[np.intp]", quantity: "NDArray[np.int64]", room: int
) -> "tuple[NDArray[np.int64], NDArray[np.int64]]":
    """Return where each row's stretch starts and ends; every group has a ruler of its own, `room` apart."""
    total = np.cumsum(quantity)
    before = total - quantity
    first = np.r_[True, group[1:] != group[:-1]] if len(group) else np.zeros(0, dtype=bool)
    offset = before[first][np.cumsum(first) - 1] if len(group) else before
    starts = group.astype(np.int64) * room + before - offset
    return starts, starts + quantity


def covering(starts: "NDArray[np.int64]", ends: "NDArray[np.int64]", points: "NDArray[np.int64]") -> "NDArray[np.intp]":
    """Return the row whose stretch covers each point, or -1."""
    real = np.flatnonzero(ends > starts)
    order = real[np.argsort(starts[real], kind="stable")]
    if not len(order):
        return np.full(len(points), -1)
    found = np.searchsorted(starts[order], points, side="right") - 1
    row = order[np.clip(found, 0, None)]
    return np.where((found >= 0) & (points < ends[row]), row, -1)
