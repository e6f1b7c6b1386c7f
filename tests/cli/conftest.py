"""A practice shop on a socket and a merchant who has read it; each test gets the merchant's folder as a copy."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from deployments.cli import main
from fillrate.bootstrap import open_desk
from fillrate.steps.intake.windows import Asked
from sandbox import Running, Shop, ShopConfig, serve
from tests.cli.merchant import TOKEN, Merchant, Said, settings_for
from tests.simulation.world import work

Here = Callable[..., Said]


def small_shop() -> Running:
    """A shop of a dozen products and two dozen orders, served on a socket."""
    settings = {"update_stock_behavior": "order_completed_or_shipped"}
    return serve(Shop(ShopConfig(seed=9, products=12, customers=6, orders=25, days=60, settings=settings, token=TOKEN)))


def first_day(folder: Path, shop: Running) -> Merchant:
    """A merchant who has read everything; the first plan waits for a person."""
    merchant = settled(folder, shop)
    with open_desk(file=merchant.folder / "fillrate.toml") as desk:
        work(desk, Asked(), "1", violations := [])
    assert violations == []
    return merchant


def settled(folder: Path, shop: Running) -> Merchant:
    """A merchant with settings for a shop, and a token where it belongs."""
    (folder / "fillrate.toml").write_text(settings_for(shop.url))
    env = folder / ".env"
    env.write_text(f"FILLRATE_CHANNEL_MAIN_TOKEN={TOKEN}\n")
    env.chmod(0o600)
    return Merchant(folder)


@pytest.fixture(scope="session")
def shop() -> Iterator[Running]:
    """A shop that no test changes."""
    with small_shop() as running:
        yield running


@pytest.fixture(scope="session")
def day_one(shop: Running, tmp_path_factory: pytest.TempPathFactory) -> Merchant:
    """The merchant after the first day, to be copied."""
    return first_day(tmp_path_factory.mktemp("day-one"), shop)


@pytest.fixture
def merchant(day_one: Merchant, tmp_path: Path) -> Merchant:
    """The merchant after the first day, in a folder of this test's own."""
    return day_one.moved_to(tmp_path / "merchant")


@pytest.fixture
def newcomer(shop: Running, tmp_path: Path) -> Merchant:
    """A merchant who has written settings and done nothing yet."""
    (tmp_path / "newcomer").mkdir()
    return settled(tmp_path / "newcomer", shop)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Here:
    """Call the command's own entry in this process: the same words and codes, without the second that Python takes."""

    def call(merchant: Merchant, *arguments: str) -> Said:
        monkeypatch.chdir(merchant.folder)
        monkeypatch.setenv("FILLRATE_CONFIG", str(merchant.folder / "fillrate.toml"))
        with pytest.raises(SystemExit) as ending:
            main(arguments)
        out, err = capsys.readouterr()
        code = ending.value.code
        return Said(code if isinstance(code, int) else 0, out, err)

    return call


@pytest.fixture
def faults(shop: Running) -> Iterator[Callable[..., None]]:
    """What the shop shall do wrong, until the test ends."""

    def post(**fault: object) -> None:
        httpx.post(f"{shop.root}/_practice/faults", content=json.dumps([fault])).raise_for_status()

    yield post
    httpx.delete(f"{shop.root}/_practice/faults").raise_for_status()
