"""The Desk: everything a step works with, built once by `fillrate.bootstrap` and handed inwards."""

from collections.abc import Mapping
from dataclasses import dataclass

from fillrate.channels.protocol import Channel, Hooks
from fillrate.db.database import Database
from fillrate.errors import NotFound
from fillrate.gateway.outside import Outside
from fillrate.settings import ChannelSettings, Settings


@dataclass(frozen=True, slots=True)
class Shop:
    """One channel at hand: its key in the database, its settings, the way to speak to it, and how it tells by itself."""

    id: int
    settings: ChannelSettings
    channel: Channel
    hooks: Hooks | None = None

    @property
    def name(self) -> str:
        """The channel's name."""
        return self.settings.name


@dataclass(frozen=True, slots=True)
class Desk:
    """What a step works with."""

    settings: Settings
    db: Database
    shops: Mapping[str, Shop]
    outside: Outside

    def shop(self, name: str) -> Shop:
        """Return one channel by name."""
        if name not in self.shops:
            known = ", ".join(sorted(self.shops)) or "none"
            raise NotFound(f"There is no channel called {name!r}.", next=f"The settings name: {known}.")
        return self.shops[name]
