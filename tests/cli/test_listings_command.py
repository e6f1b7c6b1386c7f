"""`fillrate listings`, `import listings`, `drift` and the words on what waits: what they say and refuse at a terminal."""

from tests.cli.conftest import Here
from tests.cli.merchant import Merchant


def test_a_file_of_listings_is_told_as_any_other_with_its_bad_rows(merchant: Merchant, here: Here) -> None:
    path = merchant.folder / "listings.csv"
    path.write_text(
        "channel;listing_sku;sku;per;note\nmain;BAG-00012-NVY;BAG-00012-WHT;2;\nmain;NOBODY;BAG-00012-WHT;1;\n"
    )

    dry = here(merchant, "import", "listings", str(path), "--dry-run", "--json")
    assert merchant.sql("SELECT count(*) FROM listing_word") == [(0,)]
    real, said = here(merchant, "import", "listings", str(path), "--json"), here(merchant, "listings")

    assert (dry.code, real.code) == (4, 4)
    assert dry.json["counts"] == real.json["counts"] == {"listings_new": 1, "listings_rejected": 1}
    assert real.json["bad_rows"] == [{"row": 3, "reason": "main lists no SKU NOBODY"}]
    assert real.json["ignored_columns"] == ["note"]
    assert "a pack, by a person's word" in said.out
    assert "Every listing has found its goods." in said.out


def test_what_does_not_wait_cannot_be_decided(merchant: Merchant, here: Here) -> None:
    for word in ("put-back", "adopt-drift"):
        refused = here(merchant, word, "BAG-00012-WHT", "--reason", "counted")

        assert refused.code == 2
        assert "Nothing of BAG-00012-WHT waits for a person." in refused.words
        assert "fillrate drift" in refused.words


def test_where_no_number_differed_drift_says_so(merchant: Merchant, here: Here) -> None:
    assert here(merchant, "drift").out.startswith("No number of a channel differed in the last 7 days")
