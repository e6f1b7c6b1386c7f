"""Frames have the columns and types that they are declared to have."""

import pandas as pd
import pytest

from fillrate.decide.frames import ON_HAND, conform, rows_of


def test_a_frame_is_cut_to_its_columns_and_types() -> None:
    frame = conform(pd.DataFrame({"on_hand": [True], "location_id": [2], "item_id": [1], "more": ["x"]}), ON_HAND)

    assert dict(frame.dtypes.astype(str)) == ON_HAND


def test_a_missing_column_is_named() -> None:
    with pytest.raises(KeyError, match="a frame lacks location_id, on_hand; it has item_id, place"):
        conform(pd.DataFrame(columns=["item_id", "place"]), ON_HAND)


def test_a_column_of_another_kind_is_named() -> None:
    with pytest.raises(TypeError, match="a frame has item_id Int64: "):
        conform(pd.DataFrame({"item_id": pd.array([None], "Int64"), "location_id": [1], "on_hand": [1]}), ON_HAND)


def test_rows_come_out_as_plain_values() -> None:
    [row] = rows_of(pd.DataFrame({"n": [1.0], "s": ["x"], "b": [True]}))

    assert row == {"n": 1, "s": "x", "b": True}
    assert [type(value) for value in row.values()] == [int, str, bool]
