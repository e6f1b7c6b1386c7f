"""The `fillrate` command: one file a command group. Nothing here imports Prefect unless the command starts a flow."""

import os
import signal
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, TextIO

import typer

from deployments.cli import (
    adopt,
    audit,
    compare,
    correct,
    database,
    demo,
    doctor,
    drift,
    explain,
    hooks,
    imports,
    init,
    listings,
    mails,
    messages,
    picks,
    plans,
    promises,
    queue,
    receiver,
    replay,
    run,
    shop,
    status,
    up,
)
from deployments.cli.terminal import LEAVING, failing, leave_at_once, say, terminated

app = typer.Typer(
    name="fillrate",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def tell_version(wanted: bool) -> None:
    """Say which version this is, and leave."""
    if wanted:
        say(f"fillrate {version('fillrate')}")
        raise typer.Exit


@app.callback()
def fillrate(
    show_version: Annotated[
        bool, typer.Option("--version", callback=tell_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """Runs a merchant's stock and orders as Prefect pipelines."""


app.command("demo")(demo.demo)
app.command("init")(init.init)
app.command("doctor")(doctor.doctor)
app.command("up")(up.up)
app.command("receiver")(receiver.receiver)
app.command("run")(run.run)
app.command("release-backlog")(picks.release_backlog)
app.command("picks")(picks.picks)
app.command("plans")(plans.plans)
app.command("show")(plans.show)
app.command("approve")(plans.approve)
app.command("reject")(plans.reject)
app.command("undo")(correct.undo_plan)
app.command("hold")(correct.hold)
app.command("release")(correct.release)
app.command("set-priority")(correct.set_priority)
app.command("move-promise")(correct.move_promise)
app.command("do-not-cancel")(correct.do_not_cancel)
app.command("cancel-units")(correct.cancel_units)
app.command("mark-received")(correct.mark_received)
app.command("adopt-backorders")(adopt.adopt_backorders)
app.command("compare-policies")(compare.compare_policies)
app.command("replay")(replay.replay)
app.command("explain")(explain.explain)
app.command("drift")(drift.drift)
app.command("listings")(listings.listings)
app.command("put-back")(correct.put_back)
app.command("adopt-drift")(correct.adopt_drift)
app.command("promises")(promises.promises)
app.command("queue")(queue.queue)
app.command("status")(status.status)
app.command("audit")(audit.audit)
app.command("sandbox", context_settings=shop.PASS_ON)(shop.sandbox)
app.add_typer(imports.app, name="import")
app.add_typer(database.app, name="db")
app.add_typer(messages.app, name="messages")
app.add_typer(mails.app, name="mails")
app.add_typer(hooks.app, name="hooks")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; every error of ours ends as a sentence and an exit code, never as a traceback."""
    given = [readable(one) for one in (sys.argv[1:] if arguments is None else arguments)]
    as_json = "--json" in given
    signal.signal(signal.SIGTERM, terminated)
    sys.stdout, sys.stderr = sys.stdout or nowhere(), sys.stderr or nowhere()
    try:
        with failing(as_json=as_json):
            sys.exit(app(given, prog_name="fillrate", standalone_mode=not as_json))
    except SystemExit as end:
        if end.code in LEAVING:
            leave_at_once(int(end.code or 0), as_json=as_json)
        raise


def readable(argument: str) -> str:
    """Return an argument as text that can be looked for; bytes that are none become marks."""
    return argument.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def nowhere() -> TextIO:
    """Return what takes the place of an output that the shell has closed (`>&-`)."""
    return Path(os.devnull).open("w", encoding="utf-8")


__all__ = ["app", "main"]
