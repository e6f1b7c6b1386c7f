"""The catalogue: categories, brands, and products in sizes and colours with their variants."""

from dataclasses import dataclass, field
from random import Random

import numpy as np

from sandbox.clock import DAY
from sandbox.generate.words import ADJECTIVES, BRANDS, COLOURS, STYLES, Style
from sandbox.records import Brand, Category, Option, Product, Variant

FIRST_PRODUCT, FIRST_VARIANT = 77, 101


@dataclass(slots=True)
class Catalogue:
    """What the store sells."""

    categories: list[Category] = field(default_factory=list)
    brands: list[Brand] = field(default_factory=list)
    products: list[Product] = field(default_factory=list)
    variants: list[Variant] = field(default_factory=list)


def make_categories(products: int) -> list[Category]:
    """One top category a style, with ranges below it and sometimes a third level."""
    tops = [Category(23 + n, 0, style.category, 0) for n, style in enumerate(STYLES)]
    ranges = min(max(products // 60, 1), 1500)
    below: list[Category] = []
    for n in range(ranges * len(STYLES)):
        top = tops[n % len(tops)]
        word = ADJECTIVES[n // len(tops) % len(ADJECTIVES)]
        parent, depth = (top.id, 1) if n < 2 * len(tops) else (below[n - 2 * len(tops)].id, 2)
        depth = below[n - 2 * len(tops)].depth + 1 if depth == 2 else depth
        if depth > 6:
            parent, depth = top.id, 1
        below.append(Category(40 + n, parent, f"{top.name} {word} {n}", depth))
    return tops + below


def make_brands(products: int) -> list[Brand]:
    """A brand for every forty products or so."""
    count = min(max(products // 40, 3), 3000)
    return [
        Brand(35 + n, BRANDS[n % len(BRANDS)] if n < len(BRANDS) else f"{BRANDS[n % len(BRANDS)]} {n}")
        for n in range(count)
    ]


def tracking_of(style: Style, has_options: bool, draw: float) -> str:
    """How the stock of a product is counted, if at all."""
    if style.kind == "digital" or draw < 0.06:
        return "none"
    if has_options:
        return "product" if draw > 0.96 else "variant"
    return "variant" if draw > 0.9 else "product"


def combinations(style: Style, product_id: int, chance: Random) -> list[tuple[Option, ...]]:
    """The sizes and colours in which one product comes; a single empty combination when it has no options."""
    sizes = style.sizes
    if sizes:
        start = chance.randrange(len(sizes) - 2)
        sizes = sizes[start : start + chance.randint(2, 5)]
    colours = chance.sample(COLOURS, chance.randint(1, style.colours)) if style.colours else []
    in_size = [Option("Size", size, product_id * 2, product_id * 100 + n) for n, size in enumerate(sizes)]
    in_colour = [
        Option("Colour", colour, product_id * 2 + 1, product_id * 100 + 50 + n) for n, (colour, _) in enumerate(colours)
    ]
    if in_size and in_colour:
        return [(colour, size) for colour in in_colour for size in in_size]
    return [(option,) for option in in_size or in_colour] or [()]


CODES = dict(COLOURS)


def make_variants(product: Product, options: list[tuple[Option, ...]], first_id: int) -> list[Variant]:
    """The variants of one product; a product without options has its base variant only."""
    variants = []
    for n, chosen in enumerate(options):
        ending = "".join(f"-{CODES.get(option.label, option.label)}" for option in chosen)
        price = product.price + 500 if chosen and n % 7 == 6 else None
        sku_id = first_id + n + 900 if chosen else None
        upc = f"{(first_id + n) % 10**12:012d}"
        found = Variant(first_id + n, product.id, product.sku + ending, sku_id, price, upc, chosen, product.modified)
        variants.append(found)
    return variants


def make_catalogue(count: int, days: int, seed: int, opened: int) -> Catalogue:
    """A catalogue of so many products; ids rise with the time of creation, and the first is older than any order."""
    numbers = np.random.default_rng([seed, 1])
    chance = Random(f"{seed}:catalogue")
    made = Catalogue(make_categories(count), make_brands(count))
    styles = numbers.choice(len(STYLES), count, p=[style.share for style in STYLES]).tolist()
    ages = np.sort(numbers.integers(DAY, 1100 * DAY, count))[::-1].tolist()
    ages[:1] = [max(age, (days + 30) * DAY) for age in ages[:1]]
    touched = numbers.exponential(60 * DAY, count).tolist()
    prices, draws = numbers.random(count).tolist(), numbers.random(count).tolist()
    next_variant = FIRST_VARIANT
    ranges = [[c.id for c in made.categories if c.name.startswith(style.category)] for style in STYLES]
    for n in range(count):
        style, product_id = STYLES[styles[n]], FIRST_PRODUCT + n
        options = combinations(style, product_id, chance)
        price = style.cheapest + int((style.dearest - style.cheapest) * prices[n] ** 2) // 10 * 10 + 9
        created = opened - ages[n]
        product = Product(
            id=product_id,
            name=f"{ADJECTIVES[n % len(ADJECTIVES)]} {chance.choice(style.nouns)} No. {n + 1}",
            sku=f"{style.code}-{n + 1:05d}",
            price=price,
            cost=price * 45 // 100,
            weight=style.weight,
            brand_id=made.brands[n * 7 % len(made.brands)].id if draws[n] < 0.92 else 0,
            categories=(ranges[styles[n]][0], chance.choice(ranges[styles[n]])),
            variant_ids=tuple(range(next_variant, next_variant + len(options))),
            tracking=tracking_of(style, options != [()], draws[n]),
            created=created,
            modified=max(created, opened - int(touched[n]) - 60),
            kind=style.kind,
            has_options=options != [()],
        )
        next_variant += len(options)
        if 0.5 < draws[n] < 0.52:
            product.availability, product.preorder_until = "preorder", opened + chance.randint(5, 60) * DAY
        product.visible = draws[n] < 0.97
        made.products.append(product)
        made.variants += make_variants(product, options, product.variant_ids[0])
    return made
