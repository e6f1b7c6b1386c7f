"""Random histories of promises, words and answers: the columns decide as one line after another does, in plain values."""

import random
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from fillrate.decide.calendars import Calendar
from fillrate.decide.delays import DelayRules, delays, next_looks
from fillrate.decide.frames import ANSWERS, DELAY_LINES, NOTICES, PROMISES, Schema

ON = DelayRules(enabled=True)
UTC_DAYS = Calendar(ZoneInfo("UTC"), frozenset(range(7)))
NEVER = 10**6


@dataclass
class Line:
    """One line; all days are whole numbers, and what happens on one happens at its noon."""

    complete: int | None
    is_open: bool
    forecast: int | None
    flag: bool
    promises: list[tuple[int, int]]  # (day, given)
    told: list[tuple[int, int | None]]  # (when, day)
    answers: list[tuple[int, str]]


@dataclass
class Word:
    """What a customer hears of a day; `at` is empty for what he has not heard yet."""

    day: int | None
    at: int | None
    rule: str = ""
    is_silent: bool = False
    deadline: int = 0
    before: int = 0
    since: int | None = None


def follow(words: list[Word], now: int, *, implied: bool) -> int:
    """Give each slip its rule, question and deadline; return the day that holds in the end."""
    holds, slips, dated = words[0].day or 0, 0, 0
    for last, word in pairwise(words):
        word.since = word.at if last.day is not None else last.since
        if word.day is None or word.day > holds:
            slips += 1
            word.before, word.is_silent = holds, slips == 1 and word.day is not None and word.day <= holds + 30
            names = ("slip_again", "no_promise", "no_date", "first_slip", "long_slip")
            fits = (slips > 1, implied, word.day is None, word.is_silent, True)
            word.rule = next(name for name, is_so in zip(names, fits, strict=True) if is_so)
            asked = now if word.at is None else word.at
            word.deadline = word.day if word.is_silent and word.day else max(holds + (0 if dated else 30), asked + 3)
            dated += word.day is not None
        holds = holds if word.day is None else word.day
    return holds


def plainly(line: Line, now: int) -> tuple[str, str, str, int | None]:  # noqa: PLR0911 - one for each case
    """What is to be done for a line: why, to_do, rule, deadline."""
    if not line.is_open:
        return "settled", "nothing", "", None
    promises = [one for one in line.promises if one[1] <= now]
    answers = sorted((one for one in line.answers if one[0] <= now), key=lambda one: (one[0], one[1] == "cancel"))
    told = sorted((at, NEVER if day is None else day) for at, day in line.told if at <= now)
    patience = None if line.complete is None else line.complete + 30
    implied = not promises or (patience is not None and promises[0][1] > patience)
    first, heard = (patience, line.complete) if implied else promises[0]
    words = [Word(first, heard), *(Word(None if day == NEVER else day, at) for at, day in told)]
    holds = follow(words, now, implied=implied)
    question = next((one for one in reversed(words) if one.rule), Word(None, None))
    if answers and answers[-1][1] == "cancel":
        return "cancelled_by_customer", "propose_cancel", question.rule, None
    if line.complete is None or first is None:
        return "not_counting", "nothing", "", None
    kept_at = answers[-1][0] if answers else None
    nobody_knows = words[-1].day is None
    stands = question.rule != "" and (nobody_knows or holds > question.before)
    is_yes = stands and kept_at is not None and question.since is not None and kept_at >= question.since
    asked = (question.rule, question.deadline)
    is_over = stands and not is_yes and not question.is_silent and question.deadline < now
    if is_over and not line.flag:
        return "no_answer", "propose_cancel", *asked
    is_new = bool(promises) and (promises[-1][0] != holds or nobody_knows) and promises[-1][1] > (words[-1].at or 0)
    target = promises[-1][0] if is_new else holds
    forecast = None if line.forecast is None else max(line.forecast, now)
    is_lost = target <= now and (forecast is None or forecast > target) and (is_new or not nobody_knows)
    if is_new or is_lost:
        words.append(word := Word(forecast if is_lost else target, None))
        follow(words, now, implied=implied)
        if not word.rule:
            return "not_later", "tell", "", None
        if kept_at is not None and word.since is not None and kept_at >= word.since:
            return "later", "tell", word.rule, None
        return "later", "ask_silence_is_yes" if word.is_silent else "ask_needs_yes", word.rule, word.deadline
    if is_over:
        return "do_not_cancel", "nothing", *asked
    if is_yes:
        return "kept_by_customer", "nothing", question.rule, None if nobody_knows else holds
    if stands:
        return (
            ("silence_is_yes", "nothing", question.rule, holds)
            if question.is_silent
            else ("needs_yes", "nothing", *asked)
        )
    if implied and not question.rule:
        return "no_promise_yet", "nothing", "no_promise", holds
    return "in_time", "nothing", "", holds


def drawn(chance: random.Random) -> Line:
    """A line with up to three promises, most of the later ones told, and up to two answers."""
    promises, at, by = [], chance.choice([0, 0, 5, 35]), chance.randint(5, 60)
    for _ in range(chance.choice([0, 1, 1, 2, 3])):
        promises.append((by, at))
        at, by = at + chance.randint(1, 15), by + chance.choice([-5, 0, 5, 10, 30, 31, 40])
    told: dict[int, int | None] = {at + chance.randint(0, 2): by for by, at in promises[1:] if chance.random() < 0.6}
    told |= {
        chance.randint(1, 70): chance.choice([None, None, chance.randint(10, 90)])
        for _ in range(chance.choice([0, 0, 1, 2]))
    }
    said = [(chance.randint(1, 80), chance.choice(["keep", "keep", "cancel"])) for _ in range(chance.choice([0, 1, 2]))]
    forecast = chance.choice([None, chance.randint(1, 120)])
    complete = chance.choice([None, 0, 0, 0, 3, 10])
    if complete is None:  # nothing can slip of what has no day
        told = {at: by for at, by in told.items() if promises and at >= promises[0][1]}
    return Line(complete, chance.random() < 0.9, forecast, chance.random() < 0.15, promises, list(told.items()), said)


def frame(schema: Schema, rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    return pd.DataFrame(
        {name: pd.Series([row[i] for row in rows], dtype=kind) for i, (name, kind) in enumerate(schema.items())}
    )


def start(day: int | None) -> Any:
    return pd.NaT if day is None else pd.Timestamp("2026-01-01", tz="UTC") + pd.Timedelta(days=day)


def noon(day: int | None) -> Any:
    return start(day) + pd.Timedelta(hours=12)


def decided(lines: list[Line], now: int) -> pd.DataFrame:
    facts = [
        (n, noon(0), noon(one.complete), int(one.is_open), start(one.forecast), one.flag) for n, one in enumerate(lines)
    ]
    given = [
        (n, number, start(by), noon(at), "supply")
        for n, one in enumerate(lines)
        for number, (by, at) in enumerate(one.promises, 1)
    ]
    told = [(n, noon(at), start(day)) for n, one in enumerate(lines) for at, day in one.told]
    answers = [(n, noon(at), answer) for n, one in enumerate(lines) for at, answer in one.answers]
    schemas = (DELAY_LINES, PROMISES, NOTICES, ANSWERS)
    frames = [frame(*one) for one in zip(schemas, (facts, given, told, answers), strict=True)]
    return delays(*frames, ON, UTC_DAYS, noon(now).to_pydatetime())


def in_columns(lines: list[Line], now: int) -> list[tuple[str, str, str, int | None]]:
    return [
        (one.why, one.to_do, one.rule, None if pd.isna(one.deadline) else (one.deadline - start(0)).days)
        for one in decided(lines, now).itertuples()
    ]


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 100))])
def test_the_columns_decide_as_one_line_after_another_does(seed: int) -> None:
    chance = random.Random(seed)
    lines, now = [drawn(chance) for _ in range(200)], chance.randint(20, 100)

    found = in_columns(lines, now)
    assert [
        (one, now, decided) for one, decided in zip(lines, found, strict=True) if decided != plainly(one, now)
    ] == []


def as_known(line: Line, now: int) -> Line:
    """A line of which nothing happens after that day."""
    told = [one for one in line.told if one[0] <= now]
    answers = [one for one in line.answers if one[0] <= now]
    return replace(line, promises=[one for one in line.promises if one[1] <= now], told=told, answers=answers)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 30))])
def test_while_nothing_happens_nothing_else_is_decided_before_the_day_on_which_one_has_to_look_again(seed: int) -> None:
    chance = random.Random(seed)
    now = chance.randint(20, 100)
    lines = [as_known(drawn(chance), now) for _ in range(200)]
    first = decided(lines, now)
    looks = next_looks(first, UTC_DAYS, noon(now).to_pydatetime())
    assert not (looks <= start(now)).any()

    changed = 0
    for later in range(now + 1, now + 60):
        then = decided(lines, later)
        is_told = (then["to_do"] != "propose_cancel") & ~then["why"].isin(["settled", "not_counting"])
        then["ship_by"] = then["ship_by"].where(is_told, first["ship_by"])
        is_same = ((first == then) | (first.isna() & then.isna())).all(axis=1)
        waits = looks.isna() | (looks > start(later))
        assert [lines[n] for n in first.index[~is_same & waits]] == [], later
        changed += int((~is_same).sum())
    assert changed > 0
