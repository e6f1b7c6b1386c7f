"""How eBay speaks; see README.md here for scopes, limits and known gaps."""

from fillrate.channels.ebay import endpoints
from fillrate.channels.ebay.channel import CAPABILITIES, Ebay
from fillrate.channels.ebay.settings import EbaySettings
from fillrate.channels.protocol import Kind, Reach
from fillrate.gateway.auth import Basic
from fillrate.gateway.oauth import Refreshed

__all__ = ["KIND", "Ebay", "EbaySettings"]


def opened(one: EbaySettings, reach: Reach) -> Ebay:
    """Return the way to speak to one account."""
    keys = Basic(one.client_id.get_secret_value(), one.client_secret)
    token = Refreshed(
        reach.http(one.base_url, keys),
        endpoints.TOKEN,
        one.refresh_token,
        dict,  # no scope: all that the merchant granted
        "Authorization",
        reach.outside.clock,
        more={"X-EBAY-C-MARKETPLACE-ID": one.marketplace_id},
    )
    return Ebay(one, reach.http(one.base_url, token), token, reach.budget, reach.outside)


KIND = Kind(name="ebay", settings=EbaySettings, capabilities=CAPABILITIES, open=opened)
