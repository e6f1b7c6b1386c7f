"""One store's quota, shared: who may take how much of it, and what a request costs in writes."""

import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillrate.errors import RetryLater
from fillrate.gateway.budget import KEPT_FREE, Budget, Draw, LocalTokens, Priority, Quota
from fillrate.gateway.outside import Outside
from tests.practice_clock import PracticeClock

HALF_MINUTE = Quota(limit=150, left=150, resets_in_s=30, window_s=30)


class Counted:
    """A token store that counts what it is asked, and grants by a list."""

    def __init__(self, *grants: int, wait_s: float = 5.0) -> None:
        self.grants: Iterator[int] = iter(grants)
        self.wait_s = wait_s
        self.draws: list[tuple[int, int]] = []
        self.seen: list[Quota] = []

    def draw(self, want: int, priority: int) -> Draw:
        self.draws.append((want, priority))
        return Draw(granted=next(self.grants), wait_s=self.wait_s)

    def observe(self, seen: Quota) -> None:
        self.seen.append(seen)


def budget_on(tokens: Counted | LocalTokens, clock: PracticeClock) -> Budget:
    return Budget(tokens, Outside(clock=clock))


def quota(left: int, resets_in_s: float = 30, limit: int = 150) -> Quota:
    return Quota(limit=limit, left=left, resets_in_s=resets_in_s, window_s=30)


def test_tokens_are_drawn_by_the_ten() -> None:
    tokens = Counted(10, 10)
    budget = budget_on(tokens, PracticeClock())

    for _ in range(20):
        budget.take(Priority.ORDERS)

    assert tokens.draws == [(10, Priority.ORDERS)] * 2


def test_tokens_drawn_for_one_priority_are_not_spent_by_another() -> None:
    tokens = Counted(10, 10)
    budget = budget_on(tokens, PracticeClock())

    budget.take(Priority.WRITE)
    budget.take(Priority.SEGMENTS)

    assert tokens.draws == [(10, Priority.WRITE), (10, Priority.SEGMENTS)]


def test_with_nothing_granted_it_waits_as_long_as_told_and_asks_again() -> None:
    clock = PracticeClock()
    tokens = Counted(0, 0, 3, wait_s=7)

    budget_on(tokens, clock).take(Priority.CATALOG)

    assert (clock.waited, len(tokens.draws)) == (14, 3)


def test_a_quota_gone_for_longer_than_five_minutes_defers_the_channel() -> None:
    clock = PracticeClock()

    with pytest.raises(RetryLater) as caught:
        budget_on(Counted(0, wait_s=3000), clock).take(Priority.ORDERS)

    assert (caught.value.after, clock.waited) == (3000, 0)


def test_unused_tokens_do_not_outlive_the_window() -> None:
    clock = PracticeClock()
    tokens = Counted(10, 10)
    budget = budget_on(tokens, clock)
    budget.take(Priority.ORDERS)

    clock.sleep(31)
    budget.take(Priority.ORDERS)

    assert len(tokens.draws) == 2


def test_a_pause_holds_everyone_and_drops_the_tokens_in_hand() -> None:
    clock = PracticeClock()
    tokens = Counted(10, 10)
    budget = budget_on(tokens, clock)
    budget.take(Priority.ORDERS)

    budget.pause(12)
    budget.take(Priority.ORDERS)

    assert clock.waited == pytest.approx(12)
    assert len(tokens.draws) == 2


def test_a_window_of_our_own_requests_costs_one_observation() -> None:
    clock = PracticeClock()
    tokens = Counted(*[10] * 20)
    budget = budget_on(tokens, clock)

    for spent in range(120):
        budget.take(Priority.ORDERS)
        budget.observe(quota(left=149 - spent, resets_in_s=30 - clock.waited))
        clock.sleep(0.2)

    assert len(tokens.seen) == 1
    budget.observe(quota(left=30, resets_in_s=6))
    assert len(tokens.seen) == 1
    clock.sleep(7)
    budget.observe(quota(left=149))
    assert len(tokens.seen) == 2


def test_a_rival_that_eats_the_quota_is_noticed() -> None:
    tokens = Counted(10)
    budget = budget_on(tokens, PracticeClock())
    budget.observe(quota(left=150))

    budget.take(Priority.ORDERS)
    budget.observe(quota(left=145))
    budget.observe(quota(left=100))

    assert [one.left for one in tokens.seen] == [150, 100]


def test_another_limit_is_news() -> None:
    tokens = Counted()
    budget = budget_on(tokens, PracticeClock())

    budget.observe(quota(left=150))
    budget.observe(quota(left=150, limit=450))

    assert [one.limit for one in tokens.seen] == [150, 450]


def test_a_shop_without_a_quota_grants_everything() -> None:
    assert LocalTokens(PracticeClock()).draw(10, Priority.SEGMENTS) == Draw(granted=10, wait_s=0.0)


@pytest.mark.parametrize("priority", list(Priority))
def test_each_priority_leaves_its_share_to_others(priority: Priority) -> None:
    tokens = LocalTokens(PracticeClock())
    tokens.observe(HALF_MINUTE)

    granted = 0
    while (draw := tokens.draw(10, priority)).granted:
        granted += draw.granted

    assert granted == 150 - int(150 * KEPT_FREE[priority])
    assert draw.wait_s == 30


def test_shares_fall_with_urgency_and_a_fifth_stays_free() -> None:
    shares = [KEPT_FREE[one] for one in sorted(Priority)]

    assert shares == sorted(shares)
    assert shares[0] == 0.20


def test_a_new_window_begins_when_the_old_one_ends() -> None:
    clock = PracticeClock()
    tokens = LocalTokens(clock)
    tokens.observe(quota(left=20))
    assert tokens.draw(10, Priority.WRITE).granted == 0

    clock.sleep(30)

    assert tokens.draw(10, Priority.WRITE).granted == 10


def test_a_late_answer_cannot_raise_what_is_left() -> None:
    tokens = LocalTokens(PracticeClock())
    tokens.observe(quota(left=40))

    tokens.observe(quota(left=140))

    assert tokens.draw(100, Priority.WRITE).granted == 10


@given(
    st.lists(
        st.tuples(st.sampled_from(list(Priority)), st.integers(1, 40), st.floats(0, 4), st.integers(0, 60)), max_size=60
    )
)
def test_no_window_ever_gives_more_than_four_fifths(asks: list[tuple[Priority, int, float, int]]) -> None:
    clock = PracticeClock()
    tokens = LocalTokens(clock)
    tokens.observe(HALF_MINUTE)
    ends, granted = clock.steady() + 30, 0

    for priority, want, pause, seen_left in asks:
        clock.sleep(pause)
        if clock.steady() >= ends:
            ends, granted = clock.steady() + 30, 0
        draw = tokens.draw(want, priority)
        granted += draw.granted
        tokens.observe(quota(left=min(seen_left, 150 - granted), resets_in_s=ends - clock.steady()))

        assert granted <= 120
        assert 0 <= draw.granted <= want


def test_threads_share_the_tokens_without_losing_any() -> None:
    tokens = Counted(*[10] * 40)
    budget = budget_on(tokens, PracticeClock())

    def spend() -> None:
        for _ in range(50):
            budget.take(Priority.ORDERS)

    threads = [threading.Thread(target=spend) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert len(tokens.draws) == 20
