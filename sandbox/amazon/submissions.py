"""What was accepted is done later: after some requests, or when the shop's clock has moved on far enough.

Whatever comes first; a search of the same listing in between still shows the old number.
"""

from random import Random
from typing import TYPE_CHECKING, Any

from sandbox.amazon.availability import NAME, patched
from sandbox.amazon.records import Submission, desk, entries, product, set_entries
from sandbox.market.records import Listing
from sandbox.market.state import MarketState

if TYPE_CHECKING:
    from sandbox.amazon.shop import Amazon

PATCHES, REPLACE, MERGE, DELETE = "patches", "replace", "merge", "delete"
REJECTED = {
    "code": "99010",
    "message": "The update of the listing could not be processed.",
    "severity": "ERROR",
    "categories": ["INVALID_ATTRIBUTE"],
}


def new_id(state: MarketState) -> str:
    """The id of a submission: a UUID that the shop counts."""
    number = state.fresh_id("submission", 0x1EDC94EA)
    return f"{number:08x}-a3d7-210b-42bc-{number * 7919 % 16**12:012x}"


def accept(shop: "Amazon", sku: str, what: str, told: Any, at: int | None = None) -> str:
    """Put something on the pile, at a moment that may have passed; gives its id."""
    table, chance = desk(shop.state), shop.chance
    now = shop.state.clock.now() if at is None else at
    request, second = table.asked + chance.randint(1, 4), now + chance.randint(20, 300)
    if shop.switches["submissions"] == "in_order":
        earlier = table.latest.get(sku, (0, 0))
        request, second = max(request, earlier[0]), max(second, earlier[1])
        table.latest[sku] = request, second
    made = Submission(new_id(shop.state), sku, what, told, request, second)
    table.submissions.append(made)
    return made.id


def carry_out(shop: "Amazon") -> None:
    """Do what is due."""
    table, now = desk(shop.state), shop.state.clock.now()
    due = [one for one in table.submissions if one.due_request <= table.asked or one.due_second <= now]
    if not due:
        return
    due.sort(key=lambda one: one.due_second)
    if shop.switches["submissions"] == "any_order":
        shop.chance.shuffle(due)
    done = {one.id for one in due}
    table.submissions = [one for one in table.submissions if one.id not in done]
    listings = {listing.sku: listing for listing in shop.state.sold()}
    for one in due:
        listing = listings.get(one.sku)
        if listing is not None and listing.id in shop.state.listings:
            _do(shop.state, listing, one)


def _do(state: MarketState, listing: Listing, one: Submission) -> None:
    if product(listing).rejects:
        product(listing).issues = [{**REJECTED}]
        state.touch(listing)
    elif one.what == DELETE:
        del state.listings[listing.id]
    elif one.what == PATCHES:
        found = entries(listing)
        for patch in one.told:
            found = patched(found, patch)
        set_entries(state, listing, found)
    else:
        _write(state, listing, one.told, whole=one.what == REPLACE)


def _write(state: MarketState, listing: Listing, told: dict[str, Any], *, whole: bool) -> None:
    """Attributes as a feed sends them; of a `whole` listing what is not sent is gone, its offer and quantity too."""
    if "item_name" in told:
        listing.title = str(told["item_name"][0].get("value", ""))
    if whole:
        product(listing).offer = "purchasable_offer" in told
    if NAME in told or whole:
        replaced = patched([] if whole else entries(listing), {"op": "replace", "value": told.get(NAME, [])})
        set_entries(state, listing, replaced)
    state.touch(listing)


def chance_of(seed: int, prefix: str) -> Random:
    """The chance by which things take their time."""
    return Random(f"{seed}:{prefix}:submissions")
