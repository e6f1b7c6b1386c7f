"""What can happen in a shop: orders come in, change, ship and end; goods arrive, are lost and counted; things are renamed."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sandbox import stock
from sandbox.errors import Refusal
from sandbox.records import DEFAULT_LOCATION, Item, Line, Order, Product, Refund, Shipment, Variant
from sandbox.state import SETTING_VALUES, State

Action = dict[str, Any]
Done = dict[str, Any]
CLOSED = frozenset({0, 4, 5, 6})


def variant_of(state: State, wish: Action) -> Variant:
    """The variant that an action names by id or by SKU."""
    if "variant_id" in wish:
        found = state.variants.get(int(wish["variant_id"]))
    else:
        found = next((one for one in state.variants if one.sku == wish.get("sku")), None)
    if found is None:
        raise Refusal(422, f"There is no variant {wish.get('variant_id', wish.get('sku'))!r}.")
    return found


def item_of(state: State, wish: Action) -> Item:
    """What the stock of a named variant is counted in."""
    variant = variant_of(state, wish)
    item = state.item_of(variant.product_id, variant.id)
    if item is None:
        raise Refusal(422, f"Nobody counts the stock of {variant.sku!r}.")
    return item


def order_of(state: State, wish: Action) -> Order:
    """The order that an action names."""
    order = state.orders.get(int(wish["order_id"]))
    if order is None:
        raise Refusal(422, f"There is no order {wish['order_id']}.")
    return order


def line_of(order: Order, wish: Action) -> Line:
    """The line that an action names; the only one where it names none."""
    line = order.lines[0] if "line_id" not in wish else order.line(int(wish["line_id"]))
    if line is None:
        raise Refusal(422, f"Order {order.id} has no line {wish['line_id']}.")
    return line


def new_line(state: State, wish: Action, address: int) -> Line:
    """A line for what an action asks for."""
    variant = variant_of(state, wish)
    product = state.products.get(variant.product_id)
    if product is None:
        raise Refusal(422, f"The product of {variant.sku!r} is gone.")
    price = variant.price if variant.price is not None else product.price
    kind = "digital" if product.kind == "digital" else "physical"
    return Line(
        id=state.fresh_line_id(),
        product_id=product.id,
        variant_id=variant.id,
        sku=variant.sku,
        name=product.name,
        quantity=int(wish.get("quantity", 1)),
        price=price,
        cost=product.cost,
        address=address if kind == "physical" else 0,
        kind=kind,
        options=variant.options,
    )


def place(state: State, wish: Action) -> Done:
    """An order comes in."""
    now = state.clock.now()
    address = state.next_address_id
    state.next_address_id += 1
    order = Order(
        id=state.fresh_id("order", state.orders),
        customer_id=int(wish.get("customer_id", 0)),
        person=int(wish.get("person", now % 10_000)),
        created=now,
        modified=now,
        status=int(wish.get("status_id", 11)),
        lines=[new_line(state, line, address) for line in wish["lines"]],
        address_id=address,
    )
    state.orders.add(order)
    stock.on_placed(state, order)
    return {"order_id": order.id, "line_ids": [line.id for line in order.lines]}


def touched(state: State, order: Order) -> None:
    """Stamp a changed order."""
    state.orders.changed(order, state.clock.now())


def edit(state: State, wish: Action) -> Done:
    """Staff change a line's quantity; 0 leaves a line of nothing."""
    order = order_of(state, wish)
    state.orders.before_change(order)
    line = line_of(order, wish)
    stock.on_edit(state, order, line, int(wish["quantity"]))
    touched(state, order)
    return {"order_id": order.id, "line_id": line.id}


def add_line(state: State, wish: Action) -> Done:
    """Staff add a line."""
    order = order_of(state, wish)
    state.orders.before_change(order)
    line = new_line(state, {**wish, "quantity": 0}, order.address_id)
    order.lines.append(line)
    stock.on_edit(state, order, line, int(wish.get("quantity", 1)))
    touched(state, order)
    return {"order_id": order.id, "line_id": line.id}


def remove_line(state: State, wish: Action) -> Done:
    """Staff remove a line."""
    order = order_of(state, wish)
    state.orders.before_change(order)
    line = line_of(order, wish)
    stock.on_edit(state, order, line, 0)
    order.lines.remove(line)
    touched(state, order)
    return {"order_id": order.id}


def set_status(state: State, wish: Action) -> Done:
    """The order's status changes."""
    order = order_of(state, wish)
    state.orders.before_change(order)
    order.status = int(wish["status_id"])
    stock.on_status(state, order, order.status)
    touched(state, order)
    if state.switches.status_mails:
        state.messages.append({"order_id": order.id, "kind": "status", "status_id": order.status})
    return {"order_id": order.id, "status_id": order.status}


def refund(state: State, wish: Action) -> Done:
    """Money is given back for some units; stock does not move."""
    order = order_of(state, wish)
    state.orders.before_change(order)
    line = line_of(order, wish)
    units = min(int(wish.get("quantity", 1)), line.quantity - line.refunded)
    line.refunded += units
    now = state.clock.now()
    row = Refund(
        state.fresh_id("refund", state.refunds),
        order.id,
        now,
        wish.get("reason", "Damaged"),
        ((line.id, units, line.price * units),),
    )
    row.modified = now
    state.refunds.add(row)
    order.refunds.append(row.id)
    if order.status not in CLOSED:
        order.status = 14
    touched(state, order)
    return {"order_id": order.id, "refund_id": row.id}


def ship(state: State, wish: Action) -> Done:
    """Units leave; all that are left of a line, and all lines, unless said otherwise."""
    order = order_of(state, wish)
    state.orders.before_change(order)
    lines = [line_of(order, wish)] if "line_id" in wish else [line for line in order.lines if line.kind == "physical"]
    items = []
    for line in lines:
        units = min(int(wish.get("quantity", line.quantity)), line.quantity - line.shipped)
        if units > 0:
            items += [(line.id, n, place) for place, n in stock.on_shipped(state, line, units)]
    if not items:
        raise Refusal(422, f"Nothing is left to ship of order {order.id}.")
    now = state.clock.now()
    row = Shipment(
        state.fresh_id("shipment", state.shipments), order.id, now, order.address_id, "ups", "1Z", tuple(items), now
    )
    state.shipments.add(row)
    order.shipments.append(row.id)
    order.shipped_at = now
    if state.switches.shipment_sets_status:
        is_whole = all(line.shipped >= line.quantity for line in order.lines if line.kind == "physical")
        order.status = 2 if is_whole else 3
        if is_whole:
            stock.on_status(state, order, 2)
    touched(state, order)
    return {"order_id": order.id, "shipment_id": row.id}


def delete_shipment(state: State, wish: Action) -> Done:
    """A shipment is taken back; the order's status stays."""
    row = state.shipments.get(int(wish["shipment_id"]))
    if row is None:
        raise Refusal(422, f"There is no shipment {wish['shipment_id']}.")
    order = order_of(state, {"order_id": row.order_id})
    state.orders.before_change(order)
    for line_id, units, place in row.items:
        line = order.line(line_id)
        if line is not None:
            stock.on_shipment_deleted(state, line, units, place)
    state.shipments.remove(row.id)
    order.shipments.remove(row.id)
    touched(state, order)
    return {"order_id": order.id}


def archive(state: State, wish: Action) -> Done:
    """An order is put away; with `forever` it is gone."""
    order = order_of(state, wish)
    if wish.get("forever"):
        state.orders.remove(order.id)
        return {"order_id": order.id}
    state.orders.before_change(order)
    order.archived = True
    touched(state, order)
    return {"order_id": order.id}


def set_stock(state: State, wish: Action) -> Done:
    """Somebody types a number into the shop; with `shelf` also what really lies there is set."""
    item, place = item_of(state, wish), int(wish.get("location_id", DEFAULT_LOCATION))
    stock.set_shown(state, item, place, int(wish["quantity"]))
    if "shelf" in wish:
        item.cells[place].shelf = int(wish["shelf"])
    return {"item_id": item.id}


def receive(state: State, wish: Action) -> Done:
    """Goods arrive."""
    item = item_of(state, wish)
    stock.receive(state, item, int(wish.get("location_id", DEFAULT_LOCATION)), int(wish["quantity"]))
    return {"item_id": item.id}


def rename(state: State, wish: Action) -> Done:
    """A SKU or a product's name changes."""
    variant = variant_of(state, wish)
    product = state.products.get(variant.product_id)
    now = state.clock.now()
    if "new_sku" in wish:
        state.variants.before_change(variant)
        variant.sku = wish["new_sku"]
        state.variants.changed(variant, now)
    if product is not None:
        state.products.before_change(product)
        product.name = wish.get("name", product.name)
        state.products.changed(product, now)
    return {"variant_id": variant.id}


def delete_product(state: State, wish: Action) -> Done:
    """A product goes, with its variants and their stock."""
    product_id = int(wish["product_id"]) if "product_id" in wish else variant_of(state, wish).product_id
    product = state.products.get(product_id)
    if product is None:
        raise Refusal(422, f"There is no product {product_id}.")
    for variant_id in product.variant_ids:
        state.variants.remove(variant_id)
        if state.items.get(variant_id) is not None:
            state.items.remove(variant_id)
    state.products.remove(product_id)
    return {"product_id": product_id}


def create_product(state: State, wish: Action) -> Done:
    """A product like another one comes, with stock at the default location."""
    likeness = next(one for one in state.products if one.tracking == "variant" and len(one.variant_ids) == 1)
    now = state.clock.now()
    product_id, variant_id = state.fresh_id("product", state.products), state.fresh_id("variant", state.variants)
    name, sku = wish.get("name", f"New product {product_id}"), wish.get("sku", f"NEW-{product_id}")
    shared = {"created": now, "modified": now, "variant_ids": (variant_id,), "sku": sku, "name": name}
    product: Product = replace(likeness, id=product_id, **shared)
    state.products.add(product)
    old = state.variants.get(likeness.variant_ids[0])
    if old is not None:
        state.variants.add(replace(old, id=variant_id, product_id=product_id, sku=sku, modified=now))
    state.items.add(Item(variant_id, product_id, variant_id, by_product=False, cells={}, modified=now))
    item = state.items.get(variant_id)
    if item is not None:
        stock.receive(state, item, DEFAULT_LOCATION, int(wish.get("quantity", 0)))
    return {"product_id": product_id, "variant_id": variant_id, "sku": sku}


def set_setting(state: State, wish: Action) -> Done:
    """A store setting changes."""
    name, value = wish["name"], wish["value"]
    if value not in SETTING_VALUES.get(name, (value,)):
        raise Refusal(422, f"{name} cannot be {value!r}.")
    state.settings[name] = value
    return {name: value}


ACTIONS: dict[str, Callable[[State, Action], Done]] = {
    "place": place,
    "edit": edit,
    "add_line": add_line,
    "remove_line": remove_line,
    "set_status": set_status,
    "refund": refund,
    "ship": ship,
    "delete_shipment": delete_shipment,
    "archive": archive,
    "set_stock": set_stock,
    "receive": receive,
    "rename": rename,
    "delete_product": delete_product,
    "create_product": create_product,
    "set_setting": set_setting,
}


def happen(state: State, wish: Action) -> Done:
    """Let one thing happen; `action` names it. Refused where it makes no sense."""
    action = ACTIONS.get(str(wish.get("action")))
    if action is None:
        raise Refusal(422, f"There is no action {wish.get('action')!r}; there are {', '.join(sorted(ACTIONS))}.")
    try:
        return {"action": wish["action"], **action(state, wish)}
    except (KeyError, ValueError, TypeError) as error:
        raise Refusal(422, f"The action {wish['action']} lacks or misuses {error}.") from error
