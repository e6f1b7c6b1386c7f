"""Whatever stands in a field of WooCommerce's rows, the page is read: a bad row costs only itself."""

import json
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from fillrate.channels.parsing import build_all
from fillrate.channels.woocommerce.catalog import PRODUCTS, product
from fillrate.channels.woocommerce.goods import ALL, Family
from fillrate.channels.woocommerce.order_rows import order
from fillrate.channels.woocommerce.orders import ORDERS
from fillrate.channels.woocommerce.refunds import REFUNDS, GivenBack, refund_of
from fillrate.channels.woocommerce.stock import counted, stock_page

SIMPLE: dict[str, Any] = {
    "id": 7, "name": "Anchor", "sku": "A-1", "type": "simple", "status": "publish", "catalog_visibility": "visible",
    "date_created_gmt": "2026-01-02T03:04:05", "date_modified_gmt": "2026-01-02T03:04:05", "price": "15.00",
    "regular_price": "15.00", "virtual": False, "purchasable": True, "categories": [{"id": 3}], "variations": [],
    "manage_stock": True, "stock_quantity": 4, "stock_status": "instock", "backorders": "no",
}  # fmt: skip
VARIATION: dict[str, Any] = {
    "id": 8, "parent_id": 7, "sku": "A-1-M", "status": "publish", "price": "15.00", "purchasable": True,
    "attributes": [{"name": "Size", "option": "M"}], "manage_stock": "parent", "stock_quantity": 4,
}  # fmt: skip
META: list[dict[str, Any]] = [{"key": "_refunded_item_id", "value": "5"}]
LINE: dict[str, Any] = {
    "id": 5, "name": "Anchor", "product_id": 7, "variation_id": 0, "sku": "A-1", "quantity": 2, "total": "30.00",
    "total_tax": "0.00", "meta_data": META,
}  # fmt: skip
ORDER: dict[str, Any] = {
    "id": 9, "status": "processing", "date_created_gmt": "2026-01-02T03:04:05",
    "date_modified_gmt": "2026-01-02T03:04:05", "date_completed_gmt": None, "currency": "USD", "total": "30.00",
    "customer_id": 0, "created_via": "checkout", "billing": {"email": "a@example.com"}, "shipping": {"country": "DE"},
    "line_items": [LINE], "refunds": [],
}  # fmt: skip
REFUND: dict[str, Any] = {
    "id": 11, "date_created_gmt": "2026-01-02T03:04:05", "amount": "15.00", "reason": "",
    "line_items": [{**LINE, "quantity": -1}],
}  # fmt: skip

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def spoiled(draw: st.DrawFn, row: dict[str, Any]) -> dict[str, Any]:
    """Return a row in which a few fields hold anything or are missing, those of its rows within too."""
    found = dict(row)
    for name in draw(st.lists(st.sampled_from(sorted(row)), min_size=1, max_size=3)):
        inner = row[name]
        if isinstance(inner, list) and inner and isinstance(inner[0], dict) and draw(st.booleans()):
            found[name] = [draw(spoiled(inner[0]))]
        elif draw(st.booleans()):
            found[name] = draw(ANYTHING)
        else:
            found.pop(name, None)
    return found


def body(*rows: dict[str, Any]) -> bytes:
    return json.dumps(rows).encode("utf-8", "surrogatepass")


def is_told(record: Any) -> bool:
    """Tell whether a record is of the types that it declares."""
    return bool(msgspec.convert(msgspec.to_builtins(record), type(record)) == record)


@given(spoiled(SIMPLE), spoiled(VARIATION))
@settings(max_examples=150, deadline=None)
def test_products_and_their_stock(row: dict[str, Any], variation: dict[str, Any]) -> None:
    good, batch = {**SIMPLE, "id": 6}, PRODUCTS._decoded(body(row, {**SIMPLE, "id": 6}))
    variations = ALL._decoded(body(variation))
    families = {one.id: Family(one, variations.rows if one.id != 6 else [], []) for one in batch.rows}

    records, bad = build_all(batch.rows, lambda one: product(families[one.id]))
    page = stock_page(list(families.values()), batch.rejects, None)

    assert str(good["id"]) in {one.platform_id for one in records}
    assert len(records) + len(bad) + len(batch.rejects) in {1, 2}
    assert all(is_told(one) for one in (*records, *page.records))
    assert all(one.reason for one in (*bad, *page.rejects))
    assert counted(Family(PRODUCTS._decoded(body(SIMPLE)).rows[0]))[0][0].levels[0].shown == 4


@given(spoiled(ORDER), spoiled(REFUND))
@settings(max_examples=150, deadline=None)
def test_orders_and_what_was_given_back_of_them(row: dict[str, Any], refund: dict[str, Any]) -> None:
    batch, back = ORDERS._decoded(body(row, {**ORDER, "id": 4})), REFUNDS._decoded(body(refund))
    given = GivenBack(back.rows, back.rejects)

    records, bad = build_all(batch.rows, lambda one: order(one, given if one.id != 4 else None))
    refunds, unreadable = build_all(back.rows, refund_of(9))

    assert "4" in {one.platform_id for one in records}
    assert all(is_told(one) for one in (*records, *refunds))
    assert all(0 <= line.quantity_refunded <= line.quantity for one in records for line in one.lines)
    assert all(one.reason for one in (*bad, *unreadable, *batch.rejects, *back.rejects))


def test_units_given_back_without_a_word_of_which_line_are_taken_from_lines_of_the_same_goods() -> None:
    lines = [{**LINE, "id": 5, "quantity": 1}, {**LINE, "id": 6, "quantity": 3}]
    bare = {**LINE, "quantity": -3, "meta_data": []}
    (row,) = ORDERS._decoded(body({**ORDER, "line_items": lines})).rows
    back = REFUNDS._decoded(body({**REFUND, "line_items": [bare]})).rows

    told = order(row, GivenBack(back, []))

    assert [one.quantity_refunded for one in told.lines] == [1, 2]
