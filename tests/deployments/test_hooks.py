"""A shop's hooks come in over HTTP: proved, kept before they are answered, and none is lost in a flood."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from deployments.receiver.starter import Errand, Folders, Starter
from fillrate.bootstrap import open_desk
from fillrate.channels.hooks import WORD_HEADER
from fillrate.gateway.outside import Outside
from fillrate.steps.desk import Desk
from sandbox import Switches
from tests.channels.hooked import STRANGE, letter, standard
from tests.deployments.server import free_port
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


class Server:
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
    server, due = Server(), [True]
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
    server = Server()
    errand = Errand("follow-hooks/fillrate", lambda: True)
    server.state = "Skipped"
    for now in range(600):
        errand.look(server, now)
    assert 8 <= len(server.started) <= 16


def test_a_server_that_is_down_is_asked_again_later_and_nothing_is_forgotten() -> None:
    server = Server()
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
