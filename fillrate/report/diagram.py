"""The states of an order line, drawn from the table of legal moves: `python -m fillrate.report.diagram`."""

import sys

from fillrate.decide.states import LEGAL, Cause, Reason, State
from fillrate.report.texts import text


def page() -> str:
    """Return docs/states.md."""
    moves = [
        f"    {name(start)} --> {name(end)}: {', '.join(sorted(causes))}" for (start, end), causes in LEGAL.items()
    ]
    states = [f"| `{state}` | {text('state', state)} |" for state in State]
    reasons = [f"| `{reason}` | {text('reason', reason)} |" for reason in Reason if reason]
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
            "| reason | in words |",
            "|---|---|",
            *reasons,
            "",
            "| cause | in words |",
            "|---|---|",
            *causes,
            "",
        ]
    )


def name(state: State) -> str:
    """Return a state's name in the diagram; outside is the start and the end."""
    return "[*]" if state is State.NONE else state.value


if __name__ == "__main__":
    sys.stdout.write(page())
