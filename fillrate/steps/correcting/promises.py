"""Promise another day for a line: a new row of the ledger of promises; those that were given before stay."""

from collections.abc import Collection
from datetime import date, timedelta

from fillrate.db.database import Reading
from fillrate.db.queries.promises import holding
from fillrate.decide.calendars import Calendar
from fillrate.errors import FillrateError, FixSettings
from fillrate.steps.correcting.find import find, line_ids, rows_of
from fillrate.steps.correcting.word import Kind, Said, Scene, Told, Values, take, taking
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.promised import give
from fillrate.steps.runs import RunLog
from fillrate.steps.touch import touch_lines

AHEAD = timedelta(days=5 * 365)


def move_promise(desk: Desk, log: RunLog, said: Said, which: str, day: date) -> Told:
    """Promise that a line leaves by a day of the store."""
    with taking(desk) as tx:
        found = find(desk, tx, "line", which)
        if not line_ids(tx, {found.target: found.row}):
            what = f"Nothing of {found.name} is open, so there is nothing to promise."
            raise FillrateError(what, next=f"See: fillrate explain {found.order_name}")
        return take(Scene(desk, tx, log, found.shop, said), PROMISE, {found.target: day.isoformat()})


def held(desk: Desk, reading: Reading, shop: Shop, targets: Collection[str]) -> Values:
    """Return the day of each line's promise that holds, None without one."""
    rows = rows_of(reading, shop, targets)
    last = holding(reading, [row.id for row in rows.values()])
    days = {row.line_id: row.ship_by.astimezone(desk.settings.store.zone).date().isoformat() for row in last.values()}
    return {target: days.get(row.id) for target, row in rows.items()}


def check(scene: Scene, wanted: Values) -> None:
    """Refuse a day that is over or on which nobody works, and to take the first promise back."""
    store = calendar(scene.desk)
    today = store.day_of(scene.now())
    for value in wanted.values():
        if value is None:
            what = "The first promise cannot be taken back: the customer knows it."
            raise FillrateError(what, next="Move it to another day: fillrate move-promise line ID DATE")
        day = date.fromisoformat(value)
        if day < today:
            raise FixSettings(f"{day} is over; today is {today} in the store.", next="Promise a day that is to come.")
        if day > today + AHEAD:
            raise FixSettings(
                f"{day} is more than five years ahead.", next="Promise a day that the customer may wait for."
            )
        if not store.is_working(day):
            better = store.next_working_day(day)
            raise FixSettings(
                f"Nobody works on {day:%A}, {day}: nothing leaves then.", next=f"Promise {better} instead."
            )


def calendar(desk: Desk) -> Calendar:
    """Return the days on which the store works."""
    store = desk.settings.store
    return Calendar.of(store.zone, store.workdays, store.holidays)


def book(scene: Scene, wanted: Values) -> None:
    """Give the new promises."""
    tx, rows = scene.tx, rows_of(scene.tx, scene.shop, wanted)
    store = calendar(scene.desk)
    days = {row.id: store.start_of(date.fromisoformat(wanted[target])) for target, row in rows.items()}
    give(tx, days, source="person", given_at=scene.now(), plan_id=scene.plan_id, run_id=scene.log.id)
    touch_lines(tx, days)


PROMISE = Kind("promise", held, check, book)
