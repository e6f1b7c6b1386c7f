"""How the command speaks: sentences or one JSON object on standard output, everything else on standard error."""

import atexit
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Annotated, Any, NoReturn

import typer

from fillrate.errors import FillrateError, FixSettings, LeaseBusy, NotFound
from fillrate.report.plain import safe

EXIT_DONE, EXIT_FAILED, EXIT_WRONG_USE, EXIT_WAITING, EXIT_REJECTED, EXIT_SKIPPED = range(6)
EXIT_INTERRUPTED, EXIT_TERMINATED = 130, 143
LEAVING = {EXIT_INTERRUPTED: "Interrupted.", EXIT_TERMINATED: "Told to end (SIGTERM)."}

AsJson = Annotated[bool, typer.Option("--json", help="Print exactly one JSON object.")]


@contextmanager
def failing(*, as_json: bool) -> Iterator[None]:
    """Turn an error of ours into its sentence and its exit code; with --json into the one JSON object as well."""
    try:
        yield
    except (FixSettings, NotFound) as error:
        stop(error, EXIT_WRONG_USE, as_json=as_json)
    except LeaseBusy as error:
        stop(error, EXIT_SKIPPED, as_json=as_json)
    except FillrateError as error:
        stop(error, EXIT_FAILED, as_json=as_json)
    except typer.TyperException as error:  # a wrong word; without --json its own sentences are said already
        stop(FillrateError(error.format_message(), next="See: fillrate --help"), error.exit_code, as_json=as_json)
    except OSError as error:  # no space left, no permission, a folder where a file should be
        what = f"{error.filename or 'This machine'}: {error.strerror or error}."
        stop(FillrateError(what, next="Mend that and run it again; that is harmless."), EXIT_FAILED, as_json=as_json)
    except Exception as defect:  # a traceback helps us mend it, and whoever reads --json still gets the one object
        what = f"A defect in Fillrate ended the command: {type(defect).__name__}."
        if as_json:
            print_json(failure(FillrateError(what, next="Report it with what standard error says."), EXIT_FAILED))
        raise


def stop(error: FillrateError, code: int, *, as_json: bool) -> NoReturn:
    """Say what happened and what to do next, and leave."""
    tell(error, code, as_json=as_json)
    sys.exit(code)


def tell(error: FillrateError, code: int, *, as_json: bool) -> None:
    """Say what happened and what to do next."""
    sys.stderr.write(f"fillrate: {safe(error.what, keep_lines=True)}\n")
    if error.next:
        sys.stderr.write(f"{safe(error.next, keep_lines=True)}\n")
    with suppress(OSError):  # where standard output is what failed
        if as_json:
            print_json(failure(error, code))


def failure(error: FillrateError, code: int) -> dict[str, Any]:  # Any: JSON
    """Return what --json prints where a command has nothing else to print."""
    return {"error": {"what": error.what, "next": error.next}, "code": code}


def terminated(number: int, frame: FrameType | None) -> NoReturn:
    """End the command when a supervisor says so (SIGTERM)."""
    sys.exit(EXIT_TERMINATED)


def leave_at_once(code: int, *, as_json: bool) -> NoReturn:
    """End the process without waiting for a step at work: being cut off does it no harm, and its leases are free at once."""
    from fillrate.db.lease import give_back_all

    give_back_all()
    tell(FillrateError(LEAVING[code], next="Run it again; that is harmless."), code, as_json=as_json)
    atexit._run_exitfuncs()  # noqa: SLF001 - stops a temporary Prefect server; nothing public runs these without waiting
    os._exit(code)


def say(*lines: str) -> None:
    """Print lines for people; whatever came from a shop is made harmless for a terminal."""
    for line in lines:
        sys.stdout.write(f"{safe(line)}\n")
    sys.stdout.flush()  # whoever watches a long run through a pipe wants to see it now


def print_json(value: Any) -> None:  # Any: JSON
    """Print the one JSON object."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()


def at_a_time(iso: str) -> str:
    """Return a time as people read it, to the minute."""
    return iso[:16].replace("T", " ")


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table whose columns line up; numbers to the right."""
    cells = [[safe(str(cell)) for cell in row] for row in rows]
    widths = [max(len(line[i]) for line in [list(head), *cells]) for i in range(len(head))]
    right = [all(isinstance(row[i], int | float) for row in rows) and bool(rows) for i in range(len(head))]
    for line in [list(head), *cells]:
        padded = [text.rjust(w) if r else text.ljust(w) for text, w, r in zip(line, widths, right, strict=True)]
        sys.stdout.write("  " + "  ".join(padded).rstrip() + "\n")
