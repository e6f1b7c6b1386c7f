"""How a REST API key is shown: HTTP Basic over TLS; by OAuth 1.0a where WooCommerce takes no Basic, or never sees it.

It takes none over plain http, which here goes to this machine only; and some hosts keep the header to themselves. OAuth 1.0a
has one leg here: the key and a signature (HMAC-SHA256) stand in the query, and the secret never travels.
"""

import hmac
from base64 import b64encode
from hashlib import sha256
from urllib.parse import quote

import httpx
from pydantic import SecretStr

from fillrate.gateway.auth import reveal
from fillrate.gateway.outside import Outside


class Keys:
    """A consumer key with its secret."""

    def __init__(self, key: SecretStr, secret: SecretStr, outside: Outside) -> None:
        self._key = key
        self._secret = secret
        self._outside = outside
        self._is_refused = False  # Basic was

    def sign(self, request: httpx.Request) -> None:
        """Show the key; FixChannel where it or its secret is none."""
        key, secret = reveal("Authorization", self._key), reveal("Authorization", self._secret)
        if request.url.scheme == "https" and not self._is_refused:
            request.headers["Authorization"] = f"Basic {b64encode(f'{key}:{secret}'.encode()).decode()}"
            return
        now = self._outside.clock.now()
        shown = {
            "oauth_consumer_key": key,
            "oauth_nonce": f"{self._outside.new_id()}{now:%H%M%S%f}",  # where chance repeats itself, time does not
            "oauth_signature_method": "HMAC-SHA256",
            "oauth_timestamp": str(int(now.timestamp())),
        }
        unsigned = request.url.copy_merge_params(shown)
        signed = signature(request.method, unsigned, secret)
        request.url = unsigned.copy_merge_params({"oauth_signature": signed})

    def renew(self) -> bool:
        """Where Basic was refused, sign from now on; another key can be made by nobody but a person."""
        was_refused, self._is_refused = self._is_refused, True
        return not was_refused


def signature(method: str, url: httpx.URL, secret: str) -> str:
    """Return the signature of a request whose query holds all that is signed."""
    pairs = sorted((escaped(name), escaped(value)) for name, value in url.params.multi_items())
    query = "&".join(f"{name}={value}" for name, value in pairs)
    place = str(url.copy_with(query=None))
    signed = "&".join(escaped(part) for part in (method.upper(), place, query))
    return b64encode(hmac.digest(f"{secret}&".encode(), signed.encode(), sha256)).decode()


def escaped(value: str) -> str:
    """Return a text with everything escaped but what RFC 3986 calls unreserved."""
    return quote(value, safe="")
