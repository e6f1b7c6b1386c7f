"""How a channel takes trouble: what passes changes nothing, what lasts is an error, and a bad record costs only itself."""

import pytest

from fillrate.channels.protocol import Stream
from fillrate.errors import FillrateError
from tests.channels.practice import Practice, pages, records
from tests.contract.suite import EVERY_STREAM, Contract

PASSING = ["429", "500", "502", "503", "504", "drop", "html", "malformed", "truncated", "empty"]
LASTING = [*PASSING, "401", "403", "423", "507", "redirect"]


class TroubleContract(Contract):
    """For channels that ask a shop over HTTP; say whether the practice shop can damage single records."""

    damages_records = False
    unasked: frozenset[Stream] = frozenset()  # what the channel knows without asking the shop

    def asks(self, stream: Stream) -> None:
        if stream in self.unasked:
            pytest.skip(f"it asks nobody for {stream}")

    @EVERY_STREAM
    @pytest.mark.parametrize("kind", PASSING)
    def test_trouble_that_passes_changes_nothing(self, side: Practice, stream: Stream, kind: str) -> None:
        undisturbed = pages(side.channel, stream)
        side.fault(kind, times=1)

        assert pages(side.channel, stream) == undisturbed

    @EVERY_STREAM
    @pytest.mark.parametrize("kind", LASTING)
    def test_trouble_that_lasts_is_an_error_and_never_an_empty_shop(
        self, side: Practice, stream: Stream, kind: str
    ) -> None:
        self.asks(stream)
        side.fault(kind)

        with pytest.raises(FillrateError):
            pages(side.channel, stream)

    @pytest.mark.parametrize("stream", [Stream.ORDERS, Stream.STOCK])
    def test_a_shop_that_drips_does_not_hold_the_run(self, side: Practice, stream: Stream) -> None:
        undisturbed = pages(side.channel, stream)
        side.fault("drip", times=1)

        assert pages(side.channel, stream) == undisturbed

    def test_a_bad_record_is_rejected_with_its_reason_and_the_rest_lands(self, side: Practice) -> None:
        if not self.damages_records:
            pytest.skip("its practice shop damages no single records; the tests of its parsers do")
        rejected = 0
        for _ in range(15):
            for stream in {Stream.PRODUCTS, Stream.ORDERS, Stream.CUSTOMERS} & self.capabilities.streams:
                good = records(side.channel, stream)
                side.fault("bad_record", times=1)
                (page, *_rest) = pages(side.channel, stream)
                side.calm()

                assert len(page.records) + len(page.rejects) == len(good)
                assert len(page.rejects) <= 1
                assert all(one.reason and len(one.payload_hash) == 64 for one in page.rejects)
                rejected += len(page.rejects)

        assert rejected > 3
