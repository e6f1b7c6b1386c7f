"""How Amazon speaks; see README.md here for roles, limits and known gaps."""

import httpx

from fillrate.channels.amazon.channel import CAPABILITIES, Amazon
from fillrate.channels.amazon.settings import AmazonSettings
from fillrate.channels.protocol import Kind, Reach
from fillrate.gateway.auth import Headers
from fillrate.gateway.budget import Priority
from fillrate.gateway.http import Endpoint
from fillrate.gateway.oauth import Refreshed
from fillrate.gateway.rates import RateHeaders

__all__ = ["KIND", "Amazon", "AmazonSettings"]

RATES = RateHeaders(operation="x-amzn-ratelimit-limit")
ENDED = frozenset({401, 403})  # a token that has ended is a 403 here, as is a role that is missing


def opened(one: AmazonSettings, reach: Reach) -> Amazon:
    """Return the way to speak to one account."""
    at = httpx.URL(one.auth_url)
    token = Refreshed(
        reach.http(f"{at.scheme}://{at.netloc.decode()}", Headers({})),
        Endpoint("amazon.token", at.path, Priority.WRITE, "the app's keys"),
        one.refresh_token,
        lambda: {
            "client_id": one.client_id.get_secret_value(),
            "client_secret": one.client_secret.get_secret_value(),
        },
        "x-amz-access-token",
        reach.outside.clock,
    )
    http = reach.http(one.base_url, token, rates=RATES, renewable=ENDED)
    return Amazon(one, http, token, reach.documents(one.base_url), reach.outside)


KIND = Kind(name="amazon", settings=AmazonSettings, capabilities=CAPABILITIES, open=opened)
