"""What reconciliations found, for the terminal and as an artifact: tables, and a bar for each day."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fillrate.report.chart import COLOURS, GAP, GROUND, INK, PALE, as_image, label
from fillrate.report.markdown import escape
from fillrate.report.markdown import table as markdown_table
from fillrate.report.money import money
from fillrate.report.texts import text

CLASSES = ("why", "found", "units", "value", "what became of it")
WAITING = ("number", "SKU", "channel", "units", "value", "why")
WORST = ("number", "SKU", "channel", "units", "value", "what became of it", "why")
AGAIN = ("SKU", "channel", "number", "times", "units")
BAR = 40  # characters of the longest bar
WIDTH, ROW, TOP, LEFT, RIGHT = 480, 22, 48, 92, 52
ENDS = ("healed", "waits", "put_back", "adopted", "left")
COLOUR = dict(zip(ENDS, (COLOURS[2], COLOURS[5], COLOURS[0], COLOURS[1], COLOURS[6]), strict=True))

Found = Mapping[str, Any]  # Any: JSON of fillrate.steps.reconciling.found


def headline(found: Found) -> str:
    """Return in one sentence what was found."""
    told = [one for one in found["classes"] if one["class"] != "in_flight"]
    units, value = (sum(one[name] for one in told) for name in ("units", "value_e4"))
    values = {
        "n": units,
        "value": money(value, found["currency"]),
        "days": found["days"],
        "waits": len(found["waiting"]),
    }
    return text("drift_told", "head" if told else "none", **values)


def class_rows(found: Found) -> list[tuple[object, ...]]:
    """Return rows under CLASSES."""
    return [
        (
            text("drift_class", one["class"]),
            one["found"],
            one["units"],
            money(one["value_e4"], found["currency"]),
            ", ".join(f"{n} {text('drift_outcome', name)}" for name, n in one["outcomes"].items()),
        )
        for one in found["classes"]
    ]


def waiting_rows(found: Found) -> list[tuple[object, ...]]:
    """Return rows under WAITING."""
    return [
        (
            one["id"],
            name_of(one),
            one["channel"],
            signed(one),
            money(one["value_e4"], found["currency"]),
            one["evidence"],
        )
        for one in found["waiting"]
    ]


def worst_rows(found: Found) -> list[tuple[object, ...]]:
    """Return rows under WORST."""
    return [
        (
            one["id"],
            name_of(one),
            one["channel"],
            signed(one),
            money(one["value_e4"], found["currency"]),
            text("drift_outcome", one["outcome"]),
            one["evidence"],
        )
        for one in found["worst"]
    ]


def again_rows(found: Found) -> list[tuple[object, ...]]:
    """Return rows under AGAIN."""
    return [(name_of(one), one["channel"], one["target"], one["times"], one["units"]) for one in found["again"]]


def name_of(one: Found) -> str:
    """Return the SKU of a finding."""
    return one["sku"] or text("say", "no_sku")


def signed(one: Found) -> str:
    """Return units with their sign: fewer than expected, or more."""
    return f"{one['units']:+,}"


def steps_of(found: Found) -> Iterator[str]:
    """Yield what to do next about each class that occurred."""
    for one in found["classes"]:
        yield f"{text('drift_class', one['class']).capitalize()}: {one['next']}"


def trend_lines(found: Found) -> list[str]:
    """Return a bar of units for each day, in plain text."""
    sums = [sum(one["units"].values()) for one in found["trend"]]
    most = max([1, *sums])
    return [
        f"  {one['day']}  {'█' * -(-n * BAR // most)}{' ' if n else ''}{n or '–'}"
        for one, n in zip(found["trend"], sums, strict=True)
    ]


def drift_chart(trend: Sequence[Found]) -> str:
    """Return SVG with a bar of units for each day, in parts by what became of them."""
    most = max([1, *(sum(one["units"].values()) for one in trend)])
    ends = [end for end in ENDS if any(end in one["units"] for one in trend)]
    height = TOP + ROW * len(trend) + 12 + 20 * len(ends) + GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
        'font-family="system-ui, -apple-system, Segoe UI, sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{height}" rx="8" fill="{GROUND}"/>',
        label(GAP, 28, text("drift_told", "chart"), INK, more='font-size="16" font-weight="600"'),
    ]
    for n, one in enumerate(trend):
        parts += day_bar(one, ends, TOP + ROW * n, (WIDTH - LEFT - RIGHT) / most)
    start = TOP + ROW * len(trend) + 12
    for n, end in enumerate(ends):
        parts.append(f'<rect x="{GAP}" y="{start + 20 * n}" width="12" height="12" fill="{COLOUR[end]}"/>')
        parts.append(label(GAP + 20, start + 11 + 20 * n, text("drift_outcome", end), INK))
    return "".join([*parts, "</svg>"])


def day_bar(one: Found, ends: Sequence[str], y: int, scale: float) -> Iterator[str]:
    """Yield the parts of one day's bar."""
    yield label(LEFT - 10, y + 14, one["day"], INK, more='text-anchor="end"')
    at = float(LEFT)
    for end in ends:
        if width := one["units"].get(end, 0) * scale:
            yield f'<rect x="{at:.1f}" y="{y}" width="{width:.1f}" height="{ROW - 6}" fill="{COLOUR[end]}"/>'
            at += width
    total = sum(one["units"].values())
    yield label(at + 6, y + 14, f"{total:,}" if total else "–", INK if total else PALE)


def drift_artifact(title: str, found: Found) -> str:
    """Return what was found as Markdown, with a picture."""
    parts = [f"## {escape(title)}", escape(headline(found))]
    if found["classes"]:
        parts += [as_image(drift_chart(found["trend"]), text("drift_told", "chart_alt"))]
        parts += [markdown_table(CLASSES, class_rows(found))]
        parts += ["\n".join(f"* {escape(one)}" for one in steps_of(found))]
    if found["waiting"]:
        parts += [f"### {text('drift_told', 'waiting')}\n{escape(text('drift_told', 'waiting_next'))}"]
        parts += [markdown_table(WAITING, waiting_rows(found))]
    if found["worst"]:
        parts += [f"### {text('drift_told', 'worst')}", markdown_table(WORST, worst_rows(found))]
    if found["again"]:
        parts += [f"### {text('drift_told', 'again')}\n{escape(text('drift_told', 'again_next'))}"]
        parts += [markdown_table(AGAIN, again_rows(found))]
    return "\n\n".join(parts)
