"""Products and variants as the catalogue shows them."""

from typing import Any

from sandbox.records import DEFAULT_LOCATION, Item, Product, Variant
from sandbox.state import State
from sandbox.table import View
from sandbox.times import iso_offset

EMPTY_PRODUCT: dict[str, Any] = {
    "width": 0,
    "depth": 0,
    "height": 0,
    "retail_price": 0,
    "sale_price": 0,
    "map_price": 0,
    "tax_class_id": 0,
    "product_tax_code": "",
    "option_set_display": "right",
    "reviews_rating_sum": 0,
    "reviews_count": 0,
    "fixed_cost_shipping_price": 0,
    "is_free_shipping": False,
    "is_featured": False,
    "related_products": [-1],
    "warranty": "",
    "bin_picking_number": "",
    "layout_file": "product.html",
    "upc": "",
    "mpn": "",
    "gtin": "",
    "date_last_imported": "",
    "search_keywords": "",
    "gift_wrapping_options_type": "any",
    "gift_wrapping_options_list": [],
    "sort_order": 0,
    "condition": "New",
    "is_condition_shown": False,
    "order_quantity_minimum": 0,
    "order_quantity_maximum": 0,
    "page_title": "",
    "meta_keywords": [],
    "meta_description": "",
    "view_count": 0,
    "price_hidden_label": "",
    "open_graph_type": "product",
    "open_graph_title": "",
    "open_graph_description": "",
    "open_graph_use_meta_description": True,
    "open_graph_use_product_name": True,
    "open_graph_use_image": True,
}
EMPTY_VARIANT: dict[str, Any] = {
    "sale_price": None,
    "retail_price": None,
    "weight": None,
    "width": None,
    "height": None,
    "depth": None,
    "is_free_shipping": False,
    "fixed_cost_shipping_price": None,
    "image_url": "",
    "mpn": "",
    "gtin": "",
}
LISTS = ("images", "videos", "custom_fields", "bulk_pricing_rules", "modifiers", "parent_relations", "reviews")


def level_of(state: State, item: Item | None) -> int:
    """The catalogue's stock figure of an item: of the default location, or what all locations can sell."""
    if item is None:
        return 0
    if state.switches.catalog_level == "default_location":
        cell = item.cells.get(DEFAULT_LOCATION)
        return cell.shown if cell else 0
    return sum(max(cell.shown - cell.safety, 0) for cell in item.cells.values())


def product_level(state: State, product: Product, items: View[Item] | None = None) -> int:
    """The catalogue's stock figure of a product: its own, or the sum of its variants."""
    get = items.get if items else state.items.get
    if product.tracking == "none":
        return 0
    ids = product.variant_ids[:1] if product.tracking == "product" else product.variant_ids
    return sum(level_of(state, get(item_id)) for item_id in ids)


def availability_of(state: State, product: Product) -> str:
    """Whether a product can be bought; a pre-order that is nothing more ends by itself on its day."""
    over = product.preorder_only and 0 < product.preorder_until <= state.clock.now()
    return "available" if product.availability == "preorder" and over else product.availability


class CatalogueRows:
    """Renders the rows of one answer; counts as a read of what it shows."""

    def __init__(self, state: State, include: frozenset[str]) -> None:
        self._state = state
        self._include = include
        self._items = state.items.read()
        self._variants = state.variants.read()

    def product(self, product: Product) -> dict[str, Any]:
        """One product."""
        price = product.price / 100
        availability = availability_of(self._state, product)
        preorder = availability == "preorder" and product.preorder_until > 0
        row = {
            "id": product.id,
            "name": product.name,
            "type": product.kind,
            "sku": product.sku,
            "description": f"<p>{product.name}, made to last. It keeps its colour.</p>",
            "weight": product.weight / 1000,
            "price": price,
            "cost_price": product.cost / 100,
            "calculated_price": price,
            "categories": product.categories,
            "brand_id": product.brand_id,
            "inventory_level": product_level(self._state, product, self._items),
            "inventory_tracking": product.tracking,
            "total_sold": product.total_sold,
            "is_visible": product.visible,
            "inventory_warning_level": product.warning,
            "availability": availability,
            "availability_description": product.availability_text,
            "preorder_message": product.preorder_message,
            "is_preorder_only": product.preorder_only,
            "is_price_hidden": product.price_hidden,
            "preorder_release_date": iso_offset(product.preorder_until) if preorder else None,
            "date_created": iso_offset(product.created),
            "date_modified": iso_offset(product.modified),
            "base_variant_id": None if product.has_options else product.variant_ids[0],
            "option_set_id": product.id + 1000 if product.has_options else None,
            "custom_url": {"url": f"/product-{product.id}/", "is_customized": False},
            **EMPTY_PRODUCT,
        }
        if self._include:
            self._add_included(row, product)
        return row

    def _add_included(self, row: dict[str, Any], product: Product) -> None:
        include = self._include
        if "variants" in include:
            found = self._variants.rows(product.variant_ids)
            row["variants"] = [self.variant(variant, product) for variant in found]
        if "options" in include:
            row["options"] = self._options(product)
        if "channels" in include:
            row["channels"] = [1]
        for name in LISTS:
            if name in include:
                row[name] = []

    def _options(self, product: Product) -> list[dict[str, Any]]:
        found: dict[int, dict[str, Any]] = {}
        for variant in self._variants.rows(product.variant_ids):
            for option in variant.options:
                shown = found.setdefault(
                    option.option_id, self._option(product, option.option_id, option.name, len(found))
                )
                value = {"id": option.value_id, "label": option.label, "sort_order": 0, "value_data": None}
                value["is_default"] = False
                if value not in shown["option_values"]:
                    shown["option_values"].append(value)
        return list(found.values())

    @staticmethod
    def _option(product: Product, option_id: int, name: str, position: int) -> dict[str, Any]:
        return {
            "id": option_id,
            "product_id": product.id,
            "display_name": name,
            "type": "rectangles",
            "sort_order": position,
            "config": {},
            "option_values": [],
        }

    def variant(self, variant: Variant, product: Product) -> dict[str, Any]:
        """One variant; a null price means the product's, and so does its cost, always."""
        price = product.price if variant.price is None else variant.price
        tracked = product.tracking == "variant"
        return {
            "id": variant.id,
            "product_id": variant.product_id,
            "sku": variant.sku,
            "sku_id": variant.sku_id,
            "price": None if variant.price is None else price / 100,
            "calculated_price": price / 100,
            "cost_price": None,
            "calculated_weight": product.weight / 1000,
            "upc": variant.upc,
            "purchasing_disabled": variant.disabled,
            "purchasing_disabled_message": variant.disabled_message,
            "inventory_warning_level": variant.warning,
            "bin_picking_number": variant.bin,
            "inventory_level": level_of(self._state, self._items.get(variant.id)) if tracked else 0,
            "option_values": [
                {"id": o.value_id, "label": o.label, "option_id": o.option_id, "option_display_name": o.name}
                for o in variant.options
            ],
            **EMPTY_VARIANT,
        }
