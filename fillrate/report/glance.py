"""Both queues at a glance, as Markdown for an artifact: the numbers, a chart, what is at risk, and what waits longest."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from fillrate.report.chart import age_chart, as_image
from fillrate.report.markdown import escape, table
from fillrate.report.texts import text

Json = Mapping[str, Any]  # Any: plain values, see steps.glance
CANCELS = ("order", "SKU", "units", "value", "why", "next step")
WAITS = ("order", "SKU", "units", "why", "days", "promised", "likely")


def glance_artifact(found: Json, classes: Sequence[str], zone: ZoneInfo, plans: Sequence[str]) -> str:
    """Return it as Markdown; `plans` are sentences (Markdown) about plans that wait for a person."""
    parts = [f"## {headline(found)}", escape(as_of(found, zone))]
    parts += [text("glance", "plans") + "\n" + "\n".join(f"* {one}" for one in plans)] if plans else []
    parts += cancels(found["asked_to_cancel"])
    if not found["ages"]:
        return "\n\n".join([*parts, text("glance", "nothing")])
    parts.append(as_image(age_chart(classes, found["ages"]), text("glance", "chart_alt")))
    for name in ("at_risk", "unpromised", "due_soon"):
        parts += section(name, found[name], found["as_of"], zone)
    parts += [f"### {text('glance', 'longest')}", table(WAITS, waits_rows(found["longest"], found["as_of"], zone))]
    return "\n\n".join([*parts, f"### {text('glance', 'numbers')}", ages_table(classes, found["ages"])])


def headline(found: Json) -> str:
    """Return the numbers that matter in one line."""
    said = [
        text("glance", name, n=f"{found['units'][name]:,}")
        for name in ("backlog", "backorder", "new")
        if found["units"][name] or name != "new"
    ]
    for name in ("at_risk", "due_soon"):
        said += [text("glance", f"{name}_head", n=f"{found[name]['units']:,}")] if found[name]["units"] else []
    said += (
        [text("glance", "proposals_head", n=counted("plans", len(found["proposals"])))] if found["proposals"] else []
    )
    return " · ".join(said)


def as_of(found: Json, zone: ZoneInfo) -> str:
    """Return what moment this is about."""
    at = datetime.fromisoformat(found["as_of"]).astimezone(zone)
    return text("glance", "as_of", at=f"{at:%Y-%m-%d %H:%M}", zone=zone.key)


def heading(name: str, part: Json) -> str:
    """Return how much there is of a part of the glance, in words."""
    return text("glance", name, n=counted("units", part["units"]), lines=counted("lines", part["lines"]))


def section(name: str, part: Json, at: str, zone: ZoneInfo) -> list[str]:
    """Return a heading, what it means, and the worst of its lines; nothing where there is none."""
    if not part["lines"]:
        return []
    rows = table(WAITS, waits_rows(part["worst"], at, zone))
    said = [f"### {heading(name, part)}", text("glance", f"{name}_next"), rows]
    return [*said, *more_of(part, "quantity")]


def cancels(part: Json) -> list[str]:
    """Return what is to be cancelled, why and how; nothing where there is none."""
    if not part["lines"]:
        return []
    said = [f"### {heading('to_cancel', part)}", text("glance", "to_cancel_next")]
    said.append(table(CANCELS, cancel_rows(part["worst"])))
    return [*said, *more_of(part, "units")]


def more_of(part: Json, units: str) -> list[str]:
    """Return how many units of a part are in none of its lines, whose units are under that name; nothing where all are."""
    more = part["units"] - sum(one[units] for one in part["worst"])
    return [text("glance", "more", n=counted("units", more))] if more > 0 else []


def cancel_rows(rows: Sequence[Json]) -> list[tuple[object, ...]]:
    """Return lines that staff is asked to cancel under CANCELS."""
    return [
        (one["order"], one["sku"] or text("say", "no_sku"), *(one[name] for name in ("units", "value", "why", "next")))
        for one in rows
    ]


def waits_rows(rows: Sequence[Json], at: str, zone: ZoneInfo) -> list[tuple[object, ...]]:
    """Return units that wait under WAITS, as of a time; days are those of the zone."""
    now = datetime.fromisoformat(at).astimezone(zone)
    return [waits_row(one, now) for one in rows]


def waits_row(one: Json, now: datetime) -> tuple[object, ...]:
    """Return one row under WAITS."""
    is_unknown = one["state"] == "backorder" and one["likely_by"] is None
    likely = text("glance", "nobody_knows") if is_unknown else day(one["likely_by"], now)
    sku, reason = one["sku"] or text("say", "no_sku"), text("reason", one["reason"])
    return (one["order"], sku, one["quantity"], reason, one["days"], day(one["promised"], now), likely)


def day(value: str | None, now: datetime) -> str:
    """Return a day of the store, with its year where it is another, a dash for none."""
    if value is None:
        return "–"
    at = datetime.fromisoformat(value).astimezone(now.tzinfo)
    return f"{at.day} {at:%b}" + (f" {at.year}" if at.year != now.year else "")


def ages_table(classes: Sequence[str], ages: Sequence[Json]) -> str:
    """Return units by state, reason and age as a table."""
    return table(("state", "why", "units", *(text("glance", "class", days=one) for one in classes)), ages_rows(ages))


def ages_rows(ages: Sequence[Json]) -> list[tuple[object, ...]]:
    """Return units by state, reason and age."""
    return [(text("state", one["state"]), text("reason", one["reason"]), one["units"], *one["ages"]) for one in ages]


def time_artifact(found: Json, classes: Sequence[str]) -> str:
    """Return how long units have been as they are, and how long those stayed that moved on lately, as Markdown."""
    parts = [f"## {text('glance', 'time')}", f"### {text('glance', 'stays', days=found['stays_days'])}"]
    head = ("state", "why", "units", "median days", "90 % within", "mean days")
    rows = [
        (text("state", one["state"]), text("reason", one["reason"]), one["units"], *numbers(one))
        for one in found["stays"]
    ]
    parts.append(table(head, rows) if rows else text("glance", "no_stays"))
    parts += [f"### {text('glance', 'in_state')}", ages_table(classes, found["in_state"])]
    return "\n\n".join(parts)


def numbers(one: Json) -> list[str]:
    """Return the days of a stay."""
    return [f"{one[name]:.1f}" for name in ("median_days", "most_days", "mean_days")]


def counted(kind: str, n: int) -> str:
    """Return a number with its word."""
    return text(kind, "one") if n == 1 else text(kind, "many", n=f"{n:,}")
