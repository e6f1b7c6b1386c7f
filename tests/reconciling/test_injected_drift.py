"""Differences of every kind, put into a practice store at once: each is told for what it is, and none is healed wrongly."""

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from fillrate.settings import Policy, PolicySettings
from sandbox import Shop, ShopConfig, Switches
from tests.reconciling.merchant import Merchant
from tests.simulation.world import fresh

REVIEW = 6
KINDS = ("nothing", "sale", "cancelled", "hub_sale", "edit", "large_edit", "rise", "sale_and_edit", "overwritten")
EXPECTED = {  # what is to be told of it in the end, None for no drift at all
    "nothing": None,
    "sale": None,
    "cancelled": None,
    "hub_sale": None,
    "edit": ("edited", "healed"),
    "large_edit": ("edited", "waits"),
    "rise": ("edited", "healed"),
    "sale_and_edit": ("unknown", "waits"),
    "overwritten": ("late_order", "healed"),
}


def injected(merchant: Merchant, chance: random.Random) -> dict[str, tuple[str, int]]:
    """Let something happen to each SKU of the outlet; returns what, and by how many units its number is off."""
    truth: dict[str, tuple[str, int]] = {}
    numbers = merchant.numbers("outlet")
    late: list[tuple[str, int]] = []
    for sku in sorted(numbers.keys() & wanted(merchant).keys()):
        had = numbers[sku]
        kind = chance.choice(KINDS) if had > REVIEW + 8 else chance.choice(("nothing", "rise"))
        units = {"large_edit": -chance.randint(REVIEW + 1, REVIEW + 4), "rise": chance.randint(1, REVIEW)}.get(
            kind, -chance.randint(1, 4)
        )
        sold = chance.randint(1, 3) if kind in {"sale", "cancelled", "sale_and_edit"} else 0
        if sold:
            order = buy(merchant, "outlet", sku, sold)
            if kind == "cancelled":
                merchant.act("outlet", action="set_status", order_id=order, status=5)
        if kind == "hub_sale":
            buy(merchant, "hub", sku, chance.randint(1, 3))
        if kind in {"edit", "large_edit", "rise", "sale_and_edit"}:
            merchant.act("outlet", action="set_stock", sku=sku, number=had - sold + units)
        if kind == "overwritten":
            buy(merchant, "hub", sku, 2)  # so that its number is written, and at that moment
            late.append((sku, chance.randint(1, 3)))
        truth[sku] = (kind, units)

    def meanwhile(path: str) -> None:
        if path.endswith("/adjustments/absolute"):
            for sku, units in late:
                buy(merchant, "outlet", sku, units)
            late.clear()

    merchant.before_write = meanwhile
    return truth


def wanted(merchant: Merchant) -> dict[str, int]:
    """Return what the outlet should show of each SKU that is ours to write."""
    statement = "SELECT i.sku, s.wanted FROM shown_stock s JOIN item i ON i.id = s.item_id WHERE s.wanted >= 0"
    return dict(merchant.rows(statement))


def buy(merchant: Merchant, shop: str, sku: str, units: int) -> int:
    return int(merchant.act(shop, action="place_order", lines=[{"sku": sku, "quantity": units}])["order_id"])


def run(tmp_path: Path, template: Path, products: int, seed: int) -> tuple[Merchant, dict[str, tuple[str, int]]]:
    size = {"seed": seed, "products": products, "customers": 4, "days": 30, "switches": Switches(backorders=True)}
    shops = {
        "hub": Shop(ShopConfig(store_hash="hub", orders=10, **size)),
        "outlet": Shop(ShopConfig(store_hash="outlet", orders=0, **size)),
    }
    rules = PolicySettings(default=Policy(wait_above_share=1, wait_above_changes=100_000, review_units=REVIEW))
    merchant = Merchant(fresh(tmp_path, template, "drift"), shops, policy=rules)
    merchant.sync()
    for _ in range(3):
        merchant.reconcile()
        merchant.pass_time(120)
    truth = injected(merchant, random.Random(seed))
    for _ in range(5):
        merchant.pass_time(120)
        merchant.reconcile()
    return merchant, truth


def judged(merchant: Merchant, truth: dict[str, tuple[str, int]]) -> Counter[tuple[str, Any]]:
    """Count (what was done, what was told of it in the end)."""
    told: dict[str, Any] = {}
    for _, sku, drift, _, outcome in merchant.drift():
        if outcome != "watched":
            told[sku] = (drift, outcome)
    return Counter((kind, told.get(sku)) for sku, (kind, _) in truth.items())


@pytest.mark.parametrize(
    ("products", "seed"), [(60, 11), pytest.param(4500, 12, marks=[pytest.mark.slow, pytest.mark.timeout(1800)])]
)
def test_every_difference_is_told_for_what_it_is_and_none_is_healed_wrongly(
    tmp_path: Path, sqlite_template: Path, products: int, seed: int
) -> None:
    merchant, truth = run(tmp_path, sqlite_template, products, seed)

    found = judged(merchant, truth)
    right = {kind: n for (kind, told), n in found.items() if told == EXPECTED[kind]}
    assert found == Counter({(kind, EXPECTED[kind]): n for kind, n in right.items()})
    assert {kind for kind, _ in truth.values()} == set(KINDS)
    waits = {sku: units for sku, (kind, units) in truth.items() if EXPECTED[kind] and EXPECTED[kind][1] == "waits"}
    numbers, should = merchant.numbers("outlet"), wanted(merchant)
    assert {sku: numbers[sku] for sku in truth} == {sku: max(0, should[sku] + waits.get(sku, 0)) for sku in truth}
    assert {outcome for *_, outcome in merchant.drift()} <= {"watched", "healed", "waits"}
