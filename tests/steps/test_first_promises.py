"""The first promise: what the page showed at order; else from stock, counted from the order's own time; else by supply."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from fillrate.steps.days import store_calendar
from fillrate.steps.explain import explain_order
from fillrate.steps.telling.settle import show_days
from tests.gateway.post_office import PostOffice, serving
from tests.simulation.world import fresh
from tests.steps.late import moves, promises
from tests.steps.post import Merchant

HOUR = 3_600
DAY = timedelta(days=1)


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with serving(PostOffice()) as running:
        yield running


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Merchant:
    with serving(PostOffice()) as nobody:
        one = Merchant.at_work(fresh(tmp_path_factory.mktemp("first"), sqlite_template, "begun"), nobody)
        one.act("receive", sku="MUG", quantity=20)
        one.pass_time(60)
        one.day()
        one.close()
        return one


@pytest.fixture
def shop(begun: Merchant, tmp_path: Path, office: PostOffice) -> Iterator[Merchant]:
    with closing(begun.copy(fresh(tmp_path, Path(begun.world.url.removeprefix("sqlite:///")), "copy"), office)) as one:
        yield one


def at(one: Merchant, hour: int) -> date:
    """Let time pass until that hour of the next Tuesday, and return that day."""
    with one.desk() as desk:
        now = desk.shop("main").channel.time()
    tuesday = now.date() + timedelta(days=(1 - now.weekday()) % 7 or 7)
    then = datetime(tuesday.year, tuesday.month, tuesday.day, hour, tzinfo=UTC)
    one.pass_time(int((then - now).total_seconds()))
    return tuesday


@pytest.mark.parametrize(
    ("ordered", "read_after_hours", "promised_after_days"),
    [
        pytest.param(10, 1, 1, marks=pytest.mark.slow),
        (13, 3, 1),  # read after the cut-off at 14:00: it would have been promised for the next day
        pytest.param(13, 27, 1, marks=pytest.mark.slow),  # read on that very day
        pytest.param(15, 1, 2, marks=pytest.mark.slow),
        (10, 50, 3),  # its day is over: the next shipping day after it was read
    ],
)
def test_what_lies_there_is_promised_from_when_it_was_ordered_however_late_it_was_read(
    shop: Merchant, ordered: int, read_after_hours: int, promised_after_days: int
) -> None:
    tuesday = at(shop, ordered)
    order = shop.order(1)
    shop.pass_time(read_after_hours * HOUR)
    shop.work()

    assert promises(shop, order) == [(tuesday + timedelta(days=promised_after_days), "stock")]


def show(one: Merchant, day: date | None) -> None:
    """The page of MUG shows a day from now on."""
    [(product,)] = one.rows("SELECT platform_id FROM product")
    with one.desk() as desk:
        shop = desk.shop("main")
        now = shop.channel.time()
        with desk.db.write("shown") as tx:
            for _ in range(2):  # said twice it is once
                told = SimpleNamespace(target=product, day=None if day is None else store_calendar(desk).start_of(day))
                show_days(tx, shop, [told], now)


def test_a_day_that_the_page_showed_at_order_is_the_first_promise(shop: Merchant) -> None:
    tuesday = at(shop, 10)
    before = shop.order(1)
    shop.pass_time(60)
    friday, monday = tuesday + 3 * DAY, tuesday + 6 * DAY
    for day in (friday, monday):
        show(shop, day)
        shop.pass_time(60)
        shop.order(1)
        shop.pass_time(60)
    show(shop, None)
    shop.pass_time(60)
    after = shop.order(1)
    shop.pass_time(60)
    shop.work()
    shop.work()

    assert [promises(shop, order) for order in range(before, after + 1)] == [
        [(tuesday + DAY, "stock")],
        [(friday, "shown")],
        [(monday, "shown")],
        [(tuesday + DAY, "stock")],
    ]
    with shop.desk() as desk:
        assert "the shop showed that day when it was ordered" in "\n".join(explain_order(desk, str(before + 1))[0])
    assert shop.rows("SELECT count(*) FROM shown_day WHERE shown_until IS NULL") == [(0,)]


def test_a_day_that_was_over_at_order_is_no_promise(shop: Merchant) -> None:
    tuesday = at(shop, 10)
    show(shop, tuesday - DAY)
    shop.pass_time(60)
    order = shop.order(1)
    shop.work()

    assert promises(shop, order) == [(tuesday + DAY, "stock")]


def test_a_shown_day_that_supply_cannot_keep_is_promised_and_proposed_to_move_at_once(
    shop: Merchant, tmp_path: Path
) -> None:
    files = tmp_path / "po"
    files.mkdir()
    shop.supplied(files, 30)
    tuesday = at(shop, 10)
    show(shop, tuesday + 7 * DAY)
    shop.pass_time(60)
    order = shop.order(30)
    shop.work()

    assert promises(shop, order) == [(tuesday + 7 * DAY, "shown")]
    [(_, before, after, state)] = moves(shop)
    assert (before, state) == ((tuesday + 7 * DAY).isoformat(), "planned")
    assert after > before


@pytest.mark.postgres
def test_what_pages_showed_is_kept_alike_on_postgresql(postgres_url: str, office: PostOffice) -> None:
    with closing(Merchant.at_work(postgres_url, office)) as one:
        friday = one.today + 9 * DAY
        show(one, friday)
        one.pass_time(60)
        order = one.order(1)
        one.pass_time(60)
        one.work()
        show(one, None)

        assert promises(one, order) == [(friday, "shown")]
        assert one.rows("SELECT count(*) FROM shown_day WHERE shown_until IS NULL") == [(0,)]
