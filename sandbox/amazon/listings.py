"""The Listings Items API: one listing, a search, and the patch of one."""

import base64
import binascii
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from sandbox.amazon import submissions
from sandbox.amazon.availability import DEFAULT, NAME, OPERATIONS, Issue, issue, patch_issues
from sandbox.amazon.call import Call
from sandbox.amazon.errors import AmazonRefusal, denied, invalid
from sandbox.amazon.listing_rows import SETS, fn_sku, parent_sku, show_listing
from sandbox.amazon.records import channels, product, sellable
from sandbox.exchange import Response, answer
from sandbox.market.records import Listing
from sandbox.market.state import MarketState

MOST_IDENTIFIERS, MOST_A_PAGE, MOST_RESULTS = 20, 20, 1000
IDENTIFIERS = ("ASIN", "EAN", "FNSKU", "GTIN", "ISBN", "JAN", "MINSAN", "SKU", "UPC")
STATUSES = ("BUYABLE", "DISCOVERABLE")
SORTED: dict[str, Callable[[Listing], tuple[Any, int]]] = {
    "sku": lambda one: (one.sku, one.id),
    "createdDate": lambda one: (one.created, one.id),
    "lastUpdatedDate": lambda one: (one.modified, one.id),
}


def find(state: MarketState, sku: str) -> Listing | None:
    """The listing of a SKU."""
    return next((one for one in state.by_sku(sku) if one.sold), None)


def _own(call: Call, seller: str) -> None:
    if unquote(seller) != call.shop.seller:
        raise denied("The selling partner is not the one that authorized the application.")
    call.marketplaces()


def get_item(call: Call, seller: str, raw: str) -> Response:
    """`getListingsItem`."""
    _own(call, seller)
    wanted = call.csv("includedData", choices=tuple(SETS)) or ["summaries"]
    listing = find(call.state, unquote(raw))
    if listing is None:
        raise AmazonRefusal(404, "NOT_FOUND", f"SKU '{unquote(raw)}' not found in marketplace {call.store.id}")
    return answer(show_listing(call.store, listing, wanted))


def _by_identifier(call: Call, found: list[Listing]) -> list[Listing]:
    named, kind = call.csv("identifiers", MOST_IDENTIFIERS), call.params.get("identifiersType")
    if (named is None) != (kind is None):
        raise invalid("'identifiers' and 'identifiersType' are required together.")
    if named is None:
        return found
    if kind not in IDENTIFIERS or {"variationParentSku", "packageHierarchySku"} & set(call.params):
        raise invalid("'identifiersType' is not valid here.")
    ways: dict[str, Callable[[Listing], str]] = {
        "SKU": lambda one: one.sku,
        "ASIN": lambda one: product(one).asin,
        "FNSKU": fn_sku,
    }
    way = ways.get(str(kind))
    return [one for one in found if way is not None and way(one) in named]


def _status(listing: Listing) -> set[str]:
    return set(STATUSES) if sellable(listing) else {"DISCOVERABLE"}


def _filtered(call: Call) -> list[Listing]:
    found = _by_identifier(call, list(call.state.sold()))
    if "variationParentSku" in call.params and "packageHierarchySku" in call.params:
        raise invalid("'variationParentSku' and 'packageHierarchySku' exclude each other.")
    if "variationParentSku" in call.params:
        found = [one for one in found if parent_sku(one) == call.params["variationParentSku"]]
    if "packageHierarchySku" in call.params:
        found = []
    for name, moment in (("created", "created"), ("lastUpdated", "modified")):
        after, before = call.moment(f"{name}After"), call.moment(f"{name}Before")
        found = [one for one in found if after is None or getattr(one, moment) >= after]
        found = [one for one in found if before is None or getattr(one, moment) <= before]
    have, have_not = call.csv("withStatus", choices=STATUSES), call.csv("withoutStatus", choices=STATUSES)
    severe = call.csv("withIssueSeverity", choices=("WARNING", "ERROR"))
    if severe is not None:
        found = [one for one in found if any(said["severity"] in severe for said in product(one).issues)]
    found = [one for one in found if have is None or _status(one) & set(have)]
    return [one for one in found if have_not is None or not _status(one) & set(have_not)]


def search(call: Call, seller: str) -> Response:
    """`searchListingsItems`. A page is a position in the sorted list as it is now, and no page lies beyond 1,000."""
    _own(call, seller)
    wanted = call.csv("includedData", choices=tuple(SETS)) or ["summaries"]
    size = call.number("pageSize", 10, MOST_A_PAGE)
    by, way = call.params.get("sortBy", "lastUpdatedDate"), call.params.get("sortOrder", "DESC")
    if by not in SORTED or way not in {"ASC", "DESC"}:
        raise invalid("'sortBy' or 'sortOrder' is not valid.")
    found = sorted(_filtered(call), key=SORTED[by], reverse=way == "DESC")
    start = read_token(call.params["pageToken"]) if "pageToken" in call.params else 0
    page = found[start : min(start + size, MOST_RESULTS)]
    tokens = {}
    if start + size < min(len(found), MOST_RESULTS):
        tokens["nextToken"] = make_token(start + size)
    if start:
        tokens["previousToken"] = make_token(max(0, start - size))
    items = [show_listing(call.store, one, wanted) for one in page]
    pagination = {"pagination": tokens} if tokens else {}
    return answer({"numberOfResults": len(found), **pagination, "items": items})


def make_token(position: int) -> str:
    """A token for a position."""
    return base64.urlsafe_b64encode(f"position:{position}".encode()).decode().rstrip("=")


def read_token(text: str) -> int:
    """The position of a token. Raises AmazonRefusal."""
    try:
        told = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().partition(":")
        return int(told[2])
    except (binascii.Error, ValueError) as error:
        raise invalid("The page token is not valid.") from error


def check_type(shop_takes_any: bool, listing: Listing, told: str) -> list[Issue]:
    """Whether a listing can be called by a product type."""
    if told == product(listing).product_type or (shop_takes_any and told == "PRODUCT"):
        return []
    return [issue("90000901", f"The product type '{told}' is not the one of the listing.", "product_type")]


def unknown(sku: str) -> Issue:
    """What is said of a SKU that there is not."""
    return issue("13013", f"This SKU '{sku}' does not exist in the Amazon catalog. Your data was not processed.", "sku")


def submission_issues(call: Call, sku: str, product_type: str, patches: list[dict[str, Any]]) -> list[Issue]:
    """What is wrong with patches of a SKU."""
    listing = find(call.state, sku)
    if listing is None:
        return [unknown(sku)]
    found = check_type(call.switch("generic_product_type"), listing, product_type)
    for patch in patches:
        found += patch_issues(patch, tuple(channels(listing)))
        if not found:
            found += amazon_issues(patch.get("value") or [])
    return found


def amazon_issues(values: list[dict[str, Any]]) -> list[Issue]:
    """What Amazon holds nobody else counts."""
    counted = any(one["fulfillment_channel_code"] != DEFAULT and "quantity" in one for one in values)
    return [issue("90244", "The quantity of what Amazon fulfils cannot be set.", NAME)] if counted else []


def _read_patches(call: Call) -> tuple[str, list[dict[str, Any]]]:
    body = call.json()
    kind, patches = body.get("productType"), body.get("patches")
    if not isinstance(kind, str) or not isinstance(patches, list) or not patches:
        raise invalid("'productType' and 'patches' are required.")
    for patch in patches:
        if not well_formed(patch):
            raise invalid("A patch has an 'op', a 'path' and a list of objects as 'value'.")
    return kind, patches


def well_formed(patch: Any) -> bool:
    """Whether something is a patch at all."""
    if not isinstance(patch, dict) or patch.get("op") not in OPERATIONS or not isinstance(patch.get("path"), str):
        return False
    values = patch.get("value", [])
    return isinstance(values, list) and all(isinstance(one, dict) for one in values)


def patch_item(call: Call, seller: str, raw: str) -> Response:
    """`patchListingsItem`: 200 whether it is ACCEPTED, and done later, or INVALID."""
    _own(call, seller)
    wanted = call.csv("includedData", choices=("identifiers", "issues")) or ["issues"]
    mode, sku = call.params.get("mode"), unquote(raw)
    if mode not in {None, "VALIDATION_PREVIEW"}:
        raise invalid("'mode' is not valid.")
    kind, patches = _read_patches(call)
    issues = submission_issues(call, sku, kind, patches)
    if issues or mode is not None:
        status, submission = "INVALID" if issues else "VALID", submissions.new_id(call.state)
    else:
        status, submission = "ACCEPTED", submissions.accept(call.shop, sku, submissions.PATCHES, patches)
    body: dict[str, Any] = {"sku": sku, "status": status, "submissionId": submission}
    if "issues" in wanted:
        body["issues"] = issues
    listing = find(call.state, sku)
    if "identifiers" in wanted:
        known = [] if listing is None else [{"marketplaceId": call.store.id, "asin": product(listing).asin}]
        body["identifiers"] = known
    return answer(body)
