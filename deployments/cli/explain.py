"""`fillrate explain order|line|sku`: where every unit stands, and why."""

from enum import StrEnum
from typing import Annotated

import typer

from deployments.cli.terminal import AsJson, print_json, say
from fillrate.bootstrap import open_desk


class Subject(StrEnum):
    """What can be explained."""

    ORDER = "order"
    LINE = "line"
    SKU = "sku"


def explain(
    subject: Annotated[Subject, typer.Argument(help="An order, a line of one, or a SKU.")],
    which: Annotated[
        str,
        typer.Argument(help="The number of the order or line as the shop shows it (1234 or main:1234), or the SKU."),
    ],
    as_json: AsJson = False,
) -> None:
    """Explain an order, a line or a SKU: each unit, its state, its reason, its place in the queue, and what it waits for."""
    from fillrate.steps.explain import explain_line, explain_order, explain_sku

    explained = {Subject.ORDER: explain_order, Subject.LINE: explain_line, Subject.SKU: explain_sku}
    with open_desk() as desk:
        lines, facts = explained[subject](desk, which)
    if as_json:
        print_json(facts)
    else:
        say(*lines)
