"""What a delay means for a line: dated cases on both sides of every deadline, in the store's days."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from fillrate.decide.calendars import Calendar
from fillrate.decide.delays import RULES, TO_DO, WHY, DelayRules, Rule, delays
from fillrate.decide.frames import ANSWERS, DELAY_LINES, NOTICES, PROMISES, Schema

ON = DelayRules(enabled=True)
BERLIN = "Europe/Berlin"
UNKNOWN = "?"


def instant(text: str, zone: str) -> pd.Timestamp:
    """A moment such as "07-01 09:30" of 2026 in a zone; a day alone is its noon; "?" is nobody knows."""
    if text == UNKNOWN:
        return pd.NaT  # type: ignore[return-value]
    moment = datetime.fromisoformat(f"2026-{text}" if " " in text else f"2026-{text} 12:00")
    return pd.Timestamp(moment.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC))


def day(text: str, zone: str) -> pd.Timestamp:
    """The beginning of a day of the store."""
    return (
        instant(text, zone)
        if text == UNKNOWN
        else pd.Timestamp(calendar(zone).start_of(date.fromisoformat(f"2026-{text}")))
    )


def calendar(zone: str) -> Calendar:
    return Calendar(ZoneInfo(zone), frozenset(range(7)))


def frame(schema: Schema, rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    columns = {name: pd.Series([row[i] for row in rows], dtype=kind) for i, (name, kind) in enumerate(schema.items())}
    return pd.DataFrame(columns)


def pairs(text: str) -> list[tuple[str, str]]:
    """Of "07-10@07-02, 08-01@07-09" the pairs ("07-10", "07-02") and ("08-01", "07-09")."""
    return [(what, at) for what, _, at in (one.strip().partition("@") for one in text.split(",") if one.strip())]


def frames(case: dict[str, str], line_id: int = 1) -> list[pd.DataFrame]:
    """The lines, promises, notices and answers of one row of a table."""
    zone = case.get("zone", BERLIN)
    ordered = case["ordered"]
    paid, forecast = case.get("paid", ordered), day(case.get("forecast") or UNKNOWN, zone)
    line = (line_id, instant(ordered, zone), instant(paid, zone), int(case.get("open", 2)), forecast, "flag" in case)
    given = enumerate(pairs(case["promises"]), 1)
    promises = [(line_id, number, day(by, zone), instant(at, zone), "supply") for number, (by, at) in given]
    notices = [(line_id, instant(at, zone), day(by, zone)) for by, at in pairs(case["told"])]
    answers = [(line_id, instant(at, zone), answer) for answer, at in pairs(case["answers"])]
    schemas = (DELAY_LINES, PROMISES, NOTICES, ANSWERS)
    return [frame(schema, rows) for schema, rows in zip(schemas, ([line], promises, notices, answers), strict=True)]


def decided(cases: list[dict[str, str]], rules: DelayRules = ON) -> list[list[str]]:
    """What is to be done, by which rule, until when and why, as a table says it; those of one moment are one frame."""
    found: dict[int, list[str]] = {}
    by_moment = sorted(enumerate(cases), key=lambda one: moment(one[1]))
    for (zone, as_of), group in groupby(by_moment, key=lambda one: moment(one[1])):
        rows = [pd.concat(parts) for parts in zip(*(frames(case, n) for n, case in group), strict=True)]
        for row in delays(*rows, rules, calendar(zone), instant(as_of, zone).to_pydatetime()).itertuples():
            until = "" if pd.isna(row.deadline) else f"{row.deadline.astimezone(ZoneInfo(zone)):%m-%d}"
            found[row.line_id] = [row.to_do, row.rule, until, row.why]
    return [found[n] for n in range(len(cases))]


def moment(case: dict[str, str]) -> tuple[str, str]:
    return case.get("zone", BERLIN), case["as of"]


def table(text: str) -> list[tuple[dict[str, str], list[str]]]:
    """Return one case for each row: facts by column, those of "more" (name=value) by their name, and what is expected."""
    heads, *rows = [
        [cell.strip() for cell in line.split("|")] for line in text.strip().splitlines() if "---" not in line
    ]
    cases = []
    for row in rows:
        facts = dict(zip(heads, row, strict=True))
        more = (one.strip().partition("=") for one in facts.pop("more").split(";"))
        facts |= {name: value for name, _, value in more if name}
        cases.append((facts, [facts.pop(name) for name in ("to do", "rule", "until", "why")]))
    return cases


HEADS = "ordered | promises | told | answers | forecast | more | as of | to do | rule | until | why"

# Every day is one of 2026; "07-20@07-02" is what was said, and when; "?" is nobody knows; a moment without a time is noon.
# The day in `until` is the last one that is in time.
NO_PROMISE = """
ordered | promises          | told                          | answers                  | forecast | more       | as of       | to do              | rule       | until | why
---
06-01   |                   |                               |                          |          |            | 06-30 23:59 | nothing            | no_promise | 07-01 | no_promise_yet
06-01   |                   |                               |                          |          |            | 07-01 00:00 | ask_needs_yes      | no_promise | 07-31 | later
06-01   |                   |                               |                          | 06-20    |            | 06-30 23:59 | nothing            | no_promise | 07-01 | no_promise_yet
06-01   |                   |                               |                          | 07-01    |            | 07-01 00:00 | nothing            | no_promise | 07-01 | no_promise_yet
06-01   |                   |                               |                          | 07-31    |            | 07-01 00:00 | ask_silence_is_yes | no_promise | 07-31 | later
06-01   |                   |                               |                          | 08-01    |            | 07-01 00:00 | ask_needs_yes      | no_promise | 07-31 | later
06-01   |                   |                               |                          |          |            | 08-12 00:00 | ask_needs_yes      | no_promise | 08-15 | later
06-01   |                   |                               |                          |          | paid=06-10 | 07-09 23:59 | nothing            | no_promise | 07-10 | no_promise_yet
06-01   |                   |                               |                          |          | paid=06-10 | 07-10 00:00 | ask_needs_yes      | no_promise | 08-09 | later
06-01   |                   |                               |                          |          | paid=?     | 08-12 00:00 | nothing            |            |       | not_counting
06-01   | 07-01@06-01       |                               |                          |          | paid=?     | 08-12 00:00 | nothing            |            |       | not_counting
06-01   |                   | ?@07-01                       |                          |          |            | 07-05       | nothing            | no_promise | 07-31 | needs_yes
06-01   |                   | ?@07-01                       |                          |          |            | 07-31 23:59 | nothing            | no_promise | 07-31 | needs_yes
06-01   |                   | ?@07-01                       |                          |          |            | 08-01 00:00 | propose_cancel     | no_promise | 07-31 | no_answer
06-01   |                   | ?@07-01                       |                          |          | flag       | 08-01 00:00 | nothing            | no_promise | 07-31 | do_not_cancel
06-01   |                   | ?@07-01                       |                          |          | open=0     | 08-01 00:00 | nothing            |            |       | settled
06-01   |                   | ?@07-01                       | keep@07-31 23:59         |          |            | 08-01 00:00 | nothing            | no_promise |       | kept_by_customer
06-01   |                   | ?@07-01                       | keep@07-31 23:59         |          |            | 12-01       | nothing            | no_promise |       | kept_by_customer
06-01   |                   | ?@07-01                       | keep@07-03, cancel@11-30 |          |            | 12-01       | propose_cancel     | no_promise |       | cancelled_by_customer
06-01   | 07-20@06-30       |                               |                          |          |            | 07-05       | nothing            |            | 07-20 | in_time
06-01   | 08-30@07-01 23:59 |                               |                          |          |            | 07-05       | nothing            |            | 08-30 | in_time
06-01   | 08-30@07-02 00:01 |                               |                          |          |            | 07-05       | ask_needs_yes      | no_promise | 07-31 | later
06-01   | 07-20@07-05       |                               |                          |          |            | 07-05       | ask_silence_is_yes | no_promise | 07-20 | later
06-01   | 07-20@07-05       | ?@07-01                       |                          |          |            | 07-09 23:59 | ask_needs_yes      | slip_again | 07-31 | later
06-01   | 07-20@07-05       | ?@07-01                       | keep@07-03               |          |            | 07-09 23:59 | tell               | slip_again |       | later
06-01   | 07-20@07-05       | ?@07-01, 07-20@07-05          | keep@07-03               |          |            | 07-09 23:59 | nothing            | slip_again | 07-20 | kept_by_customer
06-01   | 07-20@07-05       | ?@07-01, 07-20@07-05          | keep@07-03               |          |            | 08-12 00:00 | ask_needs_yes      | slip_again | 08-15 | later
06-01   | 07-20@07-05       | ?@07-01, 07-20@07-05          |                          |          |            | 08-01 00:00 | propose_cancel     | slip_again | 07-31 | no_answer
06-01   |                   | ?@07-01, ?@07-05              | keep@07-03               |          |            | 08-12 00:00 | nothing            | slip_again |       | kept_by_customer
06-01   | 07-20@07-07       | ?@07-01, ?@07-05, 07-20@07-07 | keep@07-03               |          |            | 07-09 23:59 | nothing            | slip_again | 07-20 | kept_by_customer
"""  # noqa: E501 - a table

FIRST_SLIP = """
ordered | promises                              | told                     | answers                  | forecast | more   | as of       | to do              | rule       | until | why
---
06-01   | 07-10@06-01                           |                          |                          | ?        |        | 07-09 23:59 | nothing            |            | 07-10 | in_time
06-01   | 07-10@06-01                           |                          |                          | 07-25    |        | 07-09 23:59 | nothing            |            | 07-10 | in_time
06-01   | 07-10@06-01                           |                          |                          | 07-05    |        | 07-01 00:00 | nothing            |            | 07-10 | in_time
06-01   | 07-10@06-01                           |                          |                          | 07-10    |        | 07-10 00:00 | nothing            |            | 07-10 | in_time
06-01   | 07-10@06-01                           |                          |                          | 07-11    |        | 07-10 00:00 | ask_silence_is_yes | first_slip | 07-11 | later
06-01   | 07-10@06-01                           |                          |                          | 07-10    |        | 07-11 00:00 | ask_silence_is_yes | first_slip | 07-11 | later
06-01   | 07-10@06-01                           |                          |                          |          | open=0 | 07-11 00:00 | nothing            |            |       | settled
06-01   | 07-10@06-01, 08-09@07-02              |                          |                          |          |        | 07-05       | ask_silence_is_yes | first_slip | 08-09 | later
06-01   | 07-10@06-01, 08-09@07-05 12:01        |                          |                          |          |        | 07-05       | nothing            |            | 07-10 | in_time
06-01   | 07-10@06-01, 08-10@07-02              |                          |                          |          |        | 07-05       | ask_needs_yes      | long_slip  | 08-09 | later
06-01   | 07-10@06-01, 07-20@07-02, 07-30@07-03 |                          |                          |          |        | 07-05       | ask_silence_is_yes | first_slip | 07-30 | later
06-01   | 07-10@06-01, 08-09@07-02              | 08-09@07-05              |                          |          |        | 07-05 11:59 | ask_silence_is_yes | first_slip | 08-09 | later
06-01   | 07-10@06-01, 08-09@07-02              | 08-09@07-05              |                          |          |        | 07-05       | nothing            | first_slip | 08-09 | silence_is_yes
06-01   | 07-10@06-01, 08-09@07-02              | 08-09@07-03              |                          | 08-20    |        | 08-08 23:59 | nothing            | first_slip | 08-09 | silence_is_yes
06-01   | 07-10@06-01, 08-09@07-02              | 08-09@07-03              |                          | 08-09    |        | 08-09 23:59 | nothing            | first_slip | 08-09 | silence_is_yes
06-01   | 07-10@06-01, 08-09@07-02              | 08-09@07-03              |                          | 08-20    |        | 08-09 00:00 | ask_needs_yes      | slip_again | 08-12 | later
06-01   | 07-10@06-01, 08-09@07-02              | 08-09@07-03              | keep@07-05               |          |        | 07-09 23:59 | nothing            | first_slip | 08-09 | kept_by_customer
06-01   | 07-10@06-01, 08-09@07-02              | 08-09@07-03              | cancel@07-05             |          |        | 07-05 11:59 | nothing            | first_slip | 08-09 | silence_is_yes
06-01   | 07-10@06-01, 08-09@07-02              | 08-09@07-03              | cancel@07-05             |          |        | 07-05       | propose_cancel     | first_slip |       | cancelled_by_customer
06-01   | 07-10@06-01, 08-09@07-02              | 08-09@07-03              | cancel@07-05             |          | flag   | 07-05       | propose_cancel     | first_slip |       | cancelled_by_customer
06-01   | 07-10@06-01, 08-09@07-02              | 08-09@07-03              | cancel@07-05             |          | open=0 | 07-05       | nothing            |            |       | settled
06-01   | 07-10@06-01, 08-09@07-02              | 08-09@07-03              | cancel@07-05, keep@07-06 |          |        | 07-09 23:59 | nothing            | first_slip | 08-09 | kept_by_customer
06-01   | 07-10@06-01, 08-09@07-02, 08-01@07-10 | 08-09@07-03              |                          |          |        | 07-11 00:00 | tell               |            |       | not_later
06-01   | 07-10@06-01, 08-09@07-02, 08-01@07-10 | 08-09@07-03, 08-01@07-11 |                          |          |        | 07-21 00:00 | nothing            | first_slip | 08-01 | silence_is_yes
06-01   | 07-10@06-01, 08-09@07-02, 07-10@07-05 | 08-09@07-03, 07-10@07-06 |                          |          |        | 07-09 23:59 | nothing            |            | 07-10 | in_time
"""  # noqa: E501 - a table

NEEDS_YES = """
ordered | promises                              | told                     | answers          | forecast | more   | as of       | to do          | rule       | until | why
---
06-01   | 07-10@06-01                           |                          |                  | ?        |        | 07-10 00:00 | ask_needs_yes  | no_date    | 08-09 | later
06-01   | 07-10@06-01                           | ?@07-10                  |                  |          |        | 08-09 23:59 | nothing        | no_date    | 08-09 | needs_yes
06-01   | 07-10@06-01                           | ?@07-10                  |                  |          |        | 08-10 00:00 | propose_cancel | no_date    | 08-09 | no_answer
06-01   | 07-10@06-01                           | ?@07-10                  | keep@07-11       |          |        | 12-01       | nothing        | no_date    |       | kept_by_customer
06-01   | 07-10@06-01, 08-20@07-02              | 08-20@07-02              |                  |          |        | 08-09 23:59 | nothing        | long_slip  | 08-09 | needs_yes
06-01   | 07-10@06-01, 08-20@07-02              | 08-20@07-02              |                  |          |        | 08-10 00:00 | propose_cancel | long_slip  | 08-09 | no_answer
06-01   | 07-10@06-01, 08-20@07-02              | 08-20@07-02              |                  |          | flag   | 08-10 00:00 | nothing        | long_slip  | 08-09 | do_not_cancel
06-01   | 07-10@06-01, 08-20@07-02              | 08-20@07-02              |                  |          | flag   | 08-20 00:00 | ask_needs_yes  | slip_again | 08-23 | later
06-01   | 07-10@06-01, 08-20@07-02              | 08-20@07-02              |                  |          | open=0 | 08-10 00:00 | nothing        |            |       | settled
06-01   | 07-10@06-01, 08-20@07-02              | 08-20@07-02              | keep@08-09 23:59 |          |        | 08-10 00:00 | nothing        | long_slip  | 08-20 | kept_by_customer
06-01   | 07-10@06-01, 08-20@07-02              | 08-20@07-02              | keep@08-11       |          |        | 08-12 00:00 | nothing        | long_slip  | 08-20 | kept_by_customer
06-01   | 07-10@06-01, 08-20@07-02              | 08-20@07-02              | keep@07-01       |          |        | 08-10 00:00 | propose_cancel | long_slip  | 08-09 | no_answer
06-01   | 07-10@06-01, 08-20@07-02              | 08-20@07-02              | keep@08-01       | 08-25    |        | 08-20 00:00 | ask_needs_yes  | slip_again | 08-23 | later
06-01   | 07-10@06-01, 08-20@07-02, 09-01@08-10 | 08-20@07-02              |                  |          |        | 08-10 00:00 | propose_cancel | long_slip  | 08-09 | no_answer
06-01   | 07-10@06-01, 08-20@08-08              | 08-20@08-08              |                  |          |        | 08-11 23:59 | nothing        | long_slip  | 08-11 | needs_yes
06-01   | 07-10@06-01, 08-20@08-08              | 08-20@08-08              |                  |          |        | 08-12 00:00 | propose_cancel | long_slip  | 08-11 | no_answer
06-01   | 07-10@06-01, 08-20@07-02, 08-15@07-05 | 08-20@07-02, 08-15@07-06 |                  |          |        | 08-10 00:00 | propose_cancel | long_slip  | 08-09 | no_answer
06-01   | 07-10@06-01, 07-20@07-02, 07-30@07-08 | 07-20@07-02              |                  |          |        | 07-09 23:59 | ask_needs_yes  | slip_again | 07-20 | later
06-01   | 07-10@06-01, 07-20@07-02, 07-30@07-15 | 07-20@07-02, 07-30@07-15 |                  |          |        | 07-20 23:59 | nothing        | slip_again | 07-20 | needs_yes
06-01   | 07-10@06-01, 07-20@07-02, 07-30@07-15 | 07-20@07-02, 07-30@07-15 |                  |          |        | 07-21 00:00 | propose_cancel | slip_again | 07-20 | no_answer
06-01   | 07-10@06-01, 07-20@07-02, 07-30@07-15 | 07-20@07-02, 07-30@07-15 | keep@07-03       |          |        | 07-21 00:00 | propose_cancel | slip_again | 07-20 | no_answer
06-01   | 07-10@06-01, 07-20@07-02, 07-30@07-15 | 07-20@07-02, 07-30@07-15 | keep@07-16       |          |        | 07-21 00:00 | nothing        | slip_again | 07-30 | kept_by_customer
06-01   | 07-10@06-01, 07-10@07-07              | ?@07-05                  |                  |          |        | 07-09 23:59 | tell           |            |       | not_later
06-01   | 07-10@06-01, 07-10@07-07              | ?@07-05, 07-10@07-08     |                  |          |        | 07-09 23:59 | nothing        |            | 07-10 | in_time
"""  # noqa: E501 - a table

ZONES = """
ordered     | promises    | told    | answers | forecast | more                     | as of       | to do          | rule       | until | why
---
02-27       |             |         |         |          |                          | 03-28 23:59 | nothing        | no_promise | 03-29 | no_promise_yet
02-27       |             |         |         |          |                          | 03-29 00:00 | ask_needs_yes  | no_promise | 04-28 | later
09-01       | 10-25@09-01 |         |         | ?        |                          | 10-24 23:59 | nothing        |            | 10-25 | in_time
09-01       | 10-25@09-01 |         |         | ?        |                          | 10-25 00:00 | ask_needs_yes  | no_date    | 11-24 | later
09-01       | 10-25@09-01 | ?@10-25 |         |          |                          | 11-24 23:59 | nothing        | no_date    | 11-24 | needs_yes
09-01       | 10-25@09-01 | ?@10-25 |         |          |                          | 11-25 00:00 | propose_cancel | no_date    | 11-24 | no_answer
02-06       |             |         |         |          | zone=America/Havana      | 03-07 23:59 | nothing        | no_promise | 03-08 | no_promise_yet
02-06       |             |         |         |          | zone=America/Havana      | 03-08 01:00 | ask_needs_yes  | no_promise | 04-07 | later
10-01       | 11-01@10-01 |         |         | ?        | zone=America/Havana      | 10-31 23:59 | nothing        |            | 11-01 | in_time
10-01       | 11-01@10-01 |         |         | ?        | zone=America/Havana      | 11-01 00:00 | ask_needs_yes  | no_date    | 12-01 | later
06-01 23:59 |             |         |         |          | zone=America/Los_Angeles | 06-30 23:59 | nothing        | no_promise | 07-01 | no_promise_yet
06-01 23:59 |             |         |         |          | zone=America/Los_Angeles | 07-01 00:00 | ask_needs_yes  | no_promise | 07-31 | later
03-06 00:00 |             |         |         |          | zone=Pacific/Auckland    | 04-04 23:59 | nothing        | no_promise | 04-05 | no_promise_yet
03-06 00:00 |             |         |         |          | zone=Pacific/Auckland    | 04-05 00:00 | ask_needs_yes  | no_promise | 05-05 | later
"""  # noqa: E501 - a table

CASES = [case for text in (NO_PROMISE, FIRST_SLIP, NEEDS_YES, ZONES) for case in table(text)]
FACTS = [facts for facts, _ in CASES]
EXPECTED = [expected for _, expected in CASES]


@cache
def found() -> Sequence[list[str]]:
    """What is decided of all cases."""
    return decided(FACTS)


@pytest.mark.parametrize("n", range(len(CASES)), ids=[" ".join(one.values()) for one in FACTS])
def test_a_line_at_a_moment(n: int) -> None:
    assert found()[n] == EXPECTED[n]


def test_nothing_is_done_until_the_rules_are_switched_on() -> None:
    facts = [one | {"as of": "08-10 00:00", "zone": BERLIN} for one in FACTS[::4]]

    assert {tuple(row) for row in decided(facts, DelayRules())} == {("nothing", "", "", "off")}


NUMBERS = [
    ({"days_without_promise": 14}, "06-01 | | | | | | 06-15 | ask_needs_yes | no_promise | 07-15 | later"),
    ({"counts_from": "ordered"}, "06-01 | | | | | paid=? | 07-01 | ask_needs_yes | no_promise | 07-31 | later"),
    (
        {"consent_days": 9},
        "06-01 | 07-10@06-01, 07-20@07-02 | | | | | 07-02 | ask_needs_yes | long_slip | 08-09 | later",
    ),
    ({"answer_days": 7}, "06-01 | 07-10@06-01 | | | | | 07-10 | ask_needs_yes | no_date | 07-17 | later"),
    (
        {"answer_days_again": 5},
        "06-01 | 07-10@06-01, 07-20@07-02 | 07-20@07-02 | | | | 07-20 | ask_needs_yes | slip_again | 07-25 | later",
    ),
    (
        {"answer_days_at_least": 0},
        "06-01 | 07-10@06-01, 07-20@07-02 | 07-20@07-02 | | | | 07-20 | ask_needs_yes | slip_again | 07-20 | later",
    ),
]


@pytest.mark.parametrize(("changed", "row"), NUMBERS, ids=[next(iter(changed)) for changed, _ in NUMBERS])
def test_every_number_is_the_merchants(changed: dict[str, Any], row: str) -> None:
    facts, expected = table(f"{HEADS}\n{row}")[0]

    assert decided([facts], replace(ON, **changed)) == [expected]


@pytest.mark.parametrize("rule", RULES)
def test_what_a_rule_that_is_off_would_ask_is_only_told(rule: Rule) -> None:
    without = replace(ON, rules=tuple(one for one in RULES if one != rule))
    asks = [facts for facts, (to_do, of, *_) in CASES if of == rule and to_do.startswith("ask")][:3]

    assert asks
    assert {row[0] for row in decided(asks, without)} == {"nothing" if rule == "no_promise" else "tell"}


def test_a_line_is_decided_alone_as_among_others_in_any_order() -> None:
    facts = [one | {"as of": "07-21"} for one in FACTS if "zone" not in one]
    rows = [pd.concat(parts) for parts in zip(*(frames(one, n) for n, one in enumerate(facts)), strict=True)]
    at = instant("07-21", BERLIN).to_pydatetime()
    together = delays(*rows, ON, calendar(BERLIN), at)

    shuffled = [one.sample(frac=1, random_state=7) for one in rows]
    pd.testing.assert_frame_equal(delays(*shuffled, ON, calendar(BERLIN), at), together)
    for n in range(0, len(facts), 24):
        alone = delays(*frames(facts[n], n), ON, calendar(BERLIN), at)
        pd.testing.assert_frame_equal(alone, together.iloc[[n]].reset_index(drop=True))


@pytest.mark.parametrize(
    ("row", "day_told"),
    [
        ("06-01 | 07-10@06-01 | | | | | 07-01", "07-10"),
        ("06-01 | 07-10@06-01, 07-20@07-02 | | | | | 07-03", "07-20"),  # to be told
        ("06-01 | 07-10@06-01, 07-20@07-02 | 07-20@07-02 | | | | 07-03", "07-20"),  # told
        ("06-01 | 07-10@06-01 | | | 07-15 | | 07-10", "07-15"),
        ("06-01 | 07-10@06-01 | | | ? | | 07-10", None),
        ("06-01 | 07-10@06-01 | ?@07-10 | | 07-15 | | 07-11", None),
    ],
)
def test_a_day_to_tell_is_the_one_that_holds_now(row: str, day_told: str | None) -> None:
    facts, _ = table(f"{HEADS}\n{row} | | | |")[0]
    found = delays(*frames(facts), ON, calendar(BERLIN), instant(facts["as of"], BERLIN).to_pydatetime())

    told = found["ship_by"].iloc[0]
    assert pd.isna(told) if day_told is None else told == day(day_told, BERLIN)


def test_every_code_occurs_and_no_other() -> None:
    assert {row[0] for row in EXPECTED} == set(TO_DO)
    assert {row[1] for row in EXPECTED} == {"", *RULES}
    assert {row[3] for row in EXPECTED} | {"off"} == set(WHY)


def test_without_lines_nothing_is_to_be_done() -> None:
    empty = [frame(schema, []) for schema in (DELAY_LINES, PROMISES, NOTICES, ANSWERS)]

    assert delays(*empty, ON, calendar(BERLIN), datetime(2026, 7, 1, tzinfo=UTC)).empty
