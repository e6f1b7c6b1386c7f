"""Which scopes a token has: one cheap read under each."""

from fillrate.channels.bigcommerce import endpoints
from fillrate.channels.protocol import Scope
from fillrate.errors import FixSettings
from fillrate.gateway.http import Endpoint, Http, Params


def probe(http: Http) -> tuple[Scope, ...]:
    """Return every scope that the endpoints ask for; those that show only in a write are not checked."""
    read = [
        Scope(
            name=endpoint.scope, use=f"read {use}", state="granted" if is_granted(http, endpoint, params) else "missing"
        )
        for use, (endpoint, params) in endpoints.PROBES.items()
    ]
    write = Scope(name=endpoints.ORDERS_WRITE_SCOPE, use="write notes to orders", state="not checked")
    return (*read, write)


def is_granted(http: Http, endpoint: Endpoint, params: Params) -> bool:
    """Tell whether the shop lets the token read this."""
    try:
        http.get(endpoint, params, lambda body: None)
    except FixSettings:  # 401 or 403
        return False
    return True
