"""Units of an item that are kept for a channel: by the first rule that says so, as it holds for that channel's lines."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fillrate.bootstrap import open_desk
from fillrate.channels.bigcommerce import BigCommerceSettings
from fillrate.db.queries import queue as queries
from fillrate.gateway.outside import Outside
from fillrate.settings import DatabaseSettings, Match, PolicyPart, PolicyRule, PolicySettings, Settings
from fillrate.steps.allocating.load import reserves
from fillrate.steps.desk import Desk
from fillrate.steps.rules_applied import rules_applied
from tests.steps.purchasing import add_item

LISTED = {("A", "main"), ("B", "main"), ("A", "market")}  # the market sells what lies on main's shelf
BRANDS = {("A", "main"): "Acme", ("B", "main"): "", ("A", "market"): "Acme"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    channels = tuple(
        BigCommerceSettings(name=name, kind="bigcommerce", base_url=f"http://127.0.0.1/stores/{name}", token="t")
        for name in ("main", "market")
    )
    url = f"sqlite:///{Path(tmp_path_factory.mktemp('reserves')) / 'fillrate.db'}"
    with open_desk(Settings(database=DatabaseSettings(url=url), channel=channels), Outside()) as found:
        with found.db.write("seed") as tx:
            for sku in "AB":
                add_item(tx, sku)
            for statement in SOLD_TWICE:
                tx.execute(sa.text(statement))
        yield found


SOLD_TWICE = (
    "INSERT INTO brand (channel_id, platform_id, name, content_hash, missing_sweeps) VALUES (1, '7', 'Acme', '', 0)",
    "INSERT INTO brand (channel_id, platform_id, name, content_hash, missing_sweeps) VALUES (2, '8', 'Acme', '', 0)",
    "UPDATE product SET brand_platform_id = '7' WHERE sku = 'A'",
    "INSERT INTO product (channel_id, platform_id, name, sku, is_digital, tracking, is_visible, availability,"
    " availability_text, preorder_message, price_e4, brand_platform_id, category_platform_ids,"
    " created_at, modified_at, content_hash, missing_sweeps)"
    " SELECT 2, platform_id, name, sku, is_digital, tracking, is_visible, availability, availability_text,"
    " preorder_message, price_e4, '8', category_platform_ids, created_at, modified_at, '', 0 FROM product WHERE sku = 'A'",
    "INSERT INTO listing (channel_id, product_id, product_platform_id, variant_platform_id, pack, item_id, own_item_id,"
    " sku, sku_key, is_purchasable, options, missing_sweeps)"
    " SELECT 2, (SELECT max(id) FROM product), product_platform_id, variant_platform_id, 1, item_id, item_id, sku, sku_key,"
    " is_purchasable, '', 0 FROM listing WHERE sku = 'A'",
)


def kept(desk: Desk, *rules: PolicyRule) -> dict[tuple[str, str], int]:
    """Units that are kept by SKU and channel, none left out."""
    policy = PolicySettings(rule=rules)
    changed = Desk(desk.settings.model_copy(update={"policy": policy}), desk.db, desk.shops, desk.outside)
    names = {shop.id: name for name, shop in desk.shops.items()}
    with desk.db.read() as reading:
        skus = {row.id: row.sku for row in reading.rows(sa.text("SELECT id, sku FROM item"))}
        found = reserves(changed, reading, None)
        some = reserves(changed, reading, [1])
    rows = {(skus[row.item_id], names[row.channel_id]): int(row.quantity) for row in found.itertuples()}
    assert len(rows) == len(found)
    assert some.to_dict("records") == found[found["item_id"] == 1].to_dict("records")
    return rows


def rule(reserve: int | None, **match: str) -> PolicyRule:
    """A rule that keeps so many units, or says nothing of it."""
    return PolicyRule(match=Match(**match), set=PolicyPart(**({} if reserve is None else {"reserve": reserve})))


def test_the_first_rule_that_says_so_decides_and_nothing_is_kept_for_who_does_not_sell_it(desk: Desk) -> None:
    assert kept(desk, rule(0, sku="A"), rule(5, channel="main")) == {("B", "main"): 5}
    assert kept(desk, rule(5, channel="main"), rule(0, sku="A")) == {("A", "main"): 5, ("B", "main"): 5}
    assert kept(desk, rule(2, channel="market")) == {("A", "market"): 2}
    assert kept(desk, rule(3, channel="market", brand="Acme"), rule(4, channel="main", brand="Acme")) == {
        ("A", "market"): 3,
        ("A", "main"): 4,
    }
    assert kept(desk) == {}


MATCHES = st.fixed_dictionaries(
    {},
    optional={"channel": st.sampled_from(["main", "market"]), "sku": st.sampled_from("AB"), "brand": st.just("Acme")},
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=st.lists(st.tuples(st.none() | st.integers(0, 3), MATCHES), max_size=4))
def test_what_is_kept_is_what_is_explained(desk: Desk, told: list[tuple[int | None, dict[str, str]]]) -> None:
    rules = [rule(units, **match) for units, match in told if "channel" in match or not units]
    found = kept(desk, *rules)

    for sku, channel in LISTED:
        line = {"channel": channel, "group": "9", "sku": sku, "brand": BRANDS[sku, channel]}
        said = [fact.value for fact in rules_applied(PolicySettings(rule=tuple(rules)), line) if fact.key == "reserve"]
        units = found.get((sku, channel))
        assert said == ([] if units is None else [str(units)])


def test_a_listing_is_told_with_its_channel_and_brand(desk: Desk) -> None:
    with desk.db.read() as reading:
        rows = queries.listed(reading, [1, 2], None)

    assert {(row.sku, row.channel): row.brand for row in rows.itertuples()} == BRANDS
