"""One mail as bytes: its headers, its two bodies, and the proof that nothing was smuggled into the headers.

The standard library decodes encoded words in whatever is assigned to a header, and on many Pythons writes a line break
that came out of one as it is (CVE-2024-6923; for bytes CVE-2026-1299). So the words are checked before, and the bytes
after: read again, they must hold just the headers that were set.
"""

import hashlib
from datetime import datetime
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP, SMTPUTF8, EmailPolicy
from typing import Literal

import msgspec

from fillrate.errors import FixSettings
from fillrate.mailbox import Mailbox, mailbox
from fillrate.settings import MailSettings

Fault = Literal["", "address", "ours"]


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """One mail to one recipient; `key` names this intent, the same at every attempt."""

    key: str
    recipient: str
    subject: str
    text: str
    html: str


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A mail that can be sent: lines end with CRLF and are not dot-stuffed yet."""

    sender: str
    recipient: str
    content: bytes
    is_utf8: bool  # the recipient's address itself needs SMTPUTF8


class BadLetter(Exception):
    """This mail cannot be written; the text says why in words for people."""

    def __init__(self, why: str, *, fault: Fault = "ours") -> None:
        super().__init__(why)
        self.fault = fault


def composed(envelope: Envelope, settings: MailSettings, at: datetime) -> Letter:
    """Return the mail as bytes, or raise BadLetter."""
    to = recipient(envelope.recipient)
    is_utf8 = not to.local.isascii()
    sender = settings.from_
    message = EmailMessage(SMTPUTF8 if is_utf8 else SMTP)
    message["Subject"] = harmless(envelope.subject, "subject")
    message["From"] = named(sender)
    if settings.answers_to:
        message["Reply-To"] = named(settings.answers_to)
    message["To"] = to.header
    message["Date"] = at
    message["Message-ID"] = message_id(envelope.key, sender.domain)
    message["Auto-Submitted"] = "auto-generated"
    try:
        message.set_content(envelope.text, cte="quoted-printable")
        message.add_alternative(envelope.html, subtype="html", cte="quoted-printable")
    except UnicodeError:
        raise BadLetter("Its text holds what no mail can carry.") from None
    return Letter(sender=sender.address, recipient=to.address, content=written(message), is_utf8=is_utf8)


def message_id(key: str, host: str) -> str:
    """Return the Message-ID of a key: always the same, and nobody can read the key in it."""
    return f"<fillrate.{hashlib.sha256(key.encode()).hexdigest()[:32]}@{host}>"


def recipient(text: str) -> Mailbox:
    """Return the one address to write to."""
    try:
        found = mailbox(text)
    except ValueError as error:
        raise BadLetter(f"The customer's address {error}.", fault="address") from None
    if found.name or "<" in text:
        raise BadLetter("The customer's address is not a bare address.", fault="address")
    return found


def named(one: Mailbox) -> str:
    """Return an address of ours with its name, checked."""
    harmless(one.name, "sender's name")
    return str(one.header)


def harmless(text: str, what: str) -> str:
    """Return the text of a header, or raise BadLetter where it, or anything encoded in it, holds a control character."""
    shown = text
    while True:
        if not shown.isprintable():
            raise BadLetter(f"Its {what} holds a control character.")
        try:
            decoded = str(make_header(decode_header(shown)))
        except (MessageError, LookupError, ValueError):
            raise BadLetter(f"Its {what} holds an encoded word that cannot be read.") from None
        if decoded == shown:
            return text
        shown = decoded


def written(message: EmailMessage) -> bytes:
    """Return the message as lines of bytes that hold its headers and no others, or raise BadLetter."""
    policy = message.policy
    assert isinstance(policy, EmailPolicy)  # noqa: S101 - set in `composed`
    try:
        content = message.as_bytes(policy=policy)
        head = content.partition(b"\r\n\r\n")[0]
        read = BytesParser(policy=policy).parsebytes(head + b"\r\n\r\n", headersonly=True)
        is_same = squeezed(read) == squeezed(message)
    except (MessageError, ValueError):
        is_same = False
    if not is_same or has_control(head):
        raise BadLetter("Its headers hold what could be taken for another header.")
    return content


def squeezed(message: EmailMessage) -> list[tuple[str, str]]:
    """Return the headers without white space, which folding may move."""
    return [(name, "".join(str(value).split(" "))) for name, value in message.items()]


def has_control(head: bytes) -> bool:
    """Tell whether headers hold a control character, or a line break that is not CRLF."""
    return any(byte < 32 or byte == 127 for byte in head.replace(b"\r\n", b"").replace(b"\t", b" "))


def refuse_unsafe_python() -> None:
    """Raise FixSettings where this Python would let a header be smuggled in all the same."""
    message = EmailMessage(SMTP)
    message["Subject"] = "=?utf-8?q?a=0D=0ABcc=3A_x=40example.com?="
    try:
        content = written(message)
    except BadLetter:
        return
    if b"\nBcc:" in content:
        raise FixSettings(
            "This Python's email module lets headers be smuggled into a mail (CVE-2024-6923).",
            next="Use a newer Python of the same series; until then no mail is sent.",
        )
