"""Field checks: what a shop may send, and what becomes of it."""

import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillrate.channels.fields import amount_e4, currency, identifier, link, text, when, when_or_none
from fillrate.errors import SkipRecord

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=1_100)
MOMENTS = st.integers(315_532_800, 4_102_444_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
ZONES = st.integers(-720, 840).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(ANY_TEXT)
def test_a_text_holds_nothing_that_steers_a_screen_or_breaks_a_table(value: str) -> None:
    cleaned = text(value)

    assert len(cleaned) <= 1_000
    assert not {unicodedata.category(one) for one in cleaned} & {"Cc", "Cs"}
    assert text(cleaned) == cleaned
    cleaned.encode()


@pytest.mark.parametrize(
    ("value", "cleaned"),
    [
        (None, ""),
        ("Crème brûlée №5 👩‍🍳", "Crème brûlée №5 👩‍🍳"),
        ("two\nlines\tand more", "two lines and more"),
        ("nul\x00 and \x1b[31mred", "nul and [31mred"),
        ("right\u202eto left", "rightto left"),
        ("half \ud83d", "half"),
        ("  spaces  ", "spaces"),
        ("<b>'; DROP TABLE--", "<b>'; DROP TABLE--"),
    ],
)
def test_what_becomes_of_a_text(value: str | None, cleaned: str) -> None:
    assert text(value) == cleaned


def test_an_identifier_is_cleaned_but_never_cut() -> None:
    assert identifier(" SKU-1\x00 ", "sku") == "SKU-1"
    assert identifier(1234, "external_order_id") == "1234"
    assert identifier("x" * 255, "sku") == "x" * 255
    with pytest.raises(SkipRecord, match="sku is longer than 255") as caught:
        identifier("x" * 256, "sku")
    assert caught.value.path == "sku"


def test_no_link_is_an_empty_text() -> None:
    assert (link(7), link(0), link(None)) == ("7", "", "")


@given(MOMENTS, ZONES)
def test_a_time_is_the_same_in_every_way_of_writing_it(moment: datetime, zone: timezone) -> None:
    moment = moment.replace(tzinfo=zone)

    assert when(moment.isoformat(), "t") == moment
    assert when(format_datetime(moment), "t") == moment
    assert when(moment.astimezone(UTC).isoformat().replace("+00:00", "Z"), "t").tzinfo is UTC


@pytest.mark.parametrize(
    "value",
    ["", "yesterday", "2026-01-01T00:00:00", "2026-02-30T00:00:00Z", "Wed, 31 Feb 2018 21:05:30 +0000", "1529512970",
     "Wed, 10 Xyz 2018 21:05:30 +0000", "0001-01-01T00:00:00+14:00", "Fri, 31 Dec 9999 23:59:59 -0100"],
)  # fmt: skip
def test_a_time_without_a_zone_or_a_sense_is_refused(value: str) -> None:
    with pytest.raises(SkipRecord, match="date_created is no time with a zone"):
        when(value, "date_created")


@pytest.mark.parametrize("value", ["0001-01-01T00:00:00Z", "Fri, 31 Dec 1968 23:59:59 +0000", "9000-01-01T00:00:00Z"])
def test_a_time_that_no_shop_can_mean_is_refused(value: str) -> None:
    with pytest.raises(SkipRecord, match="date_created is in the year"):
        when(value, "date_created")


@pytest.mark.parametrize("value", ["Thu, 01 Jan 1970 00:00:00 +0000", "1970-01-01T00:00:00+14:00"])
def test_the_epoch_by_which_shops_mean_never_is_a_time_in_any_zone(value: str) -> None:
    assert when(value, "date_shipped") <= datetime(1970, 1, 1, tzinfo=UTC)


@given(st.text(max_size=40))
def test_any_text_is_a_time_or_refused(value: str) -> None:
    try:
        assert when(value, "t").tzinfo is UTC
    except SkipRecord:
        return


def test_an_empty_time_is_none() -> None:
    assert (when_or_none("", "t"), when_or_none(None, "t")) == (None, None)


def test_a_currency_is_three_letters() -> None:
    assert currency(" eur ", "c") == "EUR"
    for bad in ("", None, "EURO", "€", "12A", "ÄÖÜ"):
        with pytest.raises(SkipRecord, match="no currency code"):
            currency(bad, "c")


@pytest.mark.parametrize(
    ("value", "e4"), [("361.9500", 3_619_500), (19.99, 199_900), (0, 0), ("-5.0001", -50_001), (0.1 + 0.2, 3_000)]
)
def test_money_comes_as_text_or_number(value: str | float, e4: int) -> None:
    assert amount_e4(value, "price") == e4


@pytest.mark.parametrize("value", ["", "free", "NaN", "1e30", "1e999999", "-1e999999", float("inf")])
def test_what_is_no_money_is_refused_and_never_quoted(value: str | float) -> None:
    with pytest.raises(SkipRecord, match=r"^price is (not|too large to be) an amount of money$"):
        amount_e4(value, "price")
