"""The flow `follow-hooks`: green with what it read, and Unchanged where that was nothing new, so that nothing begins after it."""

import asyncio
from typing import Any

import pytest

from fillrate.bootstrap import open_desk
from fillrate.channels.protocol import Heard, Hint, Stream
from fillrate.steps.hooks.hear import Call, keep
from flows.follow_hooks import follow_hooks
from flows.sync_catalog import sync_catalog
from flows.sync_orders import sync_orders
from sandbox import Running
from sandbox.actions import run_actions

pytestmark = [pytest.mark.flow, pytest.mark.xdist_group("prefect")]


def hinted(order: int, key: str) -> None:
    with open_desk() as desk:
        heard = Heard(key=key, hints=(Hint(Stream.ORDERS, str(order)),))
        keep(desk, [Call(desk.shop("main").id, desk.outside.clock.now(), heard)])


def ended(flow: Any) -> Any:
    return asyncio.run(flow(return_state=True))


def test_a_run_that_brings_news_is_completed_and_another_is_unchanged(prefect_server: None, running: Running) -> None:
    for flow in (sync_catalog, sync_orders):
        assert ended(flow).name == "Completed"
    variant = next(iter(running.shop.state.variants))
    [made] = run_actions(
        running.shop.state, {"action": "place_order", "lines": [{"variant_id": variant.id, "quantity": 1}]}
    )

    hinted(made["order_id"], "one")
    first = ended(follow_hooks)
    hinted(made["order_id"], "two")
    second = ended(follow_hooks)
    third = ended(follow_hooks)

    assert [one.name for one in (first, second, third)] == ["Completed", "Unchanged", "Unchanged"]
    assert all(one.is_completed() for one in (first, second, third))
