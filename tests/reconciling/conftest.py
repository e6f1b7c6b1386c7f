"""Two practice stores that share one stock."""

from pathlib import Path

import pytest

from fillrate.settings import Policy, PolicySettings
from sandbox import Shop, ShopConfig, Switches
from tests.reconciling.merchant import Merchant
from tests.simulation.world import fresh

SIZE = {"seed": 5, "products": 8, "customers": 4, "days": 30}


@pytest.fixture
def merchant(tmp_path: Path, sqlite_template: Path) -> Merchant:
    """The same goods in both stores, read, allocated and reconciled until nothing changes any more."""
    return settled(fresh(tmp_path, sqlite_template, "two"), tmp_path)


@pytest.fixture
def merchant_on_postgresql(tmp_path: Path, postgres_url: str) -> Merchant:
    """The same on the other engine."""
    return settled(postgres_url, tmp_path)


def settled(url: str, folder: Path) -> Merchant:
    """Return a merchant with two stores of which nothing differs."""
    switches = Switches(backorders=True)
    shops = {
        "hub": Shop(ShopConfig(store_hash="hub", orders=10, switches=switches, **SIZE)),
        "outlet": Shop(ShopConfig(store_hash="outlet", orders=0, switches=switches, **SIZE)),
    }
    freely = PolicySettings(default=Policy(wait_above_share=1))
    made = Merchant(url, shops, folder, freely, {"hub": {"publish": True}})
    made.sync()
    made.reconcile()
    made.allocate()
    for _ in range(3):
        made.reconcile()
    return made
