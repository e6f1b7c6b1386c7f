"""Feeds and reports of the Amazon account, and the storage that their documents lie in."""

import gzip
from typing import Any

import httpx
import pytest

from sandbox.amazon.stores import STORES
from tests.sandbox.amazon.conftest import FEEDS, REPORTS, Caller, Make, availability, own

MARKETPLACE = STORES["USD"].id

PARTIAL = {"operationType": "PARTIAL_UPDATE", "productType": "PRODUCT"}
PATCH = {"operationType": "PATCH", "productType": "PRODUCT"}


def stock(**entry: Any) -> dict[str, Any]:
    return {"fulfillment_availability": [own(**entry)]}


def test_a_feed_waits_runs_and_ends_and_its_messages_are_done_after_that(account: Caller) -> None:
    feed = account.feed({"sku": "LAMP", **PATCH, "patches": [availability("merge", own(quantity=3))]})
    seen, numbers = [], []
    for _ in range(8):
        seen.append(account.get(f"{FEEDS}/feeds/{feed}")["processingStatus"])
        numbers.append(account.quantity("LAMP"))
    assert [status for n, status in enumerate(seen) if status not in seen[:n]] == ["IN_QUEUE", "IN_PROGRESS", "DONE"]
    assert numbers[seen.index("IN_PROGRESS")] == 10
    account.wait(600)
    assert account.quantity("LAMP") == 3


def test_feeds_are_listed_by_type_and_state_the_newest_first(account: Caller) -> None:
    patch = {"sku": "LAMP", **PATCH, "patches": [availability("merge", own(quantity=3))]}
    first = account.feed(patch)
    account.wait(2000)
    account.token()
    second = account.feed(patch)

    def listed(**asked: str) -> list[str]:
        told = account.get(f"{FEEDS}/feeds", feedTypes="JSON_LISTINGS_FEED", **asked)["feeds"]
        return [one["feedId"] for one in told]

    assert listed(processingStatuses="IN_QUEUE,IN_PROGRESS") == [second]  # the first question after it, so it waits
    assert listed(processingStatuses="FATAL") == []
    assert listed() == [second, first]
    account.wait(2000)
    account.token()
    assert listed(processingStatuses="DONE") == [second, first]
    assert account.ask("GET", f"{FEEDS}/feeds").status_code == 400


def test_the_report_says_of_each_message_what_is_wrong_with_it(account: Caller) -> None:
    feed = account.feed(
        {"sku": "LAMP", **PARTIAL, "attributes": stock(quantity=5)},
        {"sku": "GONE", **PARTIAL, "attributes": stock(quantity=5)},
        {"sku": "TEE-S", **PARTIAL, "attributes": stock(quantity=-5)},
        {"sku": "TEE-S", **PATCH, "patches": [availability("merge", {"quantity": 3})]},
        {"sku": "TEE-S", **PATCH},
        {"sku": "CUP/1 é", **PATCH, "patches": [availability("merge", own(quantity=9))]},
    )
    status, report = account.result(feed)
    assert status == "DONE"
    assert report["header"] == {"sellerId": account.shop.seller, "version": "2.0", "feedId": feed}
    assert [(one["messageId"], one["severity"]) for one in report["issues"]] == [(n, "ERROR") for n in (2, 3, 4, 5)]
    summary = report["summary"]
    assert (summary["messagesProcessed"], summary["messagesAccepted"], summary["messagesInvalid"]) == (6, 2, 4)
    account.wait(600)
    assert [account.quantity(sku) for sku in ("LAMP", "TEE-S", "CUP/1 é")] == [5, 5, 9]


def test_a_partial_update_replaces_the_availability_and_an_update_replaces_everything(account: Caller) -> None:
    account.do("set_lead_time", sku="LAMP", days=5)
    account.do("set_lead_time", sku="TEE-S", days=5)
    title = {"item_name": [{"value": "Tee", "language_tag": "en_US", "marketplace_id": MARKETPLACE}]}
    account.feed(
        {"sku": "LAMP", **PARTIAL, "attributes": stock(quantity=5)},
        {"sku": "TEE-S", "operationType": "UPDATE", "productType": "PRODUCT", "attributes": title},
    )
    account.wait(2000)
    assert account.entries("LAMP") == [own(quantity=5)]
    left = account.item("TEE-S", "attributes", "offers")
    assert (left["attributes"]["fulfillment_availability"], left["offers"]) == ([], [])
    (told,) = account.shop.act({"action": "place_order", "lines": [{"sku": "TEE-S", "quantity": 1}]})
    assert "refused" in told


def test_a_deletion_takes_the_listing_away(account: Caller) -> None:
    account.feed({"sku": "LAMP", "operationType": "DELETE"})
    account.wait(2000)
    account.token()
    assert account.ask("GET", account.items("LAMP"), marketplaceIds=MARKETPLACE).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'{"header": {"sellerId": "other", "version": "2.0"}, "messages": [{}]}',
        b'{"header": {}, "messages": []}',
    ],
)
def test_a_feed_that_cannot_be_read_is_fatal(account: Caller, body: bytes) -> None:
    status, report = account.result(account.create_feed(account.upload(body)))
    assert (status, report["summary"]["messagesAccepted"]) == ("FATAL", 0)
    assert "messageId" not in report["issues"][0]


def test_a_feed_whose_document_was_never_uploaded_is_fatal(account: Caller) -> None:
    made = account.ask("POST", f"{FEEDS}/documents", {"contentType": "application/json"}).json()
    assert account.result(account.create_feed(made["feedDocumentId"]))[0] == "FATAL"


def test_five_feeds_in_five_minutes(account: Caller) -> None:
    document = account.upload(b"{}")
    for _ in range(5):
        account.create_feed(document)
    told = {"feedType": "JSON_LISTINGS_FEED", "marketplaceIds": [MARKETPLACE], "inputFeedDocumentId": document}
    assert account.ask("POST", f"{FEEDS}/feeds", told).status_code == 429
    account.wait(60)
    account.create_feed(document)


def test_feeds_and_reports_of_other_types_and_documents_that_there_are_not(account: Caller) -> None:
    told = {"feedType": "POST_FLAT_FILE_INVLOADER_DATA", "marketplaceIds": [MARKETPLACE], "inputFeedDocumentId": "x"}
    for body in (told, {**told, "feedType": "JSON_LISTINGS_FEED"}, {**told, "marketplaceIds": []}):
        assert account.ask("POST", f"{FEEDS}/feeds", body).status_code == 400
    for path in (f"{FEEDS}/feeds/1", f"{FEEDS}/documents/x", f"{REPORTS}/reports/1", f"{REPORTS}/documents/x"):
        assert account.ask("GET", path).status_code == 404
    assert account.ask("POST", f"{REPORTS}/reports", {"reportType": "ALL", "marketplaceIds": ["x"]}).status_code == 400


def test_the_storage_takes_only_what_was_signed(account: Caller) -> None:
    kind = "application/json; charset=UTF-8"
    url = account.ask("POST", f"{FEEDS}/documents", {"contentType": kind}).json()["url"]

    def put(address: str = url, **headers: str) -> int:
        return httpx.put(address, content=b"{}", headers={"Content-Type": kind, **headers}).status_code

    assert put(**{"Content-Type": "application/json"}) == 403
    assert put(**{"x-amz-access-token": "Atza|x"}) == 403
    assert put(Authorization="Bearer x") == 400
    assert put(url[:-1] + ("0" if url[-1] != "0" else "1")) == 403
    assert httpx.get(url).status_code == 403
    assert put() == 200
    account.wait(300)
    assert put() == 403


def test_an_address_to_get_a_report_from_ends_and_a_new_one_is_to_be_had(account: Caller) -> None:
    feed = account.feed({"sku": "LAMP", "operationType": "DELETE"})
    account.wait(1000)
    document = account.get(f"{FEEDS}/feeds/{feed}")["resultFeedDocumentId"]
    old = account.get(f"{FEEDS}/documents/{document}")["url"]
    account.wait(300)
    assert httpx.get(old).status_code == 403
    assert httpx.get(account.get(f"{FEEDS}/documents/{document}")["url"]).status_code == 200


def test_every_second_message_may_fail_for_no_reason(account: Caller) -> None:
    account.shop.faults.set({"kind": "partly", "match": "POST */feeds", "every": 2})
    feed = account.feed(*({"sku": sku, **PARTIAL, "attributes": stock(quantity=1)} for sku in ("LAMP", "TEE-S")))
    _, report = account.result(feed)
    assert [one["messageId"] for one in report["issues"]] == [2]


def test_faults_of_stock_strike_patches_and_feeds(account: Caller) -> None:
    account.shop.faults.set({"kind": "zeros"})
    feed = account.feed({"sku": "LAMP", **PARTIAL, "attributes": stock(quantity=3)})
    assert account.quantity("TEE-S") == 0
    account.shop.faults.set([])
    assert account.result(feed)[0] == "DONE"
    account.wait(600)
    assert (account.quantity("LAMP"), account.quantity("TEE-S")) == (3, 5)
    account.shop.faults.set({"kind": "lying", "match": "PATCH *"})
    assert account.patch("LAMP", availability("merge", own(quantity=9))).json()["status"] == "ACCEPTED"
    account.wait(600)
    assert account.quantity("LAMP") == 3
    account.shop.faults.set({"kind": "late", "match": "POST */feeds", "requests": 2})
    late = account.feed({"sku": "LAMP", **PARTIAL, "attributes": stock(quantity=8)})
    statuses = [account.ask("GET", f"{FEEDS}/feeds/{late}").status_code for _ in range(3)]
    assert (statuses[0], statuses[-1]) == (404, 200)


def report_of(account: Caller) -> list[list[str]]:
    told = {"reportType": "GET_MERCHANT_LISTINGS_ALL_DATA", "marketplaceIds": [MARKETPLACE]}
    made = account.ask("POST", f"{REPORTS}/reports", told)
    assert made.status_code == 202
    assert account.get(f"{REPORTS}/reports/{made.json()['reportId']}")["processingStatus"] in {
        "IN_QUEUE",
        "IN_PROGRESS",
    }
    account.wait(1000)
    job = account.get(f"{REPORTS}/reports/{made.json()['reportId']}")
    document = account.get(f"{REPORTS}/documents/{job['reportDocumentId']}")
    found = httpx.get(document["url"])
    body = gzip.decompress(found.content) if "compressionAlgorithm" in document else found.content
    encoding = str(account.shop.switches["report_encoding"])
    return [line.split("\t") for line in body.decode(encoding).splitlines()]


@pytest.mark.parametrize("switches", [{}, {"gzip_documents": True}, {"report_encoding": "cp1252"}])
def test_the_report_of_all_listings_has_a_number_only_for_what_the_merchant_ships(
    make: Make, switches: dict[str, Any]
) -> None:
    account = make(switches=switches)
    head, *rows = report_of(account)
    found = [dict(zip(head, one, strict=True)) for one in rows]
    assert {(one["seller-sku"], one["quantity"], one["fulfillment-channel"]) for one in found} == {
        ("LAMP", "10", "DEFAULT"),
        ("CUP/1 é", "4", "DEFAULT"),
        ("FAR", "", "AMAZON_NA"),
        ("TEE-S", "5", "DEFAULT"),
    }
