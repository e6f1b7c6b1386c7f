"""`fillrate mails`: what was written to customers, and a person's word on a mail that is in doubt."""

from typing import Annotated

import typer

from deployments.cli.plans import Who, user
from deployments.cli.terminal import AsJson, at_a_time, print_json, say, table
from fillrate.bootstrap import open_desk
from fillrate.db.queries import mails as queries
from fillrate.errors import FixSettings
from fillrate.report.texts import text
from fillrate.steps.mail import settle as settling
from fillrate.steps.mail import suppressed as suppressing
from fillrate.steps.mail.notices import mail_key

app = typer.Typer(help="What was written to customers.", no_args_is_help=False, rich_markup_mode=None)
Address = Annotated[str, typer.Argument(help="A mail address alone, such as ann@example.com.")]
Key = Annotated[str, typer.Argument(help="The mail's key, as `fillrate mails` lists it.")]
STATES = ("unknown", "failed", "parked", "sending", "planned", "approved", "done")
SHOWN = 100


@app.callback(invoke_without_command=True)
def mails(context: typer.Context, as_json: AsJson = False) -> None:
    """List the latest mails; those that need a person come first."""
    if context.invoked_subcommand:
        return
    with open_desk() as desk, desk.db.read() as reading:
        rows = queries.in_state(reading, STATES, SHOWN)
        silent = suppressing.suppressed(reading)
    rows.sort(key=lambda row: STATES.index(row.state))
    listed = [
        {
            "key": mail_key(row.channel, row.target),
            "state": row.state,
            "since": row.changed_at.isoformat(),
            "tries": row.attempts,
            "answer": row.answer,
            "plan": row.plan_id,
        }
        for row in rows
    ]
    if as_json:
        print_json({"mails": listed, "suppressed": silent})
    elif listed:
        table(
            ("mail", "state", "since (UTC)", "tries", "why"),
            [
                (one["key"], text("mail_state", one["state"]), at_a_time(one["since"]), one["tries"], one["answer"])
                for one in listed
            ],
        )
        if any(one["state"] == "unknown" for one in listed):
            say("", "In doubt: ask the customer or the mail server's log; then fillrate mails settle, or resend")
    else:
        say("No mails yet.")
    if silent and not as_json:
        say("", "Addresses that are not written to; to write again: fillrate mails allow ADDRESS")
        table(("address", "since (UTC)", "why"), [(one["address"], one["since"][:16], one["why"]) for one in silent])


@app.command("resend")
def resend(key: Key, who: Who = "", as_json: AsJson = False) -> None:
    """Let a mail that is in doubt, or was refused, be sent again, if it is still due."""
    with open_desk() as desk:
        flow = settling.resend(desk, key, who or user())
    if as_json:
        print_json({"key": key, "state": "approved"})
    else:
        say(f"{key} is sent by the next run of {flow}, if it is still due: fillrate run {flow}")


@app.command("settle")
def settle(
    key: Key,
    was_sent: Annotated[
        bool | None, typer.Option("--sent/--not-sent", help="The customer has it; or has it not, and shall not get it.")
    ] = None,
    who: Who = "",
    as_json: AsJson = False,
) -> None:
    """Note what became of a mail that is in doubt."""
    if was_sent is None:
        raise FixSettings("Say what became of it.", next="Add --sent or --not-sent.")
    with open_desk() as desk:
        settling.settle(desk, key, who or user(), was_sent=was_sent)
    if as_json:
        print_json({"key": key, "state": "done" if was_sent else "failed"})
    else:
        say(f"{key}: noted that {'the customer has it' if was_sent else 'it was not sent, and shall not be'}.")


@app.command("suppress")
def suppress(
    address: Address,
    reason: Annotated[str, typer.Option("--reason", help="Why nobody writes there any more; kept.")],
    as_json: AsJson = False,
) -> None:
    """Write to an address no more: its owner complained, or mails come back from there. Orders go on as they are."""
    with open_desk() as desk:
        suppressing.suppress(desk, address, reason)
    if as_json:
        print_json({"suppressed": True})
    else:
        say("Nobody writes there any more; to write again: fillrate mails allow ADDRESS")


@app.command("allow")
def allow(address: Address, as_json: AsJson = False) -> None:
    """Write to an address again."""
    with open_desk() as desk:
        suppressing.allow(desk, address)
    if as_json:
        print_json({"suppressed": False})
    else:
        say("It is written to again. What was not sent meanwhile: fillrate mails, then fillrate mails resend KEY")
