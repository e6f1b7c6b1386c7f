"""What a spoiled field may honestly become in a table: itself, cleaned, counted in 1/10,000, or read as a time; nothing else."""

import json
import math
import unicodedata
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from tests.malice.mutations import Case

LONGEST = (50, 100, 255, 1_000)  # characters that texts are cut to


def meant(content: bytes) -> Any:
    """Return what a spoiled field says, read as generously as anybody could."""
    return json.loads(content.decode("utf-8", "replace"), parse_constant=str)


def clean(text: str) -> str:
    """Return a text as a person may see it."""
    text = "".join(" " if one in "\t\n\r\v\f\u2028\u2029" else one for one in text)
    text = "".join("\ufffd" if unicodedata.category(one) == "Cs" else one for one in text)
    steering = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
    return "".join(one for one in text if unicodedata.category(one) != "Cc" and one not in steering).strip()


def is_told(case: Case, value: str) -> bool:
    """Tell whether a column holds what the spoiled field says."""
    said = None if case.content is None else meant(case.content)
    return isinstance(said, list | dict) or value in readings(said)


def readings(said: Any) -> set[str]:
    """Return every text that a column may show for it."""
    if said is None or said in ("", 0):
        return {"", "None", "0", "False"}
    shown = clean(str(said))
    found = {str(said), shown.lower(), shown.upper(), *(shown[:longest] for longest in LONGEST)}
    try:
        amount = Decimal(str(said))
    except InvalidOperation:
        amount = Decimal("NaN")
    if amount.is_finite() and (not isinstance(said, float) or math.isfinite(said)):
        found.add(str(int((amount * 10_000).to_integral_value())))
    try:
        moment = datetime.fromisoformat(str(said)).astimezone(UTC)
        found |= {moment.isoformat(timespec="microseconds"), str(moment)}
    except (ValueError, OverflowError):
        pass
    return found
