"""The ledger of promises: what became of each through the real steps, by supplier, SKU, source and channel."""

import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from fillrate.bootstrap import open_desk
from fillrate.db.tables import Channel, Order, OrderLine, Promise, Shipment
from fillrate.report.promises import kept_artifact, total_sentences
from fillrate.steps.correcting.cancelled_units import cancel_units
from fillrate.steps.correcting.word import said
from fillrate.steps.kept import By, promises_kept
from fillrate.steps.runs import RunLog, recorded
from fillrate.steps.supply.sync import import_inbound
from tests.gateway.post_office import PostOffice, serving
from tests.steps.late import judged, proposals
from tests.steps.post import Merchant

DAY_S = 86_400


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with serving(PostOffice()) as running:
        yield running


def became(one: Merchant, by: By, **more: Any) -> dict[str, tuple[int, ...]]:
    """Promises, kept, broken, open, void of each group."""
    with one.desk() as desk, desk.db.read() as reading:
        found = promises_kept(desk, reading, by, **more)
    return {row["name"]: tuple(row[name] for name in ("promises", "kept", "broken", "open", "void"))
            for row in found["groups"]}  # fmt: skip


def told(one: Merchant, folder: Path, days: int) -> None:
    """ACME tells that fifty of CUP come in so many days."""
    file = folder / f"po-{days}.csv"
    file.write_text(
        f"reference,line,sku,quantity,expected,supplier\nPO-8,1,CUP,50,{one.today + timedelta(days=days)},ACME\n"
    )
    with one.desk() as desk, recorded(desk, RunLog(file.name, "sync-inbound", "all")) as log:
        import_inbound(desk, log, file)


def test_a_hand_count_of_every_fate(db_url: str, office: PostOffice, tmp_path: Path) -> None:
    """Kept from stock; cancelled in time; given up by staff; open; broken by supply, and moved by a plan."""
    with closing(Merchant.at_work(db_url, office)) as one:
        one.act("receive", sku="MUG", quantity=4)
        one.pass_time(60)
        one.day()
        shipped, cancelled, given_up = one.order(1), one.order(1), one.order(1)
        one.act("create_product", name="Cup", sku="CUP", cents=500, stock=0)
        one.act("set_backorder_limit", sku="CUP", quantity=1000)
        one.pass_time(60)
        one.day()
        told(one, tmp_path, 9)
        late = int(one.act("place_order", lines=[{"sku": "CUP", "quantity": 2}])["order_id"])
        one.work()
        lines = dict(one.rows("SELECT o.platform_id, l.platform_id FROM order_line l"
                              " JOIN sales_order o ON o.id = l.order_id"))  # fmt: skip
        one.act("ship", order_id=shipped, lines=[{"line_id": int(lines[str(shipped)]), "quantity": 1}])
        one.act("set_status", order_id=cancelled, status=5)
        with one.desk() as desk, recorded(desk, RunLog("word", "cancel-units", "all")) as log:
            cancel_units(desk, log, said("Ann", "no more of them"), lines[str(given_up)], 1)
        one.pass_time(60)
        one.work()
        assert became(one, "sku") == {"MUG": (3, 1, 1, 0, 1), "CUP": (1, 0, 0, 1, 0)}

        told(one, tmp_path, 40)
        one.allocate()
        assert len(proposals(one)) == 1
        one.approve()
        one.pass_time(DAY_S * 21)
        one.work()
        other = one.order(1)
        one.pass_time(60)
        one.work()

        assert became(one, "source") == {"supply": (1, 0, 1, 0, 0), "slip": (1, 0, 0, 1, 0), "stock": (4, 1, 1, 1, 1)}
        assert became(one, "supplier") == {"ACME": (2, 0, 1, 1, 0), "": (4, 1, 1, 1, 1)}
        assert list(became(one, "channel")) == ["main"]
        assert became(one, "source", since=one.today) == {"stock": (1, 0, 0, 1, 0)}
        assert late < other
        with one.desk() as desk, desk.db.read() as reading:
            words = total_sentences(promises_kept(desk, reading, "supplier"))
            page = kept_artifact(*(promises_kept(desk, reading, by) for by in ("supplier", "sku")))
        assert "2 broken" in words[0]
        assert "| ACME |" in page
        assert "| MUG |" in page


def test_without_a_promise_it_says_so(sqlite_url: str, office: PostOffice) -> None:
    with closing(Merchant.at_work(sqlite_url, office)) as one, one.desk() as desk, desk.db.read() as reading:
        found = promises_kept(desk, reading, "supplier")

    assert (found["total"], found["groups"]) == (None, [])
    assert total_sentences(found) == ["Nothing has been promised yet."]


@pytest.mark.slow
def test_a_hundred_thousand_promises_are_told_in_seconds(sqlite_url: str, office: PostOffice) -> None:
    lines = 100_000
    with closing(Merchant.at_work(sqlite_url, office)) as one:
        settings, at = judged(one).world.settings(), one.today
        order = one.order(1)
        one.work()
        one.close()
        with open_desk(settings) as desk, desk.db.write("many") as tx:
            [main] = [row.id for row in tx.rows(sa.select(Channel.__table__.c.id))]
            [like] = tx.find(Order, "platform_id", [str(order)])
            [line] = tx.find(OrderLine, "order_id", [like.id])
            numbers = range(10_000, 10_000 + lines)
            same = {one.name: getattr(line, one.name) for one in OrderLine.__table__.c if one.name != "id"}
            tx.insert(OrderLine, [{**same, "platform_id": f"x{n}", "sku": f"S-{n % 5000}", "qty_shipped": 1,
                                   "qty_shipped_told": 1} for n in numbers])  # fmt: skip
            ids = tx.ids(OrderLine, main, [f"x{n}" for n in numbers])
            day = like.placed_at.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=5)
            given = {"number": 1, "source": "supply", "given_at": day - timedelta(days=5), "plan_id": "", "run_id": "r"}
            tx.insert(Promise, [{"line_id": one, "ship_by": day, **given} for one in ids.values()])
            tx.insert(Shipment, [{"line_id": one, "number": 1, "quantity": 1,
                                  "shipped_at": day + timedelta(hours=12) + (n % 10 == 0) * timedelta(days=2)}
                                 for n, one in enumerate(ids.values())])  # fmt: skip
        assert at
        with open_desk(settings) as desk, desk.db.read() as reading:
            start = time.monotonic()
            found = promises_kept(desk, reading, "sku")
            seconds = time.monotonic() - start

    total = found["total"]
    assert (total["sure"], total["share_sure"], total["verdict"]) == (lines, 0.9, "holds")
    assert total["broken"] == lines // 10
    assert len(found["groups"]) == 5001
    assert seconds < 20
