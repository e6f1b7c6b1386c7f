"""`fillrate import kits`: what it does, tells and refuses."""

from pathlib import Path

from tests.cli.conftest import Here
from tests.cli.merchant import Merchant

COUNT = "SELECT count(*) FROM kit_part"


def written(merchant: Merchant, *rows: str) -> str:
    path: Path = merchant.folder / "kits.csv"
    path.write_text("\n".join(("kit_sku;part_sku;quantity", *rows)) + "\n")
    return str(path)


def test_a_dry_run_tells_what_an_import_would_do_and_again_it_does_nothing(merchant: Merchant, here: Here) -> None:
    good = "BAG-00012-NVY;BAG-00012-WHT;2"
    path = written(merchant, good, "BAG-00012-BLK;BAG-00012-WHT;none")

    dry = here(merchant, "import", "kits", path, "--dry-run", "--json")
    assert merchant.sql(COUNT) == [(0,)]
    real, again = (here(merchant, "import", "kits", path, "--json") for _ in range(2))

    assert (dry.code, real.code, again.code) == (4, 4, 4)
    assert dry.json["counts"] == real.json["counts"] == {"kits_new": 1, "kits_rejected": 1}
    assert again.json["counts"] == {"kits_unchanged": 1, "kits_rejected": 1}
    assert real.json["bad_rows"] == [{"row": 3, "reason": "quantity is no whole number of units"}]

    mended = here(merchant, "import", "kits", written(merchant, "BAG-00012-WHT;BAG-00012-NVY;1"), "--json")
    assert (mended.code, mended.json["counts"]) == (0, {"kits_new": 1, "kits_ended": 1})
    assert merchant.sql("SELECT count(*) FROM rejected_row") == [(0,)]


def test_what_is_no_file_of_kits_is_refused_with_a_sentence_and_changes_nothing(merchant: Merchant, here: Here) -> None:
    path = written(merchant, "BAG-00012-NVY;BAG-00012-WHT;2")
    here(merchant, "import", "kits", path)
    (merchant.folder / "kits.csv").write_text("reference,sku\nPO-1,BAG\n")

    refused = here(merchant, "import", "kits", path)

    assert refused.code == 1
    assert "does not name the column(s) kit_sku, part_sku, quantity" in refused.err
    assert merchant.sql(COUNT) == [(1,)]
