"""How WooCommerce speaks; see README.md here for rights, limits and known gaps."""

from fillrate.channels.protocol import Kind, Reach
from fillrate.channels.woocommerce.channel import CAPABILITIES, WooCommerce
from fillrate.channels.woocommerce.hooks import HOOKS
from fillrate.channels.woocommerce.keys import Keys
from fillrate.channels.woocommerce.rest import PATIENT, Rest
from fillrate.channels.woocommerce.settings import WooCommerceSettings

__all__ = ["KIND", "WooCommerce", "WooCommerceSettings"]


def opened(one: WooCommerceSettings, reach: Reach) -> WooCommerce:
    """Return the way to speak to one shop."""
    auth = Keys(one.key, one.secret, reach.outside)
    return WooCommerce(one.name, Rest(reach.http(one.base_url, auth, policy=PATIENT)))


KIND = Kind(name="woocommerce", settings=WooCommerceSettings, capabilities=CAPABILITIES, open=opened, hooks=HOOKS)
