"""What is sold and where: channels, their catalogues, our items and the listings that point to them."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from fillrate.db.tables.columns import Json, Model, key, money, ours, ref, when


class Channel(Model, table=True):
    """One place where the merchant sells; `identity` is what the shop calls itself and must never change.

    Where it does not hold stock (`holds_stock`), its numbers only show what lies at the locations of channels that do.
    """

    id: int | None = key()
    name: str = Field(unique=True)
    kind: str
    identity: str = ""
    holds_stock: bool = ours(True)


class Swept(Model):
    """Columns of everything that a complete sweep of a shop may find to be gone."""

    missing_sweeps: int = 0
    deleted_at: datetime | None = when(null=True)


class Compared(Swept):
    """Columns of everything that is compared as a whole with what the shop sends."""

    content_hash: str


class Brand(Compared, table=True):
    """A maker's name."""

    __table_args__ = (UniqueConstraint("channel_id", "platform_id"),)
    id: int | None = key()
    channel_id: int = ref("channel.id")
    platform_id: str
    name: str


class Category(Compared, table=True):
    """A place in a shop's catalogue tree; `parent_platform_id` is "" at the root."""

    __table_args__ = (UniqueConstraint("channel_id", "platform_id"),)
    id: int | None = key()
    channel_id: int = ref("channel.id")
    platform_id: str
    parent_platform_id: str
    name: str
    is_visible: bool


class Product(Compared, table=True):
    """A product as one channel shows it; `tracking` says whose number that shop counts (none, product, variant)."""

    __table_args__ = (UniqueConstraint("channel_id", "platform_id"),)
    id: int | None = key()
    channel_id: int = ref("channel.id")
    platform_id: str
    name: str
    sku: str
    is_digital: bool
    tracking: str
    is_visible: bool
    availability: str
    availability_text: str
    preorder_message: str
    preorder_release_at: datetime | None = when(null=True)
    price_e4: int = money()
    cost_e4: int | None = Field(default=None, sa_type=BigInteger)
    brand_platform_id: str
    category_platform_ids: list[str] = Field(sa_type=Json)
    created_at: datetime = when()
    modified_at: datetime = when()


class Item(Model, table=True):
    """What lies on a shelf, ours whatever the shops call it.

    `origin` names the listing it came from (`main:77/145`, or `main:77` when the shop counts by product) and never
    changes; the SKU is an attribute and `sku_key` its comparable form. `is_tracked` False means that nothing is counted.
    """

    __table_args__ = (Index("ix_item_sku_key", "sku_key"),)
    id: int | None = key()
    origin: str = Field(unique=True)
    sku: str
    sku_key: str
    name: str
    is_tracked: bool
    discontinued_at: datetime | None = when(null=True)


class Listing(Swept, table=True):
    """A variant as one channel sells it; points to the item whose stock it draws on.

    `own_item_id` is the item that came with it, which it points to unless it was matched to another channel's; `match`
    says how it was matched, or why not (`fillrate.decide.matching`).
    """

    __table_args__ = (
        UniqueConstraint("channel_id", "product_platform_id", "variant_platform_id", "pack"),
        Index("ix_listing_variant", "channel_id", "variant_platform_id"),
        Index("ix_listing_sku_key", "sku_key"),
    )
    id: int | None = key()
    channel_id: int = ref("channel.id")
    product_id: int = ref("product.id", index=True)
    product_platform_id: str
    variant_platform_id: str
    pack: int = 1
    item_id: int = ref("item.id", index=True)
    own_item_id: int = ref("item.id", index=True)
    match: str = ours("own")
    sku: str
    sku_key: str
    price_e4: int | None = Field(default=None, sa_type=BigInteger)
    cost_e4: int | None = Field(default=None, sa_type=BigInteger)
    is_purchasable: bool
    options: str


class ListingWord(Model, table=True):
    """A person's word on what a listing sells: `per` units of the goods with this SKU; from the newest file of listings.

    `product_platform_id` and `variant_platform_id` name it as its channel does, or its own SKU does (`listing_key`).
    """

    __tablename__ = "listing_word"
    __table_args__ = (CheckConstraint("per > 0", name="ck_listing_word_per"),)
    channel_id: int = ref("channel.id", primary=True)
    product_platform_id: str = Field(primary_key=True)
    variant_platform_id: str = Field(primary_key=True)
    listing_key: str = Field(primary_key=True)
    sku: str
    sku_key: str
    per: int


class Customer(Compared, table=True):
    """A registered customer of one channel; personal data."""

    __table_args__ = (UniqueConstraint("channel_id", "platform_id"),)
    id: int | None = key()
    channel_id: int = ref("channel.id")
    platform_id: str
    email: str
    first_name: str
    last_name: str
    company: str
    phone: str
    group_platform_id: str
    created_at: datetime = when()
    modified_at: datetime = when()


class ChannelSettings(Model, table=True):
    """When a channel's own events move its numbers, by source of the order, as last read."""

    __tablename__ = "channel_settings"
    channel_id: int = ref("channel.id", primary=True)
    stock: dict[str, Any] = Field(sa_type=Json)  # Any: JSON of records.StockSettings by source
