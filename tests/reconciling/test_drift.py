"""What was found is told with its value, and what waits is decided by a person and can be taken back."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from fillrate.errors import FillrateError, NotFound
from fillrate.report.drift import drift_artifact, headline, trend_lines
from fillrate.settings import Policy, PolicySettings
from fillrate.steps.correcting.drifts import adopt_drift, put_back
from fillrate.steps.correcting.undo import undo
from fillrate.steps.explain import explain_sku
from fillrate.steps.listings.land import import_listings
from fillrate.steps.reconciling.found import drift
from fillrate.steps.status import status
from tests.reconciling.merchant import Merchant, goods, on_hand

LOST = 25


def told(merchant: Merchant, sku: str = "") -> dict[str, Any]:
    """What `fillrate drift` tells."""
    with merchant.desk() as desk, desk.db.read() as reading:
        return drift(desk, reading, days=7, most=10, sku=sku)


def twice(merchant: Merchant) -> None:
    for _ in range(2):
        merchant.pass_time(120)
        merchant.reconcile()


@pytest.fixture
def waits(merchant: Merchant) -> tuple[Merchant, str, int]:
    """A merchant, a SKU of which somebody took many off the second store's number, and what that showed before."""
    sku = goods(merchant)
    had = merchant.numbers("outlet")[sku]
    assert had > LOST
    merchant.act("outlet", action="set_stock", sku=sku, number=had - LOST)
    twice(merchant)
    return merchant, sku, had


Waits = tuple[Merchant, str, int]


def price_e4(merchant: Merchant, sku: str) -> int:
    """The price of a SKU in the second store."""
    ((price,),) = merchant.rows(
        "SELECT max(coalesce(l.price_e4, p.price_e4)) FROM listing l JOIN product p ON p.id = l.product_id"
        " JOIN channel c ON c.id = l.channel_id WHERE l.sku = :sku AND c.name = 'outlet'",
        sku=sku,
    )
    return int(price)


def test_what_waits_is_told_with_units_value_and_what_to_do(waits: Waits) -> None:
    merchant, sku, _ = waits

    found = told(merchant)

    (one,) = found["waiting"]
    assert (one["sku"], one["channel"], one["units"]) == (sku, "outlet", -LOST)
    assert one["value_e4"] == LOST * price_e4(merchant, sku) > 0
    assert [(row["class"], row["units"]) for row in found["classes"]] == [("edited", LOST), ("in_flight", LOST)]
    assert found["trend"][-1]["units"] == {"waits": LOST}
    assert "█" in trend_lines(found)[-1]
    with merchant.desk() as desk:
        assert status(desk)["waiting_drift"]["numbers"] == 1
    artifact = drift_artifact("reconcile-inventory of all", found)
    assert "data:image/svg+xml;base64," in artifact
    assert headline(found) in artifact
    assert "put-back NUMBER" in artifact


def test_a_sku_is_told_alone_and_one_that_nobody_sells_is_not_found(waits: Waits) -> None:
    merchant, sku, _ = waits
    other = next(one for one in merchant.numbers("outlet") if one != sku)

    assert (len(told(merchant, sku)["waiting"]), told(merchant, other)["classes"]) == (1, [])
    with pytest.raises(NotFound):
        told(merchant, "NO-SUCH-SKU")


def test_a_sku_explains_what_each_channel_shows_what_it_should_and_why(waits: Waits) -> None:
    merchant, sku, had = waits
    merchant.policy = PolicySettings(default=Policy(wait_above_share=1, buffer=3, show_at_most=60))
    merchant.act("hub", action="place_order", lines=[{"sku": sku, "quantity": 2}])
    merchant.pass_time(120)
    merchant.reconcile("hub")

    with merchant.desk() as desk:
        lines, facts = explain_sku(desk, sku)

    hub, one = (row for item in facts["items"] for row in item["shown"])
    assert (hub["channel"], hub["kept_off"]) == ("hub", 0)
    assert (one["channel"], one["shown"], one["wanted"], one["held"]) == ("outlet", had - LOST, 60, -LOST)
    assert (one["parts"]["free"], one["parts"]["buffer"], one["parts"]["at_most"]) == (had - 2, 3, 60)
    said = "\n".join(lines)
    assert (
        f"{had - LOST}; it should show {60 - LOST}: {had - 2} free after all that is owed, 3 kept back, at most 60"
        in said
    )
    assert "Drift 2, waiting for a person: It shows" in said


def test_what_is_put_right_again_and_again_is_told(merchant: Merchant) -> None:
    sku = goods(merchant)
    for _ in range(3):
        merchant.act("outlet", action="set_stock", sku=sku, number=merchant.numbers("outlet")[sku] - 3)
        twice(merchant)

    (one,) = told(merchant)["again"]
    assert (one["sku"], one["times"], one["units"]) == (sku, 3, 9)


def test_what_is_put_back_is_shown_again_and_settled_with_who_said_so(waits: Waits) -> None:
    merchant, sku, had = waits

    dry = merchant.say(put_back, sku, dry_run=True)
    assert (len(dry.changes), len(told(merchant)["waiting"])) == (1, 1)
    merchant.say(put_back, sku)
    twice(merchant)

    assert merchant.numbers("outlet")[sku] == had
    assert told(merchant)["waiting"] == []
    assert merchant.rows("SELECT outcome, settled_at IS NULL FROM drift WHERE drift = 'edited'") == [("put_back", 0)]
    assert merchant.rows("SELECT p.approved_by, c.reason FROM change c JOIN plan p ON p.id = c.plan_id"
                         " WHERE c.kind = 'drift' AND c.state = 'done'") == [("Ann", "counted it")]  # fmt: skip
    with pytest.raises(NotFound):
        merchant.say(put_back, sku)


def test_what_is_adopted_leaves_the_ledger_for_every_channel(waits: Waits) -> None:
    merchant, sku, had = waits
    lies, showed = on_hand(merchant, sku), merchant.numbers("hub")[sku]

    merchant.say(adopt_drift, str(told(merchant)["waiting"][0]["id"]))
    assert on_hand(merchant, sku) == lies - LOST
    twice(merchant)
    twice(merchant)

    assert on_hand(merchant, sku) == lies - LOST
    assert (merchant.numbers("outlet")[sku], merchant.numbers("hub")[sku]) == (had - LOST, showed - LOST)
    assert merchant.rows("SELECT kind, sum(quantity) FROM movement WHERE cause LIKE 'drift:%' GROUP BY 1") == [
        ("adjusted", -LOST)
    ]


@pytest.mark.parametrize("word", [put_back, adopt_drift])
def test_what_a_person_decided_is_taken_back_and_waits_again(waits: Waits, word: Callable[..., Any]) -> None:
    merchant, sku, had = waits
    lies = on_hand(merchant, sku)
    plan = merchant.say(word, sku).plan_id
    twice(merchant)

    merchant.say(undo, plan)
    twice(merchant)

    assert (merchant.numbers("outlet")[sku], on_hand(merchant, sku)) == (had - LOST, lies)
    assert [one["sku"] for one in told(merchant)["waiting"]] == [sku]


def test_packs_that_are_gone_leave_as_the_units_in_them(merchant: Merchant) -> None:
    sku = goods(merchant)
    merchant.act("outlet", action="create_product", name="Six", sku="SIX-PACK", cents=5_000, stock=0)
    merchant.pass_time(120)
    merchant.sync()
    path = merchant.folder / "listings.json"
    path.write_text(f'[{{"channel": "outlet", "listing_sku": "SIX-PACK", "sku": "{sku}", "per": 6}}]')
    with merchant.desk() as desk:
        import_listings(desk, merchant.log("import-listings"), path)
    twice(merchant)
    merchant.policy = PolicySettings(default=Policy(wait_above_share=1, review_units=1))
    twice(merchant)
    packs, lies = merchant.numbers("outlet")["SIX-PACK"], on_hand(merchant, sku)
    merchant.act("outlet", action="set_stock", sku="SIX-PACK", number=packs - 2)
    twice(merchant)

    merchant.say(adopt_drift, "SIX-PACK")
    twice(merchant)

    assert on_hand(merchant, sku) == lies - 12
    assert merchant.numbers("outlet")["SIX-PACK"] == (merchant.numbers("hub")[sku]) // 6 == packs - 2


def test_what_the_stock_s_own_number_leaves_out_for_others_is_told(merchant: Merchant) -> None:
    sku = goods(merchant)
    showed = merchant.numbers("hub")[sku]
    merchant.act("outlet", action="place_order", lines=[{"sku": sku, "quantity": 3}])
    for _ in range(3):
        merchant.pass_time(120)
        merchant.reconcile()

    with merchant.desk() as desk:
        said = "\n".join(explain_sku(desk, sku)[0])

    assert f"hub, Default location: {showed - 3}. It holds the stock; 3 that lie there are left out" in said


def test_more_than_expected_is_goods_that_were_on_their_way_first(merchant: Merchant) -> None:
    sku = goods(merchant)
    had, lies = merchant.numbers("outlet")[sku], on_hand(merchant, sku)
    merchant.coming(sku, 10, days=2)
    merchant.act("outlet", action="set_stock", sku=sku, number=had + LOST)
    twice(merchant)
    plan = merchant.say(adopt_drift, sku).plan_id
    twice(merchant)
    twice(merchant)

    assert (merchant.numbers("outlet")[sku], on_hand(merchant, sku)) == (had + LOST, lies + LOST)
    kinds = merchant.rows("SELECT kind, sum(quantity) FROM movement WHERE cause LIKE 'drift:%' GROUP BY 1 ORDER BY 1")
    assert kinds == [("adjusted", LOST - 10), ("received", 10)]
    assert merchant.rows("SELECT qty_seen FROM inbound") == [(10,)]
    with pytest.raises(FillrateError, match="taken for received"):
        merchant.say(undo, plan)


def test_a_number_that_is_not_ours_to_write_is_not_taken_over_behind_its_back(waits: Waits) -> None:
    merchant, sku, _ = waits
    with merchant.desk() as desk, desk.db.write("test", lock=True) as tx:
        tx.execute(sa.text("UPDATE stock_reading SET kept_off = NULL"))

    with pytest.raises(FillrateError, match="another channel's number says"):
        merchant.say(adopt_drift, sku)


@pytest.mark.postgres
def test_on_postgresql_what_waits_is_told_decided_and_taken_back_all_the_same(merchant_on_postgresql: Merchant) -> None:
    merchant = merchant_on_postgresql
    sku = goods(merchant)
    had, lies = merchant.numbers("outlet")[sku], on_hand(merchant, sku)
    merchant.act("outlet", action="set_stock", sku=sku, number=had - LOST)
    twice(merchant)
    (one,) = told(merchant, sku)["waiting"]
    assert (one["units"], one["value_e4"]) == (-LOST, LOST * price_e4(merchant, sku))
    with merchant.desk() as desk:
        assert f"{LOST} count as absent until somebody decides" in "\n".join(explain_sku(desk, sku)[0])

    plan = merchant.say(adopt_drift, sku).plan_id
    twice(merchant)
    assert on_hand(merchant, sku) == lies - LOST
    merchant.say(undo, plan)
    twice(merchant)
    assert (merchant.numbers("outlet")[sku], on_hand(merchant, sku)) == (had - LOST, lies)
    merchant.say(put_back, sku)
    twice(merchant)
    assert (merchant.numbers("outlet")[sku], told(merchant)["waiting"]) == (had, [])
