"""Stock numbers as they are written: each compared with what it was by the shop itself, and each intent counted once.

A call carries what each number must still be, and a key made of its intents, so that the same call twice is one. For the
sake of one row the shop refuses the whole: the row that it names, or whichever it is by halves, is told by itself, and the rest
goes out again, under a key of its own. No answer counts as done: what was taken is read back.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec

from fillrate.channels.protocol import Outcome, Write
from fillrate.channels.shopify import documents
from fillrate.channels.shopify.gids import Gid, gid, number
from fillrate.channels.shopify.graph import Beside, Graph, Refused, words
from fillrate.channels.shopify.pages import Rows, empty
from fillrate.channels.shopify.stock import QuantityRow
from fillrate.errors import FillrateError, FixSettings, InDoubt, StopRun
from fillrate.gateway.strict_json import Malformed, decode
from fillrate.gateway.trouble import Trouble

AT_ONCE = 100
LARGEST = 1_000_000_000  # what the shop takes
TARGET = re.compile(r"([1-9][0-9]{0,18})@([1-9][0-9]{0,18})", re.ASCII)
STALE = frozenset({"CHANGE_FROM_QUANTITY_STALE", "COMPARE_QUANTITY_STALE"})
BUSY = "IDEMPOTENCY_CONCURRENT_REQUEST"
SPENT = frozenset({"IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED", "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"})
MOST_KEYS = 3  # for one and the same call
TAKEN = Outcome(state="unknown", answer="The shop took it, and is asked whether it holds it.")
HELD = Outcome(state="done", answer="The shop already holds it.")
NO_NUMBER = Outcome(state="refused", answer="It is no whole number of units from 0 on, so it was not sent.")
NO_TARGET = Outcome(state="refused", answer="It names no item at a location, so it was not sent.")
GONE = Outcome(state="stale", answer="The shop no longer has it there.")
MOVED = "The shop holds something else than when this was planned."

MaySend = Callable[[], None]


class HeldRow(msgspec.Struct):
    """An item's numbers at one location, as sent."""

    quantities: list[QuantityRow]


class NumberRow(msgspec.Struct, rename="camel"):
    """An item at one location, as sent; null where it is not kept there."""

    tracked: bool
    inventory_level: HeldRow | None
    gid: Gid = msgspec.field(name="id")

    @property
    def id(self) -> int:
        """The item's number."""
        return int(number(self.gid))


class UserError(msgspec.Struct):
    """Why the shop did not do it, as sent; `field` is the path of what it minds."""

    code: str | None = None
    field: list[str | int] | None = None

    @property
    def row(self) -> int | None:
        """Which row of the call it is about, where it says so."""
        found = [str(one) for one in self.field or () if str(one).isdecimal()]
        return int(found[0]) if found and len(found[0]) < 6 else None


class Result(msgspec.Struct, rename="camel"):
    """What became of a call."""

    user_errors: list[UserError]


class ResultData(msgspec.Struct):
    """The data of a call."""

    result: Result | None


class ResultAnswer(Beside):
    """An answer to a call."""

    data: ResultData | None = None


class Place(NamedTuple):
    """What a target names."""

    item: str
    location: str


INPUT = {"name": "available", "reason": "correction"}
NUMBERS = Rows(NumberRow)
RESULT = msgspec.json.Decoder(ResultAnswer)


def place(target: str) -> Place | None:
    """Return what a target names, None for nothing."""
    found = TARGET.fullmatch(target)
    return Place(found[1], found[2]) if found else None


def look(graph: Graph, targets: Sequence[str]) -> dict[str, Any]:  # Any: JSON
    """Return the present number of each target, None where the shop has none; what cannot be read is left out."""
    places = {one: found for one in targets if (found := place(one)) is not None}
    held: dict[str, Any] = dict.fromkeys(targets)
    size = documents.NUMBERS.first
    for location in dict.fromkeys(one.location for one in places.values()):
        here = {found.item: one for one, found in places.items() if found.location == location}
        items = list(here)
        for start in range(0, len(items), size):
            ids = [gid("InventoryItem", one) for one in items[start : start + size]]
            batch = NUMBERS.by_id(graph, documents.NUMBERS, ids, location=gid("Location", location))
            for row in batch.rows:
                if str(row.id) in here:
                    held[here[str(row.id)]] = value_of(row)
            for bad in batch.rejects:
                held.pop(here.get(bad.platform_id, ""), None)
    return held


def value_of(row: NumberRow) -> dict[str, int] | None:
    """Return what is taken as a target's value, None where it has no number."""
    told = row.inventory_level.quantities if row.inventory_level and row.tracked else []
    return next(({"quantity": one.quantity} for one in told if one.name == "available"), None)


def write(graph: Graph, batch: Sequence[Write], may_send: MaySend) -> dict[str, Outcome]:
    """Set numbers; one outcome for each target, whatever happens."""
    outcomes = {one.target: wrong for one in batch if (wrong := mistake(one)) is not None}
    good = [one for one in batch if one.target not in outcomes]
    return outcomes | send(graph, good, may_send)


def mistake(wish: Write) -> Outcome | None:
    """Return what is said of a write that must not go out, None for one that may."""
    if place(wish.target) is None:
        return NO_TARGET
    if (after := units(wish.after)) is None or not 0 <= after <= LARGEST:
        return NO_NUMBER
    if units(wish.before) is None:  # without it, nothing could be compared
        return Outcome(state="stale", answer="It had no number here when this was planned, so it was not sent.")
    return None


def units(value: Any) -> int | None:  # Any: JSON
    """Return the number of a value, None where it is none."""
    found = value.get("quantity") if isinstance(value, dict) and len(value) == 1 else None
    return found if isinstance(found, int) and not isinstance(found, bool) and abs(found) <= LARGEST else None


def send(graph: Graph, batch: Sequence[Write], may_send: MaySend) -> dict[str, Outcome]:
    """Send writes in one call, and again without what the shop minds."""
    outcomes: dict[str, Outcome] = {}
    waiting = [list(batch)] if batch else []
    while waiting:
        some = waiting.pop(0)
        try:
            told, left = call(graph, some, may_send)
        except InDoubt as doubt:
            told, left = {one.target: Outcome(state="unknown", answer=doubt.what) for one in some}, []
        except (FixSettings, StopRun):
            raise  # the token may not write, or this run may not any more: others find out what was done
        except FillrateError as error:
            if not outcomes:
                raise
            rest = Outcome(state="unknown", answer=error.what)
            return {one.target: rest for one in batch} | outcomes
        outcomes |= told
        waiting = [*left, *waiting]
    return outcomes


def call(graph: Graph, some: Sequence[Write], may_send: MaySend) -> tuple[dict[str, Outcome], list[list[Write]]]:
    """Send one call; returns what is settled by it, and what is to go out anew, call by call."""
    errors: Sequence[UserError] = ()
    for attempt in range(MOST_KEYS):
        try:
            errors = graph.send(documents.NUMBERS_UPDATE, variables(some, attempt), answered, may_send)
        except Refused as refusal:
            return apart(some, [], refusal.what)
        if not SPENT & {one.code for one in errors}:
            break
    if not errors:
        return {one.target: TAKEN for one in some}, []
    return settle(graph, some, errors)


def settle(
    graph: Graph, some: Sequence[Write], errors: Sequence[UserError]
) -> tuple[dict[str, Outcome], list[list[Write]]]:
    """Return what is settled of a call that the shop minded: what it holds now is looked at before anything is sent again."""
    now = look(graph, [one.target for one in some])
    blamed = {row: one for one in errors if (row := one.row) is not None and row < len(some)}
    told: dict[str, Outcome] = {}
    for at, wish in enumerate(some):
        if wish.target in now and now[wish.target] == wish.after:
            told[wish.target] = HELD
        elif at in blamed:
            told[wish.target] = minded(wish, blamed[at], now)
        elif now.get(wish.target, wish.before) != wish.before:
            told[wish.target] = moved(wish, now)
    left = [one for one in some if one.target not in told]
    if len(left) < len(some):
        return told, [left] if left else []
    return apart(some, errors, f"The shop refused it ({words({one.code or '' for one in errors})}).")


def apart(some: Sequence[Write], errors: Sequence[UserError], why: str) -> tuple[dict[str, Outcome], list[list[Write]]]:
    """Return the halves of a call that is refused as a whole, or the outcome of the only write in it."""
    if len(some) > 1:
        middle = len(some) // 2
        return {}, [list(some[:middle]), list(some[middle:])]
    is_stale = bool(STALE & {one.code for one in errors})
    return {some[0].target: Outcome(state="stale" if is_stale else "refused", answer=why)}, []


def minded(wish: Write, error: UserError, now: Mapping[str, Any]) -> Outcome:  # Any: JSON
    """Return the outcome of a row that the shop minded."""
    if error.code in STALE:
        return moved(wish, now)
    return Outcome(state="refused", answer=f"The shop refused it ({words({error.code or ''})}).")


def moved(wish: Write, now: Mapping[str, Any]) -> Outcome:  # Any: JSON
    """Return the outcome of a number that is no longer as planned."""
    if wish.target in now and now[wish.target] is None:
        return GONE
    return Outcome(state="stale", answer=MOVED, seen=now.get(wish.target))


def variables(some: Sequence[Write], attempt: int) -> dict[str, Any]:  # Any: JSON
    """Return what a call is made of."""
    key = key_of(some, attempt)
    whole = {**INPUT, "referenceDocumentUri": f"gid://fillrate/Write/{key}", "quantities": rows_of(some)}
    return {"input": whole, "key": key}


def rows_of(some: Sequence[Write]) -> list[dict[str, Any]]:  # Any: JSON
    """Return the rows of a call."""
    rows = []
    for one in some:
        item, _, location = one.target.partition("@")
        rows.append(
            {
                "inventoryItemId": gid("InventoryItem", item),
                "locationId": gid("Location", location),
                "quantity": one.after["quantity"],
                "changeFromQuantity": one.before["quantity"],
            }
        )
    return rows


def key_of(some: Sequence[Write], attempt: int) -> str:
    """Return the key of a call: the same for the same intents in whatever order, another for another attempt."""
    intents = sorted((one.key, one.target, one.before["quantity"], one.after["quantity"]) for one in some)
    return sha256(msgspec.json.encode([attempt, *intents])).hexdigest()[:32]


def answered(body: bytes) -> tuple[Beside, list[UserError]]:
    """Return what the shop minds of a call; Malformed for what is no answer."""
    try:
        answer = decode(body, RESULT)
    except msgspec.ValidationError as error:
        raise Malformed(str(error)) from None
    if answer.data is None or answer.data.result is None:
        empty(answer)
        return answer, []
    errors = answer.data.result.user_errors
    if BUSY in {one.code for one in errors}:
        raise Trouble(f"asked for patience ({BUSY})", maybe_done=False, patience=True, wait_s=1.0)
    return answer, errors
