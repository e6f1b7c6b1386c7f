"""Several shops in one process: each answers under its own path, all sell some of the same goods, under one clock."""

import json
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from sandbox import Request, Running, Shop, ShopConfig, serve
from sandbox.__main__ import lives_of, main, make_served, parser
from sandbox.kinds import KINDS
from sandbox.mall import Mall, names_of
from tests.sandbox.market.test_base import Stall

CONFIG = ShopConfig(seed=5, products=40, customers=5, orders=30)


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Iterator[Running[Mall]]:
    monkeypatch.setitem(KINDS, "stall", Stall)
    with serve(Mall(Shop(CONFIG), ["stall", "bigcommerce", "stall"])) as found:
        yield found


def test_shops_are_named_by_their_kind_and_then_by_number() -> None:
    assert names_of(["bigcommerce", "bigcommerce"]) == [("bigcommerce", "second"), ("bigcommerce", "second_2")]
    assert names_of(["woocommerce", "woocommerce"]) == [
        ("woocommerce", "woocommerce"),
        ("woocommerce", "woocommerce_2"),
    ]
    with pytest.raises(ValueError, match="there is no kind 'bazaar'"):
        names_of(["bazaar"])


def test_the_first_store_is_the_one_that_it_would_be_alone(running: Running[Mall]) -> None:
    alone, head = Shop(CONFIG), {"X-Auth-Token": running.token}
    for path in ("/stores/practice/v2/orders", "/stores/practice/v3/catalog/products", "/_practice/state"):
        assert httpx.get(running.root + path, headers=head).content == alone.handle(Request("GET", path, "", head)).body
    assert running.url == f"{running.root}/stores/practice"


def test_each_shop_answers_under_its_own_path_with_its_own_key(running: Running[Mall]) -> None:
    assert httpx.get(f"{running.root}/stall/stall_2/", headers={"X-Key": "k"}).status_code == 200
    assert httpx.get(f"{running.root}/stall/stall/").status_code == 401
    assert httpx.get(f"{running.root}/stall/stall_3/", headers={"X-Key": "k"}).status_code == 404
    second = f"{running.root}/stores/second/v2/time"
    assert httpx.get(second, headers={"X-Auth-Token": running.token}).status_code == 401
    assert httpx.get(second, headers={"X-Auth-Token": "practice-token-second"}).status_code == 200


def test_they_sell_goods_of_the_first_store_with_the_numbers_that_it_shows(running: Running[Mall]) -> None:
    shown = httpx.get(f"{running.root}/_practice/state").json()["stock"]
    sold = [httpx.get(f"{running.root}/stall/{name}/", headers={"X-Key": "k"}).json() for name in ("stall", "stall_2")]
    for numbers in sold:
        assert numbers == {sku: shown[sku]["1"]["shown"] for sku in numbers}
    assert len(sold[0]) > 10 and set(sold[0]) & set(sold[1]) and sold[0] != sold[1]
    second = httpx.get(f"{running.root}/bigcommerce/second/_practice/state").json()
    assert set(second["stock"]) == set(shown)


def test_an_act_in_one_shop_is_none_in_another_but_the_clock_is_of_all(running: Running[Mall]) -> None:
    (sku, *_) = httpx.get(f"{running.root}/stall/stall/", headers={"X-Key": "k"}).json()
    act = {"action": "set_stock", "sku": sku, "number": 77}
    before = httpx.get(f"{running.root}/_practice/state").json()["stock"]
    assert "refused" not in httpx.post(f"{running.root}/stall/stall/_practice/shop", json=act).json()[0]
    assert httpx.get(f"{running.root}/stall/stall/", headers={"X-Key": "k"}).json()[sku] == 77
    assert httpx.get(f"{running.root}/_practice/state").json()["stock"] == before
    httpx.post(f"{running.root}/stall/stall_2/_practice/clock", json={"set": "2030-01-01T00:00:00Z"})
    places = ("", "/stall/stall", "/bigcommerce/second")
    clocks = [httpx.get(f"{running.root}{place}/_practice/clock").json()["now"] for place in places]
    assert clocks == ["2030-01-01T00:00:00Z"] * 3


def test_switches_of_a_file_reach_the_shop_that_they_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(KINDS, "stall", Stall)
    told = tmp_path / "switches.json"
    told.write_text(json.dumps({"backorders": False, "channels": {"stall_2": {"polite": False}}}))
    options = ["--products", "9", "--orders", "9", "--channels", "stall,stall", "--switches"]
    mall = make_served(parser().parse_args([*options, str(told)]))
    assert isinstance(mall, Mall)
    assert [market.switches["polite"] for market in mall.markets.values()] == [True, False]
    assert mall.state.switches.backorders is False
    told.write_text(json.dumps({"channels": {"booth": {}}}))
    assert main([*options, str(told)]) == 2


def test_the_command_serves_them_and_writes_how_they_are_found(tmp_path: Path) -> None:
    options = ["--products", "15", "--customers", "5", "--orders", "20", "--write-config", str(tmp_path)]
    kinds = "bigcommerce,shopify,woocommerce,shopify"
    command = [sys.executable, "-m", "sandbox", "--channels", kinds, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(6)]
        settings = tomllib.loads((tmp_path / "fillrate.toml").read_text("utf-8"))
        secrets = (tmp_path / ".env").read_text("utf-8").splitlines()
        (main_store, second, *others) = settings["channel"]
        known = [httpx.get(f"{other['base_url']}/_practice/state").status_code for other in others]
        answered = httpx.get(f"{second['base_url']}/v2/time", headers={"X-Auth-Token": "practice-token-second"})
        process.send_signal(signal.SIGTERM)
    assert answered.status_code == 200
    assert lines[2] == f"second (bigcommerce) at {second['base_url']}\n"
    assert (main_store["name"], second["name"], second["kind"], second["practice"]) == (
        "main",
        "second",
        "bigcommerce",
        True,
    )
    assert [(other["name"], other["kind"], other.get("api_version")) for other in others] == [
        ("shopify", "shopify", "2026-07"),
        ("woocommerce", "woocommerce", None),
        ("shopify_2", "shopify", "2026-07"),
    ]
    assert known == [200] * 3
    assert [secret.partition("=")[0].removeprefix("FILLRATE_CHANNEL_") for secret in secrets[1:]] == [
        "MAIN_TOKEN",
        "SECOND_TOKEN",
        "SHOPIFY_CLIENT_ID",
        "SHOPIFY_CLIENT_SECRET",
        "WOOCOMMERCE_KEY",
        "WOOCOMMERCE_SECRET",
        "SHOPIFY_2_CLIENT_ID",
        "SHOPIFY_2_CLIENT_SECRET",
    ]
    assert process.returncode == 0


def test_shoppers_come_to_every_shop_under_one_clock() -> None:
    mall = Mall(Shop(CONFIG), ["shopify", "woocommerce", "bigcommerce"])
    shops = [mall.first, *mall.stores.values(), *mall.markets.values()]
    before, lives = [len(shop.state.orders) for shop in shops], lives_of(mall, 6000)
    start = mall.state.clock.now()
    for life in lives:
        life.start()
    time.sleep(1.2)
    for life in lives:
        life.stop()
    assert all(len(shop.state.orders) > had for shop, had in zip(shops, before, strict=True))
    assert {shop.state.clock.now() for shop in shops} == {mall.state.clock.now()}
    assert 1 <= mall.state.clock.now() - start < 60


def test_switches_are_drawn_for_every_shop() -> None:
    options = ["--products", "9", "--orders", "9", "--channels", "shopify,shopify", "--switches", "random", "--seed"]
    drawn = [make_served(parser().parse_args([*options, str(seed)])) for seed in (1, 1, 2)]
    told = [[market.switches for market in mall.markets.values()] for mall in drawn if isinstance(mall, Mall)]
    assert told[0] == told[1] != told[2]
    assert told[0][0] != told[0][1]
