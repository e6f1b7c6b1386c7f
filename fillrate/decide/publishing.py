"""How many units a channel shows of what may still be sold: the merchant's rules, in whole columns."""

from typing import TYPE_CHECKING

from fillrate.decide.frames import OFFERS, conform

if TYPE_CHECKING:
    import pandas as pd


def shown(offers: "pd.DataFrame") -> "pd.Series[int]":
    """Return for each of OFFERS how many units its channel should show.

    Sellable is what is free, with what is coming in time and what may be sold beyond it, less the buffer. Of that a share,
    at most and at least so many while any is sellable; nothing once fewer than `end_below` are; `never_below` in any case.
    """
    offers = conform(offers, OFFERS)
    sellable = (offers["free"] + offers["coming"] + offers["beyond"] - offers["buffer"]).clip(lower=0)
    part = (sellable * offers["share_e4"]) // 10_000
    part = part.where(part >= offers["at_least"], offers["at_least"].where(sellable > 0, 0))
    part = part.where(offers["at_most"].isna() | (part <= offers["at_most"].fillna(0)), offers["at_most"])
    part = part.where(sellable >= offers["end_below"], 0)
    found = part.where(part >= offers["never_below"], offers["never_below"])
    return found.astype("int64")
