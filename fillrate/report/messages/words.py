"""Texts from outside, and days, as a message shows them."""

import re
from datetime import date, datetime
from typing import Any
from unicodedata import category
from zoneinfo import ZoneInfo

from fillrate.report.messages.facts import Facts, Line

MOST_LINES = 50
JOINERS = frozenset("\u200c\u200d")  # they make letters and emoji, and turn nothing around
ADVERTISES = re.compile(r"://|www\.|@|\w\.\w{2,}", re.IGNORECASE)  # what a mail program would make a link of
MONTHS = {
    "en": (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    "de": (
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ),
}


def clean(text: str, most: int = 200) -> str:
    """Return a text on one line without control, bidi or invisible characters, cut where it is too long."""
    shown = "".join(one for one in text if one.isspace() or is_shown(one))
    one_line = " ".join(shown.split())
    return one_line if len(one_line) <= most else f"{one_line[: most - 1]}…"


def is_shown(character: str) -> bool:
    """Tell whether a character is one that people see."""
    return category(character)[0] != "C" or character in JOINERS


def greeting_name(recipient: str) -> str:
    """Return the name to greet, "" where it is none: a stranger may order in a customer's name to advertise to him."""
    name = clean(recipient)
    return "" if len(name) > 60 or ADVERTISES.search(name) else name


def subject_line(text: str) -> str:
    """Return a subject without anything that a mail program would decode."""
    return clean(text, 150).replace("=?", "= ?")


def day(when: date | None, language: str) -> str:
    """Return a day such as 4 March 2027, "" for none."""
    if when is None:
        return ""
    if language not in MONTHS:
        return when.isoformat()
    month = MONTHS[language][when.month - 1]
    return f"{when.day}. {month} {when.year}" if language == "de" else f"{when.day} {month} {when.year}"


def moment(when: datetime | None, timezone: str, language: str) -> str:
    """Return a time in a zone, such as 10 February 2027, 18:00 CET, "" for none."""
    if when is None:
        return ""
    there = when.astimezone(ZoneInfo(timezone))
    clock = f"{there:%H:%M} Uhr" if language == "de" else f"{there:%H:%M}"
    return f"{day(there.date(), language)}, {clock} {there:%Z}"


def plain(facts: Facts, language: str) -> dict[str, Any]:  # Any: texts, numbers, lists and tables of them
    """Return what a template sees: texts and numbers only."""
    shown = {
        "store": clean(facts.store, 80),
        "order": clean(facts.order, 40),
        "recipient": greeting_name(facts.recipient),
        "rule": facts.rule,
        "deadline": moment(facts.deadline, facts.timezone, language),
        "keep_link": facts.keep_link,
        "cancel_link": facts.cancel_link,
        "is_refunded": facts.is_refunded,
        "is_any_dated": any(line.ship_by for line in facts.lines),
        "is_any_undated": any(line.ship_by is None for line in facts.lines),
        "language": language,
    }
    for name, lines in {"lines": facts.lines, "waiting": facts.waiting}.items():
        shown[name] = [plain_line(line, language) for line in lines[:MOST_LINES]]
        shown[f"more_{name}"] = max(len(lines) - MOST_LINES, 0)
    return shown


def plain_line(line: Line, language: str) -> dict[str, Any]:  # Any: texts and a number
    """Return a line as a template sees it."""
    return {
        "sku": clean(line.sku, 80),
        "name": clean(line.name) or clean(line.sku, 80),
        "quantity": line.quantity,
        "ship_by": day(line.ship_by, language),
        "earlier": day(line.earlier, language),
    }
