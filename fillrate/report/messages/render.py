"""A message in words: subject, text and HTML from two templates, or a reason why there is none."""

import re
from collections.abc import Mapping
from pathlib import Path
from traceback import walk_tb
from typing import Any

import msgspec
from jinja2 import TemplateNotFound, TemplateSyntaxError

from fillrate.errors import FillrateError, FixSettings, SkipRecord
from fillrate.report.messages.facts import Facts, Kind, checked
from fillrate.report.messages.sandbox import OURS, environment, written
from fillrate.report.messages.words import clean, plain, subject_line

SUBJECT = "Subject:"
USUAL = "en"


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message, ready to be sent, and the language that it is in."""

    language: str
    subject: str
    text: str
    html: str


def render(kind: Kind, facts: Facts, *, language: str, folder: Path | None = None) -> Message:
    """Return the message; in English where there are no templates for the language.

    Raises SkipRecord where facts are missing, FixSettings with file and line where a template of the merchant is broken.
    """
    spoken = spoken_language(kind, language, folder)
    data = plain(checked(kind, facts), spoken)
    subject, text = divided(filled(f"{spoken}/{kind}.txt", data, folder))
    if not subject:
        file = found(f"{spoken}/{kind}.txt", folder)
        raise FixSettings(f"{file}, line 1: it must begin with “{SUBJECT} …”.", next="Mend the template.")
    html = filled(f"{spoken}/{kind}.html", data | {"subject": subject}, folder)
    return Message(language=spoken, subject=subject, text=text, html=html)


def spoken_language(kind: Kind, language: str, folder: Path | None) -> str:
    """Return the language if both templates of the message are there in it."""
    both = [found(f"{language}/{kind}.{ending}", folder).is_file() for ending in ("txt", "html")]
    return language if re.fullmatch("[a-z]{2}", language) and all(both) else USUAL


def found(name: str, folder: Path | None) -> Path:
    """Return the file of a template: the merchant's where he has it."""
    return folder / name if folder and (folder / name).is_file() else OURS / name


def divided(text: str) -> tuple[str, str]:
    """Return the subject, "" for none, and the rest with no more than one empty line at a time."""
    first, _, rest = text.lstrip().partition("\n")
    subject = subject_line(first.removeprefix(SUBJECT)) if first.startswith(SUBJECT) else ""
    lines = "\n".join(line.rstrip() for line in rest.strip().splitlines())
    return subject, re.sub(r"\n{3,}", "\n\n", lines) + "\n"


def filled(name: str, data: Mapping[str, Any], folder: Path | None) -> str:  # Any: plain data
    """Return a template filled in."""
    try:
        return written(environment(folder), name, data)
    except Exception as error:  # noqa: BLE001 - whatever a template does wrong is its own fault, told with its line
        raise broken(error, name, folder) from None


def broken(error: Exception, name: str, folder: Path | None) -> FillrateError:
    """Return what is wrong in which line of which file: the merchant's if he has a hand in it."""
    why = clean(str(error)).rstrip(".") or type(error).__name__
    places = [(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__)]
    if isinstance(error, TemplateSyntaxError):
        places.append((error.filename or "", error.lineno))
    if isinstance(error, TemplateNotFound):
        why = f"there is no template {clean(str(error))}"
    if isinstance(error, UnicodeDecodeError):
        why, places = "it is not text in UTF-8", [(str(found(name, folder)), 1)]
    theirs = [f"{file}, line {line}" for file, line in places if folder and Path(file).is_relative_to(folder)]
    if not theirs and folder and found(name, folder).is_relative_to(folder):
        theirs = [str(found(name, folder))]
    if theirs:
        return FixSettings(f"{theirs[-1]}: {why}.", next="Mend the template; until then no such mail is sent.")
    return SkipRecord(f"The message {name} cannot be written: {why}.")
