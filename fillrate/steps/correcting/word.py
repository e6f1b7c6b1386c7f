"""How a person's word is taken: what differs becomes a plan with who and why, and is booked in the same transaction.

Said twice it is once: what holds already is no change, and without a change there is no plan.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from fillrate.channels.fields import text
from fillrate.db.database import Reading, Writing
from fillrate.errors import FixSettings
from fillrate.steps.days import shop_time
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.picking.settle import settle_all
from fillrate.steps.plan import Intended, store_plan
from fillrate.steps.runs import RunLog

LONGEST = 500


class Said(NamedTuple):
    """Who says something, and why."""

    who: str
    reason: str


class Told(NamedTuple):
    """What came of a word: its plan ("" for none), its changes, what comes next, and whether something waits for a person."""

    plan_id: str
    changes: Sequence[Intended]
    next: str = ""
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """One transaction in which a word is taken."""

    desk: Desk
    tx: Writing
    log: RunLog
    shop: Shop
    said: Said
    plan_id: str = ""

    def now(self) -> datetime:
        """Return the time by which orders and promises of this shop count; a practice shop's clock is its own."""
        return shop_time(self.desk, self.tx, self.shop)


Values = Mapping[str, Any]  # Any: JSON, by target


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of change of our own tables.

    `held` returns what each target holds; `check` refuses values that cannot be (FillrateError); `book` saves new values and
    notes what the next allocation has to look at.
    """

    name: str
    held: Callable[[Desk, Reading, Shop, Collection[str]], Values]
    check: Callable[[Scene, Values], None]
    book: Callable[[Scene, Values], None]


def said(who: str, reason: str) -> Said:
    """Return who says something and why, as clean texts; FixSettings where either says nothing."""
    found = Said(text(who, LONGEST), text(reason, LONGEST))
    if not found.reason:
        raise FixSettings("A reason is needed: it is kept with the plan, and shown wherever the order is explained.")
    if not found.who:
        raise FixSettings("A name is needed: it is kept with the plan.")
    return found


def taking(desk: Desk) -> AbstractContextManager[Writing]:
    """Return the transaction in which a word is taken; nothing that touches stock or plans runs meanwhile."""
    return desk.db.write("correct.save", lock=True)


def take(scene: Scene, kind: Kind, wanted: Values) -> Told:
    """Plan what differs from what is wanted of these targets, and book it; a dry run stores its plan only."""
    held = kind.held(scene.desk, scene.tx, scene.shop, wanted)
    differs = {target: value for target, value in wanted.items() if held.get(target) != value}
    kind.check(scene, differs)
    changes = [
        Intended(
            channel=scene.shop.name,
            kind=kind.name,
            target=target,
            before=held.get(target),
            after=value,
            reason=scene.said.reason,
        )
        for target, value in differs.items()
    ]
    plan_id = store_plan(scene.desk, scene.tx, scene.shop, scene.log, changes, booked_by=scene.said.who)
    if plan_id:
        scene.log.plans.append(plan_id)
    if changes and not scene.log.is_dry:
        kind.book(Scene(scene.desk, scene.tx, scene.log, scene.shop, scene.said, plan_id), differs)
        settle_all(scene.desk, scene.tx, scene.log.id)  # what is not to be packed any more leaves its pick list
        scene.log.counts["words_booked"] += len(changes)
    return Told(plan_id, changes)


def anything(scene: Scene, wanted: Values) -> None:
    """Refuse nothing."""
