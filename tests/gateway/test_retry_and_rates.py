"""How long one call goes on, and what rate headers are worth."""

import random

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillrate.gateway.budget import Quota
from fillrate.gateway.outside import Outside
from fillrate.gateway.rates import RateHeaders
from fillrate.gateway.retry import RetryPolicy, Tries
from fillrate.gateway.trouble import Trouble
from tests.practice_clock import PracticeClock

FAILED = Trouble("failed")
BIGCOMMERCE = {
    "X-Rate-Limit-Requests-Quota": "150",
    "X-Rate-Limit-Requests-Left": "149",
    "X-Rate-Limit-Time-Reset-Ms": "15000",
    "X-Rate-Limit-Time-Window-Ms": "30000",
}


class Longest(random.Random):
    """Chance that always draws the longest pause."""

    def uniform(self, a: float, b: float) -> float:
        return max(a, b)


@pytest.mark.parametrize(
    ("tries", "pauses"),
    [
        (5, [0.5, 1, 2, 4, None]),
        (8, [0.5, 1, 2, 4, 8, 16, 30, None]),  # 61.5 s in all
    ],
)
def test_pauses_double_up_to_thirty_seconds(tries: int, pauses: list[float | None]) -> None:
    one = Tries(RetryPolicy(tries=tries), Outside(clock=PracticeClock(), chance=Longest()))

    assert [one.pause_after(FAILED) for _ in pauses] == pauses


@given(st.integers(), st.lists(st.tuples(st.booleans(), st.none() | st.floats(0, 400)), max_size=400))
def test_one_call_never_waits_longer_than_its_time(seed: int, troubles: list[tuple[bool, float | None]]) -> None:
    clock = PracticeClock()
    tries = Tries(RetryPolicy(), Outside(clock=clock, chance=random.Random(seed)))

    for patience, wait_s in troubles:
        pause = tries.pause_after(Trouble("x", patience=patience, wait_s=wait_s))
        if pause is None:
            break
        assert pause >= (wait_s or 0)
        clock.sleep(pause)

    assert clock.waited <= 300


def test_what_cannot_be_mended_is_not_tried_again() -> None:
    assert Tries(RetryPolicy(), Outside()).pause_after(Trouble("too large", again=False)) is None


def test_bigcommerce_headers_make_a_quota() -> None:
    headers = httpx.Headers(BIGCOMMERCE)

    assert RateHeaders().quota(headers) == Quota(limit=150, left=149, resets_in_s=15, window_s=30)
    assert RateHeaders().wait_s(headers, is_used_up=True) == 15


@pytest.mark.parametrize("name", BIGCOMMERCE)
@pytest.mark.parametrize("value", ["", "-1", "nan", "inf", "1e12", "soon", None])
def test_half_a_quota_is_none(name: str, value: str | None) -> None:
    headers = {**BIGCOMMERCE, name: value}

    assert RateHeaders().quota(httpx.Headers({key: one for key, one in headers.items() if one is not None})) is None


def test_a_quota_of_less_than_one_request_is_none() -> None:
    headers = {**BIGCOMMERCE, "X-Rate-Limit-Requests-Quota": "0.4"}

    assert RateHeaders().quota(httpx.Headers(headers)) is None


@given(st.dictionaries(st.sampled_from([*BIGCOMMERCE, "Retry-After", "X-Retry-After"]), st.text(max_size=20)))
def test_no_header_whatever_it_holds_can_break_a_run(headers: dict[str, str]) -> None:
    lowered = {name.lower(): value for name, value in headers.items()}

    wait = RateHeaders().wait_s(lowered, is_used_up=True)
    quota = RateHeaders().quota(lowered)

    assert wait is None or 0 <= wait <= 3600
    assert quota is None or (quota.limit > 0 and 0 <= quota.left <= quota.limit and quota.window_s > 0)
