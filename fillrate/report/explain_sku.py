"""Who is owed an item, in the order of the queue: a picture and sentences."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from fillrate.report.explain import DeliveryFact, OwedFact, SkuFact, day, moment, name_of, parts_of, shelf_lines, sku_of
from fillrate.report.picture import Box, Row, picture
from fillrate.report.shown import shown_lines
from fillrate.report.texts import text

REFUNDED = ("refunded_missing", "refunded_back", "refunded_twice")


def sku_lines(fact: SkuFact, zone: ZoneInfo, most: int = 30) -> list[str]:
    """Return an item in sentences: its shelves, who is owed it in the order of the queue, and its last movements."""
    said = [text("say", "sku", sku=sku_of(fact), name=name_of(fact))]
    said += [] if fact.is_tracked else [text("say", "untracked")]
    parts = [text("say", "kit_part", n=per, sku=sku) for sku, per in fact.made_of]
    said += [text("say", "kit", parts=", ".join(parts)), text("say", "kit_see_parts")] if parts else []
    for shelf in fact.shelves:
        said += ["  " + sentence for sentence in shelf_lines(shelf, zone)]
    said += ["  " + text("say", name, n=getattr(fact, name)) for name in REFUNDED if getattr(fact, name)]
    for one in fact.deliveries:
        said += (
            ["  " + text("say", "lying", reference=one.reference, start=one.start, n=one.lying)] if one.lying else []
        )
        said += ["  " + text("say", "unseen", reference=one.reference, n=one.unseen)] if one.unseen else []
    owed = [one.units for one in fact.queue]
    total = sum(units.quantity for units in owed)
    said.append(text("say", "owed", owed=total, parts=parts_of(owed)) if owed else text("say", "owed_to_nobody"))
    has_picture = (fact.queue or fact.deliveries) and not parts  # a kit stands in the queues of its parts
    said += ["", *picture(sku_of(fact), picture_rows(fact, zone)), ""] if has_picture else []
    said += ["  " + owed_sentence(one, zone) for one in fact.queue[:most]]
    if len(fact.queue) > most:
        said.append("  " + text("say", "more", n=len(fact.queue) - most))
    said += shown_lines(fact.shown)
    if fact.movements:
        said.append(text("say", "history"))
    for at, kind, quantity in fact.movements:
        said.append("  " + text("say", "movement", at=moment(at, zone), quantity=quantity, kind=text("movement", kind)))
    return said


def owed_sentence(one: OwedFact, zone: ZoneInfo) -> str:
    """Return what is owed to an order, why, and by when."""
    units = one.units
    values = {"state": text("state", units.state), "reason": text("reason", units.reason)}
    said = text("say", "owed_row", order=one.order, n=units.quantity, queued=moment(units.queued_at, zone), **values)
    said += " " + text("say", "owed_promised", day=day(one.promised, zone)) if one.promised is not None else ""
    is_waiting = units.state == "backorder" or units.reason == "ship_complete"
    if one.likely_by is None or not is_waiting:  # the day is that of what waits
        return said
    return said + " " + text("say", "owed_likely", day=day(one.likely_by, zone))


def comes(one: DeliveryFact, zone: ZoneInfo) -> str:
    """Return when a delivery comes: what of it was received and no number shows yet, and the rest."""
    at, rest = one.likely_at or one.expected_at, one.quantity - one.unseen
    said = [text("picture", "received", n=one.unseen)] if one.unseen else []
    if rest > 0 or not said:
        said.append(text("picture", "coming" if at else "coming_undated", n=rest, day=day(at, zone) if at else ""))
    return ", ".join(said)


def picture_rows(fact: SkuFact, zone: ZoneInfo) -> Iterator[Row]:
    """Yield what there is of an item and who has it: shelves, then deliveries, then those whom nothing covers."""
    for shelf in fact.shelves:
        boxes = [Box(order, units) for order, units in fact.holders.get(shelf.location, ())]
        what = text("picture", "on_hand", n=shelf.on_hand)
        yield Row(shelf.location, what, boxes, max(0, shelf.on_hand - shelf.allocated))
    for one in fact.deliveries:
        yield Row(one.reference, comes(one, zone), [Box(order, units) for order, units in one.covered], one.free)
    waiting = [one for one in fact.queue if one.units.state != "backlog" and not one.units.covers]
    boxes = [Box(one.order, one.units.quantity) for one in waiting]
    if boxes:
        yield Row(text("picture", "nothing"), text("picture", "uncovered", n=sum(one.units for one in boxes)), boxes, 0)
