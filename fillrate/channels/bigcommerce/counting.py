"""How the shop counts goods: whether at all, the numbers on its shelves, and how many it may sell beyond them.

A product is named by its id; a shelf by the product, its variant where that is counted by itself, and the location:
`77@1`, `77/145@1`. The shop answers such writes first and carries them out later, so no answer counts as done: all of it
is read back. Every value is whole, and harmless when it is sent twice.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Literal, NamedTuple

import msgspec

from fillrate.channels.bigcommerce import endpoints
from fillrate.channels.bigcommerce.pages import Batch, Pages
from fillrate.channels.bigcommerce.stock import ItemRow, LevelRow
from fillrate.channels.bigcommerce.walks import by_page
from fillrate.channels.fields import Id, text
from fillrate.channels.protocol import Outcome, Write
from fillrate.errors import BadAnswer
from fillrate.gateway.http import Endpoint, Http, Params
from fillrate.gateway.strict_json import Malformed, decode
from fillrate.records import Tracking

TRACKING, NUMBER, LIMIT = KINDS = ("tracking", "stock_number", "shelf_limit")
PRODUCTS_AT_ONCE = 10
IDS_AT_ONCE = 100
PAGE = 250
Method = Literal["POST", "PUT"]

LATER = Outcome(state="unknown", answer="The shop took it and carries it out later.")


class TrackedRow(msgspec.Struct):
    """In what a product is counted, as sent."""

    id: Id
    inventory_tracking: Tracking


class Refusal(msgspec.Struct):
    """What the shop says where it refuses."""

    title: str = ""


class Item(NamedTuple):
    """One thing to send: its target, and its row of the body (Any: JSON)."""

    target: str
    row: Any


class Named(NamedTuple):
    """What a shelf's name says."""

    product: int
    variant: int  # 0: the product is counted as a whole
    location: int


TRACKED = Pages(endpoints.TRACKING, TrackedRow)
SHELVES = Pages(endpoints.SHELVES, ItemRow, id_path=("identity", "variant_id"))
REFUSAL = msgspec.json.Decoder(Refusal)


def named(target: str) -> Named:
    """Return what a shelf's name says."""
    goods, _, location = target.partition("@")
    product, _, variant = goods.partition("/")
    return Named(int(product), int(variant or 0), int(location))


def look(http: Http, kind: str, targets: Sequence[str]) -> dict[str, Any]:
    """Return the present value (Any: JSON) of each target, None where the shop does not count it."""
    if kind == TRACKING:
        told = {str(row.id): row.inventory_tracking for row in read(http, TRACKED, "id:in", targets)}
        return {one: told.get(one) for one in targets}
    levels = shelves(http, targets)
    value = number_of if kind == NUMBER else limit_of
    return {one: value(levels[one]) if one in levels else None for one in targets}


def number_of(row: LevelRow) -> Any:
    """Return a shelf's number, and how many the shop says it sold beyond it (None: it has no such counter)."""
    return {"number": row.total_inventory_onhand, "beyond": row.qty_backordered}


def limit_of(row: LevelRow) -> int | None:
    """Return how many may be sold beyond a shelf's number; None where the shop has no such limit."""
    return row.settings.backorder_limit


def shelves(http: Http, targets: Sequence[str]) -> dict[str, LevelRow]:
    """Return the levels of these shelves, as far as the shop tells them."""
    wanted = {one: named(one) for one in targets}
    products = sorted({one.product for one in wanted.values()})
    found: dict[int, list[ItemRow]] = {}
    for row in read(http, SHELVES, "product_id:in", [str(one) for one in products]):
        found.setdefault(row.identity.product_id, []).append(row)
    return {
        target: level
        for target, name in wanted.items()
        if (item := item_of(found.get(name.product, []), name)) is not None
        and (level := next((one for one in item.locations if one.location_id == name.location), None)) is not None
    }


def item_of(rows: Sequence[ItemRow], name: Named) -> ItemRow | None:
    """Return a shelf's item among those of its product; one that is counted as a whole is the only one."""
    if name.variant:
        return next((row for row in rows if row.identity.variant_id == name.variant), None)
    return rows[0] if len(rows) == 1 else None


def read(http: Http, pages: Pages[Any], name: str, ids: Sequence[str]) -> Iterator[Any]:  # Any: the pages' rows
    """Yield what the shop tells of these ids; BadAnswer where a row cannot be read, since it would count as missing."""
    for start in range(0, len(ids), IDS_AT_ONCE):
        params: Params = {name: ",".join(ids[start : start + IDS_AT_ONCE]), "limit": PAGE}
        if pages is TRACKED:
            params = {**params, "include_fields": "inventory_tracking"}
        for batch, _ in by_page(http, pages, params, None):
            yield from all_of(pages, batch)


def all_of(pages: Pages[Any], batch: Batch[Any]) -> list[Any]:  # Any: as above
    """Return the rows of a page."""
    if batch.rejects:
        raise BadAnswer(what=f"{pages.endpoint.label}: a row cannot be read: {batch.rejects[0].reason}.")
    return batch.rows


def write(http: Http, batch: Sequence[Write], may_send: Callable[[], None]) -> dict[str, Outcome]:
    """Send writes of one kind; one outcome for each target."""
    outcomes: dict[str, Outcome] = {}
    for endpoint, items, body in parts(batch):
        outcomes |= send(http, endpoint, items, body, may_send)
    return outcomes


def parts(batch: Sequence[Write]) -> Iterator[tuple[Endpoint, list[Item], Callable[[list[Any]], Any]]]:  # Any: JSON
    """Yield what goes into one request each: where to, the rows, and what makes a body of them."""
    kind = batch[0].kind
    if kind == TRACKING:
        for start in range(0, len(batch), PRODUCTS_AT_ONCE):
            some = batch[start : start + PRODUCTS_AT_ONCE]
            yield endpoints.TRACKING_UPDATE, [Item(one.target, tracking_row(one)) for one in some], list
    elif kind == NUMBER:
        rows = [Item(one.target, number_row(one)) for one in batch]
        yield endpoints.NUMBERS_UPDATE, rows, lambda some: {"reason": "Fillrate adopts backorders", "items": some}
    else:
        by_place = groupby(sorted(batch, key=location_of), key=location_of)
        for location, of_place in by_place:
            path = f"{endpoints.LIMITS_UPDATE.path}/{location}/items"
            rows = [Item(one.target, limit_row(one)) for one in of_place]
            yield endpoints.LIMITS_UPDATE.at(path), rows, lambda some: {"settings": some}


def location_of(one: Write) -> int:
    """Return where a write's shelf is."""
    return named(one.target).location


def tracking_row(one: Write) -> Mapping[str, Any]:  # Any: JSON
    """Return a product that is counted from now on; as a whole it begins at nothing, so that nothing is sold meanwhile."""
    row = {"id": int(one.target), "inventory_tracking": one.after}
    return {**row, "inventory_level": 0} if one.after == "product" else row


def key_of(name: Named) -> dict[str, int]:
    """Return the one key by which the shop counts a shelf's goods."""
    return {"variant_id": name.variant} if name.variant else {"product_id": name.product}


def number_row(one: Write) -> Mapping[str, Any]:  # Any: JSON
    """Return a shelf's number, with the shop's own counter where it has one."""
    name = named(one.target)
    row = {**key_of(name), "location_id": name.location, "quantity": one.after["number"]}
    return row if one.after["beyond"] is None else {**row, "qty_backordered": one.after["beyond"]}


def limit_row(one: Write) -> Mapping[str, Any]:  # Any: JSON
    """Return how many may be sold beyond a shelf's number."""
    return {"identity": key_of(named(one.target)), "backorder_limit": one.after}


def send(
    http: Http,
    endpoint: Endpoint,
    items: list[Item],
    body: Callable[[list[Any]], Any],  # Any: JSON
    may_send: Callable[[], None],
) -> dict[str, Outcome]:
    """Send one request; halve it where the shop refuses the whole for the sake of one."""
    reply = http.send(endpoint, "PUT", body([one.row for one in items]), refusal, may_send)
    if reply.status < 400:
        return {one.target: LATER for one in items}
    if len(items) == 1:
        why = f" It says: {reply.value}." if reply.value else ""
        return {items[0].target: Outcome(state="refused", answer=f"The shop refused it ({reply.status}).{why}")}
    middle = len(items) // 2
    halves = (items[:middle], items[middle:])
    return {target: one for half in halves for target, one in send(http, endpoint, half, body, may_send).items()}


def refusal(body: bytes) -> str:
    """Return what the shop says in a sentence, "" for nothing that can be read."""
    try:
        return text(decode(body, REFUSAL).title, 200).rstrip(".")
    except (Malformed, msgspec.ValidationError):
        return ""
