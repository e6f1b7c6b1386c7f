"""The lines in the body of an order write: new ones, changes of old ones, and what of them is out of stock."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sandbox import stock
from sandbox.api.body import decimal, json_objects, text, whole, wrong_fields
from sandbox.api.order_rows import LINE_EXTRAS
from sandbox.errors import Refusal
from sandbox.generate.orders import make_line
from sandbox.order_changes import add_line_later
from sandbox.records import Line, Order, Product, Variant
from sandbox.state import State

RULES = {
    "id": whole(1),
    "product_id": whole(),
    "variant_id": whole(1),
    "quantity": whole(),
    "name": text(255, 1),
    "name_customer": text(255, 1),
    "sku": text(255),
    "price_ex_tax": decimal,
    "price_inc_tax": decimal,
    "quantity_backordered": whole(),
}
PRICES = ("price_ex_tax", "price_inc_tax")


@dataclass(slots=True)
class Wish:
    """What a line shall become; `is_new` when the order does not have it yet."""

    line: Line
    is_new: bool
    quantity: int
    price: int | None = None
    name: str | None = None

    @property
    def more(self) -> int:
        """How many units more than before."""
        return self.quantity if self.is_new else self.quantity - self.line.quantity


def _bad(reason: str) -> Refusal:
    return Refusal(400, f"The field 'products' is invalid: {reason}")


def read_lines(state: State, order: Order, sent: Any) -> list[Wish]:
    """The lines of a body, checked; nothing has changed yet, but for ids of lines that may stay unused."""
    return [_read_line(state, order, row) for row in json_objects(sent, "products", 400)]


def _read_line(state: State, order: Order, row: dict[str, Any]) -> Wish:
    wrong = wrong_fields(row, RULES)
    wrong |= {name: f"{name} is not kept by the practice shop" for name in row.keys() & LINE_EXTRAS.keys()}
    if wrong:
        raise _bad("; ".join(wrong.values()))
    if len({*PRICES} & row.keys()) == 1:
        raise _bad("price_ex_tax and price_inc_tax must be sent together")
    price = round(float(row["price_ex_tax"]) * 10_000) if "price_ex_tax" in row else None
    name = row.get("name", row.get("name_customer"))
    if name != row.get("name_customer", name):
        raise _bad("name and name_customer must be the same")
    wish = _changed(order, row, price, name) if "id" in row else _added(state, row, price, name)
    if row.get("quantity_backordered", 0) > wish.quantity:
        raise _bad("quantity_backordered is more than quantity")
    return wish


def _changed(order: Order, row: dict[str, Any], price: int | None, name: str | None) -> Wish:
    line = order.line(row["id"])
    if line is None:
        raise _bad(f"the order has no product {row['id']}")
    for kept in ("product_id", "variant_id"):
        if row.get(kept, getattr(line, kept)) != getattr(line, kept):
            raise _bad(f"the practice shop does not change the {kept} of a line")
    quantity = row.get("quantity", line.quantity)
    if quantity < max(line.shipped, line.refunded):
        raise _bad(f"{line.shipped} units of product {line.id} have shipped and {line.refunded} were refunded")
    if not quantity and line.kind == "custom":
        raise _bad(f"the custom product {line.id} cannot be removed")
    return Wish(line, is_new=False, quantity=quantity, price=price, name=name)


def _added(state: State, row: dict[str, Any], price: int | None, name: str | None) -> Wish:
    quantity = row.get("quantity", 1)
    if not quantity:
        raise _bad("a new product needs a quantity")
    if row.get("product_id"):
        product, variant = _sold(state, row)
        line = make_line(0, product, variant, quantity)
    elif name is None or price is None:
        raise _bad("a custom product needs name, price_ex_tax and price_inc_tax")
    else:
        line = Line(0, 0, 0, row.get("sku", ""), name, quantity, 0, kind="custom")
    line.full_price = True
    return Wish(line, is_new=True, quantity=quantity, price=price, name=name)


def _sold(state: State, row: dict[str, Any]) -> tuple[Product, Variant]:
    """The variant that a new line names: by its id, or by a value of each option."""
    product = state.products.get(row["product_id"])
    if product is None:
        raise _bad(f"there is no product {row['product_id']}")
    found = [state.variants.rows[variant_id] for variant_id in product.variant_ids]
    if "variant_id" in row:
        found = [variant for variant in found if variant.id == row["variant_id"]]
    elif product.has_options:
        wanted = _options(row.get("product_options"))
        found = [v for v in found if {(o.option_id, str(o.value_id)) for o in v.options} == wanted]
    if not found:
        raise _bad(f"product {product.id} needs a variant_id or its product_options")
    return product, found[0]


def _options(sent: Any) -> set[tuple[int, str]]:
    rows = json_objects(sent, "product_options", 400)
    return {(row["id"], str(row.get("value"))) for row in rows if type(row.get("id")) is int}


def refuse_out_of_stock(state: State, order: Order, wishes: list[Wish]) -> None:
    """The 409 of native backorders, for lines that are new or grow."""
    if not order.id or stock.edits_move(state, order):
        _refuse_beyond(state, order, [(wish.line, wish.more) for wish in wishes], order.status)


def refuse_to_reopen(state: State, order: Order, status: int) -> None:
    """The same for an order that was not placed, or was closed, and now takes its stock."""
    if state.switches.reopening_checks_stock and not stock.is_placed(state, order.status):
        _refuse_beyond(state, order, [(line, line.quantity - line.booked) for line in order.lines], status)


def _refuse_beyond(state: State, order: Order, asked: list[tuple[Line, int]], status: int) -> None:
    """Refuse more units than there are, with what each location still has of each variant."""
    more: Counter[int] = Counter()
    variants: dict[int, int] = {}
    for line, units in asked:
        item = state.line_item(line)
        if item is not None:
            more[item.id] += units
            variants[item.id] = line.variant_id
    errors = [
        {
            "type": "OutOfStock",
            "message": f"There is not enough stock of variant {variants[lack.item_id]} for {lack.asked} units",
            "variant_id": variants[lack.item_id],
            "location_id": location,
            "available_quantity": max(cell.shown, 0),
            "available_quantity_for_backorder": stock.allowance(cell),
        }
        for lack in stock.beyond_limit(state, order, more, status)
        for location, cell in stock.cells_of(state.items.rows[lack.item_id])
    ]
    if errors:
        raise Refusal(409, "Some products are out of stock", {"errors": errors})


def write_lines(state: State, order: Order, wishes: list[Wish]) -> None:
    """Change the lines of an order that was placed, what shrinks before what grows."""
    for wish in sorted((wish for wish in wishes if not wish.is_new), key=lambda wish: wish.more):
        lose_discount(order, wish.line)
        dress(wish)
        stock.on_edit(state, order, wish.line, wish.quantity)
    for wish in wishes:
        if wish.is_new:
            dress(wish)
            wish.line.id = state.fresh_line_id()
            add_line_later(state, order, wish.line)


def dress(wish: Wish) -> None:
    """Give a line the name and the price that were sent with it."""
    if wish.name is not None:
        wish.line.name = wish.name
    if wish.price is not None:
        wish.line.price, wish.line.hundredths = divmod(wish.price, 100)


def lose_discount(order: Order, line: Line) -> None:
    """A line that was edited has no share in the order's discount any more."""
    if line.full_price:
        return
    sharing = sum(other.price * other.quantity for other in order.lines if not other.full_price)
    if sharing:
        order.discount -= order.discount * line.price * line.quantity // sharing
    line.full_price = True
