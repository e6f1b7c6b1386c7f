"""Files of listings: CSV with the columns channel, product, variant or listing_sku, sku, per, or JSON of the same."""

import msgspec

from fillrate.channels.row_files import Cells, Parsed, parse, told, whole, word
from fillrate.errors import SkipRecord

NEEDED = ("channel", "sku")
KNOWN = (*NEEDED, "product", "variant", "listing_sku", "per")


class ListingRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the file: a listing, by its channel's ids or by its own SKU, sells `per` units of what has this SKU."""

    row: int
    channel: str
    product: str
    variant: str
    listing_sku: str
    sku: str
    per: int


def parse_listings(body: bytes) -> Parsed[ListingRow]:
    """Return what a file tells of listings. SkipRecord for what is no such file."""
    return parse(body, NEEDED, KNOWN, row_of)


def row_of(number: int, cells: Cells) -> ListingRow:
    """Return what one row tells."""
    names = {name: word(cells, name) for name in ("product", "variant", "listing_sku")}
    if bool(names["product"]) == bool(names["listing_sku"]):
        raise SkipRecord("it must name either a product or a listing_sku", path="product")
    per = whole(cells, "per")
    if per == 0:
        raise SkipRecord("per must be 1 or more", path="per")
    return ListingRow(row=number, channel=told(cells, "channel"), sku=told(cells, "sku"), per=per or 1, **names)
