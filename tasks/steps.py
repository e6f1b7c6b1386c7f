"""One task a step: large pieces of work, shown and logged by Prefect, done by `fillrate.steps`."""

from datetime import datetime

from prefect import task
from prefect.cache_policies import NO_CACHE

from fillrate.steps import allocate as allocating
from fillrate.steps import apply as applying
from fillrate.steps import reconcile, sync
from fillrate.steps.hooks import follow as following
from fillrate.steps.hooks import keep as hooks
from fillrate.steps.intake.windows import Asked
from fillrate.steps.mail.send import send_mails as sending
from fillrate.steps.supply.sync import sync_inbound
from tasks.coat import Work, in_coat

Counts = dict[str, int]


@task(task_run_name="catalogue of {channel}", cache_policy=NO_CACHE)
async def read_catalog(channel: str, asked: Asked) -> Counts:
    """Read brands, categories, products, listings and customers of one channel."""
    return await in_coat(lambda w: sync.sync_catalog(w.desk, w.desk.shop(channel), w.log, asked), channel)


@task(task_run_name="orders of {channel}", cache_policy=NO_CACHE)
async def read_orders(channel: str, asked: Asked) -> Counts:
    """Read orders with their lines, and refunds, of one channel."""
    return await in_coat(lambda w: sync.sync_orders(w.desk, w.desk.shop(channel), w.log, asked), channel)


@task(task_run_name="hooks of {channel}", cache_policy=NO_CACHE)
async def watch_hooks(channel: str, asked: Asked, read: Counts) -> Counts:
    """See that one channel's shop sends us its hooks, and tell where they stay away though orders were `read` that changed."""
    return await in_coat(lambda w: hooks.watch_hooks(w.desk, w.desk.shop(channel), w.log, asked, read), channel)


@task(task_run_name="hints of {channel}", cache_policy=NO_CACHE)
async def follow_hints(channel: str) -> Counts:
    """Read what one channel's hooks have hinted at."""
    return await in_coat(lambda w: following.follow_hints(w.desk, w.desk.shop(channel), w.log), channel)


@task(task_run_name="stock of {channel}", cache_policy=NO_CACHE)
async def read_stock(channel: str) -> Counts:
    """Read stock between two reads of orders, and bring it and the ledger together: book what it does not know, or plan."""
    return await in_coat(lambda w: reconcile.reconcile(w.desk, w.desk.shop(channel), w.log), channel)


@task(task_run_name="goods on their way", cache_policy=NO_CACHE)
async def read_inbound() -> Counts:
    """Read what the feeds tell of goods on their way."""
    return await in_coat(lambda w: sync_inbound(w.desk, w.log))


@task(task_run_name="allocation", cache_policy=NO_CACHE)
async def lay_stock_along_the_queue(channels: tuple[str, ...], as_of: datetime | None) -> Counts:
    """Move every open unit into backlog or backorder, and plan what these shops should know of it."""

    def step(w: Work) -> None:
        allocating.allocate(w.desk, w.log, [w.desk.shop(name) for name in channels], as_of)

    return await in_coat(step)


@task(task_run_name="writes to {channel}", cache_policy=NO_CACHE)
async def apply_changes(channel: str) -> Counts:
    """Write what is approved, and find out about what is in doubt."""
    return await in_coat(lambda w: applying.apply_changes(w.desk, w.desk.shop(channel), w.log), channel)


@task(task_run_name="mails of {channel}", cache_policy=NO_CACHE)
async def send_mails(channel: str) -> Counts:
    """Send the customers of one channel what is approved and still due."""
    return await in_coat(lambda w: sending(w.desk, w.desk.shop(channel), w.log), channel)
