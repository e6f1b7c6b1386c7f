"""Plays a fault: instead of the shop's answer, on top of it, or by asking the shop differently."""

from collections.abc import Callable
from random import Random

from sandbox.exchange import Response
from sandbox.faults.damage import DAMAGE, endless
from sandbox.faults.instead import INSTEAD
from sandbox.faults.plan import Fault

Ask = Callable[[int], Response]
"""Asks the shop itself; the number shifts the rows of every page but the first."""


def play(
    fault: Fault,
    path: str,
    ask: Ask,
    ask_first_page: Callable[[], Response],
    ask_other_store: Callable[[], Response],
    chance: Random,
) -> Response:
    """The answer under a fault."""
    if fault.kind in INSTEAD:
        if fault.options.get("done"):
            ask(0)
        return INSTEAD[fault.kind](path, fault)
    if fault.kind == "wrong_store":
        return ask_other_store()
    if fault.kind == "shift":
        by = int(fault.options.get("by", 1))
        return ask(-by if fault.options.get("repeat") else by)
    if fault.kind == "loop":
        return endless(ask_first_page())
    return DAMAGE[fault.kind](ask(0), fault, chance)
