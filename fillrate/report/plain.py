"""Make text from outside harmless for a terminal: no control, bidi or invisible characters."""


def safe(text: str, *, keep_lines: bool = False) -> str:
    """Return the text on one line, with a mark in place of each character that a terminal or a browser might obey."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() or (keep_lines and one == "\n") else mark(one) for one in text)


def mark(character: str) -> str:
    """Return what stands for a character that does not print: a blank for any white space."""
    return " " if character.isspace() else "\ufffd"
