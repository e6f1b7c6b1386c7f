"""The Reports API for the report of all listings, a file with tabs.

That the report is called GET_MERCHANT_LISTINGS_ALL_DATA and has these columns is unconfirmed: neither is in the models.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sandbox.amazon import documents, jobs
from sandbox.amazon.availability import DEFAULT, Entry
from sandbox.amazon.call import Call
from sandbox.amazon.errors import invalid, not_found
from sandbox.amazon.records import DONE, Job, desk, entries, product, sellable
from sandbox.exchange import Response, answer
from sandbox.market.records import Listing

if TYPE_CHECKING:
    from sandbox.amazon.shop import Amazon

REPORT_TYPE = "GET_MERCHANT_LISTINGS_ALL_DATA"
COLUMNS = (
    *("item-name", "item-description", "listing-id", "seller-sku", "price", "quantity", "open-date", "image-url"),
    *("item-is-marketplace", "product-id-type", "zshop-shipping-fee", "item-note", "item-condition"),
    *("zshop-category1", "zshop-browse-path", "zshop-storefront-feature", "asin1", "asin2", "asin3"),
    *("will-ship-internationally", "expedited-shipping", "zshop-boldface", "product-id"),
    *("bid-for-featured-placement", "add-delete", "pending-quantity", "fulfillment-channel"),
    *("merchant-shipping-group", "status"),
)


def create_report(call: Call) -> Response:
    """`createReport`."""
    body = call.json()
    stores = body.get("marketplaceIds")
    if body.get("reportType") != REPORT_TYPE:
        raise invalid(f"Only the report type {REPORT_TYPE} is served.")
    if not isinstance(stores, list) or not 1 <= len(stores) <= 25 or not all(isinstance(one, str) for one in stores):
        raise invalid("'marketplaceIds' names 1 to 25 stores.")
    made = jobs.new_job(call.shop, "report", REPORT_TYPE, stores, 70_001)
    desk(call.state).reports[made.id] = made
    return answer({"reportId": made.id}, 202)


def get_report(call: Call, report_id: str) -> Response:
    """`getReport`."""
    job = desk(call.state).reports.get(report_id)
    if job is None:
        raise not_found(f"The report {report_id} does not exist.")
    found = {
        "reportId": job.id,
        "reportType": job.kind,
        "marketplaceIds": job.marketplaces,
        **jobs.show_times(job),
    }
    return answer({**found, "reportDocumentId": job.result} if job.result is not None else found)


def get_document(call: Call, document_id: str) -> Response:
    """`getReportDocument`: where the document is to be had, for five minutes."""
    document = desk(call.state).documents.get(document_id)
    if document is None:
        raise not_found(f"The document {document_id} does not exist.")
    found = {"reportDocumentId": document.id, "url": documents.address(call, document, "GET")}
    return answer({**found, "compressionAlgorithm": "GZIP"} if document.packed else found)


def finish(shop: "Amazon", job: Job) -> None:
    """Write the report as the listings are now."""
    rows = [_row(listing, entry) for listing in shop.state.sold() for entry in entries(listing)]
    lines = ["\t".join(COLUMNS), *("\t".join(row.get(name, "") for name in COLUMNS) for row in rows)]
    encoding = str(shop.switches["report_encoding"])
    body = "".join(f"{line}\r\n" for line in lines).encode(encoding, "replace")
    packed = bool(shop.switches["gzip_documents"])
    job.result = documents.new_document(shop.state, f"text/plain; charset={encoding}", body, packed=packed).id
    job.status = DONE


def _row(listing: Listing, entry: Entry) -> dict[str, str]:
    """A line of the report: one for each channel of a listing, and no number for what lies at Amazon's."""
    opened = datetime.fromtimestamp(listing.created, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return {
        "item-name": listing.title,
        "listing-id": f"0101{listing.id:010d}",
        "seller-sku": listing.sku,
        "price": f"{listing.price / 100:.2f}",
        "quantity": str(entry["quantity"]) if entry["fulfillment_channel_code"] == DEFAULT else "",
        "open-date": opened,
        "item-is-marketplace": "y",
        "product-id-type": "1",
        "item-condition": "11",
        "asin1": product(listing).asin,
        "product-id": product(listing).asin,
        "pending-quantity": "0" if entry["fulfillment_channel_code"] == DEFAULT else "",
        "fulfillment-channel": entry["fulfillment_channel_code"],
        "status": "Active" if sellable(listing) else "Inactive",
    }
