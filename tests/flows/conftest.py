"""One real Prefect server for all flow tests, and a practice shop with its settings for each."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import Running, Shop, ShopConfig, serve

os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"
os.environ["PREFECT_SERVER_ALLOW_EPHEMERAL_MODE"] = "true"


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A Prefect server of this test session's own."""
    os.environ["PREFECT_HOME"] = str(tmp_path_factory.mktemp("prefect"))
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=120):
        yield


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """A practice shop on a socket, with settings for it in the working folder."""
    settings = {"update_stock_behavior": "order_completed_or_shipped"}
    shop = Shop(ShopConfig(seed=5, products=15, customers=8, orders=40, days=60, settings=settings))
    with serve(shop) as shop_on_a_socket:
        (tmp_path / "fillrate.toml").write_text(
            '[store]\nname = "Test"\n\n[[channel]]\nname = "main"\nkind = "bigcommerce"\n'
            f'base_url = "{shop_on_a_socket.url}"\npractice = true\n'
        )
        monkeypatch.setenv("FILLRATE_CHANNEL_MAIN_TOKEN", shop_on_a_socket.token)
        monkeypatch.setenv("FILLRATE_CONFIG", str(tmp_path / "fillrate.toml"))
        monkeypatch.chdir(tmp_path)
        yield shop_on_a_socket
