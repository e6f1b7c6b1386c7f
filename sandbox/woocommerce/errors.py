"""How WordPress says no."""

from typing import Any

from sandbox.exchange import HTML, Response, answer

PAGE = (
    b"<!DOCTYPE html><html><head><title>Page not found</title></head>"
    b"<body><h1>That page can&rsquo;t be found.</h1></body></html>"
)


class Refusal(Exception):
    """A refused request: the code, the message and the status that the caller gets, and what `data` has beside it."""

    def __init__(self, status: int, code: str, message: str, **data: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "message": message, "data": {"status": status, **data}}

    def response(self) -> Response:
        """As the answer to a request."""
        return answer(self.body, self.status)

    def row(self, row_id: int) -> dict[str, Any]:
        """As the result of a row of a batch."""
        return {"id": row_id, "error": self.body}


def no_route() -> Refusal:
    """A path, or a method of one, that there is not."""
    return Refusal(404, "rest_no_route", "No route was found matching the URL and request method.")


def page_not_found() -> Response:
    """A path that is none of the API: the theme's page."""
    return Response(404, PAGE, HTML)


def invalid(name: str, reason: str, code: str = "rest_invalid_param") -> Refusal:
    """A parameter that its schema refuses."""
    details = {name: {"code": code, "message": reason, "data": None}}
    return Refusal(400, "rest_invalid_param", f"Invalid parameter(s): {name}", params={name: reason}, details=details)


def wrong_type(name: str, wanted: str) -> Refusal:
    """A parameter of another type."""
    reason = f"{name} is not of type {wanted}."
    details = {name: {"code": "rest_invalid_type", "message": reason, "data": {"param": name}}}
    return Refusal(400, "rest_invalid_param", f"Invalid parameter(s): {name}", params={name: reason}, details=details)


def not_served(name: str) -> Refusal:
    """What a real shop knows and this one has no place for: said by name rather than ignored."""
    return Refusal(501, "practice_not_served", f"This practice shop does not serve {name}.")
