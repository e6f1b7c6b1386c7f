"""A merchant who writes to his customers: a practice shop, its tables, and a real mail server on this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from pydantic import SecretStr

from fillrate.db.tables import Promise
from fillrate.settings import MailSettings
from fillrate.steps.desk import Desk
from fillrate.steps.intake.windows import Asked
from fillrate.steps.runs import RunLog, recorded
from fillrate.steps.touch import touch_orders
from sandbox import Switches
from tests.gateway.post_office import Delivered, PostOffice
from tests.simulation.world import STORY, World

SMALL = {"products": 0, "customers": 2, "orders": 0}
SECRET = SecretStr("a secret for links that nobody guesses")
Rows = list[tuple[Any, ...]]


def mail_settings(office: PostOffice, **other: Any) -> MailSettings:
    """Mail through this server, at any hour, to as many as there are."""
    usual: dict[str, Any] = {
        "from": "Example <orders@example.com>", "host": "127.0.0.1", "port": office.port, "security": "plain",
        "quiet_from": "00:00", "quiet_until": "00:00", "answer_url": "https://answers.example.com",
        "link_secret": SECRET,
    }  # fmt: skip
    return MailSettings.model_validate({**usual, **other})


class Merchant:
    """A shop that sells MUG beyond its stock, and the day's work on it."""

    def __init__(self, url: str, office: PostOffice, **other: Any) -> None:
        self.world = World.make(url, 1, Switches(backorders=True), **SMALL)
        self.office = office
        self.world.mail = mail_settings(office, **other)
        self.act("create_product", name="Mug", sku="MUG", cents=900, stock=1)
        self.act("set_backorder_limit", sku="MUG", quantity=1000)
        self.work()
        self.pass_time(60)

    def act(self, action: str, **more: Any) -> dict[str, Any]:
        """Let something happen in the shop."""
        [done] = self.world.practice("shop", {"action": action, **more})
        assert "refused" not in done, done
        return dict(done)

    def pass_time(self, seconds: float) -> None:
        """Let time pass for the shop and for us."""
        self.world.practice("clock", {"advance_seconds": seconds})
        self.world.clock.sleep(seconds)

    def order(self, quantity: int = 3, *more: int) -> int:
        """Place an order with a line of MUG for each quantity."""
        lines = [{"sku": "MUG", "quantity": one} for one in (quantity, *more)]
        return int(self.act("place_order", lines=lines)["order_id"])

    def work(self, faults: Any = None) -> list[RunLog]:
        """Do the day's work."""
        return self.world.day(faults)

    def allocate(self) -> RunLog:
        """Allocate and send, no more."""
        log = RunLog(f"allocate-{self.world.runs}", "allocate-orders", "main")
        with self.world.desk() as desk, recorded(desk, log):
            STORY["allocate-orders"](desk, log, Asked())
        return log

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        """A desk for a question or a word in between."""
        with self.world.desk() as desk:
            yield desk

    def rows(self, sql: str) -> Rows:
        """Ask the tables."""
        with self.desk() as desk, desk.db.read() as reading:
            return [tuple(row) for row in reading.connection.exec_driver_sql(sql)]

    def do(self, sql: str, **values: Any) -> None:
        """Change the tables by hand."""
        with self.desk() as desk, desk.db.write("by hand") as tx:
            tx.execute(sa.text(sql), values)

    def promise(self, order: int, ship_by: datetime) -> None:
        """Move the promise of all lines of an order."""
        with self.desk() as desk, desk.db.write("promise") as tx:
            lines = tx.rows(
                sa.text(
                    "SELECT l.id, o.id AS order_id, coalesce(max(p.number), 0) AS last FROM order_line l"
                    " JOIN sales_order o ON o.id = l.order_id LEFT JOIN promise p ON p.line_id = l.id"
                    " WHERE o.platform_id = :order GROUP BY l.id, o.id"
                ),
                {"order": str(order)},
            )
            given = {"ship_by": ship_by, "source": "person", "given_at": desk.outside.clock.now(), "run_id": "by hand"}
            tx.insert(Promise, [{"line_id": row.id, "number": row.last + 1, "plan_id": "", **given} for row in lines])
            touch_orders(tx, [row.order_id for row in lines])

    def mails(self) -> Rows:
        """What was planned, and what became of it."""
        return self.rows("SELECT target, state FROM change WHERE kind = 'mail' ORDER BY id")

    @property
    def subjects(self) -> list[str]:
        """The subjects of what the server took."""
        return [mail.message["Subject"] for mail in self.office.taken]


def text_of(mail: Delivered) -> str:
    """The words of a mail in plain text."""
    body = mail.message.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def key_of(mail: Delivered) -> str:
    """What names a mail at every attempt."""
    return str(mail.message["Message-ID"])


def in_days(days: int, merchant: Merchant) -> datetime:
    """The beginning of a day from now, by the shop's clock."""
    with merchant.desk() as desk:
        now = desk.shop("main").channel.time()
    return (now + timedelta(days=days)).replace(hour=0, minute=0, second=0, microsecond=0)
