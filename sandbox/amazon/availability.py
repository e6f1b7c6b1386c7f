"""The attribute `fulfillment_availability` of a listing: one entry a channel, and what each patch operation does to it.

An entry is `{"fulfillment_channel_code", "quantity", "lead_time_to_ship_max_days", "restock_date"}`, the last three
where they are known. The channel code is the selector: `replace` and `add` put a whole entry in the place of the one of
that channel (what is not sent is gone), `merge` changes the fields that are sent, `delete` takes the entry out.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

DEFAULT = "DEFAULT"
NAME = "fulfillment_availability"
PATH = f"/attributes/{NAME}"
OPERATIONS = ("add", "replace", "merge", "delete")
SELECTOR = "fulfillment_channel_code"
FIELDS = frozenset({SELECTOR, "quantity", "lead_time_to_ship_max_days", "restock_date", "is_inventory_available"})
MOST, LONGEST_LEAD = 999_999_999, 30
DAY = re.compile(r"\d{4}-\d{2}-\d{2}(T.*)?")

Entry = dict[str, Any]
Issue = dict[str, Any]


def issue(code: str, message: str, *names: str, category: str = "INVALID_ATTRIBUTE") -> Issue:
    """An issue that stops a submission."""
    return {
        "code": code,
        "message": message,
        "severity": "ERROR",
        "attributeNames": list(names),
        "categories": [category],
    }


def _whole(value: Any, most: int) -> bool:
    return type(value) is int and 0 <= value <= most


def _day(value: Any) -> bool:
    try:
        return isinstance(value, str) and DAY.fullmatch(value) is not None and bool(date.fromisoformat(value[:10]))
    except ValueError:
        return False


def entry_issues(entry: Any, channels: Sequence[str]) -> list[Issue]:
    """What is wrong with one entry of the attribute."""
    if not isinstance(entry, Mapping):
        return [issue("90000900", "The value of the attribute is not an object.", NAME)]
    if entry.get(SELECTOR) not in channels:
        if SELECTOR not in entry:
            text = f"'{NAME}.{SELECTOR}' is required but not supplied."
            return [issue("90220", text, NAME, category="MISSING_ATTRIBUTE")]
        return [issue("90244", f"'{entry[SELECTOR]}' is not a value of '{NAME}.{SELECTOR}'.", NAME)]
    found = []
    if "quantity" in entry and not _whole(entry["quantity"], MOST):
        found.append(issue("90244", f"The field 'quantity' must be a whole number from 0 to {MOST}.", NAME))
    lead = "lead_time_to_ship_max_days"
    if lead in entry and not _whole(entry[lead], LONGEST_LEAD):
        found.append(issue("90244", f"The field '{lead}' must be a whole number from 0 to {LONGEST_LEAD}.", NAME))
    if "restock_date" in entry and not _day(entry["restock_date"]):
        found.append(issue("90244", "The field 'restock_date' must be a date.", NAME))
    strange = sorted(set(entry) - FIELDS - {"marketplace_id"})
    return [*found, *(issue("90000900", f"The attribute '{NAME}.{name}' is not known.", NAME) for name in strange)]


def patch_issues(patch: Any, channels: Sequence[str]) -> list[Issue]:
    """What is wrong with one patch of a submission; nobody but the owner of the attribute may be patched here."""
    if patch["path"] != PATH:
        name = str(patch["path"]).rpartition("/")[2]
        return [issue("90000900", f"The attribute '{name}' cannot be changed in this shop.", name)]
    values = patch.get("value")
    if patch["op"] != "delete" and not values:
        return [issue("90220", f"'{NAME}' has no value.", NAME, category="MISSING_ATTRIBUTE")]
    return [found for entry in values or [] for found in entry_issues(entry, channels)]


def patched(entries: Sequence[Entry], patch: Mapping[str, Any]) -> list[Entry]:
    """The entries after one patch that has no issues; the entries themselves stay as they are."""
    found = {entry[SELECTOR]: dict(entry) for entry in entries}
    values = patch.get("value")
    if patch["op"] == "delete":
        gone = set(found) if values is None else {value[SELECTOR] for value in values}
        return [entry for channel, entry in found.items() if channel not in gone]
    for value in values or []:
        channel = value[SELECTOR]
        kept = found.get(channel, {}) if patch["op"] == "merge" else {}
        found[channel] = {**kept, **{name: value[name] for name in sorted(FIELDS & set(value))}}
    return list(found.values())
