"""What a person says of an order holds at once, once, with who and why; and can be taken back."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from fillrate.db.tables import Inbound
from fillrate.errors import FillrateError, FixSettings, NotFound
from fillrate.steps import plan as planning
from fillrate.steps.correcting.cancelled_units import cancel_units
from fillrate.steps.correcting.holds import hold, release
from fillrate.steps.correcting.priorities import set_priority
from fillrate.steps.correcting.promises import move_promise
from fillrate.steps.correcting.receipts import mark_received
from fillrate.steps.correcting.undo import undo
from fillrate.steps.correcting.word import said
from fillrate.steps.desk import Desk
from fillrate.steps.explain import explain_order, explain_sku
from fillrate.steps.runs import RunLog, recorded
from fillrate.steps.status import status
from fillrate.steps.supply.sync import import_inbound
from tests.simulation.world import fresh
from tests.steps.correcting import MUG, Mugs

READY, HELD, WAITS = ("ready", 2), ("hold", 2), ("no_supply", 2)


@pytest.fixture(scope="module")
def morning(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Mugs:
    return Mugs.begin(fresh(tmp_path_factory.mktemp("mugs"), sqlite_template, "morning"))


@pytest.fixture
def mugs(morning: Mugs, tmp_path: Path) -> Mugs:
    return morning.copy(tmp_path / "mugs.db")


def plans(mugs: Mugs) -> list[tuple[str, str, str]]:
    return mugs.sql("SELECT flow, state, approved_by FROM plan WHERE flow LIKE '%-%' OR flow IN ('hold', 'release', 'undo')"
                    " ORDER BY created_at, id")  # fmt: skip


def test_what_is_held_is_not_picked_and_keeps_its_place_and_its_stock_until_it_is_let_go(mugs: Mugs) -> None:
    order, line = mugs.orders[0]
    assert mugs.stands() == [[READY], [WAITS], [("no_supply", 1)]]

    told = mugs.say(hold, "line", line, "address")
    again = mugs.say(hold, "line", f"main:{line}", "address")
    at_once = mugs.stands()
    mugs.allocate()
    after_allocation = mugs.stands()
    explained = mugs.desk(lambda desk: explain_order(desk, order))
    let_go, once_more = (mugs.say(release, "line", line) for _ in range(2))
    mugs.allocate()

    assert (bool(let_go.next), once_more.next) == (True, "")
    assert (bool(told.plan_id), again.plan_id, again.changes) == (True, "", [])
    assert at_once == after_allocation == [[HELD], [WAITS], [("no_supply", 1)]]
    assert mugs.stands() == [[READY], [WAITS], [("no_supply", 1)]]
    said_of_it = [sentence for sentence in explained[0] if "Ann" in sentence]
    assert [sentence.partition(", ")[2] for sentence in said_of_it] == [
        "Ann: hold: not held → held for its address (the customer called)."
    ]
    assert explained[1]["lines"][0]["words"][0]["who"] == "Ann"
    causes = mugs.sql(f"SELECT t.cause, t.plan_id FROM transition t JOIN order_line l ON l.id = t.line_id"
                      f" WHERE l.platform_id = '{line}' AND t.cause IN ('hold', 'release') ORDER BY t.id")  # fmt: skip
    assert causes == [("hold", told.plan_id), ("release", "")]


def test_an_order_is_held_with_all_its_lines_also_with_those_that_come_later(mugs: Mugs) -> None:
    order, line = mugs.orders[0]
    mugs.say(hold, "order", order)
    mugs.shop(action="add_line", order_id=int(order), sku=MUG, quantity=1)
    mugs.shop(action="receive", sku=MUG, quantity=10)
    mugs.day()

    held = mugs.sql("SELECT CAST(SUM(quantity) AS BIGINT) FROM open_unit WHERE reason = 'hold'")
    with pytest.raises(FillrateError, match="held together with all of its order"):
        mugs.say(release, "line", line)
    mugs.say(hold, "line", line)
    mugs.say(release, "order", order)
    mugs.allocate()

    assert held == [(3,)]
    assert mugs.stands() == [[READY], [READY], [("ready", 1)]]


def test_what_is_missing_of_the_payment_is_told_first_and_the_hold_after_it(mugs: Mugs) -> None:
    _, line = mugs.orders[0]
    mugs.in_shop(0, "set_status", status=7)
    mugs.day()

    mugs.say(hold, "line", line)
    mugs.allocate()
    unpaid = mugs.stands()[0]
    mugs.in_shop(0, "set_status", status=11)
    mugs.day()

    assert (unpaid, mugs.stands()[0]) == ([("payment", 2)], [HELD])


def test_a_closed_order_cannot_be_held(mugs: Mugs) -> None:
    mugs.in_shop(0, "set_status", status=5)
    mugs.day()

    with pytest.raises(FillrateError, match=f"Nothing of order main:{mugs.orders[0][0]} is open"):
        mugs.say(hold, "order", mugs.orders[0][0])


def deliver(mugs: Mugs, file: Path, rows: str, more: str = "") -> None:
    file.write_text(f"reference,line,sku,quantity,received,expected{more}\n{rows}")
    mugs.world.clock.sleep(60)
    with mugs.world.desk() as desk, recorded(desk, RunLog(f"supply-{mugs.world.runs}", "sync-inbound", "all")) as log:
        import_inbound(desk, log, file)


def test_what_is_on_its_way_goes_by_the_priority_at_the_next_allocation(mugs: Mugs, tmp_path: Path) -> None:
    deliver(mugs, tmp_path / "po.csv", f"PO-7,1,{MUG},1,0,2027-03-01\n")
    mugs.allocate()
    before = mugs.stands()

    mugs.say(set_priority, "line", mugs.orders[2][1], 1)
    mugs.allocate()

    assert before == [[READY], [("awaiting_inbound", 1), ("no_supply", 1)], [("no_supply", 1)]]
    assert mugs.stands() == [[READY], [WAITS], [("awaiting_inbound", 1)]]


def waiting(mugs: Mugs) -> list[str]:
    """The orders that wait for mugs, in the order of the queue."""
    queue = mugs.desk(lambda desk: explain_sku(desk, MUG))[1]["items"][0]["queue"]
    return [one["order"].removeprefix("main:") for one in queue if one["units"]["state"] == "backorder"]


def test_the_next_mug_goes_by_the_priority_that_a_person_gave(mugs: Mugs) -> None:
    last = mugs.orders[2]
    mugs.say(set_priority, "line", last[1], 1)
    queue = waiting(mugs)
    mugs.shop(action="receive", sku=MUG, quantity=1)
    mugs.day()

    assert queue == [last[0], mugs.orders[1][0]]
    assert mugs.stands() == [[READY], [WAITS], [("ready", 1)]]


def test_mugs_that_are_lost_are_lost_by_the_order_that_a_person_put_last(mugs: Mugs) -> None:
    mugs.shop(action="receive", sku=MUG, quantity=2)
    mugs.day()
    assert mugs.stands() == [[READY], [READY], [("no_supply", 1)]]
    mugs.say(set_priority, "order", mugs.orders[0][0], 900)
    mugs.shop(action="set_stock", sku=MUG, number=2)
    mugs.day()

    assert mugs.stands() == [[WAITS], [READY], [("no_supply", 1)]]


def test_the_priority_of_a_line_goes_before_that_of_its_order_and_the_policy_comes_back(mugs: Mugs) -> None:
    order, line = mugs.orders[2]
    mugs.say(set_priority, "order", order, 900)
    mugs.say(set_priority, "line", line, 1)
    first = waiting(mugs)[0]
    mugs.say(set_priority, "line", line, None)
    mugs.say(set_priority, "order", order, None)
    last = waiting(mugs)[-1]

    assert (first, last) == (order, order)
    with pytest.raises(FixSettings, match="1001 is no priority"):
        mugs.say(set_priority, "line", line, 1001)


def promises(mugs: Mugs, number: int) -> list[tuple[int, str]]:
    return mugs.sql(f"SELECT p.number, p.source FROM promise p JOIN order_line l ON l.id = p.line_id"
                    f" WHERE l.platform_id = '{mugs.orders[number][1]}' ORDER BY p.number")  # fmt: skip


def test_a_promise_moves_by_a_new_row_and_the_first_one_stays(mugs: Mugs) -> None:
    _, line = mugs.orders[0]
    (first,) = mugs.desk(lambda desk: explain_order(desk, mugs.orders[0][0]))[1]["lines"][0]["promises"]

    told = mugs.say(move_promise, line, date(2027, 3, 1))
    again = mugs.say(move_promise, line, date(2027, 3, 1))
    mugs.allocate()
    found = mugs.desk(lambda desk: explain_order(desk, mugs.orders[0][0]))
    after = found[1]["lines"][0]["promises"]
    taken_back = mugs.say(undo, told.plan_id)

    assert (len(told.changes), again.changes) == (1, [])
    assert after[0] == first
    assert [one["ship_by"][:10] for one in after[1:]] == ["2027-03-01"]
    assert any("2027-03-01 (somebody promised it" in sentence for sentence in found[0])
    assert taken_back.changes[0].after == first["ship_by"][:10]
    assert promises(mugs, 0) == [(1, "stock"), (2, "person"), (3, "person")]


def test_the_first_promise_of_a_line_may_be_a_persons_and_cannot_be_taken_back(mugs: Mugs) -> None:
    told = mugs.say(move_promise, mugs.orders[1][1], date(2027, 3, 1))
    mugs.shop(action="receive", sku=MUG, quantity=9)
    mugs.day()

    assert promises(mugs, 1) == [(1, "person")]
    with pytest.raises(FillrateError, match="first promise cannot be taken back"):
        mugs.say(undo, told.plan_id)


@pytest.mark.parametrize(
    ("day", "why"), [("2020-01-02", "2020-01-02 is over"), ("2027-03-06", "Nobody works on Saturday")]
)
def test_a_day_that_cannot_be_is_refused(mugs: Mugs, day: str, why: str) -> None:
    with pytest.raises(FixSettings, match=why):
        mugs.say(move_promise, mugs.orders[0][1], date.fromisoformat(day))


def to_cancel(mugs: Mugs) -> list[tuple[str, int, str]]:
    return [(one["line"], one["units"], one["why"]) for one in mugs.desk(status)["asked_to_cancel"]]


def test_what_is_given_up_is_owed_no_more_and_goes_to_the_next_until_the_shop_shows_the_same(mugs: Mugs) -> None:
    _, line = mugs.orders[0]
    told = mugs.say(cancel_units, line, 1)
    again = mugs.say(cancel_units, line, 1)
    mugs.day()
    listed, after = to_cancel(mugs), mugs.stands()
    mugs.in_shop(0, "refund", quantity=1)
    mugs.day()

    assert (told.waits, again.changes) == (True, [])
    assert listed == [(f"main:{line}", 1, "given up here by Ann: the customer called")]
    assert after == [[("ready", 1)], [("no_supply", 1), ("ready", 1)], [("no_supply", 1)]]
    assert mugs.stands() == after
    assert to_cancel(mugs) == []
    assert mugs.sql(f"SELECT qty_ordered, qty_cancelled FROM order_line WHERE platform_id = '{line}'") == [(2, 1)]


def test_units_that_are_given_up_lie_where_they_lay_though_the_shop_has_taken_them_off(sqlite_url: str) -> None:
    mugs = Mugs.begin(sqlite_url, stock=7, update_stock_behavior="order_placed")
    on_hand = f"SELECT SUM(s.on_hand) FROM stock s JOIN item i ON i.id = s.item_id WHERE i.sku = '{MUG}'"
    before = mugs.sql(on_hand)

    mugs.say(cancel_units, mugs.orders[0][1], 2)
    mugs.day()
    given_up = mugs.sql(on_hand)
    mugs.in_shop(0, "edit_line", quantity=0)
    mugs.day()

    assert [int(rows[0][0]) for rows in (before, given_up, mugs.sql(on_hand))] == [7, 7, 7]
    assert mugs.stands() == [[], [READY], [("ready", 1)]]


def test_what_was_given_up_is_taken_back_unless_the_shop_has_cancelled_it_too(mugs: Mugs) -> None:
    _, line = mugs.orders[1]
    told = mugs.say(cancel_units, line, 2)
    mugs.allocate()
    nothing = mugs.stands()[1]
    mugs.say(undo, told.plan_id)
    mugs.say(undo, told.plan_id)
    mugs.allocate()
    owed_again = mugs.stands()[1]
    told = mugs.say(cancel_units, line, 1)
    mugs.in_shop(1, "edit_line", quantity=1)
    mugs.day()

    assert (nothing, owed_again, mugs.stands()[1]) == ([], [WAITS], [("no_supply", 1)])
    with pytest.raises(FillrateError, match="The shop itself shows 1 of the units"):
        mugs.say(undo, told.plan_id)
    with pytest.raises(FillrateError, match="at most 2 units can be given up in all .1 were given up before., not 5"):
        mugs.say(cancel_units, line, 5)


def test_a_closed_order_asks_for_no_cancel_in_the_shop(mugs: Mugs) -> None:
    mugs.say(cancel_units, mugs.orders[1][1], 2)
    mugs.in_shop(1, "set_status", status=5)
    mugs.day()

    assert to_cancel(mugs) == []


def events(mugs: Mugs) -> list[tuple[str, int]]:
    return mugs.sql("SELECT kind, quantity FROM inbound_event WHERE kind IN ('received', 'taken_back') ORDER BY id")


def test_goods_that_a_person_received_are_received_once_whoever_tells_of_them_next(mugs: Mugs, tmp_path: Path) -> None:
    file = tmp_path / "po.csv"
    deliver(mugs, file, f"PO-7,1,{MUG},5,0,2027-03-01\n")
    mugs.allocate()
    waiting = mugs.stands()

    told = mugs.say(mark_received, "PO-7", 4)
    again = mugs.say(mark_received, "PO-7", 4)
    mugs.allocate()
    still_waiting = mugs.stands()
    deliver(mugs, file, f"PO-7,1,{MUG},5,0,2027-04-01\n")  # the rest slips, and the feed knows nothing of the four yet
    behind = events(mugs)
    deliver(mugs, file, f"PO-7,1,{MUG},5,4,2027-04-01\n")
    caught_up = events(mugs)
    deliver(mugs, file, f"PO-7,1,{MUG},5,3,2027-04-01\n")
    mugs.allocate()

    assert (len(told.changes), again.changes) == (1, [])
    assert waiting == [[READY], [("awaiting_inbound", 2)], [("awaiting_inbound", 1)]]
    assert still_waiting == [[READY], [("awaiting_inbound", 1), ("no_supply", 1)], [("no_supply", 1)]]
    assert behind == caught_up == [("received", 4)]
    assert events(mugs) == [("received", 4), ("taken_back", 1)]


def test_what_was_received_is_taken_back_by_undo(mugs: Mugs, tmp_path: Path) -> None:
    deliver(mugs, tmp_path / "po.csv", f"PO-7,1,{MUG},5,0,2027-03-01\nPO-8,1,{MUG},1,0,\nPO-8,2,{MUG},1,0,\n")
    told = mugs.say(mark_received, "PO-7", 5)
    mugs.say(undo, told.plan_id)
    mugs.allocate()

    assert mugs.stands()[1] == [("awaiting_inbound", 2)]
    assert events(mugs) == [("received", 5), ("taken_back", 5)]
    with pytest.raises(NotFound, match=r"Delivery PO-8 has several lines. Name one with --line: 1 \(MUG-RED\), 2"):
        mugs.say(mark_received, "PO-8", 1)
    assert mugs.say(mark_received, "PO-8", 1, line="2").changes
    with pytest.raises(NotFound, match="There is no delivery PO-9"):
        mugs.say(mark_received, "PO-9", 1)


def test_a_line_that_two_feeds_tell_of_is_received_once_all_but_one_say_that_it_is_cancelled(
    mugs: Mugs, tmp_path: Path
) -> None:
    def from_a_feed(desk: Desk) -> None:
        with desk.db.write("by hand") as tx:
            tx.execute(sa.update(Inbound).values(source="erp"))

    deliver(mugs, tmp_path / "po.csv", f"PO-7,1,{MUG},5,0,2027-03-01\n")
    mugs.desk(from_a_feed)
    deliver(mugs, tmp_path / "po.csv", f"PO-7,1,{MUG},5,0,2027-03-01\n")
    with pytest.raises(NotFound, match="Several feeds tell of line 1 of PO-7: erp, hand"):
        mugs.say(mark_received, "PO-7", 5, line="1")
    deliver(mugs, tmp_path / "po.csv", f"PO-7,1,{MUG},5,0,2027-03-01,5\n", ",cancelled")
    told = mugs.say(mark_received, "PO-7", 7)

    assert mugs.sql("SELECT source, qty_received FROM inbound ORDER BY source") == [("erp", 7), ("hand", 0)]
    assert told.next.startswith("That is 2 more than was ordered.")


WORDS: dict[str, tuple[Any, ...]] = {
    "hold": (hold, "line", "{line}"),
    "set-priority": (set_priority, "order", "{order}", 7),
    "move-promise": (move_promise, "{line}", date(2027, 3, 1)),
    "cancel-units": (cancel_units, "{line}", 1),
}


def test_a_dry_run_stores_a_plan_that_nobody_can_approve_and_changes_nothing(mugs: Mugs) -> None:
    order, line = mugs.orders[0]
    before = mugs.stands()
    for word, *words in WORDS.values():
        told = mugs.say(
            word, *(one.format(order=order, line=line) if isinstance(one, str) else one for one in words), dry_run=True
        )
        with pytest.raises(FillrateError, match="only shows what fillrate"):
            mugs.desk(lambda desk, plan=told.plan_id: planning.approve(desk, plan, None, "Ann"))
        with pytest.raises(FillrateError, match="There is nothing to undo"):
            mugs.say(undo, told.plan_id)

    assert mugs.stands() == before
    assert mugs.sql("SELECT COUNT(*) FROM promise WHERE source = 'person'") == [(0,)]
    assert mugs.sql(
        "SELECT COUNT(*) FROM order_line WHERE hold <> '' OR priority IS NOT NULL OR qty_withdrawn > 0"
    ) == [(0,)]
    assert {state for _, state, who in plans(mugs) if who == ""} == {"dry_run"}


def test_a_word_is_taken_back_as_far_as_it_still_holds(mugs: Mugs) -> None:
    _, line = mugs.orders[0]
    told = mugs.say(hold, "line", line)
    with pytest.raises(FillrateError, match="was booked at once by Ann, and can no longer be rejected"):
        mugs.desk(lambda desk: planning.reject(desk, told.plan_id, "Ben"))
    back = mugs.say(undo, told.plan_id, by=said("Ben", "a mistake"))
    again = mugs.say(undo, told.plan_id)
    redone = mugs.say(undo, back.plan_id)

    assert [(one.before, one.after, one.reason) for one in back.changes] == [
        ("manual", "", f"a mistake (takes back {told.plan_id})")
    ]
    assert (again.changes, again.next) == ([], "1 of its changes no longer hold and stay as they are.")
    assert [one.after for one in redone.changes] == ["manual"]


def test_what_a_flow_planned_by_itself_is_not_undone_and_it_is_said_why(mugs: Mugs) -> None:
    flows = dict(mugs.sql("SELECT c.kind, MIN(p.id) FROM plan p JOIN change c ON c.plan_id = p.id GROUP BY c.kind"))

    for kind, why in (("count", "A count follows the shop's number"), ("metafield", "The note on an order follows")):
        with pytest.raises(FillrateError, match=why):
            mugs.say(undo, flows[kind])
    with pytest.raises(NotFound, match="There is no plan P-nothing"):
        mugs.say(undo, "P-nothing")


@pytest.mark.parametrize("which", ["999", "other:1", "main:999", "x"])
def test_an_id_that_nothing_has_is_told_with_what_to_do(mugs: Mugs, which: str) -> None:
    for subject in ("line", "order"):
        with pytest.raises(NotFound, match=f"There is no {subject} {which}.*fillrate run sync-orders"):
            mugs.say(hold, subject, which)


@pytest.mark.parametrize(("who", "why"), [("", "why"), ("Ann", " \n"), ("\x00", "why")])
def test_nobody_says_nothing(who: str, why: str) -> None:
    with pytest.raises(FixSettings, match="is needed"):
        said(who, why)
