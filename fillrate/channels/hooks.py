"""What all shops' hooks share: proofs in constant time, and ids out of bodies that anybody may have written."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from pydantic import SecretStr

from fillrate.channels.protocol import Heard, Hint, Hooks, Stream
from fillrate.errors import FillrateError
from fillrate.gateway.strict_json import Malformed, decode

WORD_HEADER = "x-fillrate-hook"  # carries the secret word that a hook was registered with
LONGEST_KEY = 200
LONGEST_ID = 20
MOST_PROOFS = 10  # that one call may bring along
OBJECT = msgspec.json.Decoder(dict[str, Any])


class ForgedHook(FillrateError):
    """The shop did not send this, or nobody can tell."""


class LateHook(ForgedHook):
    """The shop sent it, but not now: it was signed too long ago, or ahead of our clock."""


def secrets_of(settings: Any, *names: str) -> tuple[bytes, ...]:  # Any: a kind's own settings
    """Return the secrets of these names that are set."""
    found = (getattr(settings, name, SecretStr("")).get_secret_value() for name in names)
    return tuple(one.encode() for one in found if one)


def proof(secret: bytes, content: bytes) -> str:
    """Return the HMAC-SHA256 of some content, in base64."""
    return base64.b64encode(hmac.digest(secret, content, hashlib.sha256)).decode()


def is_proven(secrets: Sequence[bytes], content: bytes, given: Sequence[str]) -> bool:
    """Tell whether any of these proofs was made with any of the secrets, in a time that says nothing of which."""
    made = [proof(secret, content).encode() for secret in secrets]
    told = [one.encode("utf-8", "replace") for one in given[:MOST_PROOFS]]
    return any([hmac.compare_digest(own, one) for own in made for one in told])  # noqa: C419 - all, in equal time


def is_word(secrets: Sequence[bytes], headers: Mapping[str, str]) -> bool:
    """Tell whether a call carries one of our secret words."""
    given = headers.get(WORD_HEADER, "").encode("utf-8", "replace")
    return any([hmac.compare_digest(secret, given) for secret in secrets])  # noqa: C419 - all, in equal time


def mark_of(secrets: Sequence[bytes]) -> str:
    """Return what tells one secret word from another and gives none away; "" without one."""
    return hashlib.sha256(b"fillrate hook\0" + secrets[0]).hexdigest()[:12] if secrets else ""


def is_in_time(stamp: str, now: datetime, tolerance: timedelta) -> bool:
    """Tell whether Unix seconds are near our own time."""
    return (
        stamp.isascii()
        and stamp.isdigit()
        and len(stamp) < 12
        and abs(int(stamp) - now.timestamp()) <= tolerance.total_seconds()
    )


def content_of(raw: bytes) -> dict[str, Any]:  # Any: JSON
    """Return the object that a genuine body holds; an empty one where it holds none, since sending it again helps nobody."""
    try:
        return decode(raw, OBJECT)
    except (Malformed, msgspec.ValidationError):
        return {}


def part_of(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:  # Any: JSON
    """Return an object within an object, an empty one where there is none."""
    found = content.get(name)
    return found if isinstance(found, dict) else {}


def id_of(value: Any) -> str:  # Any: JSON
    """Return an id that is a number, or a text that holds one; "" for all else."""
    told = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return told if told.isascii() and told.isdigit() and not told.startswith("0") and len(told) < LONGEST_ID else ""


def hints_of(stream: Stream, *values: Any) -> tuple[Hint, ...]:  # Any: JSON
    """Return a hint of each value that is an id."""
    return tuple(Hint(stream, one) for one in map(id_of, values) if one)


def by_folders(folders: Callable[[Any], tuple[Path, ...]]) -> Hooks:  # Any: a kind's own settings
    """Return the hooks of a kind that tells of changes by files put into these folders, and nothing by HTTP."""
    return Hooks(hear=refuse, is_ready=lambda _: False, folders=folders)


def refuse(settings: Any, headers: Mapping[str, str], raw: bytes, now: datetime) -> Heard:  # Any: as above
    """Raise ForgedHook: nothing comes by HTTP."""
    raise ForgedHook("This kind of channel sends no hooks.")


def key_of(text: str) -> str:
    """Return the name that a hook gives itself, "" where it is none that we keep."""
    return text if len(text) <= LONGEST_KEY and text.isascii() and text.isprintable() else ""
