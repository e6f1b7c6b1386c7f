"""`fillrate audit`: the invariants, checked on the merchant's own database and against the shops."""

import sys
from typing import Annotated

import typer

from deployments.cli.terminal import EXIT_FAILED, AsJson, print_json, say
from fillrate.bootstrap import open_desk
from fillrate.steps.audit import audit as check


def audit(
    shop: Annotated[bool, typer.Option("--shop", help="Compare with the shops as well.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check that nothing is lost, doubled or unexplained; changes nothing."""
    with open_desk() as desk:
        findings = check(desk, with_shops=shop)
    broken = [one for one in findings if one["violations"]]
    if as_json:
        print_json({"ok": not broken, "checks": findings})
    else:
        for one in findings:
            say(f"{'ok  ' if not one['violations'] else 'BAD '} {one['check']}")
            say(*(f"       {sentence}" for sentence in one["first"]))
        say(f"{len(findings)} checks, {len(broken)} broken.")
    if broken:
        sys.exit(EXIT_FAILED)
