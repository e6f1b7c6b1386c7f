"""An operation that the shop counts by itself keeps its own pace, and holds up nothing else."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from fillrate.errors import RetryLater
from fillrate.gateway.auth import Headers
from fillrate.gateway.budget import Budget, LocalTokens, Priority
from fillrate.gateway.http import Endpoint, Http
from fillrate.gateway.outside import Outside
from fillrate.gateway.pace import Buckets, Pace
from fillrate.gateway.rates import RateHeaders
from tests.channels.practice import Hurried
from tests.gateway.scripted import Handler, Scripted, answer, serving

SLOW = Endpoint("shop.slow", "/slow", Priority.ORDERS, "", Pace(0.1, 2))
FREE = Endpoint("shop.free", "/free", Priority.ORDERS, "")


class Stopped(Hurried):
    """A clock on which only waiting passes."""

    def steady(self) -> float:
        return self.skipped


@contextmanager
def door(*answers: Handler) -> Iterator[tuple[Http, Scripted, Stopped]]:
    clock = Stopped()
    outside = Outside(clock=clock, chance=random.Random(1))
    with serving(*answers) as script:
        rates = RateHeaders(operation="x-rate")
        http = Http(script.url, Headers({}), outside, Budget(LocalTokens(clock), outside), rates=rates)
        yield http, script, clock
        http.close()


def test_after_a_burst_requests_go_out_at_the_rate_and_others_are_free() -> None:
    with door(answer()) as (http, _, clock):
        waits = []
        for _ in range(4):
            http.get(SLOW, {}, bytes)
            waits.append(clock.skipped)
        http.get(FREE, {}, bytes)

    assert waits == pytest.approx([0, 0, 10, 20])
    assert clock.skipped == pytest.approx(20)


def test_the_rate_that_an_answer_tells_is_kept() -> None:
    with door(answer(x_rate="2.0")) as (http, _, clock):
        for _ in range(4):
            http.get(SLOW, {}, bytes)
        assert http.rate(SLOW) == 2.0

    assert clock.skipped == pytest.approx(1.0)


def test_being_asked_for_patience_holds_up_this_operation_only() -> None:
    with door(answer(429), answer()) as (http, _, clock):
        http.get(SLOW, {}, bytes)
        slowed = clock.skipped
        http.get(FREE, {}, bytes)

    assert slowed >= 10
    assert clock.skipped == slowed


def test_a_wait_of_more_than_five_minutes_is_left_to_the_next_run() -> None:
    clock = Stopped()
    buckets = Buckets(clock)
    buckets.take("x", Pace(0.001, 1))

    with pytest.raises(RetryLater) as raised:
        buckets.take("x", Pace(0.001, 1))
    assert raised.value.after == pytest.approx(1000)


@pytest.mark.parametrize("told", ["", "0", "-1", "nan", "inf", "many", "1e9"])
def test_a_rate_that_makes_no_sense_is_not_believed(told: str) -> None:
    buckets = Buckets(Stopped(), "x-rate")
    buckets.learn("x", Pace(0.5, 1), {"x-rate": told})

    assert buckets.rate("x", Pace(0.5, 1)) == 0.5
