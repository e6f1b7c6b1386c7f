"""The places where the merchant sells. What only one kind of shop needs, its own package adds."""

import re
from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field, SecretStr, field_validator, model_validator

from fillrate.links import SHORTEST_SECRET
from fillrate.settings.base import Strict, checked_address
from fillrate.settings.write_back import WriteBackSettings, mistake_in_pairs

Meaning = Literal["not_an_order", "nothing", "cancelled", "done", "by_lines", "payment", "review"]


SOURCE = re.compile(r"[0-9]+(:.*)?|:.+")


class ChannelSettings(Strict):
    """One place where the merchant sells; each kind of shop has a class of its own under this one.

    Its fields of type SecretStr come from FILLRATE_CHANNEL_<NAME>_<FIELD>, never from the toml.
    """

    MEANINGS: ClassVar[
        Mapping[str, Meaning]
    ] = {}  # what each order status means for the queue, unless `statuses` says else

    FOLDERS: ClassVar[tuple[str, ...]] = ()  # fields that name a folder beside the settings

    name: str = Field(pattern="^[a-z][a-z0-9_]{0,30}$")
    kind: str
    practice: bool = False  # a practice shop: its first plan need not wait for a person
    holds_stock: bool | None = None  # its numbers count what lies there; None: those of the first channel do
    publish: bool = False  # its numbers are written: what all channels together may still sell
    locations: dict[str, tuple[str, ...]] = Field(default={})  # its own location: codes of those whose stock it shows
    overlap_minutes: int = Field(default=10, ge=0, le=1440)  # how far each read goes back over the last one
    statuses: dict[str, Meaning] = Field(default={})  # overrides of what an order status means
    undeducted_statuses: tuple[str, ...] = ()  # statuses of which this shop has not taken the units off its number
    mirrors: dict[str, str] = Field(
        default={}
    )  # source of copied orders ("2:amazon", "2", ":amazon"), and who owes them
    write_back: WriteBackSettings = WriteBackSettings()

    @field_validator("mirrors")
    @classmethod
    def sources(cls, value: dict[str, str]) -> dict[str, str]:
        """Accept what a source can be matched by."""
        for key in value:
            if not SOURCE.fullmatch(key):
                message = (
                    f'has {key!r}, which is no channel id with a source ("2:amazon"), nor either alone ("2", ":amazon")'
                )
                raise ValueError(message)
        return value

    @model_validator(mode="after")
    def harmless_statuses(self) -> "ChannelSettings":
        """A status that we write moves no unit."""
        if message := mistake_in_pairs(self.write_back.order_status, self.meanings, self.undeducted_statuses):
            raise ValueError(message)
        return self

    def meaning(self, status: str) -> str:
        """Return what an order status means for the queue; "unknown" where nobody said."""
        return self.meanings.get(status, "unknown")

    def original(self, source: str) -> str | None:
        """Return the channel that owes orders of a source, such as "2:amazon": the most exact key decides."""
        channel_id, _, made_by = source.partition(":")
        keys = (source, channel_id, f":{made_by}")
        return next((self.mirrors[key] for key in keys if key in self.mirrors), None)

    @property
    def meanings(self) -> dict[str, Meaning]:
        """What each order status means for the queue."""
        return {**self.MEANINGS, **self.statuses}

    @classmethod
    def secrets(cls) -> dict[str, bool]:
        """Return the secrets of this kind, and whether each is needed."""
        return {name: field.is_required() for name, field in cls.model_fields.items() if field.annotation is SecretStr}


class WebShopSettings(ChannelSettings):
    """A shop with an HTTP API."""

    base_url: str

    @field_validator("base_url")
    @classmethod
    def safe_address(cls, value: str) -> str:
        """Plain http only to this machine."""
        return checked_address(value).rstrip("/")


class HookedShopSettings(WebShopSettings):
    """A shop that tells of changes by hooks, once it has a secret by which these can be told from forged ones."""

    hook_secret: SecretStr = SecretStr("")
    hook_secret_old: SecretStr = SecretStr("")  # while hooks that were registered with it still come
    hook_tolerance_minutes: int = Field(default=5, ge=1, le=10_080)  # how old a signature may be, or ahead

    @field_validator("hook_secret", "hook_secret_old")
    @classmethod
    def strong(cls, value: SecretStr) -> SecretStr:
        """Accept what nobody guesses."""
        if 0 < len(value.get_secret_value()) < SHORTEST_SECRET:
            message = f"is shorter than {SHORTEST_SECRET} characters; draw a longer one"
            raise ValueError(message)
        return value
