"""The pages of one store, recorded once from the practice shop, so that every reader reads the same bytes.

Products come with their variants and orders with their lines, 250 a page in the order of ids, whole and once more for
what a day changed: one in a thousand.
"""

import pickle
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from sandbox import Request, Shop, ShopConfig

CACHE = Path(__file__).parent / ".cache"
PAGE = 250
LINES_SHOWN = 50  # an order shows so many of its lines in the list; the others have a page of their own
ROOT = "/stores/practice"
PRODUCTS = f"{ROOT}/v3/catalog/products"
ORDERS = f"{ROOT}/v2/orders"
LINES = "include=consignments,consignments.line_items&consignment_structure=object"
QUERIES = {
    PRODUCTS: "include=variants&sort=id&limit=250&id:greater={}",
    ORDERS: LINES + "&sort=id:asc&limit=250&min_id={}",
}
CHANGED_SINCE = {PRODUCTS: "date_modified:min", ORDERS: "min_date_modified"}


@dataclass
class Recorded:
    """Pages by path: the greatest id of each, and its body."""

    whole: dict[str, list[tuple[int, bytes]]] = field(default_factory=dict)
    changed: dict[str, list[tuple[int, bytes]]] = field(default_factory=dict)
    plain: dict[str, bytes] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    size: int = 0


def recorded(products: int, orders: int) -> Recorded:
    """Return the pages of a store of this size; made once and kept in `bench/.cache`."""
    file = CACHE / f"pages-{products}-{orders}.pickle"
    if not file.exists():
        CACHE.mkdir(exist_ok=True)
        made = record(Shop(ShopConfig(seed=7, products=products, customers=orders // 5, orders=orders, days=365)))
        file.write_bytes(pickle.dumps(made, protocol=5))
        return made
    found = pickle.loads(file.read_bytes())
    assert isinstance(found, Recorded)
    return found


def record(shop: Shop) -> Recorded:
    """Walk through a shop, let a day pass, and walk through what it changed."""
    made = Recorded()
    made.counts = {
        "products": len(shop.state.products),
        "variants": len(shop.state.variants),
        "orders": len(shop.state.orders),
        "lines": sum(len(order.lines) for order in shop.state.orders),
    }
    for path in QUERIES:
        made.whole[path] = walk(shop, path, "")
    for path in ("v2/time", "v2/store", "v3/settings/inventory"):
        made.plain[f"{ROOT}/{path}"] = ask(shop, f"{ROOT}/{path}", "")
    for order in shop.state.orders:
        if len(order.lines) >= LINES_SHOWN:
            made.plain[f"{ORDERS}/{order.id}/products"] = ask(shop, f"{ORDERS}/{order.id}/products", f"limit={PAGE}")
    since = a_day_passes(shop)
    for path, name in CHANGED_SINCE.items():
        made.changed[path] = walk(shop, path, f"&{name}={since}")
    made.plain[f"{ROOT}/v2/time?later"] = ask(shop, f"{ROOT}/v2/time", "")
    made.size = sum(len(body) for pages in made.whole.values() for _, body in pages)
    return made


def walk(shop: Shop, path: str, more: str) -> list[tuple[int, bytes]]:
    """Return every page of a list."""
    pages: list[tuple[int, bytes]] = []
    after = 0
    while True:
        body = ask(shop, path, QUERIES[path].format(after + (path == ORDERS)) + more)
        rows = msgspec.json.decode(body) if body else []
        ids = [row["id"] for row in (rows["data"] if isinstance(rows, dict) else rows)]
        if not ids:
            return pages
        after = ids[-1]
        pages.append((after, body))
        if len(ids) < PAGE:
            return pages


def ask(shop: Shop, path: str, query: str) -> bytes:
    """Return one answer's body."""
    answer = shop.handle(Request("GET", path, query, {"X-Auth-Token": shop.config.token}))
    assert answer.status in {200, 204}, (path, query, answer.body)
    return answer.body


def a_day_passes(shop: Shop) -> str:
    """Change one in a thousand products and orders; returns since when."""
    since = lever(shop, "clock", {"advance_seconds": 86_400})["now"]
    lever(shop, "clock", {"advance_seconds": 60})
    products = list(shop.state.products)[::1000]
    orders = [one for one in shop.state.orders if one.status in {9, 11}]
    orders += [one for one in shop.state.orders if one.status == 10]
    wishes = [{"action": "set_price", "product_id": one.id, "cents": one.price + 100} for one in products]
    wishes += [{"action": "set_status", "order_id": one.id, "status": 2} for one in orders[: len(products)]]
    lever(shop, "shop", wishes)
    return str(since).replace("+00:00", "Z")


def lever(shop: Shop, name: str, body: Any) -> Any:
    """Move one of the practice shop's levers."""
    return shop.handle(Request("POST", f"/_practice/{name}", "", {}, msgspec.json.encode(body))).json()
