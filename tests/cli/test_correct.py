"""A person's word at a terminal: what it says, its one JSON object, its exit code, and mistakes."""

import re

import pytest

from tests.cli.conftest import Here
from tests.cli.merchant import Merchant

WHY = ("--reason", "the customer called")
READY = (
    "SELECT l.platform_id, o.platform_id, u.quantity FROM order_line l JOIN open_unit u ON u.line_id = l.id"
    " JOIN sales_order o ON o.id = l.order_id WHERE u.reason = 'ready' ORDER BY u.quantity DESC, l.id"
)


@pytest.fixture
def line(merchant: Merchant) -> str:
    """A line of which at least two units are ready."""
    number, _, quantity = merchant.sql(READY)[0]
    assert quantity > 1
    return str(number)


def test_a_word_is_said_once_with_its_plan_and_who_said_it(
    merchant: Merchant, here: Here, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "berta")

    first = here(merchant, "hold", "line", line, *WHY, "--kind", "address")
    again = here(merchant, "hold", "line", f"main:{line}", *WHY, "--kind", "address")
    plan = re.findall(r"P-[0-9a-f]{10}-\d", first.out)[0]
    shown = here(merchant, "show", plan).out

    assert (first.code, again.code) == (0, 0)
    assert f"Line {line} of order" in first.out
    assert "not held → held for its address." in first.out
    assert again.out == "Nothing is to be changed: it is so already.\n"
    assert f"Plan {plan} by hold: done.\nDecided by berta on " in shown
    assert f"To take it back: fillrate undo {plan} --reason TEXT" in shown
    assert "the customer called" in shown


def test_what_is_given_up_waits_for_the_staff_of_the_shop_and_can_be_taken_back(
    merchant: Merchant, here: Here, line: str
) -> None:
    told = here(merchant, "cancel-units", "line", line, "1", *WHY, "--by", "Ann", "--json")
    status = here(merchant, "status", "--json").json["asked_to_cancel"]
    in_words = here(merchant, "status").out
    undone = here(merchant, "undo", told.json["plan"], *WHY)
    again = here(merchant, "cancel-units", "line", line, "--undo", *WHY)

    assert told.code == 3
    assert told.json["changes"] == [
        {"kind": "cancelled", "target": f"line:{line}", "before": 0, "after": 1, "reason": "the customer called"}
    ]
    assert told.json["waits_for_a_person"] is True
    assert [(one["line"], one["units"], one["by"]) for one in status] == [(f"main:{line}", 1, "given_up")]
    assert "given up here by Ann: the customer called  cancel or refund it in the shop as well" in in_words
    assert "Asked to cancel: 1 unit in 1 line. Nothing of this is cancelled by itself." in in_words
    assert undone.code == again.code == 0
    assert "1 given up → 0 given up" in undone.out
    assert "Nothing is to be changed" in again.out
    assert here(merchant, "status", "--json").json["asked_to_cancel"] == []


def test_a_dry_run_changes_nothing(merchant: Merchant, here: Here, line: str) -> None:
    said = here(merchant, "set-priority", "line", line, "5", *WHY, "--dry-run")
    plan = re.findall(r"P-[0-9a-f]{10}-\d", said.out)[0]

    assert said.code == 0
    assert f"by the policy → 5.\nNothing was changed (dry run). Plan {plan} shows it." in said.out
    assert "To have it so, run fillrate set-priority without --dry-run." in here(merchant, "show", plan).out
    assert merchant.sql("SELECT COUNT(*) FROM order_line WHERE priority IS NOT NULL") == [(0,)]
    assert "cannot be approved" in here(merchant, "approve", plan).words


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["hold", "line", "{line}", "--reason", " "], 2, "fillrate: A reason is needed"),
        (["hold", "order", "99999", *WHY], 2, "fillrate: There is no order 99999 in the tables."),
        (["hold", "order", "other:1", *WHY], 2, "fillrate: There is no order other:1 in the tables."),
        (["set-priority", "line", "{line}", *WHY], 2, "fillrate: Name one priority, or --default."),
        (["set-priority", "line", "{line}", "1", "--default", *WHY], 2, "fillrate: Name one priority, or --default."),
        (["set-priority", "line", "{line}", "1001", *WHY], 2, "fillrate: 1001 is no priority"),
        (["move-promise", "line", "{line}", "2020-01-02", *WHY], 2, "fillrate: 2020-01-02 is over; today is"),
        (["move-promise", "line", "{line}", "2030-01-05", *WHY], 2, "fillrate: Nobody works on Saturday, 2030-01-05"),
        (["cancel-units", "line", "{line}", *WHY], 2, "fillrate: Name one number of units, or --undo."),
        (["cancel-units", "line", "{line}", "999", *WHY], 1, "units can be given up in all, not 999."),
        (["mark-received", "PO-1", "1", *WHY], 2, "fillrate: There is no delivery PO-1."),
        (["undo", "P-none", *WHY], 2, "fillrate: There is no plan P-none."),
        (["run", "hold"], 2, "fillrate: hold says who and why, which fillrate run cannot."),
    ],
)
def test_a_mistake_is_a_sentence_with_what_to_do(
    merchant: Merchant, here: Here, line: str, words: list[str], code: int, said: str
) -> None:
    answer = here(merchant, *(word.format(line=line) for word in words))

    assert answer.code == code
    assert said in answer.words
    assert answer.words.count("\n") == 2 or "reason is needed" in answer.words
