"""`fillrate picks`: the lists on the terminal, in files, and taken back."""

import csv
from pathlib import Path

import pytest

from fillrate.bootstrap import open_desk
from fillrate.steps.picking.release import release_backlog
from fillrate.steps.runs import RunLog, recorded
from tests.cli.conftest import Here
from tests.cli.merchant import Merchant


@pytest.fixture
def released(merchant: Merchant) -> Merchant:
    """A merchant whose warehouse may do nine units a day."""
    limit = '\n[[location]]\nchannel = "main"\ncode = "BC-LOCATION-1"\ncapacity_units = 9\n'
    merchant.settings((merchant.folder / "fillrate.toml").read_text() + limit)
    with open_desk(file=merchant.folder / "fillrate.toml") as desk:
        with recorded(desk, RunLog("now", "release-backlog", "all")) as log:
            release_backlog(desk, log, None)
    assert log.counts["units_released"] == 9
    return merchant


def test_lists_are_shown_with_what_is_to_do(here: Here, released: Merchant) -> None:
    listed, one = here(released, "picks"), here(released, "picks", "1")
    plain = here(released, "picks", "1", "--json").json

    assert listed.out.splitlines()[1].split()[:4] == ["1", "Default", "location", "open"]
    assert one.out.startswith("Pick list 1 at Default location: open, 9 of 9 units to do\n")
    assert sum(line["quantity"] for line in plain["lines"]) == plain["units"] == 9
    [row] = here(released, "picks", "--json").json["pick_lists"]
    assert (row["id"], row["location"], row["location_name"]) == (1, "BC-LOCATION-1", "Default location")


def test_lists_are_written_for_a_spreadsheet_and_for_the_printer(
    here: Here, released: Merchant, tmp_path: Path
) -> None:
    table, page = tmp_path / "picks.csv", tmp_path / "picks.html"

    assert here(released, "picks", "--csv", str(table), "--html", str(page)).code == 0

    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sum(int(row["quantity"]) for row in rows) == 9
    assert page.read_text().count('<td class="box"><span></span></td>') == len(rows)


def test_a_list_is_taken_back_once_and_what_is_none_is_refused(here: Here, released: Merchant) -> None:
    assert here(released, "picks", "undo", "1").out == "Pick list 1 is taken back; its units are ready again.\n"
    assert here(released, "picks", "undo", "1").code == 0
    for wrong in (("undo",), ("undo", "x"), ("1", "2"), ("٣",), ("9" * 30,), ("undo", "7")):
        assert here(released, "picks", *wrong).code == 2
    assert "There is no pick list 7." in here(released, "picks", "7").err


def test_status_says_when_the_work_is_done(here: Here, released: Merchant) -> None:
    assert "13 units wait to be picked or packed." in here(released, "status").out
    assert here(released, "status", "--json").json["doubtful_shelves"] == []
