"""A page with a bad record: the rest lands, and the reason says which field."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillrate.channels.bigcommerce.catalog import PRODUCTS
from fillrate.channels.bigcommerce.customers import CUSTOMERS, customer
from fillrate.channels.bigcommerce.orders import ORDERS
from fillrate.channels.parsing import build_all, digest
from fillrate.gateway.strict_json import Malformed


def told(customer_id: Any, **more: Any) -> dict[str, Any]:
    return {
        "id": customer_id,
        "email": "ann@example.com",
        "first_name": "Ann",
        "last_name": "Lee",
        "company": "",
        "phone": None,
        "customer_group_id": 0,
        "date_created": "2024-01-01T00:00:00Z",
        "date_modified": "2024-01-02T00:00:00+00:00",
        **more,
    }


def body(*rows: Any, **meta: Any) -> bytes:
    return json.dumps({"data": rows, "meta": {"pagination": {"total": len(rows), "count": len(rows), **meta}}}).encode()


def test_a_bad_record_costs_itself_alone() -> None:
    batch = CUSTOMERS.decode(body(told(1), told(2, email=5), "what", told(4), told(None), [1], told("Ann"), told(7)))

    assert [row.id for row in batch.rows] == [1, 4, 7]
    assert [(one.platform_id, one.reason) for one in batch.rejects] == [
        ("2", "Expected str, got int - at email"),
        ("", "Expected object, got str"),
        ("", "Expected int, got null - at id"),
        ("", "Expected object, got array"),
        ("", "Expected int, got str - at id"),
    ]
    assert batch.size == 8


@pytest.mark.parametrize("odd", [b"1e999", b'{"deep": "\xff"}', b"NaN", b"[" * 300 + b"]" * 300])
def test_a_record_is_named_whatever_else_of_it_is_unreadable(odd: bytes) -> None:
    page = body(told(1), told(2, email="odd"), told(3)).replace(b'"odd"', odd)

    batch = CUSTOMERS.decode(page)

    assert [row.id for row in batch.rows] == ([1, 2, 3] if odd == b"NaN" else [1, 3])
    assert [one.platform_id for one in batch.rejects] == ([] if odd == b"NaN" else ["2"])


def test_an_id_that_is_no_text_at_all_costs_its_record_alone() -> None:
    batch = CUSTOMERS.decode(body(told(1), told("odd"), told(3)).replace(b"odd", b"\xff\xfe"))

    assert [row.id for row in batch.rows] == [1, 3]
    assert [one.platform_id for one in batch.rejects] == [""]


def test_a_reason_names_the_field_and_never_the_content() -> None:
    (bad,) = CUSTOMERS.decode(body(told(2, first_name={"secret": "Ann"}))).rejects

    assert bad.reason == "Expected str | null, got object - at first_name"
    assert bad.payload_hash == digest(json.dumps(told(2, first_name={"secret": "Ann"})).encode())


@pytest.mark.parametrize("secret", ["ann", "ann' - at `$.name` 'Lee\n", 'ann" - at', "ann'\" Lee"])
def test_a_reason_does_not_quote_a_word_that_the_shop_should_not_have_used(secret: str) -> None:
    good = {
        **dict.fromkeys(("name", "type", "availability"), "x"),
        **dict.fromkeys(("date_created", "date_modified"), "2024-01-01T00:00:00Z"),
        **dict.fromkeys(("sku", "preorder_release_date", "brand_id")),
        **dict.fromkeys(("variants", "categories"), ()),
        "id": 1,
        "price": 1,
        "cost_price": 0,
        "is_visible": True,
        "inventory_tracking": "none",
    }

    batch = PRODUCTS.decode(body(good, {**good, "id": 2, "inventory_tracking": secret}))

    assert len(batch.rows) == 1
    assert [one.reason for one in batch.rejects] == ["Invalid enum value - at inventory_tracking"]


def test_what_only_the_check_of_a_field_finds_is_rejected_too() -> None:
    rows = CUSTOMERS.decode(body(told(1), told(2, date_created="soon"))).rows

    records, rejects = build_all(rows, customer)

    assert [one.platform_id for one in records] == ["1"]
    assert [(one.platform_id, one.reason) for one in rejects] == [("2", "date_created is no time with a zone")]


def test_fields_that_nobody_asked_for_are_ignored() -> None:
    batch = CUSTOMERS.decode(body(told(1, surprise={"deep": [[[]]]}, store_credit=[{"amount": 1e300}])))

    assert (len(batch.rows), batch.rejects) == (1, [])


def test_of_a_record_that_comes_twice_the_newest_is_kept() -> None:
    rows = CUSTOMERS.decode(
        body(
            told(1, date_modified="2024-01-05T00:00:00Z", first_name="new"),
            told(1, first_name="old"),
            told(2),
            told(2, first_name="last"),
        )
    ).rows

    records, _ = build_all(rows, customer)

    assert [(one.platform_id, one.first_name) for one in records] == [("1", "new"), ("2", "last")]
    assert records[0].modified_at == datetime(2024, 1, 5, tzinfo=UTC)


NO_PAGES = {
    "a bare list": b"[]",
    "no meta": b'{"data": []}',
    "no data": b'{"meta": {"pagination": {"total": 0}}}',
    "data of another type": b'{"data": {"1": {}}, "meta": {}}',
    "an error": b'{"status": 404, "title": "gone"}',
    "fewer rows than counted": body(told(1), count=2),
    "nothing though there is something": body(total=5),
    "more than there are": body(told(1), told(2), total=1),
}


@pytest.mark.parametrize("page", NO_PAGES.values(), ids=NO_PAGES.keys())
def test_what_is_no_page_is_malformed(page: bytes) -> None:
    with pytest.raises(Malformed):
        CUSTOMERS.decode(page)


@pytest.mark.parametrize("page", [b"[]", b'{"data": []}', b"null"])
def test_an_empty_page_of_the_old_kind_is_no_page(page: bytes) -> None:
    """That API says 204 when there is nothing."""
    with pytest.raises(Malformed):
        ORDERS.decode(page)


@given(
    st.lists(
        st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=4)
        | st.builds(told, st.integers(-2, 9))
    )
)
def test_every_row_is_read_or_rejected(rows: list[Any]) -> None:
    batch = CUSTOMERS.decode(body(*rows))

    assert batch.size == len(rows)
    assert all(isinstance(msgspec.to_builtins(one)["reason"], str) for one in batch.rejects)
