"""The door to one WordPress: where its REST routes lie is found out once, by asking.

With pretty permalinks they lie under /wp-json; without, they are named in the query. A WordPress that does not know
/wp-json may answer with its own error page, the web server's, or its front page.
"""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from fillrate.channels.woocommerce import endpoints
from fillrate.errors import BadAnswer
from fillrate.gateway.http import Endpoint, Http, Params, Reply
from fillrate.gateway.retry import RetryPolicy
from fillrate.gateway.strict_json import Malformed, decode

T = TypeVar("T")
PATIENT = RetryPolicy(read_s=120, total_s=180)  # a hundred rows took half a minute on a small machine
NAMED: Params = {"_fields": "namespace"}


class ApiBody(msgspec.Struct):
    """What lies under a namespace, as sent."""

    namespace: str


BODY = msgspec.json.Decoder(ApiBody)


class Rest:
    """The REST routes of one shop."""

    def __init__(self, http: Http) -> None:
        self._http = http
        self._is_pretty: bool | None = None
        self.lists_variations = True  # until the shop says that it is too old for one list of all variations

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def get(self, endpoint: Endpoint, params: Params, decoded: Callable[[bytes], T]) -> Reply[T]:
        """Read; as `Http.get` in all else."""
        return self._http.get(*self._at(endpoint, params), decoded)

    def post(
        self, endpoint: Endpoint, json: object, decoded: Callable[[bytes], T], may_send: Callable[[], None]
    ) -> Reply[T]:
        """Write; as `Http.send` in all else."""
        place, params = self._at(endpoint, {})
        return self._http.send(place, "POST", json, decoded, may_send, params)

    def _at(self, endpoint: Endpoint, params: Params) -> tuple[Endpoint, Params]:
        """Return a route where this shop has it."""
        if self._is_pretty is None:
            self._is_pretty = self._finds_pretty()
        return placed(endpoint, params, is_pretty=self._is_pretty)

    def _finds_pretty(self) -> bool:
        """Ask under both styles; BadAnswer where neither leads to WooCommerce."""
        found = self._http.get(*placed(endpoints.API, NAMED, is_pretty=True), is_api, is_a_look=True)
        if found.value:
            return True
        if self._http.get(*placed(endpoints.API, NAMED, is_pretty=False), is_api, is_a_look=True).value:
            return False
        what = f"{endpoints.API.label}: no REST API of WooCommerce lies there, under either style of permalinks."
        raise BadAnswer(what, next="Set base_url to the address of the shop's WordPress.")


def placed(endpoint: Endpoint, params: Params, *, is_pretty: bool) -> tuple[Endpoint, Params]:
    """Return a route as one of the two styles names it."""
    if is_pretty:
        return endpoint.at(f"/wp-json{endpoint.path}".rstrip("/")), params
    return endpoint.at("/"), {"rest_route": endpoint.path, **params}


def is_api(body: bytes) -> bool:
    """Tell whether a body speaks of WooCommerce's API."""
    try:
        return decode(body, BODY).namespace == "wc/v3"
    except (Malformed, msgspec.ValidationError):
        return False
