"""`fillrate db upgrade | check`: the tables themselves."""

import sys

import typer

from deployments.cli.terminal import EXIT_WRONG_USE, AsJson, print_json, say
from fillrate.db.database import Database
from fillrate.gateway.outside import Outside
from fillrate.settings import load

app = typer.Typer(help="The database's tables.", no_args_is_help=True, rich_markup_mode=None)


def database() -> Database:
    """Open the database of the settings, whatever version its tables have."""
    return Database.open(load().database.url.get_secret_value(), Outside())


@app.command()
def upgrade(as_json: AsJson = False) -> None:
    """Bring the tables to this version; makes a backup first where there is something to lose."""
    db = database()
    try:
        version = db.upgrade()
    finally:
        db.close()
    if as_json:
        print_json({"version": version})
    else:
        say(f"The tables are at version {version}.")


@app.command()
def check(as_json: AsJson = False) -> None:
    """Tell whether the tables fit this version; changes nothing."""
    db = database()
    try:
        report = db.check()
    finally:
        db.close()
    if as_json:
        print_json(report)
    else:
        say(f"{report['sentence']} {report['next']}".rstrip())
    if not report["ok"]:
        sys.exit(EXIT_WRONG_USE)
