"""Delivers: over HTTP, again by the documented schedule where that fails, until a hook or a whole domain is given up."""

import http.client
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sandbox.hooks.letters import letter, send_off, signed
from sandbox.hooks.records import ACTIVE, DEACTIVATED, Delivery, Hook
from sandbox.hooks.scopes import EXCEPTION

if TYPE_CHECKING:
    from sandbox.shop import Shop

Send = Callable[[str, Mapping[str, str], bytes], int]
"""Brings a body to an address; gives the status of the answer, 0 where there was none."""

RETRIES = (60, 180, 300, 600, 900, 1800, 3600, 7200, 21_600, 50_400, 86_400)
WINDOW, LEAST_IN_WINDOW, LEAST_GOOD, BLOCKED_FOR = 120, 100, 0.9, 180
COMPLAINS_AFTER = 600
PATIENCE_S, LOOKS_EVERY_S = 10.0, 0.1
WILL_RETRY, EXHAUSTED, BLOCKED = 90_001, 90_002, 90_003


class Wire:
    """Sends over HTTP, on connections that stay open."""

    def __init__(self) -> None:
        self._open: dict[str, http.client.HTTPConnection] = {}

    def __call__(self, address: str, headers: Mapping[str, str], body: bytes) -> int:
        """Send one letter; a connection that the other side has closed meanwhile is opened once more."""
        parts = urlsplit(address)
        for is_last in (False, True):
            connection = self._open.get(parts.netloc) or self._connect(parts.scheme, parts.netloc)
            try:
                connection.request("POST", parts.path or "/", body, dict(headers))
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                connection.close()
                was_open = self._open.pop(parts.netloc, None) is not None
                if is_last or not was_open:
                    return 0
            else:
                self._open[parts.netloc] = connection
                return answer.status
        return 0

    @staticmethod
    def _connect(scheme: str, place: str) -> http.client.HTTPConnection:
        kind = http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection
        return kind(place, timeout=PATIENCE_S)

    def close(self) -> None:
        """Hang up."""
        for connection in self._open.values():
            connection.close()
        self._open.clear()


class Courier:
    """The one who delivers for a shop: by a thread of its own, or `by_hand`, only when told to."""

    def __init__(self, shop: "Shop", *, by_hand: bool = False) -> None:
        self._shop = shop
        self.by_hand = by_hand
        self._wire = Wire()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """See that somebody delivers, once there is a hook."""
        if self.by_hand or self._thread is not None or not self._shop.state.hooks.hooks:
            return
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while True:
            if not self.carry():
                time.sleep(LOOKS_EVERY_S)

    def carry(self, send: Send | None = None) -> int:
        """Deliver everything that is due by the shop's clock; gives how many letters were tried."""
        tried = 0
        while (found := self._take()) is not None:
            hook, delivery, headers = found
            status = (send or self._wire)(hook.destination, headers, delivery.body)
            with self._shop.lock:
                self._note(hook, delivery, status)
            tried += 1
        return tried

    def _take(self) -> tuple[Hook, Delivery, dict[str, str]] | None:
        """The next letter that is due, with its headers; what nobody listens to any more goes with its hook."""
        with self._shop.lock:
            desk, now = self._shop.state.hooks, self._shop.state.clock.now()
            for delivery in [one for one in desk.queue if one.due <= now]:
                hook = desk.hooks.get(delivery.hook_id)
                if hook is None or hook.status != ACTIVE:
                    desk.queue.remove(delivery)
                    desk.counts["dropped"] += 1
                elif desk.blocked.get(hook.host, 0) > now:
                    self._again(delivery)
                else:
                    desk.queue.remove(delivery)
                    return hook, delivery, {**hook.headers, **self._proof(delivery), "Content-Type": "application/json"}
            return None

    def _proof(self, delivery: Delivery) -> dict[str, str]:
        shop = self._shop
        now = int(time.time()) if shop.config.hook_clock == "wall" else shop.state.clock.now()
        is_kept = shop.state.switches.hook_retries_signed == "once" and delivery.stamp
        delivery.stamp = delivery.stamp if is_kept else now
        if shop.state.switches.hook_signature == "none":
            return {}
        return signed(shop.config.client_secret, delivery, delivery.stamp)

    def _note(self, hook: Hook, delivery: Delivery, status: int) -> None:
        """Write down how a delivery went."""
        state, now = self._shop.state, self._shop.state.clock.now()
        is_taken = 200 <= status < 300
        went_wrong = "" if is_taken else f"{status or 'no answer'}"
        state.hooks.counts["delivered" if is_taken else "failed"] += 1
        self._judge(hook.host, now, went_wrong)
        if is_taken:
            return
        state.hooks.queue.append(delivery)
        self._again(delivery)
        if delivery in state.hooks.queue:
            self._complain(hook, WILL_RETRY)

    def _again(self, delivery: Delivery) -> None:
        """Try a letter later; after the last time its hook is switched off."""
        desk, now = self._shop.state.hooks, self._shop.state.clock.now()
        hook = desk.hooks[delivery.hook_id]
        if delivery.tries < len(RETRIES):
            delivery.due = now + RETRIES[delivery.tries]
            delivery.tries += 1
            return
        desk.queue.remove(delivery)
        desk.counts["given_up"] += 1
        hook.status, hook.updated = DEACTIVATED, now
        desk.mails.append({"about": f"hook {hook.id} was deactivated", "to": desk.emails, "at": now})
        self._complain(hook, EXHAUSTED)

    def _judge(self, host: str, now: int, went_wrong: str) -> None:
        """Block a domain that took too few of many letters."""
        desk = self._shop.state.hooks
        answers = desk.answers.setdefault(host, deque())
        answers.append((now, went_wrong))
        while answers and answers[0][0] <= now - WINDOW:
            answers.popleft()
        good = sum(not wrong for _, wrong in answers)
        if len(answers) >= LEAST_IN_WINDOW and good < LEAST_GOOD * len(answers):
            desk.blocked[host] = now + BLOCKED_FOR
            desk.mails.append({"about": f"{host} was blocked", "to": desk.emails, "at": now})
            answers.clear()
            for hook in [one for one in desk.hooks.values() if one.host == host]:
                self._complain(hook, BLOCKED)

    def _complain(self, hook: Hook, code: int) -> None:
        """Tell the one hook that is registered for that, at another destination, what goes wrong with deliveries."""
        state, now = self._shop.state, self._shop.state.clock.now()
        told = state.hooks.complained
        if code == WILL_RETRY and now - told.get(hook.id, -COMPLAINS_AFTER) < COMPLAINS_AFTER:
            return
        for other in list(state.hooks.hooks.values()):
            if other.scope == EXCEPTION and other.destination != hook.destination and other.status == ACTIVE:
                told[hook.id] = now
                data: dict[str, Any] = {"type": "hook", "code": code, "hook_id": hook.id, "scope": hook.scope}
                send_off(state, other, letter(state, EXCEPTION, data))

    def close(self) -> None:
        """Hang up."""
        self._wire.close()
