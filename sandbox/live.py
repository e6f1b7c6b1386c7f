"""A shop that lives: its clock runs, orders come in at a pace, and the warehouse ships what it can."""

import threading
import time
from random import Random

from sandbox.actions import run_actions
from sandbox.shop import Shop
from sandbox.stock import units_in


class Life:
    """Places orders on a shop until it is told to stop."""

    def __init__(self, shop: Shop, orders_per_minute: float) -> None:
        self._shop = shop
        self._wait = 60 / orders_per_minute
        self._chance = Random(f"{shop.config.seed}:live")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Let the clock run, unless another shop with the same one does, and orders come."""
        if not self._shop.state.clock.live:
            self._shop.state.clock.run_with(time.monotonic)
        self._thread.start()

    def stop(self) -> None:
        """No more orders."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._chance.expovariate(1 / self._wait)):
            self.tick()

    def tick(self) -> None:
        """One order comes in; half of the time another one, if its goods are there, goes out."""
        with self._shop.lock:
            state, chance = self._shop.state, self._chance
            lines = [
                {"variant_id": chance.choice(state.variants.ids), "quantity": chance.choice((1, 1, 1, 2, 3))}
                for _ in range(chance.choice((1, 1, 2, 3)))
            ]
            customer = chance.choice([0, *state.customers.ids[-200:]])
            run_actions(state, {"action": "place_order", "lines": lines, "customer_id": customer})
            ready = self._ready_order() if chance.random() < 0.5 else None
            if ready is not None:
                run_actions(state, {"action": "ship", "order_id": ready})

    def _ready_order(self) -> int | None:
        """The oldest of the latest orders that waits and has all its units set aside."""
        state = self._shop.state
        for order_id in state.orders.ids[-300:]:
            order = state.orders.rows[order_id]
            lines = [line for line in order.lines if state.line_item(line) is not None]
            if order.status in {9, 11} and lines and all(units_in(line.deducted) >= line.quantity for line in lines):
                return order_id
        return None
