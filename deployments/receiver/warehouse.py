"""The warehouse API: take pick lists, and tell what was shipped, not found, received and counted."""

import secrets
from datetime import timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, HTTPException, Path, Query
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

from deployments.receiver.bodies import (
    CountedAnswer,
    CountedTold,
    InboundAnswer,
    InboundTold,
    LineTold,
    PickLists,
    PickListWhole,
    ReceivedAnswer,
    ReceivedTold,
    Refused,
    ShippedTold,
    ShortTold,
)
from fillrate.steps.desk import Desk
from fillrate.steps.picking import shelves, told
from fillrate.steps.picking.calls import once
from fillrate.steps.picking.received import received
from fillrate.steps.picking.show import one_list, shown
from fillrate.steps.supply.called import told_of_lines

State = Literal["open", "taken", "done", "undone"]
Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]
ListId = Annotated[int, Path(ge=1, le=2**62)]
Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=8,
        max_length=200,
        pattern="^[!-~]+$",
        description="One for each call; a call that is sent again under its key has the answer that it had.",
    ),
]
REFUSALS: dict[int | str, dict[str, Any]] = {  # Any: parts of OpenAPI
    401: {"model": Refused, "description": "The token is missing or wrong."},
    404: {"model": Refused, "description": "There is no such list, line, SKU or location."},
    409: {"model": Refused, "description": "It contradicts how things stand: look again."},
    413: {"model": Refused, "description": "The request is too large."},
    422: {"model": Refused, "description": "The request cannot be used."},
    503: {"model": Refused, "description": "The database is busy: send it again under the same key."},
}
AHEAD = timedelta(minutes=5)  # how far the warehouse's clock may run ahead of ours
Answer = dict[str, Any]  # Any: JSON


def warehouse_router(desk: Desk) -> APIRouter:
    """Return the API's routes; each asks for the token."""
    token = desk.settings.receiver.warehouse_token.get_secret_value().encode()

    def authorized(given: Bearer) -> None:
        told_token = "" if given is None else given.credentials
        if not secrets.compare_digest(told_token.encode(), token):
            raise HTTPException(401, "The token is missing or wrong.", {"WWW-Authenticate": "Bearer"})

    asks = [Depends(authorized)]
    router = APIRouter(prefix="/warehouse/v1", tags=["warehouse"], dependencies=asks, responses=REFUSALS)
    add_lists(router, desk)
    add_news(router, desk)
    return router


def add_lists(router: APIRouter, desk: Desk) -> None:
    """Add what a warehouse does with pick lists."""

    @router.get("/pick-lists", response_model=PickLists, summary="Pick lists, the newest first")
    def pick_lists(
        state: State | None = None,
        location: Annotated[str, Query(max_length=255)] = "",
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> Answer:
        with desk.db.read() as reading:
            place = shelves.place_of(desk, reading, location) if location else None
            return {"pick_lists": shown(desk, reading, [state] if state else [], place, limit)}

    @router.get("/pick-lists/{list_id}", response_model=PickListWhole, summary="One pick list with its lines")
    def pick_list(list_id: ListId) -> Answer:
        with desk.db.read() as reading:
            return one_list(desk, reading, list_id)

    @router.post("/pick-lists/{list_id}/take", response_model=PickListWhole, summary="Take an open list")
    def take(list_id: ListId, key: Key) -> Answer:
        return once(desk, key, ["take", list_id], lambda tx: told.take(desk, tx, list_id))

    @router.post("/pick-lists/{list_id}/shipped", response_model=PickListWhole, summary="Tell what left")
    def shipped(list_id: ListId, key: Key, body: ShippedTold) -> Answer:
        lines = units(body.lines)
        return once(
            desk,
            key,
            ["shipped", list_id, plain(body)],
            lambda tx: told.shipped(desk, tx, list_id, lines, body.tracking),
        )

    @router.post("/pick-lists/{list_id}/short", response_model=PickListWhole, summary="Tell what was not found")
    def short(list_id: ListId, key: Key, body: ShortTold) -> Answer:
        lines = [told.Told(one.line, one.quantity, one.part) for one in body.lines]
        return once(desk, key, ["short", list_id, plain(body)], lambda tx: told.short(desk, tx, list_id, lines))


def add_news(router: APIRouter, desk: Desk) -> None:
    """Add what a warehouse tells of goods."""

    @router.post("/inbound", response_model=InboundAnswer, summary="Tell what is on its way")
    def on_its_way(key: Key, body: InboundTold) -> Answer:
        return once(desk, key, ["inbound", plain(body)], lambda tx: told_of_lines(desk, tx, key, body.lines))

    @router.post("/received", response_model=ReceivedAnswer, summary="Tell what came in of a purchase order")
    def came_in(key: Key, body: ReceivedTold) -> Answer:
        at = body.received_at
        if not body.quantity:
            raise HTTPException(422, "quantity: it must not be 0.")
        refuse_future(desk, "received_at", at)
        where = (body.reference, body.position, body.source)
        return once(desk, key, ["received", plain(body)], lambda tx: received(desk, tx, key, *where, body.quantity, at))

    @router.post("/counted", response_model=CountedAnswer, summary="Tell how many units lie on a shelf")
    def counted(key: Key, body: CountedTold) -> Answer:
        refuse_future(desk, "counted_at", body.counted_at)
        facts = (body.sku, body.location, body.quantity, body.counted_at)
        return once(desk, key, ["counted", plain(body)], lambda tx: shelves.counted(desk, tx, *facts))


def units(lines: list[LineTold]) -> list[told.Told]:
    """Return what was told of lines as plain values."""
    return [told.Told(one.line, one.quantity) for one in lines]


def plain(body: BaseModel) -> Answer:
    """Return a body as JSON, to be compared with another of the same key."""
    return body.model_dump(mode="json")


def refuse_future(desk: Desk, name: str, at: Any) -> None:  # Any: an aware time, or None
    """Refuse a time that has not come yet."""
    if at is not None and at > desk.outside.clock.now() + AHEAD:
        raise HTTPException(422, f"{name}: it lies in the future.")
