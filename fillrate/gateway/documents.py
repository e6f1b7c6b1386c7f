"""Documents at signed addresses, as shops hand them out: the address itself is the right to read or to write, for minutes.

No token ever goes there. Only https is spoken to, or the very address of a shop on this machine.
"""

import zlib

import httpx

from fillrate.errors import BadAnswer, FillrateError, StopChannel
from fillrate.gateway.exchange import Answer, exchange
from fillrate.gateway.http import is_loopback
from fillrate.gateway.outside import Outside
from fillrate.gateway.retry import RetryPolicy, Tries
from fillrate.gateway.trouble import Trouble
from fillrate.gateway.wire import Wire

LARGEST = 256 * 2**20
DOCUMENT_POLICY = RetryPolicy(read_s=60.0, total_s=600.0, patience_s=900.0, body_cap=LARGEST)
GZIP = zlib.MAX_WBITS + 16


class Documents:
    """The way to documents of one channel; `home` is the channel's own address."""

    def __init__(
        self,
        home: str,
        outside: Outside,
        *,
        transport: httpx.BaseTransport | None = None,
        policy: RetryPolicy,
    ) -> None:
        self._home = httpx.URL(home)
        self._outside = outside
        self._policy = policy
        is_plain = self._home.scheme == "http"
        self._transport = transport or Wire(outside.clock, policy.total_s, is_plain=is_plain)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def read(self, label: str, url: str, *, is_packed: bool = False) -> bytes:
        """Return what a document holds, unpacked where it `is_packed` by gzip. StopChannel where it cannot be had."""
        answer = self._asked(label, httpx.Request("GET", self._checked(label, url), headers={"User-Agent": "fillrate"}))
        return unpacked(label, answer.body) if is_packed else answer.body

    def write(self, label: str, url: str, content: bytes, kind: str) -> None:
        """Put a document there; the same content may go out twice. StopChannel where it is not taken."""
        headers = {"User-Agent": "fillrate", "Content-Type": kind}
        self._asked(label, httpx.Request("PUT", self._checked(label, url), headers=headers, content=content))

    def _checked(self, label: str, url: str) -> httpx.URL:
        try:
            parsed = httpx.URL(url)
        except httpx.InvalidURL:
            parsed = httpx.URL("")
        is_own = parsed.scheme == self._home.scheme == "http" and parsed.netloc == self._home.netloc
        if (
            parsed.userinfo
            or not parsed.host
            or not (parsed.scheme == "https" or (is_own and is_loopback(parsed.host)))
        ):
            raise BadAnswer(what=f"{label}: the shop sent us to an address that is not spoken to.")
        return parsed

    def _asked(self, label: str, request: httpx.Request) -> Answer:
        tries = Tries(self._policy, self._outside)
        timeout = httpx.Timeout(self._policy.read_s, connect=self._policy.connect_s).as_dict()
        request.extensions = {"timeout": timeout}
        while True:
            try:
                return self._once(label, request)
            except Trouble as trouble:
                pause = tries.pause_after(trouble)
                if pause is None:
                    raise given_up(label, trouble) from None
                self._outside.clock.sleep(pause)

    def _once(self, label: str, request: httpx.Request) -> Answer:
        self._outside.faults.at(label, "before")
        answer = exchange(self._transport, request, self._outside.clock, self._policy)
        self._outside.faults.at(label, "after_effect")
        if answer.status >= 500 or answer.status == 429:
            raise Trouble(problem=f"failed ({answer.status})")
        if not 200 <= answer.status < 300:
            raise StopChannel(
                f"{label}: the signed address refused it ({answer.status}).", next="The next run asks anew."
            )
        return answer


def unpacked(label: str, body: bytes) -> bytes:
    """Return what gzip packed, at most `LARGEST` bytes of it."""
    unpack = zlib.decompressobj(GZIP)
    try:
        content = unpack.decompress(body, LARGEST + 1)
    except zlib.error:
        raise BadAnswer(what=f"{label}: the document is packed wrongly.") from None
    if len(content) > LARGEST or not unpack.eof:
        raise BadAnswer(what=f"{label}: the document is cut off, or larger than {LARGEST // 2**20} MiB.")
    return content


def given_up(label: str, trouble: Trouble) -> FillrateError:
    """Return what is said after the last try."""
    return trouble.becomes(
        f"{label}: the signed address {trouble.problem}, again and again.", next="Run it again later."
    )
