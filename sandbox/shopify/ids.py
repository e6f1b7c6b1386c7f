"""Global ids: every sort of thing has numbers of its own, none of them small."""

import re

from sandbox.market.records import Listing

BASES = {
    "Product": 8_000_000_000_000,
    "ProductVariant": 44_000_000_000_000,
    "InventoryItem": 46_000_000_000_000,
    "Location": 70_000_000_000,
    "Order": 5_600_000_000_000,
    "LineItem": 13_900_000_000_000,
    "Refund": 900_000_000_000,
    "Fulfillment": 4_900_000_000_000,
    "FulfillmentOrder": 6_500_000_000_000,
    "BulkOperation": 720_000_000_000,
    "InventoryAdjustmentGroup": 1_000_000_000,
}
GID = re.compile(r"gid://shopify/(\w+)/(\d+)(?:\?inventory_item_id=(\d+))?")
LEVEL_BASE = 110_000_000_000


def number(sort: str, own_id: int) -> int:
    """The number of a thing of a sort."""
    return BASES[sort] + own_id


def gid(sort: str, own_id: int) -> str:
    """The global id of a thing of a sort."""
    return f"gid://shopify/{sort}/{number(sort, own_id)}"


def level_gid(listing: Listing, place_id: int) -> str:
    """The global id of an inventory level: of its location, with the item behind it."""
    return (
        f"gid://shopify/InventoryLevel/{LEVEL_BASE + place_id}?inventory_item_id={number('InventoryItem', listing.id)}"
    )


def read_gid(text: str) -> tuple[str, int] | None:
    """The sort and own id that a global id names; of a level the ids of item and location in one number. None for none."""
    found = GID.fullmatch(text)
    if found is None:
        return None
    if found[1] == "InventoryLevel" and found[3]:
        return "InventoryLevel", (int(found[3]) - BASES["InventoryItem"]) * 1000 + int(found[2]) - LEVEL_BASE
    base = BASES.get(found[1])
    return None if base is None else (found[1], int(found[2]) - base)


def own_id(text: str, sort: str) -> int | None:
    """The own id behind a global id of a sort; None for any other text."""
    found = read_gid(text)
    return found[1] if found is not None and found[0] == sort else None
