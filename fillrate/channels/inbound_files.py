"""Files of lines on their way, as purchasing and warehouse programs write them."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fillrate.channels.fields import identifier
from fillrate.channels.row_files import Cells, Parsed, moment, one_of, parse, told, whole, word
from fillrate.errors import SkipRecord
from fillrate.records import InboundLine

NEEDED = ("reference", "sku", "quantity")
MORE = (
    "line",
    "kind",
    "supplier",
    "location",
    "from",
    "received",
    "cancelled",
    "ordered",
    "expected",
    "status",
    "received_on",
)
KNOWN = frozenset((*NEEDED, *MORE))
KINDS = ("purchase", "transfer")
STATUSES = ("open", "closed", "cancelled")
AHEAD = timedelta(days=1)  # what was received later than this after the file was written was not

InboundFile = Parsed[tuple[int, InboundLine]]  # each line with the number of its row


def parse_inbound(body: bytes, zone: ZoneInfo, written_at: datetime) -> InboundFile:
    """Return what a file tells; a date without a time is that day in `zone`. SkipRecord for what is no such file."""
    seen: Counter[tuple[str, str]] = Counter()
    rows: dict[tuple[str, str], int] = {}

    def read(number: int, cells: Cells) -> tuple[int, InboundLine]:
        line = line_of(cells, seen, zone, written_at)
        twin = rows.setdefault((line.reference, line.position), number)
        if twin != number:
            raise SkipRecord(f"line {line.position} of {line.reference} is in row {twin} already")
        return number, line

    return parse(body, NEEDED, KNOWN, read)


def line_of(cells: Cells, seen: Counter[tuple[str, str]], zone: ZoneInfo, written_at: datetime) -> InboundLine:
    """Return the line of one row; a line without a name is called after its SKU, and after its turn from the second on."""
    reference, sku = told(cells, "reference"), told(cells, "sku")
    position = word(cells, "line")
    if not position:
        seen[reference, sku] += 1
        turn = seen[reference, sku]
        position = sku if turn == 1 else identifier(f"{sku} #{turn}", "sku")
    quantity, received, cancelled = (whole(cells, name) for name in ("quantity", "received", "cancelled"))
    if quantity is None:
        raise SkipRecord("quantity is missing", path="quantity")
    if (cancelled or 0) > quantity:
        raise SkipRecord(f"cancelled is more than quantity: {cancelled} of {quantity}", path="cancelled")
    received_at = moment(cells, "received_on", zone)
    if received_at is not None and received_at > written_at + AHEAD:
        raise SkipRecord("received_on lies in the future", path="received_on")
    return InboundLine(
        reference=reference,
        position=position,
        kind=one_of(cells, "kind", KINDS) or "purchase",
        supplier=word(cells, "supplier"),
        sku=sku,
        location=word(cells, "location"),
        from_location=word(cells, "from"),
        quantity=quantity,
        received=received or 0,
        cancelled=cancelled or 0,
        status=one_of(cells, "status", STATUSES) or status_of(quantity, received or 0, cancelled or 0),
        ordered_at=moment(cells, "ordered", zone),
        expected_at=moment(cells, "expected", zone),
        received_at=received_at,
    )


def status_of(quantity: int, received: int, cancelled: int) -> Any:  # Any: one of STATUSES
    """Return the status of a line whose file tells none."""
    if received + cancelled < quantity:
        return "open"
    return "cancelled" if cancelled == quantity and not received else "closed"
