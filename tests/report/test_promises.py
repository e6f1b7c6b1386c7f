"""Delays, slips and kept promises as the shop's people read them."""

from datetime import date
from math import nan

import pytest

from fillrate.report.promises import delay_sentences, kept_sentences, proposal_sentences

DAY, OTHER = date(2026, 8, 9), date(2026, 8, 20)


@pytest.mark.parametrize(
    ("rule", "to_do", "why", "deadline", "ship_by", "said"),
    [
        (
            "long_slip",
            "ask_needs_yes",
            "later",
            DAY,
            OTHER,
            "It will leave later than it should, on 2026-08-20."
            " The rule: the day moves by more than silence can allow."
            " Ask the customer for a yes by 2026-08-09; without it, it is to be cancelled.",
        ),
        (
            "no_date",
            "ask_needs_yes",
            "later",
            DAY,
            None,
            "It will leave later than it should, on a day that nobody knows."
            " The rule: nobody knows the day any more."
            " Ask the customer for a yes by 2026-08-09; without it, it is to be cancelled.",
        ),
        (
            "first_slip",
            "nothing",
            "silence_is_yes",
            DAY,
            DAY,
            "The customer was told 2026-08-09; unless he cancels, he has agreed."
            " The rule: the day moves for the first time, and not by much. Wait for his answer until 2026-08-09.",
        ),
        (
            "slip_again",
            "propose_cancel",
            "no_answer",
            DAY,
            OTHER,
            "The customer was asked to wait, and did not answer by 2026-08-09. The rule: the day moves again."
            " Cancel what is open, and give the money back.",
        ),
        ("", "nothing", "in_time", DAY, DAY, "It is promised for 2026-08-09. Nothing is to be done."),
        ("", "nothing", "off", None, None, "The rules for delays are switched off. Nothing is to be done."),
    ],
)
def test_a_delay_names_the_rule_the_deadline_and_what_to_do(
    rule: str, to_do: str, why: str, deadline: date | None, ship_by: date | None, said: str
) -> None:
    assert " ".join(delay_sentences(rule, to_do, why, deadline, ship_by)) == said


def test_a_proposal_says_how_many_promises_break_and_who_decides() -> None:
    assert proposal_sentences("PO-7", 37, 12, 0, 4, 30, "1,200.00 EUR", by_itself=False) == [
        "Delivery PO-7: 37 lines slip, of which 12 break their promise, by up to 4 days.",
        "That is 30 units for 1,200.00 EUR.",
        "A person decides whether the promises move.",
    ]
    assert proposal_sentences("PO-7", 1, 1, 0, 1, 1, "5.00 EUR", by_itself=True) == [
        "Delivery PO-7: 1 line slips, of which 1 breaks its promise, by up to 1 day.",
        "That is 1 unit for 5.00 EUR.",
        "The promises move by themselves.",
    ]
    assert proposal_sentences("", 2, 1, 1, None, 1, "5.00 EUR", by_itself=False) == [
        "Without a delivery behind it: 2 lines slip, of which 1 breaks its promise.",
        "That is 1 unit for 5.00 EUR.",
        "Of 1 line nobody knows the day: find a supply, or tell the customer.",
        "A person decides whether the promises move.",
    ]


def test_kept_promises_are_told_with_a_verdict() -> None:
    assert kept_sentences("ACME", 18, 20, 0.85, 0.9, 1.25, 0.0, "holds") == [
        "ACME: 18 of 20 kept; of first promises 85 %, of those that hold 90 %; late by 1.2 days in the mean, 0.0 in the"
        " median.",
        "Promises hold as they should: 88 to 95 of a hundred.",
    ]
    assert kept_sentences("ACME", 0, 0, nan, nan, nan, nan, "too_few") == ["ACME: the day of no promise is over yet."]
    assert "of those that hold none" in kept_sentences("ACME", 0, 1, 0.0, nan, nan, nan, "too_few")[0]
