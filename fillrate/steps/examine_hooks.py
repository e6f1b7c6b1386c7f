"""Look at whether a shop tells by itself what changes: a secret, an address, and hooks that are registered and active."""

from fillrate.channels.protocol import HOOK, Channel, Hooks, KeepsHooks, hook_target
from fillrate.settings import ChannelSettings, Settings, kind_named
from fillrate.steps.examine import Point, looked
from fillrate.steps.hooks.keep import PATH

REGISTER = "Register them: fillrate hooks register (sync-orders does it as well)."


def hooks(settings: Settings, one: ChannelSettings, channel: Channel) -> list[Point]:
    """Return how the hooks of one channel stand; nothing where nobody wants any."""
    kind, about, public = kind_named(one.kind).hooks, f"hooks {one.name}", settings.receiver.public_url
    if kind is None or not (public or kind.is_ready(one)):
        return []
    if not kind.is_ready(one):
        told = "No secret of its hooks is set, so that it is only polled; docs/how-to/webhooks.md says which."
        return [Point(about=about, ok=True, sentence=told)]
    if not public:
        told = "[receiver] has no public_url, so that it is only polled."
        return [Point(about=about, ok=True, sentence=told)]
    if not isinstance(channel, KeepsHooks):
        told = f"They are registered in the shop by hand, at {public}{PATH}{one.name}."
        return [Point(about=about, ok=True, sentence=told)]
    return looked(about, lambda: [registered(about, kind, channel, f"{public}{PATH}{one.name}")])


def registered(about: str, kind: Hooks, channel: Channel, address: str) -> Point:
    """Look at how many of our hooks the shop sends."""
    targets = [hook_target(one, address) for one in kind.topics]
    held = channel.read_back(HOOK, targets)
    n = sum(value is not None and value["active"] for value in held.values())
    told = f"The shop sends {n} of {len(targets)} hooks to {address}."
    return Point(about=about, ok=n == len(targets), sentence=told, next=REGISTER)
