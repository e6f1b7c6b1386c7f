"""The one way to say no, and the three shapes in which BigCommerce says it (v2, v3, inventory)."""

from typing import Any

from sandbox.exchange import PROBLEM, Response, answer

STATUS_PAGE = "https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes"


class Refusal(Exception):
    """A request that the shop refuses, with the status and the text that the caller gets."""

    def __init__(self, status: int, text: str, errors: Any = None) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.errors = errors


def not_found(what: str = "The requested resource was not found.") -> Refusal:
    """The usual 404."""
    return Refusal(404, what)


def v3_error(status: int, title: str, errors: Any = None) -> dict[str, Any]:
    """The body of a v3 error."""
    return {"status": status, "title": title, "type": STATUS_PAGE, "errors": {} if errors is None else errors}


def v3_refusal(path: str, refusal: Refusal) -> dict[str, Any]:
    """The body of a v3 refusal: of a 404 below orders `errors` is an empty array, in the catalogue there is none."""
    nothing = [] if refusal.status == 404 else None
    body = v3_error(refusal.status, refusal.text, nothing if refusal.errors is None else refusal.errors)
    if refusal.status in {404, 413} and not path.startswith("/v3/orders"):
        del body["errors"]
    return body


def v2_error(status: int, message: str, details: Any = None) -> list[dict[str, Any]]:
    """The body of a v2 error: always an array."""
    error: dict[str, Any] = {"status": status, "message": message}
    return [error if details is None else {**error, "details": details}]


def refuse(path: str, refusal: Refusal) -> Response:
    """The answer to a refused request, in the shape of the API that the path belongs to."""
    if path.startswith("/v2"):
        return answer(v2_error(refusal.status, refusal.text, refusal.errors), refusal.status)
    if path.startswith("/v3/inventory"):
        return answer(v3_error(refusal.status, refusal.text, refusal.errors), refusal.status, PROBLEM)
    return answer(v3_refusal(path, refusal), refusal.status)
