"""What parts of the settings say of each other: names that must be known, and rules that could never hold."""

from collections.abc import Iterator

from fillrate.settings.policy import Match, PolicyPart, PolicySettings
from fillrate.settings.tree import Settings

Mistake = tuple[tuple[int | str, ...], str]  # where it stands in the tree, and what is wrong with it

OF_A_CHANNEL = frozenset(
    {
        "unpaid_days",
        "refund_cancels_unshipped",
        "review_units",
        "wait_above_changes",
        "wait_above_share",
        "vanish_share",
    }
)
SHOWN = frozenset(
    {
        "buffer",
        "oversold_per_1000",
        "show_share",
        "show_at_most",
        "show_at_least",
        "end_below",
        "never_below",
        "presell_days",
    }
)
WHOEVER_BUYS = {
    **dict.fromkeys(SHOWN, "is about what a channel shows, and it shows everybody the same"),
    "backorder_limit": "holds for a place, whoever buys there",
    "reserve": "keeps units for a channel, whoever buys there",
}


def mistakes_between(settings: Settings) -> Iterator[Mistake]:
    """Yield what cannot be meant, though each part alone is well."""
    names = [one.name for one in settings.channel]
    yield from unknown_channels(settings, names)
    yield from mistakes_in_policy(settings.policy)


def unknown_channels(settings: Settings, names: list[str]) -> Iterator[Mistake]:
    """Yield the names that no channel of these settings has."""
    said: list[tuple[tuple[int | str, ...], str | None]] = []
    for number, rule in enumerate(settings.policy.rule):
        said.append((("policy", "rule", number, "match", "channel"), rule.match.channel))
    for number, place in enumerate(settings.location):
        said.append((("location", number, "channel"), place.channel))
        said += [(("location", number, "serves"), one) for one in place.serves]
    known = ", ".join(names) or "none"
    for path, name in said:
        if name is not None and name not in names:
            yield path, f"names {name!r}, which is no channel of these settings ({known})"
    for number, channel in enumerate(settings.channel):
        for original in channel.mirrors.values():
            if original not in names or original == channel.name:
                yield ("channel", number, "mirrors"), f"names {original!r}, which is no other channel of these settings"


def mistakes_in_policy(policy: PolicySettings) -> Iterator[Mistake]:
    """Yield what a rule sets that its match can never bring about."""
    if policy.default.reserve:
        yield ("policy", "default", "reserve"), "keeps units for a channel: set it in a rule whose match names one"
    for number, rule in enumerate(policy.rule):
        for key in sorted(rule.set.model_fields_set):
            if wrong := mistake_in_key(key, rule.match, rule.set):
                yield ("policy", "rule", number, "set", key), wrong


def mistake_in_key(key: str, match: Match, values: PolicyPart) -> str | None:
    """Return why a rule cannot set a key for those whom it matches, None where it can."""
    wanted = match.model_dump(exclude_none=True)
    if key in OF_A_CHANNEL and (finer := ", ".join(sorted(wanted.keys() - {"channel"}))):
        return f"holds for a whole channel and would never apply to a {finer}: let match name a channel only"
    if "location" in wanted and key != "backorder_limit":
        return "does not go by location: only a backorder_limit does"
    if "category" in wanted and key not in SHOWN:
        return "does not go by category: only what a channel shows does"
    if "group" in wanted and (why := WHOEVER_BUYS.get(key)) and (key != "backorder_limit" or "location" in wanted):
        return f"{why}: leave group out of match"
    if key == "reserve" and values.reserve and "channel" not in wanted:
        return "keeps units for a channel: let match name the channel"
    return None
