"""Registered customers: a walk along the shop's cursors, since this collection has no filter by id."""

from collections.abc import Iterator

import msgspec

from fillrate.channels.bigcommerce import endpoints
from fillrate.channels.bigcommerce.pages import Pages
from fillrate.channels.bigcommerce.walks import by_cursor
from fillrate.channels.bigcommerce.window import stamp
from fillrate.channels.fields import Id, Link, link, text, when
from fillrate.channels.parsing import build_all
from fillrate.channels.protocol import Ask, Page
from fillrate.gateway.http import Http
from fillrate.records import Customer

PAGE = 250


class CustomerRow(msgspec.Struct):
    """A customer, as sent."""

    id: Id
    email: str
    date_created: str
    date_modified: str
    first_name: str | None
    last_name: str | None
    company: str | None
    phone: str | None
    customer_group_id: Link | None


CUSTOMERS = Pages(endpoints.CUSTOMERS, CustomerRow)


def read_customers(http: Http, ask: Ask) -> Iterator[Page[Customer]]:
    """Yield customers changed in a window."""
    window = stamp("date_modified:min", ask.since)
    window |= stamp("date_modified:max", ask.until)
    for batch, token in by_cursor(http, CUSTOMERS, {"limit": PAGE, **window}, ask.after):
        records, bad = build_all(batch.rows, customer)
        yield Page(records=tuple(records), rejects=(*batch.rejects, *bad), next=token)


def customer(row: CustomerRow) -> Customer:
    """Return a customer."""
    return Customer(
        platform_id=str(row.id),
        email=text(row.email, 255),
        first_name=text(row.first_name),
        last_name=text(row.last_name),
        company=text(row.company),
        phone=text(row.phone, 100),
        group_platform_id=link(row.customer_group_id),
        created_at=when(row.date_created, "date_created"),
        modified_at=when(row.date_modified, "date_modified"),
    )
