"""Everything a person reads comes from one table of texts, and nothing of the code shows through."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from fillrate.channels.protocol import STOCK
from fillrate.db.queries.mails import KIND as MAIL
from fillrate.db.tables.control import CHANGE_STATES, PLAN_STATES
from fillrate.db.tables.promises import PROMISE_SOURCES
from fillrate.db.tables.stock import Movement
from fillrate.decide import delays, kept
from fillrate.decide.matching import Match
from fillrate.decide.plans import ADOPTING, OWN_HOOKS, OWN_LEDGER, OWN_NOTES
from fillrate.decide.states import Cause, Reason, State
from fillrate.report import diagram
from fillrate.report.changes import WORDS
from fillrate.report.texts import TEXTS, text
from fillrate.steps.correcting.undo import IN_SHOPS, INVERSES
from fillrate.steps.reconciling.found import CLASSES, OUTCOMES
from fillrate.steps.show import OF_GOODS

CODE = re.compile(r"\b[a-z]+_[a-z_]+\b")
CHECK = next(one for one in Movement.__table__.constraints if one.name == "ck_movement_kind")  # type: ignore[attr-defined]
CHANGES = {*WORDS, *IN_SHOPS, *OF_GOODS, *OWN_NOTES, *OWN_HOOKS, *OWN_LEDGER, *ADOPTING, *INVERSES, MAIL, STOCK}
MOVEMENTS = re.findall(r"'(\w+)'", str(CHECK.sqltext))


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        ("state", State),
        ("state_means", State),
        ("reason", Reason),
        ("cause", Cause),
        ("plan_state", PLAN_STATES),
        ("change_state", CHANGE_STATES),
        ("change_kind", CHANGES),
        ("movement", MOVEMENTS),
        ("match", Match),
        ("drift_class", CLASSES),
        ("drift_next", CLASSES),
        ("drift_outcome", OUTCOMES),
        ("drift_word", ["waits", "put_back", "adopted"]),
        ("delay_rule", delays.RULES),
        ("delay_why", delays.WHY),
        ("delay_to_do", delays.TO_DO),
        ("promised", PROMISE_SOURCES),
        ("outcome", kept.OUTCOMES),
        ("verdict", kept.VERDICTS),
        ("verdict_word", kept.VERDICTS),
        ("run_state", ["running", "done", "problems", "failed", "skipped"]),
    ],
)
def test_everything_that_can_occur_has_a_text_and_nothing_else_has(kind: str, keys: Iterable[str]) -> None:
    assert set(TEXTS[kind]) == {str(key) for key in keys}


def test_no_text_shows_an_identifier_of_the_code() -> None:
    said = [re.sub(r"\{.*?\}", "", sentence) for texts in TEXTS.values() for sentence in texts.values()]

    assert [sentence for sentence in said if CODE.search(sentence)] == []


def test_no_text_is_empty_and_no_two_reasons_sound_alike() -> None:
    assert all(sentence for texts in TEXTS.values() for sentence in texts.values())
    assert len(set(TEXTS["reason"].values())) == len(Reason)


def test_a_text_that_is_missing_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        text("reason", "because")


def test_braces_from_outside_are_only_text() -> None:
    assert text("say", "sku", sku="{name.__class__}", name="{0}") == "{name.__class__}: {0}."


def test_the_states_in_the_docs_are_those_of_the_code() -> None:
    assert (Path(__file__).parents[2] / "docs" / "states.md").read_text() == diagram.page()
