"""What a delay means for customers: who is told and asked on which day, what silence is, and what staff is asked to do."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from fillrate.settings import DelaySettings
from fillrate.steps.correcting.kept_orders import do_not_cancel
from fillrate.steps.correcting.undo import undo
from fillrate.steps.correcting.word import said
from fillrate.steps.explain import explain_order
from fillrate.steps.runs import RunLog, recorded
from tests.gateway.post_office import PostOffice, serving
from tests.simulation.world import fresh
from tests.steps.late import DAY_S, answer, asked, delay, judged, on, promises
from tests.steps.post import Merchant, text_of

TOMORROW = timedelta(days=1)


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with serving(PostOffice()) as running:
        yield running


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Merchant:
    with serving(PostOffice()) as nobody:
        return Merchant.at_work(fresh(tmp_path_factory.mktemp("late"), sqlite_template, "begun"), nobody)


@pytest.fixture
def shop(begun: Merchant, tmp_path: Path, office: PostOffice) -> Iterator[Merchant]:
    with closing(begun.copy(fresh(tmp_path, Path(begun.world.url.removeprefix("sqlite:///")), "copy"), office)) as one:
        yield judged(one)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def merchant(request: pytest.FixtureRequest, office: PostOffice) -> Iterator[Merchant]:
    """The same on each engine in turn."""
    if request.param == "sqlite":
        yield request.getfixturevalue("shop")
    else:
        with closing(Merchant.at_work(request.getfixturevalue("postgres_url"), office)) as one:
            yield judged(one)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "po"
    folder.mkdir()
    return folder


def slipped(one: Merchant, files: Path, days: int) -> int:
    """An order that is promised by a delivery in nine days, which then slips to so many days from now."""
    order = one.order(3)
    one.supplied(files, 9)
    one.work()
    one.supplied(files, days)
    one.allocate()
    return order


def test_what_lay_there_all_the_time_and_left_late_is_not_told_to_be_back_in_stock(shop: Merchant) -> None:
    shop.order(1)  # the only mug
    shop.work()
    for _ in range(3):  # nobody ships it
        shop.pass_time(7 * DAY_S)
        shop.work()
        shop.pass_time(3600)
        shop.work()

    assert len(shop.subjects) == 2, "the second one needs a yes"
    assert {subject.partition(": ")[2] for subject in shop.subjects} == {"the date has changed"}


def table(one: Merchant) -> list[tuple[object, ...]]:
    return one.rows("SELECT * FROM delay ORDER BY line_id")


def test_a_short_slip_is_told_on_the_day_that_breaks_with_a_question_and_silence_is_a_yes(
    merchant: Merchant, files: Path
) -> None:
    order = slipped(merchant, files, 16)
    [(first, _)] = promises(merchant, order)
    assert first is not None
    assert delay(merchant, order) == ("nothing", "in_time", "", first)
    on(merchant, first - TOMORROW)
    assert merchant.mails() == [(f"{order}/backordered/1", "done")]

    on(merchant, first)
    merchant.allocate()
    after, again = table(merchant), merchant.allocate()

    second = promises(merchant, order)[-1][0]
    assert second is not None
    assert promises(merchant, order) == [(first, "supply"), (second, "slip")], "ledger and mail agree"
    assert second > first
    assert f"If we hear nothing from you by {second:%-d %B %Y}" in text_of(merchant.office.taken[-1])
    assert delay(merchant, order) == ("nothing", "silence_is_yes", "first_slip", second)
    assert (table(merchant), again.counts["mails_planned"]) == (after, 0)
    assert len(merchant.subjects) == 2


@pytest.fixture
def silent(shop: Merchant, files: Path) -> tuple[Merchant, int]:
    """An order that slips for longer than silence allows, and whose customer was asked on the promised day."""
    order = slipped(shop, files, 60)
    [(first, _)] = promises(shop, order)
    assert first is not None
    on(shop, first)
    shop.allocate()
    return shop, order


def test_who_gives_no_answer_in_time_is_proposed_to_be_cancelled_and_nothing_is_cancelled_by_itself(
    silent: tuple[Merchant, int],
) -> None:
    shop, order = silent
    to_do, why, rule, deadline = delay(shop, order)
    assert (to_do, why, rule) == ("nothing", "needs_yes", "long_slip")
    on(shop, deadline)
    assert (delay(shop, order)[1], asked(shop)) == ("needs_yes", []), "the last day is in time"

    on(shop, deadline + TOMORROW)

    assert delay(shop, order) == ("propose_cancel", "no_answer", "long_slip", deadline)
    with shop.desk() as desk:
        said_of_it = "\n".join(explain_order(desk, str(order))[0])
    assert f"did not answer by {deadline}." in said_of_it
    assert "Cancel what is open, and give the money back." in said_of_it
    assert asked(shop) == [(f"main:{order}", 3, "32.13 EUR", "rule")]
    assert shop.rows("SELECT qty_cancelled FROM order_line") == [(0,)]
    assert [kind for kind, _ in shop.mails()] == [f"{order}/backordered/1", f"{order}/date_moved/1"]


def test_an_order_that_is_marked_is_not_cancelled_for_want_of_an_answer_and_undo_takes_the_mark_away(
    silent: tuple[Merchant, int],
) -> None:
    shop, order = silent
    on(shop, delay(shop, order)[3] + TOMORROW)
    with shop.desk() as desk, recorded(desk, RunLog("word", "do-not-cancel", "all")) as log:
        told = do_not_cancel(desk, log, said("Ann", "she waits"), str(order))
        twice = do_not_cancel(desk, log, said("Ann", "she waits"), f"main:{order}")
    shop.allocate()
    marked = delay(shop, order)
    with shop.desk() as desk, recorded(desk, RunLog("back", "undo", "all")) as log:
        undo(desk, log, said("Ann", "a mistake"), told.plan_id)
    shop.allocate()

    assert ([one.after for one in told.changes], twice.changes) == ([True], [])
    assert marked[:2] == ("nothing", "do_not_cancel")
    assert (delay(shop, order)[:2], len(asked(shop))) == (("propose_cancel", "no_answer"), 1)


@pytest.mark.slow
def test_a_yes_lets_the_order_wait_until_the_day_that_was_told(silent: tuple[Merchant, int]) -> None:
    shop, order = silent
    deadline, told = delay(shop, order)[3], promises(shop, order)[-1][0]
    assert answer(shop, "keep") == "kept"
    on(shop, deadline + TOMORROW)

    assert delay(shop, order) == ("nothing", "kept_by_customer", "long_slip", told)


def test_a_customer_who_cancels_is_seen_at_once_and_again_once_the_shop_shows_it_no_more(
    silent: tuple[Merchant, int],
) -> None:
    shop, order = silent
    assert answer(shop, "cancel") == "kept"
    assert asked(shop) == [(f"main:{order}", 3, "32.13 EUR", "customer")]
    shop.allocate()
    assert delay(shop, order)[:2] == ("propose_cancel", "cancelled_by_customer")

    shop.act("set_status", order_id=order, status=5)
    shop.pass_time(60)
    shop.work()

    assert (asked(shop), table(shop)) == ([], [])


@pytest.mark.slow
def test_an_order_without_a_promised_day_is_asked_after_thirty_days(shop: Merchant) -> None:
    order = shop.order(3)
    shop.work()
    patience = shop.today + timedelta(days=30)
    assert delay(shop, order) == ("nothing", "no_promise_yet", "no_promise", patience)

    on(shop, patience)

    assert shop.mails()[-1] == (f"{order}/date_moved/1", "done")
    assert "No date yet" in text_of(shop.office.taken[-1])
    shop.allocate()
    assert delay(shop, order)[:3] == ("nothing", "needs_yes", "no_promise")


@pytest.mark.slow
def test_days_count_from_when_an_order_was_seen_to_be_paid(shop: Merchant) -> None:
    order = shop.order(3)
    shop.act("set_status", order_id=order, status=7)
    shop.work()
    assert delay(shop, order)[:2] == ("nothing", "not_counting")
    on(shop, shop.today + timedelta(days=40))
    assert delay(shop, order)[:2] == ("nothing", "not_counting")

    shop.act("set_status", order_id=order, status=11)
    shop.pass_time(60)
    shop.work()

    assert delay(shop, order) == ("nothing", "no_promise_yet", "no_promise", shop.today + timedelta(days=30))


@pytest.mark.slow
def test_what_is_ready_is_late_only_when_its_day_is_over(shop: Merchant) -> None:
    order = shop.order(1)
    shop.work()
    [(first, source)] = promises(shop, order)
    assert first is not None
    on(shop, first)
    on_the_day = delay(shop, order)
    on(shop, first + TOMORROW)

    assert (source, on_the_day) == ("stock", ("nothing", "in_time", "", first))
    assert delay(shop, order)[2] == "first_slip"
    assert shop.mails() == [(f"{order}/date_moved/1", "done")]


@pytest.mark.slow
def test_switched_off_nothing_is_judged_and_what_stood_is_gone(shop: Merchant, files: Path) -> None:
    order = slipped(shop, files, 60)
    assert len(table(shop)) == 1
    judged(shop, DelaySettings())
    shop.allocate()
    off = table(shop)
    shop.pass_time(DAY_S)
    judged(shop)
    shop.allocate()

    assert (off, delay(shop, order)[:2]) == ([], ("nothing", "in_time"))


def test_a_run_judges_what_was_touched_and_whose_day_has_come_and_no_more(shop: Merchant, files: Path) -> None:
    slipped(shop, files, 16)
    shop.do("UPDATE delay SET rule = 'planted'")
    shop.allocate()
    assert shop.rows("SELECT rule FROM delay") == [("planted",)]
    shop.do("UPDATE delay SET look_at = '2000-01-01T00:00:00.000000+00:00'")
    shop.allocate()

    assert shop.rows("SELECT rule FROM delay") == [("",)]
