"""The words from which product names, categories, brands and stores are made."""

from dataclasses import dataclass

ADJECTIVES = (
    "Harbour", "Meadow", "Copper", "Linen", "Alpine", "Quarry", "Cedar", "Ivory", "Tidal", "Ember", "Juniper", "Slate",
    "Saffron", "Willow", "Cobalt", "Granite", "Heather", "Marble", "Olive", "Pebble", "Russet", "Thistle", "Umber", "Velvet",
)  # fmt: skip
BRANDS = (
    "Fernhill",
    "Oakline",
    "Brightwater",
    "Nordkap",
    "Café Lumière",
    "Kiln & Co",
    "Sundry",
    "Wayfarer",
    "Tessellate",
)
COLOURS = (
    ("Black", "BLK"), ("White", "WHT"), ("Navy", "NVY"), ("Moss", "MOS"), ("Rust", "RST"), ("Sand", "SND"), ("Rosé", "ROS"),
)  # fmt: skip
CLOTHES = ("XS", "S", "M", "L", "XL", "XXL")
SHOES = ("37", "38", "39", "40", "41", "42", "43", "44")


@dataclass(frozen=True, slots=True)
class Style:
    """A kind of product: what it is called, in which sizes and colours it comes, what it costs (cents) and weighs."""

    code: str
    category: str
    nouns: tuple[str, ...]
    share: float
    cheapest: int
    dearest: int
    weight: int
    sizes: tuple[str, ...] = ()
    colours: int = 0
    kind: str = "physical"


STYLES = (
    Style("TEE", "Clothing", ("Tee", "Shirt", "Jumper", "Jacket"), 0.27, 1200, 15900, 350, CLOTHES, 3),
    Style("SHO", "Shoes", ("Boot", "Sneaker", "Sandal"), 0.1, 3900, 24900, 900, SHOES, 2),
    Style("BAG", "Bags", ("Tote", "Rucksack", "Pouch"), 0.12, 1500, 18900, 600, (), 4),
    Style("HOM", "Home", ("Lamp", "Bowl", "Blanket", "Vase", "Candle"), 0.3, 500, 12900, 1400),
    Style("TOL", "Workshop", ("Chisel", "Clamp", "Square", "Brush"), 0.17, 300, 8900, 400),
    Style("DIG", "Downloads", ("Pattern", "Course", "E-book"), 0.04, 400, 4900, 0, (), 0, "digital"),
)
STORES = ("Fern & Fathom", "Quayside Supply", "Little Kiln", "Northlight Goods", "The Practice Shop", "Été Indien")
