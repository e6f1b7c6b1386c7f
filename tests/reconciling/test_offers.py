"""What a channel shows of what is free, by the merchant's rules."""

from typing import Any

import pytest

from fillrate.settings import Policy, PolicySettings
from tests.reconciling.merchant import Merchant, goods


def ruled(merchant: Merchant, **rules: Any) -> None:
    """Other rules hold from now on, and every number follows them."""
    merchant.policy = PolicySettings(default=Policy(wait_above_share=1, vanish_share=1, **rules))
    merchant.pass_time(120)
    merchant.reconcile()


@pytest.mark.parametrize(
    ("rules", "shows"),
    [
        ({"buffer": 2}, lambda free: free - 2),
        ({"buffer": 2, "show_share": 0.5}, lambda free: (free - 2) // 2),
        ({"show_at_most": 7}, lambda _: 7),
        ({"end_below": 1_000}, lambda _: 0),
    ],
    ids=["buffer", "share", "at_most", "end_below"],
)
def test_the_second_store_shows_what_the_rules_leave(merchant: Merchant, rules: dict[str, Any], shows: Any) -> None:
    sku = goods(merchant)
    free = merchant.numbers("outlet")[sku]

    ruled(merchant, **rules)

    assert merchant.numbers("outlet")[sku] == shows(free)


def test_what_surely_arrives_in_time_is_sold_already_and_what_comes_later_is_not(merchant: Merchant) -> None:
    sku = goods(merchant)
    free = merchant.numbers("outlet")[sku]
    merchant.coming(sku, 10, days=5)
    ruled(merchant, presell_days=1)
    too_soon = merchant.numbers("outlet")[sku]

    ruled(merchant, presell_days=60)
    in_time = merchant.numbers("outlet")[sku]
    ruled(merchant)

    assert (too_soon, in_time, merchant.numbers("outlet")[sku]) == (free, free + 10, free)


def test_time_alone_brings_a_delivery_near_enough_to_be_sold(merchant: Merchant) -> None:
    sku = goods(merchant)
    free = merchant.numbers("outlet")[sku]
    merchant.coming(sku, 10, days=40)
    ruled(merchant, presell_days=30)
    assert merchant.numbers("outlet")[sku] == free

    merchant.pass_time(86_400 * 20)
    merchant.reconcile()

    assert merchant.numbers("outlet")[sku] == free + 10


def test_what_somebody_waits_for_is_not_sold_twice(merchant: Merchant) -> None:
    sku = goods(merchant)
    free = merchant.numbers("hub")[sku]
    merchant.coming(sku, 10, days=5)
    merchant.act("hub", action="set_backorder_limit", sku=sku, quantity=100)
    merchant.act("hub", action="place_order", lines=[{"sku": sku, "quantity": free + 4}])
    merchant.pass_time(120)
    merchant.reconcile()
    merchant.allocate()

    ruled(merchant, presell_days=60)

    assert merchant.numbers("outlet")[sku] == 10 - 4
