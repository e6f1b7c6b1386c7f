"""Login with Amazon: the seller's consent becomes a token for an hour."""

from typing import TYPE_CHECKING

from sandbox.amazon.errors import denied, refuse
from sandbox.exchange import Request, Response, answer
from sandbox.tokens import form

if TYPE_CHECKING:
    from sandbox.amazon.shop import Amazon

PATH = "/auth/o2/token"
HOUR = 3600


def _grudge(status: int, error: str, description: str) -> Response:
    return answer({"error": error, "error_description": description}, status)


def token(shop: "Amazon", request: Request) -> Response:
    """A new access token; the refresh token stays the same."""
    if request.method != "POST":
        return Response(405)
    told, keys = form(request.body), shop.secrets()
    if told.get("grant_type") != "refresh_token":
        return _grudge(400, "unsupported_grant_type", "The authorization grant type is not supported")
    if (told.get("client_id"), told.get("client_secret")) != (keys["CLIENT_ID"], keys["CLIENT_SECRET"]):
        return _grudge(401, "invalid_client", "Client authentication failed")
    if shop.revoked or told.get("refresh_token") != keys["REFRESH_TOKEN"]:
        return _grudge(400, "invalid_grant", "The request has an invalid grant parameter : refresh_token")
    made = shop.tokens.issue(shop.state.clock.now())
    refresh = keys["REFRESH_TOKEN"]
    return answer({"access_token": made, "refresh_token": refresh, "token_type": "bearer", "expires_in": HOUR})


def check(shop: "Amazon", request: Request) -> Response | None:
    """The refusal of a request whose `x-amz-access-token` is not good now: always a 403."""
    sent = request.header("x-amz-access-token")
    if not sent:
        return refuse(denied("Access token is missing in the request header."))
    if shop.tokens.scopes(sent, shop.state.clock.now()) is None:
        return refuse(denied("The access token you provided is revoked, malformed or invalid, or has expired."))
    return None
