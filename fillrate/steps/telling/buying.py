"""Whether goods can be bought, and how many of them a shop with native backorders may sell beyond its stock."""

from collections.abc import Callable
from functools import cache
from itertools import groupby
from typing import Any

from fillrate.db.database import Writing
from fillrate.db.queries import goods as queries
from fillrate.decide.selling import is_at_limit, shared_out
from fillrate.settings import PolicySettings
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.runs import RunLog
from fillrate.steps.telling.kept import BUYING, LIMIT, plan_kept
from fillrate.steps.telling.sold import Sold


def plan_buying(desk: Desk, tx: Writing, shop: Shop, log: RunLog, sold: Sold) -> str:
    """Plan that variants cannot be bought whose limit of backorders is reached, and can again where they could before."""
    is_on, limit_of = shop.settings.write_back.purchasing, limits(desk, shop)
    read = {variant_of(row): not row.is_purchasable for row in sold.listings}
    at_limit = set()
    for row in sold.listings:
        stands = sold.waiting.get(row.item_id, 0), sold.free.get(row.item_id, 0)
        if is_on and row.is_counted and is_at_limit(*stands, limit_of(row)):
            at_limit.add(variant_of(row))

    def reason(variant: str, before: Any, after: Any) -> str:  # Any: JSON
        if variant in at_limit:
            return "None is left, and as many units wait as may: nobody can buy more."
        return "Units are free again, or more may wait."

    return plan_kept(desk, tx, shop, log, BUYING, read, at_limit, lambda *_: True, reason, {})


def plan_limits(desk: Desk, tx: Writing, shop: Shop, log: RunLog, sold: Sold) -> str:
    """Plan the policy's limits in a shop with native backorders: those of a location there, all else at the default one."""
    is_on, limit_of, own = shop.settings.write_back.backorder_limit, limits(desk, shop), limits_of_places(desk, shop)
    counted = {row.item_id: row for row in sold.listings if row.is_counted}
    read: dict[str, int] = {}
    due: dict[str, int] = {}
    for item, group in groupby(queries.limits(tx, shop.id, sorted(counted)), key=lambda told: told.item_id):
        row, places = counted[item], list(group)
        goods = row.product_platform_id if row.tracking == "product" else variant_of(row)
        read |= {f"{goods}@{told.location}": told.backorder_limit for told in places}
        if is_on:
            default = next((told.location for told in places if told.is_default), "")
            shares = shared_out(limit_of(row), {told.location: own(row, told.code) for told in places}, default)
            due |= {f"{goods}@{place}": units for place, units in shares.items()}

    def reason(target: str, before: Any, after: Any) -> str:  # Any: JSON
        if target in due:
            return "So many units may be sold beyond the stock, by the policy."
        return "The policy sets no limit any more: the one of before holds again."

    return plan_kept(desk, tx, shop, log, LIMIT, read, due, lambda target, _: due[target], reason, {})


def limits(desk: Desk, shop: Shop) -> Callable[[Any], int | None]:  # Any: a row of queries.listed
    """Return what tells how many units of a listing's goods may wait, None for any number."""
    asked = goods_asked_for(desk)

    @cache
    def limit(*facts: str) -> int | None:
        found = dict(zip(asked, facts, strict=True))
        return desk.settings.policy.for_(channel=shop.name, **found).backorder_limit

    return lambda row: limit(*(getattr(row, name) for name in asked))


def limits_of_places(desk: Desk, shop: Shop) -> Callable[[Any, str], int | None]:  # Any: as above
    """Return what tells how many units of a listing's goods may wait at a location, None where no rule names it."""
    rules = tuple(one for one in desk.settings.policy.rule if one.match.location is not None)
    asked, policy = goods_asked_for(desk), PolicySettings(rule=rules)

    @cache
    def limit(code: str, *facts: str) -> int | None:
        found = dict(zip(asked, facts, strict=True))
        return policy.for_(channel=shop.name, location=code, **found).backorder_limit

    return lambda row, code: limit(code, *(getattr(row, name) for name in asked))


def goods_asked_for(desk: Desk) -> list[str]:
    """Return which facts of goods any rule of the policy goes by."""
    from fillrate.steps.allocating.rules import facts_asked_for

    return [name for name in ("brand", "sku") if name in facts_asked_for(desk)]


def variant_of(row: Any) -> str:  # Any: a row of queries.listed
    """Return the target of a listing: its product and its variant."""
    return f"{row.product_platform_id}/{row.variant_platform_id}"
