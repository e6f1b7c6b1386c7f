"""`fillrate import inbound FILE`, `fillrate import kits FILE`, `fillrate import listings FILE`: take in one file now."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from deployments.cli.terminal import EXIT_DONE, EXIT_FAILED, EXIT_REJECTED, AsJson, print_json, say, table
from fillrate.bootstrap import open_desk
from fillrate.report.summary import counted
from fillrate.steps.kits.sync import import_kits
from fillrate.steps.listings.land import import_listings
from fillrate.steps.runs import RunLog, recorded
from fillrate.steps.supply.land import Landed
from fillrate.steps.supply.outlook import LIKENED
from fillrate.steps.supply.sync import import_inbound

PATIENCE_S = 90.0
app = typer.Typer(help="Take in files.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def files() -> None:
    """Take in files."""


@app.command()
def inbound(
    file: Annotated[Path, typer.Argument(help="CSV or JSON with lines of purchase orders or transfers.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and tell, but save nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take in what a file tells of goods on their way; a file in a feed's folder belongs to that feed."""
    with open_desk() as desk:
        log = RunLog(desk.outside.new_id(), "import-inbound", "all", is_dry=dry_run, patience_s=PATIENCE_S)
        with recorded(desk, log):
            landed = import_inbound(desk, log, file)
    if as_json:
        print_json({**as_plain(log, landed), "unknown_skus": landed.unknown})
    else:
        told(log, landed)
    sys.exit(EXIT_FAILED if log.problems else EXIT_REJECTED if landed.bad else EXIT_DONE)


@app.command()
def kits(
    file: Annotated[
        Path, typer.Argument(help="CSV or JSON with kit_sku, part_sku, quantity: every kit that there is.")
    ],
    parts_counted: Annotated[
        bool, typer.Option("--parts-counted", help="The shop's numbers of parts are what lies there now.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and tell, but save nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make the kits what a file says of them; a kit that it leaves out is sold from its own shelf again."""
    with open_desk() as desk:
        log = RunLog(desk.outside.new_id(), "import-kits", "all", is_dry=dry_run, patience_s=PATIENCE_S)
        with recorded(desk, log):
            landed = import_kits(desk, log, file, parts_counted=parts_counted)
    if as_json:
        print_json(as_plain(log, landed))
    else:
        told(log, landed)
    sys.exit(EXIT_REJECTED if landed.bad else EXIT_DONE)


@app.command()
def listings(
    file: Annotated[
        Path,
        typer.Argument(help="CSV or JSON with channel, product, variant or listing_sku, sku, per: all that is said."),
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and tell, but save nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say what listings sell whose own SKU does not; a listing that the file leaves out goes by its own SKU again."""
    with open_desk() as desk:
        log = RunLog(desk.outside.new_id(), "import-listings", "all", is_dry=dry_run, patience_s=PATIENCE_S)
        with recorded(desk, log):
            landed = import_listings(desk, log, file)
    if as_json:
        print_json(as_plain(log, landed))
    else:
        told(log, landed)
    sys.exit(EXIT_REJECTED if landed.bad else EXIT_DONE)


def as_plain(log: RunLog, landed: Landed) -> dict[str, Any]:  # Any: JSON
    """Return what was done as plain values."""
    return {
        "dry_run": log.is_dry,
        "counts": {name: n for name, n in sorted(log.counts.items()) if n},
        "bad_rows": [{"row": one.row, "reason": one.reason} for one in landed.bad],
        "ignored_columns": list(landed.ignored),
        "problems": [problem.as_json() for problem in log.problems],
    }


def told(log: RunLog, landed: Landed) -> None:
    """Say what was done."""
    say(f"{counted(log.counts)}{' Nothing was saved (dry run).' if log.is_dry else ''}")
    if landed.ignored:
        say(f"Columns that mean nothing here: {', '.join(landed.ignored)}")
    if landed.bad:
        say("Rows that cannot be used; mend them and import the file again")
        table(("row", "why"), [(one.row, one.reason) for one in landed.bad])
    if landed.unknown:
        say(
            "Lines whose SKU no single item has; mend it in the file or in the shop, or wait for the catalogue to have it"
        )
        rows = [(one["reference"], one["sku"], ", ".join(one["like"])) for one in landed.unknown[:LIKENED]]
        table(("reference", "SKU", "like"), rows)
    if len(landed.unknown) > LIKENED:
        say(f"… and {len(landed.unknown) - LIKENED} more (all with --json)")
    for problem in log.problems:
        say(f"Problem in {problem.where}: {problem.what} {problem.next}")
