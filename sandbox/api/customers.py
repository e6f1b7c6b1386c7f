"""Customers v3 (by page or cursor) and customer groups v2."""

from collections.abc import Sequence
from typing import Any

from sandbox.api.call import Call
from sandbox.api.filters import Field, Listing, as_bool, find_sorted, pick, read_listing
from sandbox.api.paging import bare_page, cursor_paged
from sandbox.errors import not_found
from sandbox.exchange import Response, answer
from sandbox.people import person
from sandbox.records import Customer, Group
from sandbox.state import State
from sandbox.times import bare, iso_zulu

IN = frozenset({"in"})


def _name(_: State, customer: Customer) -> str:
    who = person(customer.person)
    return f"{who.first} {who.last}"


CUSTOMERS = Listing(
    fields={
        "company": Field(lambda _, c: c.company, str, IN),
        "customer_group_id": Field(lambda _, c: c.group_id, int, IN),
        "email": Field(lambda _, c: person(c.person).email, str, IN),
        "name": Field(_name, str, IN | {"like"}),
        "phone": Field(lambda _, c: person(c.person).phone, str, IN),
        "registration_ip_address": Field(lambda _, __: "", str, IN),
    },
    sorts={
        "date_created": lambda _, c: (c.created, c.id),
        "date_modified": lambda _, c: (c.modified, c.id),
        "last_name": lambda _, c: person(c.person).last,
    },
    controls=frozenset({"after", "before"}),
    id_ops=IN,
    dates={"date_created": "created", "date_modified": "modified"},
    sort_has_direction=True,
)

GROUPS = Listing(
    fields={
        "name": Field(lambda _, group: group.name, str, frozenset({"", "like"})),
        "is_default": Field(lambda _, __: False, as_bool),
        "is_group_for_guests": Field(lambda _, __: False, as_bool),
    },
    id_ops=frozenset(),
    dates={"date_created": "created", "date_modified": "created"},
)


def _address(customer: Customer) -> dict[str, Any]:
    who = person(customer.person, customer.country)
    return {
        "id": customer.id + 10_000,
        "customer_id": customer.id,
        "first_name": who.first,
        "last_name": who.last,
        "company": who.company,
        "address1": who.street,
        "address2": "",
        "city": who.city,
        "state_or_province": who.state,
        "postal_code": who.postcode,
        "country": who.country,
        "country_code": who.country_code,
        "phone": who.phone,
        "address_type": "residential",
    }


def show_customer(customer: Customer, include: frozenset[str]) -> dict[str, Any]:
    """One customer with what was asked to come with it."""
    who = person(customer.person)
    row: dict[str, Any] = {
        "id": customer.id,
        "email": who.email,
        "first_name": who.first,
        "last_name": who.last,
        "company": customer.company,
        "phone": who.phone,
        "notes": "",
        "registration_ip_address": "",
        "tax_exempt_category": "",
        "customer_group_id": customer.group_id,
        "date_created": iso_zulu(customer.created),
        "date_modified": iso_zulu(customer.modified),
        "address_count": 1,
        "attribute_count": 0,
        "authentication": {"force_password_reset": False},
        "accepts_product_review_abandoned_cart_emails": False,
        "origin_channel_id": 1,
        "channel_ids": [1],
    }
    if "addresses" in include:
        row["addresses"] = [_address(customer)]
    if "storecredit" in include:
        row["store_credit_amounts"] = [{"amount": 0}]
    if "attributes" in include:
        row["attributes"] = []
    if "formfields" in include:
        row["form_fields"] = []
    return row


def list_customers(call: Call) -> Response:
    """A page of customers."""
    include = frozenset(call.csv("include") or ())
    view = call.state.customers.read()
    ids = find_sorted(call, CUSTOMERS, view, read_listing(call, CUSTOMERS))

    def show(chosen: Sequence[int]) -> list[Any]:
        return [show_customer(customer, include) for customer in view.rows(chosen)]

    return cursor_paged(call, ids, show, None)


def show_group(group: Group) -> dict[str, Any]:
    """One customer group."""
    rules = [{"type": "all", "method": "percent", "amount": group.discount}] if group.discount else []
    return {
        "id": group.id,
        "name": group.name,
        "is_default": False,
        "is_group_for_guests": False,
        "category_access": {"type": "all"},
        "discount_rules": rules,
        "date_created": bare(group.created),
        "date_modified": bare(group.created),
    }


def list_groups(call: Call) -> Response:
    """A page of groups; an empty one is a 204."""
    return bare_page(call, pick(call.state.groups.values(), read_listing(call, GROUPS)), show_group)


def count_groups(call: Call) -> Response:
    """How many groups."""
    return answer({"count": len(call.state.groups)})


def get_group(call: Call, group_id: int) -> Response:
    """One group."""
    if group_id not in call.state.groups:
        raise not_found()
    return answer(show_group(call.state.groups[group_id]))
