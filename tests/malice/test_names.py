"""Names that want to be more than names, in every text of a shop, followed to everything that people and programs see.

Nothing of them is obeyed by a terminal, a browser or a log; nothing breaks a line or forges one; and the tables and
`--json` hold the text itself, without the characters that nobody can see or that steer what others see.
"""

import asyncio
import html
import json
import logging
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from markdown_it import MarkdownIt
from pydantic import SecretStr

from deployments.cli.init import written
from deployments.cli.run import FLOWS_IN_ORDER, run_flow
from fillrate.bootstrap import open_desk
from fillrate.channels.bigcommerce import BigCommerceSettings
from fillrate.channels.fields import text
from fillrate.db.queries import plans
from fillrate.decide.ageing import CLASSES
from fillrate.errors import FixChannel
from fillrate.records import StoreInfo
from fillrate.report.glance import glance_artifact
from fillrate.report.plain import safe
from fillrate.report.summary import plan_artifact, problem_artifact, sync_artifact
from fillrate.settings import load
from fillrate.steps.glance import glance
from fillrate.steps.identity import check_identity
from fillrate.steps.runs import RunLog
from fillrate.steps.show import in_words
from sandbox import Shop, ShopConfig
from tests.cli.conftest import Here, first_day
from tests.cli.merchant import TOKEN, Merchant
from tests.malice.dress import HOSTILE, Dresser, texts_in
from tests.malice.front import Front
from tests.malice.truth import clean

PAGE = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
HARMLESS = {"table", "thead", "tbody", "tr", "th", "td", "h2", "h3", "p", "strong", "code", "ul", "li", "em"}
SETTINGS = {"update_stock_behavior": "order_completed_or_shipped"}
KEPT = {  # where a text is kept: the request and the field that tell it, and the longest it may be there
    "SELECT name FROM product": ("GET /v3/catalog/products", "name", 1_000),
    "SELECT sku FROM listing": ("GET /v3/catalog/products", "sku", 255),
    "SELECT availability FROM product": ("GET /v3/catalog/products", "availability", 50),
    "SELECT name FROM brand": ("GET /v3/catalog/brands", "name", 1_000),
    "SELECT name FROM category": ("GET /v3/catalog/trees/categories", "name", 1_000),
    "SELECT first_name FROM customer": ("GET /v3/customers", "first_name", 1_000),
    "SELECT last_name FROM customer": ("GET /v3/customers", "last_name", 1_000),
    "SELECT company FROM customer": ("GET /v3/customers", "company", 1_000),
    "SELECT phone FROM customer": ("GET /v3/customers", "phone", 100),
    "SELECT email FROM customer": ("GET /v3/customers", "email", 255),
    "SELECT email FROM sales_order": ("GET /v2/orders", "email", 255),
    "SELECT external_order_id FROM sales_order": ("GET /v2/orders", "external_order_id", 255),
    "SELECT sku FROM order_line": ("GET /v2/orders", "sku", 255),
    "SELECT name FROM order_line": ("GET /v2/orders", "name", 1_000),
    "SELECT reason FROM refund": ("GET /v3/orders/payment_actions/refunds", "reason", 1_000),
    "SELECT code FROM location": ("GET /v3/inventory/locations", "code", 255),
    "SELECT name FROM location": ("GET /v3/inventory/locations", "label", 1_000),
}


@dataclass(frozen=True)
class Pair:
    """The same merchant twice: with a shop of harmless names, and with one of hostile ones."""

    plain: Merchant
    hostile: Merchant
    dresser: Dresser


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Both have read everything, and wait with a plan."""
    merchants = {}
    dresser = Dresser()
    fronts = []
    for name in ("plain", "hostile"):
        shop = Shop(ShopConfig(seed=9, products=30, customers=30, orders=60, days=60, settings=SETTINGS, token=TOKEN))
        front = Front(shop).__enter__()
        fronts.append(front)
        if name == "hostile":
            front.dress = dresser
        merchants[name] = first_day(tmp_path_factory.mktemp(name), front)  # type: ignore[arg-type]  # has an address
    yield Pair(merchants["plain"], merchants["hostile"], dresser)
    for front in fronts:
        front.__exit__()


def plan_of(merchant: Merchant) -> str:
    [[plan]] = merchant.sql("SELECT id FROM plan WHERE state = 'waiting' ORDER BY id LIMIT 1")
    return str(plan)


def owing(merchant: Merchant) -> list[str]:
    """Return orders that owe something, some with a note of ours to come."""
    question = (
        "SELECT DISTINCT o.platform_id FROM sales_order o JOIN order_line l ON l.order_id = o.id"
        " JOIN open_unit u ON u.line_id = l.id ORDER BY o.id LIMIT 12"
    )
    return [number for [number] in merchant.sql(question)]


def commands(merchant: Merchant) -> list[tuple[str, ...]]:
    """Return everything to look at, in an order that is the same for both."""
    counted = [plan for [plan] in merchant.sql("SELECT id FROM plan ORDER BY created_at, id")]
    skus = [sku for [sku] in merchant.sql("SELECT sku FROM item WHERE sku <> '' ORDER BY id LIMIT 24")]
    looks = [("status",), ("queue",), ("plans",), ("audit",), *(("show", plan) for plan in counted)]
    looks += [("explain", "order", number) for number in owing(merchant)]
    return looks + [("explain", "sku", "--", sku) for sku in skus]


@pytest.mark.slow
def test_a_terminal_shows_hostile_names_line_by_line_as_it_shows_harmless_ones(pair: Pair, here: Here) -> None:
    for plain, hostile in zip(commands(pair.plain), commands(pair.hostile), strict=True):
        one, other = here(pair.plain, *plain), here(pair.hostile, *hostile)

        assert other.code == one.code, (hostile, other.err)
        assert [line for line in other.out.split("\n") if not line.isprintable()] == []
        assert other.out.count("\n") == one.out.count("\n"), (hostile, other.out)
        assert (other.err, "Traceback" in other.out) == (one.err, False)


@pytest.mark.slow
def test_json_is_one_object_that_holds_the_names_themselves(pair: Pair, here: Here) -> None:
    sent = {clean(one) for texts in pair.dresser.sent.values() for one in texts}
    cut = {one[:longest] for one in sent for longest in (50, 100, 255, 1_000)}
    met = set()
    for arguments in commands(pair.hostile):
        said = here(pair.hostile, arguments[0], "--json", *arguments[1:])
        met |= set(texts_in(said.json))

    assert len(met & cut) > 40
    odd = [one for one in met if any(ord(letter) < 32 or letter in "\u202e\u2066\u200f\ud83d" for letter in one)]
    assert odd == []


@pytest.mark.parametrize("question", KEPT)
def test_the_tables_hold_the_names_themselves(question: str, pair: Pair) -> None:
    asked, name, longest = KEPT[question]
    told = [
        texts for (request, field), texts in pair.dresser.sent.items() if request.startswith(asked) and field == name
    ]
    sent = {clean(one[:longest]) for texts in told for one in map(clean, texts)} - {""}
    kept = {text for [text] in pair.hostile.sql(question)} - {""}

    assert kept - sent == set()
    assert len(kept) >= min(3, len(sent))


def test_a_plan_shown_as_a_page_holds_nothing_that_a_browser_obeys(pair: Pair) -> None:
    with open_desk(file=pair.hostile.folder / "fillrate.toml") as desk, desk.db.read() as reading:
        pages = []
        for row in reading.rows(sa.text("SELECT id FROM plan")):
            plan, changes = plans.plan(reading, row.id), plans.changes(reading, row.id)
            told = {"id": plan.id, "hash": plan.hash, "state": plan.state, "waits_because": plan.waits_because}
            pages.append((plan_artifact(told, rows := in_words(reading, changes), len(changes)), rows))

    assert sum(len(rows) for _, rows in pages) > 20
    for page, rows in pages:
        assert_harmless(page)
        assert PAGE.render(page).count("<tr>") == len(rows) + 1


def test_both_queues_shown_as_a_page_hold_one_picture_and_nothing_that_a_browser_obeys(pair: Pair) -> None:
    with open_desk(file=pair.hostile.folder / "fillrate.toml") as desk, desk.db.read() as reading:
        found = glance(desk, reading, 10)
        page = glance_artifact(found, CLASSES, desk.settings.store.zone, [])

    picture, rest = re.subn(r"!\[[^]]*\]\(data:image/svg\+xml;base64,[A-Za-z0-9+/=]+\)", "", page)[::-1]
    assert picture == 1
    assert len(found["longest"]) == 10
    assert_harmless(rest)


def test_what_could_not_be_read_and_problems_are_shown_as_harmless_pages(pair: Pair) -> None:
    texts = sorted({one for sent in pair.dresser.sent.values() for one in sent} - {""})
    problems = [{"where": one, "what": one, "next": one} for one in texts]

    for one in texts:
        page = sync_artifact("sync", {"orders_new": 1}, [("orders", one, one), ("orders", "2", one)])
        assert_harmless(page)
        assert PAGE.render(page).count("<tr>") == 5
    assert_harmless(problem_artifact("sync", problems))
    assert PAGE.render(problem_artifact("sync", problems)).count("<li>") == len(problems)


def assert_harmless(page: str) -> None:
    """Nothing in a page is a link, an image, a script, or a character that steers."""
    made = PAGE.render(page)
    assert set(re.findall(r"<(\w+)", made)) <= HARMLESS
    shown = html.unescape(re.sub(r"<[^>]*>", "", made))
    assert [letter for letter in shown if not letter.isprintable() and letter != "\n"] == []


def test_an_argument_that_is_no_text_is_a_mistake_and_no_defect(pair: Pair, here: Here) -> None:
    for words in (("explain", "sku"), ("explain", "order"), ("show",), ("approve",), ("run",)):
        for odd in ("\udcff\udcfe", "\x1b[31m", "x" * 5_000, "{0} %s", "'; --"):
            in_words, as_json = here(pair.hostile, *words, odd), here(pair.hostile, *words, odd, "--json")

            assert in_words.code == as_json.code == 2, (words, odd, in_words)
            assert "defect" not in in_words.err
            assert set(as_json.json) == {"error", "code"}
            assert all(line.isprintable() for line in (in_words.err + as_json.err).split("\n"))


def test_another_store_of_a_hostile_name_is_told_on_one_line(pair: Pair) -> None:
    merchant = pair.hostile
    merchant.sql("UPDATE channel SET identity = 'another'")
    try:
        with open_desk(file=merchant.folder / "fillrate.toml") as desk, pytest.raises(FixChannel) as error:
            check_identity(desk, desk.shop("main"), RunLog("x", "sync", "main"))
    finally:
        merchant.sql("UPDATE channel SET identity = 'practice9'")

    assert error.value.what.isprintable()
    assert len(error.value.what) < 300


@pytest.mark.parametrize("name", HOSTILE)
def test_settings_that_are_written_for_a_store_hold_its_name_and_nothing_more(name: str, tmp_path: Path) -> None:
    one = BigCommerceSettings(name="main", kind="bigcommerce", base_url="https://shop.example", token=SecretStr(TOKEN))
    heard = name.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    told = {field: text(heard) for field in ("identity", "name", "timezone", "currency", "plan")}
    file = tmp_path / "fillrate.toml"

    written(file, one, StoreInfo(**{**told, "currency": told["currency"][:3]}))

    found = load(file, {"FILLRATE_CHANNEL_MAIN_TOKEN": TOKEN})
    assert found.store.name == safe(clean(name)[:1_000])
    assert [channel.name for channel in found.channel] == ["main"]


@pytest.mark.slow
@pytest.mark.flow
@pytest.mark.xdist_group("prefect")
@pytest.mark.usefixtures("prefect_server")
def test_prefect_shows_hostile_names_harmlessly_in_runs_logs_and_artifacts(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    shop = Shop(ShopConfig(seed=9, products=30, customers=30, orders=60, days=60, settings=SETTINGS, token=TOKEN))
    with Front(shop) as front:
        front.dress = dressed_and_damaged
        (tmp_path / "fillrate.toml").write_text(
            f'[[channel]]\nname = "main"\nkind = "bigcommerce"\nbase_url = "{front.url}"\npractice = true\n'
            '[[inbound]]\nname = "erp"\npath = "in"\n'
        )
        hostile_feed(tmp_path / "in")
        monkeypatch.setenv("FILLRATE_CHANNEL_MAIN_TOKEN", TOKEN)
        monkeypatch.setenv("FILLRATE_CONFIG", str(tmp_path / "fillrate.toml"))
        caplog.set_level(logging.INFO)
        results = [run_flow(flow, {}) for flow in FLOWS_IN_ORDER]
    runs, artifacts = asyncio.run(told_by_prefect())

    assert sum(n for one in results for name, n in one["counts"].items() if name.endswith("_rejected")) > 0
    told = next(one["counts"] for one in results if one["flow"] == "sync-inbound")
    assert min(told[f"inbound_{kind}"] for kind in ("new", "rejected")) > len(HOSTILE) / 2
    assert len(artifacts) >= 5
    for artifact in artifacts:
        assert_harmless(artifact.data)
    assert all(run.name.isprintable() and len(run.name) <= 120 for run in runs)
    assert all(line.isprintable() for record in caplog.records for line in record.getMessage().split("\n"))
    written = capfd.readouterr()
    assert all(line.isprintable() for line in (written.out + written.err).replace("\x1b[0m", "").split("\n"))


def hostile_feed(folder: Path) -> None:
    """Put files into a folder whose every text wants to be more, names and what cannot be used included."""
    folder.mkdir()
    names = ("reference", "sku", "supplier", "line")
    rows = [{**dict.fromkeys(names, text), "quantity": 5, "expected": "2020-01-02"} for text in HOSTILE]
    (folder / "\x1b[31m<b>|x|.json").write_text(json.dumps(rows + [{**row, "location": row["sku"]} for row in rows]))
    (folder / "\u202e{{7}}[x](http:evil).csv").write_text("=1+1,<b>\n")
    for file in folder.iterdir():
        os.utime(file, times=(1_600_000_000,) * 2)


def dressed_and_damaged(asked: str, body: bytes) -> bytes:
    """Dress every text, and tell one price and one quantity as a text that wants to be more."""
    body = DRESSER(asked, body)
    if asked in {"GET /v3/catalog/products", "GET /v2/orders"} and body:
        answer = json.loads(body)
        rows = answer if isinstance(answer, list) else answer["data"]
        for row in rows[:1]:
            row["price" if "price" in row else "items_total"] = HOSTILE[0]
        return json.dumps(answer).encode()
    return body


DRESSER = Dresser()


async def told_by_prefect() -> tuple[list[Any], list[Any]]:
    """Return the flow runs and the artifacts that a person sees."""
    from prefect import get_client

    async with get_client() as client:
        return await client.read_flow_runs(limit=50), await client.read_artifacts(limit=100)
