"""Which moves of a unit are legal."""

import pytest

from fillrate.decide.states import LEGAL, OPEN, REASONS, Cause, Move, Reason, State, check_moves


def test_every_legal_move_passes() -> None:
    check_moves(
        Move(start, reason_of(start), end, reason_of(end), cause)
        for (start, end), causes in LEGAL.items()
        for cause in causes
    )


def reason_of(state: State) -> Reason:
    return REASONS.get(state, (Reason.NONE,))[0]


@pytest.mark.parametrize(
    ("why", "move"),
    [
        ("what has shipped is not cancelled", ("shipped", "", "cancelled", "", "cancelled")),
        ("stock does not arrive for what has it", ("backlog", "ready", "backlog", "ready", "stock_arrived")),
        ("backlog knows no missing supply", ("backorder", "no_supply", "backlog", "no_supply", "stock_arrived")),
        ("a new unit has no reason yet", ("new", "ready", "backlog", "ready", "allocated")),
        ("what has shipped needs no reason", ("backlog", "ready", "shipped", "ready", "shipped")),
    ],
)
def test_an_illegal_move_is_refused_by_name(why: str, move: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=f"no legal move: {move[0]} "):
        check_moves([Move(*move)])


def test_every_open_state_can_be_reached_and_left() -> None:
    for state in OPEN:
        assert any(end == state and start != state for start, end in LEGAL)
        assert (state, State.SHIPPED) in LEGAL
        assert (state, State.CANCELLED) in LEGAL


def test_every_reason_belongs_to_a_state_and_every_cause_but_returned_moves_something() -> None:
    assert {reason for reasons in REASONS.values() for reason in reasons} == set(Reason)
    assert set().union(*LEGAL.values()) == set(Cause) - {
        Cause.RETURNED
    }  # what comes back stays shipped, and awaits a restock
