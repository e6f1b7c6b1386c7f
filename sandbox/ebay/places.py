"""The merchant's inventory locations."""

from typing import Any

from sandbox.ebay.call import Call
from sandbox.ebay.items import place_key
from sandbox.exchange import Response, answer
from sandbox.market.records import Place


def _show(place: Place) -> dict[str, Any]:
    address = {"city": "San Jose", "stateOrProvince": "CA", "postalCode": "95125", "country": "US"}
    return {
        "merchantLocationKey": place_key(place.id),
        "name": place.name,
        "merchantLocationStatus": "ENABLED" if place.active else "DISABLED",
        "locationTypes": ["WAREHOUSE"],
        "location": {"address": address, "locationId": f"LOC{place.id:08d}"},
    }


def list_places(call: Call) -> Response:
    """`getInventoryLocations`; here `offset` counts rows."""
    limit, offset = call.page(25706, 100, 100)
    places = sorted(call.state.places.values(), key=lambda place: place.id)
    body: dict[str, Any] = {
        "href": call.link(limit=limit, offset=offset),
        "limit": limit,
        "offset": offset,
        "total": len(places),
        "locations": [_show(place) for place in places[offset : offset + limit]],
    }
    if offset + limit < len(places):
        body["next"] = call.link(limit=limit, offset=offset + limit)
    return answer(body)
