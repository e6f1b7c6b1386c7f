"""`fillrate run` and `fillrate demo` as processes; the server that the demo brings along serves every run here."""

import json
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from deployments.cli.demo_story import wanted
from deployments.cli.terminal import EXIT_WAITING
from fillrate.db.database import Database
from fillrate.gateway.outside import Outside
from sandbox import Request, Running, Shop, ShopConfig
from tests.cli.conftest import Here, first_day, small_shop
from tests.cli.merchant import TOKEN, Merchant, bare_environment, interrupted, settings_for, wait_until_fired

pytestmark = [pytest.mark.flow, pytest.mark.xdist_group("prefect")]

PLAN = "P-7313a2d447-1"
RESULT = {"flow", "run_id", "state", "seconds", "counts", "plan", "cursors", "problems", "details"}


@dataclass
class Demo:
    """A demo that stays until Ctrl-C."""

    process: "subprocess.Popen[str]"
    merchant: Merchant  # as the demo has left it
    lines: list[str]

    def address(self, before: str) -> str:
        """The address in the line that begins so."""
        return next(line.removeprefix(before).strip() for line in self.lines if line.startswith(before))

    @property
    def shop(self) -> str:
        return self.address("  the practice shop is open at ")

    @property
    def server(self) -> str:
        return self.address("  the Prefect server listens at ")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    with Merchant(folder).calling("demo", "--keep", "--seed", "3") as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line.rstrip())
            if "Ctrl-C ends the demo." in line:
                break
        yield Demo(process, Merchant(folder / "demo-shop"), lines)
        if process.poll() is None:
            interrupted(process)


@pytest.fixture
def prefect(demo: Demo, tmp_path: Path) -> dict[str, str]:
    """Where runs find the Prefect server."""
    return {"PREFECT_API_URL": f"{demo.server}/api", "PREFECT_HOME": str(tmp_path / "prefect")}


@pytest.fixture
def own_shop() -> Iterator[Running]:
    """A shop that this test may write to."""
    with small_shop() as running:
        yield running


@pytest.fixture
def owner(own_shop: Running, tmp_path: Path) -> Merchant:
    """A merchant after the first day, with a shop of this test's own."""
    (tmp_path / "owner").mkdir()
    return first_day(tmp_path / "owner", own_shop)


def writes(shop: Running) -> list[str]:
    found = httpx.get(f"{shop.root}/_practice/requests?bodies=1").json()["writes"]
    return [f"{one['method']} {one['path']}" for one in found]


def test_the_demo_runs_every_flow_and_says_what_it_did_and_where_to_look(demo: Demo, here: Here) -> None:
    flows = ("sync-catalog", "sync-orders", "reconcile-inventory", "sync-inbound", "allocate-orders")

    assert [line.split(" in ")[0] for line in demo.lines if line.startswith(flows)] == [f"{one}: done" for one in flows]
    advice = [line.strip() for line in demo.lines if line.strip().startswith("FILLRATE_CONFIG=")]
    assert [line.split()[-1] for line in advice] == ["status", "plans", "audit"]
    assert [
        subprocess.run(
            line, shell=True, cwd=demo.merchant.folder.parent, env=bare_environment(), check=False
        ).returncode
        for line in advice
    ] == [EXIT_WAITING, EXIT_WAITING, 0]  # the slip is proposed, and waits
    assert httpx.get(f"{demo.server}/api/health").status_code == 200
    assert here(demo.merchant, "audit", "--shop").code == 0


def test_the_order_of_the_demo_waits_for_a_delivery_is_told_its_promised_day_and_asked_about_when_it_slips(
    demo: Demo, here: Here
) -> None:
    said = "\n".join(demo.lines)
    waits = re.search(r"waiting for (PO-\d+) of ([\w ]+), expected on [\d-]+\. Likely on the shelf on", said)
    promised = re.search(r"Promised to leave by ([\d-]+) \(by what was on its way then", said)
    told = re.search(r"\| +Ships by (.+)", said)
    proposed = re.search(r"Proposed for (main:\d+) is ([\d-]+)\. .* show (P-\S+)", said)

    assert waits and promised and told and proposed
    assert datetime.strptime(told[1], "%d %B %Y").replace(tzinfo=UTC).date() == date.fromisoformat(promised[1])
    assert f"Now the supplier's feed says that {waits[1]} comes three weeks later.\n  Delivery {waits[1]} " in said
    assert date.fromisoformat(proposed[2]) > date.fromisoformat(promised[1])
    assert f"{promised[1]} → {proposed[2]}" in here(demo.merchant, "show", proposed[3]).out


@pytest.mark.parametrize(("seed", "comes"), [(3, True), (7, True), (9, True), (190, False)])
def test_of_any_shop_the_demo_orders_what_is_scarce_first_that_of_which_more_comes_than_others_wait_for(
    seed: int, comes: bool
) -> None:
    shop = Shop(ShopConfig(seed=seed, switches={"backorders": True}))
    state = shop.handle(Request("GET", "/_practice/state", "only=stock,purchase_orders,clock", {})).json()
    first = wanted(state)[0]
    lines = [one for order in state["purchase_orders"] for one in order["lines"] if one["sku"] == first.sku]
    open_units = sum(one["quantity"] - one["received"] for one in lines if one["status"] == "open")

    assert (first.there, first.comes) == (0, comes)
    assert comes == (open_units > first.waiting)


def test_an_approved_plan_is_written_by_the_next_run_and_a_refused_one_never(
    owner: Merchant, own_shop: Running, here: Here, prefect: dict[str, str]
) -> None:
    refused = owner.moved_to(owner.folder.with_name("refused"))
    here(refused, "reject", PLAN)
    after_no = refused.fillrate("run", "allocate-orders", "--json", **prefect)
    written_after_no = writes(own_shop)
    here(owner, "approve", PLAN)
    after_yes = owner.fillrate("run", "allocate-orders", "--json", **prefect)

    assert (after_no.code, after_no.json["plan"]) == (0, None)
    assert written_after_no == []
    assert (after_yes.code, after_yes.json["counts"]["changes_done"]) == (0, 4)
    assert set(after_yes.json) == RESULT
    assert len(writes(own_shop)) > 0
    assert "The shop has been told which units wait." in here(owner, "explain", "order", "123").out
    assert here(owner, "approve", PLAN).words.startswith(f"fillrate: Plan {PLAN} is applied and can no longer be")


def test_damaged_records_are_code_4_and_a_plan_that_waits_is_code_3(
    newcomer: Merchant, faults: Callable[..., None], here: Here, prefect: dict[str, str]
) -> None:
    faults(match="GET /v2/orders?*", kind="bad_record", field="status_id", how="type")
    orders = newcomer.fillrate("run", "sync-orders", "--json", **prefect)
    after_orders = here(newcomer, "status")
    allocation = newcomer.fillrate("run", "allocate-orders", **prefect, PREFECT_LOGGING_ROOT_LEVEL="DEBUG")

    assert (orders.code, orders.json["state"], orders.json["counts"]["orders_rejected"]) == (4, "done", 1)
    assert orders.json["counts"]["orders_new"] == 23
    assert after_orders.code == 4
    assert "Records that could not be read: 1" in after_orders.out
    assert allocation.code == 3
    plan = here(newcomer, "plans", "--json").json["plans"][0]["id"]
    assert f"Look at it with: fillrate show {plan}" in allocation.out
    assert "DEBUG" in allocation.err
    assert TOKEN not in orders.out + orders.err + allocation.out + allocation.err
    assert TOKEN.encode() not in newcomer.all_bytes()


def test_a_command_waits_for_a_run_that_is_at_the_same_work(merchant: Merchant, prefect: dict[str, str]) -> None:
    db = Database.open(f"sqlite:///{merchant.folder / 'fillrate.db'}", Outside())
    held = db.hold("channel:main:catalog", wait_s=0)
    held.__enter__()
    with merchant.calling("run", "sync-catalog", "--json", **prefect) as process:
        for _ in range(600):
            with db.read() as reading:
                takes = reading.scalar(sa.text("SELECT COUNT(*) FROM flow_run WHERE state = 'running'"))
            if takes:
                break
            time.sleep(0.1)
        time.sleep(1)
        still_waits = process.poll() is None
        held.__exit__(None, None, None)
        said, _ = process.communicate(timeout=60)
    db.close()

    assert still_waits
    assert process.returncode == 0
    assert json.loads(said)["state"] == "done"


def test_a_shop_that_is_out_of_reach_leaves_a_run_with_problems(merchant: Merchant, prefect: dict[str, str]) -> None:
    merchant.settings(settings_for("http://127.0.0.1:9/stores/practice"))

    said = merchant.fillrate("run", "sync-catalog", "--json", **prefect)

    assert (said.code, said.json["state"]) == (1, "problems")
    assert [one["what"] for one in said.json["problems"]] == [
        "bigcommerce.store: 127.0.0.1 could not be reached, again and again."
    ]
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    ("arguments", "environ", "words"),
    [
        (["--channel", "ebay"], {}, "fillrate: There is no channel called 'ebay'.\nThe settings name: main.\n"),
        (
            [],
            {"FILLRATE_CHANNEL_MAIN_TOKEN": "mistyped-token"},
            "fillrate: bigcommerce.store: 127.0.0.1 refused the token (401).\n"
            "Give this channel a valid token with the scope store_v2_information_read_only.\n",
        ),
    ],
)
def test_a_mistake_that_shows_only_during_the_run_is_a_sentence_without_a_traceback(
    merchant: Merchant, prefect: dict[str, str], arguments: list[str], environ: dict[str, str], words: str
) -> None:
    said = merchant.fillrate("run", "sync-orders", *arguments, **prefect, **environ)

    assert said.code == 2
    assert words in said.words
    assert all(" | " in line for line in said.words.split(words)[-1].splitlines())  # Prefect may still log its own end
    assert "mistyped-token" not in said.words


def test_a_parameter_that_a_flow_does_not_have_is_told(merchant: Merchant, here: Here) -> None:
    said = here(merchant, "run", "allocate-orders", "--full", "--since", "2026-01-01")

    assert said.code == 2
    assert said.words == (
        "fillrate: allocate-orders has no --full, --since.\nLeave it out, or see: fillrate run --help\n"
    )


def test_ctrl_c_ends_a_run_at_once_and_the_next_one_takes_over(
    newcomer: Merchant, shop: Running, faults: Callable[..., None], prefect: dict[str, str]
) -> None:
    faults(match="GET /v2/orders*", kind="drip", bytes_per_second=20, times=1)
    with newcomer.calling("run", "sync-orders", **prefect) as process:
        wait_until_fired(shop)
        began = time.monotonic()
        said = interrupted(process)

    assert time.monotonic() - began < 10
    assert said.code == 130
    assert said.words.endswith("fillrate: Interrupted.\nRun it again; that is harmless.\n")
    again = newcomer.fillrate("run", "sync-orders", "--json", **prefect)
    assert (again.code, again.json["counts"]["orders_new"]) == (0, 24)


@pytest.mark.slow
def test_a_run_without_a_server_brings_one_along_and_says_its_json_alone(newcomer: Merchant, tmp_path: Path) -> None:
    said = newcomer.fillrate("run", "sync-catalog", "--json", PREFECT_HOME=str(tmp_path / "prefect"))

    assert (said.code, set(said.json), said.json["state"]) == (0, RESULT, "done")
    assert "Starting temporary server" in said.err


def test_ctrl_c_ends_the_demo_and_all_that_it_started(demo: Demo) -> None:
    said = interrupted(demo.process, signal.SIGINT)

    assert said.code == 0
    assert "Traceback" not in said.err
    for address in (demo.shop, f"{demo.server}/api/health"):
        with pytest.raises(httpx.ConnectError):
            httpx.get(address)


def test_the_demo_leaves_a_folder_alone_that_it_did_not_make(newcomer: Merchant) -> None:
    (newcomer.folder / "demo-shop").mkdir()

    said = newcomer.fillrate("demo")

    assert said.code == 1
    assert said.words == (
        f"fillrate: {newcomer.folder / 'demo-shop'} exists and was not made by the demo.\n"
        "Move it away, or run the demo elsewhere.\n"
    )
    assert list((newcomer.folder / "demo-shop").iterdir()) == []
