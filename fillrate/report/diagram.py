"""The states of an order line, drawn from the table of legal moves: `python -m fillrate.report.diagram`."""

import sys

from fillrate.decide.states import LEGAL, REASONS, Cause, Reason, State
from fillrate.report.texts import text


def page() -> str:
    """Return docs/states.md."""
    moves = [
        f"    {name(start)} --> {name(end)}: {', '.join(sorted(causes))}" for (start, end), causes in LEGAL.items()
    ]
    states = [f"| `{state}` | {text('state_means', state)} |" for state in State]
    reasons = [f"| `{why}` | {states_of(why)} | {text('reason', why)} |" for why in Reason if why]
    causes = [f"| `{cause}` | {text('cause', cause)} |" for cause in Cause]
    return "\n".join(
        [
            "# States of an order line",
            "",
            "Generated from the table of legal moves (`make docs`). Each arrow names the causes that may move a unit along it.",
            "",
            "```mermaid",
            "stateDiagram-v2",
            *moves,
            "```",
            "",
            "| state | in words |",
            "|---|---|",
            *states,
            "",
            "Each open unit has one reason at any time: of those that apply, the first of its state.",
            "",
            "| reason | of | in words |",
            "|---|---|---|",
            *reasons,
            "",
            "| cause | in words |",
            "|---|---|",
            *causes,
            "",
        ]
    )


def states_of(reason: Reason) -> str:
    """Return the states that have this reason."""
    return ", ".join(state for state, reasons in REASONS.items() if reason in reasons)


def name(state: State) -> str:
    """Return a state's name in the diagram; outside is the start and the end."""
    return "[*]" if state is State.NONE else state.value


if __name__ == "__main__":
    sys.stdout.write(page())
