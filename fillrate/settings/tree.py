"""The whole tree."""

from pydantic import model_validator

from fillrate.settings.base import Strict
from fillrate.settings.channel import ChannelSettings
from fillrate.settings.mail import MailSettings
from fillrate.settings.policy import PolicySettings
from fillrate.settings.promises import DelaySettings, PromiseSettings
from fillrate.settings.receiver import ReceiverSettings
from fillrate.settings.store import DatabaseSettings, StoreSettings
from fillrate.settings.supply import InboundSettings, LocationSettings, SupplierSettings, SupplySettings


class Settings(Strict):
    """Everything a run needs to know."""

    database: DatabaseSettings = DatabaseSettings()
    store: StoreSettings = StoreSettings()
    channel: tuple[ChannelSettings, ...] = ()
    policy: PolicySettings = PolicySettings()
    supply: SupplySettings = SupplySettings()
    supplier: tuple[SupplierSettings, ...] = ()
    location: tuple[LocationSettings, ...] = ()
    inbound: tuple[InboundSettings, ...] = ()
    mail: MailSettings | None = None
    promises: PromiseSettings = PromiseSettings()
    delays: DelaySettings = DelaySettings()
    receiver: ReceiverSettings = ReceiverSettings()

    def holds_stock(self, channel: ChannelSettings) -> bool:
        """Tell whether what a channel counts lies on shelves of its own; unless told, that of the first channel does."""
        return channel == self.channel[0] if channel.holds_stock is None else channel.holds_stock

    @model_validator(mode="after")
    def answers_find_their_way(self) -> "Settings":
        """Who asks customers about delays can take their answers."""
        if self.delays.enabled and self.mail and not self.can_ask:
            needed = "public_url in [receiver] and FILLRATE_LINK_SECRET"
            message = f"ask customers about delays ([delays] enabled), which needs {needed}"
            raise ValueError(message)
        return self

    @property
    def can_ask(self) -> bool:
        """Whether a mail can carry links to answer with."""
        return bool(self.receiver.public_url and self.mail and self.mail.link_secret.get_secret_value())

    @model_validator(mode="after")
    def distinct_names(self) -> "Settings":
        """Each channel, feed and supplier has its own name."""
        each_once: dict[str, list[str | None]] = {
            "two channels have the same name": [one.name for one in self.channel],
            "two inbound feeds have the same name": [one.name for one in self.inbound],
            "two inbound feeds have the same place": [one.path or one.url for one in self.inbound],
            "two locations have the same code": [f"{one.channel}:{one.code}" for one in self.location],
            "two suppliers have the same code": [one.code.casefold() for one in self.supplier],
        }
        for message, found in each_once.items():
            if len(set(found)) != len(found):
                raise ValueError(message)
        return self
