"""What listings sell whose own SKU does not say so: told by a file, packs among them, and listed until somebody does."""

from typing import Any

import pytest

from fillrate.errors import FillrateError
from fillrate.settings import Policy, PolicySettings
from fillrate.steps.listings.land import import_listings
from fillrate.steps.listings.review import listings
from fillrate.steps.supply.land import Landed
from tests.reconciling.merchant import Merchant, goods

HEAD = "channel,product,variant,listing_sku,sku,per"


def say(merchant: Merchant, *rows: str, dry: bool = False) -> Landed:
    path = merchant.folder / "listings.csv"
    path.write_text("\n".join((HEAD, *rows)) + "\n")
    with merchant.desk() as desk:
        return import_listings(desk, merchant.log("import-listings", dry=dry), path)


def reviewed(merchant: Merchant) -> dict[str, Any]:
    with merchant.desk() as desk, desk.db.read() as reading:
        return listings(reading, 100)


def odd(merchant: Merchant) -> dict[str, tuple[str, list[str]]]:
    """What is to be reviewed: why, and what may be meant, by SKU."""
    return {one["sku"]: (one["match"], one["like"]) for one in reviewed(merchant)["review"]}


@pytest.fixture
def six(merchant: Merchant) -> tuple[Merchant, str]:
    """The second store sells six of the goods of which most lie there as a product of its own."""
    sku = goods(merchant)
    merchant.act("outlet", action="create_product", name="Six", sku="SIX-PACK", cents=5_000, stock=0)
    merchant.pass_time(120)
    merchant.sync()
    return merchant, sku


def settle(merchant: Merchant) -> None:
    for _ in range(3):
        merchant.pass_time(120)
        merchant.reconcile()


def owed(merchant: Merchant, sku: str) -> int:
    """How many units of a SKU's goods are owed, by the queue of its own lines and those of its packs."""
    ((units,),) = merchant.rows(
        "SELECT coalesce(sum(u.quantity * k.per), 0) FROM open_unit u JOIN order_line l ON l.id = u.line_id"
        " JOIN kit_part k ON k.kit_id = l.item_id JOIN item i ON i.id = k.part_id WHERE i.sku = :sku",
        sku=sku,
    )
    return int(units)


def test_a_listing_that_no_stock_is_behind_is_listed_with_what_may_be_meant(merchant: Merchant) -> None:
    sku = goods(merchant)
    merchant.act("outlet", action="create_product", name="Odd", sku=f"{sku}X", cents=100, stock=3)
    merchant.pass_time(120)
    merchant.sync()

    why, like = odd(merchant)[f"{sku}X"]

    assert why == "unmatched"
    assert sku in like
    counts = {(one["channel"], one["match"]): one["listings"] for one in reviewed(merchant)["counts"]}
    assert counts["outlet", "unmatched"] == 1
    assert counts["hub", "own"] == counts["outlet", "sku"]


def test_a_pack_shows_how_many_of_it_may_be_sold_and_an_order_owes_its_units(six: tuple[Merchant, str]) -> None:
    merchant, sku = six
    assert say(merchant, f"outlet,,,SIX-PACK,{sku},6").counts["new"] == 1
    settle(merchant)
    free = merchant.numbers("outlet")[sku]
    assert merchant.numbers("outlet")["SIX-PACK"] == free // 6

    merchant.act("outlet", action="place_order", lines=[{"sku": "SIX-PACK", "quantity": 2}])
    settle(merchant)
    merchant.allocate()
    settle(merchant)

    assert owed(merchant, sku) == 12
    assert merchant.numbers("outlet")[sku] == free - 12
    assert merchant.numbers("outlet")["SIX-PACK"] == (free - 12) // 6
    assert merchant.drift() == []


def test_a_listing_that_was_reconciled_before_somebody_spoke_of_it_shows_what_it_should_soon_after(
    six: tuple[Merchant, str],
) -> None:
    merchant, sku = six
    settle(merchant)
    assert merchant.numbers("outlet")["SIX-PACK"] == 0

    say(merchant, f"outlet,,,SIX-PACK,{sku},6")
    settle(merchant)

    assert merchant.numbers("outlet")["SIX-PACK"] == merchant.numbers("outlet")[sku] // 6 > 0


def test_an_order_that_came_before_the_word_owes_the_goods_too(six: tuple[Merchant, str]) -> None:
    merchant, sku = six
    merchant.act("outlet", action="set_stock", sku="SIX-PACK", number=5)
    merchant.act("outlet", action="place_order", lines=[{"sku": "SIX-PACK", "quantity": 1}])
    settle(merchant)
    assert owed(merchant, sku) == 0

    say(merchant, f"outlet,,,SIX-PACK,{sku},6")

    assert owed(merchant, sku) == 6


def test_the_newest_file_is_the_whole_truth_unless_a_row_of_it_is_bad(six: tuple[Merchant, str]) -> None:
    merchant, sku = six
    first = say(merchant, f"outlet,,,SIX-PACK,{sku},6")
    again = say(merchant, f"outlet,,,SIX-PACK,{sku},6")
    bad = say(merchant, "outlet,,,NOBODY,A,1", f"moon,1,,,{sku},1", f"outlet,,,,{sku},1", f"outlet,9,,SIX-PACK,{sku},1")
    kept = odd(merchant)
    ended = say(merchant, f"outlet,,,{sku},{sku},1")

    assert (first.counts["new"], again.counts["unchanged"], again.counts["new"]) == (1, 1, 0)
    assert [one.reason for one in sorted(bad.bad, key=lambda one: one.row)] == [
        "outlet lists no SKU NOBODY",
        "no channel is called moon",
        "it must name either a product or a listing_sku",
        "it must name either a product or a listing_sku",
    ]
    assert "SIX-PACK" not in kept
    assert (ended.counts["ended"], ended.counts["new"]) == (1, 1)
    assert odd(merchant)["SIX-PACK"][0] == "unmatched"


def test_rows_that_name_nothing_known_are_kept_with_their_reason(six: tuple[Merchant, str]) -> None:
    merchant, sku = six
    say(merchant, "outlet,,,NOBODY,A,1", f"outlet,,,SIX-PACK,{sku}?,6")

    assert merchant.rows("SELECT row, reason FROM rejected_row") == [(2, "outlet lists no SKU NOBODY")]
    why, like = odd(merchant)["SIX-PACK"]
    assert (why, sku in like) == ("unknown_sku", True)


def test_a_dry_run_saves_nothing_and_what_is_no_file_of_listings_is_refused(six: tuple[Merchant, str]) -> None:
    merchant, sku = six

    assert say(merchant, f"outlet,,,SIX-PACK,{sku},6", dry=True).counts["new"] == 1
    assert merchant.rows("SELECT count(*) FROM listing_word") == [(0,)]
    path = merchant.folder / "listings.csv"
    path.write_text("reference,sku\nPO-1,A\n")
    with merchant.desk() as desk, pytest.raises(FillrateError, match="does not name the column"):
        import_listings(desk, merchant.log("import-listings"), path)


def test_two_rows_may_not_speak_of_one_listing(six: tuple[Merchant, str]) -> None:
    merchant, sku = six
    ((product,),) = merchant.rows("SELECT product_platform_id FROM listing WHERE sku = 'SIX-PACK'")

    landed = say(merchant, f"outlet,{product},,,{sku},6", f"outlet,,,SIX-PACK,{sku},5")

    assert [one.reason for one in landed.bad] == ["row 2 says already what that listing sells"]
    assert merchant.rows("SELECT per FROM kit_part WHERE is_pack") == [(6,)]


def test_one_channel_sells_goods_singly_by_one_listing_only_and_two_may_change_places(merchant: Merchant) -> None:
    before = merchant.numbers("outlet")
    one, other = sorted(before, key=lambda sku: before[sku])[-2:]

    landed = say(merchant, f"outlet,,,{one},{other},1")
    assert [bad.reason for bad in landed.bad] == [
        f"outlet lists {other} more than once; the orders of one would be missed at the other's number"
    ]

    swapped = say(merchant, f"outlet,,,{one},{other},1", f"outlet,,,{other},{one},1")
    settle(merchant)
    assert (swapped.bad, swapped.counts["new"]) == ([], 2)
    after = merchant.numbers("outlet")
    assert before[one] != before[other]
    assert (after[one], after[other]) == (before[other], before[one])


def test_what_vanished_from_its_channel_is_listed(six: tuple[Merchant, str]) -> None:
    merchant, _ = six
    ((product,),) = merchant.rows("SELECT product_platform_id FROM listing WHERE sku = 'SIX-PACK'")
    merchant.act("outlet", action="delete_product", product_id=int(product))
    for _ in range(2):
        merchant.pass_time(120)
        merchant.sync(full=True)

    assert [one["sku"] for one in reviewed(merchant)["vanished"]] == ["SIX-PACK"]


@pytest.mark.postgres
def test_on_postgresql_packs_are_told_sold_and_reviewed_all_the_same(merchant_on_postgresql: Merchant) -> None:
    merchant = merchant_on_postgresql
    sku = goods(merchant)
    for name in ("SIX-PACK", f"{sku}X"):
        merchant.act("outlet", action="create_product", name=name, sku=name, cents=5_000, stock=0)
    merchant.pass_time(120)
    merchant.sync()
    say(merchant, f"outlet,,,SIX-PACK,{sku},6", "outlet,,,NOBODY,A,1")
    ruled = Policy(wait_above_share=1, vanish_share=1, presell_days=60)
    merchant.policy = PolicySettings(default=ruled)
    merchant.coming(sku, 12, days=5)
    settle(merchant)

    free = merchant.numbers("hub")[sku] + 12
    assert merchant.numbers("outlet")["SIX-PACK"] == free // 6
    why, like = odd(merchant)[f"{sku}X"]
    assert (why, sku in like) == ("unmatched", True)
