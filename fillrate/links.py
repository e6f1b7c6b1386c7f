"""Signed, expiring tokens for the links in a mail: who holds one may give its one answer, and nothing else.

A token is readable by whoever has the mail, and cannot be changed. Mail scanners open links: a link leads to a page
that asks once more, and only its form counts as the answer.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
from pydantic import SecretStr

from fillrate.errors import FillrateError
from fillrate.records import utc

SHORTEST_SECRET = 32  # characters
LONGEST_TOKEN = 500
MAC_BYTES = 16  # 128 bits, as much as nobody can guess
VERSION = 1


class BadLink(FillrateError):
    """A link that counts for nothing."""


class MalformedLink(BadLink):
    """It is no token: cut off, or never one."""


class ForgedLink(BadLink):
    """No secret of ours signed it."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a valid token says: to what (purpose, subject) it gives which choice."""

    purpose: str
    subject: str
    choice: str
    expires_at: datetime

    @property
    def question(self) -> str:
        """Return the id that all choices of one question share: keep the first answer to it, and refuse the next."""
        asked = msgspec.json.encode((self.purpose, self.subject, int(self.expires_at.timestamp())))
        return hashlib.sha256(asked).hexdigest()[:32]

    def is_over(self, now: datetime) -> bool:
        """Tell whether its time is over, by the clock by which its end was set."""
        return now >= self.expires_at


def sign(secret: SecretStr, purpose: str, subject: str, choice: str, expires_at: datetime) -> str:
    """Return the token, of letters that an address may hold; the same for the same words. ValueError for a weak secret."""
    if len(secret.get_secret_value()) < SHORTEST_SECRET:
        message = f"a secret for links has at least {SHORTEST_SECRET} characters"
        raise ValueError(message)
    fields = (VERSION, purpose, subject, choice, int(utc(expires_at).timestamp()))
    payload = msgspec.json.encode(fields)
    token = as_text(payload + mac(secret, payload))
    if len(token) > LONGEST_TOKEN:
        message = "too much for a link"
        raise ValueError(message)
    return token


def verify(secrets: Sequence[SecretStr], token: str) -> Answer:
    """Return what the token says, be it over or not. `secrets` are the present one and, during a rotation, the one before.

    Raises MalformedLink or ForgedLink.
    """
    signed = as_bytes(token)
    payload, given = signed[:-MAC_BYTES], signed[-MAC_BYTES:]
    usable = [secret for secret in secrets if len(secret.get_secret_value()) >= SHORTEST_SECRET]
    if not any([hmac.compare_digest(mac(secret, payload), given) for secret in usable]):  # noqa: C419 - all, in equal time
        raise ForgedLink("This link is not from us, or it was changed.", next="Use the link as it stands in the mail.")
    _, purpose, subject, choice, expires = msgspec.json.decode(payload, type=tuple[int, str, str, str, int])
    return Answer(purpose=purpose, subject=subject, choice=choice, expires_at=datetime.fromtimestamp(expires, UTC))


def mac(secret: SecretStr, payload: bytes) -> bytes:
    """Return the signature of a payload."""
    key = secret.get_secret_value().encode()
    return hmac.digest(key, b"fillrate link\0" + payload, "sha256")[:MAC_BYTES]


def as_text(signed: bytes) -> str:
    """Return bytes as letters, digits, - and _."""
    return base64.urlsafe_b64encode(signed).decode().rstrip("=")


def as_bytes(token: str) -> bytes:
    """Return the bytes of a token; MalformedLink where it cannot be one."""
    try:
        padded = token[: LONGEST_TOKEN + 1] + "=" * (-len(token) % 4)
        signed = base64.b64decode(padded, altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        signed = b""
    if len(token) > LONGEST_TOKEN or len(signed) <= MAC_BYTES or as_text(signed) != token:
        raise MalformedLink("This is not a whole link.", next="Use the link as it stands in the mail.")
    return signed
