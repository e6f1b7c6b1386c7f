"""What was taken over from another app, as an artifact and as sentences."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fillrate.report.markdown import escape, table

Details = Mapping[str, Sequence[Mapping[str, Any]]]  # Any: JSON; bad_rows, shelves, owed
SHELF = ("channel", "SKU", "location", "lies there", "who says so", "sold", "why")
SHOWN = 200


def adopted_artifact(title: str, details: Details) -> str:
    """Return what is owed before and after, what is known of the shelves to be taken over, and the bad rows."""
    parts = [f"## {escape(title)}"]
    owed, shelves, bad = (details.get(name, ()) for name in ("owed", "shelves", "bad_rows"))
    if owed:
        parts.append(f"### Owed\n{escape(owed_sentence(owed))}")
        rows = [(one["sku"], one["before"], one["after"]) for one in worst_first(owed)[:SHOWN]]
        parts.append(table(("SKU", "owed before", "owed after"), rows))
    if shelves:
        parts.append("### To be taken over\nWhat nobody counted begins at 0: the shop shows it as sold out.")
        parts.append(table(SHELF, [shelf_row(one) for one in shelves[:SHOWN]]))
    elif not owed:
        parts.append("No other app has left anything behind.")
    if bad:
        parts.append("### Rows that cannot be used\nMend them and run this again with the file.")
        parts.append(table(("row", "why"), [(one["row"], one["reason"]) for one in bad]))
    return "\n\n".join(parts)


def adopted_lines(details: Details) -> Iterator[str]:
    """Yield what a run found and compared, for people."""
    owed = details.get("owed", ())
    if owed:
        yield owed_sentence(owed)
    uncounted = [one["sku"] for one in details.get("shelves", ()) if not one["is_counted"]]
    if uncounted:
        yield f"Nobody has counted {len(uncounted)} of the shelves, such as {uncounted[0]}. See the plan for what that means."
    for one in details.get("bad_rows", ()):
        yield f"Row {one['row']} cannot be used: {one['reason']}"


def owed_sentence(owed: Sequence[Mapping[str, Any]]) -> str:
    """Return in a sentence whether as much is owed after as before."""
    before, after = (sum(one[name] for one in owed) for name in ("before", "after"))
    differ = sum(one["before"] != one["after"] for one in owed)
    if not differ:
        return f"Owed before: {before}. Owed after: {after}. All {len(owed)} SKUs are equal."
    return f"Owed before: {before}. Owed after: {after}. {differ} of {len(owed)} SKUs DIFFER; see the problems."


def worst_first(owed: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return what differs before what is equal."""
    return sorted(owed, key=lambda one: (one["before"] == one["after"], one["sku"]))


def shelf_row(one: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return a shelf under SHELF."""
    who = "counted" if one["is_counted"] else "its number" if one["seen"] is not None else "nobody"
    return one["channel"], one["sku"], one["location"], one["on_hand"], who, one["sold"], one["why"]
