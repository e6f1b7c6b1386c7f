"""How WooCommerce writes moments (in the shop's time and in UTC, both without an offset) and reads those of filters."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sandbox.woocommerce.errors import invalid

SHAPE = re.compile(r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:\.\d+)?([Zz]|[+-]\d{2}(?::?\d{2})?)?")


def naive(moment: int, zone: ZoneInfo | None = None) -> str:
    """A moment in the time of a zone, or in UTC."""
    return datetime.fromtimestamp(moment, zone or UTC).strftime("%Y-%m-%dT%H:%M:%S")


def both(name: str, moment: int, zone: ZoneInfo) -> dict[str, str | None]:
    """A moment under its name and under the one with `_gmt`; 0 stands for never."""
    if not moment:
        return {name: None, f"{name}_gmt": None}
    return {name: naive(moment, zone), f"{name}_gmt": naive(moment)}


def bound(name: str, text: str, zone: ZoneInfo, *, are_gmt: bool) -> Callable[[int], tuple[str, str]]:
    """What a date filter compares: gives for a moment (what the shop has, what was asked), both as text.

    A value with an offset is first moved to the shop's time; with `dates_are_gmt` it is then compared, as it stands, with
    UTC all the same. Raises Refusal for what is no date.
    """
    found = SHAPE.fullmatch(text)
    if found is None:
        raise invalid(name, "Invalid date.", "rest_invalid_date")
    try:
        asked = datetime.fromisoformat(f"{found[1]}T{found[2]}")
        if found[3]:
            offset = "+00:00" if found[3] in {"Z", "z"} else found[3]
            asked = datetime.fromisoformat(f"{found[1]}T{found[2]}{offset}").astimezone(zone).replace(tzinfo=None)
    except (ValueError, OverflowError) as error:
        raise invalid(name, "Invalid date.", "rest_invalid_date") from error
    wanted = asked.strftime("%Y-%m-%dT%H:%M:%S")
    return lambda moment: (naive(moment, None if are_gmt else zone), wanted)
