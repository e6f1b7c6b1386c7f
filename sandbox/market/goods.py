"""Goods that several shops sell: taken from a BigCommerce practice shop, with the numbers that it shows."""

from collections import Counter
from dataclasses import dataclass
from random import Random

from sandbox.api.inventory import identity
from sandbox.records import DEFAULT_LOCATION
from sandbox.shop import Shop


@dataclass(frozen=True, slots=True)
class Goods:
    """Something to sell: SKU, title, number in stock, price in cents; a `family` makes variants of one product."""

    sku: str
    title: str
    number: int
    price: int
    family: str = ""


def goods_of(shop: Shop, share: float = 0.5, seed: int = 1) -> list[Goods]:
    """A share of the counted things of a shop that have a SKU of their own, drawn by the seed, by SKU."""
    state = shop.state
    skus = {item.id: str(identity(state, item)["sku"] or "") for item in state.items}
    uses = Counter(skus.values())
    chance = Random(f"{seed}:goods")
    found = []
    for item in state.items:
        sku, product = skus[item.id], state.products.rows[item.product_id]
        if not sku or uses[sku] > 1 or sku != sku.strip() or chance.random() >= share:
            continue
        variant = None if item.variant_id is None else state.variants.rows[item.variant_id]
        price = variant.price if variant is not None and variant.price is not None else product.price
        title = product.name if variant is None else " ".join([product.name, *(o.label for o in variant.options)])
        family = "" if variant is None or not variant.options else str(product.id)
        found.append(Goods(sku, title, max(0, item.cells[DEFAULT_LOCATION].shown), price, family))
    return sorted(found, key=lambda goods: goods.sku)
