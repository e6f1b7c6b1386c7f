"""A guard against mass changes: too much of a catalogue never vanishes by itself."""

FEW = 5  # so many may vanish whatever share of a small shop they are


def vanishing(what: str, missing: int, known: int, share: float) -> str:
    """Return why a sweep that missed `missing` of `known` counts for nothing, or "" where it counts."""
    if (missing <= FEW and missing < known) or missing <= known * share:
        return ""
    return (
        f"The shop tells of {known - missing} of the {known} {what} known here; {missing} would be gone. "
        "That is too much at once to be believed."
    )


def unnamed(what: str, missing: int, is_nameless: bool) -> str:
    """Return why a sweep counts for nothing that met a record without a readable id and missed any, or "" where it counts."""
    if not (missing and is_nameless):
        return ""
    return f"The shop sent {what} that do not tell which they are; {missing} are missing and may be among them."


def emptying(emptied: int, held: int, share: float) -> str:
    """Return why a reading that shows nothing on `emptied` of `held` shelves is not believed, or "" where it is."""
    if emptied <= FEW or emptied <= held * share:
        return ""
    return (
        f"The shop shows nothing for {emptied} of the {held} shelves that hold stock here. "
        "That is too much at once to be believed; no number was changed."
    )
