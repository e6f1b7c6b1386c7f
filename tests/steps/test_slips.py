"""A delivery slips: one plan says which promises break, and moves them once a person, or the settings, let it."""

from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from fillrate.db.queries.slips import waiting as waiting_plans
from fillrate.errors import FillrateError
from fillrate.settings import DelaySettings, PromiseSettings
from fillrate.steps.correcting.promises import move_promise
from fillrate.steps.correcting.undo import undo
from fillrate.steps.correcting.word import said
from fillrate.steps.explain import explain_order
from fillrate.steps.mail.settle import settle
from fillrate.steps.plan import approve, reject
from fillrate.steps.runs import RunLog, recorded
from fillrate.steps.supply.sync import import_inbound
from tests.gateway.post_office import CUT, PostOffice, serving
from tests.simulation.crash import Crash, CrashAt
from tests.simulation.projection import end_state
from tests.simulation.world import STORY, fresh
from tests.steps.late import judged, moves, on, promises, proposals
from tests.steps.post import Merchant, text_of

OFF = DelaySettings()


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with serving(PostOffice()) as running:
        yield running


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Merchant:
    """Two orders are promised by a delivery in nine days."""
    folder = tmp_path_factory.mktemp("slips")
    (folder / "po").mkdir()
    with serving(PostOffice()) as nobody:
        one = Merchant.at_work(fresh(folder, sqlite_template, "begun"), nobody)
        for quantity in (3, 2):
            one.order(quantity)
        one.supplied(folder / "po", 9)
        one.work()
        one.close()
        return one


@pytest.fixture
def shop(begun: Merchant, tmp_path: Path, office: PostOffice) -> Iterator[Merchant]:
    with closing(begun.copy(fresh(tmp_path, Path(begun.world.url.removeprefix("sqlite:///")), "copy"), office)) as one:
        yield one


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "po"
    folder.mkdir()
    return folder


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def merchant(request: pytest.FixtureRequest, office: PostOffice, files: Path) -> Iterator[Merchant]:
    """The same on each engine in turn."""
    if request.param == "sqlite":
        yield request.getfixturevalue("shop")
    else:
        with closing(Merchant.at_work(request.getfixturevalue("postgres_url"), office)) as one:
            for quantity in (3, 2):
                one.order(quantity)
            one.supplied(files, 9)
            one.work()
            yield one


def slip(one: Merchant, files: Path, days: int = 30) -> tuple[date, date]:
    """The delivery slips to so many days from now; returns the day that was promised, and the one that can be."""
    one.supplied(files, days)
    one.allocate()
    [(before, after, _)] = {move[1:] for move in moves(one) if move[3] in {"planned", "done"} and move[2]}
    return date.fromisoformat(before), date.fromisoformat(after)


def test_one_plan_says_what_breaks_and_a_person_moves_the_promises_at_once(merchant: Merchant, files: Path) -> None:
    before, after = slip(merchant, files)
    [(plan, what)] = proposals(merchant)
    days = (after - before).days
    assert what == (
        f"Delivery PO-7 (MUG): 2 lines slip, of which 2 break their promise, by up to {days} days."
        " That is 5 units for 53.55 EUR. A person decides whether the promises move."
    )
    assert promises(merchant, 1) == [(before, "supply")], "no promise moves without a plan"
    assert merchant.allocate().counts["mails_planned"] == 0
    assert proposals(merchant) == [(plan, what)]

    with merchant.desk() as desk:
        explained = "\n".join(explain_order(desk, "1")[0])
        done = approve(desk, plan, None, "Ann")
    merchant.allocate()
    told = [text_of(mail) for mail in merchant.office.taken if "has changed" in text_of(mail)]

    assert f"To promise {after} instead is proposed, and waits for a person: fillrate show {plan}" in explained
    assert (done.state, done.approved_by, proposals(merchant)) == ("applied", "Ann", [])
    assert [promises(merchant, order) for order in (1, 2)] == [[(before, "supply"), (after, "slip")]] * 2
    assert merchant.rows("SELECT DISTINCT plan_id FROM promise WHERE source = 'slip'") == [(plan,)]
    assert len(told) == 2
    assert all(f"Ships by {after:%-d %B %Y} (earlier: {before:%-d %B %Y})" in one for one in told)
    assert [state for *_, state in moves(merchant)] == ["done", "done"]


def test_what_a_person_refused_is_not_proposed_again_until_it_slips_further(shop: Merchant, files: Path) -> None:
    slip(shop, files)
    with shop.desk() as desk:
        reject(desk, proposals(shop)[0][0], "Ann")
    shop.do(
        "INSERT INTO touched SELECT id, '1970-01-01T00:00:00.000000+00:00' FROM item WHERE true ON CONFLICT DO NOTHING"
    )
    shop.allocate()
    assert proposals(shop) == []

    shop.supplied(files, 44)
    shop.allocate()
    assert len(proposals(shop)) == 1
    shop.supplied(files, 30)
    shop.allocate()
    assert proposals(shop) == [], "back to what was refused"


@pytest.mark.slow
def test_a_newer_proposal_takes_the_place_of_one_that_waits(shop: Merchant, files: Path) -> None:
    slip(shop, files)
    [(first, _)] = proposals(shop)
    shop.supplied(files, 44)
    shop.allocate()
    [(second, _)] = proposals(shop)
    with shop.desk() as desk, pytest.raises(FillrateError, match="superseded and can no longer be approved"):
        approve(desk, first, None, "Ann")

    assert second != first
    assert [state for *_, state in moves(shop)] == ["superseded"] * 2 + ["planned"] * 2


def test_a_line_that_comes_back_to_its_first_delivery_is_promised_the_day_of_that_one(
    shop: Merchant, files: Path
) -> None:
    first, second = (shop.today + timedelta(days=days) for days in (30, 44))
    for units in (4, 2, 4):  # for a while the second order waits for the later delivery
        file = files / f"{len(list(files.iterdir()))}.csv"
        rows = f"PO-7,1,MUG,{units},{first}", f"PO-9,1,MUG,50,{second}"
        file.write_text("\n".join(("reference,line,sku,quantity,expected", *rows)))
        with shop.desk() as desk, recorded(desk, RunLog(file.name, "sync-inbound", "all")) as log:
            import_inbound(desk, log, file)
        shop.pass_time(60)
        shop.allocate()
    with shop.desk() as desk:
        for plan, _ in proposals(shop):
            approve(desk, plan, None, "Ann")

    assert [len(promises(shop, order)) for order in (1, 2)] == [2, 2]
    assert promises(shop, 1) == promises(shop, 2)


def test_an_earlier_mail_that_turns_out_to_have_arrived_moves_no_later_promise_back(
    shop: Merchant, files: Path
) -> None:
    for days, answers in ((30, {"end": CUT}), (44, {})):
        shop.supplied(files, days)
        shop.allocate()
        with shop.desk() as desk:
            approve(desk, proposals(shop)[0][0], None, "Ann")
        shop.office.answers = answers
        shop.allocate()
        shop.pass_time(3600)
    assert dict(shop.mails())["1/date_moved/1"] == "unknown"
    held, mails = promises(shop, 1), shop.mails()
    with shop.desk() as desk:
        settle(desk, "main:1/date_moved/1", "Ann", was_sent=True)
    shop.supplied(files, 30)
    shop.allocate()

    assert promises(shop, 1) == held
    assert len(shop.mails()) == len(mails)
    notices = "SELECT mail_key FROM notice WHERE line_id = 1 AND kind = 'date_moved' ORDER BY told_at"
    assert shop.rows(notices) == [("main:1/date_moved/1",), ("main:1/date_moved/2",)]


def test_a_proposal_ends_when_the_delivery_is_in_time_after_all(shop: Merchant, files: Path) -> None:
    slip(shop, files)
    [(plan, _)] = proposals(shop)
    shop.supplied(files, 9)
    shop.allocate()

    assert (proposals(shop), {state for *_, state in moves(shop)}) == ([], {"superseded"})
    assert shop.rows(f"SELECT state FROM plan WHERE id = '{plan}'") == [("superseded",)]


def test_small_ones_move_by_themselves_and_many_small_ones_add_up(shop: Merchant, files: Path) -> None:
    judged(shop, OFF, PromiseSettings(move_by_itself_days=21, move_by_itself_lines=2))
    before, after = slip(shop, files)
    assert (after - before).days == 21
    assert [promises(shop, order)[-1] for order in (1, 2)] == [(after, "slip")] * 2
    [by] = shop.rows("SELECT approved_by FROM plan p WHERE EXISTS"
                     " (SELECT 1 FROM change c WHERE c.plan_id = p.id AND c.kind = 'promise')")  # fmt: skip
    shop.supplied(files, 51)
    shop.allocate()

    assert by == ("policy",)
    assert len(proposals(shop)) == 1, "later than 21 days after the first promise"
    assert promises(shop, 1)[-1] == (after, "slip")


@pytest.mark.slow
def test_more_lines_than_the_settings_allow_wait(shop: Merchant, files: Path) -> None:
    judged(shop, OFF, PromiseSettings(move_by_itself_days=90, move_by_itself_lines=1))
    slip(shop, files)

    assert len(proposals(shop)) == 1


def test_what_changed_meanwhile_is_stale_and_the_rest_moves(shop: Merchant, files: Path) -> None:
    before, after = slip(shop, files)
    [(plan, _)] = proposals(shop)
    [line] = shop.rows("SELECT platform_id FROM order_line ORDER BY id")[0]
    shop.act("receive", sku="MUG", quantity=2)
    shop.act("ship", order_id=1, lines=[{"line_id": int(line), "quantity": 3}])
    shop.pass_time(60)
    shop.work("sync-orders")
    with shop.desk() as desk:
        approve(desk, plan, None, "Ann")

    assert [state for *_, state in moves(shop)] == ["stale", "done"]
    assert (promises(shop, 1), promises(shop, 2)[-1]) == ([(before, "supply")], (after, "slip"))


@pytest.mark.slow
def test_the_next_run_ends_what_shipped_and_keeps_the_rest_as_it_was_shown(shop: Merchant, files: Path) -> None:
    slip(shop, files)
    before = proposals(shop)
    [line] = shop.rows("SELECT platform_id FROM order_line ORDER BY id")[0]
    shop.act("receive", sku="MUG", quantity=2)
    shop.act("ship", order_id=1, lines=[{"line_id": int(line), "quantity": 3}])
    shop.pass_time(60)
    shop.work()

    assert [state for *_, state in moves(shop)] == ["stale", "planned"]
    assert proposals(shop) == before


@pytest.mark.slow
def test_a_person_who_moves_a_promise_has_the_last_word(shop: Merchant, files: Path) -> None:
    _, after = slip(shop, files)
    [line] = shop.rows("SELECT platform_id FROM order_line ORDER BY id")[0]
    friday = after + timedelta(days=7)
    with shop.desk() as desk, recorded(desk, RunLog("word", "move-promise", "all")) as log:
        move_promise(desk, log, said("Ann", "agreed by phone"), line, friday)
    shop.allocate()

    assert [state for *_, state in moves(shop)] == ["superseded", "planned", "done"]
    assert promises(shop, 1)[-1] == (friday, "person")


def test_a_line_of_which_nobody_knows_the_day_is_named_and_once_seen_not_proposed_again(
    shop: Merchant, files: Path
) -> None:
    file = files / "cancelled.csv"
    file.write_text(f"reference,line,sku,quantity,cancelled,expected\nPO-7,1,MUG,50,50,{shop.today}\n")
    with shop.desk() as desk, recorded(desk, RunLog("cut", "sync-inbound", "all")) as log:
        import_inbound(desk, log, file)
    shop.allocate()
    [(plan, what)] = proposals(shop)
    with shop.desk() as desk:
        explained = "\n".join(explain_order(desk, "1")[0])
        approve(desk, plan, None, "Ann")
    shop.do(
        "INSERT INTO touched SELECT id, '1970-01-01T00:00:00.000000+00:00' FROM item WHERE true ON CONFLICT DO NOTHING"
    )
    shop.allocate()

    assert "Of 2 lines nobody knows the day: find a supply, or tell the customer." in what
    assert f"nobody knows its day waits for a person to be seen: fillrate show {plan}" in explained
    assert ([(row[2], row[3]) for row in moves(shop)], proposals(shop)) == ([(None, "done")] * 2, [])
    assert len(promises(shop, 1)) == 1


@pytest.mark.slow
def test_a_day_that_is_over_when_a_person_approves_it_is_not_promised(shop: Merchant, files: Path) -> None:
    _, after = slip(shop, files)
    [(plan, _)] = proposals(shop)
    shop.pass_time(86_400 * ((after - shop.today).days + 1))
    shop.work("sync-orders")
    with shop.desk() as desk:
        approve(desk, plan, None, "Ann")

    assert {state for *_, state in moves(shop)} == {"stale"}
    assert len(promises(shop, 1)) == 1


@pytest.mark.slow
def test_a_plan_that_moved_promises_is_undone_by_promising_the_days_before(shop: Merchant, files: Path) -> None:
    before, after = slip(shop, files)
    [(plan, _)] = proposals(shop)
    with shop.desk() as desk:
        approve(desk, plan, None, "Ann")
        with recorded(desk, RunLog("back", "undo", "all")) as log:
            undo(desk, log, said("Ann", "the supplier found it"), plan)

    assert promises(shop, 2) == [(before, "supply"), (after, "slip"), (before, "person")]


@pytest.mark.slow
@pytest.mark.parametrize(("label", "phase"), [(label, phase) for label in ("allocate.save", "plan.approve")
                                              for phase in ("before", "after_commit")])  # fmt: skip
def test_a_crash_at_any_commit_and_a_rerun_end_as_if_there_had_been_none(
    label: str, phase: str, begun: Merchant, tmp_path: Path, files: Path
) -> None:
    ends = []
    for crashes in (False, True):
        with serving(PostOffice()) as office:
            url = fresh(tmp_path, Path(begun.world.url.removeprefix("sqlite:///")), f"crash-{crashes}")
            with closing(begun.copy(url, office)) as one:
                one.supplied(files, 30)
                one.close()
                faults = CrashAt(label, phase, 1) if crashes else None  # type: ignore[arg-type]
                lived(one, faults)
                if crashes:
                    assert faults is not None
                    assert faults.hits
                    one.world.abandon_leases()
                    lived(one, None)
                on(one, one.today + timedelta(days=1))
                with one.desk() as desk:
                    ends.append(end_state(desk.db))

    assert ends[0] == ends[1]
    assert any("slip" in row for row in ends[0]["promise"])


def lived(one: Merchant, faults: CrashAt | None) -> None:
    """Allocate, and approve what is proposed, as one process that may end in the middle."""
    with one.world.desk(faults) as desk:
        try:
            with recorded(desk, RunLog(desk.outside.new_id(), "allocate-orders", "main")) as log:
                STORY["allocate-orders"](desk, log, None)  # type: ignore[arg-type]
            with desk.db.read() as reading:
                waiting = [row.id for row in waiting_plans(reading)]
            for plan in waiting:
                approve(desk, plan, None, "Ann")
        except Crash:
            return
