"""The catalogue behind the order lines: one product for each stock code, exactly as written.

Codes that differ in case only are two products, as the file has them. What is no goods becomes what a shopkeeper would
make of it:

* postage, carriage and samples travel with the parcel but nobody counts them: products without tracking
* manual entries, discounts, fees, commissions and bad debts are typed into an order by staff: custom lines, no product
* gift vouchers are mailed: digital products
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from sandbox.generate.catalogue import FIRST_PRODUCT, FIRST_VARIANT, Catalogue
from sandbox.generate.from_csv.rows import Row
from sandbox.records import Category, Product, Variant

BY_HAND = frozenset({"", "M", "D", "B", "BANK CHARGES", "AMAZONFEE", "CRUK"})
NOT_COUNTED = frozenset({"POST", "DOT", "C2", "S"})
VOUCHER = "GIFT_"
CATEGORY = Category(23, 0, "Gifts", 0)
LONGEST_NAME = 200


@dataclass(slots=True)
class Seen:
    """What the rows say about one code."""

    first: int
    units: int = 0
    names: Counter[str] = field(default_factory=Counter)
    prices: Counter[int] = field(default_factory=Counter)


def is_by_hand(code: str) -> bool:
    """Whether staff type such a line in, without a product."""
    return code.upper() in BY_HAND


def look_at(rows: Iterable[Row]) -> dict[str, Seen]:
    """What the rows say about each code that is a product."""
    seen: dict[str, Seen] = {}
    for row in rows:
        found = seen.get(row.code)
        if found is None:
            if is_by_hand(row.code):
                continue
            found = seen[row.code] = Seen(row.when)
        found.first = min(found.first, row.when)
        found.units += row.units
        found.names[row.description] += 1
        found.prices[row.price] += 1
    return seen


def _name(code: str, seen: Seen, taken: set[str]) -> str:
    """The most frequent description with all its dirt; only blanks around it go, and a name is there once in a shop."""
    names: Counter[str] = Counter()
    for text, times in seen.names.items():
        names[text.strip()[:LONGEST_NAME]] += times
    del names[""]
    name = names.most_common(1)[0][0] if names else code
    while name.casefold() in taken:
        name = f"{name} ({code})"
    taken.add(name.casefold())
    return name


def make_goods(seen: dict[str, Seen]) -> Catalogue:
    """Products in the order in which they were first sold, each with its base variant."""
    made, taken = Catalogue(categories=[CATEGORY]), set[str]()
    oldest_first = sorted(seen, key=lambda code: seen[code].first)
    for n, code in enumerate(oldest_first):
        product = _product(n, code, seen[code], _name(code, seen[code], taken))
        made.products.append(product)
        (variant_id,) = product.variant_ids
        upc = f"{variant_id:012d}"
        made.variants.append(Variant(variant_id, product.id, code, None, None, upc, modified=product.modified))
    return made


def _product(n: int, code: str, seen: Seen, name: str) -> Product:
    price = (seen.prices.most_common(1)[0][0] + 50) // 100
    digital = code.upper().startswith(VOUCHER)
    return Product(
        id=FIRST_PRODUCT + n,
        name=name,
        sku=code,
        price=price,
        cost=price * 45 // 100,
        weight=300,
        brand_id=0,
        categories=(CATEGORY.id,),
        variant_ids=(FIRST_VARIANT + n,),
        tracking="none" if digital or code.upper() in NOT_COUNTED else "product",
        created=seen.first,
        modified=seen.first,
        kind="digital" if digital else "physical",
        total_sold=seen.units,
    )
