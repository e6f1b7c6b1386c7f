"""Where shops send their hooks: proved on the raw bytes, kept, and answered; what they hint at is read by a flow, later."""

import time
from collections.abc import Mapping, Sequence

from fastapi import APIRouter, Request, Response

from deployments.receiver.batches import Batches
from fillrate.steps.desk import Desk
from fillrate.steps.hooks.hear import Call, forget, judge, keep

TAKEN, REFUSED, UNKNOWN = 200, 401, 404
NOTES_EVERY_S = 30.0  # however many forged hooks come, so often are they noted
FORGETS_EVERY_S = 3600.0


class HookDoor:
    """Takes hooks for one merchant."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._batches = Batches(self._keep)
        self._noted: dict[int, float] = {}
        self._forgot = time.monotonic()

    async def take(self, channel: str, headers: Mapping[str, str], raw: bytes) -> int:
        """Judge and keep one call; returns the status to answer."""
        shop = self._desk.shops.get(channel)
        if shop is None or shop.hooks is None or not shop.hooks.is_ready(shop.settings):
            return UNKNOWN
        call = judge(self._desk, shop, headers, raw)
        if call.kind == "forged_at":
            if self._is_due(call):
                await self._batches.put(call)
            return REFUSED
        if call.kind == "nothing":
            return TAKEN
        await self._batches.put(call)
        return TAKEN if call.kind == "heard_at" else REFUSED

    def _is_due(self, call: Call) -> bool:
        """Tell whether a forged hook is to be noted: a flood of them costs no more than one now and then."""
        now = time.monotonic()
        if now - self._noted.get(call.channel_id, -NOTES_EVERY_S) < NOTES_EVERY_S:
            return False
        self._noted[call.channel_id] = now
        return True

    def _keep(self, calls: Sequence[Call]) -> None:
        keep(self._desk, calls)
        if time.monotonic() - self._forgot > FORGETS_EVERY_S:
            self._forgot = time.monotonic()
            forget(self._desk)


def hooks_router(desk: Desk) -> APIRouter:
    """Return where hooks come in; nobody is told why one was refused."""
    router, door = APIRouter(include_in_schema=False), HookDoor(desk)

    @router.post("/hooks/{channel}")
    async def hook(channel: str, request: Request) -> Response:
        return Response(status_code=await door.take(channel, request.headers, await request.body()))

    return router
