"""Mails to customers: who hears what, once; what waits for a person; and what is obsolete when it would go out."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fillrate.errors import FillrateError
from fillrate.steps.correcting.undo import undo
from fillrate.steps.correcting.word import said
from fillrate.steps.plan import approve, reject
from fillrate.steps.runs import RunLog, recorded
from fillrate.steps.status import status
from tests.gateway.post_office import PostOffice, serving
from tests.simulation.world import fresh
from tests.steps.post import Merchant, text_of


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with serving(PostOffice()) as running:
        yield running


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Merchant:
    """A merchant whose first day is over."""
    with serving(PostOffice()) as nobody:
        return Merchant.at_work(fresh(tmp_path_factory.mktemp("begun"), sqlite_template, "begun"), nobody)


@pytest.fixture
def shop(begun: Merchant, tmp_path: Path, office: PostOffice) -> Iterator[Merchant]:
    """The same on a day of its own."""
    with closing(begun.copy(fresh(tmp_path, Path(begun.world.url.removeprefix("sqlite:///")), "copy"), office)) as one:
        yield one


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def merchant(request: pytest.FixtureRequest, office: PostOffice) -> Iterator[Merchant]:
    """The same on each engine in turn."""
    if request.param == "sqlite":
        yield request.getfixturevalue("shop")
    else:
        with closing(Merchant.at_work(request.getfixturevalue("postgres_url"), office)) as one:
            yield one


def test_one_mail_tells_of_all_lines_of_an_order_that_wait_and_no_run_tells_it_again(merchant: Merchant) -> None:
    order = merchant.order(3, 2)
    merchant.work()
    merchant.work()

    [mail] = merchant.office.taken
    assert mail.message["Subject"] == f"Your order {order}: some items ship later"
    assert "* 2 × Mug (MUG)\n  No date yet\n* 2 × Mug (MUG)\n  No date yet" in text_of(mail)
    assert merchant.mails() == [(f"{order}/backordered/1", "done")]
    notices = merchant.rows("SELECT mail_key, kind, ship_by FROM notice")
    assert notices == [(f"main:{order}/backordered/1", "backordered", None)] * 2


def test_a_mail_that_was_sent_is_not_undone_and_it_is_said_what_to_do(shop: Merchant) -> None:
    shop.order()
    shop.work()
    [(plan,)] = shop.rows("SELECT plan_id FROM change WHERE kind = 'mail'")

    with (
        shop.desk() as desk,
        recorded(desk, RunLog("word", "undo", "all")) as log,
        pytest.raises(FillrateError, match="A mail that was sent cannot be taken back.*the mail that says so"),
    ):
        undo(desk, log, said("Ann", "a mistake"), plan)


def test_a_customer_is_written_to_in_the_language_of_his_order_where_the_merchant_wants_it(shop: Merchant) -> None:
    shop.set_mail(languages=("de", "fr"))
    for locale in ("de-AT", "en", "it"):
        shop.act("place_order", lines=[{"sku": "MUG", "quantity": 2}], locale=locale)
    shop.work()

    assert [one.split(":")[0][:3] for one in shop.subjects] == ["Ihr", "You", "You"]
    assert shop.rows("SELECT language FROM sales_order ORDER BY id") == [("de",), ("en",), ("it",)]


def test_a_first_sync_writes_to_nobody(sqlite_url: str, office: PostOffice) -> None:
    shop = Merchant(sqlite_url, office)
    shop.order(5)
    shop.day()
    shop.act("set_stock", sku="MUG", number=9)
    shop.day()

    assert shop.mails() == []
    assert office.said == []


def test_an_order_from_before_a_kind_of_mail_was_switched_on_hears_nothing_of_that_kind(
    sqlite_url: str, office: PostOffice
) -> None:
    shop = Merchant.at_work(sqlite_url, office, messages=("on_its_way",))
    shop.order(3)
    shop.work()
    shop.set_mail(messages=("on_its_way", "backordered"))
    shop.allocate()
    shop.pass_time(60)
    new = shop.order(1)
    shop.do("INSERT INTO touched_order SELECT id FROM sales_order WHERE true ON CONFLICT DO NOTHING")
    shop.work()

    assert [target for target, _ in shop.mails()] == [f"{new}/backordered/1"]


def test_the_day_in_a_mail_is_the_promise_and_another_promise_is_told_once(merchant: Merchant, tmp_path: Path) -> None:
    order = merchant.order(3)
    merchant.supplied(tmp_path, days=9)
    merchant.work()
    first = merchant.last_promise(order)
    merchant.supplied(tmp_path, days=16)
    merchant.allocate()
    assert len(merchant.subjects) == 1, "a promise that breaks is not told before it moves"
    second = merchant.move_promise(order)
    merchant.allocate()
    merchant.allocate()

    told = [text_of(mail) for mail in merchant.office.taken]
    assert len(told) == 2
    assert f"Ships by {first:%-d %B %Y}\n" in told[0]
    assert f"Ships by {second:%-d %B %Y} (earlier: {first:%-d %B %Y})" in told[1]
    assert first < second


def test_goods_that_are_back_are_told_to_whom_they_are_set_aside_and_to_nobody_behind_him(merchant: Merchant) -> None:
    first = merchant.order(3)
    merchant.pass_time(60)
    merchant.order(3)
    merchant.work()
    merchant.act("receive", sku="MUG", quantity=2)
    merchant.pass_time(3600)
    merchant.day()
    merchant.work()

    assert [target for target, _ in merchant.mails()][2:] == [f"{first}/on_its_way/1"]
    assert merchant.subjects[-1].startswith(f"Your order {first}")


def test_what_has_left_and_what_was_cancelled_is_told_once(shop: Merchant) -> None:
    order = shop.order(3)
    shop.work()
    [line] = shop.rows("SELECT platform_id FROM order_line")[0]
    shop.act("ship", order_id=order, lines=[{"line_id": int(line), "quantity": 1}])
    shop.pass_time(3600)
    shop.work()
    shop.act("set_status", order_id=order, status=5)
    shop.pass_time(3600)
    shop.work()
    shop.work()

    kinds = ("backordered", "partly_shipped", "cancelled")
    assert shop.mails() == [(f"{order}/{kind}/1", "done") for kind in kinds]
    assert "* 1 × Mug (MUG)" in text_of(shop.office.taken[1]).split("Still to come")[0]
    assert "* 2 × Mug (MUG)" in text_of(shop.office.taken[2])


def test_what_is_planned_at_night_goes_in_the_morning_and_not_if_it_is_obsolete_by_then(shop: Merchant) -> None:
    shop.set_mail(quiet_from="21:00", quiet_until="08:00")
    shop.world.clock.time = datetime(2026, 3, 1, 22, tzinfo=UTC)
    stays, goes = shop.order(2), shop.order(2)
    shop.work()
    assert shop.office.said == []

    shop.act("set_status", order_id=goes, status=10)
    shop.pass_time(3600)
    shop.work("sync-orders")
    shop.world.clock.time = datetime(2026, 3, 2, 8, tzinfo=UTC)
    shop.allocate()

    assert dict(shop.mails()) == {f"{stays}/backordered/1": "done", f"{goes}/backordered/1": "superseded"}
    assert len(shop.office.taken) == 1


def test_a_mail_whose_turn_comes_at_night_waits_for_the_morning_though_others_left_in_the_evening(
    shop: Merchant,
) -> None:
    class Slow:
        """The answer to each mail takes a while."""

        def at(self, label: str, phase: str) -> None:
            if (label, phase) == ("mail.answer", "before"):
                shop.world.clock.sleep(60)

    shop.set_mail(at_most_per_run=0, quiet_from="21:00", quiet_until="08:00")
    orders = [shop.order(2) for _ in range(3)]
    shop.work()
    shop.approve()
    shop.close()
    shop.world.clock.time = datetime(2026, 3, 1, 20, 58, 30, tzinfo=UTC)
    shop.send(Slow())

    states = ["done", "done", "approved"]
    assert shop.mails() == [(f"{order}/backordered/1", state) for order, state in zip(orders, states, strict=True)]


def test_what_has_become_obsolete_between_plan_and_sending_is_not_sent(shop: Merchant) -> None:
    shop.set_mail(at_most_per_run=0)
    order = shop.order(2)
    shop.work()
    shop.approve()
    shop.act("set_status", order_id=order, status=10)
    shop.pass_time(60)
    shop.work("sync-orders")
    shop.send()

    assert shop.mails() == [(f"{order}/backordered/1", "superseded")]
    assert shop.office.said == []


def test_a_mass_of_mails_waits_for_a_person_whatever_the_policy_says(shop: Merchant) -> None:
    shop.set_mail(at_most_per_run=1)
    orders = [shop.order(2), shop.order(2)]
    shop.work()
    shop.work()
    assert shop.office.said == []
    with shop.desk() as desk:
        [plan] = status(desk)["plans"]
        assert "2 customers; more than 1 in one run" in plan["waits_because"]
        approve(desk, plan["id"], plan["hash"], "Ann")
    shop.allocate()

    assert shop.mails() == [(f"{order}/backordered/1", "done") for order in orders]


def test_the_first_mails_to_the_customers_of_a_real_shop_wait_for_a_person(shop: Merchant) -> None:
    shop.world.is_practice = False
    shop.close()
    shop.order(2)
    shop.work()
    with shop.desk() as desk:
        assert "the first mails" in next(
            one["waits_because"] for one in status(desk)["plans"] if "mails" in one["waits_because"]
        )
    shop.approve()
    shop.allocate()
    shop.pass_time(60)
    shop.order(2)
    shop.work()

    assert [state for _, state in shop.mails()] == ["done", "done"]


def test_a_mail_that_a_person_refused_is_not_planned_again(shop: Merchant) -> None:
    shop.set_mail(at_most_per_run=0)
    order = shop.order(2)
    shop.work()
    with shop.desk() as desk:
        reject(desk, status(desk)["plans"][0]["id"], "Ann")
    shop.do("INSERT INTO touched_order SELECT id FROM sales_order WHERE true ON CONFLICT DO NOTHING")
    shop.allocate()

    assert shop.mails() == [(f"{order}/backordered/1", "superseded")]
