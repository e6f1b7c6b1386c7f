"""A person's word on a plan: approve, reject, once, and only on what was shown."""

import os

import pytest

from fillrate.bootstrap import open_desk
from fillrate.steps.apply import apply_changes
from fillrate.steps.runs import RunLog
from tests.cli.conftest import Here
from tests.cli.merchant import Merchant

PLAN = "P-7313a2d447-1"


def plan_of(merchant: Merchant) -> list[tuple[str, str]]:
    return [tuple(row) for row in merchant.sql(f"SELECT state, approved_by FROM plan WHERE id = '{PLAN}'")]


def changes_of(merchant: Merchant) -> set[str]:
    return {row[0] for row in merchant.sql(f"SELECT state FROM change WHERE plan_id = '{PLAN}'")}


@pytest.mark.parametrize(
    ("wish", "done", "changes"), [("approve", "approved", {"approved"}), ("reject", "rejected", {"superseded"})]
)
def test_a_decision_is_kept_with_who_took_it_and_nothing_waits_any_more(
    merchant: Merchant, here: Here, wish: str, done: str, changes: set[str]
) -> None:
    said = here(merchant, wish, PLAN, "--as", "Ann", "--json")

    assert (said.code, said.json) == (0, {"id": PLAN, "state": done})
    assert plan_of(merchant) == [(done, "Ann")]
    assert changes_of(merchant) == changes
    assert (here(merchant, "plans").code, here(merchant, "status").code) == (0, 0)


def test_who_decides_is_the_user_of_the_machine_unless_said(
    merchant: Merchant, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "berta")

    said = here(merchant, "approve", PLAN)

    assert (
        said.out
        == f"Plan {PLAN} is approved. The next run of allocate-orders writes it: fillrate run allocate-orders\n"
    )
    assert plan_of(merchant) == [("approved", "berta")]


def test_a_user_without_a_name_decides_by_number(
    merchant: Merchant, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 61_234)

    said = here(merchant, "reject", PLAN)

    assert said.code == 0
    assert plan_of(merchant) == [("rejected", "61234")]


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ("approve", "approve", "is approved and can no longer be approved."),
        ("reject", "approve", "is rejected and can no longer be approved."),
        ("reject", "reject", "is rejected and can no longer be rejected."),
    ],
)
def test_a_plan_is_decided_once(merchant: Merchant, here: Here, first: str, second: str, words: str) -> None:
    here(merchant, first, PLAN, "--as", "Ann")
    before = plan_of(merchant)

    said = here(merchant, second, PLAN, "--as", "Ben")

    assert said.code == 1
    assert said.words == f"fillrate: Plan {PLAN} {words}\nSee what became of it: fillrate show {PLAN}\n"
    assert plan_of(merchant) == before


def test_an_approved_plan_can_still_be_refused_before_it_is_written(merchant: Merchant, here: Here) -> None:
    here(merchant, "approve", PLAN)

    said = here(merchant, "reject", PLAN, "--as", "Ben")

    assert (said.code, said.out) == (0, f"Plan {PLAN} is rejected. Nothing of it will be written.\n")
    with open_desk(file=merchant.folder / "fillrate.toml") as desk:
        apply_changes(desk, desk.shop("main"), log := RunLog("after", "allocate-orders", "main"))
    assert not log.counts
    assert changes_of(merchant) == {"superseded"}


def test_only_the_plan_that_was_shown_is_approved(merchant: Merchant, here: Here) -> None:
    shown = here(merchant, "show", PLAN, "--json").json["hash"]

    other = here(merchant, "approve", PLAN, "--hash", "0" * 64)
    assert other.code == 1
    assert (
        other.words == f"fillrate: Plan {PLAN} is not the one that was shown (its hash differs).\n"
        f"Look again: fillrate show {PLAN}\n"
    )
    assert plan_of(merchant) == [("waiting", "")]

    assert here(merchant, "approve", PLAN, "--hash", shown).code == 0
