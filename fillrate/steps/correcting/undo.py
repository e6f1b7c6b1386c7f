"""Take a plan back: every change of it whose value is still the one that it wrote gets the value before.

`INVERSES` says which kinds of change of our own tables can be taken back, `IN_SHOPS` which of a shop, and `REFUSALS` why
others cannot; a new kind goes into one of them.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from fillrate.db.database import Writing
from fillrate.db.queries import plans as queries
from fillrate.decide.plans import ADOPTING
from fillrate.errors import FillrateError, FixSettings, NotFound
from fillrate.report.texts import text
from fillrate.steps.correcting.cancelled_units import CANCELLED
from fillrate.steps.correcting.drifts import DRIFT
from fillrate.steps.correcting.holds import HOLD
from fillrate.steps.correcting.kept_orders import KEPT_ORDER
from fillrate.steps.correcting.priorities import PRIORITY
from fillrate.steps.correcting.promises import PROMISE
from fillrate.steps.correcting.receipts import RECEIVED
from fillrate.steps.correcting.word import Kind, Said, Scene, Told, take, taking
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.plan import Intended, refuse_doubt, store_plan
from fillrate.steps.runs import RunLog

INVERSES: dict[str, Kind] = {
    kind.name: kind for kind in (HOLD, PRIORITY, PROMISE, KEPT_ORDER, CANCELLED, RECEIVED, DRIFT)
}
REFUSALS: dict[str, tuple[str, str]] = {
    "metafield": (
        "The note on an order follows from its units, so the next allocation would write it again.",
        "Change what the units wait for instead; fillrate explain order ID says what that is.",
    ),
    "hook": (
        "Which hooks a shop sends follows from the settings, so the next run would register them again.",
        "Take public_url out of [receiver] and run: fillrate hooks remove",
    ),
    **dict.fromkeys(
        ADOPTING,
        (
            "What was taken over from another app is what the shop counts by now.",
            "Change tracking, number and limit in the shop; the next readings follow it.",
        ),
    ),
    "mail": (
        "A mail that was sent cannot be taken back.",
        "Correct what it said (fillrate move-promise, cancel-units …): the next allocation plans the mail that says so.",
    ),
    "count": (
        "A count follows the shop's number, so the next reading would book it again.",
        "Correct the number in the shop; then: fillrate run reconcile-inventory",
    ),
}
IN_SHOPS = frozenset(
    {"order_status", "staff_note", "product_page", "purchasing", "backorder_limit"}
)  # what the next run of the plan's flow writes back to the shop
NO_WAY_BACK = ("What this plan did cannot be taken back by Fillrate.", "Change it where it was written.")


def undo(desk: Desk, log: RunLog, said: Said, plan_id: str) -> Told:
    """Take back what a plan of a person's words changed, as far as nothing has changed it since.

    Raises NotFound, or FillrateError where the plan is of a kind that has no way back, or was never carried out.
    """
    with taking(desk) as tx:
        plan = queries.plan(tx, plan_id)
        if plan is None:
            raise NotFound(f"There is no plan {plan_id}.", next="List them: fillrate plans")
        name, changes = undoable(tx, plan)
        shop = shop_of(desk, plan)
        since = Said(said.who, f"{said.reason} (takes back {plan_id})")
        if name in IN_SHOPS:
            return undo_in_shop(Scene(desk, tx, log, shop, since), plan, changes)
        kind = INVERSES[name]
        held = kind.held(desk, tx, shop, [row.target for row in changes])
        as_written = [row for row in changes if held.get(row.target) == row.after]
        told = take(Scene(desk, tx, log, shop, since), kind, {row.target: row.before for row in as_written})
    return told._replace(next=said_of(len(changes) - len(as_written)))


def said_of(changed_since: int) -> str:
    """Return what is said of changes that no longer hold what was written."""
    return f"{changed_since} of its changes no longer hold and stay as they are." if changed_since else ""


def undo_in_shop(scene: Scene, plan: Any, changes: Sequence[Any]) -> Told:  # Any: rows of Plan and Change
    """Plan the values before, approved by who says so; what was taken back is not written again while nothing else is."""
    desk, tx, shop, log = scene.desk, scene.tx, scene.shop, scene.log
    kind = changes[0].kind if changes else ""
    held = queries.last_known_values(tx, shop.id, kind, [row.target for row in changes])
    as_written = [row for row in changes if held.get(row.target) == row.after]
    back = [
        Intended(
            channel=shop.name,
            kind=kind,
            target=row.target,
            before=row.after,
            after=row.before,
            reason=scene.said.reason,
        )
        for row in as_written
    ]
    if not log.is_dry:
        refuse_doubt(tx, shop, plan, as_written)
    plan_id = store_plan(desk, tx, shop, log, back, approved_by=scene.said.who)
    if plan_id:
        log.plans.append(plan_id)
    coming = "The next run of allocate-orders writes it to the shop." if back and not log.is_dry else ""
    return Told(plan_id, back, next=" ".join(filter(None, (coming, said_of(len(changes) - len(as_written))))))


def undoable(tx: Writing, plan: Any) -> tuple[str, list[Any]]:  # Any: rows of Plan and Change
    """Return the kind of a plan's changes, and those that were carried out."""
    by_kind: dict[str, list[Any]] = defaultdict(list)
    for row in queries.changes(tx, plan.id):
        by_kind[row.kind].append(row)
    no_way = next((kind for kind in by_kind if kind not in INVERSES and kind not in IN_SHOPS), None)
    if no_way is not None:
        what, to_do = REFUSALS.get(no_way, NO_WAY_BACK)
        raise FillrateError(f"Plan {plan.id} cannot be undone. {what}", next=to_do)
    if plan.state != "applied":
        state = text("plan_state", plan.state)
        raise FillrateError(
            f"There is nothing to undo: plan {plan.id} is {state}.", next=f"See: fillrate show {plan.id}"
        )
    kind, changes = next(iter(by_kind.items()))
    return kind, [row for row in changes if row.state == "done"]


def shop_of(desk: Desk, plan: Any) -> Shop:  # Any: a row of Plan
    """Return the shop of a plan."""
    shop = next((shop for shop in desk.shops.values() if shop.id == plan.channel_id), None)
    if shop is None:
        what = f"Plan {plan.id} belongs to a channel that is no longer in the settings."
        raise FixSettings(what, next="Put the channel back into fillrate.toml.")
    return shop
