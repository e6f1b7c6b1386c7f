"""What became of every promise, and whether promises hold: a hand count, and what holds for any history."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from fillrate.decide.calendars import Calendar
from fillrate.decide.frames import EXITS, LEDGER_LINES, PROMISES, Schema
from fillrate.decide.kept import OUTCOMES, VERDICTS, kept_by, ledger

BERLIN = Calendar(ZoneInfo("Europe/Berlin"), frozenset(range(7)))
NOW = "07-20"


def instant(text: str) -> pd.Timestamp:
    """A moment such as "07-01 09:30" of 2026 in Berlin; a day alone is its noon."""
    moment = datetime.fromisoformat(f"2026-{text}" if " " in text else f"2026-{text} 12:00")
    return pd.Timestamp(moment.replace(tzinfo=BERLIN.zone).astimezone(UTC))


def frame(schema: Schema, rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    return pd.DataFrame(
        {name: pd.Series([row[i] for row in rows], dtype=kind) for i, (name, kind) in enumerate(schema.items())}
    )


def promises(*rows: tuple[int, str]) -> pd.DataFrame:
    """Promises of (line, day), numbered by line as they come, given on 1 July and the days after it."""
    numbers: dict[int, int] = {}
    given_rows = []
    for line, by in rows:
        n = numbers[line] = numbers.get(line, 0) + 1
        at = instant(f"07-{n:02}")
        given_rows.append((line, n, pd.Timestamp(BERLIN.start_of(date.fromisoformat(f"2026-{by}"))), at, "supply"))
    return frame(PROMISES, given_rows)


def lines(**ordered: int) -> pd.DataFrame:
    """Lines by their number, such as n1=3 for three units; of item 7 and supplier 4."""
    return frame(LEDGER_LINES, [(int(name[1:]), 7, 4, units) for name, units in ordered.items()])


def exits(*rows: tuple[int, str, str, int]) -> pd.DataFrame:
    """Units of (line, when, how, how many)."""
    return frame(EXITS, [(line, instant(at), kind, units) for line, at, kind, units in rows])


def became(given_days: list[str], ordered: int, *left: tuple[str, str, int], as_of: str = NOW) -> list[tuple[Any, ...]]:
    """Outcome and slip of each promise of one line."""
    found = ledger(
        promises(*((1, day) for day in given_days)),
        lines(n1=ordered),
        exits(*((1, *one) for one in left)),
        BERLIN,
        instant(as_of).to_pydatetime(),
    )
    return [(row.outcome, None if pd.isna(row.slip_days) else row.slip_days) for row in found.itertuples()]


@pytest.mark.parametrize(
    ("ordered", "left", "as_of", "expected"),
    [
        (2, [("07-08", "shipped", 2)], NOW, ("kept", -2)),
        (2, [("07-10 23:59", "shipped", 2)], NOW, ("kept", 0)),
        (2, [("07-11 00:00", "shipped", 2)], NOW, ("broken", 1)),
        (2, [("07-08", "shipped", 1), ("07-10", "shipped", 1)], NOW, ("kept", 0)),
        (2, [("07-08", "shipped", 1), ("07-13", "shipped", 1)], NOW, ("broken", 3)),
        (2, [("07-08", "shipped", 1)], NOW, ("broken", 10)),  # so far
        (2, [("07-08", "shipped", 1)], "07-10 23:59", ("open", None)),
        (2, [("07-08", "shipped", 1)], "07-11 00:00", ("broken", 1)),
        (2, [], "07-10 23:59", ("open", None)),
        (2, [("07-15", "shipped", 2)], "07-10", ("open", None)),  # what comes later is not looked at
        (2, [("07-08", "cancelled", 2)], NOW, ("void", None)),
        (2, [("07-10 23:59", "cancelled", 2)], NOW, ("void", None)),
        (2, [("07-11 00:00", "cancelled", 2)], NOW, ("broken", None)),
        (2, [("07-05", "cancelled", 1), ("07-10", "shipped", 1)], NOW, ("kept", 0)),
        (2, [("07-05", "shipped", 1), ("07-10", "cancelled", 1)], NOW, ("kept", 0)),
        (2, [("07-08", "withdrawn", 2)], NOW, ("broken", None)),
        (2, [("07-08", "withdrawn", 1), ("07-08", "shipped", 1)], NOW, ("broken", -2)),
        (
            2,
            [("07-08", "shipped", 2), ("07-09", "withdrawn", 1)],
            NOW,
            ("kept", -2),
        ),  # there was nothing left to withdraw
        (2, [("07-08", "shipped", 2), ("07-09", "shipped", -1)], NOW, ("broken", 10)),  # a shipment taken back
        (2, [("07-08", "shipped", 2), ("07-09", "shipped", -1), ("07-10", "shipped", 1)], NOW, ("kept", 0)),
    ],
)
def test_what_becomes_of_a_promise_for_the_tenth(
    ordered: int, left: list[tuple[str, str, int]], as_of: str, expected: tuple[str, int | None]
) -> None:
    assert became(["07-10"], ordered, *left, as_of=as_of) == [expected]


def test_each_promise_of_a_line_has_its_own_fate() -> None:
    """For the 10th, then for the 15th; shipped on the 12th."""
    assert became(["07-10", "07-15"], 1, ("07-12", "shipped", 1)) == [("broken", 2), ("kept", -3)]


def test_a_promise_that_was_not_given_yet_is_not_in_the_ledger() -> None:
    assert len(became(["07-10", "07-15"], 1, as_of="07-01")) == 1


def test_a_hand_count() -> None:
    """Six lines of one supplier, eight promises; the shares of those whose day is over.

    1: for the 5th, shipped on the 4th         kept −1
    2: for the 5th, shipped on the 8th         broken 3
    3: for the 5th, then the 9th; on the 9th   broken 4, kept 0
    4: for the 10th, nothing shipped           broken 10 so far
    5: for the 10th, cancelled on the 6th      void
    6: for the 15th, then the 25th; open       broken 5 so far, open
    First promises: 1 of 5. Promises that hold: 1 and 3 of 1, 2, 3, 4.
    """
    kept = ledger(
        promises(
            (1, "07-05"),
            (2, "07-05"),
            (3, "07-05"),
            (3, "07-09"),
            (4, "07-10"),
            (5, "07-10"),
            (6, "07-15"),
            (6, "07-25"),
        ),
        lines(n1=1, n2=2, n3=1, n4=1, n5=1, n6=1),
        exits(
            (1, "07-04", "shipped", 1),
            (2, "07-08", "shipped", 2),
            (3, "07-09", "shipped", 1),
            (5, "07-06", "cancelled", 1),
        ),
        BERLIN,
        instant(NOW).to_pydatetime(),
    )

    assert kept_by(kept, "supplier_id").to_dict("records") == [
        {
            "key": 4,
            "promises": 8,
            "kept": 2,
            "broken": 4,
            "open": 1,
            "void": 1,
            "due": 6,
            "share": pytest.approx(2 / 6),
            "share_first": pytest.approx(1 / 5),
            "share_last": pytest.approx(2 / 4),
            "mean_slip": pytest.approx((-1 + 3 + 4 + 0 + 10 + 5) / 6),
            "median_slip": pytest.approx(3.5),
            "sure": 6,
            "share_sure": pytest.approx(2 / 6),
            "verdict": "too_few",
        }
    ]
    assert kept_by(kept, "item_id")["key"].tolist() == [7]


@pytest.mark.parametrize(
    ("given_promises", "kept", "verdict"),
    [(19, 19, "too_few"), (20, 17, "too_soon"), (25, 22, "holds"), (20, 19, "holds"), (25, 24, "padded"), (0, 0, None)],
)
def test_of_ninety_percent_promises_88_to_95_of_a_hundred_should_hold(
    given_promises: int, kept: int, verdict: str | None
) -> None:
    ordered = {f"n{n}": 1 for n in range(given_promises)}
    found = ledger(
        promises(*((n, "07-10") for n in range(given_promises))),
        lines(**ordered),
        exits(*((n, "07-09", "shipped", 1) for n in range(kept))),
        BERLIN,
        instant(NOW).to_pydatetime(),
    )

    assert kept_by(found, "supplier_id")["verdict"].tolist() == ([verdict] if verdict else [])


def test_what_is_shipped_early_does_not_count_before_what_is_late_can() -> None:
    """Two promises for the 25th, one of them kept already: nothing can be said of either yet."""
    found = kept_by(
        ledger(
            promises((1, "07-25"), (2, "07-25")),
            lines(n1=1, n2=1),
            exits((1, "07-18", "shipped", 1)),
            BERLIN,
            instant(NOW).to_pydatetime(),
        ),
        "supplier_id",
    ).iloc[0]

    assert (found["kept"], found["open"], found["due"]) == (1, 1, 0)
    assert pd.isna(found["share"])


def test_only_promises_by_supply_are_made_for_the_ninetieth_percentile() -> None:
    given_promises = promises((1, "07-10"), (2, "07-10"))
    given_promises.loc[1, "source"] = "stock"
    found = ledger(given_promises, lines(n1=1, n2=1), exits(), BERLIN, instant(NOW).to_pydatetime())

    assert kept_by(found, "supplier_id")[["due", "sure"]].to_numpy().tolist() == [[2, 1]]


days = st.integers(3, 30).map(lambda n: f"07-{n:02}")
one_exit = st.tuples(days, st.sampled_from(["shipped", "cancelled", "withdrawn"]), st.integers(1, 2))
one_line = st.tuples(st.lists(days, min_size=1, max_size=3), st.integers(1, 3), st.lists(one_exit, max_size=3))


@settings(max_examples=8, deadline=None, phases=[Phase.generate])
@given(st.lists(one_line, max_size=6), days, st.randoms(use_true_random=False))
def test_every_promise_has_one_fate_and_they_add_up_whatever_the_order_of_rows(
    history: list[Any], as_of: str, chance: Any
) -> None:
    rows = [
        promises(*((n, day) for n, (by, *_) in enumerate(history) for day in by)),
        lines(**{f"n{n}": ordered for n, (_, ordered, _) in enumerate(history)}),
        exits(*((n, *one) for n, (*_, left) in enumerate(history) for one in left)),
    ]
    at = instant(as_of).to_pydatetime()
    found = ledger(*rows, BERLIN, at)

    assert len(found) == len(rows[0])
    assert set(found["outcome"]) <= set(OUTCOMES)
    assert found["is_last"].sum() == len(history)
    counts = kept_by(found, "supplier_id")
    assert counts[list(OUTCOMES)].to_numpy().sum() == counts["promises"].sum() == len(found)
    assert set(counts["verdict"]) <= set(VERDICTS)
    assert (found.loc[found["outcome"] == "kept", "slip_days"] <= 0).all()
    later = instant("08-15").to_pydatetime()
    settled = found["is_due"] & (found["outcome"] != "open")
    after = ledger(*rows, BERLIN, later)
    assert after.loc[settled, "outcome"].equals(found.loc[settled, "outcome"])
    shuffled = [one.sample(frac=1, random_state=chance.randrange(99)) for one in rows]
    pd.testing.assert_frame_equal(ledger(*shuffled, BERLIN, at), found)
