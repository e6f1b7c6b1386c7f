"""The one door out: apply approved changes, batch by batch, so that a cut-off run is found out about and never guessed.

What is to be changed is read again, all of it once. For each batch: the attempt is recorded and committed, the call is
made, the answer is recorded and committed. A change found in `sending` has no answer: it is in doubt until the target
was read back.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from fillrate.channels.protocol import STOCK, Outcome, Write
from fillrate.db.lease import Held
from fillrate.db.queries import plans as queries
from fillrate.db.tables import Change
from fillrate.decide.plans import ADOPTING, NOT_HELD
from fillrate.errors import FixChannel, FixSettings, InDoubt
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.identity import check_identity
from fillrate.steps.plan import settle_plans
from fillrate.steps.reconciling.settle import settle_shown
from fillrate.steps.runs import Problem, RunLog
from fillrate.steps.telling.kept import PAGE
from fillrate.steps.telling.settle import settle_told

VERIFY_WAITS_S = (1.0, 2.0, 4.0)  # a shop may show the old value for a moment after it took the new one
LATER_WAITS_S = (1.0, 1.0, 2.0, 2.0, 4.0, 4.0, 8.0)  # … or carry it out only later
STATES = {
    "done": "done",
    "refused": "failed",
    "unknown": "unknown",
    "stale": "stale",
}  # a channel's outcome as a change's state


@dataclass(frozen=True, slots=True)
class Work:
    """Changes of one kind on their way to one shop; `at` is that shop's own time, where pages are told."""

    desk: Desk
    shop: Shop
    log: RunLog
    lease: Held
    kind: str
    at: datetime

    def read_back(self, rows: Sequence[Any]) -> Mapping[str, Any]:  # Any: rows of Change, JSON
        """Return what the targets of changes hold now; what cannot be read is left out."""
        return self.shop.channel.read_back(self.kind, [row.target for row in rows])


def apply_changes(desk: Desk, shop: Shop, log: RunLog, kinds: Collection[str] = ()) -> None:
    """Write everything that is approved for one shop, and find out about what an earlier run left in doubt.

    Without `kinds` all but those of which the order matters, which one flow alone writes.
    """
    if log.is_dry:
        return
    able = shop.channel.capabilities().writes
    due = able.intersection(kinds) if kinds else able.difference(ADOPTING)
    with desk.db.read() as reading:
        if not queries.to_apply(reading, shop.id, due):
            return
    check_identity(desk, shop, log)
    troubles = []
    with desk.db.hold(f"apply:{shop.name}", wait_s=60) as lease:
        with desk.db.read() as reading:
            rows = queries.to_apply(reading, shop.id, due)
        is_timed = any(row.kind in {PAGE, STOCK} for row in rows)
        at = shop.channel.time() if is_timed else desk.outside.clock.now()
        for kind, of_kind in groupby(sorted(rows, key=lambda row: (row.kind, row.id)), key=lambda row: row.kind):
            try:
                apply_kind(Work(desk, shop, log, lease, kind, at), list(of_kind))
            except FixChannel as error:  # a scope that one kind needs is nothing to the others
                troubles.append(error)
    if troubles:
        raise troubles[0]


def apply_kind(work: Work, rows: Sequence[Any]) -> None:
    """Apply changes of one kind: look once, send what still stands batch by batch, then find out about what is in doubt."""
    to_send = look(work, rows)
    size = work.shop.channel.capabilities().batch_of(work.kind)
    doubtful = []
    for start in range(0, len(to_send), size):
        doubtful += send(work, to_send[start : start + size])
    if doubtful:
        find_out(work, doubtful)


def look(work: Work, rows: Sequence[Any]) -> list[Any]:
    """Read again what changes are about, record what that settles, and return the changes that still stand."""
    held = work.read_back(rows)
    outcomes: dict[int, tuple[str, str, Any]] = {}  # Any: JSON; change -> state, answer, seen
    to_send = []
    unread = [row.target for row in rows if row.target not in held]
    if unread:
        what = f"{len(unread)} change(s) wait, since what they are about cannot be read: {', '.join(unread[:5])}."
        work.log.problems.append(Problem(f"{work.shop.name}: apply", what, "The next run looks again."))
    for row in rows:
        if row.target not in held:
            continue
        now = held[row.target]
        if now == row.after:
            outcomes[row.id] = ("done", "The shop already holds it.", None)
        elif now != row.before:
            outcomes[row.id] = ("stale", "The shop holds something else than when this was planned.", now)
        elif row.plan_state != "approved":
            outcomes[row.id] = ("superseded", NOT_HELD, None)
        else:
            to_send.append(row)
    record(work, rows, outcomes, "apply.looked")
    return to_send


def send(work: Work, rows: Sequence[Any]) -> list[Any]:
    """Send one batch, each attempt on record before the call goes out; returns what has no clear answer."""
    desk, lease = work.desk, work.lease
    at = desk.outside.clock.now()
    with desk.db.write("apply.sending", lease, lock=True) as tx:
        still = queries.sendable(tx, [row.id for row in rows])
        rows = [row for row in rows if row.id in still]
        attempts = [{"id": row.id, "state": "sending", "attempts": row.attempts + 1, "changed_at": at} for row in rows]
        tx.update(Change, attempts, key=("id",))
    if not rows:
        return []
    writes = [Write(kind=work.kind, target=row.target, before=row.before, after=row.after, key=row.key) for row in rows]
    try:
        answers = work.shop.channel.write(writes, lambda: lease.check_now(desk.db))
    except InDoubt as doubt:
        answers = {row.target: Outcome(state="unknown", answer=doubt.what) for row in rows}
    except FixSettings as error:
        take_back(desk, lease, rows, error.what)
        raise
    missing = Outcome(state="unknown", answer="The shop's answer did not mention it.")
    by_row = {row.id: answers.get(row.target, missing) for row in rows}
    record(work, rows, {key: (STATES[o.state], o.answer, o.seen) for key, o in by_row.items()}, "apply.answer")
    return [row for row in rows if by_row[row.id].state == "unknown"]


def take_back(desk: Desk, lease: Held, rows: Sequence[Any], why: str) -> None:
    """Let changes wait as they were before an attempt that the shop refused to look at."""
    at = desk.outside.clock.now()
    with desk.db.write("apply.taken_back", lease) as tx:
        waiting = [
            {"id": row.id, "state": row.state, "attempts": row.attempts, "answer": why, "changed_at": at}
            for row in rows
        ]
        tx.update(Change, waiting, key=("id",))


def find_out(work: Work, rows: Sequence[Any]) -> None:
    """Read back what is in doubt, a few times since shops lag; what still shows the old value stays for the next run."""
    left = list(rows)
    for wait in LATER_WAITS_S if is_carried_out_later(work) else VERIFY_WAITS_S:
        held = work.read_back(left)
        done = {
            row.id: ("done", "Read back: the shop holds it.", None)
            for row in left
            if row.target in held and held[row.target] == row.after
        }
        record(work, left, done, "apply.verified")
        work.log.counts["changes_unknown"] -= len(done)
        left = [row for row in left if row.id not in done]
        if not left:
            return
        work.desk.outside.clock.sleep(wait)
    what = f"{len(left)} change(s) were sent without a clear answer and do not show in the shop yet."
    again = "The next run looks again and sends them where needed."
    work.log.problems.append(Problem(f"{work.shop.name}: apply", what, again))


def is_carried_out_later(work: Work) -> bool:
    """Tell whether the shop answers such a write before it carries it out."""
    is_late = work.shop.channel.capabilities().stock.takes_effect == "later"
    return work.kind in ADOPTING or (work.kind == STOCK and is_late)


def record(
    work: Work,
    rows: Sequence[Any],
    outcomes: dict[int, tuple[str, str, Any]],  # Any: JSON
    label: str,
) -> None:
    """Write what became of changes and what follows from it, and end plans of which nothing is left to do."""
    if not outcomes:
        return
    at = work.desk.outside.clock.now()
    with work.desk.db.write(label, work.lease) as tx:
        tx.update(
            Change,
            [
                {"id": key, "state": state, "answer": answer, "seen": seen, "changed_at": at}
                for key, (state, answer, seen) in outcomes.items()
            ],
            key=("id",),
        )
        is_sent = label != "apply.looked"
        states = {key: one[0] for key, one in outcomes.items()}
        settle_told(tx, work.shop, work.kind, work.at, rows, states, is_sent)
        settle_shown(tx, work.shop, work.kind, work.at, rows, states)
        settle_plans(tx, sorted({row.plan_id for row in rows if row.id in outcomes}))
    for state, _, _ in outcomes.values():
        work.log.counts[f"changes_{state}"] += 1
