"""What a delay means for one line: nothing, a word to the customer, a question, or a proposal to cancel.

Modelled on the rules for goods ordered by mail, internet or telephone, 16 CFR Part 435 (Federal Trade Commission), from
which the preset numbers come: 30 days where no time was named, from when the order is complete and paid, § 435.2(a)(1)
and § 435.1(c); of a first delay to a definite day at most 30 days later, silence is consent, § 435.2(b)(1)(ii); of a
longer or an indefinite one it is not, and a yes must come within 30 days after the day that was promised,
§ 435.2(b)(1)(iii); a further delay needs a yes by the day that was told last, § 435.2(b)(2). A model, not legal advice.

A customer knows the first promise, and then what he was told: days, or that nobody knows. A day that he has not been told
yet, and one that can no longer be kept, are told with the question that the rule asks. Days are those of the store; a
deadline is the last day that is in time. What came after `as_of` is not looked at.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from fillrate.decide.calendars import Calendar
from fillrate.decide.days import DAYS, INSTANTS, days_of, starts_of, today
from fillrate.decide.frames import ANSWERS, DELAY_LINES, DELAYS, NOTICES, PROMISES, conform

if TYPE_CHECKING:
    import pandas as pd

Rule = Literal["no_promise", "first_slip", "long_slip", "no_date", "slip_again"]
RULES: tuple[Rule, ...] = ("no_promise", "first_slip", "long_slip", "no_date", "slip_again")
FIRST, LATER, UNTOLD = 0, 1, 2  # turns of the words that a customer hears
TO_DO = ("nothing", "tell", "ask_silence_is_yes", "ask_needs_yes", "propose_cancel")
WHY = (
    "off",
    "settled",  # nothing of it is open
    "not_counting",  # it is not complete and paid, or has no promise and no rule for that
    "no_promise_yet",
    "in_time",
    "later",  # a later day is to be told, or that nobody knows
    "not_later",  # a promise is to be told that is no worse than what was told last
    "silence_is_yes",  # asked: no answer is consent
    "needs_yes",  # asked: no answer is none
    "kept_by_customer",
    "cancelled_by_customer",
    "no_answer",
    "do_not_cancel",
)


@dataclass(frozen=True, slots=True)
class DelayRules:
    """Which rules apply, and their numbers; all off unless enabled."""

    enabled: bool = False
    rules: tuple[Rule, ...] = RULES  # what a rule that is left out would ask is only told
    counts_from: Literal["complete", "ordered"] = "complete"
    days_without_promise: int = 30
    consent_days: int = 30  # of a first slip of so many days at most, silence is consent
    answer_days: int = 30  # a yes must come within so many days after the first promise
    answer_days_again: int = 0  # … after the day that was told last
    answer_days_at_least: int = 3  # … but never sooner after the question


def delays(
    lines: "pd.DataFrame",
    promises: "pd.DataFrame",
    notices: "pd.DataFrame",
    answers: "pd.DataFrame",
    rules: DelayRules,
    calendar: Calendar,
    as_of: datetime,
) -> "pd.DataFrame":
    """Return as a DELAYS frame, by line_id, what is to be done for each of DELAY_LINES, by which rule, until when and why.

    NOTICES are the slips that customers were told, ANSWERS what they said to one or to several of them.
    """
    import pandas as pd

    lines = conform(lines, DELAY_LINES).sort_values("line_id").set_index("line_id")
    if not rules.enabled:
        return switched_off(lines)
    promises = known_by(as_of, conform(promises, PROMISES), "given_at", lines.index)
    notices = known_by(as_of, conform(notices, NOTICES), "told_at", lines.index)
    answers = known_by(as_of, conform(answers, ANSWERS), "answered_at", lines.index)
    told = pd.concat([first_words(lines, promises, rules, calendar), later_words(notices, calendar)])
    knows = last_known(told).reindex(lines.index)
    untold = still_to_tell(lines, knows, promises, calendar, as_of)
    words = questions(pd.concat([told, untold]), rules, calendar, as_of)
    return judged(lines, knows, words, last_answers(answers), rules, calendar, as_of)


def switched_off(lines: "pd.DataFrame") -> "pd.DataFrame":
    """Return DELAYS of lines of which nothing is judged."""
    import pandas as pd

    never = pd.Series(pd.NaT, index=range(len(lines)), dtype=INSTANTS)
    columns = {"rule": "", "to_do": "nothing", "deadline": never, "ship_by": never, "why": "off"}
    return pd.DataFrame({"line_id": lines.index, **columns}).astype(DELAYS)


def known_by(as_of: datetime, rows: "pd.DataFrame", column: str, line_ids: "pd.Index") -> "pd.DataFrame":
    """Return the rows of these lines that were known at that time."""
    return rows[(rows[column] <= as_of) & rows["line_id"].isin(line_ids)]


def first_words(
    lines: "pd.DataFrame", promises: "pd.DataFrame", rules: DelayRules, calendar: Calendar
) -> "pd.DataFrame":
    """Return the day that each customer knew first, as a word: line_id, day, told_at, turn, is_implied.

    Where no promise was given in time, it is the day until which a customer may be left without one.
    """
    import pandas as pd

    first = promises.sort_values("number").drop_duplicates("line_id").set_index("line_id").reindex(lines.index)
    start = lines["complete_at"] if rules.counts_from == "complete" else lines["ordered_at"]
    patience = days_of(start, calendar) + pd.Timedelta(days=rules.days_without_promise)
    if "no_promise" not in rules.rules:
        patience = patience.mask(patience.notna())
    is_implied = first["given_at"].isna() | (days_of(first["given_at"], calendar) > patience)
    columns = {
        "day": days_of(first["ship_by"], calendar).mask(is_implied, patience),
        "told_at": first["given_at"].mask(is_implied, start),
        "turn": FIRST,
        "is_implied": is_implied,
    }
    return pd.DataFrame(columns).dropna(subset="day").reset_index()


def later_words(notices: "pd.DataFrame", calendar: Calendar) -> "pd.DataFrame":
    """Return what customers were told of slips as words, in order; one without a day says that nobody knows."""
    in_order = notices.sort_values(["line_id", "told_at", "ship_by"])
    day = days_of(in_order["ship_by"], calendar)
    return in_order[["line_id", "told_at"]].assign(day=day, turn=LATER, is_implied=False)


def last_known(told: "pd.DataFrame") -> "pd.DataFrame":
    """Return by line the day that holds for its customer (the last one told), when he last heard, and whether of no day."""
    in_order = told.sort_values(["line_id", "turn"], kind="stable")
    last = in_order.assign(holds=in_order.groupby("line_id")["day"].ffill()).drop_duplicates("line_id", keep="last")
    last = last.set_index("line_id")
    return last[["holds", "told_at"]].assign(nobody_knows=last["day"].isna())


def still_to_tell(
    lines: "pd.DataFrame", knows: "pd.DataFrame", promises: "pd.DataFrame", calendar: Calendar, as_of: datetime
) -> "pd.DataFrame":
    """Return as words a promise that its customer has not heard of, and, from its last day on, a day that cannot be kept."""
    import pandas as pd

    now = today(as_of, calendar)
    last = promises.sort_values("number").drop_duplicates("line_id", keep="last").set_index("line_id")
    last = last.reindex(lines.index)
    promised, nobody_knows = days_of(last["ship_by"], calendar), knows["nobody_knows"].eq(True)
    says_else = (promised != knows["holds"]) | nobody_knows
    is_new = knows["holds"].notna() & says_else & (last["given_at"] > knows["told_at"])
    holds = promised.where(is_new, knows["holds"])
    forecast = days_of(lines["forecast_by"], calendar)
    forecast = forecast.mask(forecast < now, now)
    cannot_be_kept = (holds <= now) & ~(forecast <= holds) & (is_new | ~nobody_knows)
    day = promised.mask(cannot_be_kept, forecast)
    never = pd.Series(pd.NaT, index=lines.index, dtype=INSTANTS)
    words = pd.DataFrame({"day": day, "told_at": never, "turn": UNTOLD, "is_implied": False})
    return words[is_new | cannot_be_kept].reset_index()


def questions(words: "pd.DataFrame", rules: DelayRules, calendar: Calendar, as_of: datetime) -> "pd.DataFrame":
    """Add to words what held before, whether they are slips, the rule, what it asks, until when, and since when a yes counts.

    The word that is still to be told is asked today.
    """
    import numpy as np
    import pandas as pd

    words = words.sort_values(["line_id", "turn"], kind="stable", ignore_index=True)
    by_line = words["line_id"]
    before = words["day"].groupby(by_line).ffill().groupby(by_line).shift()
    has_day = words["day"].notna()
    is_slip = before.notna() & ~(words["day"] <= before)
    dated_before = (is_slip & has_day).astype("int64").groupby(by_line).cumsum() - (is_slip & has_day)
    is_first = is_slip.astype("int64").groupby(by_line).cumsum() == 1
    was_implied = words["is_implied"].groupby(by_line).transform("any")
    is_short = is_first & ((words["day"] - before).dt.days <= rules.consent_days)
    cases = {"no_promise": is_first & was_implied, "slip_again": ~is_first, "no_date": ~has_day, "first_slip": is_short}
    rule = pd.Series(np.select(list(cases.values()), list(cases), "long_slip"), dtype="str")
    asks = np.select([~rule.isin(rules.rules), is_short], ["tell", "ask_silence_is_yes"], "ask_needs_yes")
    days = np.where(dated_before > 0, rules.answer_days_again, rules.answer_days)
    asked_on = days_of(words["told_at"], calendar).fillna(today(as_of, calendar))
    at_least = asked_on + pd.Timedelta(days=rules.answer_days_at_least)
    answer_by = (before + pd.to_timedelta(days, unit="D")).clip(lower=at_least)
    deadline = words["day"].where(is_short, answer_by).astype(DAYS)
    goes_on = ~has_day.groupby(by_line).shift(fill_value=True)  # who agreed to wait for any day has agreed to this one
    since = words["told_at"].mask(goes_on, words["told_at"].mask(goes_on).groupby(by_line).ffill())
    return words.assign(before=before, is_slip=is_slip, rule=rule, asks=asks, deadline=deadline, since=since)


def last_answers(answers: "pd.DataFrame") -> "pd.DataFrame":
    """Return by line the last answer, and when it came; of two at once the one to cancel."""
    in_order = answers.sort_values(["answered_at", "answer"], ascending=[True, False])
    return in_order.drop_duplicates("line_id", keep="last").set_index("line_id")


def judged(
    lines: "pd.DataFrame",
    knows: "pd.DataFrame",
    words: "pd.DataFrame",
    answers: "pd.DataFrame",
    rules: DelayRules,
    calendar: Calendar,
    as_of: datetime,
) -> "pd.DataFrame":
    """Return a DELAYS frame: for each line the first case that fits."""
    import numpy as np
    import pandas as pd

    is_told = words["turn"] < UNTOLD
    slips = words[is_told & words["is_slip"]].drop_duplicates("line_id", keep="last")
    asked, next_word, first = (
        rows.set_index("line_id").reindex(lines.index)
        for rows in (slips, words[~is_told], words[words["turn"] == FIRST])
    )
    answers, is_undated = answers.reindex(lines.index), knows["nobody_knows"].eq(True)
    stands = is_undated | ~(knows["holds"] <= asked["before"])  # a slip that was taken back asks nothing any more
    keeps_since = answers["answered_at"].where(answers["answer"] == "keep")
    is_yes = stands & (keeps_since >= asked["since"])
    needs_yes = stands & ~is_yes & (asked["asks"] == "ask_needs_yes")
    is_silent = stands & ~is_yes & (asked["asks"] == "ask_silence_is_yes")
    is_over = needs_yes & (asked["deadline"] < today(as_of, calendar))
    is_next, is_worse = next_word["turn"].notna(), next_word["is_slip"].eq(True)
    asks = is_worse & (next_word["asks"] != "tell") & ~(keeps_since >= next_word["since"])
    no_promise = first["is_implied"].eq(True) & asked["rule"].isna()
    is_unpaid = lines["complete_at"].isna() & (rules.counts_from == "complete")
    kept_until = knows["holds"].mask(is_undated)
    blank, never = np.full(len(lines), ""), np.full(len(lines), "NaT", dtype=DAYS)
    cases = [
        (lines["open"] <= 0, "settled", "nothing", blank, never),
        (answers["answer"] == "cancel", "cancelled_by_customer", "propose_cancel", asked["rule"].fillna(""), never),
        (is_unpaid | knows["holds"].isna(), "not_counting", "nothing", blank, never),
        (is_over & ~lines["do_not_cancel"], "no_answer", "propose_cancel", asked["rule"], asked["deadline"]),
        (asks, "later", next_word["asks"], next_word["rule"], next_word["deadline"]),
        (is_worse, "later", "tell", next_word["rule"], never),
        (is_next, "not_later", "tell", blank, never),
        (is_over, "do_not_cancel", "nothing", asked["rule"], asked["deadline"]),
        (is_yes, "kept_by_customer", "nothing", asked["rule"], kept_until),
        (needs_yes, "needs_yes", "nothing", asked["rule"], asked["deadline"]),
        (is_silent, "silence_is_yes", "nothing", asked["rule"], knows["holds"]),
        (no_promise, "no_promise_yet", "nothing", "no_promise", knows["holds"]),
        (~is_undated, "in_time", "nothing", blank, knows["holds"]),
    ]
    flags, why, to_do, rule, deadline = zip(*cases, strict=True)
    columns = {
        "rule": np.select(flags, rule, ""),
        "to_do": np.select(flags, to_do, "nothing"),
        "deadline": starts_of(pd.Series(np.select(flags, deadline, never)), calendar).array,
        "ship_by": starts_of(next_word["day"].where(is_next, kept_until), calendar).array,
        "why": np.select(flags, why, "in_time"),
    }
    return pd.DataFrame({"line_id": lines.index, **columns}).astype(DELAYS)


def next_looks(found: "pd.DataFrame", calendar: Calendar, as_of: datetime) -> "pd.Series[pd.Timestamp]":
    """Return for each row of DELAYS when time alone may change it: the beginning of a day; empty where it cannot.

    What is still to be told is looked at daily, since it is asked with the day of today; a day that holds when it comes,
    and from then on daily, since it may have to be told that it cannot be kept; a missing answer after its deadline.
    """
    import pandas as pd

    tomorrow = today(as_of, calendar) + pd.Timedelta(days=1)
    day, after = days_of(found["ship_by"], calendar), days_of(found["deadline"], calendar) + pd.Timedelta(days=1)
    by_day = day.mask(day < tomorrow, tomorrow)
    looks = pd.concat([by_day, after.where(found["why"] == "needs_yes")], axis=1).min(axis=1).astype(DAYS)
    looks = looks.mask(~found["to_do"].isin(["nothing", "propose_cancel"]), tomorrow)
    never = (found["to_do"] == "propose_cancel") | found["why"].isin(["off", "settled", "not_counting"])
    return starts_of(looks.mask(never), calendar)
