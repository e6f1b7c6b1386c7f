"""What a WooCommerce shop says of itself."""

from typing import Any

import pytest

from fillrate.channels.woocommerce.store import SiteBody, zone_of
from tests.channels.woocommerce.practice import woocommerce


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
def test_a_shop_tells_its_zone_its_currency_and_its_address(zone: str) -> None:
    with woocommerce({"timezone": zone}) as side:
        told = side.channel.store()

        assert (told.timezone, told.currency) == (zone, "USD")
        assert told.identity.endswith("/woocommerce/woocommerce")
        assert "://" not in told.identity


@pytest.mark.parametrize("kind", ["401", "403"])
def test_a_site_that_speaks_to_nobody_without_a_name_is_still_the_same_store(kind: str) -> None:
    with woocommerce() as side:
        identity = side.channel.store().identity
        side.fault(kind, match="GET /wp-json")

        told = side.channel.store()

        assert (told.identity, told.timezone, told.name) == (identity, "UTC", identity)


@pytest.mark.parametrize(
    ("offset", "zone"),
    [("1", "Etc/GMT-1"), (-5, "Etc/GMT+5"), (0, "UTC"), ("5.5", "UTC"), ("many", "UTC"), (None, "UTC"), (99, "UTC")],
)
def test_a_bare_offset_is_a_zone_without_summer_time_where_there_is_one(offset: Any, zone: str) -> None:
    assert zone_of(SiteBody(name="s", url="https://s", gmt_offset=offset, timezone_string="")) == zone


def test_the_rights_of_a_key_are_told_as_far_as_reading_shows_them() -> None:
    with woocommerce() as side:
        assert {one.state for one in side.channel.probe()} == {"granted", "not checked"}
        side.fault("401", match="GET *orders*")

        assert [one.use for one in side.channel.probe() if one.state == "missing"] == ["read orders and refunds"]
