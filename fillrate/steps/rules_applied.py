"""Which rules of the policy hold for a line, and what set each of them."""

from collections.abc import Iterator, Mapping
from typing import Any

from fillrate.report.explain import RuleFact
from fillrate.report.texts import text
from fillrate.settings import Policy, PolicySettings

SHOWN = ("priority", "by_promise", "ship_complete", "displaces", "horizon_days", "split_limit", "locations", "reserve")
FACTS = ("channel", "group", "brand", "sku")


def rules_applied(
    policy: PolicySettings, line: Mapping[str, Any] | None
) -> Iterator[RuleFact]:  # Any: see Queues.facts
    """Yield the rules that differ from what holds without settings, and always the class; none for a line that stays."""
    if line is None:
        return
    facts = {name: str(line[name]) for name in FACTS}
    found = policy.for_(**facts)
    for name in SHOWN:
        value = line.get(name, getattr(found, name))
        if value != getattr(found, name) and name == "priority":
            yield RuleFact(name, str(value), text("rule_source", "line"))
        elif name == "priority" or value != getattr(Policy(), name):
            yield RuleFact(name, str(value), source(policy, name, facts))


def source(policy: PolicySettings, name: str, facts: Mapping[str, str]) -> str:
    """Return what set a key: the first rule that matches and has it, or the default; "" where nothing did."""
    for number, rule in enumerate(policy.rule, start=1):
        wanted = rule.match.model_dump(exclude_none=True)
        if name in rule.set.model_fields_set and all(facts.get(key) == value for key, value in wanted.items()):
            matches = ", ".join(f"{key} {value}" for key, value in wanted.items())
            return text("rule_source", "rule", number=number, matches=matches or text("rule_source", "anything"))
    return text("rule_source", "default") if name in policy.default.model_fields_set else ""
