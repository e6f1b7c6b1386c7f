"""Who writes to the customers."""

from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import Field, SecretStr, field_validator, model_validator

from fillrate.mailbox import LABEL, Mailbox, mailbox
from fillrate.settings.base import LOOPBACK, Strict

Security = Literal["starttls", "tls", "plain"]
Kind = Literal["backordered", "date_moved", "on_its_way", "partly_shipped", "cancelled"]
TIME = "^([01][0-9]|2[0-3]):[0-5][0-9]$"


PORTS: dict[Security, int] = {"starttls": 587, "tls": 465, "plain": 25}


class MailSettings(Strict):
    """Who writes to the customers, and through which server; without it no mail is ever planned."""

    sender: str = Field(alias="from")  # Example <orders@example.com>
    reply_to: str = ""
    host: str
    port: int | None = Field(default=None, ge=1, le=65535)
    security: Security = "starttls"
    user: str = Field(default="", pattern="^[ -~]*$")
    templates: Path | None = None  # the merchant's own; a relative one lies beside the settings
    language: str = Field(default="en", pattern="^[a-z]{2}$")
    languages: tuple[Annotated[str, Field(pattern="^[a-z]{2}$")], ...] = ()  # … but of orders in these, their own
    messages: tuple[Kind, ...] = get_args(Kind)  # which ones are written; orders from before that hear nothing
    quiet_from: str = Field(default="21:00", pattern=TIME)  # at night, in the store's zone, no mail leaves;
    quiet_until: str = Field(default="08:00", pattern=TIME)  # the same time twice: at any hour
    at_most_per_run: int = Field(default=100, ge=0)  # more mails in one plan wait for a person
    share: float = Field(default=0.2, ge=0, le=1)  # … and so do more than ten to a larger share of the open orders
    password: SecretStr = SecretStr("")  # from FILLRATE_MAIL_PASSWORD, never from the toml; nor are the next two
    link_secret: SecretStr = SecretStr("")  # FILLRATE_LINK_SECRET
    link_secret_old: SecretStr = SecretStr("")  # FILLRATE_LINK_SECRET_OLD, while links signed with it are still valid

    @field_validator("sender", "reply_to")
    @classmethod
    def real_address(cls, value: str) -> str:
        """Accept one address in plain letters, with or without a name."""
        if value and not mailbox(value).local.isascii():
            message = "has letters beyond ASCII before its @"
            raise ValueError(message)
        return value

    @field_validator("host")
    @classmethod
    def real_host(cls, value: str) -> str:
        """Accept a name or an address of a machine."""
        if value != "::1" and not all(LABEL.fullmatch(label) for label in value.lower().split(".")):
            message = "is not the name of a mail server such as smtp.example.com"
            raise ValueError(message)
        return value

    @model_validator(mode="after")
    def safe_ways(self) -> "MailSettings":
        """Name a sender; plain SMTP only to this machine."""
        if self.security == "plain" and self.host not in LOOPBACK:
            message = 'security = "plain" is accepted for this machine only'
            raise ValueError(message)
        if not self.sender:
            message = "from is missing"
            raise ValueError(message)
        return self

    @property
    def from_(self) -> Mailbox:
        """The address that writes."""
        return mailbox(self.sender)

    @property
    def answers_to(self) -> Mailbox | None:
        """The address that reads answers, where it is another one."""
        return mailbox(self.reply_to) if self.reply_to else None

    @property
    def server_port(self) -> int:
        """The port, or the usual one of this security."""
        return self.port or PORTS[self.security]

    @property
    def link_secrets(self) -> tuple[SecretStr, ...]:
        """Secrets that links may be signed with, the present one first."""
        return tuple(one for one in (self.link_secret, self.link_secret_old) if one.get_secret_value())
