"""One typed settings tree, read once at the edge: `fillrate.toml`, and secrets from the environment or `.env` beside it."""

from fillrate.settings.base import CalendarSettings
from fillrate.settings.channel import ChannelSettings, HookedShopSettings, Meaning, WebShopSettings
from fillrate.settings.kinds import kind_named, kinds
from fillrate.settings.mail import MailSettings
from fillrate.settings.policy import Match, Policy, PolicyPart, PolicyRule, PolicySettings
from fillrate.settings.promises import DelaySettings, PromiseSettings
from fillrate.settings.reading import in_words, load, settings_file, variable
from fillrate.settings.receiver import ReceiverSettings
from fillrate.settings.store import DatabaseSettings, StoreSettings
from fillrate.settings.supply import (
    BY_HAND,
    BY_WAREHOUSE,
    InboundSettings,
    LocationSettings,
    SupplierSettings,
    SupplySettings,
)
from fillrate.settings.tree import Settings
from fillrate.settings.write_back import StatusPair, WriteBackSettings

__all__ = [
    "BY_HAND",
    "BY_WAREHOUSE",
    "CalendarSettings",
    "ChannelSettings",
    "DatabaseSettings",
    "DelaySettings",
    "HookedShopSettings",
    "InboundSettings",
    "LocationSettings",
    "MailSettings",
    "Match",
    "Meaning",
    "Policy",
    "PolicyPart",
    "PolicyRule",
    "PolicySettings",
    "PromiseSettings",
    "ReceiverSettings",
    "Settings",
    "StatusPair",
    "StoreSettings",
    "SupplierSettings",
    "SupplySettings",
    "WebShopSettings",
    "WriteBackSettings",
    "in_words",
    "kind_named",
    "kinds",
    "load",
    "settings_file",
    "variable",
]
