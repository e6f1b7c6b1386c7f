"""How Shopify speaks; see README.md here for scopes, limits and known gaps."""

from fillrate.channels.protocol import Kind, Reach
from fillrate.channels.shopify.channel import CAPABILITIES, Shopify
from fillrate.channels.shopify.graph import Graph
from fillrate.channels.shopify.settings import ShopifySettings
from fillrate.channels.shopify.tokens import HEADER, Granted
from fillrate.gateway.auth import Headers

__all__ = ["KIND", "Shopify", "ShopifySettings"]


def opened(one: ShopifySettings, reach: Reach) -> Shopify:
    """Return the way to speak to one shop: with an app's permanent token, or with tokens that are got when needed."""
    clock = reach.outside.clock
    if one.token.get_secret_value():
        http = reach.http(one.base_url, Headers({HEADER: one.token}))
        return Shopify(one.name, Graph(http, one.api_version, clock), http.close)
    door = reach.http(one.base_url, Headers({}))
    tokens = Granted(one.client_id, one.client_secret, door, clock)
    return Shopify(one.name, Graph(reach.http(one.base_url, tokens), one.api_version, clock), tokens.close)


KIND = Kind(name="shopify", settings=ShopifySettings, capabilities=CAPABILITIES, open=opened)
