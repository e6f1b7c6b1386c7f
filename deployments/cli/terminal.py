"""How the command speaks: sentences or one JSON object on standard output, everything else on standard error."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from fillrate.errors import FillrateError, FixSettings, LeaseBusy, NotFound
from fillrate.report.plain import safe

EXIT_DONE, EXIT_FAILED, EXIT_WRONG_USE, EXIT_WAITING, EXIT_REJECTED, EXIT_SKIPPED, EXIT_INTERRUPTED = (
    0,
    1,
    2,
    3,
    4,
    5,
    130,
)

AsJson = Annotated[bool, typer.Option("--json", help="Print exactly one JSON object.")]


@contextmanager
def failing() -> Iterator[None]:
    """Turn an error of ours into its sentence and its exit code."""
    try:
        yield
    except (FixSettings, NotFound) as error:
        stop(error, EXIT_WRONG_USE)
    except LeaseBusy as error:
        stop(error, EXIT_SKIPPED)
    except FillrateError as error:
        stop(error, EXIT_FAILED)


def stop(error: FillrateError, code: int) -> None:
    """Say what happened and what to do next, and leave."""
    sys.stderr.write(f"fillrate: {safe(error.what, keep_lines=True)}\n")
    if error.next:
        sys.stderr.write(f"{safe(error.next, keep_lines=True)}\n")
    sys.exit(code)


def say(*lines: str) -> None:
    """Print lines for people; whatever came from a shop is made harmless for a terminal."""
    for line in lines:
        sys.stdout.write(f"{safe(line)}\n")


def print_json(value: Any) -> None:  # Any: JSON
    """Print the one JSON object."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table whose columns line up; numbers to the right."""
    cells = [[safe(str(cell)) for cell in row] for row in rows]
    widths = [max(len(line[i]) for line in [list(head), *cells]) for i in range(len(head))]
    right = [all(isinstance(row[i], int | float) for row in rows) and bool(rows) for i in range(len(head))]
    for line in [list(head), *cells]:
        padded = [text.rjust(w) if r else text.ljust(w) for text, w, r in zip(line, widths, right, strict=True)]
        sys.stdout.write("  " + "  ".join(padded).rstrip() + "\n")
