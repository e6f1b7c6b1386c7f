"""Which rules of the merchant hold for what a channel shows."""

import pandas as pd

from fillrate.db.database import Reading
from fillrate.db.queries.offers import facts_of_listings
from fillrate.settings import Policy
from fillrate.steps.allocating.rules import by_combination
from fillrate.steps.desk import Desk, Shop

FACTS = ("brand", "sku", "category")


def policies_of(
    desk: Desk, reading: Reading, shop: Shop, items: "pd.Series[int]"
) -> tuple["pd.Series[int]", list[Policy]]:
    """Return the number of the policy that holds for each of these items in a channel, and the policies."""
    policy = desk.settings.policy
    named = {name for rule in policy.rule for name in rule.match.model_dump(exclude_none=True)}
    asked = [name for name in FACTS if name in named]
    if not asked or items.empty:
        return pd.Series(0, index=range(len(items)), dtype="int64"), [policy.for_(channel=shop.name)]
    facts = facts_of_listings(reading, shop.id, sorted(set(items)), asked)
    frame = pd.DataFrame([facts.get(item, dict.fromkeys(asked, "")) for item in items], columns=asked)
    kinds, policies = by_combination(
        frame, asked, lambda *found: policy.for_(channel=shop.name, **dict(zip(asked, found, strict=True)))
    )
    return pd.Series(kinds, dtype="int64"), policies
