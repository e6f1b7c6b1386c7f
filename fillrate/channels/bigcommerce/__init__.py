"""How BigCommerce speaks; see README.md here for scopes, limits and known gaps."""

from fillrate.channels.bigcommerce.channel import CAPABILITIES, BigCommerce
from fillrate.channels.bigcommerce.hooks import HOOKS, words
from fillrate.channels.bigcommerce.settings import BigCommerceSettings
from fillrate.channels.protocol import Kind, Reach
from fillrate.gateway.auth import Headers

__all__ = ["KIND", "BigCommerce", "BigCommerceSettings"]


def opened(one: BigCommerceSettings, reach: Reach) -> BigCommerce:
    """Return the way to speak to one store."""
    http = reach.http(one.base_url, Headers({"X-Auth-Token": one.token}))
    return BigCommerce(one.name, http, words(one))


KIND = Kind(name="bigcommerce", settings=BigCommerceSettings, capabilities=CAPABILITIES, open=opened, hooks=HOOKS)
