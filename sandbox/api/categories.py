"""Categories, in the legacy shape and as trees, and brands. None of them can be asked for what changed since."""

from typing import Any
from uuid import UUID

from sandbox.api.call import Call
from sandbox.api.filters import RANGE, Field, Listing, as_bool, find_sorted, pick, read_listing
from sandbox.api.paging import choose_fields, paged
from sandbox.errors import not_found
from sandbox.exchange import Response, answer
from sandbox.records import Brand, Category
from sandbox.state import State

TREE_ID = 1
EMPTY_CATEGORY: dict[str, Any] = {
    "description": "",
    "views": 0,
    "page_title": "",
    "meta_keywords": [""],
    "meta_description": "",
    "layout_file": "category.html",
    "image_url": "",
    "is_visible": True,
    "search_keywords": "",
    "default_product_sort": "use_store_settings",
}
LIKE = frozenset({"", "like"})
BOTH = frozenset({"in", "not_in"})
COMMON = {
    "name": Field(lambda _, c: c.name, str, LIKE),
    "page_title": Field(lambda _, __: "", str, LIKE),
    "keyword": Field(lambda _, c: c.name),
    "is_visible": Field(lambda _, __: True, as_bool),
}
SORTS = {
    "name": lambda _, c: c.name,
    "parent_id": lambda _, c: (c.parent_id, c.id),
    "sort_order": lambda _, c: c.id,
}
LEGACY = Listing(fields={**COMMON, "parent_id": Field(lambda _, c: c.parent_id, int, RANGE | BOTH | {""})}, sorts=SORTS)
TREES = Listing(
    fields={
        **COMMON,
        "parent_id": Field(lambda _, c: c.parent_id, int, BOTH),
        "tree_id": Field(lambda _, __: TREE_ID, int, BOTH),
        "category_uuid": Field(lambda _, c: _uuid(c), str, BOTH),
    },
    sorts=SORTS,
    id_name="category_id",
    id_ops=BOTH,
)
TREE = Category(TREE_ID, 0, "Default catalog tree", 0)
FOREST = Listing(fields={"channel_id": Field(lambda _, __: 1, int, frozenset({"in"}))}, id_ops=frozenset({"in"}))
ONE_TREE = Listing(id_ops=frozenset(), controls=frozenset({"depth"}))
BRANDS = Listing(
    fields={
        "name": Field(lambda _, b: b.name, str, LIKE),
        "page_title": Field(lambda _, __: "", str, LIKE),
    },
    sorts={"name": lambda _, b: b.name},
)


def _uuid(category: Category) -> str:
    return str(UUID(int=category.id * 0x1_0000_0001_0000_0001_0000_0001 % 2**128, version=4))


def _path(category: Category) -> str:
    return f"/{category.name.lower().replace(' ', '-')}/"


def legacy_category(category: Category) -> dict[str, Any]:
    """A category as the legacy endpoint shows it."""
    return {
        "id": category.id,
        "parent_id": category.parent_id,
        "name": category.name,
        "sort_order": category.id % 10,
        **EMPTY_CATEGORY,
        "custom_url": {"url": _path(category), "is_customized": False},
    }


def tree_category(category: Category) -> dict[str, Any]:
    """A category as the trees show it."""
    return {
        "category_id": category.id,
        "category_uuid": _uuid(category),
        "tree_id": TREE_ID,
        "parent_id": category.parent_id,
        "name": category.name,
        "sort_order": category.id % 10,
        **EMPTY_CATEGORY,
        "url": {"path": _path(category), "is_customized": False},
    }


def show_brand(brand: Brand) -> dict[str, Any]:
    """A brand."""
    return {
        "id": brand.id,
        "name": brand.name,
        "page_title": "",
        "meta_keywords": [""],
        "meta_description": "",
        "image_url": "",
        "search_keywords": "",
        "custom_url": {"url": f"/brands/{brand.id}.html", "is_customized": False},
    }


def list_categories(call: Call) -> Response:
    """A page of legacy categories."""
    view = call.state.categories.read()
    ids = find_sorted(call, LEGACY, view, read_listing(call, LEGACY))
    return paged(call, ids, lambda chosen: [legacy_category(row) for row in view.rows(chosen)], None)


def get_category(call: Call, category_id: int) -> Response:
    """One legacy category."""
    category = call.state.categories.read().get(category_id)
    if category is None:
        raise not_found(f"A category was not found with the id of {category_id}")
    return answer({"data": choose_fields(call, [legacy_category(category)])[0], "meta": {}})


def list_tree_categories(call: Call) -> Response:
    """A page of the categories of all trees."""
    view = call.state.categories.read()
    ids = find_sorted(call, TREES, view, read_listing(call, TREES))
    return paged(call, ids, lambda chosen: [tree_category(row) for row in view.rows(chosen)], 250)


def list_trees(call: Call) -> Response:
    """The trees: one, of the default channel."""
    data = [{"id": tree.id, "name": tree.name, "channels": [1]} for tree in pick([TREE], read_listing(call, FOREST))]
    return answer({"data": data, "meta": {}})


def get_tree(call: Call, tree_id: int) -> Response:
    """A tree as nested nodes, to the depth asked for."""
    read_listing(call, ONE_TREE)
    if tree_id != TREE_ID:
        raise not_found("The tree was not found.")
    return answer({"data": _nodes(call.state, call.number("depth") or 8), "meta": {}})


def _nodes(state: State, depth: int) -> list[dict[str, Any]]:
    nodes: dict[int, dict[str, Any]] = {}
    top: list[dict[str, Any]] = []
    for category in state.categories.read().rows(state.categories.ids):
        parent = nodes.get(category.parent_id)
        node = {
            "id": category.id,
            "parent_id": category.parent_id,
            "depth": category.depth,
            "path": [*parent["path"], category.id] if parent else [category.id],
            "name": category.name,
            "is_visible": True,
            "url": _path(category),
            "children": [],
        }
        nodes[category.id] = node
        if category.depth < depth:
            (parent["children"] if parent else top).append(node)
    return top


def list_brands(call: Call) -> Response:
    """A page of brands."""
    view = call.state.brands.read()
    ids = find_sorted(call, BRANDS, view, read_listing(call, BRANDS))
    return paged(call, ids, lambda chosen: [show_brand(row) for row in view.rows(chosen)], None)


def get_brand(call: Call, brand_id: int) -> Response:
    """One brand."""
    brand = call.state.brands.read().get(brand_id)
    if brand is None:
        raise not_found(f"A brand was not found with the id of {brand_id}")
    return answer({"data": choose_fields(call, [show_brand(brand)])[0], "meta": {}})
