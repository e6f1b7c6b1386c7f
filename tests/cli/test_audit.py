"""`fillrate audit` on tables in which a hand has made a mistake: it is found, named, and told by the exit code."""

import pytest

from tests.cli.conftest import Here
from tests.cli.merchant import Merchant

OF_123 = "(SELECT l.id FROM order_line l JOIN sales_order o ON o.id = l.order_id WHERE o.platform_id = '123')"
BAG_12 = "(SELECT id FROM item WHERE sku = 'BAG-00012-WHT')"
KIT_OF_123 = (
    "INSERT INTO kit_part (kit_id, part_id, per) SELECT a.item_id, i.id, 1 FROM allocation a, item i"
    f" WHERE a.line_id IN {OF_123} AND i.is_tracked AND i.id <> a.item_id LIMIT 1"
)
BY_FORCE = (  # the tables themselves refuse some of these mistakes
    "PRAGMA ignore_check_constraints = ON",
    "DROP TRIGGER transition_update",
    "DROP TRIGGER transition_delete",
)
MISTAKES = {
    "on hand is the sum of movements": f"UPDATE stock SET on_hand = on_hand + 1 WHERE item_id = {BAG_12}",
    "what is set aside is the sum of allocations": f"UPDATE stock SET allocated = 3 WHERE item_id = {BAG_12}",
    "no more is set aside than lies there": f"UPDATE stock SET allocated = 6 WHERE item_id = {BAG_12}",
    "every open unit is in exactly one state": f"DELETE FROM open_unit WHERE line_id IN {OF_123}",
    "units in backlog are exactly those set aside": f"DELETE FROM allocation WHERE line_id IN {OF_123}",
    "kits in backlog have all their parts set aside, and no more than is open": KIT_OF_123,
    "lines of kits draw on nothing but their parts": KIT_OF_123,
    "units are where their moves have brought them": f"DELETE FROM transition WHERE line_id IN {OF_123}",
    "units being packed are those that pick lines stand for": (
        f"UPDATE open_unit SET reason = 'picking' WHERE state = 'backlog' AND line_id IN {OF_123}"
    ),
    "nothing is sent without a recorded attempt": "UPDATE change SET state = 'sending' WHERE target = '123'",
    "what is written was approved": "UPDATE change SET state = 'done' WHERE target = '123'",
    "orders that the shop no longer has owe nothing": "UPDATE sales_order SET deleted_at = placed_at",
    "lines on their way are what became of them": (
        "INSERT INTO inbound (source, reference, position, kind, sku, sku_key, qty_ordered, qty_received, qty_cancelled,"
        " qty_seen, status, content_hash, told_at, told_by, missing_sweeps)"
        " VALUES ('erp', 'PO1', '1', 'purchase', 'A', 'a', 5, 0, 0, 0, 'open', '', '', '', 0)"
    ),
    "every move is a legal one": f"UPDATE transition SET cause = 'wished' WHERE line_id IN {OF_123}",
    "journals can only grow": "DROP TRIGGER movement_delete",
}


@pytest.mark.parametrize("check", MISTAKES)
def test_a_planted_mistake_is_found(merchant: Merchant, here: Here, check: str) -> None:
    merchant.sql(*BY_FORCE, MISTAKES[check])

    as_json, in_words = here(merchant, "audit", "--json"), here(merchant, "audit")

    broken = {one["check"]: one["first"] for one in as_json.json["checks"] if one["violations"]}
    assert (as_json.code, in_words.code) == (1, 1)
    assert as_json.json["ok"] is False
    assert f"BAD  {check}\n       {broken[check][0]}\n" in in_words.out
    assert in_words.out.endswith(f"{len(MISTAKES)} checks, {len(broken)} broken.\n")


def test_every_check_has_its_planted_mistake(merchant: Merchant, here: Here) -> None:
    checks = [one["check"] for one in here(merchant, "audit", "--json").json["checks"]]

    assert sorted(checks) == sorted(MISTAKES)


def test_the_shop_is_asked_only_when_wished(merchant: Merchant, here: Here) -> None:
    merchant.sql(
        "UPDATE sales_order SET content_hash = 'other' WHERE platform_id = '123'",
        "UPDATE sales_order SET platform_id = '9122' WHERE platform_id = '122'",
    )

    alone, with_shop = here(merchant, "audit", "--json"), here(merchant, "audit", "--shop", "--json")

    assert (alone.code, len(alone.json["checks"])) == (0, len(MISTAKES))
    assert with_shop.code == 1
    assert with_shop.json["checks"][-1] == {
        "check": "no order of main is lost or different",
        "violations": 3,
        "first": [
            "order 122 is missing here",
            "order 123 is different here",
            "order 9122 is open here and the shop does not have it",
        ],
    }


def test_a_shop_that_was_never_read_has_not_passed(newcomer: Merchant, here: Here) -> None:
    said = here(newcomer, "audit", "--shop")

    assert said.code == 1
    assert "orders were never read: fillrate run sync-orders" in said.out
