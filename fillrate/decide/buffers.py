"""How many units each channel keeps back of what is free, so that hardly any unit is sold twice.

Every channel shows `free − buffer` of the same goods. Its own sales lower its number at once; those of the others only with
our next write. So within its exposure (seconds from reading the orders that a number was reckoned with until the next number
has been written) a channel sells min(D, free − buffer) units, D being Poisson with the mean rate × exposure: shoppers who come
singly and independently. Sold beyond what is free are

    E[over] = E[S] − E[min(S, free)]        with S = Σ min(D_c, free − buffer_c) over the channels,

and the buffers are the smallest for which E[over] ≤ target × E[S] while free units are within reach of the shoppers of one
exposure. What holds at each of those stock levels holds for their sales together. The sales made with plenty count as well: of
`cycle` units sold from one coming of goods to the next, no more than `reach` are sold within reach, so there the target may
be cycle ÷ reach times as loose, and all that is oversold is no more than target × all that is sold.

A number is not written while an order of the channel's own may have moved it and was not read: with seldom sales that hardly
matters, but what sells fast misses its turn. None has come with the chance e^(−rate × blocked), so on the mean it takes
e^(rate × blocked) turns (`exposed`).

Shoppers do not come evenly, though: by day rather than by night, and some take several units at once. Both make it likelier
that two meet at the last unit, by `unevenness`, by which the rates are multiplied.

Which are the smallest? Those that keep back what is least likely to be asked for. Each unit that a channel shows, the first, the
second, …, is asked for within its exposure with the chance P(D ≥ 1), P(D ≥ 2), …; one unit after another is kept back, the
unlikeliest of all channels first, until the target is met. At the latest that is so once all channels together show no more
than is free, so no unit lies unsold; the last one is shown where it sells fastest. A channel that is not ours to lower (with a
typed buffer, or with the shelf itself) shows what it shows, and the others make up for it as far as they can. Each step makes
E[over] smaller, and of the sales that it takes away a larger part would have been oversold than of those that remain, so the
steps are searched by halving.

With plenty no buffer is needed, which a bound of Chernoff's tells without any sum: E[(D − n)+] of a Poisson D with the mean m is
no more than B(n + 1) ÷ (1 − e·m / 2(n + 2)), where B(x) = e^−m (e·m / x)^x. Only what is within reach is reckoned, and what is
alike once.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Units = NDArray[np.int64]
    Means = NDArray[np.float64]
    Flags = NDArray[np.bool_]

RECKONED = -1  # in place of a typed buffer: there is none
CELLS = 200_000  # numbers that one step of the reckoning holds at a time, for each channel
BUSY = 1.4  # how much faster than on the average of day and night goods sell when the average unit is sold
MOST_MISSED = 2.0  # beyond e² turns a shop that sells so fast has a lull
PRIOR_DAYS = 7.0  # an item's own sales count as much as those of the channel's mean item once they were seen so long


def rates(units: "Units", days: float, prior: "Means") -> "Means":
    """Return units sold a day: `units` of `days`, drawn towards `prior`, what the channel's mean item sells a day.

    It is the mean of a gamma distribution after what was seen: (units + prior × PRIOR_DAYS) ÷ (days + PRIOR_DAYS).
    """
    return (units + prior * PRIOR_DAYS) / (days + PRIOR_DAYS)


def unevenness(units: float, squares: float) -> float:
    """Return how much likelier than by the mean rate shoppers meet; `squares` is the sum over order lines of units²."""
    return BUSY * (squares / units if units > 0 else 1.0)


def exposed(rate: "Means", seconds: "Means", turn_s: "Means", blocked_s: "Means") -> "Means":
    """Return the exposure in seconds by item and channel: `seconds` where each turn is taken, and the turns that are missed.

    `turn_s` is the time between two turns, `blocked_s` how long a sale of the channel's own keeps a number from being written.
    """
    import numpy as np

    return seconds + turn_s * np.expm1(np.minimum(rate * blocked_s / 86_400, MOST_MISSED))


def buffers(
    free: "Units", rate: "Means", exposure_s: "Means", typed: "Units", per_1000: "Means", cycle: "Means"
) -> "Units":
    """Return the units that each channel keeps back of each item: rows are items, columns are channels.

    `free`, `per_1000` (most units oversold of 1,000 sold) and `cycle` are by item, `rate` (units a day), `exposure_s` and `typed`
    (RECKONED where no buffer was typed) by both. Nothing is kept back where nothing is sold or free, and never
    more than is free.
    """
    import numpy as np

    free = np.maximum(free, 0)
    means = rate * (exposure_s / 86_400)
    found = np.where(typed < 0, 0, np.minimum(typed, free[:, None])).astype(np.int64)
    rows = np.flatnonzero(within_reach(free, means.sum(axis=1), per_1000))
    if not len(rows):
        return found
    loose = looser(means[rows].sum(axis=1), per_1000[rows], free[rows], cycle[rows])
    is_due = within_reach(free[rows], means[rows].sum(axis=1), loose)
    rows, loose = rows[is_due], loose[is_due]
    facts = np.concatenate([free[rows, None], loose[:, None], means[rows], typed[rows]], axis=1)
    _, first, back = np.unique(facts, axis=0, return_index=True, return_inverse=True)
    alike = rows[first]
    kept = np.zeros((len(alike), rate.shape[1]), np.int64)
    widths = 1 << np.ceil(np.log2(np.maximum(free[alike], 2))).astype(np.int64)
    for width in np.unique(widths):
        of_width = np.flatnonzero(widths == width)
        for some in np.array_split(of_width, -(-len(of_width) * int(width) // CELLS)):
            one = alike[some]
            kept[some] = smallest(
                Ladder(free[one], means[one], found[one], typed[one] < 0, int(width)), loose[first[some]]
            )
    found[rows] = kept[back.reshape(-1)]
    return found


def within_reach(free: "Units", mean: "Means", per_1000: "Means") -> "Flags":
    """Tell of which items so few are free that some may be oversold beyond the target where nothing is kept back."""
    import numpy as np

    with np.errstate(divide="ignore", over="ignore"):
        beyond = free + 1.0
        tail = np.exp(np.minimum(beyond * (1 + np.log(mean / beyond)) - mean, 0))
        falls = np.e / 2 * mean / (beyond + 1)
        over = np.where((falls < 1) & (mean < beyond), tail / np.maximum(1 - falls, 1e-12), np.inf)
    return (free > 0) & (mean > 0) & (over > per_1000 / 1000 * -np.expm1(-mean))


def looser(mean: "Means", per_1000: "Means", free: "Units", cycle: "Means") -> "Means":
    """Return the target within reach, given what is sold beyond it; `free` are units within reach."""
    import numpy as np

    low, high = free.copy(), 2 * free
    while (still := within_reach(high, mean, per_1000)).any():
        low, high = np.where(still, high, low), np.where(still, 2 * high, high)
    while (low + 1 < high).any():
        middle = (low + high) // 2
        still = within_reach(middle, mean, per_1000)
        low, high = np.where(still, middle, low), np.where(still, high, middle)
    return np.minimum(per_1000 * np.maximum(cycle / np.maximum(low, 1), 1), 1000)


def smallest(ladder: "Ladder", per_1000: "Means") -> "Units":
    """Return the buffers after the fewest steps that meet the target; after all of them where even those do not."""
    import numpy as np

    low, high = np.zeros(len(per_1000), np.int64), ladder.steps
    while (low < high).any():
        middle = (low + high) // 2
        over, sold = ladder.outcome(ladder.shown(middle))
        keeps = over <= per_1000 / 1000 * sold
        high = np.where(keeps, middle, high)
        low = np.where(keeps, low, np.minimum(middle + 1, high))
    return ladder.free[:, None] - ladder.shown(low)


class Ladder:
    """Items of which no more than `width` units are free, and what comes of it when so many steps are kept back."""

    def __init__(self, free: "Units", means: "Means", typed: "Units", ours: "Flags", width: int) -> None:
        """Reckon the chances that 0, 1, … shoppers come to each channel, and in which order units are kept back."""
        import numpy as np

        self.free, self.grid = free, np.arange(width)
        self.steps = free * ours.sum(axis=1)
        logs = np.concatenate([[0.0], np.cumsum(np.log(self.grid[1:]))])
        with np.errstate(divide="ignore"):
            log_mean = np.log(means)[:, :, None]
        powers = np.where(self.grid == 0, 0, np.maximum(self.grid, 1) * log_mean)
        self.chance = np.exp(powers - means[:, :, None] - logs)
        self.more = np.maximum(1 - np.cumsum(self.chance, axis=2), 0)  # that more come than 0, 1, …
        start = np.zeros_like(self.more[:, :, :1])
        self.sales = np.concatenate([start, np.cumsum(self.more, axis=2)], axis=2)  # expected, showing 0, 1, …
        is_there = self.grid < free[:, None, None]
        wished = np.where(is_there & ours[:, :, None], self.more, np.inf).reshape(len(free), -1)
        order = np.argsort(wished, axis=1, kind="stable")
        self.turn = np.empty_like(order)
        np.put_along_axis(self.turn, order, np.arange(order.shape[1])[None], axis=1)
        self.turn = self.turn.reshape(is_there.shape[0], -1, width)
        self.limit = (free[:, None] - typed)[:, :, None]

    def shown(self, steps: "Units") -> "Units":
        """Return what each channel shows after so many steps."""
        shows = (self.turn >= steps[:, None, None]) & (self.grid < self.limit)
        found: Units = shows.sum(axis=2)
        return found

    def outcome(self, shown: "Units") -> "tuple[Means, Means]":
        """Return the units that are expected to be oversold, and to be sold, by channels that show so many."""
        import numpy as np

        sold = np.take_along_axis(self.sales, shown[:, :, None], axis=2)[:, :, 0].sum(axis=1)
        missing = np.maximum(self.free[:, None] - self.grid, 0)
        within = self.free - (missing * self.together(shown)).sum(axis=1)  # E[min(S, free)]
        return np.maximum(sold - within, 0), sold

    def together(self, shown: "Units") -> "Means":
        """Return the chance that all channels together sell 0, 1, … units, each no more than it shows."""
        import numpy as np

        width = len(self.grid)
        found = np.zeros((len(shown), width))
        found[:, 0] = 1.0
        for channel in range(shown.shape[1]):
            most = shown[:, channel, None]
            before = np.concatenate([np.ones((len(most), 1)), self.more[:, channel, :-1]], axis=1)
            own = np.where(self.grid < most, self.chance[:, channel], np.where(self.grid == most, before, 0.0))
            waves = (np.fft.rfft(one, 2 * width, axis=1) for one in (found, own))
            found = np.fft.irfft(next(waves) * next(waves), axis=1)[:, :width]
        return np.maximum(found, 0)
