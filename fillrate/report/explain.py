"""Where every unit of an order or of an item stands, and why: sentences from the table of texts, and the plain facts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from fillrate.report.kits import PartFact, part_lines
from fillrate.report.places import PlaceFact, place_sentences
from fillrate.report.promises import delay_sentences
from fillrate.report.shown import ShownFact
from fillrate.report.texts import text
from fillrate.report.words import WordFact, word_lines

MOST_MOVES = 12


@dataclass(frozen=True, slots=True)
class CoverFact:
    """Units that wait for a delivery; `likely_at` and `sure_at` are when it is on the shelf by how late its supplier is."""

    quantity: int
    reference: str
    supplier: str
    expected_at: datetime | None
    likely_at: datetime | None = None
    sure_at: datetime | None = None
    kind: str = "purchase"
    start: str = ""  # of a transfer: the location's name
    unseen: int = 0  # units of it that were received and that no shop's number has shown yet
    to_come: int = 1  # units of it that have not come


@dataclass(frozen=True, slots=True)
class UnitsFact:
    """Open units of a line that are alike: one state, one reason, one time of joining the queue, one delivery."""

    state: str
    reason: str
    quantity: int
    queued_at: datetime
    cause: str = ""  # what brought them into this state
    since: datetime | None = None  # when
    place: PlaceFact | None = None  # None: they stand in no queue
    covers: tuple[CoverFact, ...] = ()  # what they wait for; several where a kit's parts come separately


@dataclass(frozen=True, slots=True)
class RuleFact:
    """A key of the policy that holds for a line, and what set it."""

    key: str
    value: str
    source: str  # in words; "" where nothing in the settings did


@dataclass(frozen=True, slots=True)
class ShelfFact:
    """What lies at one location, and what the shop last showed there."""

    location: str
    on_hand: int
    allocated: int
    shown: int | None
    deducted: int | None
    backordered: int | None
    read_at: datetime | None
    in_kits: int = 0  # left as parts of kits, of which what the shop showed does not know


@dataclass(frozen=True, slots=True)
class MoveFact:
    """One move of units."""

    at: datetime
    quantity: int
    to_state: str
    cause: str
    to_reason: str = ""


@dataclass(frozen=True, slots=True)
class ForecastFact:
    """When the last waiting unit of a line is expected to leave; no day where nobody knows."""

    likely_by: datetime | None
    sure_by: datetime | None
    uncovered: int


@dataclass(frozen=True, slots=True)
class PromiseFact:
    """A day by which a customer was told that a line leaves."""

    ship_by: datetime
    source: str
    given_at: datetime


@dataclass(frozen=True, slots=True)
class DelayFact:
    """What the rules for delays say of a line, as a row of DELAYS."""

    rule: str
    to_do: str
    why: str
    deadline: datetime | None
    ship_by: datetime | None


@dataclass(frozen=True, slots=True)
class ProposalFact:
    """A plan that would promise another day, as ISO text; None: it says that nobody knows one."""

    plan: str
    day: str | None


@dataclass(frozen=True, slots=True)
class LineFact:
    """One order line and all that has to do with it."""

    line: str
    sku: str
    name: str
    ordered: int
    shipped: int
    cancelled: int
    needs_stock: bool
    units: tuple[UnitsFact, ...]
    set_aside: Mapping[str, int]  # by location
    shelves: tuple[ShelfFact, ...]
    moves: tuple[MoveFact, ...]
    covers: tuple[CoverFact, ...] = ()
    forecast: ForecastFact | None = None
    promises: tuple[PromiseFact, ...] = ()  # the first one first; the last one holds
    release_at: datetime | None = None
    parts: tuple[PartFact, ...] = ()  # of a kit with open units
    words: tuple[WordFact, ...] = ()  # what people said of it, the oldest first
    rules: tuple[RuleFact, ...] = ()
    delay: DelayFact | None = None  # None: the rules are switched off, or nothing of it is open
    proposal: ProposalFact | None = None  # that waits for a person
    stays: str = ""  # why the allocation leaves it as it is: a key of the texts, "" where it does not

    @property
    def open(self) -> int:
        """How many units are neither shipped nor cancelled."""
        return self.ordered - self.shipped - self.cancelled


@dataclass(frozen=True, slots=True)
class OrderFact:
    """One order."""

    order: str
    placed_at: datetime
    recipient: str
    status: str  # in the shop's own words
    note: str
    is_gone: bool
    lines: tuple[LineFact, ...]
    note_in_shop: str  # state of the last change of its note, "" where there never was one
    words: tuple[WordFact, ...] = ()

    @property
    def open(self) -> int:
        """How many units are open."""
        return sum(line.open for line in self.lines)


@dataclass(frozen=True, slots=True)
class OwedFact:
    """Units of an item that are owed to an order."""

    order: str
    units: UnitsFact
    promised: datetime | None = None  # the promise that holds
    likely_by: datetime | None = None  # when its line is likely to leave


@dataclass(frozen=True, slots=True)
class DeliveryFact:
    """A delivery on its way, who is covered by it, and how many of its units nobody waits for."""

    reference: str
    supplier: str
    quantity: int
    expected_at: datetime | None
    likely_at: datetime | None
    sure_at: datetime | None
    covered: tuple[tuple[str, int], ...]  # (order, units)
    free: int
    start: str = ""  # as that of CoverFact
    lying: int = 0  # units of a transfer that still lie there
    unseen: int = 0  # as that of CoverFact


@dataclass(frozen=True, slots=True)
class SkuFact:
    """One item."""

    sku: str
    name: str
    is_tracked: bool
    shelves: tuple[ShelfFact, ...]
    queue: tuple[OwedFact, ...]  # in the order of the queue, those with stock first
    holders: Mapping[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)  # location -> (order, units)
    deliveries: tuple[DeliveryFact, ...] = ()  # the first expected first
    movements: tuple[tuple[datetime, str, int], ...] = field(default=())  # (at, kind, quantity), the newest first
    refunded_missing: int = 0  # units refunded before they left that the shop's number leaves out,
    refunded_back: int = 0  # that it is taken to show again,
    refunded_twice: int = 0  # and that it counts twice
    made_of: tuple[tuple[str, int], ...] = ()  # the parts of a kit, each with how many of it one takes
    shown: tuple[ShownFact, ...] = ()  # by channels that only show stock


def moment(at: datetime, zone: ZoneInfo) -> str:
    """Return a time as the store's people read it."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def order_lines(fact: OrderFact, zone: ZoneInfo) -> list[str]:
    """Return an order in sentences; the open units in them add up, and the last sentence says to what."""
    recipient = fact.recipient or text("say", "guest")
    placed = moment(fact.placed_at, zone)
    said = [text("say", "order", order=fact.order, placed=placed, zone=zone.key, recipient=recipient)]
    said += [text("say", "status", status=fact.status)]
    said += [text("say", "closed", note=fact.note)] if fact.note else []
    said += [text("say", "gone")] if fact.is_gone else []
    said += word_lines(fact.words, zone)
    for line in fact.lines:
        said += ["", *line_lines(line, zone)]
    if not fact.open:
        return [*said, "", text("say", "nothing_open")]
    units = [one for line in fact.lines for one in line.units]
    said += ["", text("say", "sum", open=fact.open, parts=parts_of(units))]
    if sum(one.quantity for one in units) != fact.open:
        said.append(text("say", "mismatch", open=fact.open))
    if fact.note_in_shop == "done":
        said.append(text("say", "note_done"))
    elif fact.note_in_shop:
        said.append(text("say", "note_waiting", state=text("change_state", fact.note_in_shop)))
    return said


def line_lines(line: LineFact, zone: ZoneInfo) -> Iterator[str]:
    """Yield one line in sentences."""
    yield text("say", "line", quantity=line.ordered, name=name_of(line), sku=sku_of(line), line=line.line)
    if line.shipped:
        yield "  " + text("say", "shipped", n=line.shipped)
    if line.cancelled:
        yield "  " + text("say", "cancelled", n=line.cancelled)
    for state, reason, n in alike(line.units):
        yield "  " + text("say", "units", n=n, state=text("state", state), reason=text("reason", reason))
    yield from ("  " + sentence for sentence in drawn_from(line))
    yield from ("  " + sentence for sentence in place_lines(line))
    yield from ("  " + sentence for sentence in date_lines(line, zone))
    yield from ("  " + sentence for sentence in delay_lines(line, zone))
    if line.units and not line.needs_stock:
        yield "  " + text("say", "no_stock_needed")
    for shelf in line.shelves if line.units else ():
        yield from ("  " + sentence for sentence in shelf_lines(shelf, zone))
    if line.moves:
        yield "  " + text("say", "history")
        for move in line.moves[-MOST_MOVES:]:
            yield "    " + move_sentence(move, zone)
    yield from ("  " + sentence for sentence in word_lines(line.words, zone))


def delay_lines(line: LineFact, zone: ZoneInfo) -> list[str]:
    """Return what is proposed for a late line, and what the rules for delays say of it, where they have anything to say."""
    if line.proposal is not None:
        key = "proposed_undated" if line.proposal.day is None else "proposed"
        said = [text("promise", key, day=line.proposal.day, plan=line.proposal.plan)]
    else:
        said = []
    return said + rule_lines(line.delay, zone)


def rule_lines(one: DelayFact | None, zone: ZoneInfo) -> list[str]:
    """Return what the rules for delays say."""
    if one is None or one.why == "in_time":
        return []
    deadline, day = (None if at is None else at.astimezone(zone).date() for at in (one.deadline, one.ship_by))
    return delay_sentences(one.rule, one.to_do, one.why, deadline, day)


def drawn_from(line: LineFact) -> Iterator[str]:
    """Yield what is set aside for a line or for the parts of a kit."""
    if line.parts:
        yield from part_lines(line.parts)
        return
    if line.set_aside:
        places = ", ".join(text("say", "place", n=n, place=place) for place, n in line.set_aside.items())
        yield text("say", "set_aside", places=places)


def day(at: datetime, zone: ZoneInfo) -> str:
    """Return a day of the store."""
    return f"{at.astimezone(zone):%Y-%m-%d}"


def date_lines(line: LineFact, zone: ZoneInfo) -> Iterator[str]:
    """Yield what a line waits for, when it is expected to leave, and what the customer was told."""
    for cover in line.covers:
        key = "waits_for" if cover.expected_at is not None else "waits_for_undated"
        key = key if cover.to_come else "waits_for_number"
        expected = day(cover.expected_at, zone) if cover.expected_at is not None else ""
        here = ""
        if cover.likely_at is not None and cover.sure_at is not None:
            days = {"likely": day(cover.likely_at, zone), "sure": day(cover.sure_at, zone)}
            here = " " + text("say", "here" if days["likely"] != days["sure"] else "here_one_day", **days)
        if cover.unseen and cover.to_come:
            here += " " + text("say", "some_unseen", n=cover.unseen)
        yield text("say", key, n=cover.quantity, reference=cover.reference, whose=whose(cover), day=expected) + here
    if line.release_at is not None and any(one.reason == "preorder" for one in line.units):
        yield text("say", "release", day=day(line.release_at, zone))
    last = line.promises[-1] if line.promises else None
    forecast = line.forecast
    if forecast is not None and forecast.likely_by is not None and forecast.sure_by is not None:
        days = {"likely": day(forecast.likely_by, zone), "sure": day(forecast.sure_by, zone)}
        yield text("say", "forecast" if days["likely"] != days["sure"] else "forecast_one_day", **days)
    elif forecast is not None:
        yield text("say", "no_forecast", n=forecast.uncovered) if forecast.uncovered else text("say", "overdue")
    for promise in line.promises if line.units else ():
        source = text("promised", promise.source)
        yield text("say", "promise", day=day(promise.ship_by, zone), source=source, given=day(promise.given_at, zone))
    if last is not None and forecast is not None and (forecast.likely_by is None or forecast.likely_by > last.ship_by):
        yield text("say", "promise_breaks")


def whose(cover: CoverFact) -> str:
    """Return where a delivery comes from."""
    if cover.kind == "transfer":
        return text("say", "transfer_from", start=cover.start) if cover.start else text("say", "transfer")
    return text("say", "of_supplier", supplier=cover.supplier or text("say", "no_supplier"))


def place_lines(line: LineFact) -> Iterator[str]:
    """Yield where waiting units stand in the queue, who is served before them and why, and by which rules."""
    if line.units and line.stays:
        yield text("stays", line.stays)
    waiting = {one.queued_at: one.place for one in line.units if one.state != "backlog" and one.place is not None}
    for place in waiting.values():
        yield from place_sentences(place)
    for rule in line.rules if line.units and line.needs_stock else ():
        if rule.source:
            yield text("rule", rule.key, value=rule.value) + " " + text("say", "set_by", source=rule.source)


def parts_of(units: Sequence[UnitsFact]) -> str:
    """Return how many units are in which state, as a sum."""
    states = [state for state in ("backlog", "backorder", "new") if any(one.state == state for one in units)]
    sums = {state: sum(one.quantity for one in units if one.state == state) for state in states}
    return " + ".join(f"{n} {text('state', state)}" for state, n in sums.items())


def alike(units: Sequence[UnitsFact]) -> list[tuple[str, str, int]]:
    """Return (state, reason, units) once for each of them, whenever the units joined the queue."""
    sums: dict[tuple[str, str], int] = {}
    for one in units:
        sums[one.state, one.reason] = sums.get((one.state, one.reason), 0) + one.quantity
    return [(*stand, n) for stand, n in sums.items()]


def name_of(fact: LineFact | SkuFact) -> str:
    """Return the name of what was sold, in words where it has none."""
    return fact.name or text("say", "no_name")


def sku_of(fact: LineFact | SkuFact) -> str:
    """Return its SKU, in words where it has none."""
    return fact.sku or text("say", "no_sku")


def shelf_lines(shelf: ShelfFact, zone: ZoneInfo) -> Iterator[str]:
    """Yield what lies at a location, and how that fits the shop's number."""
    yield text("say", "shelf", location=shelf.location, on_hand=shelf.on_hand, allocated=shelf.allocated)
    if shelf.shown is not None and shelf.read_at is not None:
        read_at = moment(shelf.read_at, zone)
        key = "shop_shows_beyond" if shelf.backordered else "shop_shows"
        values = {"deducted": shelf.deducted, "backordered": shelf.backordered}
        yield text("say", key, shown=shelf.shown, read_at=read_at, **values)
        if shelf.in_kits:
            yield text("say", "in_kits", n=shelf.in_kits)


def move_sentence(move: MoveFact, zone: ZoneInfo) -> str:
    """Return one move in words."""
    key = "left" if move.to_state == "none" else "moved" if move.to_state == move.cause else "move"
    to, cause = text("state", move.to_state), text("cause", move.cause)
    to += f": {text('reason', move.to_reason)}" if move.to_reason else ""
    return text("say", key, at=moment(move.at, zone), n=move.quantity, to=to, cause=cause)


def as_json(fact: OrderFact | SkuFact) -> dict[str, Any]:  # Any: JSON
    """Return the facts as plain values; times are ISO text."""
    plain: dict[str, Any] = plain_values(asdict(fact))
    return plain | {"open": fact.open} if isinstance(fact, OrderFact) else plain


def plain_values(value: Any) -> Any:  # Any: nested values
    """Return nested values with times as text."""
    if isinstance(value, Mapping):
        return {str(key): plain_values(one) for key, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain_values(one) for one in value]
    return value.isoformat() if isinstance(value, datetime) else value
