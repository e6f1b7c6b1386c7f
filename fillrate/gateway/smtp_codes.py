"""What the answers of a mail server mean (RFC 5321, RFC 3463)."""

import re
from dataclasses import dataclass

ENHANCED = re.compile(rb"([245])\.(\d{1,3})\.(\d{1,3})\b")
ABOUT_THE_ADDRESS = frozenset({(1, 0), (1, 1), (1, 2), (1, 3), (1, 4), (1, 6), (1, 10), (2, 0), (2, 1), (2, 2)})
USUAL_FOR_ADDRESSES = frozenset({550, 551, 553})


@dataclass(frozen=True, slots=True)
class Code:
    """A reply's number, and its enhanced status where it has one; the words are left out."""

    number: int
    enhanced: tuple[int, int, int] | None = None

    @staticmethod
    def of(reply: tuple[int, bytes | str]) -> "Code":
        """Read a reply of smtplib; what is none has the number 0."""
        number, words = reply
        text = words if isinstance(words, bytes) else words.encode("utf-8", "replace")
        found = ENHANCED.match(text)
        one = (int(found[1]), int(found[2]), int(found[3])) if found else None
        return Code(number if 200 <= number < 600 else 0, one)

    @staticmethod
    def none() -> "Code":
        """No reply."""
        return Code(0)

    def __str__(self) -> str:
        return " ".join(
            [str(self.number or "no answer")] + ([".".join(map(str, self.enhanced))] if self.enhanced else [])
        )

    @property
    def is_yes(self) -> bool:
        """2xx."""
        return 200 <= self.number < 300

    @property
    def is_later(self) -> bool:
        """4xx: nothing happened, and it may be asked again."""
        return 400 <= self.number < 500

    @property
    def is_no(self) -> bool:
        """5xx: nothing happened, and asking again would not help."""
        return self.number >= 500

    @property
    def is_too_large(self) -> bool:
        """The mail is larger than the server takes."""
        return self.number == 552

    @property
    def is_login_missing(self) -> bool:
        """The server wants to know who we are first."""
        return self.number == 530

    @property
    def blames_the_address(self) -> bool:
        """A refused recipient: it is this address that is wrong, not our right to send."""
        if self.enhanced:
            return self.enhanced[1:] in ABOUT_THE_ADDRESS
        return self.number in USUAL_FOR_ADDRESSES
