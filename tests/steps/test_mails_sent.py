"""Mails on their way: what the server does with them, what becomes of each, and what only a person may decide."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fillrate.errors import FillrateError, FixSettings, NotFound
from fillrate.steps.mail.settle import resend, settle
from fillrate.steps.mail.suppressed import allow, suppress
from fillrate.steps.status import status
from tests.gateway.post_office import CUT
from tests.steps.evening import evening, morning
from tests.steps.post import Merchant, key_of


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Merchant:
    return evening(tmp_path_factory.mktemp("evening"), sqlite_template)


@pytest.fixture
def five(begun: Merchant, tmp_path: Path) -> Iterator[Merchant]:
    with morning(begun, tmp_path) as one:
        yield one


@pytest.fixture
def shop(begun: Merchant, tmp_path: Path) -> Iterator[Merchant]:
    with morning(begun, tmp_path, mails=1) as one:
        yield one


def test_what_the_server_does_not_take_now_is_tried_again_later_and_longer_apart(shop: Merchant) -> None:
    shop.office.answers = {"rcpt": "450 4.2.0 later"}
    shop.send()
    shop.send()
    assert shop.mails() == [("1/backordered/1", "parked")]
    assert shop.office.verbs.count("RCPT") == 1, "not again before five minutes are over"

    shop.world.clock.sleep(300)
    shop.send()
    shop.world.clock.sleep(300)
    shop.send()
    assert shop.office.verbs.count("RCPT") == 2, "and then ten minutes"

    shop.office.answers = {}
    shop.world.clock.sleep(600)
    shop.send()
    assert shop.mails() == [("1/backordered/1", "done")]


def test_after_its_last_try_a_mail_is_listed_with_the_reason(shop: Merchant) -> None:
    shop.office.answers = {"rcpt": "450 4.2.0 later"}
    for _ in range(12):
        shop.world.clock.sleep(200_000)
        shop.send()

    assert shop.office.verbs.count("RCPT") == 10
    with shop.desk() as desk:
        [refused] = status(desk)["refused"]["latest"]
    assert "asked for patience (450 4.2.0)" in refused["answer"]


def test_a_server_that_is_down_is_asked_three_times_a_run_and_loses_nothing(five: Merchant) -> None:
    five.office.answers = {"greeting": "421 4.3.2 not now"}
    log = five.send()

    assert [state for _, state in five.mails()] == ["parked"] * 3 + ["approved"] * 2
    assert [problem.where for problem in log.problems] == ["main: mail"]
    five.office.answers = {}
    five.world.clock.sleep(300)
    five.send()
    assert [state for _, state in five.mails()] == ["done"] * 5


@pytest.mark.parametrize("address", ["", "nobody", "a@example.com, b@example.com"])
def test_an_address_that_is_none_is_a_reason_and_nobody_is_written_to(shop: Merchant, address: str) -> None:
    shop.do("UPDATE sales_order SET email = :address", address=address)
    shop.send()
    shop.allocate()

    assert shop.office.said == []
    assert shop.rows("SELECT state, answer LIKE '%address%' FROM change WHERE kind = 'mail'") == [("failed", 1)]


def test_a_refused_address_is_kept_with_what_the_server_said_and_not_tried_again(shop: Merchant) -> None:
    shop.office.answers = {"rcpt": "550 5.1.1 nobody@example.com is unknown here"}
    shop.send()
    shop.allocate()

    [(state, answer)] = shop.rows("SELECT state, answer FROM change WHERE kind = 'mail'")
    assert (state, answer) == ("failed", "mail.send: 127.0.0.1 refused the recipient (550 5.1.1).")
    assert shop.office.verbs.count("RCPT") == 1


def test_an_address_that_the_server_does_not_know_is_written_to_no_more_until_a_person_allows_it(
    shop: Merchant,
) -> None:
    shop.office.answers = {"rcpt": "550 5.1.1 nobody is unknown here"}
    shop.send()
    shop.office.answers = {}
    shop.act("set_status", order_id=1, status=5)
    shop.work()

    assert mails_of_the_first(shop) == [("1/backordered/1", "failed"), ("1/cancelled/1", "failed")]
    [(why,)] = shop.rows("SELECT answer FROM change WHERE target = '1/cancelled/1'")
    assert why.endswith("the mail server knows nobody there.")
    [(address, status_now)] = shop.rows("SELECT email, status FROM sales_order WHERE platform_id = '1'")
    assert (status_now, address in [mail.recipient for mail in shop.office.taken]) == ("5", False)

    with shop.desk() as desk:
        allow(desk, address.upper())
        resend(desk, "main:1/cancelled/1", "Ann")
    shop.send()
    assert mails_of_the_first(shop)[1] == ("1/cancelled/1", "done")


def mails_of_the_first(shop: Merchant) -> list[tuple[str, str]]:
    """What became of the mails about the first order."""
    return [(target, state) for target, state in shop.mails() if target.startswith("1/")]


def test_who_has_complained_is_not_written_to_and_the_order_goes_on(shop: Merchant) -> None:
    [(address,)] = shop.rows("SELECT email FROM sales_order WHERE platform_id = '1'")
    with shop.desk() as desk:
        suppress(desk, address.upper(), "she complained")
    log = shop.send()

    assert (shop.office.said, shop.mails()) == ([], [("1/backordered/1", "failed")])
    assert log.counts["mails_failed"] == 1
    for nothing in ("nobody", "a@example.com, b@example.com"):
        with shop.desk() as desk, pytest.raises(FixSettings):
            suppress(desk, nothing, "why")


def test_wrong_settings_end_the_run_and_cost_no_try(shop: Merchant) -> None:
    shop.office.answers = {"mail": "550 5.7.1 not you"}
    with pytest.raises(FixSettings, match="does not let us send"):
        shop.send()

    assert shop.rows("SELECT state, attempts FROM change WHERE kind = 'mail'") == [("approved", 0)]
    shop.office.answers = {}
    shop.send()
    assert shop.mails() == [("1/backordered/1", "done")]


def in_doubt(shop: Merchant) -> str:
    """A mail of which nobody knows whether it was taken; returns its key."""
    shop.office.answers = {"end": CUT}
    log = shop.send()
    shop.office.answers = {}
    assert "nobody knows" in log.problems[0].what
    shop.allocate()
    assert shop.mails() == [("1/backordered/1", "unknown")]
    assert len(shop.office.taken) == 1, "the server has it"
    return "main:1/backordered/1"


def test_a_mail_in_doubt_is_listed_and_only_a_person_has_it_sent_again_under_its_old_id(shop: Merchant) -> None:
    key = in_doubt(shop)
    with shop.desk() as desk:
        assert [one["key"] for one in status(desk)["mails"]["unknown"]] == [key]
        resend(desk, key, "Ann")
    shop.send()

    first, again = shop.office.taken
    assert key_of(first) == key_of(again)
    assert [state for _, state in shop.mails()] == ["done"]


@pytest.mark.parametrize(("was_sent", "state", "notices"), [(True, "done", 1), (False, "failed", 0)])
def test_a_person_says_what_became_of_a_mail_in_doubt(shop: Merchant, was_sent: bool, state: str, notices: int) -> None:
    key = in_doubt(shop)
    with shop.desk() as desk:
        settle(desk, key, "Ann", was_sent=was_sent)
        with pytest.raises(FillrateError, match="nothing is to be decided"):
            settle(desk, key, "Ann", was_sent=was_sent)
        with pytest.raises(NotFound):
            resend(desk, "main:1/backordered/7", "Ann")
    shop.send()

    assert [found for _, found in shop.mails()] == [state]
    assert len(shop.rows("SELECT * FROM notice")) == notices
    assert len(shop.office.taken) == 1
