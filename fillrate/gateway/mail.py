"""The only door to SMTP: one mail, one recipient, one conversation; nothing is tried again here.

Until the line that ends the mail has begun to leave, the server cannot have taken it: every trouble before is RetryLater
or FixSettings, and certainly nothing was sent. From then on only the server's answer counts, and without one the outcome
is `unknown`.
"""

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import msgspec

from fillrate.errors import FillrateError, FixSettings, RetryLater
from fillrate.gateway.letter import BadLetter, Envelope, Fault, Letter, composed, refuse_unsafe_python
from fillrate.gateway.outside import Outside
from fillrate.gateway.smtp import Conversation
from fillrate.gateway.smtp_codes import Code
from fillrate.settings import MailSettings

LABEL = "mail.send"
DOWN_S, BUSY_S = 60.0, 300.0
END = b".\r\n"
LOGIN = "user in [mail], or its password in FILLRATE_MAIL_PASSWORD"


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds for one connection, and for all of one mail."""

    connect_s: float = 10.0
    total_s: float = 60.0


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one mail; of a refused one, whose fault it is: the customer's address, or what we sent."""

    state: Literal["done", "refused", "unknown"]
    answer: str  # one sentence for people, without the server's words
    fault: Fault = ""


def free() -> None:
    """Let a mail out."""


class Mailer:
    """The merchant's mail server."""

    def __init__(self, settings: MailSettings, outside: Outside, *, limits: Limits | None = None) -> None:
        refuse_unsafe_python()
        self._settings = settings
        self._outside = outside
        self._limits = limits or Limits()

    def __repr__(self) -> str:
        return f"Mailer({self._settings.host})"

    def send(self, envelope: Envelope, may_send: Callable[[], None] = free) -> Outcome:
        """Send one mail. `may_send` is asked right before its content leaves; what it raises goes upwards.

        Raises RetryLater or FixSettings where certainly nothing was sent.
        """
        try:
            letter = composed(envelope, self._settings, self._outside.clock.now())
        except BadLetter as bad:
            return Outcome(state="refused", answer=f"{LABEL}: {bad}", fault=bad.fault)
        with self._conversation() as talk:
            with self._nothing_sent(talk):
                self._logged_in(talk)
                refused = self._announced(talk, letter)
            if refused:
                return refused
            self._outside.faults.at(LABEL, "before")
            may_send()
            outcome = self._delivered(talk, letter)
            self._outside.faults.at(LABEL, "after_effect")
        return outcome

    def greet(self) -> None:
        """Connect and log in as for a mail, and send none. Raises RetryLater or FixSettings where that fails."""
        with self._conversation() as talk, self._nothing_sent(talk):
            self._logged_in(talk)

    @contextmanager
    def _conversation(self) -> Iterator[Conversation]:
        """Connect, and say goodbye in the end."""
        with self._nothing_sent(None):
            talk = Conversation(self._settings, self._outside.clock, self._limits.connect_s, self._limits.total_s)
        try:
            yield talk
        finally:
            talk.leave()

    def _logged_in(self, talk: Conversation) -> None:
        code = Code.of(talk.getreply())
        if not code.is_yes:
            raise self._refused_us("turned us away", code)
        talk.secure()
        if self._settings.user:
            talk.login(self._settings.user, self._settings.password.get_secret_value())

    def _announced(self, talk: Conversation, letter: Letter) -> Outcome | None:
        """Name sender and recipient; return the outcome where that is already the end."""
        if letter.is_utf8 and not talk.has_extn("smtputf8"):
            why = f"{LABEL}: {self._settings.host} cannot write to an address with letters beyond ASCII."
            return Outcome(state="refused", answer=why, fault="ours")
        options = [f"SIZE={len(letter.content)}"] if talk.has_extn("size") else []
        options += ["SMTPUTF8", "BODY=8BITMIME"] if letter.is_utf8 else []
        code = Code.of(talk.mail(letter.sender, options))
        if code.is_too_large:
            return self._refused("the mail", code, "ours")
        if not code.is_yes:
            raise self._refused_us("does not let us send as the address in from", code)
        code = Code.of(talk.rcpt(letter.recipient))
        if code.is_login_missing:
            raise self._refused_us("wants a user and a password", code, LOGIN)
        if code.is_no:
            return self._refused("the recipient", code, "address" if code.blames_the_address else "ours")
        if not code.is_yes:
            raise self._later(code)
        return None

    def _delivered(self, talk: Conversation, letter: Letter) -> Outcome:
        with self._nothing_sent(talk):
            code = Code.of(talk.docmd("DATA"))
            if code.is_no:
                return self._refused("the mail", code, "ours")
            if code.number != 354:
                raise self._later(code)
            talk.send(letter.content.replace(b"\r\n.", b"\r\n.."))
        try:
            talk.send(END)
            code = Code.of(talk.getreply())
        except OSError:  # smtplib's own errors are among them
            code = Code.none()
        if code.is_yes:
            return Outcome(state="done", answer=f"{LABEL}: {self._settings.host} took it ({code}).")
        if code.is_no:
            return self._refused("the mail", code, "ours")
        if code.is_later:
            raise self._later(code)
        why = f"{LABEL}: {self._settings.host} had all of it and did not say whether it takes it."
        return Outcome(state="unknown", answer=why)

    @contextmanager
    def _nothing_sent(self, talk: Conversation | None) -> Iterator[None]:
        """Turn trouble into an error of ours; used only where the mail's end has not left."""
        host = self._settings.host
        try:
            yield
        except smtplib.SMTPResponseException as error:
            code = Code.of((error.smtp_code, error.smtp_error))
            if isinstance(error, smtplib.SMTPAuthenticationError):
                raise self._refused_us("refused user and password", code, LOGIN) from None
            raise self._refused_us("turned us away", code) from None
        except ssl.SSLCertVerificationError as error:
            what = f"{LABEL}: the certificate of {host} is not to be trusted ({error.verify_message})."
            raise FixSettings(what, next="Set host in [mail] to the name in the certificate.") from None
        except ssl.SSLError as error:
            if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
                raise self._down("broke off the connection") from None
            what = f"{LABEL}: {host} speaks no TLS on port {self._settings.server_port}."
            raise FixSettings(what, next="Set port and security in [mail].") from None
        except OSError as error:  # smtplib's own errors are among them
            if isinstance(error, smtplib.SMTPException) and not isinstance(error, smtplib.SMTPServerDisconnected):
                what = f"{LABEL}: {host} offers no login that we know."
                raise FixSettings(what, next="Take user out of [mail], or set port.") from None
            is_late = isinstance(error, TimeoutError) or (
                talk is not None and self._outside.clock.steady() >= talk.ends
            )
            is_met = talk is not None or is_late
            problem = "did not answer in time" if is_late else "broke off the connection"
            raise self._down(problem if is_met else "could not be reached") from None

    def _refused(self, what: str, code: Code, fault: Fault) -> Outcome:
        return Outcome(state="refused", answer=f"{LABEL}: {self._settings.host} refused {what} ({code}).", fault=fault)

    def _refused_us(self, what: str, code: Code, mend: str = "[mail]") -> FillrateError:
        """Return the error for an answer that concerns every mail of ours."""
        if not code.is_no:
            return self._later(code)
        return FixSettings(f"{LABEL}: {self._settings.host} {what} ({code}).", next=f"Mend {mend}; nothing was sent.")

    def _later(self, code: Code) -> RetryLater:
        what = f"{LABEL}: {self._settings.host} asked for patience ({code})."
        return RetryLater(what, after=BUSY_S, next="Nothing was sent; it is tried again later.")

    def _down(self, problem: str) -> RetryLater:
        what = f"{LABEL}: {self._settings.host} {problem}."
        return RetryLater(what, after=DOWN_S, next="Nothing was sent; it is tried again later.")
