"""See that a shop sends us its hooks: register what is missing, make active what the shop has switched off, by a plan each time.

Our own hooks touch nothing of the merchant's, so that such a plan goes out by itself.
"""

from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

from fillrate.channels.protocol import HOOK, KeepsHooks, Registered, hook_target
from fillrate.db.queries import hooks as queries
from fillrate.db.tables import HookWatch
from fillrate.errors import LeaseBusy
from fillrate.steps.apply import apply_changes
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.intake.windows import Asked
from fillrate.steps.runs import Problem, RunLog
from fillrate.steps.wishes import Wishes, plan_wishes

PATH = "/hooks/"
SILENT = timedelta(minutes=15)  # so long may changes be found by polls while no hook tells of any
LATE_FOR = timedelta(hours=24)  # how long a late hook is told of
READ = ("orders_new", "orders_changed")


def address_of(desk: Desk, shop: Shop) -> str:
    """Return where a shop sends its hooks, "" where none are wanted: nobody outside reaches us, or nothing proves them."""
    public = desk.settings.receiver.public_url
    wanted = public and shop.hooks is not None and shop.hooks.is_ready(shop.settings)
    return f"{public}{PATH}{shop.name}" if wanted else ""


def registers(shop: Shop) -> KeepsHooks | None:
    """Return the channel as one that registers hooks, None where that is done by hand."""
    return shop.channel if isinstance(shop.channel, KeepsHooks) else None


def targets_of(desk: Desk, shop: Shop) -> list[str]:
    """Return what the changes of this shop's hooks are about."""
    topics = shop.hooks.topics if shop.hooks else ()
    return [hook_target(one, address_of(desk, shop)) for one in topics]


def keep_hooks(desk: Desk, shop: Shop, log: RunLog) -> bool:
    """Plan and register what of our hooks is missing, dead, or carries another word than now; tells whether all were well."""
    if not address_of(desk, shop):
        return False
    channel = registers(shop)
    if channel is None:
        return True
    return plan_hooks(desk, shop, log, dict.fromkeys(targets_of(desk, shop), channel.hook_value()))


def remove_hooks(desk: Desk, shop: Shop, log: RunLog, registered: Collection[Registered], *, everywhere: bool) -> None:
    """Plan and take back hooks that lead to this channel, wherever the receiver was; `everywhere` all of our account."""
    ours = [one for one in registered if everywhere or one.address.endswith(f"{PATH}{shop.name}")]
    if ours:
        plan_hooks(desk, shop, log, dict.fromkeys(hook_target(one.topic, one.address) for one in ours))


def plan_hooks(desk: Desk, shop: Shop, log: RunLog, wanted: dict[str, Any]) -> bool:  # Any: JSON
    """Plan what hooks should hold, and write it; tells whether they held it already."""
    held = shop.channel.read_back(HOOK, list(wanted))
    wishes = Wishes(
        kind=HOOK, wanted=wanted, targets=list(wanted), reason=reason, entities=lambda: len(wanted), held=held
    )
    with desk.db.write("hooks.plan", lock=True) as tx:
        plan_id = plan_wishes(desk, tx, shop, log, wishes)
    log.plans += [plan_id] if plan_id else []
    with suppress(LeaseBusy):  # whoever is writing to this shop writes these too, or the next run does
        apply_changes(desk, shop, log, (HOOK,))
    return held == wanted


def reason(_: str, before: Any, after: Any) -> str:  # Any: JSON
    """Return in words why a hook changes."""
    if after is None:
        return "It is wanted no longer."
    if before is None:
        return "The shop does not tell of this yet."
    return "It should carry another word." if before["active"] else "The shop has stopped telling of this."


def watch_hooks(desk: Desk, shop: Shop, log: RunLog, asked: Asked, read: Mapping[str, int]) -> None:
    """See that hooks are registered, and tell where they stay away, come late, or cannot be told from forged ones.

    `read` counts what the poll of this shop has just found of its orders.
    """
    if log.is_dry or asked.by_hand or not address_of(desk, shop):
        return
    were_well = keep_hooks(desk, shop, log)
    with desk.db.read() as reading:
        watched = queries.watched(reading, shop.id)
    now = desk.outside.clock.now()
    if were_well and any(read.get(one) for one in READ):
        if watched is None or watched.missed_at is None:
            with desk.db.write("hooks.missed") as tx:
                tx.upsert(HookWatch, [{"channel_id": shop.id, "missed_at": now}], key=("channel_id",))
        elif now - watched.missed_at >= SILENT:
            log.problems.append(silence(shop, watched))
    if watched is not None and watched.late_at is not None and now - watched.late_at < LATE_FOR:
        log.problems.append(lateness(shop, watched))


def silence(shop: Shop, watched: Any) -> Problem:  # Any: a row of HookWatch
    """Return what is told of changes that only polls find."""
    since = f"since {watched.heard_at:%Y-%m-%d %H:%M} UTC" if watched.heard_at else "ever"
    if watched.forged_at is not None and watched.forged_at >= watched.missed_at:
        why, advice = "What came was not signed with our secret.", "See that it is the shop's own."
    else:
        why, advice = "Nothing came.", "See that the shop can reach public_url."
    told = f"No hook has told of anything {since}, though orders change. {why}"
    return Problem(f"{shop.name}: hooks", told, f"{advice} Until then polling does all, only later.")


def lateness(shop: Shop, watched: Any) -> Problem:  # Any: as above
    """Return what is told of hooks that are genuine, but were signed at another time."""
    told = f"Hooks came that were signed too long ago, last at {watched.late_at:%Y-%m-%d %H:%M} UTC, and were refused."
    advice = "Set this machine's clock, raise hook_tolerance_minutes, or set a HOOK_SECRET."
    return Problem(f"{shop.name}: hooks", told, advice)
