"""A feed that holds kits: the newest file is the whole truth, read once, by the rules of every feed."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from fillrate.settings import InboundSettings
from fillrate.steps.kits.sync import import_kits
from fillrate.steps.runs import RunLog
from tests.steps.purchasing import Merchant, add_item

HEAD = "kit_sku,part_sku,quantity"
KITS = "SELECT k.sku, p.sku, per FROM kit_part JOIN item k ON k.id = kit_id JOIN item p ON p.id = part_id ORDER BY 1, 2"


@pytest.fixture
def merchant(sqlite_url: str, tmp_path: Path) -> Iterator[Merchant]:
    with closing(Merchant.begin(sqlite_url, tmp_path)) as made:
        made.feeds = (InboundSettings(name="recipes", path=str(made.inbox), holds="kits"),)
        yield made


def told(merchant: Merchant, *rows: str, name: str = "kits.csv") -> RunLog:
    return merchant.tell(*rows, header=HEAD, name=name)


def test_a_file_in_the_folder_makes_the_kits_and_is_read_once(merchant: Merchant) -> None:
    first, again = told(merchant, "C,A,1", "C,B,2"), merchant.sync()

    assert merchant.ask(KITS) == [("C", "A", 1), ("C", "B", 2)]
    assert (first.counts["kits_new"], first.counts["files_read"]) == (1, 1)
    assert not [name for name in again.counts if name.startswith(("kits", "files"))]
    assert merchant.lines("sku") == {}


def test_the_newest_file_is_the_whole_truth_whatever_older_ones_say(merchant: Merchant) -> None:
    told(merchant, "C,A,1", name="z-old.csv")
    told(merchant, "B,A,3", name="a-new.csv")
    assert merchant.ask(KITS) == [("B", "A", 3)]

    (merchant.inbox / "a-new.csv").unlink()
    merchant.sync()
    assert merchant.ask(KITS) == [("B", "A", 3)], "an older file is not the truth again when a newer one is taken away"
    (merchant.inbox / "z-old.csv").unlink()
    merchant.sync()
    assert merchant.ask(KITS) == [("B", "A", 3)]


def test_half_a_file_of_many_kits_ends_none_unless_a_person_names_it(merchant: Merchant) -> None:
    with merchant.desk() as desk, desk.db.write("catalogue") as tx:
        for number in range(12):
            add_item(tx, f"BOX{number}")
    rows = [f"BOX{number},A,1" for number in range(12)]
    told(merchant, *rows)
    path = merchant.file("\n".join((HEAD, *rows[:5])), "kits.csv")
    first, again = merchant.sync(), merchant.sync()
    kits = len(merchant.ask(KITS))
    with merchant.desk() as desk:
        import_kits(desk, RunLog("by-hand", "import-kits", "all"), path)

    assert kits == 12
    assert first.counts["files_refused"] == again.counts["files_refused"] == 1
    assert "It leaves out 7 of the 12 kits known here" in again.problems[0].what
    assert (len(merchant.ask(KITS)), merchant.sync().problems) == (5, [])
    assert told(merchant, *rows[:2]).problems == [], "a few may always end"


def test_bad_rows_are_kept_with_their_reason_and_read_again_until_they_are_mended(merchant: Merchant) -> None:
    told(merchant, "C,A,1", "NO-SUCH,A,1", "B,A,none")
    log = merchant.sync()

    bad = merchant.ask("SELECT source, row FROM rejected_row ORDER BY row")
    assert (bad, log.counts["kits_rejected"]) == ([("recipes", 3), ("recipes", 4)], 2)
    assert merchant.ask(KITS) == [("C", "A", 1)]

    told(merchant, "C,A,1")
    assert merchant.ask("SELECT * FROM rejected_row") == []


def test_what_is_no_file_of_kits_is_refused_and_the_kits_stay(merchant: Merchant) -> None:
    told(merchant, "C,A,1")
    log = merchant.tell("PO1,1,A,100,0,2026-04-01")

    assert [one.what for one in log.problems] == [
        "It was refused. Its first row does not name the column(s) kit_sku, part_sku, divided by , or ; or tabs."
    ]
    assert merchant.ask(KITS) == [("C", "A", 1)]


def test_a_dry_run_reads_and_keeps_nothing(merchant: Merchant) -> None:
    merchant.file(f"{HEAD}\nC,A,1\n")
    log = merchant.sync(dry=True)

    assert log.counts["kits_new"] == 1
    assert (merchant.ask(KITS), merchant.ask("SELECT * FROM import_file")) == ([], [])


def test_a_file_of_the_feed_that_a_person_takes_in_is_not_read_again(merchant: Merchant) -> None:
    path = merchant.file(f"{HEAD}\nC,A,1\n")
    with merchant.desk() as desk:
        import_kits(desk, RunLog("by-hand", "import-kits", "all"), path)
    log = merchant.sync()

    assert merchant.ask("SELECT source, name FROM import_file") == [("recipes", "po.csv")]
    assert log.counts["files_read"] == 0
