"""What became of pick lines: the order in which warehouse and shop tell makes no difference."""

from hypothesis import given, settings
from hypothesis import strategies as st

from fillrate.decide.picks import Pick, settle_picks

SHELF = 1


def settled(picks: list[Pick], seen: int, picking: int) -> list[Pick]:
    return settle_picks(picks, seen, picking).picks


def test_what_the_shop_shows_as_shipped_closes_the_lines() -> None:
    (one,) = settled([Pick(1, SHELF, 3)], seen=3, picking=0)
    assert (one.seen, one.left, one.to_do) == (3, 0, 0)


def test_what_the_shop_shows_is_what_the_warehouse_told_of() -> None:
    other, told = settled([Pick(1, SHELF, 2), Pick(2, 2, 2, shipped=2)], seen=2, picking=2)
    assert (other.seen, told.seen, other.to_do, told.to_do) == (0, 2, 2, 0)


def test_what_was_cancelled_is_no_longer_to_be_picked() -> None:
    (one,) = settled([Pick(1, SHELF, 3)], seen=0, picking=1)
    assert (one.removed, one.to_do) == (2, 1)


def test_what_the_warehouse_told_as_shipped_is_taken_off_last() -> None:
    told, other = settled([Pick(1, SHELF, 2), Pick(2, 2, 2, shipped=2)], seen=0, picking=2)[::-1]
    assert (told.removed, other.removed) == (0, 2)
    (told,) = settled([Pick(2, SHELF, 2, shipped=2)], seen=0, picking=0)
    assert told.is_contradicted


def test_units_that_lost_their_shelf_are_not_picked_there() -> None:
    found = settle_picks([Pick(1, SHELF, 3, backed=1)], seen=0, picking=3)
    assert found.picks[0].to_do == 1
    assert found.loose == 2


NEWS = st.lists(st.tuples(st.sampled_from(["told", "shown"]), st.integers(0, 1), st.integers(1, 2)), max_size=6)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 4), st.integers(1, 4), NEWS, st.randoms(use_true_random=False))
def test_the_order_of_news_does_not_matter(
    first: int, second: int, news: list[tuple[str, int, int]], chance: object
) -> None:
    """Told by the warehouse and shown by the shop, in any order: the same units have gone, and none twice."""
    ends = []
    for sequence in (news, sorted(news), chance.sample(news, len(news))):  # type: ignore[attr-defined]
        picks, seen, picking = [Pick(1, SHELF, first), Pick(2, 2, second)], 0, first + second
        for kind, which, units in sequence:
            if kind == "told":
                one = picks[which]
                picks[which] = one._replace(shipped=min(one.quantity, one.shipped + units))
            else:
                left = min(units, picking)
                seen, picking = seen + left, picking - left
            found = settle_picks(picks, seen, picking)
            picks = found.picks
            assert found.loose == 0
            assert sum(one.left for one in picks) == picking
            assert sum(one.seen for one in picks) == seen
        ends.append([(one.shipped, one.seen, one.to_do) for one in picks])
    assert ends[0] == ends[1] == ends[2]


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 4), st.integers(0, 4), st.integers(0, 8), st.integers(0, 8))
def test_asked_again_nothing_changes(first: int, second: int, told: int, short: int, seen: int, picking: int) -> None:
    picks = [Pick(1, SHELF, first, min(told, first)), Pick(2, 2, second, short=min(short, second), backed=3)]
    room = sum(one.quantity - one.short for one in picks)
    seen = min(seen, room)
    once = settle_picks(picks, seen, min(picking, room - seen))
    again = settle_picks(once.picks, seen, min(picking, room - seen) - once.loose)
    assert again.picks == once.picks
    assert again.loose == 0
    assert all(one.left >= 0 and one.removed >= 0 for one in again.picks)
