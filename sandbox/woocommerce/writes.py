"""Products and variations: how they are written, singly (checked) and in batches (not checked)."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.exchange import Response, answer
from sandbox.market.records import Cell, Listing
from sandbox.woocommerce import lists
from sandbox.woocommerce.call import Call
from sandbox.woocommerce.errors import Refusal, invalid, not_served, wrong_type
from sandbox.woocommerce.products import (
    PLAIN,
    STATUSES,
    find_product,
    find_variation,
    is_variation,
    show,
    show_variation,
)

Row = Mapping[str, Any]

MOST_ROWS, MOST_MONEY = 100, 10**12
BACKORDERS = ("no", "notify", "yes")
FORBIDDEN = Refusal(401, "woocommerce_rest_cannot_edit", "Sorry, you are not allowed to edit this resource.")
LEADING = re.compile(r"\s*([+-]?\d+(?:\.\d*)?)")


def as_integer(value: Any) -> int:
    """What PHP makes of a value that ought to be a quantity: the number at its front, cut, or 0."""
    if isinstance(value, bool | int | float):
        return int(value)
    found = LEADING.match(value) if isinstance(value, str) else None
    return int(float(found[1])) if found else 0


def as_cents(value: Any) -> int:
    """What PHP makes of a value that ought to be an amount of money."""
    if isinstance(value, str):
        found = LEADING.match(value)
        return round(float(found[1]) * 100) if found else 0
    return round(value * 100) if isinstance(value, int | float) and abs(value) < MOST_MONEY else 0


def objects(body: Row, name: str) -> list[dict[str, Any]]:
    """A list of objects in a body; none where it is missing. Raises Refusal."""
    found = body.get(name, [])
    if not isinstance(found, list):
        raise wrong_type(name, "array")
    if not all(isinstance(one, dict) for one in found):
        raise wrong_type(f"{name}[0]", "object")
    return found


def as_truth(value: Any) -> bool:
    """What PHP makes of a value that ought to be true or false."""
    return value.lower() in {"1", "true", "yes"} if isinstance(value, str) else bool(value)


def _is_integer(value: Any) -> bool:
    if isinstance(value, str):
        return re.fullmatch(r"[+-]?\d+(\.0*)?", value.strip()) is not None
    return isinstance(value, int | float) and not isinstance(value, bool) and float(value).is_integer()


def check(row: Row, *, variation: bool) -> None:
    """The checks of a single write. Raises Refusal."""
    if row.get("stock_quantity") is not None and not _is_integer(row["stock_quantity"]):
        raise wrong_type("stock_quantity", "integer")
    for name, choices in (("backorders", BACKORDERS), ("status", STATUSES[1:])):
        if row.get(name) is not None and row[name] not in choices:
            raise invalid(
                name, f"{name} is not one of {', '.join(choices[:-1])}, and {choices[-1]}.", "rest_not_in_enum"
            )
    words: list[Any] = [True, False, "true", "false", "1", "0", *(("parent",) if variation else ())]
    if row.get("manage_stock") is not None and row["manage_stock"] not in words:
        raise wrong_type("manage_stock", "boolean,string" if variation else "boolean")


def refuse_unserved(row: Row) -> None:
    """Refuse by name what this shop has no place for."""
    for name in row:
        if name in PLAIN or name == "inventory_delta":
            raise not_served(f"the field {name}")


def _check_sku(call: Call, listing: Listing | None, sku: str) -> None:
    other = next((one for one in call.state.by_sku(sku) if sku and one is not listing), None)
    if other is not None:
        message = "Invalid or duplicated SKU."
        raise Refusal(400, "product_invalid_sku", message, resource_id=other.id, unique_sku=f"{sku}-1")


def _set_stock(call: Call, listing: Listing, row: Row) -> None:
    """Manage stock first; then a quantity counts only where the listing itself is managed."""
    if "manage_stock" in row and row["manage_stock"] != "parent":
        listing.tracked = as_truth(row["manage_stock"])
    elif "manage_stock" in row:
        listing.tracked = False
    if not listing.tracked and listing.own.get("was_tracked"):
        listing.cells[1].number = 0
    listing.own["was_tracked"] = listing.tracked
    if listing.tracked and "stock_quantity" in row:
        listing.cells[1].number = as_integer(row["stock_quantity"])
    if not listing.tracked and row.get("stock_status"):
        listing.own["stock_status"] = row["stock_status"]
    call.shop.share_numbers(listing.product_id)


def apply(call: Call, listing: Listing, row: Row) -> None:
    """Write what a row says, whether it makes sense or not. Raises Refusal."""
    refuse_unserved(row)
    if "sku" in row:
        _check_sku(call, listing, str(row["sku"]))
        listing.sku = str(row["sku"])
    if "name" in row:
        listing.title = str(row["name"])
    if row.get("regular_price"):
        listing.price = as_cents(row["regular_price"])
    for name in ("status", "backorders"):
        if row.get(name) is not None:
            listing.own[name] = row[name]
    _set_stock(call, listing, row)
    call.state.touch(listing, 1)


def create(call: Call, row: Row, product_id: int | None = None) -> Listing:
    """A new simple product, or a variation of one. Raises Refusal."""
    if row.get("type", "simple") != "simple":
        raise not_served(f"new products of the type {row['type']}")
    refuse_unserved(row)
    _check_sku(call, None, str(row.get("sku", "")))
    state, now = call.state, call.state.clock.now()
    made_id = state.fresh_id("listing", 101)
    made = Listing(made_id, product_id or made_id, "", "Product", 0, now, now, {1: Cell(0)}, tracked=False)
    state.listings[made_id] = made
    call.shop.dress_listing(state, made)
    apply(call, made, row)
    return made


def _refuse_variation(listing: Listing) -> None:
    if is_variation(listing):
        message = (
            "To manipulate product variations you should use the "
            "/products/&lt;product_id&gt;/variations/&lt;id&gt; endpoint."
        )
        raise Refusal(404, "woocommerce_rest_invalid_product_id", message)


def put_product(call: Call, product_id: int) -> Response:
    """`PUT /products/{id}`."""
    check(call.body, variation=False)
    listing = find_product(call, product_id, 400)
    _refuse_variation(listing)
    apply(call, listing, call.body)
    return answer(lists.pick(call.params, show(call.shop, listing)))


def put_variation(call: Call, product_id: int, variation_id: int) -> Response:
    """`PUT /products/{id}/variations/{id}`."""
    check(call.body, variation=True)
    listing = find_variation(call, product_id, variation_id, 400)
    apply(call, listing, call.body)
    return answer(lists.pick(call.params, show_variation(call.shop, listing)))


def post_product(call: Call) -> Response:
    """`POST /products`."""
    check(call.body, variation=False)
    return answer(show(call.shop, create(call, call.body)), 201)


def _delete(call: Call, listing: Listing, *, force: bool) -> dict[str, Any]:
    if not force and listing.own["status"] == "trash":
        raise Refusal(410, "woocommerce_rest_already_trashed", "The product has already been deleted.")
    told = show(call.shop, listing)
    if force:
        for one in [listing, *(call.shop.variations(listing.id) if not listing.sold else ())]:
            del call.state.listings[one.id]
    else:
        listing.own["status"] = told["status"] = "trash"
        call.state.touch(listing)
    return told


def delete_product(call: Call, product_id: int) -> Response:
    """`DELETE /products/{id}`: into the trash, or with `force` altogether."""
    listing = find_product(call, product_id, 404)
    _refuse_variation(listing)
    return answer(_delete(call, listing, force=lists.truth(call.params, "force")))


def batch_products(call: Call) -> Response:
    """`POST /products/batch`."""

    def update(row: Row) -> dict[str, Any]:
        listing = find_product(call, as_integer(row.get("id")), 400)
        _refuse_variation(listing)
        apply(call, listing, row)
        return show(call.shop, listing)

    def delete(row_id: Any) -> dict[str, Any]:
        listing = find_product(call, as_integer(row_id), 404)
        _refuse_variation(listing)
        return _delete(call, listing, force=True)

    return _batch(call, lambda row: show(call.shop, create(call, row)), update, delete)


def batch_variations(call: Call, product_id: int) -> Response:
    """`POST /products/{id}/variations/batch`."""
    find_product(call, product_id, 404)

    def update(row: Row) -> dict[str, Any]:
        listing = find_variation(call, product_id, as_integer(row.get("id")), 400)
        apply(call, listing, row)
        return show_variation(call.shop, listing)

    def delete(row_id: Any) -> dict[str, Any]:
        listing = find_variation(call, product_id, as_integer(row_id), 404)
        return _delete(call, listing, force=True)

    return _batch(call, lambda row: show_variation(call.shop, create(call, row, product_id)), update, delete)


def _batch(
    call: Call,
    create_row: Callable[[Row], dict[str, Any]],
    update_row: Callable[[Row], dict[str, Any]],
    delete_row: Callable[[Any], dict[str, Any]],
) -> Response:
    """Rows in order, each with its own end; always 200, unless there are too many: then nothing is done."""
    doers: tuple[tuple[str, Callable[[Any], dict[str, Any]]], ...] = (
        ("create", create_row),
        ("update", update_row),
        ("delete", delete_row),
    )
    rows = {name: call.body.get(name) for name, _ in doers}
    listed = {name: list(found) if isinstance(found, list) else [] for name, found in rows.items()}
    for name in ("create", "update"):
        listed[name] = [row if isinstance(row, Mapping) else {} for row in listed[name]]
    if sum(map(len, listed.values())) > MOST_ROWS:
        message = f"Unable to accept more than {MOST_ROWS} items for this request."
        raise Refusal(413, "woocommerce_rest_request_entity_too_large", message)
    told: dict[str, Any] = {}
    for name, do in doers:
        results = [_row(call, do, at, row) for at, row in enumerate(listed[name])]
        if results:
            told[name] = call.trouble.results(results)
    return answer(told)


def _row(call: Call, do: Callable[[Any], dict[str, Any]], at: int, row: Any) -> dict[str, Any]:
    row_id = as_integer(row.get("id")) if isinstance(row, Mapping) else as_integer(row)
    try:
        return FORBIDDEN.row(row_id) if call.trouble.fails(at) else do(row)
    except Refusal as refusal:
        return refusal.row(row_id)
