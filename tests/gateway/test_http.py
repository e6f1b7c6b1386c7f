"""The door to a shop: what is tried again, what is never, and what can get through neither way."""

import gzip
import logging
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx
import msgspec
import pytest
from pydantic import SecretStr

from fillrate.errors import BadAnswer, FillrateError, FixSettings, InDoubt, LeaseLost, RetryLater, StopChannel
from fillrate.gateway.auth import Headers
from fillrate.gateway.budget import Budget, LocalTokens, Priority
from fillrate.gateway.http import Endpoint, Http
from fillrate.gateway.outside import Outside, Phase, SystemClock
from fillrate.gateway.retry import RetryPolicy
from fillrate.gateway.strict_json import decode
from tests.gateway.scripted import Handler, Scripted, answer, raw, serving
from tests.practice_clock import PracticeClock

THINGS = Endpoint("shop.things", "/v3/things", Priority.ORDERS, "things_read_only")
TOKEN = "very-secret-token"
CAPPED = RetryPolicy(body_cap=2**20)
ANYTHING = msgspec.json.Decoder()


def plain(body: bytes) -> Any:
    return decode(body, ANYTHING)


def always() -> None:
    """Let every write out."""


def http_to(url: str, outside: Outside | None = None, **options: Any) -> Http:
    outside = outside or Outside(clock=PracticeClock(), chance=random.Random(1))
    budget = Budget(LocalTokens(outside.clock), outside)
    return Http(url, Headers({"X-Auth-Token": SecretStr(TOKEN)}), outside, budget, **options)


@contextmanager
def shop(*answers: Handler, **options: Any) -> Iterator[tuple[Http, Scripted, PracticeClock]]:
    clock = PracticeClock()
    with serving(*answers) as script:
        http = http_to(script.url, Outside(clock=clock, chance=random.Random(1)), **options)
        try:
            yield http, script, clock
        finally:
            http.close()


def test_a_read_carries_the_token_and_returns_the_decoded_body() -> None:
    with shop(answer(body=b'{"a": 1}')) as (http, script, _):
        reply = http.get(THINGS, {"id:in": "1,2", "limit": 250}, plain)

    assert (reply.status, reply.value) == (200, {"a": 1})
    assert script.seen[0].headers["X-Auth-Token"] == TOKEN
    assert httpx.URL("http://x" + script.seen[0].path).params == httpx.QueryParams({"id:in": "1,2", "limit": "250"})
    assert script.seen[0].path.startswith("/stores/abc/v3/things?")


@pytest.mark.parametrize("packing", ["gzip", "x-gzip"])
def test_a_packed_answer_is_unpacked(packing: str) -> None:
    with shop(answer(body=gzip.compress(b"[1, 2]"), Content_Encoding=packing)) as (http, *_):
        assert http.get(THINGS, {}, plain).value == [1, 2]


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/v3/things",
        "//evil.example/x",
        "/../x",
        "/v3/../x",
        "/v3/x?y=1",
        "/v3/x#y",
        "",
        "/v3//x",
        "/%2e",
    ],
)
def test_a_path_that_could_lead_elsewhere_is_refused_before_anything_is_sent(path: str) -> None:
    with shop(answer()) as (http, script, _), pytest.raises(ValueError, match="not a path on the pinned host"):
        http.get(THINGS.at(path), {}, plain)

    assert script.seen == []


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/",
        "ftp://shop.example",
        "https://user:pass@shop.example",
        "https://shop.example?x=1",
        "",
        "//",
    ],
)
def test_an_address_that_is_not_plain_https_is_a_setting_to_fix(url: str) -> None:
    with pytest.raises(FixSettings) as caught:
        http_to(url)

    assert "pass" not in str(caught.value)


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_for_people_does_not_say_that_a_thing_is_gone(status: int) -> None:
    with shop(answer(status, b" <html>Not found</html>"), answer(body=b"[1]")) as (http, script, _):
        assert http.get(THINGS, {}, plain).value == [1]

    assert len(script.seen) == 2


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    with serving(answer()) as elsewhere, shop(answer(status, Location=elsewhere.url)) as (http, script, _):
        with pytest.raises(BadAnswer, match="sent us elsewhere"):
            http.get(THINGS, {}, plain)

        assert (len(script.seen), elsewhere.seen) == (1, [])


@pytest.mark.parametrize("status", [404, 409, 410, 413, 422])
def test_what_a_shop_says_about_the_question_itself_is_a_value(status: int) -> None:
    with shop(answer(status, b'{"title": "no"}')) as (http, *_):
        reply = http.get(THINGS, {}, plain)

    assert (reply.status, reply.value, reply.is_gone) == (status, None, status in {404, 410})
    with pytest.raises(BadAnswer, match=f"answered {status} where it must send data"):
        reply.needed()


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_names_the_scope_it_needs(status: int) -> None:
    with shop(answer(status)) as (http, script, _), pytest.raises(FixSettings, match="the scope things_read_only"):
        http.get(THINGS, {}, plain)

    assert len(script.seen) == 1


@pytest.mark.parametrize("status", [400, 402, 405, 501, 507])
def test_a_refusal_that_asking_again_cannot_help_stops_the_channel_at_once(status: int) -> None:
    with shop(answer(status)) as (http, script, _), pytest.raises(StopChannel, match=f"refused to answer .{status}."):
        http.get(THINGS, {}, plain)

    assert len(script.seen) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_failing_shop_is_asked_five_times_and_then_left_for_this_run(status: int) -> None:
    with shop(answer(status)) as (http, script, _), pytest.raises(StopChannel, match=f"failed .{status}."):
        http.get(THINGS, {}, plain)

    assert len(script.seen) == 5


BAD_BODIES = {
    "html": b"<html>Sign in</html>",
    "nothing": b"",
    "cut off": b'{"data": [{"id": 1}, {"i',
    "two values": b"{} {}",
    "too deep to read": b"[" * 100_000,
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES.keys())
def test_a_body_that_is_no_json_is_no_answer(body: bytes) -> None:
    with shop(answer(body=body)) as (http, script, _), pytest.raises(BadAnswer, match="something that is no answer"):
        http.get(THINGS, {}, plain)

    assert len(script.seen) == 5


PASSING_TROUBLE = {
    "server error": answer(500),
    "maintenance": answer(503),
    "patience": answer(429),
    "html": answer(body=b"<html>"),
    "hung up": raw(b""),
    "cut off": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}"),
    "broken gzip": answer(body=b"nonsense", Content_Encoding="gzip"),
    "half a gzip": answer(body=gzip.compress(b"[1]" * 100)[:-10], Content_Encoding="gzip"),
    "brotli nobody asked for": answer(body=b"xx", Content_Encoding="br"),
    "no http": raw(b"SSH-2.0-OpenSSH\r\n"),
}


@pytest.mark.parametrize("trouble", PASSING_TROUBLE.values(), ids=PASSING_TROUBLE.keys())
def test_a_read_survives_what_passes(trouble: Handler) -> None:
    with shop(trouble, trouble, answer(body=b"[1]")) as (http, script, _):
        assert http.get(THINGS, {}, plain).value == [1]

    assert len(script.seen) == 3


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_is_none_costs_itself_and_not_the_page(number: str) -> None:
    with shop(answer(body=f'[{{"a": {number}}}, {{"a": 1}}]'.encode())) as (http, script, _):
        assert http.get(THINGS, {}, plain).value == [{"a": number}, {"a": 1}]

    assert len(script.seen) == 1


def test_half_characters_cost_a_character_and_not_the_page() -> None:
    body = b'["cut \\ud83d", "whole \\ud83d\\ude00", "escaped \\\\ud83d", "\xff", "\\udc00"]'

    with shop(answer(body=body)) as (http, *_):
        value = http.get(THINGS, {}, plain).value

    assert value == ["cut \ufffd", "whole \U0001f600", "escaped \\ud83d", "\ufffd", "\ufffd"]


def test_a_body_above_the_cap_is_not_asked_for_again() -> None:
    with (
        shop(answer(body=b" " * 2_000_000), policy=CAPPED) as (http, script, _),
        pytest.raises(BadAnswer, match="than 1 MiB"),
    ):
        http.get(THINGS, {}, plain)

    assert len(script.seen) == 1


def test_a_packed_bomb_is_refused_before_it_unfolds() -> None:
    bomb = gzip.compress(b" " * 2**26)

    with (
        shop(answer(body=bomb, Content_Encoding="gzip"), policy=CAPPED) as (http, *_),
        pytest.raises(BadAnswer, match="than 1 MiB"),
    ):
        http.get(THINGS, {}, plain)


def drip_body(to: Any) -> None:
    raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")(to)
    raw(b" ", 0.02, 100)(to)


def drip_headers(to: Any) -> None:
    raw(b"HTTP/1.1 200 OK\r\nX-Slow: ")(to)
    raw(b"a", 0.02, 100)(to)


@pytest.mark.parametrize("drip", [drip_headers, drip_body])
def test_a_shop_that_drips_cannot_hold_a_run(drip: Handler) -> None:
    policy = RetryPolicy(total_s=0.2, tries=1)
    clock = SystemClock()
    begun = clock.steady()

    with serving(drip) as script:
        http = http_to(script.url, Outside(), policy=policy)
        with pytest.raises(StopChannel, match="in time"):
            http.get(THINGS, {}, plain)
        http.close()

    assert clock.steady() - begun < 1.5


def test_a_shop_that_never_answers_is_given_up_after_the_read_time() -> None:
    with serving(raw(b"", 1.0)) as script:
        http = http_to(script.url, Outside(), policy=RetryPolicy(read_s=0.1, tries=1))
        with pytest.raises(StopChannel, match="did not answer in time"):
            http.get(THINGS, {}, plain)
        http.close()


def test_a_drip_of_mock_bytes_ends_at_the_deadline_too() -> None:
    clock = PracticeClock()

    class Slow(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            for _ in range(1000):
                clock.sleep(1)
                yield b" "

    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=Slow()))
    http = http_to("https://shop.example", Outside(clock=clock), transport=transport, policy=RetryPolicy(tries=1))

    with pytest.raises(StopChannel, match="did not finish its answer in time"):
        http.get(THINGS, {}, plain)
    assert 45 <= clock.waited < 50


WAITS: dict[str, tuple[dict[str, str], float]] = {
    "the longer of two": ({"X_Rate_Limit_Time_Reset_Ms": "7000", "X_Retry_After": "12"}, 12),
    "milliseconds": ({"X_Rate_Limit_Time_Reset_Ms": "30000"}, 30),
    "the standard one": ({"Retry_After": "9"}, 9),
    "zero waits a second": ({"Retry_After": "0"}, 1),
    "absurdly long": ({"Retry_After": "1000000000000"}, 1),
    "negative": ({"Retry_After": "-5", "X_Retry_After": "2"}, 2),
    "not a number": ({"Retry_After": "NaN", "X_Rate_Limit_Time_Reset_Ms": "soon"}, 1),
    "infinite": ({"Retry_After": "inf"}, 1),
    "none": ({}, 1),
}


@pytest.mark.parametrize(("headers", "wait"), WAITS.values(), ids=WAITS.keys())
def test_being_asked_for_patience_waits_as_long_as_asked(headers: dict[str, str], wait: float) -> None:
    with shop(answer(429, **headers), answer(body=b"[1]")) as (http, _, clock):
        assert http.get(THINGS, {}, plain).value == [1]

    assert clock.waited == pytest.approx(wait)


def test_a_wait_beyond_the_time_we_have_defers_the_channel_at_once() -> None:
    with shop(answer(429, Retry_After="900")) as (http, script, clock), pytest.raises(RetryLater) as caught:
        http.get(THINGS, {}, plain)

    assert (caught.value.after, len(script.seen), clock.waited) == (900, 1, 0)


def test_endless_patience_ends_after_five_minutes() -> None:
    with shop(answer(429, Retry_After="25")) as (http, _, clock), pytest.raises(RetryLater):
        http.get(THINGS, {}, plain)

    assert 250 <= clock.waited <= 300


def test_maintenance_pauses_the_whole_store() -> None:
    with shop(answer(503, Retry_After="20"), answer(body=b"[1]")) as (http, _, clock):
        http.get(THINGS, {}, plain)

    assert clock.waited >= 20


def test_maintenance_does_not_wait_for_a_new_quota() -> None:
    with shop(answer(503, X_Rate_Limit_Time_Reset_Ms="30000"), answer(body=b"[1]")) as (http, _, clock):
        http.get(THINGS, {}, plain)

    assert clock.waited < 2


def test_a_write_sends_json_and_returns_what_the_shop_says() -> None:
    with shop(answer(422, b'{"errors": [1]}')) as (http, script, _):
        reply = http.send(THINGS, "POST", [{"a": 1}], plain, always)

    assert (reply.status, reply.value) == (422, {"errors": [1]})
    assert (script.seen[0].method, script.seen[0].body) == ("POST", b'[{"a":1}]')
    assert script.seen[0].headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("status", [400, 404, 409, 413, 423, 507])
def test_a_refused_write_is_a_value_even_without_a_readable_body(status: int) -> None:
    with shop(answer(status, b"<html>")) as (http, *_):
        reply = http.send(THINGS, "PUT", {}, plain, always)

    assert (reply.status, reply.value) == (status, None)


DOUBTS = {
    **{f"{status}": answer(status) for status in (500, 501, 502, 503, 504)},
    "hung up": raw(b""),
    "cut off": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}"),
    "html for an answer": answer(body=b"<html>"),
    "nothing for an answer": answer(body=b""),
}


@pytest.mark.parametrize("doubt", DOUBTS.values(), ids=DOUBTS.keys())
def test_a_write_that_may_have_happened_is_in_doubt_and_never_repeated(doubt: Handler) -> None:
    with shop(doubt) as (http, script, _), pytest.raises(InDoubt):
        http.send(THINGS, "POST", {}, plain, always)

    assert len(script.seen) == 1


def test_a_write_is_repeated_where_the_shop_asked_for_patience() -> None:
    with shop(answer(429), answer(body=b"[1]")) as (http, script, _):
        assert http.send(THINGS, "POST", {}, plain, always).value == [1]

    assert len(script.seen) == 2


def test_a_write_is_repeated_where_no_connection_came_about() -> None:
    asked = []

    def refuse(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        raise httpx.ConnectError("refused", request=request)

    http = http_to("https://shop.example", transport=httpx.MockTransport(refuse))

    with pytest.raises(StopChannel, match="could not be reached"):
        http.send(THINGS, "POST", {}, plain, always)
    assert len(asked) == 5


def test_a_port_where_nobody_listens_counts_as_not_reached() -> None:
    with serving(answer()) as script:
        url = script.url
    http = http_to(url)

    with pytest.raises(StopChannel, match="could not be reached"):
        http.send(THINGS, "POST", {}, plain, always)


class Recording:
    """Writes down every labelled point, and may end the process at one."""

    def __init__(self, end_at: Phase | None = None) -> None:
        self.points: list[tuple[str, Phase]] = []
        self.end_at = end_at

    def at(self, label: str, phase: Phase) -> None:
        self.points.append((label, phase))
        if phase == self.end_at:
            raise KeyboardInterrupt


@pytest.mark.parametrize(("end_at", "reached"), [("before", 0), ("after_effect", 1)])
def test_a_process_can_be_ended_at_each_labelled_point(end_at: Phase, reached: int) -> None:
    faults = Recording(end_at)

    with serving(answer()) as script:
        http = http_to(script.url, Outside(clock=PracticeClock(), faults=faults))
        with pytest.raises(KeyboardInterrupt):
            http.send(THINGS, "POST", {}, plain, always)
        http.close()

        assert len(script.seen) == reached
    assert faults.points[-1] == ("shop.things", end_at)


@pytest.mark.parametrize("status", [200, 429])
def test_before_each_attempt_of_a_write_it_is_asked_whether_it_may_go_out(status: int) -> None:
    asked = []

    def once() -> None:
        asked.append(1)
        if len(asked) > 1:
            raise LeaseLost("Another run has taken over.")

    with serving(answer(status=status), answer()) as script:
        http = http_to(script.url)
        for _ in range(2 if status == 200 else 1):
            with suppress(LeaseLost):
                http.send(THINGS, "POST", {}, plain, once)
        http.close()

        assert (len(asked), len(script.seen)) == (2, 1)


def calls_that_fail() -> list[Callable[[Http], Any]]:
    return [
        lambda http: http.get(THINGS, {"email": "ann@example.com"}, plain),
        lambda http: http.send(THINGS, "POST", {"email": "ann@example.com"}, plain, always),
    ]


@pytest.mark.parametrize("call", calls_that_fail(), ids=["read", "write"])
@pytest.mark.parametrize("status", [200, 302, 401, 429, 500])
def test_no_error_log_or_repr_tells_a_secret_or_a_person(
    call: Callable[[Http], Any], status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    with shop(answer(status, b"<p>ann@example.com")) as (http, *_):
        with pytest.raises(FillrateError) as caught:
            call(http)
        told = f"{caught.value!r} {caught.value} {caught.value.next} {caplog.text} {http!r} {vars(caught.value)}"

    assert TOKEN not in told
    assert "ann@" not in told
    assert "example.com" not in told


@pytest.mark.parametrize("token", ["very-secret-tökén", "very-secret\ntoken", "very-secret token", ""])
def test_a_token_that_no_header_can_carry_is_not_quoted_by_any_library(token: str) -> None:
    with serving(answer()) as script:
        outside = Outside(clock=PracticeClock(), chance=random.Random(1))
        budget = Budget(LocalTokens(outside.clock), outside)
        http = Http(script.url, Headers({"X-Auth-Token": SecretStr(token)}), outside, budget)
        with pytest.raises(FixSettings, match="The value for the header X-Auth-Token") as caught:
            http.get(THINGS, {}, plain)

    assert script.seen == []
    assert "very" not in f"{caught.value!r}{caught.value.__context__!r}{caught.value.__cause__!r}"


PAGE_FOR_PEOPLE = b"<!doctype html><title>Not found</title>"


def test_a_look_for_an_api_believes_a_page_for_people_at_once() -> None:
    with shop(answer(404, PAGE_FOR_PEOPLE)) as (http, script, _):
        reply = http.get(THINGS, {}, plain, is_a_look=True)

    assert reply.is_gone
    assert len(script.seen) == 1


def test_a_read_believes_no_page_for_people() -> None:
    with shop(answer(404, PAGE_FOR_PEOPLE), answer(body=b'{"a": 1}')) as (http, script, _):
        assert http.get(THINGS, {}, plain).value == {"a": 1}

    assert len(script.seen) == 2


def test_a_question_by_post_tells_only_the_refusals_that_are_asked_for() -> None:
    with shop(answer(400, b'{"error": "invalid_client"}')) as (http, _, _):
        assert http.ask(THINGS, None, plain, form={"a": "b c"}, told={400}).status == 400
        with pytest.raises(StopChannel, match="400"):
            http.ask(THINGS, None, plain, form={"a": "b c"})


def test_the_root_of_a_host_is_a_path() -> None:
    with shop(answer(body=b"1")) as (http, script, _):
        assert http.get(THINGS.at("/"), {"rest_route": "/wc/v3"}, plain).value == 1

    assert script.seen[0].path == "/stores/abc/?rest_route=%2Fwc%2Fv3"
