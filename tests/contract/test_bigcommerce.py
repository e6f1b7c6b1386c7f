"""BigCommerce keeps the contract."""

from contextlib import AbstractContextManager
from typing import Any

from fillrate.channels.protocol import Write
from tests.channels.practice import Practice, metafield, practice
from tests.contract.suite import ChannelContract


class TestBigCommerce(ChannelContract):
    kind = "metafield"

    def serve(self, *, many: bool = False) -> AbstractContextManager[Practice]:
        if many:
            return practice({"unstated_limit_max": 100, "over_limit": "clamp"}, orders=330, customers=330, products=5)
        return practice(seed=3)

    def write(self, target: str, after: Any, before: Any = None) -> Write:
        return metafield(target, after, before)
