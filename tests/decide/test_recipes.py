"""What kits come to, and which parts come back with one."""

from hypothesis import given
from hypothesis import strategies as st

from fillrate.decide.recipes import MOST, Parcel, come_back, taken_apart

names = st.sampled_from("ABCDxyz")
files = st.dictionaries(st.sampled_from("ABCD"), st.dictionaries(names, st.integers(1, 3), min_size=1, max_size=3))


@given(files)
def test_every_kit_comes_to_parts_that_are_none_or_is_refused(kits: dict[str, dict[str, int]]) -> None:
    flat, refused = taken_apart(kits)
    assert {*flat, *refused} == {*kits}
    assert not {*flat} & {*refused}
    for kit, parts in flat.items():
        inner = [flat.get(part, {part: 1}) for part in kits[kit]]
        assert parts == {
            part: sum(n * one.get(part, 0) for n, one in zip(kits[kit].values(), inner, strict=True)) for part in parts
        }
        assert not {*parts} & {*kits}


def test_a_kit_within_itself_is_refused_with_all_that_hold_it() -> None:
    kits = {"A": {"B": 1}, "B": {"A": 1}, "C": {"A": 1, "x": 1}, "D": {"x": 2}}
    assert taken_apart(kits) == ({"D": {"x": 2}}, {"A": "circle", "B": "circle", "C": "circle"})


def test_a_kit_that_holds_one_with_a_bad_row_is_refused_as_well() -> None:
    kits = {"A": {"x": 1}, "B": {"A": 1}, "C": {"x": 1}}
    assert taken_apart(kits, {"A"}) == ({"C": {"x": 1}}, {"A": "circle", "B": "circle"})


def test_a_long_chain_of_kits_neither_overflows_nor_comes_to_an_absurd_number() -> None:
    chain = {str(n): {str(n + 1): 2} for n in range(5000)}
    flat, refused = taken_apart(chain)
    assert flat["4999"] == {"5000": 2}
    assert refused["0"] == "many"
    assert max(max(parts.values()) for parts in flat.values()) <= MOST


def test_what_left_last_comes_back_first_by_the_recipe_of_its_day() -> None:
    parcels = [Parcel(2, {1: 1, 2: 3}), Parcel(-1, {}), Parcel(1, {3: 5})]
    assert come_back(parcels, 1) == {3: 5}
    assert come_back(parcels, 2) == {3: 5, 1: 1, 2: 3}


def test_what_never_left_with_us_does_not_come_back() -> None:
    assert come_back([Parcel(1, {})], 3) == {}
