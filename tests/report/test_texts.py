"""Everything a person reads comes from one table of texts, and nothing of the code shows through."""

import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillrate.decide.states import Cause, Reason, State
from fillrate.report import diagram
from fillrate.report.explain import LineFact, MoveFact, OrderFact, ShelfFact, UnitsFact, as_json, order_lines
from fillrate.report.markdown import escape, table
from fillrate.report.plain import safe
from fillrate.report.summary import counted, run_title
from fillrate.report.texts import TEXTS, text

DAY = datetime(2026, 3, 1, 12, tzinfo=UTC)
CODE = re.compile(r"\b[a-z]+_[a-z_]+\b")


@pytest.mark.parametrize(("kind", "keys"), [("state", State), ("reason", Reason), ("cause", Cause)])
def test_every_state_reason_and_cause_has_a_text(kind: str, keys: type) -> None:
    assert set(TEXTS[kind]) == {str(key) for key in keys}


def test_no_text_shows_an_identifier_of_the_code() -> None:
    said = [re.sub(r"\{.*?\}", "", sentence) for table_ in TEXTS.values() for sentence in table_.values()]

    assert [sentence for sentence in said if CODE.search(sentence)] == []


def test_the_diagram_in_the_docs_is_the_one_of_the_code() -> None:
    assert (Path(__file__).parents[2] / "docs" / "states.md").read_text() == diagram.page()


def example(**more: object) -> OrderFact:
    line = LineFact(
        line="5",
        sku="CUP-RED",
        name="Cup (red)",
        ordered=7,
        shipped=1,
        cancelled=1,
        needs_stock=True,
        units=(UnitsFact("backlog", "ready", 3, DAY), UnitsFact("backorder", "no_supply", 2, DAY)),
        set_aside={"Main": 3},
        units_ahead=4,
        shelves=(ShelfFact("Main", 10, 3, 6, 4, DAY),),
        moves=(MoveFact(DAY, 5, "new", "ordered"), MoveFact(DAY, 2, "backorder", "allocated")),
    )
    facts = {"order": "main:12", "placed_at": DAY, "recipient": "Ada", "note": "", "is_gone": False, "note_in_shop": ""}
    return OrderFact(**{**facts, "lines": (line,), **more})  # type: ignore[arg-type]


def test_an_explanation_says_where_each_unit_is_and_what_they_sum_to() -> None:
    said = order_lines(example(note_in_shop="done"), ZoneInfo("Europe/Berlin"))

    assert said == [
        "Order main:12, placed 2026-03-01 13:00, for Ada.",
        "",
        "7 × Cup (red) (CUP-RED)",
        "  1 shipped.",
        "  1 cancelled.",
        "  3 set aside (3 at Main): ready to pack.",
        "  2 waiting: none left, and no delivery is known.",
        "  4 units of other orders come first in the queue for it.",
        "  Main: 10 on the shelf, 3 of them set aside.",
        "  The shop shows 6 there (read 2026-03-01 13:00), 4 sold units already taken off.",
        "  What happened:",
        "    2026-03-01 13:00: 5 just came in, because ordered.",
        "    2026-03-01 13:00: 2 waiting for stock, because looked at for the first time.",
        "",
        "Open units in all: 5.",
        "The shop has been told which units wait.",
    ]
    assert as_json(example())["open"] == 5


@given(st.text(max_size=60))
def test_nothing_from_outside_becomes_markup_or_breaks_a_table(hostile: str) -> None:
    cell = escape(hostile)
    row = table(("a", "b"), [(hostile, 1)]).splitlines()

    assert not re.search(r"[<>|`*\[\]\\\n\r\x1b]", re.sub(r"&#\d+;", "", cell))
    assert len(row) == 3


@given(st.text(max_size=60))
def test_a_terminal_obeys_nothing_from_outside(hostile: str) -> None:
    assert all(one.isprintable() or one == " " for one in safe(hostile).replace("\u00a0", " ").replace("\u3000", " ")) or all(
        ord(one) > 31 and ord(one) != 127 for one in safe(hostile)
    )


def test_a_table_shows_no_more_than_a_browser_bears() -> None:
    said = table(("n",), [(n,) for n in range(600)])

    assert said.endswith("… and 100 more.")
    assert len(said.splitlines()) == 504


def test_counts_become_one_sentence() -> None:
    assert counted({"orders_new": 1200, "orders_unchanged": 5, "orders_rejected": 1}) == "1,200 orders new, 1 orders rejected."
    assert counted({"orders_unchanged": 5}) == "Nothing changed."
    assert run_title("sync-orders", "main", {"orders_new": 2}, "done") == "sync-orders of main: 2 orders new"


def test_a_text_that_is_missing_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        text("reason", "because")
