"""Delays, slips and kept promises in sentences: the rule that applies, the deadline, and what to do next."""

from datetime import date
from math import isnan

from fillrate.report.texts import text

WAITING = ("needs_yes", "silence_is_yes")


def delay_sentences(rule: str, to_do: str, why: str, deadline: date | None, ship_by: date | None) -> list[str]:
    """Return one row of DELAYS in sentences; its days are the store's."""
    day = ship_by or text("promise", "unknown_day")
    said = [text("delay_why", why, deadline=deadline, day=day)]
    said += [text("promise", "rule", rule=text("delay_rule", rule))] if rule else []
    if why in WAITING:
        return [*said, text("promise", "wait_until", deadline=deadline)]
    return [*said, text("delay_to_do", to_do, deadline=deadline)]


def proposal_sentences(
    delivery: str,
    slips: int,
    breaks: int,
    undated: int,
    late_days: int | None,
    quantity: int,
    money: str,
    *,
    by_itself: bool,
) -> list[str]:
    """Return one row of PROPOSALS in sentences; `delivery` is its name, "" where none is behind it."""
    what = text("promise", "delivery", inbound=delivery) if delivery else text("promise", "no_delivery")
    parts = {"what": what, "slips": counted("slips", slips), "breaks": counted("breaks", breaks)}
    if late_days is None:
        said = [text("promise", "slips_undated", **parts)]
    else:
        said = [text("promise", "slips", **parts, days=counted("days", late_days))]
    said.append(text("promise", "breaks", units=counted("units", quantity), money=money))
    said += [text("promise", "undated", lines=counted("lines", undated))] if undated else []
    return [*said, text("promise", "by_itself" if by_itself else "waits")]


def kept_sentences(
    what: str, kept: int, due: int, first: float, last: float, mean_slip: float, median_slip: float, verdict: str
) -> list[str]:
    """Return one row of KEPT_BY in sentences; `kept` are those of the due ones, shares and slips may be NaN."""
    if not due:
        return [text("promise", "none_due", what=what)]
    shares = {"first": share(first), "last": share(last)}
    slips = {"mean": number(mean_slip), "median": number(median_slip)}
    said = text("promise", "kept", what=what, kept=kept, due=due, **shares, **slips)
    return [said, text("verdict", verdict)]


def counted(kind: str, n: int) -> str:
    """Return a number with its word."""
    return text(kind, "one") if n == 1 else text(kind, "many", n=n)


def share(value: float) -> str:
    """Return a share in percent."""
    return text("promise", "no_share") if isnan(value) else text("promise", "share", percent=f"{value * 100:.0f}")


def number(value: float) -> str:
    """Return days with one decimal."""
    return text("promise", "no_share") if isnan(value) else f"{value:.1f}"
