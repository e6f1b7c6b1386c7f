"""A comparison of policies as a table, for the terminal and for an artifact."""

from typing import Any

from fillrate.report.markdown import table

HEAD = ("policy", "units", "lines", "orders", "backorder-days", "no day", "promises broken", "splits")
NAMES = {
    "as_set": "as set",
    "fifo": "first in, first out",
    "priority": "priority",
    "ship_complete": "ship complete",
    "oldest_promise": "oldest promise first",
    "margin": "margin first",
}


def rows_of(found: dict[str, Any]) -> list[tuple[object, ...]]:  # Any: JSON of `steps.compare`
    """Return a row for each policy under HEAD."""
    counts = ("backorder_days", "undated_units", "promises_broken", "splits")
    return [
        (
            NAMES[one["policy"]],
            *(f"{one[name]:.1%}" for name in ("unit_rate", "line_rate", "order_rate")),
            *(one[name] for name in counts),
        )
        for one in found["policies"]
    ]


def note(found: dict[str, Any]) -> str:  # Any: JSON
    """Return in a sentence what the figures are of."""
    units = found["policies"][0]["units"]
    return (
        f"{units:,} open units as of {found['as_of'][:16].replace('T', ' ')} UTC; channel: {found['channel']}. "
        f"{margin_note(found['lines'], found['lines_without_cost'])}"
    )


def margin_note(lines: int, without_cost: int) -> str:
    """Return in a sentence what a margin is, and of how many lines only half of it is known."""
    what = "A margin is the price less the cost in the catalogue"
    if not without_cost:
        return f"{what}."
    return f"{what}; {without_cost:,} of {lines:,} lines have no known cost and go by their price."


def as_text(found: dict[str, Any]) -> list[str]:  # Any: JSON
    """Return the table for a terminal."""
    cells = [HEAD, *([f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row] for row in rows_of(found))]
    widths = [max(len(row[at]) for row in cells) for at in range(len(HEAD))]
    lines = [
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in cells
    ]
    return [*lines, "", note(found)]


def as_markdown(found: dict[str, Any]) -> str:  # Any: JSON
    """Return the table for an artifact."""
    return f"# What other policies would do\n\n{table(HEAD, rows_of(found))}\n\n{note(found)}"
