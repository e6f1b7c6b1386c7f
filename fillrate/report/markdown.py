"""Markdown for artifacts from text that nobody has checked: nothing in it may become markup."""

import re
from collections.abc import Sequence

from fillrate.report.plain import safe

MOST_ROWS = 500
MARKUP = re.compile(r"[\\`*_\[\]#|~<>&$]")
ADDRESS = re.compile(r"(?<=\S)@(?=\S+\.)|:(?=//)|(?<=www)\.", re.IGNORECASE)  # what makes a link of an address


def escape(text: object) -> str:
    """Return text that reads the same and means nothing to Markdown or HTML, anywhere but at the start of a line."""
    marked = MARKUP.sub(lambda found: f"\\{found.group()}", safe(str(text)))  # entities show as such in one of the UIs
    return ADDRESS.sub(lambda found: f"&#{ord(found.group())};", marked)


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a Markdown table of at most 500 rows, saying how many more there are; whole numbers stand to the right."""
    numbers = [bool(rows) and all(isinstance(row[i], int) for row in rows) for i in range(len(head))]
    lines = [line(head), "|" + "".join("---:|" if is_number else "---|" for is_number in numbers)]
    lines += [
        line([f"{cell:,}" if isinstance(cell, int) else escape(cell) for cell in row]) for row in rows[:MOST_ROWS]
    ]
    if len(rows) > MOST_ROWS:
        lines.append(f"\n… and {len(rows) - MOST_ROWS:,} more.")
    return "\n".join(lines)


def line(cells: Sequence[str]) -> str:
    """Return one line of a table."""
    return f"| {' | '.join(cells)} |"
