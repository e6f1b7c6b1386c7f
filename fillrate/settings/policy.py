"""Rules that a merchant may set for all, or for some."""

from typing import Any, Literal

from pydantic import Field

from fillrate.settings.base import Strict


class Policy(Strict):
    """Rules that a merchant may set for all, or by channel, customer group, brand or SKU."""

    priority: int = Field(default=100, ge=0, le=1000)  # place in the queue before time counts; small goes first
    unpaid_days: int = Field(default=7, ge=0)  # after so many days an unpaid order is shown as one to cancel
    refund_cancels_unshipped: bool = True  # refunded units first cancel units that have not left
    ship_complete: bool = False  # an order leaves as a whole
    hold_days: int = Field(default=14, ge=0)  # … its units are set aside if the rest comes within so many days
    starve_days: int = Field(default=60, ge=0)  # … or once it is older than this; else others may use them meanwhile
    split_limit: int = Field(default=0, ge=0)  # most locations that an order is shipped from; 0 is any number
    locations: Literal["rank", "nearest", "most_stock", "fewest_splits"] = "rank"  # which location is drawn on first
    horizon_days: int | None = Field(default=None, ge=0)  # nothing is set aside for what is promised for a later day
    by_promise: bool = False  # within a class, the earliest first promise is served first
    displaces: bool = False  # may take what is set aside for a worse class, unless it is being picked
    reserve: int = Field(default=0, ge=0)  # units of a SKU that are kept for the channel which the rule names
    backorder_limit: int | None = Field(default=None, ge=0)  # most units of a SKU that may wait for supply
    buffer: int | None = Field(
        default=None, ge=0
    )  # units kept back from the number that a channel shows; None: reckoned
    oversold_per_1000: float | None = Field(default=None, gt=0, le=1000)  # … so that no more of 1,000 sold are oversold
    show_share: float = Field(default=1, ge=0, le=1)  # the part of what is sellable that a channel shows
    show_at_most: int | None = Field(default=None, ge=0)  # … at most so many
    show_at_least: int = Field(default=0, ge=0)  # … at least so many, while any is sellable
    end_below: int = Field(default=0, ge=0)  # … nothing, once fewer are sellable
    never_below: int = Field(default=0, ge=0)  # … and never fewer than this, sellable or not
    presell_days: int | None = Field(default=None, ge=0, le=365)  # what arrives within so many days is sold already
    review_units: int = Field(default=20, ge=0)  # a number that somebody changed by more is not put right by itself
    wait_above_changes: int = Field(default=500, ge=0)  # a plan with more changes waits for a person
    wait_above_share: float = Field(default=0.05, ge=0, le=1)  # … or one that touches more than this share of entities
    vanish_share: float = Field(default=0.2, ge=0, le=1)  # a larger share of a catalogue never vanishes by itself


class Match(Strict):
    """Whom a rule is for; every key given must fit."""

    channel: str | None = None
    group: str | None = None
    brand: str | None = None
    sku: str | None = None
    category: str | None = None  # its name; only what a channel shows goes by it
    location: str | None = None  # its code; only a backorder_limit goes by it


class PolicyPart(Policy):
    """The keys of a policy that a rule sets; the others stay as they are."""


class PolicyRule(Strict):
    """One rule; the first that matches wins, key by key."""

    match: Match
    set: PolicyPart


class PolicySettings(Strict):
    """The default and the rules, in order."""

    default: Policy = Policy()
    rule: tuple[PolicyRule, ...] = ()

    def for_(self, **facts: str | tuple[str, ...]) -> Policy:
        """Return the policy for these facts (channel, group, brand, sku, category), resolved key by key.

        Of what may be several, one that fits is enough.
        """
        values: dict[str, Any] = {}  # Any: each key has its own type, checked by Policy
        for rule in self.rule:
            wanted = rule.match.model_dump(exclude_none=True)
            if all(is_met(value, facts.get(name)) for name, value in wanted.items()):
                for name in rule.set.model_fields_set:
                    values.setdefault(name, getattr(rule.set, name))
        return self.default.model_copy(update=values)


def is_met(wanted: str, fact: str | tuple[str, ...] | None) -> bool:
    """Tell whether a fact is what a rule asks for."""
    return wanted in fact if isinstance(fact, tuple) else wanted == fact
