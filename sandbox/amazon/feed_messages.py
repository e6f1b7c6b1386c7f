"""The messages of a listings feed: which are accepted, and what each becomes."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.amazon import submissions
from sandbox.amazon.availability import NAME, Issue, entry_issues, issue, patch_issues
from sandbox.amazon.listings import amazon_issues, check_type, unknown, well_formed
from sandbox.amazon.records import channels
from sandbox.market.records import Listing
from sandbox.market.state import MarketState

REQUIREMENTS = ("LISTING", "LISTING_PRODUCT_ONLY", "LISTING_OFFER_ONLY")
NEEDED = {
    "UPDATE": {"productType", "attributes"},
    "PARTIAL_UPDATE": {"productType", "attributes"},
    "PATCH": {"productType", "patches"},
    "DELETE": set(),
}
ALLOWED = {
    "UPDATE": {"productType", "attributes", "requirements"},
    "PARTIAL_UPDATE": {"productType", "attributes"},
    "PATCH": {"productType", "patches"},
    "DELETE": set(),
}
COMMON = {"messageId", "sku", "operationType"}
MOST_ID = 2_147_483_647
KINDS = {"UPDATE": submissions.REPLACE, "PARTIAL_UPDATE": submissions.MERGE}


@dataclass(slots=True)
class Reader:
    """Reads the messages of one feed, each once."""

    state: MarketState
    any_type: bool
    every: int = 0
    seen: set[int] = field(default_factory=set)
    _listings: dict[str, Listing] = field(init=False)

    def __post_init__(self) -> None:
        self._listings = {listing.sku: listing for listing in self.state.sold()}

    def issues(self, index: int, message: Any) -> list[Issue]:
        """What is wrong with a message; nothing means that it is accepted."""
        wrong = self._shape(message)
        if wrong:
            return wrong
        if self.every and index % self.every == self.every - 1:
            return [issue("8000", "The message could not be processed. Please submit it again.")]
        listing = self._listings.get(message["sku"])
        if listing is None:
            return [unknown(message["sku"])]
        kind = message["operationType"]
        if kind == "DELETE":
            return []
        codes = tuple(channels(listing))
        found = check_type(self.any_type, listing, message["productType"])
        return found or (_patches(message, codes) if kind == "PATCH" else _attributes(message, codes))

    def _shape(self, message: Any) -> list[Issue]:
        if not isinstance(message, dict):
            return [issue("4000001", "A message is an object.")]
        number, kind = message.get("messageId"), message.get("operationType")
        if type(number) is not int or not 1 <= number <= MOST_ID or number in self.seen:
            return [issue("4000001", "'messageId' is a number from 1 on, unique in the feed.")]
        self.seen.add(number)
        if not isinstance(message.get("sku"), str) or not message["sku"] or kind not in NEEDED:
            return [issue("4000001", "A message has a 'sku' and an 'operationType'.")]
        own = set(message) - COMMON
        if not NEEDED[kind] <= own <= ALLOWED[kind] or message.get("requirements", "LISTING") not in REQUIREMENTS:
            return [issue("4000001", f"'{kind}' takes {', '.join(sorted(ALLOWED[kind])) or 'nothing else'}.")]
        if "productType" in own and not isinstance(message["productType"], str):
            return [issue("4000001", "'productType' is a text.")]
        return []


def _patches(message: dict[str, Any], codes: tuple[str, ...]) -> list[Issue]:
    patches = message["patches"]
    if not isinstance(patches, list) or not patches or not all(well_formed(one) for one in patches):
        return [issue("4000001", "'patches' are a list of patches.")]
    found = [said for patch in patches for said in patch_issues(patch, codes)]
    return found or [said for patch in patches for said in amazon_issues(patch.get("value") or [])]


def _attributes(message: dict[str, Any], codes: tuple[str, ...]) -> list[Issue]:
    told = message["attributes"]
    if not isinstance(told, dict) or not told:
        return [issue("4000001", "'attributes' is an object with at least one.")]
    for name, values in told.items():
        if not isinstance(values, list) or not all(isinstance(one, dict) for one in values) or not values:
            return [issue("90000900", f"'{name}' is a list of objects.", name)]
    whole = message["operationType"] == "UPDATE" and message.get("requirements", "LISTING") == "LISTING"
    if whole and "item_name" not in told:
        return [issue("90220", "'item_name' is required but not supplied.", "item_name", category="MISSING_ATTRIBUTE")]
    values = told.get(NAME, [])
    return [said for one in values for said in entry_issues(one, codes)] or amazon_issues(values)


def what_of(message: dict[str, Any]) -> tuple[str, Any]:
    """What an accepted message becomes: its sort, and what it says."""
    kind = message["operationType"]
    if kind == "DELETE":
        return submissions.DELETE, None
    return (submissions.PATCHES, message["patches"]) if kind == "PATCH" else (KINDS[kind], message["attributes"])
