"""What a release makes of the reasons of ready units."""

from datetime import UTC, datetime, timedelta

import pandas as pd

from fillrate.decide.reasons import SHARES, TRANCHES, restated

DAY = datetime(2026, 3, 2, tzinfo=UTC)
Move = tuple[int, str, str, int]


def after(
    tranches: list[tuple[int, int, int, int, int]], shares: list[tuple[int, int, int]]
) -> tuple[list[tuple[int, int, int]], set[Move]]:
    """Tranches as (line, hour, ready, capacity, picking) after a release, and the moves."""
    rows = [(line, DAY + timedelta(hours=hour), *units) for line, hour, *units in tranches]
    frame = pd.DataFrame(rows, columns=list(TRANCHES)).astype({"queued_at": "datetime64[us, UTC]"})
    found, moves = restated(frame, pd.DataFrame(shares, columns=list(SHARES)))
    stands = [(row.ready, row.capacity, row.picking) for row in found.itertuples()]
    told = {(row.line_id, row.from_reason, row.to_reason, row.quantity) for row in moves.itertuples()}
    assert set(moves["cause"]) <= {"release", "policy"}
    return stands, told


def test_what_is_released_is_being_packed_and_the_rest_waits_for_capacity() -> None:
    stands, moves = after([(1, 0, 5, 0, 1)], [(1, 2, 3)])
    assert stands == [(0, 3, 3)]
    assert moves == {(1, "ready", "picking", 2), (1, "ready", "capacity", 3)}


def test_what_has_waited_longest_goes_first() -> None:
    stands, _ = after([(1, 5, 2, 0, 0), (1, 0, 2, 0, 0)], [(1, 3, 1)])
    assert stands == [(0, 0, 2), (0, 1, 1)]


def test_what_was_put_off_before_goes_before_what_is_ready_since() -> None:
    assert after([(1, 0, 2, 2, 0)], [(1, 2, 2)])[1] == {(1, "capacity", "picking", 2), (1, "ready", "capacity", 2)}


def test_what_nobody_offers_any_more_is_ready_again() -> None:
    assert after([(1, 0, 1, 2, 0)], []) == ([(3, 0, 0)], {(1, "capacity", "ready", 2)})


def test_the_same_again_moves_nothing() -> None:
    assert after([(1, 0, 0, 3, 2)], [(1, 0, 3)]) == ([(0, 3, 2)], set())
