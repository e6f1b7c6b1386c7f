"""Pick lists for people: an artifact, a table to be opened elsewhere, and pages to be printed; and when all is done."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from fillrate.decide.working_off import WorkedOff
from fillrate.report.markdown import escape, table
from fillrate.report.plain import safe

Plain = Mapping[str, Any]  # Any: JSON
COLUMNS = (
    "list",
    "location",
    "order",
    "line",
    "sku",
    "name",
    "quantity",
    "to_do",
    "shipped",
    "short",
    "removed",
    "note",
    "parts",
)
FORMULA = re.compile(r"[=+\-@\t\r]")  # what a spreadsheet takes for one, at the start of a cell


def worked_off_in_words(found: WorkedOff) -> str:
    """Return when the backlog is worked off, in a sentence."""
    if not found.units:
        return "Nothing waits to be picked or packed."
    what = f"{found.units:,} unit{'s wait' if found.units > 1 else ' waits'} to be picked or packed"
    if not found.days:
        return f"{what}. When that is done can be said after the first whole working day."
    if found.done_on is None:
        return f"{what}. Nothing has shipped on the last working days, so nobody can say when that is done."
    rate = f"{found.shipped / found.days:,.1f} a working day (the last {found.days})"
    return f"{what}: at {rate} the work is done on {found.done_on:%A}, {found.done_on}."


def pick_artifact(
    title: str, outlook: str, lists: Sequence[tuple[Plain, Sequence[Plain]]], doubts: Sequence[Plain]
) -> str:
    """Return the lists of a run with their lines, shelves in doubt, and when the backlog is worked off."""
    parts = [f"## {escape(title)}", outlook]
    for one, lines in lists:
        parts.append(f"### List {one['id']}, {escape(one['location_name'])}: {escape(one['day'])}")
        parts.append(f"To print it: `fillrate picks {one['id']} --html list.html`")
        rows = [(f"{row['channel']}:{row['order']}", what_in_words(row), row["name"], row["quantity"]) for row in lines]
        parts.append(table(("order", "SKU", "name", "units"), rows))
    if not lists:
        parts.append("No list was made: nothing is ready that fits into today.")
    if doubts:
        parts.append("### Shelves in doubt")
        parts.append(table(("SKU", "location", "what to do"), [(d["sku"], d["location"], d["to_do"]) for d in doubts]))
    return "\n\n".join(parts)


def pick_csv(lists: Sequence[tuple[Plain, Sequence[Plain]]]) -> str:
    """Return lists as CSV (RFC 4180); a text that a spreadsheet would take for a formula begins with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for one, lines in lists:
        place = {"list": one["id"], "location": one["location"]}
        for row in lines:
            values = {**row, **place, "order": f"{row['channel']}:{row['order']}", "parts": parts_in_words(row)}
            writer.writerow([cell(values[name]) for name in COLUMNS])
    return out.getvalue()


def what_in_words(line: Plain) -> str:
    """Return the SKU of a line, of a kit with what is picked for it."""
    return f"{line['sku']}: {parts_in_words(line)}" if line["parts"] else str(line["sku"])


def parts_in_words(line: Plain) -> str:
    """Return what is picked for a line of a kit, "" of what is none."""
    return ", ".join(f"{part['quantity']} × {part['sku']}" for part in line["parts"])


def cell(value: object) -> object:
    """Return a value as a cell that nothing takes for a formula."""
    if not isinstance(value, str):
        return value
    text = safe(value)
    return f"'{text}" if FORMULA.match(text) else text


def pick_html(store: str, lists: Sequence[tuple[Plain, Sequence[Plain]]]) -> str:
    """Return lists as a page to be printed, each on sheets of its own."""
    return pages().get_template("picks.html").render(store=store, lists=[(one, by_order(rows)) for one, rows in lists])


def by_order(lines: Sequence[Plain]) -> list[tuple[str, list[Plain]]]:
    """Return lines by order, in the order in which the orders come first; named with its channel where there are several."""
    found: dict[str, list[Plain]] = {}
    several = len({one["channel"] for one in lines}) > 1
    for one in lines:
        found.setdefault(f"{one['channel']}:{one['order']}" if several else one["order"], []).append(one)
    return list(found.items())


@cache
def pages() -> jinja2.Environment:
    """Return where the pages are; every value is escaped, and what does not print becomes a mark."""
    found = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "pages"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.finalize = lambda value: safe(value) if type(value) is str else value
    return found
