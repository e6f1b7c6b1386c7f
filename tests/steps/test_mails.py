"""Mails to customers: who hears what, once; what waits for a person; and what is obsolete when it would go out."""

from collections.abc import Iterator

import pytest

from fillrate.errors import FixSettings
from fillrate.steps.plan import approve, reject
from tests.gateway.post_office import HANG, PostOffice, serving
from tests.steps.post import Merchant, in_days, text_of


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
    merchant = Merchant.__new__(Merchant)
    merchant.office = office
    shop = Merchant(sqlite_url, office)
    shop.do("DELETE FROM mark")
    shop.order(5)
    shop.work()

    assert office.taken == []
    assert shop.mails() == []


def test_an_order_from_before_a_kind_of_mail_was_switched_on_hears_nothing_of_that_kind(
    sqlite_url: str, office: PostOffice
) -> None:
    shop = Merchant(sqlite_url, office, messages=("on_its_way",))
    old = shop.order(3)
    shop.work()
    shop.world.mail = shop.world.mail.model_copy(update={"messages": ("on_its_way", "backordered")})
    shop.allocate()
    shop.pass_time(60)
    new = shop.order(1)
    shop.do("INSERT INTO touched_order SELECT id FROM sales_order WHERE true ON CONFLICT DO NOTHING")
    shop.work()

    assert old != new
    assert [target for target, _ in shop.mails()] == [f"{new}/backordered/1"]


def test_the_day_in_a_mail_is_the_promise_that_holds_and_another_one_is_told_once(merchant: Merchant) -> None:
    order = merchant.order(3)
    merchant.work()
    merchant.do("DELETE FROM forecast")  # as if somebody knew when the goods come
    for days in (9, 16):
        merchant.promise(order, in_days(days, merchant))
        merchant.do("UPDATE forecast SET likely_by = :day, sure_by = :day, uncovered = 0", day=None)
        merchant.do("DELETE FROM forecast")
        merchant.allocate()
        merchant.allocate()

    told = [row[0] for row in merchant.rows("SELECT kind FROM notice ORDER BY told_at, mail_key")]
    assert told[0] == "backordered"
