"""How Shopify speaks; see README.md here for scopes, limits and known gaps."""

from fillrate.channels.protocol import Kind, Reach
from fillrate.channels.shopify.bulk import LARGE
from fillrate.channels.shopify.channel import CAPABILITIES, Shopify
from fillrate.channels.shopify.graph import Graph
from fillrate.channels.shopify.hooks import HOOKS
from fillrate.channels.shopify.settings import ShopifySettings
from fillrate.channels.shopify.tokens import HEADER, Granted
from fillrate.gateway.auth import Headers
from fillrate.gateway.http import Http

__all__ = ["KIND", "Shopify", "ShopifySettings"]


def opened(one: ShopifySettings, reach: Reach) -> Shopify:
    """Return the way to speak to one shop: with an app's permanent token, or with tokens that are got when needed."""

    def elsewhere(address: str) -> Http:
        return reach.http(address, Headers({}), policy=LARGE)

    clock = reach.outside.clock
    if one.token.get_secret_value():
        http = reach.http(one.base_url, Headers({HEADER: one.token}))
        return Shopify(one.name, Graph(http, one.api_version, clock, one.base_url, elsewhere), http.close)
    tokens = Granted(one.client_id, one.client_secret, reach.http(one.base_url, Headers({})), clock)
    http = reach.http(one.base_url, tokens)
    return Shopify(one.name, Graph(http, one.api_version, clock, one.base_url, elsewhere), tokens.close)


KIND = Kind(name="shopify", settings=ShopifySettings, capabilities=CAPABILITIES, open=opened, hooks=HOOKS)
