"""Where templates run: they see plain data, call nothing of it, and end after a number of steps.

A template is the merchant's own file. What came from a shop is only ever data in it, never a template.
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from types import FrameType
from typing import Any

from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

OURS = Path(__file__).parent / "templates"
MOST_CHARACTERS = 300_000
MOST_STEPS = 200_000  # lines of Python that templates turn into; a message of fifty lines takes a few thousand
FILTERS = (
    "capitalize",
    "default",
    "e",
    "escape",
    "first",
    "join",
    "last",
    "length",
    "lower",
    "replace",
    "trim",
    "upper",
)
ENDINGS = (".html", ".txt")
MOST_TIMES = 200  # how often a text may be repeated
PLAIN = (str, int, float, list, dict, tuple)


class TooMuch(Exception):
    """A template that writes or works without end."""


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2's own sandbox without what could fill the memory in one step."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:  # Any: as in Jinja2
        """Let templates read data, and call none of its methods."""
        return not isinstance(obj, PLAIN) and super().is_safe_attribute(obj, attr, value)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:  # Any: as in Jinja2
        """Calculate with numbers, and repeat a text a few times."""
        are_numbers = isinstance(left, int | float) and isinstance(right, int | float)
        is_short = operator == "*" and all(one <= MOST_TIMES for one in (left, right) if isinstance(one, int))
        if operator == "**" or not (are_numbers or is_short):
            raise SecurityError(f"{operator} is not for this")
        return super().call_binop(context, operator, left, right)


@lru_cache(maxsize=8)
def environment(folder: Path | None) -> Sandbox:
    """Return where templates come from: the merchant's folder, and ours for each file that it does not hold."""
    folders = [folder, OURS] if folder else [OURS]
    made = Sandbox(
        loader=ChoiceLoader([FileSystemLoader(one) for one in folders]),
        autoescape=lambda name: name is None or not name.endswith(".txt"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.globals.clear()
    made.filters = {name: made.filters[name] for name in FILTERS}
    return made


def templates() -> dict[str, str]:
    """Return the texts of our templates by their names, such as de/cancelled.txt."""
    files = sorted(file for file in OURS.rglob("*") if file.is_file())
    return {file.relative_to(OURS).as_posix(): file.read_text(encoding="utf-8") for file in files}


def written(made: Sandbox, name: str, data: Mapping[str, Any]) -> str:  # Any: plain data
    """Return what a template makes of the data, or raise TooMuch, or what Jinja2 raises."""
    pieces, size = [], 0
    with limited():
        for piece in made.get_template(name).generate(dict(data)):
            size += len(piece)
            if size > MOST_CHARACTERS:
                raise TooMuch(f"it writes more than {MOST_CHARACTERS:,} characters")
            pieces.append(piece)
    return "".join(pieces)


@contextmanager
def limited() -> Iterator[None]:
    """Count the steps of templates that run here, and raise TooMuch beyond what a message needs: the same on any machine."""
    left = MOST_STEPS

    def entered(frame: FrameType, event: str, _: Any) -> Any:  # Any: as sys.settrace has it
        return step if frame.f_code.co_filename.endswith(ENDINGS) else None  # Jinja2 runs a template under its own name

    def step(frame: FrameType, event: str, _: Any) -> Any:  # Any: as above
        nonlocal left
        left -= 1
        if left < 0:
            raise TooMuch("it does not end")
        return step

    before = sys.gettrace()
    sys.settrace(entered)
    try:
        yield
    finally:
        sys.settrace(before)
