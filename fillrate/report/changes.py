"""What one change would do, in words: from what to what."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from fillrate.report.texts import text

MOST_PARTS = 5


def from_to(kind: str, before: Any, after: Any) -> str:  # Any: JSON of a change
    """Return both values of a change in a few words."""
    if kind == "mail":
        return mail_in_words(after)
    words = WORDS.get(kind, number_in_words)
    return text("say", "from_to", before=words(before), after=words(after))


def hold_in_words(value: str) -> str:
    """Return how an order or a line is held."""
    return text("hold", value or "none")


def or_else(key: str) -> Callable[[Any], str]:  # Any: JSON
    """Return what says a value, or this text where there is none."""
    return lambda value: text("say", key) if value is None else str(value)


def number_in_words(value: Any) -> str:  # Any: a whole number, or None
    """Return a count; what was never read has none."""
    return text("say", "never_read") if value is None else str(value)


def note_in_words(value: Any) -> str:  # Any: the note's JSON, None, or what another app made of it
    """Return what a note says of backordered units."""
    if value is None:
        return text("say", "no_note")
    lines = value.get("backordered") if isinstance(value, dict) else None
    if not isinstance(lines, list) or not all(isinstance(line, dict) for line in lines):
        return text("say", "other_note")
    units: Counter[str] = Counter()
    for line in lines:
        quantity = line.get("quantity")
        if not isinstance(quantity, int):
            return text("say", "other_note")
        units[str(line.get("sku") or text("say", "no_sku"))] += quantity
    parts = [text("say", "note_part", n=n, sku=sku) for sku, n in list(units.items())[:MOST_PARTS]]
    more = len(units) - len(parts)
    return ", ".join([*parts, text("say", "more", n=more)] if more else parts)


def mail_in_words(value: Any) -> str:  # Any: the mail's JSON
    """Return what a mail says: its kind, and of which goods and day."""
    parts = [mail_part(line) for line in value["lines"][:MOST_PARTS]]
    more = len(value["lines"]) - len(parts)
    parts += [text("say", "more", n=more)] if more else []
    return text("say", "mail", kind=text("mail", value["message"]), lines=", ".join(parts))


def mail_part(line: Any) -> str:  # Any: a line of the mail's JSON
    """Return what a mail says of one line."""
    part = text("say", "mail_part", n=line["quantity"], sku=line["sku"] or text("say", "no_sku"))
    days = [day for day in (line["earlier"], line["ship_by"]) if day]
    return " ".join([part, text("say", "mail_days", days=" → ".join(days))] if days else [part])


def stock_in_words(value: Any) -> str:  # Any: a shelf's numbers in the shop
    """Return a shelf's number, with what the shop counts as sold beyond it."""
    beyond = value["beyond"]
    return text("say", "number_beyond", n=value["number"], beyond=beyond) if beyond else str(value["number"])


def hook_in_words(value: Any) -> str:  # Any: what a hook holds, or None
    """Return whether a shop tells of something."""
    if value is None or not value["active"]:
        return text("say", "no_hook" if value is None else "dead_hook")
    return text("say", "other_hook" if value["mark"] == "another" else "hook")


WORDS: dict[str, Callable[[Any], str]] = {
    "metafield": note_in_words,
    "order_status": lambda status: text("say", "in_status", status=status),
    "product_page": lambda page: or_else("no_text")(page["availability_description"] or None),
    "purchasing": lambda is_off: text("say", "not_for_sale" if is_off else "for_sale"),
    "staff_note": or_else("no_note"),
    "hold": hold_in_words,
    "priority": or_else("by_policy"),
    "promise": or_else("no_promise"),
    "do_not_cancel": lambda value: text("do_not_cancel", "yes" if value else "no"),
    "cancelled": lambda n: text("say", "given_up", n=n),
    "received": lambda n: text("say", "come", n=n),
    "tracking": lambda value: text("tracking", value),
    "stock_number": stock_in_words,
    "hook": hook_in_words,
    "drift": lambda value: text("drift_word", value),
    "shelf_limit": lambda n: text("say", "sells_beyond", n=n),
}
