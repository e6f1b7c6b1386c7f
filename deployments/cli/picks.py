"""`fillrate release-backlog` and `fillrate picks`: what the warehouse picks now, and what became of it."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from deployments.cli.run import exit_code, run_flow, sentences
from deployments.cli.terminal import AsJson, print_json, say, table
from fillrate.bootstrap import open_desk
from fillrate.db.database import Reading
from fillrate.errors import FixSettings
from fillrate.report.picks import pick_csv, pick_html, what_in_words
from fillrate.settings import load
from fillrate.steps.desk import Desk
from fillrate.steps.picking import told
from fillrate.steps.picking.show import one_list, shown, with_lines

Plain = dict[str, Any]  # Any: JSON
WORDS = "LIST, or: undo LIST"


def release_backlog(
    as_of: Annotated[datetime | None, typer.Option(help="Release on the day of this time (UTC).")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Decide and count, but save nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Release what the warehouse can do now; the same as: fillrate run release-backlog."""
    load()  # mistakes in the settings are told before anything starts
    wishes = {"as_of": as_of, "dry_run": dry_run}
    result = run_flow("release-backlog", {name: value for name, value in wishes.items() if value})
    if as_json:
        print_json(result)
    else:
        say(*sentences(result))
        say("Nothing was saved (dry run)." if dry_run else "The lists: fillrate picks")
    sys.exit(exit_code(result))


def picks(
    words: Annotated[list[str] | None, typer.Argument(help="A list to show, or `undo LIST`.", metavar=WORDS)] = None,
    csv_file: Annotated[Path | None, typer.Option("--csv", help="Write a table for a spreadsheet.")] = None,
    html_file: Annotated[Path | None, typer.Option("--html", help="Write pages to be printed.")] = None,
    as_json: AsJson = False,
) -> None:
    """List pick lists, or show, print or take back one; without a list, files hold all that are open or taken."""
    undoing, list_id = asked(words or [])
    with open_desk() as desk:
        if undoing and list_id is not None:
            found = [told.undo(desk, list_id)]
        else:
            with desk.db.read() as reading:
                found = (
                    [one_list(desk, reading, list_id)]
                    if list_id is not None
                    else listed(desk, reading, csv_file or html_file)
                )
        store = desk.settings.store.name
    pairs = [(one, one.get("lines", [])) for one in found]
    if csv_file:
        csv_file.write_text(
            pick_csv(pairs), encoding="utf-8-sig", newline=""
        )  # the mark tells spreadsheets that it is UTF-8
    if html_file:
        html_file.write_text(pick_html(store, pairs), encoding="utf-8")
    if as_json:
        print_json(found[0] if list_id is not None else {"pick_lists": found})
        return
    for file in filter(None, (csv_file, html_file)):
        say(f"{len(found)} list(s) written to {file}")
    if undoing:
        say(f"Pick list {list_id} is taken back; its units are ready again.")
    elif list_id is not None and not (csv_file or html_file):
        print_list(found[0])
    elif not (csv_file or html_file):
        print_lists(found)


def asked(words: list[str]) -> tuple[bool, int | None]:
    """Return whether to undo, and the list that is meant."""
    undoing = bool(words) and words[0] == "undo"
    rest = words[1:] if undoing else words
    if len(rest) > 1 or (undoing and not rest) or any(not one.isascii() or not one.isdigit() for one in rest):
        raise FixSettings(
            f"{' '.join(words)} names no pick list.", next="Say: fillrate picks 7, or: fillrate picks undo 7"
        )
    if rest and int(rest[0]) > 2**62:
        raise FixSettings(f"{rest[0]} names no pick list.", next="List them: fillrate picks")
    return undoing, int(rest[0]) if rest else None


def listed(desk: Desk, reading: Reading, file: Path | None) -> list[Plain]:
    """Return the newest lists; for a file those that are open or taken, with their lines."""
    if not file:
        return shown(desk, reading)
    found = shown(desk, reading, ("open", "taken"))
    lines = with_lines(reading, [one["id"] for one in found])
    return [{**one, "lines": lines[one["id"]]} for one in found]


def print_lists(found: list[Plain]) -> None:
    """Print lists without their lines."""
    if not found:
        say("There are no pick lists. Make them: fillrate release-backlog")
        return
    names = ("id", "location_name", "state", "orders", "lines", "units", "to_do")
    rows = [(*(one[name] for name in names), one["day"]) for one in found]
    table(("list", "location", "state", "orders", "lines", "units", "to do", "day"), rows)


def print_list(one: Plain) -> None:
    """Print one list with its lines."""
    say(
        f"Pick list {one['id']} at {one['location_name']}: {one['state']}, {one['to_do']} of {one['units']} units to do"
    )
    rows = [
        (
            line["id"],
            f"{line['channel']}:{line['order']}",
            what_in_words(line),
            line["to_do"],
            max(line["shipped"], line["seen"]),
            line["short"],
            line["note"],
        )
        for line in one["lines"]
    ]
    table(("line", "order", "SKU", "to do", "shipped", "not found", ""), rows)
