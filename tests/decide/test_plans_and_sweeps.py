"""Hashes of plans, what waits for a person, what may vanish, and SKUs that mean the same."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fillrate.decide.plans import backorder_note, must_wait, plan_hash
from fillrate.decide.sku import sku_key
from fillrate.decide.sweeps import unnamed, vanishing

CHANGE = {
    "channel": "main",
    "kind": "metafield",
    "target": "7",
    "before": None,
    "after": {"b": 1, "a": 2},
    "reason": "x",
}


@given(st.permutations([{**CHANGE, "target": str(n)} for n in range(5)]))
def test_a_plan_has_the_same_hash_whatever_order_its_changes_come_in(changes: list[dict]) -> None:
    assert plan_hash(changes) == plan_hash(sorted(changes, key=lambda one: one["target"]))


def test_a_plan_has_the_same_hash_whatever_order_the_parts_of_its_values_come_in() -> None:
    assert plan_hash([CHANGE]) == plan_hash([{**CHANGE, "after": {"a": 2, "b": 1}}])


@pytest.mark.parametrize("name", list(CHANGE))
def test_every_part_of_a_change_counts_for_the_hash(name: str) -> None:
    assert plan_hash([CHANGE]) != plan_hash([{**CHANGE, name: "other"}])


def wait(
    kind: str = "stock", changes: int = 1, entities: int = 1000, first: bool = False, practice: bool = False
) -> str:
    return must_wait(
        kind=kind,
        changes=changes,
        entities=lambda: entities,
        is_first=first,
        is_practice=practice,
        share=0.05,
        limit=500,
    )


def test_the_first_plan_of_a_channel_waits_except_in_a_practice_shop() -> None:
    assert wait("metafield", first=True).startswith("It is the first plan for this channel")
    assert wait("metafield", first=True, practice=True) == ""


def test_a_single_change_is_told_as_one() -> None:
    why = must_wait(
        kind="purchasing", changes=1, entities=lambda: 100, is_first=False, is_practice=False, share=1.0, limit=0
    )
    assert why == "It has 1 change; more than 0 wait for a person."


def test_our_own_notes_go_out_by_themselves_and_large_plans_wait() -> None:
    assert wait("metafield", changes=900) == ""
    assert wait(changes=50) == ""
    assert wait(changes=51) == "It touches 51 of 1000; more than 5% wait for a person."
    assert wait(changes=500, entities=100_000) == ""
    assert wait(changes=501, entities=100_000) == "It has 501 changes; more than 500 wait for a person."


def test_a_note_lists_backordered_units_by_line() -> None:
    lines = [
        {"line_platform_id": "8", "sku": "A", "reason": "preorder", "quantity": 1},
        {"line_platform_id": "9", "sku": "B", "reason": "no_supply", "quantity": 2},
    ]

    assert backorder_note(lines) == {
        "version": 1,
        "backordered": [
            {"line": "8", "sku": "A", "quantity": 1, "reason": "preorder"},
            {"line": "9", "sku": "B", "quantity": 2, "reason": "no_supply"},
        ],
    }


@pytest.mark.parametrize(
    ("missing", "known", "may"),
    [(0, 0, True), (1, 100, True), (20, 100, True), (21, 100, False), (5, 6, True), (5, 5, False), (100, 100, False)],
)
def test_too_much_never_vanishes_by_itself(missing: int, known: int, may: bool) -> None:
    assert (vanishing("products", missing, known, 0.2) == "") is may


def test_a_record_without_a_name_may_be_any_that_is_missing() -> None:
    assert unnamed("products", 0, True) == unnamed("products", 2, False) == ""
    assert unnamed("products", 2, True).endswith("2 are missing and may be among them.")


@pytest.mark.parametrize("twin", ["ab-1 x", "AB-1 X", " AB-1\u00a0 X ", "AB\u200b-1 x", "ＡＢ-1 X", "AB-1\tX"])
def test_twins_of_a_sku_have_one_key(twin: str) -> None:
    assert sku_key(twin) == "ab-1 x"


@given(st.text(max_size=30))
@example("e\u200b\u0301")
@example("\u0390")
@example(" \u00a8x")
def test_a_key_is_its_own_key(sku: str) -> None:
    key = sku_key(sku)

    assert sku_key(key) == key
    assert unicodedata.is_normalized("NFKC", key)
