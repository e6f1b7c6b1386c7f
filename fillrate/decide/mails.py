"""Which mails are due to the customer of one order: what he should know now, beside what he was told.

Nothing is told twice, and no day that is known to be one that cannot be kept: it is the promise that holds, or the day
that the rules for delays want told, which is promised by telling it. A mail that may have been accepted counts as told,
and so does one that the mail server or a person refused.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

Kind = Literal["backordered", "date_moved", "on_its_way", "partly_shipped", "cancelled"]
Rule = Literal["silence_keeps", "silence_cancels", "no_answer"]
ASKS: dict[str, Rule] = {
    "ask_needs_yes": "silence_cancels",
    "ask_silence_is_yes": "silence_keeps",
    "tell": "no_answer",
}
DATED: tuple[Kind, ...] = ("backordered", "date_moved")
FEW = 10  # mails that are never a mass


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """How one order line stands; days are the store's."""

    line: str  # the shop's own id
    sku: str
    name: str
    open: int
    shipped: int
    cancelled: int
    waiting: int  # for supply
    ready: int  # set aside, and nothing keeps them from being packed
    promised: date | None  # the promise that holds
    breaks: bool = False  # that promise cannot be kept: it leaves later, or nobody knows when
    to_do: str = "nothing"  # as the rules for delays say
    tell: date | None = None  # the day that they want told; none: that nobody knows
    deadline: datetime | None = None


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """One order, and the kinds of mail that its customer may get."""

    order: str  # the shop's own id
    kinds: Collection[Kind]
    lines: tuple[Line, ...]


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a mail says of one line; days are ISO text."""

    line: str
    sku: str
    name: str
    quantity: int
    ship_by: date | None = None
    earlier: date | None = None
    waits: bool = False  # for supply; else all of it lay there, and only came to leave later


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """One mail to one customer; `number` counts those of its kind about its order, so that its target is its own."""

    message: Kind
    order: str
    number: int
    lines: tuple[Told, ...]
    rule: Rule = "no_answer"
    deadline: datetime | None = None

    @property
    def target(self) -> str:
        """The name that it has among all mails of its channel."""
        return f"{self.order}/{self.message}/{self.number}"


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What a customer was told of one line: the last word about its day, and units by kind of mail."""

    word: Kind | None = None
    day: date | None = None
    waits: bool = False  # by that word, for supply
    is_on_its_way: bool = False  # told since that word
    units: Mapping[str, int] = {}


def due(order: Order, said: Sequence[Mail], *, rules_are_on: bool) -> list[Mail]:
    """Return the mails that are due, one a kind. `said` are those before, in order; `rules_are_on`: those for delays."""
    known = {line.line: known_of(line.line, said) for line in order.lines}
    news = [line for line in order.lines if is_news(line, known[line.line], rules_are_on)]
    found: dict[Kind, list[Told]] = {
        "backordered": [about(line, line.waiting, None if line.breaks else line.promised, waits=True) for line in news],
        "on_its_way": [about(line, line.ready) for line in order.lines if is_back(line, known[line.line])],
        "partly_shipped": list(just_shipped(order, known)),
        "cancelled": list(just_cancelled(order, known)),
    }
    rule, deadline, found["date_moved"] = moved(order, known)
    mails = []
    for kind in (kind for kind, lines in found.items() if lines and kind in order.kinds):
        number = 1 + sum(one.message == kind for one in said)
        mails.append(Mail(message=kind, order=order.order, number=number, lines=tuple(found[kind])))
    asks = {"rule": rule, "deadline": deadline}
    return [msgspec.structs.replace(one, **asks) if one.message == "date_moved" else one for one in mails]


def known_of(line: str, said: Sequence[Mail]) -> Known:
    """Return what mails said of a line."""
    word, day, waits, on_its_way, units = None, None, False, False, dict.fromkeys(("partly_shipped", "cancelled"), 0)
    for mail in said:
        for one in mail.lines:
            if one.line != line:
                continue
            if mail.message in DATED:
                waits = one.waits or (waits and not on_its_way)
                word, day, on_its_way = mail.message, one.ship_by, False
            elif mail.message == "on_its_way":
                on_its_way = True
            else:
                units[mail.message] += one.quantity
    return Known(word=word, day=day, waits=waits, is_on_its_way=on_its_way, units=units)


def about(
    line: Line, quantity: int, ship_by: date | None = None, earlier: date | None = None, *, waits: bool = False
) -> Told:
    """Return what a mail says of a line."""
    return Told(
        line=line.line, sku=line.sku, name=line.name, quantity=quantity, ship_by=ship_by, earlier=earlier, waits=waits
    )


def is_news(line: Line, known: Known, rules_are_on: bool) -> bool:
    """Tell whether the customer does not know yet that units of a line wait.

    Where its day cannot be kept, rules for delays say when he hears of it, and how.
    """
    is_left_to_rules = is_moved(line, known) or (line.breaks and rules_are_on)
    return line.waiting > 0 and known.word is None and not is_left_to_rules


def is_back(line: Line, known: Known) -> bool:
    """Tell whether all that waited of a line has come and can be packed, and its customer was told only that it waits."""
    return line.ready > 0 and not line.waiting and known.waits and not known.is_on_its_way


def just_shipped(order: Order, known: Mapping[str, Known]) -> Iterator[Told]:
    """Yield what has left of an order of which more is to come."""
    if any(line.open for line in order.lines):
        for line in order.lines:
            if (units := line.shipped - known[line.line].units["partly_shipped"]) > 0:
                yield about(line, units)


def just_cancelled(order: Order, known: Mapping[str, Known]) -> Iterator[Told]:
    """Yield what was cancelled and the customer was told would come; or all, where nothing of the order ever comes."""
    is_all = not any(line.open or line.shipped for line in order.lines)
    for line in order.lines:
        one = known[line.line]
        if (units := line.cancelled - one.units["cancelled"]) > 0 and (is_all or one.word is not None):
            yield about(line, units)


def moved(order: Order, known: Mapping[str, Known]) -> tuple[Rule, datetime | None, list[Told]]:
    """Return the lines whose day is another one than is known, with what is asked; of several questions the strictest one."""
    asked: dict[tuple[Rule, datetime | None], list[Told]] = {}
    for line in order.lines:
        if is_moved(line, known[line.line]):
            one = about(line, line.open, day_of(line), known[line.line].day, waits=line.waiting > 0)
            asked.setdefault(question(line), []).append(one)
    if not asked:
        return "no_answer", None, []
    order_of_rules = list(ASKS.values())
    rule, deadline = min(asked, key=lambda one: (order_of_rules.index(one[0]), one[1].timestamp() if one[1] else 0))
    return rule, deadline, asked[rule, deadline]


def question(line: Line) -> tuple[Rule, datetime | None]:
    """Return what silence means, and until when an answer is due."""
    rule = ASKS.get(line.to_do, "no_answer")
    return rule, line.deadline if rule != "no_answer" else None


def day_of(line: Line) -> date | None:
    """Return the day to tell: the one that the rules want told, or the promise."""
    return line.tell if line.to_do in ASKS else line.promised


def is_moved(line: Line, known: Known) -> bool:
    """Tell whether a line's day is to be told again, or asked about."""
    day = day_of(line)
    if not line.open:
        return False
    if line.to_do.startswith("ask"):
        return (known.word, known.day) != ("date_moved", day)
    if line.to_do == "tell" and (known.word or line.breaks or not line.waiting):
        return known.word is None or known.day != day
    return line.to_do != "propose_cancel" and is_later_known(line, known)


def is_later_known(line: Line, known: Known) -> bool:
    """Tell whether a line that waits has another promise than its customer knows, and one that can be kept."""
    can_be_kept = line.promised is not None and not line.breaks
    return line.waiting > 0 and known.word is not None and can_be_kept and known.day != line.promised


def too_many(mails: int, orders: int, *, at_most: int, share: float) -> str:
    """Return why so many mails wait for a person, or "" where they may go; `orders` are all that are open."""
    if mails > at_most:
        return f"It writes to {mails} customers; more than {at_most} in one run wait for a person."
    if mails > max(FEW, orders * share):
        return (
            f"It writes to the customers of {mails} of {orders} open orders; more than {share:.0%} wait for a person."
        )
    return ""


def is_night(at: datetime, zone: ZoneInfo, start: str, end: str) -> bool:
    """Tell whether it is between two times of day, such as "21:00" and "08:00", in a zone; never between the same two."""
    clock = f"{at.astimezone(zone):%H:%M}"
    return start <= clock < end if start <= end else not end <= clock < start


def next_try(tries: int, last: datetime) -> datetime:
    """Return when a mail that the server did not take now is tried again: after five minutes, then ten, twenty …"""
    return last + timedelta(minutes=5 * 2 ** max(tries - 1, 0))
