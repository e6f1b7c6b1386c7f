"""What a message is about, as plain data; and made-up facts to look at a message with."""

import re
from datetime import UTC, date, datetime
from typing import Literal, get_args

import msgspec

from fillrate.errors import SkipRecord

Kind = Literal["backordered", "date_moved", "on_its_way", "partly_shipped", "cancelled"]
KINDS: tuple[Kind, ...] = get_args(Kind)
# What silence means: consent until the deadline, cancellation after it, or nothing since there is nothing to answer.
Rule = Literal["silence_keeps", "silence_cancels", "no_answer"]

MANY = 60  # lines: more than a message shows
LINK = re.compile(r"(https://|http://(localhost|127\.0\.0\.1)[:/])[A-Za-z0-9._~:/?#@!$&()*+,;=%-]+")


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """Units of one order line; `ship_by` is the day in the store's calendar (None: nobody knows), `earlier` the one before."""

    sku: str
    name: str
    quantity: int
    ship_by: date | None = None
    earlier: date | None = None


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """One message's facts: the lines that it is about, and those that still wait where it is about the others."""

    store: str
    timezone: str
    order: str
    recipient: str
    lines: tuple[Line, ...]
    waiting: tuple[Line, ...] = ()
    rule: Rule = "no_answer"
    deadline: datetime | None = None
    keep_link: str = ""
    cancel_link: str = ""
    is_refunded: bool = False  # of what was cancelled, the money has been given back


def checked(kind: Kind, facts: Facts) -> Facts:
    """Return the facts if they are enough for such a message; SkipRecord says what is missing."""
    asks = kind == "date_moved" and facts.rule != "no_answer"
    links = (facts.keep_link, facts.cancel_link)
    missing = [
        name
        for name, is_missing in {
            "the lines": not facts.lines,
            "the store's name": not facts.store,
            "the order's number": not facts.order,
            "the end of the time to answer": asks and (facts.deadline is None or facts.deadline.tzinfo is None),
            "a link to answer with": asks and not all(LINK.fullmatch(link) for link in links),
            "what silence means, without which links may not be shown": not asks and any(links),
        }.items()
        if is_missing
    ]
    if missing:
        raise SkipRecord(f"The message {kind} of order {facts.order} cannot be written: {'; '.join(missing)} missing.")
    return facts


def made_up(kind: Kind, *, store: str = "My store", timezone: str = "UTC") -> Facts:
    """Return facts to look at a message with."""
    desk = Line(sku="DESK-140-OAK", name="Standing desk, 140 cm, oak", quantity=1, ship_by=date(2027, 3, 4))
    lamp = Line(sku="LAMP-2", name="Reading lamp", quantity=2, ship_by=date(2027, 2, 18))
    unknown = Line(sku="MAT-XL", name="Desk mat XL", quantity=1)
    lines = {
        "backordered": (desk, lamp, unknown),
        "date_moved": (
            msgspec.structs.replace(desk, earlier=date(2027, 2, 11)),
            msgspec.structs.replace(lamp, earlier=date(2027, 2, 11)),
        ),
        "on_its_way": (lamp,),
        "partly_shipped": (lamp,),
        "cancelled": (unknown,),
    }
    asks = kind == "date_moved"
    return Facts(
        store=store,
        timezone=timezone,
        order="1001",
        recipient="Ada Example",
        lines=lines[kind],
        waiting=(desk, unknown) if kind in {"on_its_way", "partly_shipped"} else (),
        rule="silence_keeps" if asks else "no_answer",
        deadline=datetime(2027, 2, 10, 17, tzinfo=UTC) if asks else None,
        keep_link="https://shop.example.com/a/keep" if asks else "",
        cancel_link="https://shop.example.com/a/cancel" if asks else "",
    )


def every_way(kind: Kind, *, store: str, timezone: str) -> list[Facts]:
    """Return made-up facts for each way that a message may go, so that no part of a template stays unseen."""
    usual, change = made_up(kind, store=store, timezone=timezone), msgspec.structs.replace
    undated = change(usual.lines[0], ship_by=None)
    found = [
        usual,
        change(usual, recipient="", lines=(undated,), waiting=()),
        change(usual, lines=usual.lines * MANY, waiting=(usual.waiting or usual.lines) * MANY),
    ]
    if kind == "cancelled":
        found.append(change(usual, is_refunded=True))
    if kind == "date_moved":
        found.append(change(usual, rule="silence_cancels"))
        found.append(change(usual, rule="no_answer", deadline=None, keep_link="", cancel_link=""))
    return found
