"""How eBay says no: a list of numbered errors, the numbers and words as its specification has them."""

from collections.abc import Mapping
from typing import Any

from sandbox.exchange import HTML, Response, answer

KINDS: dict[int, tuple[str, str, str]] = {
    1001: ("OAuth", "REQUEST", "Invalid access token"),
    1100: ("ACCESS", "REQUEST", "Access denied"),
    2001: ("ACCESS", "REQUEST", "Too many requests."),
    2002: ("ACCESS", "REQUEST", "Resource not found"),
    2003: ("ACCESS", "REQUEST", "Method not allowed"),
    2004: ("ACCESS", "REQUEST", "Invalid request"),
    25001: ("API_INVENTORY", "APPLICATION", "A system error has occurred. {}"),
    25002: ("API_INVENTORY", "REQUEST", "Any User error. {}"),
    25004: (
        "API_INVENTORY",
        "REQUEST",
        "The eBay listing associated with the inventory item, or the unpublished offer has an invalid quantity. {}",
    ),
    25012: ("API_INVENTORY", "REQUEST", "Invalid inventory location. {}"),
    25702: ("API_INVENTORY", "REQUEST", "{} could not be found or is not available in the system."),
    25706: ("API_INVENTORY", "REQUEST", "You have provided invalid pagination values.  {}."),
    25708: ("API_INVENTORY", "REQUEST", "Invalid SKU."),
    25709: ("API_INVENTORY", "REQUEST", "Invalid value for {}."),
    25710: (
        "API_INVENTORY",
        "REQUEST",
        "We didn't find the resource/entity you are requesting. Please verify the request",
    ),
    25713: ("API_INVENTORY", "REQUEST", "This Offer is not available : {}."),
    25727: ("API_INVENTORY", "REQUEST", "The number of InventoryItems in the request cannot exceed {}."),
    25734: ("API_INVENTORY", "REQUEST", "SKU should be unique in the request."),
    30500: ("API_FULFILLMENT", "APPLICATION", "System error"),
    30700: ("API_FULFILLMENT", "REQUEST", "Invalid filter name: {}"),
    30800: ("API_FULFILLMENT", "REQUEST", "Invalid filter value {}"),
    30810: ("API_FULFILLMENT", "REQUEST", "Invalid date format"),
    30820: ("API_FULFILLMENT", "REQUEST", "Start date is missing"),
    30830: ("API_FULFILLMENT", "REQUEST", "Time range between start date and end date must be within '2' years."),
    30840: ("API_FULFILLMENT", "REQUEST", "Start date should be before end date"),
    30850: ("API_FULFILLMENT", "REQUEST", "Start and end dates can't be in the future"),
    30900: ("API_FULFILLMENT", "REQUEST", "Exceeded maximum number of order IDs (the current limit is 50)"),
    31000: ("API_FULFILLMENT", "REQUEST", "Invalid offset: {}"),
    31100: ("API_FULFILLMENT", "REQUEST", "Invalid limit: {}"),
    32100: ("API_FULFILLMENT", "REQUEST", "Invalid order ID: {}"),
    32200: ("API_FULFILLMENT", "REQUEST", "Invalid line item id: {}"),
    32210: ("API_FULFILLMENT", "REQUEST", "Duplicate line item in the request"),
    32300: ("API_FULFILLMENT", "REQUEST", "Invalid shipment tracking number or carrier"),
    32500: ("API_FULFILLMENT", "REQUEST", "Invalid shipped date"),
    32600: ("API_FULFILLMENT", "REQUEST", "Invalid input data"),
    32800: ("API_FULFILLMENT", "REQUEST", "Invalid field group: {}"),
}
BAD_REQUEST = (
    b"<!doctype html><html><head><title>HTTP Status 400 - Bad Request</title></head>"
    b"<body><h1>HTTP Status 400 - Bad Request</h1></body></html>"
)


class EbayRefusal(Exception):
    """A request, or a row of one, that eBay refuses."""

    def __init__(self, number: int, about: str = "", status: int = 400) -> None:
        super().__init__(KINDS[number][2].format(about))
        self.number = number
        self.about = about
        self.status = status

    def error(self) -> dict[str, Any]:
        """The error as the answer holds it."""
        domain, category, _ = KINDS[self.number]
        found: dict[str, Any] = {
            "errorId": self.number,
            "domain": domain,
            "category": category,
            "message": str(self),
            "longMessage": str(self),
        }
        return {**found, "parameters": [{"name": "additionalInfo", "value": self.about}]} if self.about else found


class Unparsed(Exception):
    """A request line that the gateway before the API cannot read."""


def refuse(refusal: EbayRefusal, headers: Mapping[str, str] | None = None) -> Response:
    """The answer to a refused request."""
    found = answer({"errors": [refusal.error()]}, refusal.status)
    found.headers = dict(headers or {})
    return found


def unparsed() -> Response:
    """What the gateway says to a request line that it cannot read."""
    return Response(400, BAD_REQUEST, HTML)
