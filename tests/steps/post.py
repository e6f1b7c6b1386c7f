"""A merchant who writes to his customers: a practice shop, its tables, and a real mail server on this machine."""

import copy
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from pydantic import SecretStr
from sqlmodel import col

from fillrate.db.tables import Forecast, Order, OrderLine, Promise
from fillrate.gateway.outside import Faults
from fillrate.settings import MailSettings, ReceiverSettings
from fillrate.steps.desk import Desk
from fillrate.steps.intake.windows import Asked
from fillrate.steps.mail.send import send_mails
from fillrate.steps.plan import approve
from fillrate.steps.runs import RunLog, recorded
from fillrate.steps.status import status
from fillrate.steps.supply.sync import import_inbound
from fillrate.steps.touch import touch_orders
from sandbox import Shop, Switches
from tests.gateway.post_office import Delivered, PostOffice
from tests.simulation.world import STORY, World

SMALL = {"products": 0, "customers": 2, "orders": 0}
SECRET = SecretStr("a secret for links that nobody guesses")
LINE: sa.Select[Any] = (
    sa.select(
        col(OrderLine.id), col(OrderLine.order_id), col(Promise.number), col(Promise.ship_by), col(Forecast.sure_by)
    )
    .join(Order, col(Order.id) == col(OrderLine.order_id))
    .join(Promise, col(Promise.line_id) == col(OrderLine.id))
    .outerjoin(Forecast, col(Forecast.line_id) == col(OrderLine.id))
)
Rows = list[tuple[Any, ...]]


def mail_settings(office: PostOffice, **other: Any) -> MailSettings:
    """Mail through this server, at any hour, to as many as there are."""
    usual: dict[str, Any] = {
        "from": "Example <orders@example.com>", "host": "127.0.0.1", "port": office.port, "security": "plain",
        "quiet_from": "00:00", "quiet_until": "00:00",
        "link_secret": SECRET,
    }  # fmt: skip
    return MailSettings.model_validate({**usual, **other})


class Merchant:
    """A shop that sells MUG beyond its stock, and the day's work on it."""

    opened: Desk | None = None

    def __init__(self, url: str, office: PostOffice, **other: Any) -> None:
        self.world = World.make(url, 1, Switches(backorders=True), **SMALL)
        self.world.receiver = ReceiverSettings(public_url="https://answers.example.com")
        self.office = office
        self.set_mail(**other)
        self.act("create_product", name="Mug", sku="MUG", cents=900, stock=1)
        self.act("set_backorder_limit", sku="MUG", quantity=1000)

    @classmethod
    def at_work(cls, url: str, office: PostOffice, **other: Any) -> "Merchant":
        """A merchant whose first day is over, so that orders from now on are written about."""
        one = cls(url, office, **other)
        one.day()
        one.pass_time(60)
        one.close()
        return one

    def copy(self, url: str, office: PostOffice) -> "Merchant":
        """The same with another database, which holds the same, and another mail server."""
        self.close()
        other = copy.copy(self)
        shop = Shop(self.world.shop.config)
        shop.state = deepcopy(self.world.shop.state)
        other.world, other.office = replace(self.world, shop=shop, url=url, clock=deepcopy(self.world.clock)), office
        other.set_mail()
        return other

    def set_mail(self, **other: Any) -> None:
        """Change the settings of mail; what is not named is as usual."""
        self.close()
        self.world.mail = mail_settings(self.office, **other)

    def close(self) -> None:
        """Leave the desk, so that the next thing is done by other settings."""
        if self.opened:
            self.room.close()
            self.opened = None

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

    def day(self, faults: Any = None) -> list[RunLog]:
        """Do the whole day's work, with an audit after each step."""
        return self.world.day(faults)

    def work(self, *flows: str) -> RunLog:
        """Read the orders, allocate, and send; or do the steps of other flows. Returns the log of the last one."""
        with self.desk() as desk:
            for flow in flows or ("sync-orders", "allocate-orders"):
                with recorded(desk, RunLog(desk.outside.new_id(), flow, "main")) as log:
                    STORY[flow](desk, log, Asked())
        return log

    def allocate(self) -> RunLog:
        """Allocate and send, no more."""
        return self.work("allocate-orders")

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        """The desk, which stays open while the settings are the same."""
        if self.opened is None:
            self.room = ExitStack()
            self.opened = self.room.enter_context(self.world.desk())
        yield self.opened

    def rows(self, sql: str) -> Rows:
        """Ask the tables."""
        with self.desk() as desk, desk.db.read() as reading:
            return [tuple(row) for row in reading.connection.exec_driver_sql(sql)]

    def do(self, sql: str, **values: Any) -> None:
        """Change the tables by hand."""
        with self.desk() as desk, desk.db.write("by hand") as tx:
            tx.execute(sa.text(sql), values)

    def send(self, faults: Faults | None = None) -> RunLog:
        """Send what is approved, and do nothing else."""
        log = RunLog(f"send-{self.world.runs}", "allocate-orders", "main")
        with self.world.desk(faults) if faults else self.desk() as desk:
            send_mails(desk, desk.shop("main"), log)
        return log

    def approve(self) -> None:
        """Approve all that waits."""
        with self.desk() as desk:
            for plan in status(desk)["plans"]:
                if plan["state"] == "waiting":
                    approve(desk, plan["id"], None, "Ann")

    def supplied(self, folder: Path, days: int) -> None:
        """Learn that fifty of MUG come in so many days."""
        file = folder / f"{len(list(folder.iterdir()))}.csv"
        file.write_text(f"reference,line,sku,quantity,expected\nPO-7,1,MUG,50,{self.today + timedelta(days=days)}\n")
        with self.desk() as desk, recorded(desk, RunLog(file.name, "sync-inbound", "all")) as log:
            import_inbound(desk, log, file)

    @property
    def today(self) -> date:
        """The day by the shop's clock."""
        with self.desk() as desk:
            return desk.shop("main").channel.time().date()

    def last_promise(self, order: int) -> datetime:
        """The promise that holds of an order's only line."""
        with self.desk() as desk, desk.db.read() as reading:
            [line] = reading.rows(LINE.where(col(Order.platform_id) == str(order)))
        return datetime.fromtimestamp(line.ship_by.timestamp(), UTC)

    def move_promise(self, order: int) -> datetime:
        """Move the promise of an order's only line to the day of its forecast, as a person would."""
        with self.desk() as desk, desk.db.write("promise") as tx:
            [line] = tx.rows(LINE.where(col(Order.platform_id) == str(order)))
            row = {"line_id": line.id, "number": line.number + 1, "ship_by": line.sure_by, "source": "person"}
            tx.insert(Promise, [{**row, "given_at": desk.outside.clock.now(), "plan_id": "", "run_id": "by hand"}])
            touch_orders(tx, [line.order_id])
        return datetime.fromtimestamp(line.sure_by.timestamp(), UTC)

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
