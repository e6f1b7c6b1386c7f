"""How an order stands as a whole: one word for each mixture of its open units."""

import pytest

from fillrate.decide.standings import standing_of
from fillrate.decide.states import REASONS, State

CASES = [
    ("backorder awaiting_inbound", "waits"),
    ("backorder no_supply, backorder preorder", "waits"),
    ("backlog ready", "ready"),
    ("backlog ready, backlog capacity", "ready"),
    ("backlog ready, backorder no_supply", "part_waits"),
    ("backlog ship_complete, backorder awaiting_inbound", "part_waits"),
    ("backlog payment, backorder awaiting_inbound", "part_waits"),
    ("backlog picking", "picking"),
    ("backlog picking, backorder no_supply", "picking"),
    ("backlog picking, backlog hold", "picking"),
    ("backlog hold", ""),
    ("backlog payment, backlog ready", ""),
    ("backlog review", ""),
    ("new ", ""),
    ("new , backorder no_supply", ""),
    ("", ""),
]


@pytest.mark.parametrize(("units", "standing"), CASES)
def test_an_order_stands_in_one_way(units: str, standing: str) -> None:
    pairs = [one.split(" ") for one in units.split(", ") if one]

    assert standing_of({"state": state, "reason": reason} for state, reason in pairs) == standing


def test_every_reason_of_an_open_unit_is_a_case() -> None:
    told = {tuple(one.split(" ")) for units, _ in CASES for one in units.split(", ") if one}

    open_reasons = {(state, reason) for state in (State.BACKLOG, State.BACKORDER) for reason in REASONS[state]}
    assert {(str(state), str(reason)) for state, reason in open_reasons} - told <= {
        ("backorder", "withheld"),
        ("backorder", "discontinued"),
        ("backorder", "ship_complete"),
    }
