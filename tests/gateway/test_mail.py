"""The door to SMTP against a real server: what arrives, what certainly was not sent, and what nobody can know."""

import random
import ssl
import time
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from fillrate.errors import FixSettings, LeaseLost, RetryLater
from fillrate.gateway.letter import Envelope
from fillrate.gateway.mail import Limits, Mailer
from fillrate.gateway.outside import Outside, Phase
from fillrate.settings import MailSettings
from tests.gateway.post_office import CUT, DRIP, HANG, Answers, PostOffice, certificate, serving

HTML = "<p>Liebe Ada, 25 € – schöne Grüße</p>\n" + "<p>" + "x" * 2000 + "</p>\n"
TEXT = "Liebe Ada,\n\n.\n..\n.versteckt\nFrom here\n25 € – schöne Grüße\n" + "y" * 2000 + "\n"


def as_lines(text: str) -> str:
    return text.replace("\n", "\r\n")


def envelope(**other: str) -> Envelope:
    usual = {
        "key": "main:1001/backordered/1",
        "recipient": "ada@example.com",
        "subject": "Ihre Bestellung 1001: 2 Artikel kommen später – Größe M",
        "text": TEXT,
        "html": HTML,
    }
    return Envelope(**{**usual, **other})


def mailer(office: PostOffice, limits: Limits | None = None, outside: Outside | None = None, **other: Any) -> Mailer:
    settings = {"from": "Bücher & Co <orders@example.com>", "host": "127.0.0.1", "port": office.port, **other}
    one = MailSettings.model_validate({"security": "plain", **settings})
    return Mailer(one, outside or Outside(), limits=limits)


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with serving(PostOffice()) as running:
        yield running


def answering(answers: Answers, **limits: float) -> Any:
    with serving(PostOffice(answers)) as office:
        return mailer(office, Limits(**limits) if limits else None).send(envelope()), office


def test_what_arrives_is_what_was_sent(office: PostOffice) -> None:
    outcome = mailer(office, reply_to="Help <help@example.com>").send(envelope())

    assert (outcome.state, outcome.answer) == ("done", "mail.send: 127.0.0.1 took it (250 2.0.0).")
    (mail,) = office.taken
    assert (mail.sender, mail.recipient) == ("orders@example.com", "ada@example.com")
    message = mail.message
    assert message["Subject"] == envelope().subject
    assert message["From"].addresses[0].display_name == "Bücher & Co"
    assert message["From"].addresses[0].addr_spec == "orders@example.com"
    assert (message["To"], message["Reply-To"]) == ("ada@example.com", "Help <help@example.com>")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Cc"] is None
    assert message["Bcc"] is None
    assert abs((parsedate_to_datetime(message["Date"]) - datetime.now(UTC)).total_seconds()) < 60
    assert message.get_content_type() == "multipart/alternative"
    text, html = message.iter_parts()
    assert (text.get_content_type(), text.get_content()) == ("text/plain", as_lines(TEXT))
    assert (html.get_content_type(), html.get_content()) == ("text/html", as_lines(HTML))
    assert mail.content.isascii()
    assert max(map(len, mail.content.splitlines())) < 998
    assert message.defects == []


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ({"recipient": "ada"}, "address"),
        ({"recipient": "ada@example.com, eve@evil.example"}, "address"),
        ({"subject": "=?utf-8?q?a=0D=0ABcc=3A_eve=40evil.example?="}, "ours"),
    ],
)
def test_what_cannot_be_a_mail_is_refused_before_anybody_is_asked(
    office: PostOffice, wrong: dict[str, str], fault: str
) -> None:
    outcome = mailer(office).send(envelope(**wrong))

    assert (outcome.state, outcome.fault) == ("refused", fault)
    assert "evil" not in outcome.answer
    assert office.said == []


def test_the_message_id_is_the_keys_at_every_attempt_and_does_not_tell_it(office: PostOffice) -> None:
    for key in ("main:1001/a", "main:1001/a", "main:1001/b"):
        mailer(office).send(envelope(key=key))

    first, again, other = (mail.message["Message-ID"] for mail in office.taken)
    assert first == again != other
    assert first.endswith("@example.com>")
    assert "1001" not in first


def test_a_domain_beyond_ascii_is_written_as_servers_know_it(office: PostOffice) -> None:
    assert mailer(office).send(envelope(recipient="ada@bücher.example")).state == "done"

    assert office.taken[0].recipient == "ada@xn--bcher-kva.example"


def test_an_address_beyond_ascii_needs_a_server_that_takes_it(office: PostOffice) -> None:
    assert mailer(office).send(envelope(recipient="ädä@example.com")).state == "done"
    assert office.taken[0].recipient == "ädä@example.com"
    assert "ädä@example.com" in office.taken[0].content.decode()

    office.extensions = ("SIZE 1000000",)
    refused = mailer(office).send(envelope(recipient="ädä@example.com"))
    assert (refused.state, refused.fault, len(office.taken)) == ("refused", "ours", 1)


@pytest.mark.parametrize("step", ["greeting", "ehlo", "mail", "rcpt", "data", "end"])
def test_a_server_that_asks_for_patience_has_taken_nothing(step: str) -> None:
    with serving(PostOffice({step: "451 4.3.0 later"})) as office, pytest.raises(RetryLater) as caught:
        mailer(office).send(envelope())

    assert caught.value.after == 300
    assert "Nothing was sent" in caught.value.next
    assert office.taken == []


@pytest.mark.parametrize("step", ["greeting", "mail"])
def test_a_server_that_does_not_want_us_is_for_a_person_to_mend(step: str) -> None:
    with serving(PostOffice({step: "554 5.7.1 go away"})) as office, pytest.raises(FixSettings, match=r"554 5\.7\.1"):
        mailer(office).send(envelope())

    assert office.taken == []


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ("550 no such user", "address"),
        ("550 5.1.1 no such user", "address"),
        ("550 5.1.10 null MX", "address"),
        ("550 5.2.1 closed", "address"),
        ("552 5.2.2 full", "address"),
        ("553 bad mailbox", "address"),
        ("550 5.7.1 your reputation is low", "ours"),
        ("550 5.1.8 sender's domain unknown", "ours"),
        ("554 5.7.1 relay access denied", "ours"),
        ("554 transaction failed", "ours"),
        ("501 syntax", "ours"),
    ],
)
def test_a_refused_recipient_tells_whose_fault_it_is(answer: str, fault: str) -> None:
    outcome, office = answering({"rcpt": answer})

    assert (outcome.state, outcome.fault) == ("refused", fault)
    assert outcome.answer.endswith(f"refused the recipient ({' '.join(answer.split()[: 2 if '.' in answer else 1])}).")
    assert office.taken == office.data == []


@pytest.mark.parametrize("step", ["data", "end"])
def test_a_refused_mail_is_our_fault(step: str) -> None:
    outcome, office = answering({step: "554 5.6.0 not this"})

    assert (outcome.state, outcome.fault, office.taken) == ("refused", "ours", [])


def test_a_mail_that_is_too_large_is_refused_before_it_is_sent() -> None:
    outcome, office = answering({"mail": "552 5.3.4 too large"})

    assert (outcome.state, outcome.fault, office.data) == ("refused", "ours", [])


@pytest.mark.parametrize("step", ["greeting", "ehlo", "mail", "rcpt", "data", "content"])
def test_a_connection_that_breaks_before_the_last_dot_has_sent_nothing(step: str) -> None:
    long = envelope(html="<p>word</p>\n" * 400_000) if step == "content" else envelope()
    with (
        serving(PostOffice({step: CUT}, extensions=())) as office,
        pytest.raises(RetryLater, match="broke off") as caught,
    ):
        mailer(office).send(long)

    assert (caught.value.after, office.taken) == (60, [])


@pytest.mark.parametrize("answer", [CUT, "no reply at all", "354 what?"])
def test_a_mail_whose_end_was_sent_and_not_answered_is_unknown(answer: str) -> None:
    outcome, office = answering({"end": answer})

    assert (outcome.state, outcome.fault, len(office.taken)) == ("unknown", "", 1)
    assert outcome.answer == "mail.send: 127.0.0.1 had all of it and did not say whether it takes it."


@pytest.mark.parametrize("kind", [HANG, DRIP])
def test_the_deadline_holds_for_the_whole_exchange(kind: str) -> None:
    started = time.monotonic()

    with pytest.raises(RetryLater, match="did not answer in time"):
        answering({"rcpt": kind}, total_s=0.3)
    outcome, _ = answering({"end": kind}, total_s=0.3)

    assert outcome.state == "unknown"
    assert 0.6 <= time.monotonic() - started < 2


def test_what_was_taken_stays_taken_however_the_server_says_goodbye() -> None:
    started = time.monotonic()

    for goodbye in (CUT, "500 no", "421 go"):
        assert answering({"quit": goodbye})[0].state == "done"
    assert time.monotonic() - started < 1


def test_a_server_that_is_not_there_is_asked_later() -> None:
    with serving(PostOffice()) as office:
        pass

    with pytest.raises(RetryLater, match="could not be reached"):
        mailer(office).send(envelope())


def test_a_server_that_never_stops_talking_is_left(office: PostOffice) -> None:
    office.answers["ehlo"] = "\r\n".join(["250-more"] * 150_000) + "\r\n250 SIZE"

    with pytest.raises(RetryLater, match="broke off"):
        mailer(office).send(envelope())


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A certificate for localhost, from an authority that this machine trusts during the test."""
    context, authority = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    return context


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_user_and_password_travel_in_tls_only(tls: ssl.SSLContext, security: str) -> None:
    with serving(PostOffice(certificate=tls, is_tls=security == "tls", extensions=("AUTH PLAIN LOGIN",))) as office:
        one = mailer(office, host="localhost", security=security, user="me", password=SecretStr("the password"))
        assert one.send(envelope()).state == "done"

        (mail,) = office.taken
        assert (mail.is_secure, mail.user) == (True, "me")
        assert office.verbs[: 2 if security == "tls" else 4] == (
            ["EHLO", "AUTH"] if security == "tls" else ["EHLO", "STARTTLS", "EHLO", "AUTH"]
        )


def test_a_wrong_password_is_told_without_it(tls: ssl.SSLContext) -> None:
    with serving(PostOffice(certificate=tls, extensions=("AUTH PLAIN",))) as office:
        one = mailer(office, host="localhost", security="starttls", user="me", password=SecretStr("hunter2"))
        with pytest.raises(FixSettings, match=r"refused user and password \(535 5\.7\.8\)") as caught:
            one.send(envelope())
        office.answers["auth"] = "454 4.7.0 later"
        with pytest.raises(RetryLater):
            one.send(envelope())

    assert "hunter2" not in f"{caught.value}{caught.value.__context__!r}{one!r}"
    assert office.taken == []


def test_a_greeting_logs_in_and_sends_nothing(tls: ssl.SSLContext) -> None:
    with serving(PostOffice(certificate=tls, extensions=("AUTH PLAIN",))) as office:
        for password, ends in (("the password", None), ("hunter2", FixSettings)):
            one = mailer(office, host="localhost", security="starttls", user="me", password=SecretStr(password))
            with pytest.raises(ends, match="FILLRATE_MAIL_PASSWORD") if ends else nullcontext():
                one.greet()
        office.answers["greeting"] = CUT
        with pytest.raises(RetryLater):
            one.greet()

    assert {"MAIL", "RCPT", "DATA"} & set(office.verbs) == set()


def test_a_server_that_wants_a_login_says_so(office: PostOffice) -> None:
    office.answers["rcpt"] = "530 5.7.0 who are you?"
    with pytest.raises(FixSettings, match="wants a user and a password"):
        mailer(office).send(envelope())

    office.answers.clear()
    for extensions in ((), ("AUTH XOAUTH2",)):
        office.extensions = extensions
        with pytest.raises(FixSettings, match="offers no login that we know"):
            mailer(office, user="me", password=SecretStr("the password")).send(envelope())


def test_starttls_that_is_gone_ends_it_before_a_word_is_told(office: PostOffice) -> None:
    with pytest.raises(FixSettings, match="offers no STARTTLS"):
        mailer(office, security="starttls").send(envelope())

    assert office.verbs == ["EHLO", "QUIT"]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_of_another_host_is_not_trusted(tls: ssl.SSLContext, security: str) -> None:
    with serving(PostOffice(certificate=tls, is_tls=security == "tls")) as office:
        with pytest.raises(FixSettings, match="not to be trusted"):
            mailer(office, host="127.0.0.1", security=security).send(envelope())

    assert office.taken == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for_is_not_trusted(tmp_path: Path, security: str) -> None:
    context, _ = certificate(tmp_path)
    with serving(PostOffice(certificate=context, is_tls=security == "tls")) as office:
        with pytest.raises(FixSettings, match="not to be trusted"):
            mailer(office, host="localhost", security=security).send(envelope())


def test_a_port_without_tls_is_for_a_person_to_mend(office: PostOffice) -> None:
    with pytest.raises(FixSettings, match="speaks no TLS on port"):
        mailer(office, security="tls").send(envelope())


class Noted:
    """Faults that only note what is passed, and can end it there."""

    def __init__(self, office: PostOffice, end: Phase | None = None) -> None:
        self.office, self.end, self.passed = office, end, list[tuple[str, str, int]]()

    def at(self, label: str, phase: Phase) -> None:
        self.passed.append((label, phase, len(self.office.taken)))
        if phase == self.end:
            raise KeyboardInterrupt


def test_the_points_where_a_run_may_die_lie_before_and_after_the_effect(office: PostOffice) -> None:
    noted = Noted(office)

    mailer(office, outside=Outside(chance=random.Random(7), faults=noted)).send(envelope())

    assert noted.passed == [("mail.send", "before", 0), ("mail.send", "after_effect", 1)]


@pytest.mark.parametrize(("end", "taken"), [("before", 0), ("after_effect", 1)])
def test_a_run_that_dies_there_has_sent_it_or_not(office: PostOffice, end: Phase, taken: int) -> None:
    with pytest.raises(KeyboardInterrupt):
        mailer(office, outside=Outside(faults=Noted(office, end))).send(envelope())

    assert len(office.taken) == taken


def test_leave_is_asked_for_right_before_the_content_goes(office: PostOffice) -> None:
    def lost() -> None:
        assert office.verbs == ["EHLO", "MAIL", "RCPT"]
        raise LeaseLost("The lease is gone.")

    with pytest.raises(LeaseLost):
        mailer(office).send(envelope(), lost)

    assert office.taken == office.data == []
