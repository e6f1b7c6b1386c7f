"""What becomes of the links in a mail: one answer to one question, given by a button, until the end of the last day."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
from msgspec import structs
from pydantic import SecretStr

from fillrate.db.queries import mails
from fillrate.db.queries.status import shop_times
from fillrate.settings import StoreSettings
from fillrate.steps.answers import keep_answer, look
from fillrate.steps.desk import Desk
from fillrate.steps.explain import explain_order
from fillrate.steps.mail.due import mail_of
from fillrate.steps.mail.letters import last_moment, link
from tests.deployments.warehouse import served
from tests.steps.evening import evening, morning
from tests.steps.post import Merchant

DAY = datetime(2027, 3, 10, tzinfo=UTC)  # the last one on which an answer is in time
QUESTIONS = "SELECT answer FROM answer"


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Merchant:
    return evening(tmp_path_factory.mktemp("evening"), sqlite_template)


@pytest.fixture
def shop(begun: Merchant, tmp_path: Path) -> Iterator[Merchant]:
    """A merchant who has asked one customer whether he waits."""
    with morning(begun, tmp_path, mails=1) as one:
        one.send()
        one.world.is_practice = False  # links go by our clock, as with a real shop
        one.close()
        yield one


def token(desk: Desk, choice: str = "keep", deadline: datetime = DAY, secret: str = "") -> str:
    """The token of the link that gives one answer to the mail that was sent."""
    settings = desk.settings.mail
    assert settings is not None
    if secret:
        settings = settings.model_copy(update={"link_secret": SecretStr(secret)})
    with desk.db.read() as reading:
        mail = mail_of(mails.by_key(reading, "main", "1/backordered/1").after)
    return link(settings, desk.shop("main"), structs.replace(mail, deadline=deadline), choice, desk).rpartition("/")[2]


def test_the_first_answer_to_a_question_is_kept_and_no_link_of_it_gives_another(shop: Merchant) -> None:
    with shop.desk() as desk:
        keep, cancel = token(desk), token(desk, "cancel")
        told = [keep_answer(desk, one) for one in (keep, keep, cancel)]
        seen = look(desk, cancel)

    assert [(one.page, one.choice) for one in (*told, seen)] == [("kept", "keep"), *[("answered", "keep")] * 3]
    assert shop.rows(QUESTIONS) == [("keep",)]


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles", "UTC"])
def test_a_link_is_good_until_the_end_of_the_stores_day_and_then_says_that_it_is_over(
    shop: Merchant, zone: str
) -> None:
    with shop.desk() as opened:
        desk = replace(opened, settings=opened.settings.model_copy(update={"store": StoreSettings(timezone=zone)}))
        starts = datetime(2027, 3, 10, tzinfo=ZoneInfo(zone))
        keep = token(desk, deadline=starts.astimezone(UTC))
        midnight = datetime(2027, 3, 11, tzinfo=ZoneInfo(zone)).astimezone(UTC)
        pages = []
        for at in (midnight - timedelta(seconds=1), midnight):
            shop.world.clock.time = at
            pages.append(look(desk, keep))
        told = keep_answer(desk, keep)

    assert [one.page for one in (*pages, told)] == ["ask", "expired", "expired"]
    assert pages[0].expires_at == midnight
    assert last_moment(starts.astimezone(UTC), desk) == starts + timedelta(hours=23, minutes=59)
    assert shop.rows(QUESTIONS) == []


def test_a_practice_shop_whose_clock_stands_in_another_month_takes_answers_by_its_own_day(shop: Merchant) -> None:
    with shop.desk() as opened:
        main = opened.shop("main")
        practice = replace(main, settings=main.settings.model_copy(update={"practice": True}))
        with opened.db.read() as reading:
            there = max(shop_times(reading).values())
        shop.world.clock.time = there + timedelta(days=200)
        keep = token(opened, deadline=there)
        pages = [look(replace(opened, shops={"main": one}), keep).page for one in (main, practice)]

    assert pages == ["expired", "ask"]


def test_the_last_day_of_a_store_is_a_whole_one_also_when_the_clocks_change(shop: Merchant) -> None:
    with shop.desk() as opened:
        store = StoreSettings(timezone="Europe/Berlin")
        desk = replace(opened, settings=opened.settings.model_copy(update={"store": store}))
        keep = token(desk, deadline=datetime(2027, 3, 27, 23, tzinfo=UTC))  # 28 March, a day of 23 hours
        shop.world.clock.time = datetime(2027, 3, 28, 21, 59, 59, tzinfo=UTC)
        before = look(desk, keep).page
        shop.world.clock.time = datetime(2027, 3, 28, 22, tzinfo=UTC)
        after = look(desk, keep).page

    assert (before, after) == ("ask", "expired")


def test_a_link_that_somebody_else_signed_or_that_is_cut_off_answers_nothing(shop: Merchant) -> None:
    with shop.desk() as desk:
        forged = token(desk, secret="another secret of more than 32 letters")
        told = [keep_answer(desk, one) for one in (forged, token(desk)[:-1], "", "…")]

    assert [one.page for one in told] == ["bad"] * 4
    assert all(not one.order and not one.lines for one in told), "nothing is told of the order"
    assert shop.rows(QUESTIONS) == []


@pytest.mark.parametrize("status", [2, 5], ids=["shipped", "cancelled"])
def test_nobody_answers_about_what_has_shipped_or_was_cancelled_meanwhile(shop: Merchant, status: int) -> None:
    with shop.desk() as desk:
        keep = token(desk)
    shop.act("set_status", order_id=1, status=status)
    shop.pass_time(60)
    shop.work("sync-orders")
    with shop.desk() as desk:
        told = [look(desk, keep), keep_answer(desk, keep)]

    assert [(one.page, one.lines) for one in told] == [("over", ())] * 2
    assert shop.rows(QUESTIONS) == []


def test_two_questions_about_one_order_are_answered_each_by_itself(shop: Merchant) -> None:
    with shop.desk() as desk:
        first, later = token(desk), token(desk, "cancel", deadline=DAY + timedelta(days=7))
        told = [keep_answer(desk, one).page for one in (first, later)]

    assert told == ["kept", "kept"]
    assert sorted(shop.rows(QUESTIONS)) == [("cancel",), ("keep",)]


def test_what_a_customer_wants_cancelled_is_held_back_at_once_until_he_waits_after_all(shop: Merchant) -> None:
    held = "SELECT l.hold, u.reason FROM order_line l JOIN open_unit u ON u.line_id = l.id ORDER BY l.id LIMIT 1"
    shop.do("UPDATE open_unit SET state = 'backlog', reason = 'capacity' WHERE state = 'backorder'")
    with shop.desk() as desk:
        keep_answer(desk, token(desk, "cancel"))
        after_cancel = shop.rows(held)
        keep_answer(desk, token(desk, "keep", deadline=DAY + timedelta(days=7)))
        [order] = shop.rows("SELECT platform_id FROM sales_order ORDER BY id LIMIT 1")
        lines, _ = explain_order(desk, order[0])

    assert (after_cancel, shop.rows(held)) == ([("customer", "hold")], [("", "hold")])  # the allocation makes it ready
    said = [line.strip() for line in lines if "the customer: " in line]
    assert [one.partition("the customer: ")[2] for one in said] == [
        "hold: not held → held, since the customer wants it cancelled (he wants it cancelled, by the link in his mail).",
        "hold: held, since the customer wants it cancelled → not held (he waits after all, by the link in his mail).",
    ]


def test_a_line_that_staff_holds_is_held_by_staff_whatever_its_customer_answers(shop: Merchant) -> None:
    shop.do("UPDATE order_line SET hold = 'manual'")
    with shop.desk() as desk:
        keep_answer(desk, token(desk, "cancel"))
        keep_answer(desk, token(desk, "keep", deadline=DAY + timedelta(days=7)))

    assert set(shop.rows("SELECT hold FROM order_line")) == {("manual",)}


@pytest.fixture
def http(shop: Merchant) -> Iterator[httpx.Client]:
    with shop.desk() as desk, served(desk) as client:
        yield client


def test_a_scanner_that_opens_every_link_answers_nothing_and_the_button_does(
    shop: Merchant, http: httpx.Client
) -> None:
    with shop.desk() as desk:
        keep, cancel = (f"/a/{token(desk, choice)}" for choice in ("keep", "cancel"))
    opened = [http.get(path) for path in (keep, cancel) * 3]
    assert shop.rows(QUESTIONS) == []
    assert {one.status_code for one in opened} == {200}
    assert all('<form method="post"' in one.text and "answer until 10 March 2027" in one.text for one in opened)

    answered = http.post(cancel)

    assert (answered.status_code, shop.rows(QUESTIONS)) == (200, [("cancel",)])
    assert "We have noted" in answered.text
    assert "<form" not in http.get(keep).text
    assert answered.headers["cache-control"] == "no-store"


def test_other_methods_are_refused_and_what_is_over_or_none_of_ours_says_so(shop: Merchant, http: httpx.Client) -> None:
    with shop.desk() as desk:
        path = f"/a/{token(desk)}"
    refused = [http.request(method, path).status_code for method in ("PUT", "DELETE", "PATCH", "HEAD")]
    shop.world.clock.time = DAY + timedelta(days=1)
    over, bad = http.post(path), http.post(f"{path}x")

    assert refused == [405] * 4
    assert (over.status_code, bad.status_code) == (410, 404)
    assert "The time to answer is over" in over.text
    assert "This link is not valid" in bad.text
    assert shop.rows(QUESTIONS) == []
