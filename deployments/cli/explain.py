"""`fillrate explain order|sku`: where every unit stands, and why."""

from enum import StrEnum
from typing import Annotated

import typer

from deployments.cli.terminal import AsJson, print_json, say
from fillrate.bootstrap import open_desk
from fillrate.steps.explain import explain_order, explain_sku


class Subject(StrEnum):
    """What can be explained."""

    ORDER = "order"
    SKU = "sku"


def explain(
    subject: Annotated[Subject, typer.Argument(help="An order or a SKU.")],
    which: Annotated[
        str, typer.Argument(help="The order's number as the shop shows it (1234 or main:1234), or the SKU.")
    ],
    as_json: AsJson = False,
) -> None:
    """Explain an order or a SKU: each unit, its state, and the reason."""
    with open_desk() as desk:
        lines, facts = (explain_order if subject is Subject.ORDER else explain_sku)(desk, which)
    if as_json:
        print_json(facts)
    else:
        say(*lines)
