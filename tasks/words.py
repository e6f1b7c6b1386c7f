"""The task in which a person's word is taken, and what the Prefect UI shows of it."""

from collections.abc import Callable

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from fillrate.steps.correcting.word import Said, Told, said
from fillrate.steps.desk import Desk
from fillrate.steps.runs import RunLog
from tasks.coat import Work, in_coat

Word = Callable[[Desk, RunLog, Said], Told]


@task(task_run_name="what {who} says", cache_policy=NO_CACHE)
async def take_word(who: str, reason: str, word: Word) -> None:
    """Take a person's word: a plan with a reason and a name, booked at once."""
    told: list[Told] = []

    def step(w: Work) -> None:
        told.append(word(w.desk, w.log, said(who, reason)))

    await in_coat(step)
    for one in told:
        if not one.changes:
            get_run_logger().info("Nothing is to be changed: it is so already.")
        if one.next:
            get_run_logger().info("%s", one.next)
