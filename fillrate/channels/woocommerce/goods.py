"""Products and variations as WooCommerce sends them, and how a product's variations are found.

From version 10.3 on one list holds the variations of all products; before, each product has its own. Where the one list
leaves out what a product itself names, that product's own list is asked.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Literal

import msgspec

from fillrate.channels.chunks import chunks
from fillrate.channels.fields import Id, Level, Link, Money
from fillrate.channels.woocommerce import endpoints
from fillrate.channels.woocommerce.pages import PAGE, NoSuchList, Pages, walk
from fillrate.channels.woocommerce.rest import Rest
from fillrate.gateway.http import Params
from fillrate.records import Reject, Tracking

Managed = bool | Literal["parent"]
TRASH = "trash"
PRODUCT_FIELDS = (
    "id,name,sku,type,status,catalog_visibility,date_created_gmt,date_modified_gmt,price,regular_price,virtual,"
    "purchasable,categories,variations,manage_stock,stock_quantity,stock_status,backorders"
)
VARIATION_FIELDS = "id,parent_id,sku,status,price,purchasable,attributes,manage_stock,stock_quantity"


class CategoryRef(msgspec.Struct, gc=False):
    """A category that a product is in, as sent."""

    id: Id


class ProductRow(msgspec.Struct, gc=False, kw_only=True):
    """A product, as sent; `stock_quantity` is null where its stock is not managed."""

    id: Id
    name: str
    sku: str | None
    type: str
    status: str
    catalog_visibility: str = "visible"
    date_created_gmt: str | None
    date_modified_gmt: str | None
    price: Money | None
    regular_price: Money | None = None
    virtual: bool
    purchasable: bool
    categories: list[CategoryRef] = []
    variations: list[Id] = []
    manage_stock: Managed
    stock_quantity: Level | None
    stock_status: str | None = None


class OptionRow(msgspec.Struct, gc=False):
    """One chosen attribute of a variation, as sent; without an option it may be any."""

    name: str | None = None
    option: str | None = None


class VariationRow(msgspec.Struct, gc=False, kw_only=True):
    """A variation, as sent; older shops leave its parent out, since it stands in the address."""

    id: Id
    parent_id: Link | None = None
    sku: str | None
    status: str
    price: Money | None
    purchasable: bool
    attributes: list[OptionRow] = []
    manage_stock: Managed
    stock_quantity: Level | None


class Family(msgspec.Struct):
    """A product with its variations, and those of them that cannot be read."""

    product: ProductRow
    variations: list[VariationRow] = []
    rejects: list[Reject] = []

    @property
    def tracking(self) -> Tracking:
        """Whose number the shop counts: each variation's own where one has any, the parent's where all share it."""
        if not self.variations:
            return "variant" if self.product.manage_stock is True else "none"
        managed = {one.manage_stock for one in self.variations}
        return "variant" if True in managed else "product" if "parent" in managed else "none"


ALL = Pages(endpoints.VARIATIONS, VariationRow, VARIATION_FIELDS)
OWN = Pages(endpoints.OWN_VARIATIONS, VariationRow, VARIATION_FIELDS)


def families(rest: Rest, products: Sequence[ProductRow]) -> list[Family]:
    """Return these products with their variations."""
    found = {one.id: Family(one, [], []) for one in products}
    parents = [family for family in found.values() if family.product.variations]
    if rest.lists_variations:
        for asked, _ in chunks(tuple(str(one.product.id) for one in parents), PAGE, 0):
            rest.lists_variations = rest.lists_variations and share_out(rest, asked, found)
    for family in parents:
        if not is_whole(family):
            read_own(rest, family)
    return list(found.values())


def share_out(rest: Rest, asked: tuple[str, ...], found: dict[int, Family]) -> bool:
    """Give products their variations out of the list of all; False where the shop has no such list, or no filter in it."""
    params: Params = {"parent": ",".join(asked), "status": "any"}
    try:
        rows = [row for batch, _ in walk(rest, ALL, params) for row in batch.rows]
    except NoSuchList:
        return False
    if any(str(row.parent_id) not in asked for row in rows):
        return False
    for row in rows:
        found[row.parent_id or 0].variations.append(row)
    return True


def is_whole(family: Family) -> bool:
    """Tell whether all variations that a product names were read."""
    return {one.id for one in family.variations} >= set(family.product.variations)


def read_own(rest: Rest, family: Family) -> None:
    """Read a product's variations from its own list; where that is gone, so are they."""
    path = f"{endpoints.OWN_VARIATIONS.path}/{family.product.id}/variations"
    family.variations, family.rejects = [], []
    with suppress(NoSuchList):
        for batch, _ in walk(rest, OWN, {"status": "any"}, path=path):
            for row in batch.rows:
                row.parent_id = family.product.id
            family.variations += batch.rows
            family.rejects += batch.rejects
