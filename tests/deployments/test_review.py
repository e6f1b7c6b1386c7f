"""The form of review-plan and what comes of each answer, without a server; test_scheduled.py has it with one."""

import asyncio

import pytest

from fillrate.errors import FillrateError, FixSettings, NotFound
from tasks.review import Review, decide, plan_to_review, read_plan, sentence
from tests.cli.conftest import Here
from tests.cli.merchant import Merchant

PLAN = "P-7313a2d447-1"


@pytest.fixture
def at_home(merchant: Merchant, monkeypatch: pytest.MonkeyPatch) -> Merchant:
    """The working folder is the merchant's."""
    monkeypatch.chdir(merchant.folder)
    monkeypatch.setenv("FILLRATE_CONFIG", str(merchant.folder / "fillrate.toml"))
    return merchant


@pytest.mark.parametrize(
    ("decision", "state", "who"),
    [("approve", "approved", "Anna"), ("reject", "rejected", "Anna"), ("defer", "waiting", "")],
)
def test_an_answer_decides_about_the_plan_that_was_shown(
    at_home: Merchant, decision: str, state: str, who: str
) -> None:
    shown = read_plan(PLAN)
    answer = Review.model_validate({"decision": decision, "who": "Anna"})
    decide(shown, answer)

    assert at_home.sql(f"SELECT state, approved_by FROM plan WHERE id = '{PLAN}'") == [(state, who)]
    assert sentence(shown, answer, is_done=False).startswith("Anna ")
    assert shown.hash[:32] in shown.markdown
    assert (
        "| order 123 | no note → 2 × BAG-00012-WHT waits | Units of this order wait for stock. | waits |"
        in shown.markdown
    )


def test_an_approval_of_another_hash_than_the_one_that_was_shown_is_refused(at_home: Merchant) -> None:
    shown = read_plan(PLAN)
    at_home.sql(f"UPDATE plan SET hash = 'another' WHERE id = '{PLAN}'")

    with pytest.raises(FillrateError, match="is not the one that was shown"):
        decide(shown, Review(decision="approve", who="Anna"))


def test_what_is_decided_or_not_there_is_not_asked_about(at_home: Merchant) -> None:
    decide(read_plan(PLAN), Review(decision="reject", who="Anna"))

    with pytest.raises(FillrateError, match="There is nothing to decide about plan .* any more: rejected"):
        read_plan(PLAN)
    with pytest.raises(NotFound, match="There is no plan P-none-1"):
        read_plan("P-none-1")


def test_without_a_deployment_it_says_how_to_decide_instead(merchant: Merchant, here: Here) -> None:
    with pytest.raises(FixSettings, match=f"Decide here instead: fillrate approve {PLAN}"):
        asyncio.run(plan_to_review(PLAN))
    said = here(merchant, "run", "review-plan")

    assert said.code == 2
    assert said.words.startswith("fillrate: review-plan waits for a form in the Prefect UI")


@pytest.mark.parametrize("wrong", [{"who": ""}, {"decision": "approve"}, {"who": "A", "decision": "yes"}])
def test_a_decision_needs_a_name_and_one_of_three_words(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        Review.model_validate(wrong)
