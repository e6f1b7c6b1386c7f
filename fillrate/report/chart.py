"""A bar chart of what waits, by age and reason, as SVG: a picture that an artifact's Markdown can hold.

It has its own ground, so that it reads the same on a light and on a dark page. Colours: Okabe and Ito, which people who see
fewer colours tell apart as well.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from fillrate.decide.states import REASONS, Reason, State
from fillrate.report.texts import text

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#7A7A7A")
STATES = ("backlog", "backorder")
WIDTH, ROW, TOP, LEFT, RIGHT, GAP = 720, 24, 64, 66, 48, 18  # the column of the page is about 700 wide
PANEL = (WIDTH - 3 * GAP) // 2
INK, PALE, GROUND = "#1f2933", "#616e7c", "#ffffff"


def age_chart(classes: Sequence[str], ages: Sequence[Mapping[str, Any]]) -> str:  # Any: see steps.glance
    """Return SVG with one panel a state: a bar for each class of age, in parts by reason; `ages` are those of a glance."""
    most = max([1, *(sum(row["ages"][n] for row in ages if row["state"] == state)
                     for state in STATES for n in range(len(classes)))])  # fmt: skip
    panels = [[row for row in ages if row["state"] == state] for state in STATES]
    legend = max(len(rows) for rows in panels)
    height = TOP + ROW * len(classes) + 18 + 20 * legend + GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
        'font-family="system-ui, -apple-system, Segoe UI, sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{height}" rx="8" fill="{GROUND}"/>',
    ]
    for number, (state, rows) in enumerate(zip(STATES, panels, strict=True)):
        parts += panel(state, rows, classes, most, GAP + number * (PANEL + GAP))
    return "".join([*parts, "</svg>"])


def panel(
    state: str, rows: Sequence[Mapping[str, Any]], classes: Sequence[str], most: int, x: int
) -> list[str]:  # Any: as above
    """Return the bars and the legend of one state."""
    units = sum(row["units"] for row in rows)
    title = text("glance", "chart", state=text("state", state).capitalize(), units=f"{units:,}")
    parts = [label(x, 28, title, INK, more='font-size="16" font-weight="600"')]
    parts.append(label(x, 48, text("glance", "chart_axis"), PALE))
    scale = (PANEL - LEFT - RIGHT) / most
    for n, name in enumerate(classes):
        y, at = TOP + ROW * n, float(x + LEFT)
        parts.append(label(x + LEFT - 10, y + 14, name, INK, more='text-anchor="end"'))
        for row in rows:
            width = row["ages"][n] * scale
            if width:
                fill = colour(row)
                parts.append(f'<rect x="{at:.1f}" y="{y}" width="{width:.1f}" height="{ROW - 6}" fill="{fill}"/>')
                at += width
        total = sum(row["ages"][n] for row in rows)
        parts.append(label(at + 6, y + 14, f"{total:,}" if total else "–", INK if total else PALE))
    start = TOP + ROW * len(classes) + 18
    for n, row in enumerate(rows):
        parts.append(f'<rect x="{x}" y="{start + 20 * n}" width="12" height="12" fill="{colour(row)}"/>')
        parts.append(label(x + 20, start + 11 + 20 * n, f"{text('reason', row['reason'])}: {row['units']:,}", INK))
    return parts


def colour(row: Mapping[str, Any]) -> str:  # Any: as above
    """Return the colour of a reason, the same in every chart."""
    return COLOURS[REASONS[State(row["state"])].index(Reason(row["reason"]))]


def label(x: float, y: float, said: str, fill: str, *, more: str = "") -> str:
    """Return a piece of text."""
    return f'<text x="{x:.1f}" y="{y}" fill="{fill}" {more}>{escape(said)}</text>'


def as_image(svg: str, alt: str) -> str:
    """Return Markdown with the picture in it; `alt` is read where pictures are not shown."""
    return f"![{alt}](data:image/svg+xml;base64,{b64encode(svg.encode()).decode()})"
