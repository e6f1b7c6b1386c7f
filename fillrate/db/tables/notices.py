"""What customers were told by mail, what they answered, and what a delay asks to be done."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from fillrate.db.tables.columns import Model, ref, when

ANSWERS = ("keep", "cancel")


class Notice(Model, table=True):
    """A mail that the mail server accepted, for one of the lines that it was about; append-only."""

    line_id: int = ref("order_line.id", primary=True)
    mail_key: str = Field(primary_key=True)  # channel:target of the change that sent it
    kind: str
    ship_by: datetime | None = when(null=True)  # the day that it named; none where nobody knew
    told_at: datetime = when()


class OrderMail(Model, table=True):
    """Which order a change of kind "mail" is about, so that all mails of an order are found at once."""

    __tablename__ = "order_mail"
    change_id: int = ref("change.id", primary=True)
    order_id: int = ref("sales_order.id", index=True)


class Suppressed(Model, table=True):
    """An address that is not written to: the mail server knows nobody there, or a person said why."""

    address: str = Field(primary_key=True)  # in small letters
    why: str
    since: datetime = when()


class Answer(Model, table=True):
    """What a customer answered to one question, the first answer only; append-only. Its lines are the mail's notices."""

    __table_args__ = (CheckConstraint(f"answer IN {ANSWERS}", name="ck_answer_answer"),)
    question: str = Field(primary_key=True)  # all links of one question share it
    mail_key: str
    answer: str
    answered_at: datetime = when()


class Delay(Model, table=True):
    """What is to be done about the delay of an open line, by which rule and until when; written anew where that changes.

    Only while the rules for delays are switched on. `look_at` is when time alone may change it. `complete_at` is when the
    order was first seen complete and paid: its own time where it was so at first sight, none while it is not.
    """

    __table_args__ = (Index("ix_delay_look", "look_at"), Index("ix_delay_to_do", "to_do"))

    line_id: int = ref("order_line.id", primary=True)
    rule: str
    to_do: str
    deadline: datetime | None = when(null=True)
    ship_by: datetime | None = when(null=True)
    why: str
    complete_at: datetime | None = when(null=True)
    look_at: datetime | None = when(null=True)
