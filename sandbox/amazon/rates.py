"""How often each operation may be asked: a bucket of its own, as the models say."""

from sandbox.market.pace import Bucket

RATES: dict[str, tuple[float, int]] = {
    "searchOrders": (0.0056, 20),
    "getOrder": (0.5, 30),
    "getListingsItem": (5, 10),
    "searchListingsItems": (5, 5),
    "patchListingsItem": (5, 5),
    "createFeedDocument": (0.5, 15),
    "createFeed": (5 / 300, 5),
    "getFeeds": (0.0222, 10),
    "getFeed": (2, 15),
    "getFeedDocument": (0.0222, 10),
    "createReport": (0.0167, 15),
    "getReport": (2, 15),
    "getReportDocument": (0.0167, 15),
    "getInventorySummaries": (2, 2),
}
"""Requests a second and burst. `createFeed` has the rate of the only feed type served: 5 feeds in 5 minutes."""


class Rates:
    """The buckets of one seller and application."""

    def __init__(self) -> None:
        self.buckets = {name: Bucket(burst, rate) for name, (rate, burst) in RATES.items()}

    def take(self, operation: str, now: float) -> float:
        """Spend a call; 0 when there was one, else the seconds until there is."""
        bucket = self.buckets[operation]
        return 0.0 if bucket.take(1, now) else bucket.wait(1)
