"""Hostile words in a mail: no header is smuggled in, no second recipient, no line that ends the mail early."""

from contextlib import suppress
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP, default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillrate.errors import FixSettings
from fillrate.gateway import letter
from fillrate.gateway.letter import BadLetter, Envelope, composed, harmless, refuse_unsafe_python, written
from fillrate.settings import MailSettings

SETTINGS = MailSettings.model_validate({"from": "Shop <orders@example.com>", "host": "smtp.example.com"})
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
NAMES = ["Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"]
SMUGGLED = [
    "a\nBcc: x@evil.example",
    "a\r\nBcc: x@evil.example",
    "a\rBcc: x@evil.example",
    "a\x00b",
    "a\x1b[31mred",
    "a\u2028Bcc: x@evil.example",
    "a\u202ecba",
    "=?utf-8?q?a=0ABcc=3A_x=40evil.example?=",
    "=?utf-8?q?a=0D=0ABcc=3A_x=40evil.example?=",
    "=?utf-8?b?YQ0KQmNjOiB4QGV2aWwuZXhhbXBsZQ==?=",
    "=?us-ascii?q?a=0d=0a?= =?us-ascii?q?Bcc=3A_x?=",
    "=?utf-8?q?=3D=3Futf-8=3Fq=3Fa=3D0ABcc=3A_x=3F=3D?=",  # encoded twice
    "=?no-such-charset?q?a?=",
    "=?utf-8?b?A?=",
]


def made(subject: str = "Hello", recipient: str = "ada@example.com", text: str = "Hello\n") -> EmailMessage:
    one = Envelope(key="k", recipient=recipient, subject=subject, text=text, html="<p>Hello</p>")
    message = BytesParser(policy=default).parsebytes(composed(one, SETTINGS, NOON).content)
    assert isinstance(message, EmailMessage)
    return message


@pytest.mark.parametrize("subject", SMUGGLED)
def test_a_subject_that_hides_a_header_is_refused(subject: str) -> None:
    with pytest.raises(BadLetter) as caught:
        made(subject)

    assert caught.value.fault == "ours"


@pytest.mark.parametrize("subject", SMUGGLED)
def test_the_words_are_looked_at_before_the_library_sees_them(subject: str) -> None:
    with pytest.raises(BadLetter, match="Its subject holds"):
        harmless(subject, "subject")


@pytest.mark.parametrize("subject", SMUGGLED)
def test_the_bytes_are_looked_at_once_more(subject: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letter, "harmless", lambda text, what: text)  # as if the first look had missed it

    try:
        message = made(subject)
    except (BadLetter, ValueError):
        return
    assert message.keys() == NAMES


@given(st.text(max_size=120), st.sampled_from(["", "\n", "=?utf-8?q?", "?=", "=0A", "é", "\u202e", ", x@y.example"]))
def test_whatever_the_subject_says_the_headers_are_ours(subject: str, nasty: str) -> None:
    try:
        message = made(subject[:60] + nasty + subject[60:])
    except BadLetter:
        return
    assert message.keys() == NAMES
    assert str(message["Subject"]).isprintable()
    assert len(message["To"].addresses) == 1


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ada",
        "@example.com",
        "ada@",
        "ada@example.com, eve@evil.example",
        "ada@example.com eve@evil.example",
        "ada@example.com\nBcc: eve@evil.example",
        "ada@example.com\r\nRCPT TO:<eve@evil.example>",
        "Ada <ada@example.com>",
        "<ada@example.com>",
        '"ada\\"@evil.example"@example.com',
        "ada@[127.0.0.1]",
        "ada@example..com",
        "ada@-example.com",
        "ada@exam\u200bple.com",
        "ada@straße.example",  # would be another domain, strasse.example
        "a" * 65 + "@example.com",
        "ada@" + "a." * 130 + "example.com",
        "=?utf-8?q?ada=40evil.example=0A?=@example.com",
        "ada@example.com>",
        "ada@\u2100example.com",
    ],
)
def test_what_is_not_one_plain_address_is_refused_as_the_addresss_fault(address: str) -> None:
    with pytest.raises(BadLetter) as caught:
        made(recipient=address)

    assert caught.value.fault == "address"


@pytest.mark.parametrize("address", ["o'hara+shop@example.com", "a.b-c_d=e@sub.example.co.uk", "ada@EXAMPLE.com"])
def test_unusual_but_honest_addresses_are_written_to(address: str) -> None:
    assert made(recipient=address)["To"].addresses[0].addr_spec.lower() == address.lower()


@given(st.text(alphabet=st.sampled_from(".\r\n\0aé\u2028\x0b=From "), max_size=200))
def test_no_line_of_the_text_ends_the_mail_early(text: str) -> None:
    one = Envelope(key="k", recipient="ada@example.com", subject="Hello", text=text, html=text)

    lines = composed(one, SETTINGS, NOON).content.split(b"\r\n")

    assert not any(b"\r" in line or b"\n" in line for line in lines)  # servers disagree on what such a break ends
    assert lines[-1] == b""


def test_text_that_is_no_text_is_refused() -> None:
    with pytest.raises(BadLetter, match="no mail can carry"):
        made(text="a\ud800b")


def test_this_python_is_fit_to_send_and_one_that_is_not_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_unsafe_python()

    monkeypatch.setattr(letter, "written", lambda message: b"Subject: a\r\nBcc: x@example.com\r\n\r\n")
    with pytest.raises(FixSettings, match="lets headers be smuggled"):
        refuse_unsafe_python()


def test_a_header_that_the_library_would_break_is_not_written() -> None:
    message = EmailMessage(SMTP)
    message["Subject"] = "=?utf-8?q?a=0D=0ABcc=3A_x=40example.com?="

    with suppress(BadLetter):
        assert b"\nBcc" not in written(message)
