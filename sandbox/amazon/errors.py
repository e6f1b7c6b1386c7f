"""How the Selling Partner API says no."""

from sandbox.exchange import Response, answer


class AmazonRefusal(Exception):
    """A request that Amazon refuses: status, code, message, details."""

    def __init__(self, status: int, code: str, message: str, details: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.details = details


def invalid(message: str) -> AmazonRefusal:
    """A request with parameters or a body that cannot be."""
    return AmazonRefusal(400, "InvalidInput", message)


def denied(details: str) -> AmazonRefusal:
    """A request without a token that is good now; an expired one is a 403 too, never a 401."""
    return AmazonRefusal(403, "Unauthorized", "Access to requested resource is denied.", details)


def not_found(message: str) -> AmazonRefusal:
    """Something that is not there."""
    return AmazonRefusal(404, "NotFound", message)


def over_quota() -> AmazonRefusal:
    """The bucket of the operation is empty."""
    return AmazonRefusal(429, "QuotaExceeded", "You exceeded your quota for the requested resource.")


def refuse(refusal: AmazonRefusal) -> Response:
    """The answer to a refused request."""
    error = {"code": refusal.code, "message": str(refusal), "details": refusal.details}
    return answer({"errors": [error]}, refusal.status)
