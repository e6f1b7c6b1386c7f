"""What a change would do, in words."""

from typing import Any

import pytest

from fillrate.report.changes import from_to


def note(*lines: tuple[str, int]) -> dict[str, Any]:
    return {"version": 1, "backordered": [{"sku": sku, "quantity": n, "line": "1", "reason": "x"} for sku, n in lines]}


@pytest.mark.parametrize(
    ("kind", "before", "after", "said"),
    [
        ("count", None, 35, "never read → 35"),
        ("count", 35, -2, "35 → -2"),
        ("metafield", None, note(("CUP", 2), ("CUP", 1), ("", 1)), "no note → 3 × CUP waits, 1 × no SKU waits"),
        ("metafield", note(("CUP", 2)), None, "2 × CUP waits → no note"),
        ("metafield", "<b>text</b>", None, "a note of somebody else's → no note"),
        ("metafield", {"backordered": [7]}, None, "a note of somebody else's → no note"),
        ("metafield", {"backordered": [{"sku": "CUP", "quantity": "two"}]}, 3,
         "a note of somebody else's → a note of somebody else's"),
        ("metafield", note(*((sku, 1) for sku in "ABCDEFG")), None,
         "1 × A waits, 1 × B waits, 1 × C waits, 1 × D waits, 1 × E waits, … and 2 more → no note"),
        ("tracking", "none", "product", "not tracked → tracked as a whole"),
        ("stock_number", {"number": -4, "beyond": 0}, {"number": 0, "beyond": 4}, "-4 → 0, and 4 backordered"),
        ("stock_number", {"number": 0, "beyond": None}, {"number": 3, "beyond": None}, "0 → 3"),
        ("shelf_limit", 0, 4, "at most 0 backordered → at most 4 backordered"),
    ],
)  # fmt: skip
def test_a_change_is_told_from_what_to_what(kind: str, before: Any, after: Any, said: str) -> None:
    assert from_to(kind, before, after) == said
