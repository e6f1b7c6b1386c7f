"""Stock at every location, the locations themselves, and when the shop's own events move its numbers."""

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec
from msgspec import json, structs

from fillrate.channels.bigcommerce import endpoints
from fillrate.channels.bigcommerce.pages import Batch, Pages
from fillrate.channels.bigcommerce.walks import by_page
from fillrate.channels.chunks import chunks
from fillrate.channels.fields import Count, Id, Level, Link, identifier, link, text
from fillrate.channels.parsing import build_all, digest
from fillrate.channels.protocol import Ask, Page
from fillrate.errors import SkipRecord
from fillrate.gateway.http import Http, Params
from fillrate.gateway.strict_json import decode
from fillrate.records import Location, Reject, StockItem, StockLevel, StockSettings

PAGE = 1_000
IDS_AT_ONCE = 200  # keeps the address short


class LocationRow(msgspec.Struct):
    """A location, as sent."""

    id: Id
    code: str
    label: str
    enabled: bool
    is_default: bool | None = None


class Identity(msgspec.Struct):
    """What an item is; `variant_id` is missing where stock is counted by product."""

    product_id: Id
    variant_id: Link | None = None
    sku: str | None = None


class LevelSettings(msgspec.Struct):
    """A location's settings of an item; the limit is there only in shops with native backorders."""

    safety_stock: Count | None
    backorder_limit: Count | None = None


class LevelRow(msgspec.Struct):
    """An item's numbers at one location, as sent; on hand is the physical count, before safety stock."""

    location_id: Id
    total_inventory_onhand: Level
    settings: LevelSettings
    qty_backordered: Count | None = None


class ItemRow(msgspec.Struct):
    """An item at all its locations, as sent."""

    identity: Identity
    locations: list[LevelRow]

    @property
    def id(self) -> int:
        """What tells items apart: the variant's id; where stock is counted by product, the product's, as a negative number."""
        return self.identity.variant_id or -self.identity.product_id


class SettingsRow(msgspec.Struct):
    """The shop's inventory settings, as far as they move stock."""

    update_stock_behavior: Literal["order_placed", "order_completed_or_shipped"]
    edit_order_stock_adjustment: bool
    refund_order_stock_adjustment: bool


class OwnSettingsRow(msgspec.Struct):
    """A sales channel's own settings; what is null is as in the whole shop."""

    update_stock_behavior: Literal["order_placed", "order_completed_or_shipped"] | None
    edit_order_stock_adjustment: bool | None
    refund_order_stock_adjustment: bool | None


class SettingsBody(msgspec.Struct):
    """How the settings are sent."""

    data: SettingsRow


class OwnSettingsBody(msgspec.Struct):
    """How a sales channel's are sent."""

    data: OwnSettingsRow


LOCATIONS = Pages(endpoints.LOCATIONS, LocationRow)
STOCK = Pages(endpoints.STOCK, ItemRow, id_path=("identity", "variant_id"))
SETTINGS = msgspec.json.Decoder(SettingsBody)
OWN_SETTINGS = msgspec.json.Decoder(OwnSettingsBody)
BY_STAFF = frozenset(
    {"manual", "external"}
)  # orders made in the control panel or through the API go by the whole shop's


def read_locations(http: Http, ask: Ask) -> Iterator[Page[Location]]:
    """Yield every location."""
    for batch, token in by_page(http, LOCATIONS, {"limit": PAGE}, ask.after):
        records, bad = build_all(batch.rows, location)
        yield Page(records=tuple(records), rejects=(*batch.rejects, *bad), next=token)


def read_stock(http: Http, ask: Ask) -> Iterator[Page[StockItem]]:
    """Yield the stock of every variant, or of those asked for by variant id."""
    if ask.ids is None:
        for batch, token in by_page(http, STOCK, {"limit": PAGE}, ask.after):
            yield stock_page(batch, token)
        return
    for asked, token in chunks(ask.ids, IDS_AT_ONCE, int(ask.after or 0)):
        params: Params = {"variant_id:in": ",".join(asked), "limit": PAGE}
        answers = [variants_only(batch) for batch, _ in by_page(http, STOCK, params, None)]
        yield stock_page(Batch.joined(answers, asked, endpoints.STOCK.label), token)


def variants_only(batch: Batch[ItemRow]) -> Batch[ItemRow]:
    """Reject what does not say which variant it is, where variants were asked for."""
    told = [
        Reject(
            platform_id="",
            reason=f"variant_id is missing in the identity of product {row.identity.product_id}",
            payload_hash=digest(json.encode(row)),
        )
        for row in batch.rows
        if not row.identity.variant_id
    ]
    return Batch([row for row in batch.rows if row.identity.variant_id], [*batch.rejects, *told], batch.meta)


def stock_page(batch: Batch[ItemRow], token: str | None) -> Page[StockItem]:
    """Return a page of records from a page of rows."""
    records, bad = build_all(batch.rows, stock_item)
    return Page(records=tuple(records), rejects=(*batch.rejects, *bad), next=token)


def stock_settings(http: Http, sources: Sequence[str]) -> dict[str, StockSettings]:
    """Return when orders, edits and cancellations move this shop's numbers, for orders of each source.

    A source is a sales channel with what made the order in it, as in `Order.source_channel`.
    """
    whole = http.get(endpoints.STOCK_SETTINGS, {}, lambda body: decode(body, SETTINGS)).needed().data
    channels = {source: sales_channel(source) for source in sources}
    own = {one: own_settings(http, one, whole) for one in sorted(set(channels.values())) if one}
    return {source: meaning_of(own.get(one, whole)) for source, one in channels.items()}


def sales_channel(source: str) -> str:
    """Return the sales channel whose own settings hold for orders of a source, "" where the whole shop's do."""
    channel, _, made_by = source.partition(":")
    return "" if made_by in BY_STAFF or channel in {"", "0"} else channel


def own_settings(http: Http, channel: str, whole: SettingsRow) -> SettingsRow:
    """Return the settings of one sales channel, what it leaves open filled in."""
    params: Params = {"channel_id": channel}
    told = http.get(endpoints.STOCK_SETTINGS, params, lambda body: decode(body, OWN_SETTINGS)).needed().data
    given = {name: value for name, value in structs.asdict(told).items() if value is not None}
    return structs.replace(whole, **given)


def meaning_of(row: SettingsRow) -> StockSettings:
    """Return settings in our own words."""
    return StockSettings(
        deducts_at="order" if row.update_stock_behavior == "order_placed" else "shipping",
        edits_move_stock=row.edit_order_stock_adjustment,
        cancel_restocks=row.refund_order_stock_adjustment,
    )


def location(row: LocationRow) -> Location:
    """Return a location; the first one is the default where the shop does not say which is."""
    return Location(
        platform_id=str(row.id),
        code=identifier(row.code, "code"),
        name=text(row.label),
        is_enabled=row.enabled,
        is_default=row.id == 1 if row.is_default is None else row.is_default,
    )


def stock_item(row: ItemRow) -> StockItem:
    """Return an item with its levels; a location told twice would make the number a guess, and none tells nothing."""
    if not row.locations:
        raise SkipRecord("locations is empty", path="locations")
    if len({one.location_id for one in row.locations}) != len(row.locations):
        raise SkipRecord("locations: one is listed twice", path="locations")
    return StockItem(platform_id=str(abs(row.id)), levels=tuple(level(row.identity, one) for one in row.locations))


def level(identity: Identity, row: LevelRow) -> StockLevel:
    """Return one location's numbers."""
    product, variant = str(identity.product_id), link(identity.variant_id)
    goods = f"{product}/{variant}" if variant else product
    return StockLevel(
        product_platform_id=product,
        variant_platform_id=variant,
        sku=identifier(identity.sku, "sku"),
        location_platform_id=str(row.location_id),
        target=f"{goods}@{row.location_id}",
        product_target=f"{product}@{row.location_id}",
        shown=row.total_inventory_onhand,
        safety_stock=row.settings.safety_stock or 0,
        backordered=row.qty_backordered,
        backorder_limit=row.settings.backorder_limit,
    )
