"""A shop's hooks come in over HTTP: proved, kept before they are answered, and none is lost in a flood."""

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from deployments.cli.up import is_taken
from deployments.receiver.starter import Errand, Folders, Starter, errands_of
from fillrate.bootstrap import open_desk
from fillrate.channels.hooks import WORD_HEADER
from fillrate.channels.protocol import Heard, Hint, Stream
from fillrate.db.tables import Channel
from fillrate.gateway.outside import Outside
from fillrate.steps.desk import Desk
from fillrate.steps.hooks.hear import Call, keep
from sandbox import Shop, ShopConfig, Switches, serve
from tests.channels.hooked import STRANGE, letter, standard
from tests.cli.conftest import settled
from tests.cli.merchant import TOKEN, Merchant, settings_for
from tests.deployments.server import Server, free_port, until
from tests.deployments.warehouse import served
from tests.simulation.wire import InProcess
from tests.steps.hooked import HookedWorld

Door = Callable[..., httpx.Response]


class Practice(HookedWorld):
    """A merchant whose clock is that of the machine, as a receiver's is."""

    @contextmanager
    def opened(self) -> Iterator[Desk]:
        with open_desk(self.settings(), Outside(), {"main": InProcess(self.shop)}) as desk:
            yield desk


def made(url: str, port: int) -> Practice:
    world = HookedWorld.make(url, 3, Switches(), products=4, customers=3, orders=4)
    found = Practice(world.shop, url, 3)
    found.public_url = f"http://127.0.0.1:{port}"
    found.shop.config = world.shop.config
    found.shop.courier.by_hand = True
    return found


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def world(db_url: str, port: int) -> Practice:
    return made(db_url, port)


@pytest.fixture
def small(sqlite_url: str, port: int) -> Practice:
    return made(sqlite_url, port)


def order(number: int) -> bytes:
    return letter("store/order/updated", {"type": "order", "id": number}, producer="stores/practice")


def signed(world: Practice, raw: bytes, name: str, stamp: int | None = None) -> dict[str, str]:
    return standard(raw, int(time.time()) if stamp is None else stamp, world.shop.config.client_secret, name)


def test_a_shop_tells_over_http_and_its_order_is_there_after_the_next_following(world: Practice, port: int) -> None:
    world.day()
    world.register()
    with world.opened() as desk, served(desk, port):
        variant = next(iter(world.shop.state.variants))
        made = world.act(action="place_order", lines=[{"variant_id": variant.id, "quantity": 1}])
        assert world.shop.courier.carry() >= 1
    found = dict(world.practice("hooks", method="GET")["counts"])
    assert found["delivered"] == found["events"]
    world.rest(0)
    world.clock.time = Outside().clock.now()
    world.follow()
    assert world.ask("SELECT COUNT(*) FROM sales_order WHERE platform_id = ?".replace("?", f"'{made['order_id']}'"))[0][
        0
    ]


def test_a_forged_hook_is_refused_without_a_word_and_an_unknown_channel_is_not_there(
    small: Practice, port: int
) -> None:
    raw = order(7)
    with small.opened() as desk, served(desk, port) as http:
        strange = standard(raw, int(time.time()), STRANGE)
        late = signed(small, raw, "late", int(time.time()) - 3600)
        for headers in ({}, strange, late, {WORD_HEADER: STRANGE}):
            answer = http.post("/hooks/main", content=raw, headers=headers)
            assert (answer.status_code, answer.content) == (401, b"")
        for path in ("/hooks/other", "/hooks/", "/hooks/main/more", "/hooks/%00", "/hooks/../warehouse"):
            assert http.post(path, content=raw, headers=signed(small, raw, "a")).status_code == 404
        assert http.get("/hooks/main").status_code == 405
    assert small.left() == []
    [(heard, forged, late_at)] = small.ask("SELECT heard_at, forged_at, late_at FROM hook_watch")
    assert (heard, forged is not None, late_at is not None) == (None, True, True)


def test_a_channel_without_a_secret_takes_no_hooks(small: Practice, port: int) -> None:
    small.client_secret, small.word = "", ""
    with small.opened() as desk, served(desk, port) as http:
        assert http.post("/hooks/main", content=b"{}").status_code == 404


def test_a_body_that_is_too_large_is_read_no_further_and_what_says_nothing_is_taken(small: Practice, port: int) -> None:
    with small.opened() as desk, served(desk, port) as http:
        assert http.post("/hooks/main", content=b" " * 1_500_000).status_code == 413
        for raw in (b"", b"[]", b"{", b"\xff"):
            assert http.post("/hooks/main", content=raw, headers=signed(small, raw, f"n{len(raw)}")).status_code == 200
    assert small.left() == []


def test_a_hook_that_cannot_be_kept_is_not_acknowledged_and_the_next_one_is(small: Practice, port: int) -> None:
    raw, other = order(7), order(8)
    with small.opened() as desk, served(desk, port) as http:
        with desk.db.engine.connect() as connection:
            connection.exec_driver_sql("ALTER TABLE hint RENAME TO away")
            connection.commit()
        answer = http.post("/hooks/main", content=raw, headers=signed(small, raw, "one"))
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        with desk.db.engine.connect() as connection:
            connection.exec_driver_sql("ALTER TABLE away RENAME TO hint")
            connection.commit()
        for again in (raw, other):
            assert http.post("/hooks/main", content=again, headers=signed(small, again, "one")).status_code == 200
    assert small.left() == [("orders", "7")]


def flood(world: Practice, http: httpx.Client, hooks: int, workers: int) -> list[float]:
    """Send so many hooks on so many connections, each of an order of its own; returns how long each took, in seconds."""
    took: list[float] = []

    def send(first: int) -> None:
        with httpx.Client(base_url=http.base_url, timeout=60, trust_env=False) as mine:
            for number in range(first, hooks + 1, workers):
                raw = order(number)
                began = time.monotonic()
                answer = mine.post("/hooks/main", content=raw, headers=signed(world, raw, f"hook-{number}"))
                assert answer.status_code == 200, answer.text
                took.append(time.monotonic() - began)

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(send, range(1, workers + 1)))
    return sorted(took)


@pytest.mark.parametrize(
    "hooks", [pytest.param(500, id="500"), pytest.param(10_000, id="10000", marks=pytest.mark.slow)]
)
def test_none_of_a_flood_of_hooks_is_lost_also_while_others_write(small: Practice, port: int, hooks: int) -> None:
    stop = threading.Event()
    with small.opened() as desk, served(desk, port) as http:

        def others() -> None:
            n = 0
            while not stop.wait(0.05):
                n += 1
                with desk.db.write("others") as tx:
                    tx.connection.exec_driver_sql(f"INSERT INTO mark (name, value) VALUES ('busy-{n}', '')")

        busy = threading.Thread(target=others)
        busy.start()
        began = time.monotonic()
        took = flood(small, http, hooks, 16)
        whole = time.monotonic() - began
        stop.set()
        busy.join()
    half, most = (took[hooks * share // 100] * 1e3 for share in (50, 99))
    told = f"{hooks} hooks in {whole:.1f} s; half in {half:.0f} ms, 99 % in {most:.0f} ms"
    assert small.left() == sorted(("orders", str(number)) for number in range(1, hooks + 1))
    assert small.ask("SELECT COUNT(*) FROM hook_seen") == [(hooks,)]
    assert whole < 60, told
    logging.getLogger(__name__).info(told)


class Told:
    """A Prefect server that ends runs as told."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.state = ""
        self.is_down = False

    def start(self, deployment: str) -> Any:
        if self.is_down:
            raise ConnectionError
        self.started.append(deployment)
        return len(self.started)

    def ended(self, run_id: Any) -> str:
        return self.state


def test_one_run_at_a_time_is_started_and_what_comes_meanwhile_is_for_the_next() -> None:
    server, due = Told(), [True]
    errand = Errand("follow-hooks/fillrate", lambda: due[0])
    for now in range(5):
        errand.look(server, now)
    assert server.started == ["follow-hooks/fillrate"]
    server.state = "Completed"
    errand.look(server, 5)
    assert len(server.started) == 2
    due[0] = False
    errand.look(server, 6)
    assert len(server.started) == 2


def test_a_flow_that_leaves_its_work_undone_is_started_ever_less_often() -> None:
    server = Told()
    errand = Errand("follow-hooks/fillrate", lambda: True)
    server.state = "Skipped"
    for now in range(600):
        errand.look(server, now)
    assert 8 <= len(server.started) <= 16


def test_a_flow_that_brings_news_or_is_done_is_started_at_once_again() -> None:
    server, due = Told(), [True]
    errand = Errand("follow-hooks/fillrate", lambda: due[0])
    server.state = "Completed"
    for now in range(10):
        errand.look(server, now)
    assert len(server.started) >= 9
    server.state = "Unchanged"
    for now in range(10, 100):
        errand.look(server, now)
    few = len(server.started)
    assert few < 20
    due[0] = False
    errand.look(server, 200)
    due[0] = True
    errand.look(server, 201)
    assert len(server.started) == few + 1


def test_hints_of_a_channel_that_left_the_settings_start_nothing(small: Practice) -> None:
    with small.opened() as desk:
        with desk.db.write("test") as tx:
            tx.upsert(Channel, [{"name": "gone", "kind": "bigcommerce", "identity": ""}], key=("name",))
            gone = tx.scalar(sa.text("SELECT id FROM channel WHERE name = 'gone'"))
        [errand] = errands_of(desk)
        for channel_id, is_due in ((gone, False), (desk.shop("main").id, True)):
            heard = Heard(key=f"{channel_id}", hints=(Hint(Stream.ORDERS, "1"),))
            keep(desk, [Call(channel_id, desk.outside.clock.now(), heard)])
            assert errand.is_due() is is_due


def test_a_server_that_is_down_is_asked_again_later_and_nothing_is_forgotten() -> None:
    server = Told()
    server.is_down = True
    due = [True]
    errand = Errand("sync-inbound/fillrate", lambda: due[0])
    starter = Starter([errand])
    starter.look(server)
    due[0] = False
    server.is_down = False
    starter.look(server)
    assert server.started == []
    errand.not_before = 0
    starter.look(server)
    assert server.started == ["sync-inbound/fillrate"]


def test_a_file_that_is_put_into_a_folder_is_noticed_once_and_only_when_it_is_whole(tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_text("a")
    folders = Folders([tmp_path, tmp_path / "not-there"])
    assert not folders.have_more()
    file = tmp_path / "new.csv"
    for part in ("a", "ab"):
        file.write_text(part)
        time.sleep(0.02)
        assert not folders.have_more()
    assert folders.have_more()
    assert not folders.have_more()
    (tmp_path / "notes.txt").write_text("no file of a feed")
    file.unlink()
    assert not folders.have_more()
    assert not folders.have_more()


def test_what_was_acknowledged_is_there_after_the_receiver_was_killed(merchant: Merchant) -> None:
    port, acknowledged = free_port(), list[str]()
    secret = {"FILLRATE_CHANNEL_MAIN_CLIENT_SECRET": "a-secret-of-this-account-of-forty-letters"}

    def send(first: int) -> None:
        with suppress(httpx.TransportError), httpx.Client(timeout=20, trust_env=False) as mine:
            for number in range(first, 100_000, 8):
                raw, stamp = order(number), int(time.time())
                headers = standard(raw, stamp, *secret.values(), f"hook-{number}")
                if mine.post(f"http://127.0.0.1:{port}/hooks/main", content=raw, headers=headers).status_code == 200:
                    acknowledged.append(f"hook-{number}")

    with merchant.calling("receiver", "--port", str(port), **secret) as process:
        until(lambda: is_taken(port), "the receiver")
        with ThreadPoolExecutor(8) as pool:
            senders = [pool.submit(send, first) for first in range(8)]
            until(lambda: len(acknowledged) > 300, "hooks that are acknowledged")
            process.kill()
            for one in senders:
                one.result()
    kept = {row[0] for row in merchant.sql("SELECT key FROM hook_seen")}
    assert len(acknowledged) > 300
    assert set(acknowledged) <= kept


@pytest.mark.slow
@pytest.mark.flow
@pytest.mark.xdist_group("prefect")
def test_up_reads_an_order_by_its_hook_long_before_its_poll(tmp_path: Path, port: int) -> None:
    prefect = free_port()
    told = ShopConfig(products=5, customers=3, orders=3, token=TOKEN, hooks_to_loopback=True)
    with serve(Shop(told)) as shop:
        merchant = settled(tmp_path, shop)
        merchant.settings(
            f'{settings_for(shop.url)}[receiver]\nport = {port}\npublic_url = "http://127.0.0.1:{port}"\n'
        )
        with (tmp_path / ".env").open("a") as env:
            env.write(f"FILLRATE_CHANNEL_MAIN_CLIENT_SECRET={told.client_secret}\n")
        for words in ("run sync-catalog", "run sync-orders"):
            assert merchant.fillrate(*words.split()).code == 0
        assert len(shop.shop.state.hooks.hooks) == 19
        server = Server(f"http://127.0.0.1:{prefect}", {})
        with merchant.calling("up", "--port", str(prefect)) as process:
            until(lambda: is_taken(port) and is_taken(prefect), "everything to be up", 120)
            until(server.deployments, "the deployments", 60)
            variant = next(iter(shop.shop.state.variants))
            action = {"action": "place_order", "lines": [{"variant_id": variant.id, "quantity": 1}]}
            [made] = httpx.post(f"{shop.root}/_practice/shop", json=action, timeout=20).json()
            [run] = until(lambda: server.runs("follow-hooks", "COMPLETED"), "a run of follow-hooks", 60)
            known = merchant.sql(f"SELECT COUNT(*) FROM sales_order WHERE platform_id = '{made['order_id']}'")
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)
    assert known == [(1,)]
    assert "1 order new" in run["name"]
