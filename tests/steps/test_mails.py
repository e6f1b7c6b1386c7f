"""Mails to customers: who hears what, once; what waits for a person; and what is obsolete when it would go out."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fillrate.errors import FillrateError, FixSettings, NotFound
from fillrate.steps.mail.settle import resend, settle
from fillrate.steps.plan import approve, reject
from fillrate.steps.status import status
from tests.gateway.post_office import CUT, PostOffice, serving
from tests.steps.post import Merchant, key_of, text_of


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with serving(PostOffice()) as running:
        yield running


@pytest.fixture
def merchant(db_url: str, office: PostOffice) -> Merchant:
    return Merchant(db_url, office)


@pytest.fixture
def shop(sqlite_url: str, office: PostOffice) -> Merchant:
    return Merchant(sqlite_url, office)


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


def test_a_first_sync_writes_to_nobody(sqlite_url: str, office: PostOffice) -> None:
    shop = Merchant(sqlite_url, office, at_work=False)
    shop.order(5)
    shop.work()
    shop.act("set_stock", sku="MUG", number=9)
    shop.work()

    assert shop.mails() == []
    assert office.said == []


def test_an_order_from_before_a_kind_of_mail_was_switched_on_hears_nothing_of_that_kind(
    sqlite_url: str, office: PostOffice
) -> None:
    shop = Merchant(sqlite_url, office, messages=("on_its_way",))
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
    merchant.work()
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
    shop.world.orders_only()
    shop.world.clock.time = datetime(2026, 3, 2, 8, tzinfo=UTC)
    shop.allocate()

    assert dict(shop.mails()) == {f"{stays}/backordered/1": "done", f"{goes}/backordered/1": "superseded"}
    assert len(shop.office.taken) == 1


def test_what_has_become_obsolete_between_plan_and_sending_is_not_sent(shop: Merchant) -> None:
    shop.set_mail(at_most_per_run=0)
    order = shop.order(2)
    shop.work()
    shop.approve()
    shop.act("set_status", order_id=order, status=10)
    shop.pass_time(60)
    shop.world.orders_only()
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


def test_what_the_server_does_not_take_now_is_tried_again_later_and_longer_apart(shop: Merchant) -> None:
    shop.office.answers = {"rcpt": "450 4.2.0 later"}
    order = shop.order(2)
    shop.work()
    shop.work()
    assert shop.mails() == [(f"{order}/backordered/1", "parked")]
    assert shop.office.verbs.count("RCPT") == 1, "not again before five minutes are over"

    shop.world.clock.sleep(300)
    shop.allocate()
    shop.world.clock.sleep(300)
    shop.allocate()
    assert shop.office.verbs.count("RCPT") == 2, "and then ten minutes"

    shop.office.answers = {}
    shop.world.clock.sleep(600)
    shop.allocate()
    assert shop.mails() == [(f"{order}/backordered/1", "done")]


def test_after_its_last_try_a_mail_is_listed_with_the_reason(shop: Merchant) -> None:
    shop.office.answers = {"rcpt": "450 4.2.0 later"}
    shop.order(2)
    shop.work()
    for _ in range(12):
        shop.world.clock.sleep(200_000)
        shop.allocate()

    assert shop.office.verbs.count("RCPT") == 10
    with shop.desk() as desk:
        [refused] = status(desk)["refused"]["latest"]
    assert "asked for patience (450 4.2.0)" in refused["answer"]


def test_a_server_that_is_down_is_asked_three_times_a_run_and_loses_nothing(shop: Merchant) -> None:
    shop.office.answers = {"greeting": "421 4.3.2 not now"}
    for _ in range(5):
        shop.order(2)
    log = shop.work()[-1]

    assert [state for _, state in shop.mails()] == ["parked"] * 3 + ["approved"] * 2
    assert [problem.where for problem in log.problems] == ["main: mail"]
    shop.office.answers = {}
    shop.world.clock.sleep(300)
    shop.allocate()
    assert [state for _, state in shop.mails()] == ["done"] * 5


@pytest.mark.parametrize("address", ["", "nobody", "a@example.com, b@example.com"])
def test_an_address_that_is_none_is_a_reason_and_nobody_is_written_to(shop: Merchant, address: str) -> None:
    shop.order(2)
    shop.read()
    shop.do("UPDATE sales_order SET email = :address", address=address)
    shop.allocate()
    shop.allocate()

    assert shop.office.said == []
    assert shop.rows("SELECT state, answer LIKE '%address%' FROM change WHERE kind = 'mail'") == [("failed", 1)]


def test_a_refused_address_is_kept_with_what_the_server_said_and_not_tried_again(shop: Merchant) -> None:
    shop.office.answers = {"rcpt": "550 5.1.1 nobody@example.com is unknown here"}
    shop.order(2)
    shop.work()
    shop.work()

    [(state, answer)] = shop.rows("SELECT state, answer FROM change WHERE kind = 'mail'")
    assert (state, answer) == ("failed", "mail.send: 127.0.0.1 refused the recipient (550 5.1.1).")
    assert shop.office.verbs.count("RCPT") == 1


def test_wrong_settings_end_the_run_and_cost_no_try(shop: Merchant) -> None:
    shop.office.answers = {"mail": "550 5.7.1 not you"}
    order = shop.order(2)
    shop.read()
    with pytest.raises(FixSettings, match="does not let us send"):
        shop.allocate()

    assert shop.rows("SELECT state, attempts FROM change WHERE kind = 'mail'") == [("approved", 0)]
    shop.office.answers = {}
    shop.allocate()
    assert shop.mails() == [(f"{order}/backordered/1", "done")]


def in_doubt(shop: Merchant) -> str:
    """A mail of which nobody knows whether it was taken; returns its key."""
    shop.office.answers = {"end": CUT}
    order = shop.order(2)
    log = shop.work()[-1]
    shop.office.answers = {}
    assert "nobody knows" in log.problems[0].what
    shop.work()
    assert shop.mails() == [(f"{order}/backordered/1", "unknown")]
    assert len(shop.office.taken) == 1, "the server has it"
    return f"main:{order}/backordered/1"


def test_a_mail_in_doubt_is_listed_and_only_a_person_has_it_sent_again_under_its_old_id(merchant: Merchant) -> None:
    key = in_doubt(merchant)
    with merchant.desk() as desk:
        assert [one["key"] for one in status(desk)["mails"]["unknown"]] == [key]
        resend(desk, key, "Ann")
    merchant.allocate()

    first, again = merchant.office.taken
    assert key_of(first) == key_of(again)
    assert [state for _, state in merchant.mails()] == ["done"]


@pytest.mark.parametrize(("was_sent", "state", "notices"), [(True, "done", 1), (False, "failed", 0)])
def test_a_person_says_what_became_of_a_mail_in_doubt(shop: Merchant, was_sent: bool, state: str, notices: int) -> None:
    key = in_doubt(shop)
    with shop.desk() as desk:
        settle(desk, key, "Ann", was_sent=was_sent)
        with pytest.raises(FillrateError, match="nothing is to be decided"):
            settle(desk, key, "Ann", was_sent=was_sent)
        with pytest.raises(NotFound):
            resend(desk, "main:1/backordered/7", "Ann")
    shop.allocate()

    assert [found for _, found in shop.mails()] == [state]
    assert len(shop.rows("SELECT * FROM notice")) == notices
    assert len(shop.office.taken) == 1
