"""Delays, slips and kept promises in sentences: the rule that applies, the deadline, and what to do next."""

from collections.abc import Mapping
from datetime import date
from math import isnan, nan
from typing import Any

from fillrate.report.markdown import escape, table
from fillrate.report.texts import text

KEPT = (
    "promises",
    "kept",
    "broken",
    "open",
    "void",
    "of those over",
    "by supply",
    "mean days late",
    "median",
    "promises are",
)
WIDE = ("open", "void", "median")  # more than a page of Prefect has room for; the command shows them
SLIPS = ("mean_slip", "median_slip")
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


def total_sentences(found: Mapping[str, Any]) -> list[str]:  # Any: plain values, see steps.kept
    """Return what became of all promises together."""
    one = found["total"]
    if one is None:
        return [text("promise", "none_given")]
    kept = round((one["share"] or 0) * one["due"])
    first, last, mean, median = (
        nan if one[name] is None else float(one[name]) for name in ("share_first", "share_last", *SLIPS)
    )
    said = kept_sentences(text("promise", "all"), kept, one["due"], first, last, mean, median, one["verdict"])
    fates = {name: f"{one[name]:,}" for name in ("promises", "kept", "broken", "open", "void")}
    return [text("promise", "fates", **fates), *said]


def kept_rows(found: Mapping[str, Any]) -> list[tuple[object, ...]]:  # Any: as above
    """Return what became of the promises of each group, under its name and KEPT."""
    return [
        (
            name_of(found["by"], one["name"]),
            *(one[name] for name in ("promises", "kept", "broken", "open", "void")),
            *(percent(one[name]) for name in ("share", "share_sure")),
            *("–" if one[name] is None else number(one[name]) for name in SLIPS),
            text("verdict_word", one["verdict"]),
        )
        for one in found["groups"]
    ]


def name_of(by: str, name: str) -> str:
    """Return what a group is called; by source in words, and in words where it has no name."""
    if by == "source":
        return text("promised", name)
    return name or text("say", "no_sku" if by == "sku" else "nobodys_supply")


def percent(value: float | None) -> str:
    """Return a share, or a dash."""
    return "–" if value is None else share(value)


def kept_artifact(found: Mapping[str, Any], worst: Mapping[str, Any]) -> str:  # Any: as above, by supplier and by SKU
    """Return what became of promises as Markdown: in all, by supplier, and of the SKUs that broke most."""
    parts = [f"## {text('promise', 'kept_title')}", *(escape(one) for one in total_sentences(found))]
    narrow = [0, *(n for n, name in enumerate(KEPT, 1) if name not in WIDE)]
    for one in (found, worst):
        if one["groups"]:
            rows = [(one["by"], *KEPT), *kept_rows(one)]
            head, *body = [tuple(row[n] for n in narrow) for row in rows]
            parts.append(table([str(name) for name in head], body))
    return "\n\n".join(parts)


def counted(kind: str, n: int) -> str:
    """Return a number with its word."""
    return text(kind, "one") if n == 1 else text(kind, "many", n=n)


def share(value: float) -> str:
    """Return a share in percent."""
    return text("promise", "no_share") if isnan(value) else text("promise", "share", percent=f"{value * 100:.0f}")


def number(value: float) -> str:
    """Return days with one decimal."""
    return text("promise", "no_share") if isnan(value) else f"{value:.1f}"
