"""Links in mails: what a token says, for how long, and that nobody else can make one."""

import string
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import SecretStr

from fillrate.links import BadLink, ForgedLink, MalformedLink, as_text, mac, sign, verify

SECRET, NEXT = SecretStr("old secret of 32 or more characters"), SecretStr("new secret of 32 or more characters")
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
BEFORE, AFTER = NOON - timedelta(seconds=1), NOON + timedelta(seconds=1)
LETTERS = string.ascii_letters + string.digits + "-_"


def keep(secret: SecretStr = SECRET, choice: str = "keep") -> str:
    return sign(secret, "date_moved", "main:1001/3", choice, NOON)


def test_a_token_says_what_was_signed_and_fits_into_an_address() -> None:
    answer = verify([SECRET], keep())

    assert (answer.purpose, answer.subject, answer.choice, answer.expires_at) == (
        "date_moved",
        "main:1001/3",
        "keep",
        NOON,
    )
    assert set(keep()) <= set(LETTERS)
    assert len(keep()) < 120


def test_it_expires_at_its_second() -> None:
    answer = verify([SECRET], keep())

    assert [answer.is_over(at) for at in (BEFORE, NOON, AFTER)] == [False, True, True]


def test_the_zone_of_the_end_does_not_matter() -> None:
    there = NOON.astimezone(timezone(timedelta(hours=9)))

    assert sign(SECRET, "p", "s", "keep", there) == sign(SECRET, "p", "s", "keep", NOON)


@pytest.mark.parametrize("place", range(len(keep())))
def test_whoever_changes_a_letter_has_no_token(place: int) -> None:
    token = keep()
    other = LETTERS[(LETTERS.index(token[place]) + 1) % len(LETTERS)]

    with pytest.raises((ForgedLink, MalformedLink)):
        verify([SECRET], token[:place] + other + token[place + 1 :])


def test_both_secrets_are_good_during_a_rotation_and_only_then() -> None:
    for token in (keep(SECRET), keep(NEXT)):
        assert verify([NEXT, SECRET], token).choice == "keep"
    with pytest.raises(ForgedLink):
        verify([NEXT], keep(SECRET))


@pytest.mark.parametrize("secret", ["", "short"])
def test_without_a_secret_nothing_is_signed_and_nothing_believed(secret: str) -> None:
    with pytest.raises(ValueError, match="at least 32 characters"):
        keep(SecretStr(secret))
    payload = msgspec.json.encode((1, "date_moved", "main:1001/3", "keep", int(NOON.timestamp())))
    assert as_text(payload + mac(SECRET, payload)) == keep()
    with pytest.raises(ForgedLink):
        verify([SecretStr(secret)], as_text(payload + mac(SecretStr(secret), payload)))
    with pytest.raises(ForgedLink):
        verify([], keep())


def test_the_choices_of_one_question_share_its_id_so_that_it_is_answered_once() -> None:
    yes, no = (verify([SECRET], keep(choice=choice)).question for choice in ("keep", "cancel"))
    other = verify([SECRET], sign(SECRET, "date_moved", "main:1001/4", "keep", NOON)).question

    assert yes == no != other


@given(st.text(max_size=600))
@example("")
@example("=" * 8)
@example(keep()[:-1])
@example(keep()[:20])
@example(keep() + "A")
@example(keep() + "\n")
@example(keep() + "==")
@example("A" * 501)
def test_anything_else_is_told_as_no_link(token: str) -> None:
    with pytest.raises(BadLink):
        verify([SECRET], token)
