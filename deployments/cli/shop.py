"""`fillrate sandbox`: a practice shop on localhost; a program of its own, which takes the place of this one.

Every signal is thus its own, and nothing is left behind when the command ends.
"""

import os
import sys

import typer

PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


def sandbox(context: typer.Context) -> None:
    """Serve a practice shop on localhost; `fillrate sandbox --help` lists its options."""
    os.execv(sys.executable, [sys.executable, "-m", "sandbox", *context.args])  # noqa: S606 - our own program, no shell
