"""A kind of channel that another package adds: the files of the tutorial, found by their entry point, keep the contract."""

import json
import random
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from fillrate.channels.protocol import Kind, Reach, Stream
from fillrate.gateway.budget import Budget, LocalTokens
from fillrate.gateway.outside import Outside
from fillrate.records import Product
from fillrate.settings.kinds import GROUP, kind_named, kinds
from tests.channels.practice import HurriedReach, Practice, pages, records
from tests.contract.reading import ReadingContract
from tests.practice_clock import PracticeClock

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "add-a-channel.md"
FILES = re.compile(r"^`([\w/.]+)`:\n\n```\w+\n(.*?)^```", re.DOTALL | re.MULTILINE)
GOODS = [{"id": f"CUP-{n}", "name": f"Cup {n}", "cents": 700 + n, "number": n} for n in range(9)]


def written(site: Path) -> None:
    """Put the files of the tutorial where packages lie, as an installer would: with the entry points of the project."""
    files = dict(FILES.findall(PAGE.read_text()))
    project = files.pop("pyproject.toml")
    for name, body in files.items():
        (site / name).parent.mkdir(exist_ok=True)
        (site / name).write_text(body)
    about = site / "fillrate_tills-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: fillrate-tills\nVersion: 1.0\n")
    ((name, target),) = re.findall(rf'\[project.entry-points."{GROUP}"\]\n(\w+) = "(.+)"', project)
    (about / "entry_points.txt").write_text(f"[{GROUP}]\n{name} = {target}\n")


@pytest.fixture(scope="module", autouse=True)
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    site = tmp_path_factory.mktemp("site")
    written(site)
    sys.path.insert(0, str(site))
    kind_named.cache_clear()
    yield
    sys.path.remove(str(site))
    kind_named.cache_clear()
    for name in [name for name in sys.modules if name.partition(".")[0] == "fillrate_tills"]:
        del sys.modules[name]


class Quiet(SimpleHTTPRequestHandler):
    """Tills: files, for whoever has the token."""

    def do_GET(self) -> None:
        if self.headers["Authorization"] != "Bearer tok":
            self.send_error(401)
            return
        super().do_GET()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@dataclass
class Counter(Practice):
    """Where the tills stand: their time is everybody's."""

    clock: PracticeClock

    def pass_time(self, seconds: int) -> None:
        self.clock.sleep(seconds)


@contextmanager
def tills(folder: Path, goods: list[dict[str, Any]]) -> Iterator[Practice]:
    """Serve tills on a socket, and open the channel of their kind as the settings name it."""
    (folder / "goods.json").write_text(json.dumps({"goods": goods}))
    (folder / "info.json").write_text(json.dumps({"id": "t-1", "name": "Tills", "currency": "EUR"}))
    kind: Kind = kind_named("tills")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        settings = kind.settings(name="counter", kind="tills", base_url=url, token="tok")
        clock = PracticeClock()
        outside = Outside(clock, random.Random(1))
        reach: Reach = HurriedReach(outside, Budget(LocalTokens(clock), outside))
        channel = kind.open(settings, reach)
        with httpx.Client(base_url=url) as client:
            try:
                yield Counter(channel, client, clock)
            finally:
                channel.close()
                server.shutdown()


class TestReading(ReadingContract):
    @pytest.fixture(autouse=True)
    def only_what_it_can(self, request: pytest.FixtureRequest, tmp_path: Path, installed: None) -> None:
        self.capabilities = kind_named("tills").capabilities
        self.folder = tmp_path
        callspec = getattr(request.node, "callspec", None)
        stream = callspec.params.get("stream") if callspec else None
        if isinstance(stream, Stream) and stream not in self.capabilities.streams:
            pytest.skip(f"it declares that it reads no {stream}")

    def serve(self, *, many: bool = False) -> Any:
        return tills(self.folder, GOODS)


def test_the_kind_is_found_by_its_entry_point_and_says_who_the_shop_is(tmp_path: Path) -> None:
    assert "tills" in kinds()
    with tills(tmp_path, GOODS) as side:
        assert (side.channel.store().identity, side.channel.probe()[0].state) == ("t-1", "granted")


def test_a_bad_row_is_rejected_with_its_reason_and_the_others_come(tmp_path: Path) -> None:
    with tills(tmp_path, [*GOODS, {"id": "CUP-X", "name": "Cup", "cents": "much", "number": 1}]) as side:
        (page,) = pages(side.channel, Stream.PRODUCTS)
        found = records(side.channel, Stream.PRODUCTS)["CUP-3"]

    assert len(page.records) == len(GOODS)
    assert [one.platform_id for one in page.rejects] == ["CUP-X"]
    assert isinstance(found, Product)
    assert found.price_e4 == 7_0300
