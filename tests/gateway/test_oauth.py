"""Access tokens are got with a refresh token, kept while they live, and got anew where they are refused."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs

import pytest
from pydantic import SecretStr

from fillrate.errors import FillrateError, FixChannel
from fillrate.gateway.auth import Basic
from fillrate.gateway.budget import Budget, LocalTokens, Priority
from fillrate.gateway.http import Endpoint, Http
from fillrate.gateway.oauth import Refreshed
from fillrate.gateway.outside import Outside
from tests.channels.practice import Hurried
from tests.gateway.scripted import Handler, Scripted, answer, serving

TOKEN = Endpoint("shop.token", "/token", Priority.WRITE, "")
THINGS = Endpoint("shop.things", "/things", Priority.WRITE, "things")


def token(value: str, seconds: int = 7200) -> Handler:
    return answer(body=b'{"access_token": "%s", "expires_in": %d}' % (value.encode(), seconds))


@contextmanager
def door(*answers: Handler, header: str = "Authorization") -> Iterator[tuple[Http, Scripted, Hurried]]:
    clock = Hurried()
    outside = Outside(clock=clock, chance=random.Random(1))
    budget = Budget(LocalTokens(clock), outside)
    with serving(*answers) as script:
        inner = Http(script.url, Basic("app", SecretStr("s3cret")), outside, budget)
        auth = Refreshed(inner, TOKEN, SecretStr("refresh"), lambda: {"more": "1"}, header, clock, {"X-Market": "DE"})
        http = Http(script.url, auth, outside, budget)
        yield http, script, clock
        http.close()
        auth.close()


def test_a_token_is_got_once_and_anew_shortly_before_it_ends() -> None:
    with door(token("one"), answer(), answer(), token("two"), answer()) as (http, script, clock):
        http.get(THINGS, {}, bytes)
        http.get(THINGS, {}, bytes)
        clock.sleep(7200 - 59)
        http.get(THINGS, {}, bytes)

    asked = [(one.path.rsplit("/", 1)[1], one.headers.get("Authorization", "")[:11]) for one in script.seen]
    assert [path for path, _ in asked] == ["token", "things", "things", "token", "things"]
    assert [auth for path, auth in asked if path == "things"] == ["Bearer one", "Bearer one", "Bearer two"]
    assert parse_qs(script.seen[0].body.decode()) == {
        "grant_type": ["refresh_token"],
        "refresh_token": ["refresh"],
        "more": ["1"],
    }
    assert script.seen[0].headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert script.seen[1].headers["X-Market"] == "DE"


def test_a_token_that_is_refused_is_got_anew_once_and_the_request_repeated() -> None:
    with door(token("one"), answer(401), token("two"), answer(), header="x-token") as (http, script, _):
        assert http.get(THINGS, {}, bytes).status == 200

    assert [one.headers.get("x-token") for one in script.seen if one.path.endswith("things")] == ["one", "two"]


def test_tokens_that_are_refused_again_and_again_need_a_person() -> None:
    with door(token("one"), answer(401), token("two"), answer(401)) as (http, _, _clock):
        with pytest.raises(FixChannel, match="refused the token"):
            http.get(THINGS, {}, bytes)


@pytest.mark.parametrize(("status", "kind"), [(400, FixChannel), (401, FixChannel), (503, FillrateError)])
def test_a_refresh_token_that_no_longer_counts_needs_a_person(status: int, kind: type[Exception]) -> None:
    with door(answer(status, b'{"error": "invalid_grant"}')) as (http, _, _clock):
        with pytest.raises(kind) as raised:
            http.get(THINGS, {}, bytes)

    assert "refresh" not in str(raised.value).replace("refresh token", "")
