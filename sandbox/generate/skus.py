"""Dirt in SKUs as real stores have it: case twins, trailing spaces, duplicates, empty ones, Unicode look-alikes."""

from collections.abc import Callable
from random import Random

from sandbox.generate.catalogue import Catalogue
from sandbox.records import Product, Variant

SMALLEST = 12
SHARE = 0.004


def _rename(products: dict[int, Product], variant: Variant, sku: str) -> None:
    variant.sku = sku
    product = products[variant.product_id]
    if not product.has_options:
        product.sku = sku


def _swap_case(sku: str) -> str:
    return sku.lower() if sku != sku.lower() else sku.upper()


def _full_width(sku: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in sku)


ALONE: dict[str, Callable[[str], str]] = {
    "trailing space": lambda sku: sku + " ",
    "leading space": lambda sku: " " + sku,
    "empty": lambda _: "",
    "accent": lambda sku: sku.replace("-", "-É", 1),
    "full width": _full_width,
    "zero width": lambda sku: sku[:3] + "\u200b" + sku[3:],
    "no-break space": lambda sku: sku.replace("-", "\u00a0", 1),
}
FROM_TWIN: dict[str, Callable[[str], str]] = {
    "case twin": _swap_case,
    "duplicate": lambda sku: sku,
    "spaced twin": lambda sku: sku + " ",
}


def soil(made: Catalogue, seed: int) -> None:
    """Make some SKUs dirty: each kind at least once, where there are products enough."""
    if len(made.products) < SMALLEST:
        return
    chance = Random(f"{seed}:skus")
    products = {product.id: product for product in made.products}
    times = max(1, round(len(made.variants) * SHARE / 10))
    picked = chance.sample(made.variants, min(len(made.variants), times * (len(ALONE) + 2 * len(FROM_TWIN))))
    for rewrite in ALONE.values():
        for _ in range(times):
            if picked:
                variant = picked.pop()
                _rename(products, variant, rewrite(variant.sku))
    for rewrite in FROM_TWIN.values():
        for _ in range(times):
            if len(picked) > 1:
                variant, twin = picked.pop(), picked.pop()
                _rename(products, variant, rewrite(twin.sku))
