"""Quantities as stretches on a ruler, group by group: whole columns, no loop over rows.

Groups are numbered 0, 1, 2 … Where rows must stand together, they stand by group and, in it, in the order in which they
are served. Quantities are 0 or more.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]


def summed(group: Ints, quantity: Ints, groups: int) -> Ints:
    """Return the sum of each group; rows may stand in any order."""
    return np.bincount(group, quantity, groups).astype(np.int64)  # exact: sums stay far below 2**53


def before(group: Ints, quantity: Ints) -> Ints:
    """Return for each row how much of its group comes before it; rows stand together."""
    running = np.cumsum(quantity) - quantity
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    return running - np.repeat(running[starts], np.diff(starts, append=len(group)))


def within(group: Ints, quantity: Ints, limit: Ints) -> Ints:
    """Return each quantity cut so that no group takes more than its limit; rows stand together, the last lose first."""
    room = np.maximum(limit[group] - before(group, quantity), 0)
    cut_down: Ints = np.minimum(room, quantity)
    return cut_down


def cut(left_group: Ints, left: Ints, right_group: Ints, right: Ints, groups: int) -> tuple[Ints, Ints, Ints]:
    """Return (row of the left, row of the right, quantity) for each piece that both cover; rows stand together."""
    both = np.minimum(summed(left_group, left, groups), summed(right_group, right, groups))
    # Cut down to what both have, the groups are equally long on either side: one ruler serves them all.
    left_ends = np.cumsum(within(left_group, left, both))
    right_ends = np.cumsum(within(right_group, right, both))
    ends = np.sort(np.concatenate([left_ends, right_ends]), kind="stable")  # two sorted runs: a merge
    ends = ends[np.diff(ends, prepend=0) > 0]
    return np.searchsorted(left_ends, ends), np.searchsorted(right_ends, ends), np.diff(ends, prepend=0)
