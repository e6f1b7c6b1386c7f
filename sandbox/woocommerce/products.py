"""Products and variations: how they are shown and listed."""

from typing import TYPE_CHECKING, Any

from sandbox.exchange import Response, answer
from sandbox.market.records import Listing
from sandbox.woocommerce import lists
from sandbox.woocommerce.call import Call
from sandbox.woocommerce.dates import both
from sandbox.woocommerce.errors import Refusal

if TYPE_CHECKING:
    from sandbox.woocommerce.shop import WooCommerce

ORDERS_BY = ("date", "id", "include", "title", "slug", "modified", "popularity", "rating", "menu_order", "price")
UNSERVED_ORDERS = frozenset({"include", "slug", "popularity", "rating", "menu_order", "price"})
STATUSES = ("any", "future", "trash", "draft", "pending", "private", "publish")
STOCK = ("instock", "outofstock", "onbackorder")
UNSERVED = (
    *("attribute", "attribute_term", "brand", "category", "featured", "max_price", "min_price", "on_sale"),
    *("parent_exclude", "search", "shipping_class", "slug", "tag", "downloadable", "virtual", "search_sku"),
    *("search_name_or_sku", "search_fields", "exclude_status", "include_status", "exclude_types", "include_types"),
)
PLAIN: dict[str, Any] = {
    **dict.fromkeys(("description", "short_description", "purchase_note", "external_url", "button_text"), ""),
    **dict.fromkeys(("weight", "tax_class", "shipping_class", "sale_price", "post_password", "global_unique_id"), ""),
    **dict.fromkeys(("featured", "virtual", "downloadable", "on_sale", "sold_individually"), False),
    **{key: [] for key in ("downloads", "categories", "tags", "brands", "images", "attributes", "default_attributes")},
    **{key: [] for key in ("grouped_products", "upsell_ids", "cross_sell_ids", "related_ids", "meta_data")},
    **dict.fromkeys(("date_on_sale_from", "date_on_sale_to", "low_stock_amount"), None),
    **dict.fromkeys(("date_on_sale_from_gmt", "date_on_sale_to_gmt"), None),
    "catalog_visibility": "visible",
    "dimensions": {"length": "", "width": "", "height": ""},
    "download_limit": -1,
    "download_expiry": -1,
    "purchasable": True,
    "shipping_required": True,
    "shipping_taxable": True,
    "shipping_class_id": 0,
    "tax_status": "taxable",
    "reviews_allowed": True,
    "average_rating": "0.00",
    "rating_count": 0,
    "menu_order": 0,
    "total_sales": 0,
}
OF_PRODUCTS_ONLY = frozenset({
    *("short_description", "purchase_note", "external_url", "button_text", "post_password", "featured", "brands"),
    *("sold_individually", "categories", "tags", "images", "default_attributes", "grouped_products", "upsell_ids"),
    *("cross_sell_ids", "related_ids", "catalog_visibility", "shipping_required", "shipping_taxable", "average_rating"),
    *("reviews_allowed", "rating_count", "total_sales"),
})  # fmt: skip


SINCE_8 = frozenset({"brands", "global_unique_id", "post_password"})
"""Fields that a shop of version 7.9.0 does not have, nor the name of a variation below its product."""


def is_variation(listing: Listing) -> bool:
    """Whether a listing is one of several variations of a product."""
    return listing.product_id != listing.id


def manages(listing: Listing) -> bool | str:
    """`manage_stock`: of a variation that shares the number of its parent it is a word."""
    return "parent" if listing.counts_with is not None else listing.tracked


def stock_of(shop: "WooCommerce", listing: Listing) -> dict[str, Any]:
    """What a product says of its stock."""
    counted = shop.state.counted(listing)
    backorders = (counted or listing).own["backorders"]
    quantity = None if counted is None else counted.cells[1].number
    status = listing.own["stock_status"]
    if quantity is not None:
        status = "instock" if quantity > 0 else "outofstock" if backorders == "no" else "onbackorder"
    return {
        "manage_stock": manages(listing),
        "stock_quantity": quantity,
        "backorders": backorders,
        "backorders_allowed": backorders != "no",
        "backordered": status == "onbackorder",
        "stock_status": status,
    }


def _dates(shop: "WooCommerce", listing: Listing) -> dict[str, Any]:
    created = both("date_created", listing.created, shop.zone)
    return {**created, **both("date_modified", listing.modified, shop.zone)}


def show(shop: "WooCommerce", listing: Listing) -> dict[str, Any]:
    """A product, or a variation as `/products/{id}` shows it."""
    price, variation = f"{listing.price / 100:.2f}", is_variation(listing)
    slug = f"product-{listing.id}"
    kinds = {True: "variation", False: "simple" if listing.sold else "variable"}
    plain = PLAIN
    if shop.switches["version"] == "7.9.0":
        plain = {name: value for name, value in PLAIN.items() if name not in SINCE_8}
    return {
        **plain,
        "id": listing.id,
        "name": listing.title,
        "slug": slug,
        "permalink": f"{shop.home}/product/{slug}/",
        **_dates(shop, listing),
        "type": kinds[variation],
        "status": listing.own["status"],
        "sku": listing.sku,
        "price": price,
        "regular_price": price if listing.sold else "",
        "price_html": f"<span>{price}</span>",
        "parent_id": listing.product_id if variation else 0,
        "variations": [] if listing.sold else [one.id for one in shop.variations(listing.id)],
        "has_options": not listing.sold,
        **stock_of(shop, listing),
    }


def show_variation(shop: "WooCommerce", listing: Listing) -> dict[str, Any]:
    """A variation below its product."""
    whole = show(shop, listing)
    beyond = {*OF_PRODUCTS_ONLY, "slug", "price_html", "variations", "has_options"}
    if shop.switches["version"] == "7.9.0":
        beyond |= {"name", "type", "parent_id"}
    return {**{name: value for name, value in whole.items() if name not in beyond}, "image": None}


def _order(call: Call, params: lists.Params) -> lists.Order:
    by = lists.chosen(params, "orderby", "date", ORDERS_BY)
    lists.refuse_unserved(dict.fromkeys([by]), UNSERVED_ORDERS)
    keys = {
        "date": lambda one: one.created,
        "id": lambda one: one.id,
        "title": lambda one: one.title,
        "modified": lambda one: one.modified,
    }
    descending = lists.chosen(params, "order", "desc", ("asc", "desc")) == "desc"
    return lists.Order(keys[by], descending, None if by == "id" else call.shop.chance)


def _filtered(call: Call, rows: list[Listing]) -> list[Listing]:
    """The rows that every filter lets through, in order."""
    params = call.params
    lists.refuse_unserved(params, UNSERVED)
    status = lists.chosen(params, "status", "any", STATUSES)
    stock = lists.chosen(params, "stock_status", "", ("", *STOCK))
    kind = lists.chosen(params, "type", "", ("", "simple", "grouped", "external", "variable"))
    include, exclude = lists.ids(params, "include"), lists.ids(params, "exclude") or set()
    parents = lists.ids(params, "parent")
    within = lists.by_dates(params, call.shop.zone)

    def stays(one: Listing) -> bool:
        return (
            (one.own["status"] == status if status != "any" else one.own["status"] != "trash")
            and (include is None or one.id in include)
            and one.id not in exclude
            and (parents is None or (is_variation(one) and one.product_id in parents))
            and (not kind or ("simple" if one.sold else "variable") == kind)
            and (not stock or stock_of(call.shop, one)["stock_status"] == stock)
            and within(one.created, one.modified)
        )

    return _order(call, params).sort([one for one in rows if stays(one)])


def list_products(call: Call) -> Response:
    """`GET /products`: variations only when asked for by SKU."""
    skus = [sku.strip() for sku in call.params.get("sku", "").split(",") if sku.strip()]
    every = list(call.state.listings.values())
    rows = [one for one in every if one.sku in skus] if skus else [one for one in every if not is_variation(one)]
    return lists.page(call.params, call.url, _filtered(call, rows), lambda one: show(call.shop, one))


def list_variations(call: Call, product_id: int) -> Response:
    """`GET /products/{id}/variations`."""
    find_product(call, product_id, 404)
    return _page_of_variations(call, call.shop.variations(product_id))


def list_all_variations(call: Call) -> Response:
    """`GET /variations`, since 10.3.0."""
    return _page_of_variations(call, [one for one in call.state.listings.values() if is_variation(one)])


def _page_of_variations(call: Call, rows: list[Listing]) -> Response:
    skus = [sku.strip() for sku in call.params.get("sku", "").split(",") if sku.strip()]
    rows = [one for one in rows if not skus or one.sku in skus]
    return lists.page(call.params, call.url, _filtered(call, rows), lambda one: show_variation(call.shop, one))


def find_product(call: Call, product_id: int, status: int) -> Listing:
    """A product or variation by id; one that there is not is refused with a status, as reads and writes differ."""
    found = call.state.listings.get(product_id)
    if found is None:
        raise Refusal(status, "woocommerce_rest_product_invalid_id", "Invalid ID.")
    return found


def find_variation(call: Call, product_id: int, variation_id: int, status: int) -> Listing:
    """A variation of a product by id."""
    find_product(call, product_id, status)
    found = call.state.listings.get(variation_id)
    if found is None or found.product_id != product_id or not is_variation(found):
        raise Refusal(status, "woocommerce_rest_product_variation_invalid_id", "Invalid ID.")
    return found


def get_product(call: Call, product_id: int) -> Response:
    """`GET /products/{id}`."""
    return answer(lists.pick(call.params, show(call.shop, find_product(call, product_id, 404))))


def get_variation(call: Call, product_id: int, variation_id: int) -> Response:
    """`GET /products/{id}/variations/{id}`."""
    found = find_variation(call, product_id, variation_id, 404)
    return answer(lists.pick(call.params, show_variation(call.shop, found)))
