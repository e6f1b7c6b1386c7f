"""Random histories of files: read one by one, all at once, twice, cut off, or late and out of order, they end the same."""

import os
import random
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.simulation.crash import Crash, CrashAt
from tests.simulation.world import fresh
from tests.steps.purchasing import BEGAN, Merchant

HEAD = "reference,line,sku,quantity,received,cancelled,expected,status,supplier"
COLUMNS = (
    "sku", "item_id", "location_id", "qty_ordered", "qty_received", "qty_cancelled", "status", "expected_at", "closed_at",
    "supplier_id", "told_at", "told_by",
)  # fmt: skip
Paper = tuple[str, str, float]  # name, content, written at
SHORT, LONG = 2, 30


def papers(chance: random.Random) -> list[Paper]:
    """Some files, each of some lines, in the order in which they were written; names come again."""
    written, found = BEGAN.timestamp(), []
    for _ in range(chance.randint(2, 7)):
        written += chance.choice([0, 60, 3600])
        rows = [row(chance) for _ in range(chance.randint(1, 5))]
        found.append((f"{chance.choice('abcde')}.csv", "\n".join([HEAD, *rows]), written))
    return sorted(
        {(written, name): (name, content, written) for name, content, written in found}.values(),
        key=lambda one: one[::-2],
    )


def row(chance: random.Random) -> str:
    quantity = chance.randint(0, 9)
    cells = [
        chance.choice(["PO1", "PO2"]), chance.choice("12"), chance.choice("ABCD"), quantity, chance.randint(0, 10),
        chance.choice([0, 0, quantity]), chance.choice(["", "2026-04-01", "2026-04-20"]),
        chance.choice(["", "", "open", "closed", "cancelled"]), chance.choice(["X", ""]),
    ]  # fmt: skip
    return ",".join(map(str, cells))


def put(merchant: Merchant, paper: Paper) -> None:
    name, content, written = paper
    path = merchant.inbox / name
    path.write_text(content)
    os.utime(path, times=(written, written))


Way = Callable[[Merchant, Sequence[Paper]], None]


def one_by_one(merchant: Merchant, files: Sequence[Paper]) -> None:
    for paper in files:
        put(merchant, paper)
        merchant.sync()


def twice(merchant: Merchant, files: Sequence[Paper]) -> None:
    for paper in files:
        put(merchant, paper)
        merchant.sync()
        merchant.do("DELETE FROM import_file")
        merchant.sync()


def late(merchant: Merchant, files: Sequence[Paper]) -> None:
    """The files arrive in another order than they were written in, each under its own folder's eyes alone."""
    for paper in random.Random(len(files)).sample(files, len(files)):
        put(merchant, paper)
        merchant.sync()
        (merchant.inbox / paper[0]).unlink()


def cut_off(merchant: Merchant, files: Sequence[Paper]) -> None:
    for paper in files:
        put(merchant, paper)
        with suppress(Crash):
            merchant.sync(faults=CrashAt("supply.file", "before", 1))
        merchant.do("UPDATE lease SET holder = '', until = NULL")
        merchant.sync()


def ended(way: Way, files: Sequence[Paper], url: str, folder: Path) -> dict[str, Any]:
    """The lines at the end, what became of them, and whether the events add up to the lines."""
    folder.mkdir()
    with closing(Merchant.begin(url, folder)) as merchant:
        merchant.clock.time = BEGAN.replace(month=6)
        way(merchant, files)
        return {
            "lines": merchant.lines(*COLUMNS),
            "events": [merchant.events(reference) for reference in ("PO1", "PO2")],
            "odd": [one["first"] for one in merchant.audited() if one["violations"]],
        }


@pytest.mark.parametrize("seed", [n if n < SHORT else pytest.param(n, marks=pytest.mark.slow) for n in range(LONG)])
def test_files_end_the_same_however_they_are_read(seed: int, sqlite_template: Path, tmp_path: Path) -> None:
    files = papers(random.Random(seed))
    ways = (one_by_one, twice, cut_off, late)
    ends = {
        way.__name__: ended(way, files, fresh(tmp_path, sqlite_template, way.__name__), tmp_path / way.__name__)
        for way in ways
    }
    expected = ends["one_by_one"]

    assert [one["odd"] for one in ends.values()] == [[]] * len(ways)
    assert ends["twice"] == ends["cut_off"] == expected
    assert without_numbers(ends["late"]["lines"]) == without_numbers(expected["lines"])


def without_numbers(lines: dict[tuple[str, str], Any]) -> dict[tuple[str, str], Any]:
    """The lines without the key of their supplier, which is given in the order of reading."""
    at = COLUMNS.index("supplier_id")
    return {name: (*values[:at], values[at] is not None, *values[at + 1 :]) for name, values in lines.items()}


@pytest.mark.postgres
@pytest.mark.parametrize("seed", [SHORT, *(pytest.param(n, marks=pytest.mark.slow) for n in range(20))])
def test_both_engines_end_the_same(seed: int, sqlite_url: str, postgres_url: str, tmp_path: Path) -> None:
    files = papers(random.Random(seed))

    assert ended(one_by_one, files, sqlite_url, tmp_path / "a") == ended(
        one_by_one, files, postgres_url, tmp_path / "b"
    )
