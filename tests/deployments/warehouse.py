"""A receiver on a socket, and a warehouse that speaks to it."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import uvicorn
from pydantic import SecretStr

from deployments.receiver.app import receiver
from fillrate.bootstrap import open_desk
from fillrate.gateway.outside import Outside
from fillrate.settings import Settings
from fillrate.settings.receiver import ReceiverSettings
from fillrate.steps.desk import Desk
from tests.deployments.server import free_port
from tests.simulation.wire import InProcess
from tests.simulation.world import World

TOKEN = "a-token-of-forty-letters-that-nobody-knows"


class Warehouse:
    """Speaks to a receiver with its token, each call under a key of its own unless given."""

    def __init__(self, http: httpx.Client) -> None:
        self.http = http
        self.calls = 0

    def get(self, path: str, **query: Any) -> Any:
        answer = self.http.get(f"/warehouse/v1/{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any = None, key: str = "", code: int = 200) -> Any:
        self.calls += 1
        key = key or f"call-number-{self.calls}"
        answer = self.http.post(f"/warehouse/v1/{path}", json=body, headers={"Idempotency-Key": key})
        assert answer.status_code == code, answer.text
        return answer.json()


def with_token(settings: Settings, token: str = TOKEN) -> Settings:
    return settings.model_copy(update={"receiver": ReceiverSettings(warehouse_token=SecretStr(token))})


@contextmanager
def served(desk: Desk, port: int = 0) -> Iterator[httpx.Client]:
    """The receiver of a desk, under a real server."""
    port = port or free_port()
    server = uvicorn.Server(uvicorn.Config(receiver(desk), port=port, log_level="warning", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        end = time.monotonic() + 20
        while not server.started:
            assert time.monotonic() < end
            time.sleep(0.01)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20, trust_env=False) as http:
            yield http
    finally:
        server.should_exit = True
        thread.join(20)


@contextmanager
def warehouse_of(world: World) -> Iterator[Warehouse]:
    """A warehouse that speaks to the receiver of a merchant."""
    world.runs += 1
    outside = Outside(world.clock, random.Random(world.seed * 1000 + world.runs))
    with (
        open_desk(with_token(world.settings()), outside, {"main": InProcess(world.shop)}) as desk,
        served(desk) as http,
    ):
        http.headers["Authorization"] = f"Bearer {TOKEN}"
        yield Warehouse(http)
