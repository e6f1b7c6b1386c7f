"""How BigCommerce speaks; see README.md here for scopes, limits and known gaps."""

from fillrate.channels.bigcommerce.channel import BigCommerce

__all__ = ["BigCommerce"]
