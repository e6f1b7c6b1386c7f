"""Access tokens by the client-credentials grant: each lives a day by the shop's clock."""

import hashlib
import hmac
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from sandbox.exchange import NotJson, Request, Response, answer, decode

LIVES = 86_400
CLIENT_ID, CLIENT_SECRET = "practice-client", "shpss_practice"


def _told(request: Request) -> dict[str, str]:
    """What a form or a JSON body says."""
    if (request.header("Content-Type") or "").startswith("application/json"):
        try:
            found = decode(request.body)
        except NotJson:
            return {}
        return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}
    return dict(parse_qsl(request.body.decode("utf-8", "replace")))


@dataclass(slots=True)
class Tokens:
    """The tokens that were issued, with the moment at which each ends."""

    name: str
    issued: dict[str, int] = field(default_factory=dict)

    def answer(self, request: Request, now: int, scopes: str) -> Response:
        """The answer of the token endpoint."""
        told = _told(request)
        if told.get("grant_type") != "client_credentials":
            return answer({"error": "unsupported_grant_type"}, 400)
        right = told.get("client_id") == CLIENT_ID and hmac.compare_digest(
            told.get("client_secret", "").encode(), CLIENT_SECRET.encode()
        )
        if not right:
            return answer({"error": "invalid_client"}, 401)
        token = "shpat_" + hashlib.sha256(f"{self.name}:{len(self.issued)}:{now}".encode()).hexdigest()[:32]
        self.issued[token] = now + LIVES
        return answer({"access_token": token, "scope": scopes, "expires_in": LIVES - 1})

    def opens(self, token: str | None, now: int) -> bool:
        """Whether a token is one that still lives."""
        return token is not None and self.issued.get(token, 0) > now
