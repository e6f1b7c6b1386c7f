"""The same pages read by dlt's `rest_api` source, merged by id; runs in a virtual environment of its own.

    python dlt_peer.py DATABASE_URL BASE_URL PAGES FOLDER [CHANGED_SINCE]

Keeps the fields that Fillrate keeps. Tells what it cost, import aside, as one line of JSON.
"""

import json
import os
import resource
import sys
import time
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

os.environ.update({"RUNTIME__LOG_LEVEL": "ERROR", "RUNTIME__DLTHUB_TELEMETRY": "false"})
PRODUCT = (
    "id name sku type price inventory_tracking is_visible availability date_created date_modified brand_id categories"
)
VARIANT = "id sku price purchasing_disabled"
ORDER = (
    "id status_id date_created date_modified date_shipped customer_id total_inc_tax default_currency_code channel_id"
    " is_deleted order_source external_order_id"
)
LINE = "id product_id variant_id sku name price_inc_tax quantity quantity_shipped quantity_refunded type"


def kept(one: dict[str, Any], names: str) -> dict[str, Any]:
    """Return some fields."""
    return {name: one.get(name) for name in names.split()}


def product(one: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a product that are kept."""
    return {**kept(one, PRODUCT), "variants": [kept(variant, VARIANT) for variant in one["variants"]]}


def order(one: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of an order that are kept."""
    lines = [line for part in one["consignments"].get("shipping", []) for line in part["line_items"]]
    return {**kept(one, ORDER), "lines": [kept(line, LINE) for line in lines]}


def source(base_url: str, pages: int, since: str | None) -> Any:
    """Return the two lists as a dlt source."""
    from dlt.sources.rest_api import rest_api_source

    def resource_of(name: str, path: str, selector: str, keep: Any, more: dict[str, Any], stamp: str) -> dict[str, Any]:
        paginator = {"type": "page_number", "base_page": 1, "total_path": None, "maximum_page": pages + 1}
        params = {"limit": 250, **more, **({stamp: since} if since else {})}
        return {
            "name": name,
            "endpoint": {"path": path, "params": params, "data_selector": selector, "paginator": paginator},
            "processing_steps": [{"map": keep}],
        }

    listed = {"include": "consignments,consignments.line_items", "consignment_structure": "object"}
    return rest_api_source(
        {
            "client": {"base_url": base_url + "/"},
            "resource_defaults": {"primary_key": "id", "write_disposition": "merge"},
            "resources": [
                resource_of(
                    "products", "v3/catalog/products", "data", product, {"include": "variants"}, "date_modified:min"
                ),
                resource_of("orders", "v2/orders", "$", order, listed, "min_date_modified"),
            ],
        }
    )


def postgres(url: str) -> Any:
    """Return a PostgreSQL server that is reached through a socket, in dlt's own words."""
    import dlt

    parts = urlsplit(url)
    place = {
        "host": quote(parse_qs(parts.query)["host"][0], safe=""),
        "port": 5432,
        "username": "postgres",
        "password": "x",
    }
    return dlt.destinations.postgres({**place, "database": parts.path.strip("/")})


def cpu_s() -> float:
    """Return the processor seconds of this process and its children."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main() -> None:
    import dlt

    url, base_url, pages, folder, *since = sys.argv[1:]
    destination = postgres(url) if url.startswith("postgres") else dlt.destinations.sqlalchemy(url)
    pipeline = dlt.pipeline("bench", destination=destination, dataset_name="landing", pipelines_dir=folder)
    began, cpu = time.perf_counter(), cpu_s()
    pipeline.run(source(base_url, int(pages), since[0] if since else None))
    told = {
        "wall_s": time.perf_counter() - began,
        "cpu_s": cpu_s() - cpu,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "rows": {k: v for k, v in pipeline.last_trace.last_normalize_info.row_counts.items() if not k.startswith("_")},
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
