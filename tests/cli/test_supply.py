"""`fillrate import inbound`, `fillrate run sync-inbound`, and what `fillrate status` says of goods on their way."""

import os
import time
from pathlib import Path

from fillrate.bootstrap import open_desk
from fillrate.steps.runs import RunLog, recorded
from fillrate.steps.supply.sync import sync_inbound
from tests.cli.conftest import Here
from tests.cli.merchant import Merchant

HEAD = "reference,sku,quantity,received,ordered,expected,received_on,supplier"
ROWS = (
    "PO-1,BAG-00012-NVY,40,0,2020-01-02,2020-02-03,,ACME",
    "PO-2,BAG-00012-WHT,10,10,2020-01-02,2020-01-20,2020-01-25,ACME",
    "PO-3,BAG-00012-BLU,5,0,,,,Other",
)


def written(merchant: Merchant, *rows: str, name: str = "po.csv") -> Path:
    path = merchant.folder / "in" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join((HEAD, *rows)) + "\n")
    long_ago = time.time() - 3600
    os.utime(path, (long_ago, long_ago))
    return path


def with_a_feed(merchant: Merchant) -> None:
    merchant.settings((merchant.folder / "fillrate.toml").read_text() + '\n[[inbound]]\nname = "erp"\npath = "in"\n')


def test_a_dry_run_tells_what_an_import_would_do_and_the_import_does_it(merchant: Merchant, here: Here) -> None:
    path = str(written(merchant, *ROWS, "PO-4,BAG-00012-BLK,many,,,,,"))

    dry = here(merchant, "import", "inbound", path, "--dry-run", "--json")
    assert merchant.sql("SELECT count(*) FROM inbound") == [(0,)]
    real = here(merchant, "import", "inbound", path, "--json")

    assert (dry.code, real.code) == (4, 4)
    assert (
        dry.json["bad_rows"] == real.json["bad_rows"] == [{"row": 5, "reason": "quantity is no whole number of units"}]
    )
    assert real.json["counts"]["inbound_new"] == dry.json["counts"]["inbound_new"] == 3
    assert real.json["counts"]["inbound_unmatched"] == dry.json["counts"]["inbound_unmatched"] == 1
    [unknown] = dry.json["unknown_skus"]
    assert real.json["unknown_skus"] == [unknown]
    assert (unknown["reference"], unknown["sku"]) == ("PO-3", "BAG-00012-BLU")
    assert "BAG-00012-BLK" in unknown["like"]
    assert merchant.sql("SELECT reference, qty_ordered FROM inbound ORDER BY 1") == [
        ("PO-1", 40),
        ("PO-2", 10),
        ("PO-3", 5),
    ]


def test_an_import_in_words(merchant: Merchant, here: Here) -> None:
    path = written(merchant, *ROWS)
    path.write_text(path.read_text().replace("ordered,", "orderd,"))

    dry, said = (here(merchant, "import", "inbound", str(path), *more) for more in (["--dry-run"], []))

    assert (dry.code, said.code) == (0, 0)
    assert dry.out.replace(" Nothing was saved (dry run).", "") == said.out
    assert "3 lines on their way new" in said.out
    assert "Columns that mean nothing here: orderd" in said.out
    assert "1 line on its way of no known item" in said.out
    assert "Lines whose SKU no single item has; mend it in the file or in the shop" in said.out
    assert said.out.splitlines()[-1].split()[:2] == ["PO-3", "BAG-00012-BLU"]


def test_a_file_that_cannot_be_imported_says_why(merchant: Merchant, here: Here) -> None:
    path = merchant.folder / "po.csv"
    path.write_bytes(b"\xff\xfe")

    missing, broken = (here(merchant, "import", "inbound", one) for one in ("nothing.csv", str(path)))

    assert (missing.code, broken.code) == (2, 1)
    assert missing.words == "fillrate: nothing.csv: No such file or directory.\nName the file to import.\n"
    assert "It is not text in UTF-8; save it as UTF-8." in broken.words


def test_a_run_reads_the_feeds_and_status_says_what_is_overdue_and_how_late_suppliers_are(
    merchant: Merchant, here: Here
) -> None:
    with_a_feed(merchant)
    written(merchant, *ROWS)
    written(merchant, "PO-5,X,", name="bad.csv")

    log = RunLog("r1", "sync-inbound", "all")
    with open_desk(file=merchant.folder / "fillrate.toml") as desk, recorded(desk, log):
        sync_inbound(desk, log)
    said = here(merchant, "status")
    told = here(merchant, "status", "--json").json["supply"]

    assert (log.state, log.counts["inbound_new"], said.code) == ("done", 3, 3)
    assert told["suppliers"] == [
        {"supplier": "ACME", "lines": 1, "units": 40, "next": None, "overdue": 1}
        | {"deliveries": 1, "median_days": 5.0, "sure_days": 5.0, "lead_days": None, "lead_sure_days": None},
        {"supplier": "Other", "lines": 1, "units": 5, "next": None, "overdue": 0}
        | {"deliveries": 0, "median_days": None, "sure_days": None, "lead_days": None, "lead_sure_days": None},
    ]
    assert [(one["reference"], one["expected"], one["sure"]) for one in told["overdue"]] == [
        ("PO-1", "2020-02-03", None)
    ]
    assert told["bad_rows"] == [
        {"feed": "erp", "file": "bad.csv", "row": 2, "reason": "it has 3 cells, the header has 8"}
    ]
    [unknown] = told["unknown_skus"]
    assert (unknown["feed"], unknown["reference"], unknown["sku"]) == ("erp", "PO-3", "BAG-00012-BLU")
    assert set(unknown["like"]) == {"BAG-00012-BLK", "BAG-00012-WHT", "BAG-00012-RST"}
    assert "erp       2        0         1" in said.out
    assert "On its way, how many days late suppliers are, and how many they take from the order on" in said.out
    assert "Overdue; ask the supplier" in said.out


def test_an_import_tells_of_its_own_lines_without_an_item_and_of_those_that_have_one_by_now_no_more(
    merchant: Merchant, here: Here
) -> None:
    here(merchant, "import", "inbound", str(written(merchant, "PO-9,NO-SUCH-SKU,1,,,,,", name="before.csv")))
    path = str(written(merchant, *ROWS, *(f"PO-4,NEW-{n},1,,,,," for n in range(30))))

    dry = here(merchant, "import", "inbound", path, "--dry-run")
    first = here(merchant, "import", "inbound", path, "--json").json
    merchant.sql("UPDATE item SET sku = 'X', sku_key = 'bag-00012-blu' WHERE sku = 'BAG-00012-BLK'")
    again, real = (here(merchant, "import", "inbound", path, *more, "--json").json for more in (["--dry-run"], []))

    assert "32 lines on their way of no known item" in dry.out
    assert "… and 11 more (all with --json)" in dry.out
    assert [one["sku"] for one in first["unknown_skus"]][:2] == ["BAG-00012-BLU", "NEW-0"]
    assert [one["like"] for one in first["unknown_skus"]][-1] is None
    assert again["unknown_skus"] == real["unknown_skus"]
    assert "NEW-0" in {one["sku"] for one in again["unknown_skus"]}
    assert "BAG-00012-BLU" not in {one["sku"] for one in again["unknown_skus"]}
