"""Many small things that come at once are saved together: one transaction is under way at a time, the next takes all that came.

Nobody is answered before what he told is saved; what is slow (a commit that waits for the disk) is paid once for many.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from fillrate.errors import StopRun

T = TypeVar("T")
LONGEST = 10_000  # line of those who wait
MOST = 500  # in one transaction, so that others get their turn


class Batches(Generic[T]):
    """Saves what it is given, in a thread, by `save`; what that raises goes to all who gave something of that batch."""

    def __init__(self, save: Callable[[Sequence[T]], None]) -> None:
        self._save = save
        self._waiting: list[tuple[T, asyncio.Future[None]]] = []
        self._worker: asyncio.Task[None] | None = None

    async def put(self, one: T) -> None:
        """Return when it is saved. StopRun where so much waits that it would take too long."""
        if len(self._waiting) >= LONGEST:
            raise StopRun("Too much comes in at once.", next="Send it again in a moment.")
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((one, done))
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())
        await done

    async def _work(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            try:
                await asyncio.to_thread(self._save, [one for one, _ in batch])
            except Exception as error:  # noqa: BLE001 - whoever waits is told, whatever it is
                answer(batch, error)
            else:
                answer(batch, None)


def answer(batch: Sequence[tuple[T, "asyncio.Future[None]"]], error: Exception | None) -> None:
    """Let everybody who waits for a batch go on; who hung up meanwhile is told nothing."""
    for _, done in batch:
        if done.done():
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)
