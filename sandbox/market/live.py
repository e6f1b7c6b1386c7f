"""A shop of the market that lives: its clock runs, orders come in at a pace, and the warehouse ships what it can."""

import threading
import time
from random import Random

from sandbox.market.records import OPEN, PARTLY_SHIPPED, Order
from sandbox.market.shop import Market


class MarketLife:
    """Places orders on a shop until it is told to stop."""

    def __init__(self, shop: Market, orders_per_minute: float) -> None:
        self._shop = shop
        self._wait = 60 / orders_per_minute
        self._chance = Random(f"{shop.config.seed}:{shop.prefix}:live")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Let the clock run, if nobody else does, and orders come."""
        clock = self._shop.state.clock
        if not clock.live:
            clock.run_with(time.monotonic)
        self._thread.start()

    def stop(self) -> None:
        """No more orders."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._chance.expovariate(1 / self._wait)):
            self.tick()

    def tick(self) -> None:
        """One order comes in; half of the time another one goes out, and now and then one is cancelled."""
        with self._shop.lock:
            chance = self._chance
            sold = [listing.id for listing in self._shop.state.sold()]
            if not sold:
                return
            lines = [
                {"id": chance.choice(sold), "quantity": chance.choice((1, 1, 1, 2, 3))}
                for _ in range(chance.choice((1, 1, 2, 3)))
            ]
            self._shop.act({"action": "place_order", "lines": lines})
            waiting = [order for order in self._shop.state.orders.values() if order.status in {OPEN, PARTLY_SHIPPED}]
            if waiting and chance.random() < 0.5:
                self._shop.act({"action": "ship", "order_id": self._oldest(waiting).id})
            elif waiting and chance.random() < 0.1:
                self._shop.act({"action": "cancel", "order_id": chance.choice(waiting).id})

    @staticmethod
    def _oldest(waiting: list[Order]) -> Order:
        return min(waiting, key=lambda order: (order.placed, order.id))
