"""eBay's token endpoint: the seller's consent, or the application alone, becomes a token for two hours."""

from typing import TYPE_CHECKING

from sandbox.exchange import Request, Response, answer
from sandbox.tokens import basic, form

if TYPE_CHECKING:
    from sandbox.ebay.shop import Ebay

PATH = "/identity/v1/oauth2/token"
SCOPE = "https://api.ebay.com/oauth/api_scope"
INVENTORY, FULFILLMENT = f"{SCOPE}/sell.inventory", f"{SCOPE}/sell.fulfillment"
GRANTS = {"refresh_token": frozenset({SCOPE, INVENTORY, FULFILLMENT}), "client_credentials": frozenset({SCOPE})}
TWO_HOURS = 7200


def _grudge(status: int, error: str, description: str) -> Response:
    return answer({"error": error, "error_description": description}, status)


def _refusal(shop: "Ebay", request: Request, told: dict[str, str]) -> Response | None:
    """Why a grant is not given, before its scopes are looked at."""
    keys = shop.secrets()
    kind = (request.header("Content-Type") or "").partition(";")[0].strip().lower()
    if basic(request.header("Authorization")) != (keys["CLIENT_ID"], keys["CLIENT_SECRET"]):
        return _grudge(401, "invalid_client", "client authentication failed")
    if kind != "application/x-www-form-urlencoded":
        return _grudge(400, "invalid_request", "request header is missing, malformed, or contains an invalid value")
    if told.get("grant_type") not in GRANTS:
        text = "grant type in request is not supported by the authorization server"
        return _grudge(400, "unsupported_grant_type", text)
    unknown = shop.revoked or told.get("refresh_token") != keys["REFRESH_TOKEN"]
    if told["grant_type"] == "refresh_token" and unknown:
        text = "the provided authorization refresh token is invalid or was issued to another client"
        return _grudge(400, "invalid_grant", text)
    return None


def token(shop: "Ebay", request: Request) -> Response:
    """A new token for the scopes that are asked for, of those that were granted (all of them without asking)."""
    if request.method != "POST":
        return shop.refusal(request, 405)
    told = form(request.body)
    refused = _refusal(shop, request, told)
    if refused is not None:
        return refused
    granted = GRANTS[told["grant_type"]]
    asked = frozenset(told.get("scope", "").split()) or granted
    if not asked <= granted:
        text = "The requested scope is invalid, unknown, malformed, or exceeds the scope granted to the client"
        return _grudge(400, "invalid_scope", text)
    made = shop.tokens.issue(shop.state.clock.now(), asked)
    kind = "User Access Token" if told["grant_type"] == "refresh_token" else "Application Access Token"
    return answer({"access_token": made, "expires_in": TWO_HOURS, "token_type": kind})
