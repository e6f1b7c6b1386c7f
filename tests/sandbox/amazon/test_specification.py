"""What the Amazon account takes and says agrees with Amazon's own models, in types and in names."""

import json
from typing import Any

import httpx
import jsonschema

from sandbox.amazon.listing_rows import SETS
from sandbox.amazon.order_rows import SETS as ORDER_SETS
from sandbox.amazon.stores import STORES
from tests.sandbox.amazon.conftest import FEEDS, ORDERS, REPORTS, Caller, Make, availability, own
from tests.sandbox.official import answer_complaints, need, query_names, request_complaints
from tests.sandbox.specification import FOLDER

MARKETPLACE = STORES["USD"].id

SPECS = "../amazon-sp-api"
SOLD, LISTED = f"{SPECS}/orders_2026-01-01.json", f"{SPECS}/listingsItems_2021-08-01.json"
FED, REPORTED, FBA = f"{SPECS}/feeds_2021-06-30.json", f"{SPECS}/reports_2021-06-30.json", f"{SPECS}/fbaInventory.json"
ONE = "/listings/2021-08-01/items/{sellerId}/{sku}"
DRAFT = f"{SPECS}/listings-feed-schema-v2.json"


def check(account: Caller, file: str, documented: str, path: str, **params: Any) -> None:
    found = account.ask("GET", path, **params)
    assert found.status_code == 200, found.text
    assert answer_complaints(file, documented, "get", 200, found.json()) == [], documented
    assert set(params) <= query_names(file, documented)


def test_everything_that_is_read(make: Make) -> None:
    need(SOLD)
    account = make(orders=60)
    asked = account.buy("LAMP", 2)["order_id"]
    account.do("ask_to_cancel", order_id=asked)
    account.do("cancel", order_id=asked)
    account.do("reject_updates", sku="LAMP")
    account.patch("LAMP", availability("merge", own(quantity=3)))
    account.wait(1000)
    sets, all_sets = ",".join(SETS), ",".join(ORDER_SETS)
    check(
        account, SOLD, ORDERS, ORDERS, createdAfter="2025-01-01T00:00:00Z", maxResultsPerPage=50, includedData=all_sets
    )
    check(account, SOLD, f"{ORDERS}/{{orderId}}", f"{ORDERS}/{asked}", includedData=all_sets)
    listed = {"marketplaceIds": MARKETPLACE, "includedData": sets}
    for sku in ("LAMP", "FAR", "TEE-S"):
        check(account, LISTED, ONE, account.items(sku), **listed)
    check(account, LISTED, ONE.removesuffix("/{sku}"), account.items(), **listed, pageSize=2)
    granted = {"granularityType": "Marketplace", "granularityId": MARKETPLACE, "marketplaceIds": MARKETPLACE}
    check(account, FBA, "/fba/inventory/v1/summaries", "/fba/inventory/v1/summaries", **granted, details="true")


def test_patches_and_their_answers(make: Make) -> None:
    need(LISTED)
    account = make()
    for quantity, mode in ((3, None), (-1, None), (3, "VALIDATION_PREVIEW")):
        patches = [availability("merge", own(quantity=quantity))]
        body = {"productType": "PRODUCT", "patches": patches}
        assert request_complaints(LISTED, ONE, "patch", body) == []
        extra = {} if mode is None else {"mode": mode}
        told = account.patch("LAMP", *patches, includedData="identifiers,issues", **extra).json()
        assert answer_complaints(LISTED, ONE, "patch", 200, told) == []


def test_feeds_reports_and_their_documents(make: Make) -> None:
    need(FED)
    account = make()
    told = {"contentType": "application/json; charset=UTF-8"}
    made = account.ask("POST", f"{FEEDS}/documents", told)
    assert request_complaints(FED, f"{FEEDS}/documents", "post", told) == []
    assert answer_complaints(FED, f"{FEEDS}/documents", "post", 201, made.json()) == []
    document = made.json()["feedDocumentId"]
    order = {"feedType": "JSON_LISTINGS_FEED", "marketplaceIds": [MARKETPLACE], "inputFeedDocumentId": document}
    assert request_complaints(FED, f"{FEEDS}/feeds", "post", order) == []
    feed = account.ask("POST", f"{FEEDS}/feeds", order).json()
    assert answer_complaints(FED, f"{FEEDS}/feeds", "post", 202, feed) == []
    listed = account.get(f"{FEEDS}/feeds", feedTypes="JSON_LISTINGS_FEED")
    assert listed["feeds"]
    assert answer_complaints(FED, f"{FEEDS}/feeds", "get", 200, listed) == []
    wanted = {"reportType": "GET_MERCHANT_LISTINGS_ALL_DATA", "marketplaceIds": [MARKETPLACE]}
    report = account.ask("POST", f"{REPORTS}/reports", wanted).json()
    assert request_complaints(REPORTED, f"{REPORTS}/reports", "post", wanted) == []
    assert answer_complaints(REPORTED, f"{REPORTS}/reports", "post", 202, report) == []
    for _ in range(2):
        check(account, FED, f"{FEEDS}/feeds/{{feedId}}", f"{FEEDS}/feeds/{feed['feedId']}")
        check(account, REPORTED, f"{REPORTS}/reports/{{reportId}}", f"{REPORTS}/reports/{report['reportId']}")
        account.wait(1000)
    result = account.get(f"{FEEDS}/feeds/{feed['feedId']}")["resultFeedDocumentId"]
    check(account, FED, f"{FEEDS}/documents/{{feedDocumentId}}", f"{FEEDS}/documents/{result}")
    listed = account.get(f"{REPORTS}/reports/{report['reportId']}")["reportDocumentId"]
    check(account, REPORTED, f"{REPORTS}/documents/{{reportDocumentId}}", f"{REPORTS}/documents/{listed}")


def test_messages_that_fit_the_feeds_schema_are_accepted_and_others_are_not(make: Make) -> None:
    need(DRAFT)
    account = make()
    schema = json.loads((FOLDER / DRAFT).read_text("utf-8"))
    draft = jsonschema.Draft7Validator(schema["properties"]["messages"]["items"])
    kind, title = {"productType": "PRODUCT"}, {"item_name": [{"value": "Lamp"}]}
    patches = [availability("merge", own(quantity=1))]
    messages: list[dict[str, Any]] = [
        {"operationType": "DELETE"},
        {"operationType": "DELETE", **kind},
        {"operationType": "UPDATE", **kind, "attributes": title},
        {"operationType": "UPDATE", **kind, "attributes": title, "requirements": "ALL"},
        {"operationType": "UPDATE", **kind},
        {"operationType": "PARTIAL_UPDATE", **kind, "attributes": title},
        {"operationType": "PARTIAL_UPDATE", **kind, "attributes": {}},
        {"operationType": "PARTIAL_UPDATE", "attributes": title},
        {"operationType": "PARTIAL_UPDATE", **kind, "attributes": title, "patches": patches},
        {"operationType": "PATCH", **kind, "patches": patches},
        {"operationType": "PATCH", **kind, "patches": []},
        {"operationType": "PATCH", **kind, "patches": [{"op": "test", "path": "/"}]},
        {"operationType": "PATCH", **kind},
        {"operationType": "SWAP", **kind},
    ]
    numbered = [{"messageId": n, "sku": "LAMP", **one} for n, one in enumerate(messages, start=1)]
    fits = {one["messageId"] for one in numbered if draft.is_valid(one)}
    _, report = account.result(account.feed(*({"sku": "LAMP", **one} for one in messages)))
    assert {one["messageId"] for one in numbered} - {one["messageId"] for one in report["issues"]} == fits
    shape = json.loads((FOLDER / SPECS / "listings-feed-processing-report-schema-v2.json").read_text("utf-8"))
    assert [error.message for error in jsonschema.Draft7Validator(shape).iter_errors(report)] == []


def test_refusals(make: Make) -> None:
    need(SOLD)
    account = make()
    cases = [
        (SOLD, ORDERS, account.ask("GET", ORDERS), 400),
        (SOLD, f"{ORDERS}/{{orderId}}", account.ask("GET", f"{ORDERS}/1"), 404),
        (LISTED, ONE, account.ask("GET", account.items("GONE"), marketplaceIds=MARKETPLACE), 404),
        (FED, f"{FEEDS}/feeds/{{feedId}}", account.ask("GET", f"{FEEDS}/feeds/1"), 404),
        (SOLD, ORDERS, httpx.get(f"{account.http.base_url}{ORDERS[1:]}"), 403),
    ]
    for file, documented, found, status in cases:
        assert found.status_code == status
        assert answer_complaints(file, documented, "get", status, found.json()) == [], documented
