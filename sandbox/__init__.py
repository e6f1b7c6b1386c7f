"""A practice BigCommerce shop: a separate program that speaks the shop's real HTTP API, harsher than the documents.

    shop = Shop(ShopConfig(seed=1, products=20, customers=10, orders=40))
    with serve(shop) as running:
        running.url    # http://127.0.0.1:PORT/stores/practice, for X-Auth-Token running.token
        running.root   # … + /_practice/state and the other practice endpoints

It imports nothing of the product, so that a misunderstanding cannot cancel itself out.
"""

from sandbox.config import ShopConfig
from sandbox.exchange import Request, Response
from sandbox.server import Running, serve
from sandbox.shop import Shop
from sandbox.switches import Switches

__all__ = ["Request", "Response", "Running", "Shop", "ShopConfig", "Switches", "serve"]
