"""Send the mails of approved plans, so that none is accepted twice whenever the run ends.

For each mail: see that it is still due, record the attempt and commit; hold the conversation; record the answer and commit.
A mail found in `sending` was cut off: nobody knows whether it was taken, so it is `unknown`, is listed, and is never sent
again by itself. One that the server certainly did not take waits, and is tried again by later runs.
"""

from collections.abc import Sequence
from typing import Any

from fillrate.db.database import Writing
from fillrate.db.lease import Held
from fillrate.db.queries import mails as queries
from fillrate.db.tables import Change
from fillrate.decide.mails import is_night, next_try
from fillrate.errors import FixSettings, RetryLater, SkipRecord
from fillrate.gateway.letter import Envelope
from fillrate.gateway.mail import Mailer, Outcome
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.mail.due import due_mails, json_of, mail_of
from fillrate.steps.mail.letters import envelope
from fillrate.steps.mail.notices import mail_key, note_told
from fillrate.steps.mail.since import known_since
from fillrate.steps.mail.suppressed import UNKNOWN, add, why_suppressed
from fillrate.steps.plan import end_changes, settle_plans
from fillrate.steps.runs import Problem, RunLog

MOST_TRIES = 10  # the waits between them double, so that they last for two days
MOST_IN_A_ROW = 3  # of mails that the server does not take now; the others are left for the next run
STATES = {"done": "done", "refused": "failed", "unknown": "unknown"}
NOT_WRITTEN_TO = "This address is not written to (fillrate mails allow ADDRESS lets it again):"
CUT_OFF = "The run that sent it was cut off; nobody knows whether the mail server took it."


def send_mails(desk: Desk, shop: Shop, log: RunLog) -> None:
    """Send what is due of one shop's mails."""
    settings = desk.settings.mail
    if settings is None or log.is_dry:
        return
    with desk.db.read() as reading:
        if not queries.to_send(reading, shop.id) and not queries.cut_off(reading, shop.id):
            return
    mailer = Mailer(settings, desk.outside)
    with desk.db.hold("mail", wait_s=60) as lease:
        doubt(desk, shop, log, lease)
        now = desk.outside.clock.now()
        with desk.db.read() as reading:
            rows = [
                row
                for row in queries.to_send(reading, shop.id)
                if row.state == "approved" or next_try(row.attempts, row.changed_at) <= now
            ]
        send_all(desk, shop, log, lease, mailer, rows)


def is_quiet(desk: Desk) -> bool:
    """Tell whether no mail may leave now."""
    settings = desk.settings.mail
    assert settings is not None  # noqa: S101 - asked about before
    return is_night(desk.outside.clock.now(), desk.settings.store.zone, settings.quiet_from, settings.quiet_until)


def doubt(desk: Desk, shop: Shop, log: RunLog, lease: Held) -> None:
    """List what a run that was cut off was sending; the lease says that nobody sends it now."""
    with desk.db.write("mail.cut_off", lease, lock=True) as tx:
        rows = queries.cut_off(tx, shop.id)
        end_changes(desk, tx, [row.id for row in rows], "unknown", CUT_OFF)
    tell_unknown(shop, log, [row.target for row in rows])


def send_all(desk: Desk, shop: Shop, log: RunLog, lease: Held, mailer: Mailer, rows: Sequence[Any]) -> None:
    """Send one after the other, until the server has put off some in a row, or the night comes."""
    put_off: list[RetryLater] = []
    for row in rows:
        if is_quiet(desk):
            break
        letter = attempt(desk, shop, log, lease, row)
        if letter is None:
            continue
        try:
            outcome = mailer.send(letter, lambda: lease.check_now(desk.db))
        except RetryLater as later:
            park(desk, log, lease, row, later.what)
            put_off.append(later)
            if len(put_off) == MOST_IN_A_ROW:
                break
            continue
        except FixSettings as error:
            take_back(desk, lease, row, error.what)
            raise
        put_off.clear()
        record(desk, shop, log, lease, row, outcome, letter)
    if put_off:
        log.problems.append(Problem(f"{shop.name}: mail", put_off[-1].what, put_off[-1].next))


def attempt(desk: Desk, shop: Shop, log: RunLog, lease: Held, row: Any) -> Envelope | None:  # Any: a row of Change
    """Record that a mail is about to be sent and return it; None where it is due no more, or cannot be written."""
    assert desk.settings.mail is not None  # noqa: S101 - asked about by the only caller
    mail = mail_of(row.after)
    with desk.db.write("mail.sending", lease, lock=True) as tx:
        if not queries.to_send(tx, shop.id, row.id):
            return None  # a person or a newer plan came between
        found = due_mails(desk, tx, [row.order_id], known_since(desk, tx, shop))
        if row.after not in [json_of(one) for one in found.mails]:
            ended(desk, tx, log, row, "superseded", "It was due no more when it was about to be sent.")
            return None
        try:
            letter = envelope(desk, tx, desk.settings.mail, shop, row.order_id, mail)
        except SkipRecord as missing:
            ended(desk, tx, log, row, "failed", missing.what)
            return None
        if why := why_suppressed(tx, letter.recipient):
            ended(desk, tx, log, row, "failed", f"{NOT_WRITTEN_TO} {why}.")
            return None
        state = {"state": "sending", "attempts": row.attempts + 1, "changed_at": desk.outside.clock.now()}
        tx.update(Change, [{"id": row.id, **state}], key=("id",))
    return letter


def ended(desk: Desk, tx: Writing, log: RunLog, row: Any, state: str, why: str) -> None:  # Any: as above
    """End a mail that is not sent."""
    end_changes(desk, tx, [row.id], state, why)
    settle_plans(tx, [row.plan_id])
    log.counts[f"mails_{state}"] += 1


def record(
    desk: Desk, shop: Shop, log: RunLog, lease: Held, row: Any, outcome: Outcome, letter: Envelope
) -> None:  # Any: a row of Change
    """Write what the server answered, and of what it took that the customer was told."""
    state = STATES[outcome.state]
    with desk.db.write("mail.answer", lease, lock=True) as tx:
        end_changes(desk, tx, [row.id], state, outcome.answer)
        settle_plans(tx, [row.plan_id])
        if state == "done":
            note_told(desk, tx, row, log.id)
        elif outcome.fault == "address":
            add(desk, tx, letter.recipient, UNKNOWN)
    log.counts[f"mails_{state}"] += 1
    if state == "unknown":
        tell_unknown(shop, log, [row.target])


def park(desk: Desk, log: RunLog, lease: Held, row: Any, why: str) -> None:  # Any: as above
    """Let a mail wait for its next try, or end it after the last one."""
    is_last = row.attempts + 1 >= MOST_TRIES
    with desk.db.write("mail.parked", lease) as tx:
        end_changes(desk, tx, [row.id], "failed" if is_last else "parked", why)
        settle_plans(tx, [row.plan_id])
    log.counts["mails_failed" if is_last else "mails_parked"] += 1


def take_back(desk: Desk, lease: Held, row: Any, why: str) -> None:  # Any: as above
    """Let a mail wait as it was before an attempt of which certainly nothing was sent."""
    was = {"id": row.id, "state": row.state, "attempts": row.attempts, "answer": why, "changed_at": row.changed_at}
    with desk.db.write("mail.taken_back", lease) as tx:
        tx.update(Change, [was], key=("id",))


def tell_unknown(shop: Shop, log: RunLog, targets: Sequence[str]) -> None:
    """Tell of mails of which nobody knows whether they were taken."""
    if targets:
        first = mail_key(shop.name, targets[0])
        what = f"{len(targets)} mail(s) may have been sent, or not; nobody knows. The first one: {first}"
        log.problems.append(Problem(f"{shop.name}: mail", what, "See them: fillrate mails"))
