"""A merchant with five mails that go out in the morning, copied for each test."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.gateway.post_office import PostOffice, serving
from tests.simulation.world import fresh
from tests.steps.post import Merchant

ORDERS = 5


def evening(folder: Path, template: Path) -> Merchant:
    """A merchant whose mails are planned, and none is sent."""
    with serving(PostOffice()) as nobody:
        one = Merchant.at_work(fresh(folder, template, "evening"), nobody)
        one.set_mail(quiet_from="00:00", quiet_until="23:59")
        for _ in range(ORDERS):
            one.order(2)
        one.work()
        one.close()
        return one


@contextmanager
def morning(of: Merchant, folder: Path, mails: int = ORDERS) -> Iterator[Merchant]:
    """The same on a morning of its own, with the first mails only."""
    with serving(PostOffice()) as office:
        url = fresh(folder, Path(of.world.url.removeprefix("sqlite:///")), f"copy-{of.world.runs}")
        with closing(of.copy(url, office)) as one:
            of.world.runs += 1
            one.do("DELETE FROM order_mail WHERE order_id > :last", last=mails)
            one.do("DELETE FROM change WHERE kind = 'mail' AND id NOT IN (SELECT change_id FROM order_mail)")
            yield one
