"""A run that dies anywhere while it sends mails: no mail is accepted twice, and each ends sent or in doubt."""

import os
import signal
import threading
from collections import Counter
from pathlib import Path

import pytest

from fillrate.bootstrap import open_desk
from fillrate.gateway.outside import Clock, Outside
from fillrate.settings import Settings
from fillrate.steps.mail.send import send_mails
from fillrate.steps.runs import RunLog
from tests.kills.child import FORKING
from tests.simulation.crash import Crash, CrashAt, Watch
from tests.steps.evening import evening, morning
from tests.steps.post import Merchant, key_of

MAILS = 2
STEPS = ("greeting", "ehlo", "mail", "rcpt", "data", "end", "quit")


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Merchant:
    return evening(tmp_path_factory.mktemp("kills"), sqlite_template)


def accepted(one: Merchant) -> list[int]:
    """How often each mail was accepted."""
    return sorted(Counter(key_of(mail) for mail in one.office.taken).values())


def states(one: Merchant) -> list[str]:
    return [state for _, state in one.mails()]


def test_a_crash_at_any_point_and_reruns_send_each_mail_once_or_say_that_it_is_in_doubt(
    begun: Merchant, tmp_path: Path
) -> None:
    with morning(begun, tmp_path, MAILS) as calm:
        watch = Watch()
        calm.send(watch)
        assert (states(calm), accepted(calm)) == (["done"] * MAILS, [1] * MAILS)
    points = [(label, phase, nth) for (label, phase), times in watch.seen.items() for nth in (1, times)]
    assert {"mail.sending", "mail.send", "mail.answer", "mail.cut_off"} <= {label for label, *_ in points}

    for point in dict.fromkeys(points):
        with morning(begun, tmp_path, MAILS) as one:
            faults = CrashAt(*point)
            with pytest.raises(Crash):
                one.send(faults)
            one.world.abandon_leases()
            one.send()
            one.send()

            assert set(accepted(one)) <= {1}, point
            assert set(states(one)) <= {"done", "unknown"}, point
            in_doubt = states(one).count("unknown")
            at_work = point[0] in {"mail.send", "mail.answer", "mail.sending"} and (point[0], point[1]) not in {
                ("mail.sending", "before"),
                ("mail.answer", "after_commit"),
            }
            assert in_doubt == at_work, point
            assert len(one.rows("SELECT * FROM notice")) == MAILS - in_doubt


def send_as_a_process(settings: Settings, clock: Clock) -> None:
    """Send what is approved, as a process of its own."""
    with open_desk(settings, Outside(clock)) as desk:
        send_mails(desk, desk.shop("main"), RunLog("child", "allocate-orders", "main"))


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
def test_a_process_that_is_killed_in_the_middle_of_a_conversation_sends_no_mail_twice(
    step: str, begun: Merchant, tmp_path: Path
) -> None:
    with morning(begun, tmp_path, MAILS) as one:
        process = FORKING.Process(target=send_as_a_process, args=(one.world.settings(), one.world.clock))
        is_dead = threading.Event()

        def kill(at: str) -> None:
            if at == step and process.exitcode is None:
                os.kill(process.pid or 0, signal.SIGKILL)
                process.join()
                is_dead.set()

        one.close()
        process.start()
        one.office.before_answer = kill
        assert is_dead.wait(60)  # not joined here as well: of two threads that wait for a process, one is told nothing
        assert process.exitcode == -signal.SIGKILL
        one.office.before_answer = lambda at: None
        one.send()
        one.send()

        assert set(accepted(one)) <= {1}
        assert sorted(states(one)) == ["done", "unknown"]
        assert len(accepted(one)) == (MAILS if step in {"end", "quit"} else MAILS - 1)
