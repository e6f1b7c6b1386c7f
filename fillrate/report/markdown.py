"""Markdown for artifacts from text that nobody has checked: nothing in it may become markup."""

import re
from collections.abc import Sequence

from fillrate.report.plain import safe

MOST_ROWS = 500
MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-.!|~<>&$:/@])")


def escape(text: object) -> str:
    """Return text that reads the same and means nothing to Markdown or HTML."""
    return MARKUP.sub(lambda found: f"&#{ord(found.group())};", safe(str(text)))


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a Markdown table of at most 500 rows, saying how many more there are."""
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(escape(cell) for cell in row)} |" for row in rows[:MOST_ROWS]]
    if len(rows) > MOST_ROWS:
        lines.append(f"\n… and {len(rows) - MOST_ROWS} more.")
    return "\n".join(lines)
