"""What Amazon says is wrong, in words for people."""

from typing import NamedTuple

import msgspec

from fillrate.channels.fields import text

MOST = 3


class Issue(msgspec.Struct, gc=False):
    """One thing that is wrong with a listing, or with a question; what has no severity is an error."""

    code: str = ""
    message: str = ""
    severity: str = "ERROR"


class Problems(NamedTuple):
    """All that is wrong."""

    issues: list[Issue]

    def errors(self) -> list[Issue]:
        """Return what keeps the change from being made."""
        return [one for one in self.issues if one.severity == "ERROR"]


def in_words(problems: Problems, status: str) -> str:
    """Return the reasons in one sentence."""
    told = list(dict.fromkeys(text(one.message or one.code, 200).rstrip(".") for one in problems.errors()))
    reasons = "; ".join(one for one in told[:MOST] if one)
    return f"Amazon refused it {status}: {reasons}." if reasons else f"Amazon refused it {status}."
