"""What every channel must keep, whatever shop it speaks to.

A new channel inherits the whole contract, or its parts, and says how its practice shop is served and what people do to
it. What it declares that it cannot do is skipped with that reason.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest

from fillrate.channels.protocol import Capabilities, Stream
from tests.channels.practice import Practice


class Contract:
    """What the parts of the contract have in common: say what the kind declares, and how its practice shop is served."""

    capabilities: Capabilities
    unknown_id = "987654"  # an id that the shop never gave to anything

    def serve(self, *, many: bool = False) -> AbstractContextManager[Practice]:
        """Serve a small shop, or one with several pages of what `Reading.paged` names."""
        raise NotImplementedError

    @pytest.fixture(autouse=True)
    def only_what_it_can(self, request: pytest.FixtureRequest) -> None:
        """Skip what the channel declares that it does not read, before a shop is made for it."""
        callspec = getattr(request.node, "callspec", None)
        stream = callspec.params.get("stream") if callspec else None
        if isinstance(stream, Stream) and stream not in self.capabilities.streams:
            pytest.skip(f"it declares that it reads no {stream}")

    @pytest.fixture
    def side(self) -> Iterator[Practice]:
        with self.serve() as side:
            yield side

    def able(self, is_able: Any, what: str) -> None:
        """Skip unless the channel declares an ability."""
        if not is_able:
            pytest.skip(f"it declares that it {what}")


EVERY_STREAM = pytest.mark.parametrize("stream", list(Stream))
