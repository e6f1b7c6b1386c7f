"""`fillrate hooks`: what shops tell by themselves; list, register and take back the hooks."""

from typing import Annotated, Any

import typer

from deployments.cli.terminal import AsJson, at_a_time, print_json, say, table
from fillrate.bootstrap import open_desk
from fillrate.errors import FixSettings
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.hooks.keep import address_of, keep_hooks, registers, remove_hooks
from fillrate.steps.hooks.show import hooks_of, why_none
from fillrate.steps.runs import RunLog, recorded

app = typer.Typer(help="What shops tell by themselves.", no_args_is_help=False, rich_markup_mode=None)
Channel = Annotated[str, typer.Option(help='One channel of the settings, or "all".')]
Found = dict[str, Any]  # Any: JSON


def chosen(desk: Desk, channel: str) -> list[Shop]:
    """Return the shops that a command is about."""
    return list(desk.shops.values()) if channel == "all" else [desk.shop(channel)]


@app.callback(invoke_without_command=True)
def hooks(context: typer.Context, channel: Channel = "all", as_json: AsJson = False) -> None:
    """List the hooks of each shop, where they go, and how they come in."""
    if context.invoked_subcommand:
        return
    with open_desk() as desk:
        found = [hooks_of(desk, shop) for shop in chosen(desk, channel)]
    if as_json:
        print_json({"channels": found})
        return
    for one in found:
        told(one)


def told(one: Found) -> None:
    """Print how the hooks of one channel stand."""
    say(f"{one['channel']}: {one['address'] or one['why']}")
    heard = f"last heard {at_a_time(one['heard_at'])} UTC" if one["heard_at"] else "never heard"
    if one["address"]:
        say(f"  {heard}; {one['waiting']} hint(s) wait")
    if one["by_hand"]:
        say("  Register these in the shop by hand, at this address, with the secret of the settings:")
        table(("topic",), [(topic,) for topic in one["by_hand"]])
    if one["hooks"]:
        state = {True: "active", False: "switched off"}
        rows = [(each["topic"], state[each["is_active"]], each["address"]) for each in one["hooks"]]
        table(("topic", "state", "goes to"), rows)
    if one["missing"]:
        say(f"  Not registered: {', '.join(one['missing'])}. Register them: fillrate hooks register")


@app.command()
def register(channel: Channel = "all", as_json: AsJson = False) -> None:
    """Register what is missing, and make active what a shop has switched off; `sync-orders` does the same."""
    with open_desk() as desk:
        shops = chosen(desk, channel)
        wanted = [shop for shop in shops if address_of(desk, shop) and registers(shop)]
        if not wanted:
            raise FixSettings(why_none(desk, shops[0]) if shops else "There is no channel.", next=HOW)
        with recorded(desk, RunLog(desk.outside.new_id(), "hooks", channel)) as log:
            for shop in wanted:
                keep_hooks(desk, shop, log)
    ended(log, "registered", as_json=as_json)


@app.command()
def remove(
    channel: Channel = "all",
    everywhere: Annotated[
        bool, typer.Option("--everywhere", help="Those of our account that go to other addresses, too.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Take our hooks back; first take public_url out of the settings, or the next run registers them again."""
    with open_desk() as desk, recorded(desk, RunLog(desk.outside.new_id(), "hooks", channel)) as log:
        for shop in chosen(desk, channel):
            if keeper := registers(shop):
                remove_hooks(desk, shop, log, keeper.hooks(), everywhere=everywhere)
    ended(log, "taken back", as_json=as_json)


HOW = "How: docs/how-to/webhooks.md"


def ended(log: RunLog, done: str, *, as_json: bool) -> None:
    """Say what came of it."""
    counts = {name: n for name, n in log.counts.items() if n}
    if as_json:
        print_json({"counts": counts, "plans": log.plans, "problems": [one.as_json() for one in log.problems]})
        return
    if not log.plans:
        say("Nothing to change.")
        return
    say(f"Hooks were {done}. See which: fillrate show {log.plans[-1]}")
