"""`python -m sandbox`: serves, says so in one line, writes settings of its own only, stops when told."""

import json
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import httpx
import pytest

from sandbox import Running, Shop, ShopConfig
from sandbox.__main__ import main, make_shop, parser, switches_of
from sandbox.live import Life
from sandbox.written import NotOurs, check_folder, write_config

SMALL = ["--products", "15", "--customers", "5", "--orders", "20"]
PLACE = {"name": 'Quay "7"', "zone": "Europe/Berlin", "currency": "EUR", "url": "http://127.0.0.1:1/x", "token": "t"}


@pytest.mark.parametrize(("stop", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_it_says_where_it_is_and_stops_when_told(tmp_path: Path, stop: signal.Signals, code: int) -> None:
    faults = tmp_path / "faults.json"
    faults.write_text(json.dumps([{"match": "GET /v2/time", "kind": "503", "times": 1}]))
    options = ["--switches", "random", "--faults", str(faults), "--write-config", str(tmp_path / "made")]
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--seed", "3", *SMALL, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        settings = tomllib.loads((tmp_path / "made/fillrate.toml").read_text("utf-8"))
        url = settings["channel"][0]["base_url"]
        token = (tmp_path / "made/.env").read_text("utf-8").split("FILLRATE_CHANNEL_MAIN_TOKEN=")[1].strip()
        answers = [httpx.get(f"{url}/v2/time", headers={"X-Auth-Token": token}).status_code for _ in range(2)]
        process.send_signal(stop)
        rest = process.stdout.read()

    assert line == f"practice shop ready at {url}\n"
    assert answers == [503, 200]
    assert (process.returncode, rest) == (code, f"its token is {token}\n")
    assert settings["channel"][0]["practice"] is True


def test_settings_are_written_for_the_owner_only_and_anew(tmp_path: Path) -> None:
    write_config(tmp_path, **PLACE)
    write_config(tmp_path, **{**PLACE, "url": "http://127.0.0.1:2/stores/x"})

    found = tomllib.loads((tmp_path / "fillrate.toml").read_text("utf-8"))
    assert found["store"] == {"name": 'Quay "7"', "timezone": "Europe/Berlin", "currency": "EUR"}
    assert found["channel"][0]["base_url"] == "http://127.0.0.1:2/stores/x"
    assert found["inbound"] == [{"name": "supplier", "url": "http://127.0.0.1:2/supplier/inbound.json"}]
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["fillrate.toml", ".env"])
def test_settings_of_somebody_else_stay_as_they_are(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_text("mine\n")

    assert main([*SMALL, "--write-config", str(tmp_path)]) == 2
    assert "was not written by the practice shop" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == [name]
    with pytest.raises(NotOurs):
        check_folder(tmp_path)


def test_wrong_faults_and_switches_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text('[{"kind": "earthquake"}]')

    assert main([*SMALL, "--faults", str(wrong)]) == 2
    wrong.write_text('{"weather": "fine"}')
    assert main([*SMALL, "--switches", str(wrong)]) == 2
    assert main([*SMALL, "--switches", str(tmp_path / "missing.json")]) == 2
    assert "earthquake" in capsys.readouterr().err


@pytest.mark.parametrize(
    "options",
    [
        ["--port", "70000"],
        ["--port", "-1"],
        ["--live", "nan"],
        ["--live", "inf"],
        ["--live", "0"],
        ["--live", "5", "--products", "0"],
        ["--deduct-at", "night"],
        ["--days", "0"],
    ],
    ids=str,
)
def test_what_cannot_be_is_wrong_use_and_no_traceback(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code: object = main([*SMALL, *options])
    except SystemExit as error:
        code = error.code

    assert code == 2
    assert capsys.readouterr().err


@pytest.mark.parametrize(
    "text", ['["over_limit"]', '"random"', '{"unstated_limit_max": "x"}', '{"metafield_batch_max": 0}']
)
def test_a_file_that_holds_no_switches_is_wrong_use(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "switches.json").write_text(text)

    assert main([*SMALL, "--switches", str(tmp_path / "switches.json")]) == 2
    assert capsys.readouterr().err


def test_a_port_in_use_is_found_before_the_shop_is_made(
    running: Running, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sandbox.__main__.make_shop", lambda _: pytest.fail("made for nothing"))

    assert main(["--port", str(running.port)]) == 2
    assert "in use" in capsys.readouterr().err


def test_a_shop_may_deduct_at_shipping() -> None:
    shop = make_shop(parser().parse_args([*SMALL, "--deduct-at", "shipping"]))

    assert shop.state.settings["update_stock_behavior"] == "order_completed_or_shipped"
    assert make_shop(parser().parse_args(SMALL)).state.settings["update_stock_behavior"] == "order_placed"


def test_every_option_says_what_it_does() -> None:
    assert not [action.dest for action in parser()._actions if not action.help]


def test_switches_come_from_a_file_or_from_chance(tmp_path: Path) -> None:
    file = tmp_path / "switches.json"
    file.write_text('{"over_limit": "413"}')

    assert switches_of(str(file), 1).over_limit == "413"
    assert switches_of("random", 1) == switches_of("random", 1)
    assert len({switches_of("random", seed) for seed in range(20)}) > 10


def test_the_defaults_make_a_shop_of_a_few_hundred() -> None:
    options = parser().parse_args([])

    assert (options.products, options.customers, options.orders, options.days) == (200, 150, 600, 365)


def test_a_live_shop_gets_orders_and_sends_some() -> None:
    shop = Shop(ShopConfig(products=30, customers=10, orders=60))
    life = Life(shop, orders_per_minute=6000)
    before = len(shop.state.orders), len(shop.state.shipments)
    for _ in range(60):
        life.tick()

    assert len(shop.state.orders) == before[0] + 60
    assert len(shop.state.shipments) > before[1]


def test_a_live_clock_runs_and_stops_with_its_life() -> None:
    shop = Shop(ShopConfig(products=5, customers=2, orders=5))
    life = Life(shop, orders_per_minute=60_000)
    life.start()
    while len(shop.state.orders) < 8:
        pass
    life.stop()

    assert shop.state.clock.live
    assert shop.state.clock.now() >= shop.state.clock.start
