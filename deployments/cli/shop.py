"""`fillrate sandbox`: a practice shop on localhost; a separate program, started as one."""

import subprocess
import sys

import typer

PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


def sandbox(context: typer.Context) -> None:
    """Serve a practice shop on localhost; `fillrate sandbox --help` lists its options."""
    command = [sys.executable, "-m", "sandbox", *context.args]
    process = subprocess.Popen(command)  # noqa: S603 - our own program, no shell
    try:
        sys.exit(process.wait())
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()
