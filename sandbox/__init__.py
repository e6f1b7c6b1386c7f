"""Practice shops: a separate program that speaks a sales channel's real HTTP API, here BigCommerce's.

    from sandbox import ShopConfig, Shop, Switches, Request, serve

    shop = Shop(ShopConfig(seed=1, products=20, customers=10, orders=40))
    with serve(shop, port=0) as running:       # a real HTTP server on 127.0.0.1
        running.url                            # http://127.0.0.1:PORT/stores/practice
        running.root                           # http://127.0.0.1:PORT, under which /_practice/... lies
        running.token                          # for the header X-Auth-Token

    response = shop.handle(Request("GET", "/stores/practice/v2/time", headers={"X-Auth-Token": shop.config.token}))
    response.status, response.headers, response.body, response.json(), response.fault

The same config gives the same shop, to the byte. `Switches` holds what the reference leaves unconfirmed; see
`sandbox/README.md` for these, for the faults and for the `/_practice` endpoints. Nothing of the product is imported.
"""

from sandbox.config import ShopConfig
from sandbox.exchange import Request, Response, WireFault
from sandbox.server import Running, serve
from sandbox.shop import Shop
from sandbox.switches import Switches

__all__ = ["Request", "Response", "Running", "Shop", "ShopConfig", "Switches", "WireFault", "serve"]
