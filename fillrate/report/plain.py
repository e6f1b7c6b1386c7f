"""Make text from outside harmless for a terminal: no control, bidi or invisible characters."""

import unicodedata

HARMFUL = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}


def safe(text: str, *, keep_lines: bool = False) -> str:
    """Return the text with a mark in place of each character that a terminal or a browser might obey."""
    kept = {"\n"} if keep_lines else set()
    return "".join(one if one in kept or unicodedata.category(one) not in HARMFUL else "\ufffd" for one in text)
