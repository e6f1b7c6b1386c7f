"""One typed settings tree, read once at the edge: `fillrate.toml`, and secrets from the environment or `.env` beside it.

Every mistake is listed, with its line, before anything happens. Secrets never come from the toml; the environment wins
over `.env`.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator

from fillrate.errors import FixSettings
from fillrate.links import SHORTEST_SECRET
from fillrate.mailbox import LABEL, Mailbox, mailbox

TOKEN = re.compile(r"[!-~]+")  # what a header can carry: printable ASCII without white space
PASSWORD = re.compile(r"[ -~]+")  # what SMTP can carry
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
MAIL_SECRETS = {
    "password": "FILLRATE_MAIL_PASSWORD",
    "link_secret": "FILLRATE_LINK_SECRET",
    "link_secret_old": "FILLRATE_LINK_SECRET_OLD",
}

FEED_PATH = re.compile(
    r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+"
)  # as the gateway asks for it: nothing to escape, no query

Meaning = Literal["not_an_order", "nothing", "cancelled", "done", "by_lines", "payment", "review"]

# What each status of a shop means for the queue (docs/design.md, "What owes").
STATUS_MEANINGS: dict[str, dict[str, Meaning]] = {
    "bigcommerce": {
        "0": "not_an_order",
        **dict.fromkeys(("1", "7"), "payment"),
        **dict.fromkeys(("2", "10"), "done"),
        **dict.fromkeys(("3", "8", "9", "11", "14"), "by_lines"),
        **dict.fromkeys(("4", "5"), "cancelled"),
        "6": "nothing",
        **dict.fromkeys(("12", "13"), "review"),
    }
}


class Strict(BaseModel):
    """An unknown key is a mistake, not a wish."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DatabaseSettings(Strict):
    """Where the tables are."""

    url: SecretStr = SecretStr("sqlite:///fillrate.db")  # sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME


Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WORKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")


class CalendarSettings(Strict):
    """On which days somebody works."""

    workdays: tuple[Weekday, ...] = Field(default=WORKDAYS, min_length=1)
    holidays: tuple[date, ...] = ()


class StoreSettings(CalendarSettings):
    """The merchant's own frame."""

    name: str = "My store"
    timezone: str = "UTC"  # schedules and messages use it; storage is UTC
    currency: str = Field(default="USD", pattern="^[A-Z]{3}$")
    open_since: date | None = None  # at the first sync, orders placed before this day close with a note
    cut_off: str = "14:00"  # what is ready later than this counts as ready on the next day
    handling_days: int = Field(default=1, ge=0, le=365)  # working days from ready to shipped

    @field_validator("cut_off")
    @classmethod
    def time_of_day(cls, value: str) -> str:
        """Accept hours and minutes only."""
        if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value):
            message = "is not a time of day such as 14:00"
            raise ValueError(message)
        return value

    @field_validator("timezone")
    @classmethod
    def known_zone(cls, value: str) -> str:
        """Accept names of the IANA database only."""
        if value not in available_timezones():
            message = "is not a time zone such as Europe/Berlin"
            raise ValueError(message)
        return value

    @property
    def zone(self) -> ZoneInfo:
        """The store's time zone."""
        return ZoneInfo(self.timezone)


def checked_address(value: str) -> str:
    """Return an address that may be spoken to; ValueError says why not."""
    parts = urlsplit(value)
    loopback = parts.hostname in LOOPBACK
    if parts.scheme != "https" and not (parts.scheme == "http" and loopback):
        message = "must start with https:// (http:// is accepted for this machine only)"
        raise ValueError(message)
    if parts.username or parts.query or parts.fragment:
        message = "must not carry a user, a query or a fragment"
        raise ValueError(message)
    return value


class ChannelSettings(Strict):
    """One place where the merchant sells."""

    name: str = Field(pattern="^[a-z][a-z0-9_]{0,30}$")
    kind: Literal["bigcommerce"]
    base_url: str  # https://api.bigcommerce.com/stores/STORE_HASH
    practice: bool = False  # a practice shop: its first plan need not wait for a person
    overlap_minutes: int = Field(default=10, ge=0, le=1440)  # how far each read goes back over the last one
    statuses: dict[str, Meaning] = {}  # overrides of what an order status means
    undeducted_statuses: tuple[str, ...] = ()  # statuses of which this shop has not taken the units off its number
    token: SecretStr = SecretStr("")  # from FILLRATE_CHANNEL_<NAME>_TOKEN, never from the toml

    @field_validator("base_url")
    @classmethod
    def safe_address(cls, value: str) -> str:
        """Plain http only to this machine."""
        return checked_address(value).rstrip("/")

    def meaning(self, status: str) -> str:
        """Return what an order status means for the queue; "unknown" where nobody said."""
        return {**STATUS_MEANINGS[self.kind], **self.statuses}.get(status, "unknown")


class SupplierSettings(CalendarSettings):
    """Who delivers, and on which days."""

    code: str = Field(min_length=1, max_length=255)  # as the files call it
    name: str = ""
    lead_days: int | None = Field(default=None, ge=0, le=730)  # from ordered to expected, where no date is told


class SupplySettings(Strict):
    """What is assumed of goods on their way."""

    receiving_days: int = Field(default=1, ge=0, le=365)  # working days from arrived to on the shelf
    late_days_default: int = Field(default=7, ge=0, le=365)  # how late a delivery may be, while none was ever received


class PromiseSettings(Strict):
    """Which promises move by themselves when a delivery slips; else a person moves them."""

    move_by_itself_days: int = Field(default=0, ge=0, le=365)  # at most so many days later than the first promise
    move_by_itself_lines: int = Field(default=0, ge=0)  # at most so many lines by one delivery; 0 in either: never


DelayRule = Literal["no_promise", "first_slip", "long_slip", "no_date", "slip_again"]
DELAY_RULES: tuple[DelayRule, ...] = ("no_promise", "first_slip", "long_slip", "no_date", "slip_again")


class DelaySettings(Strict):
    """What a delay means for the customer's order; all off until enabled (docs/how-to/delays.md)."""

    enabled: bool = False
    rules: tuple[DelayRule, ...] = DELAY_RULES  # what a rule that is left out would ask is only told
    counts_from: Literal["complete", "ordered"] = "complete"  # complete: all that is needed is known, and paid
    days_without_promise: int = Field(default=30, ge=1, le=365)  # so long an order may be without a promised day
    consent_days: int = Field(default=30, ge=0, le=365)  # of a first slip of so many days at most, silence is consent
    answer_days: int = Field(default=30, ge=0, le=365)  # a yes must come within so many days after the first promise
    answer_days_again: int = Field(default=0, ge=0, le=365)  # … after the day that was told last
    answer_days_at_least: int = Field(default=3, ge=0, le=365)  # … but never sooner after the question


class LocationSettings(Strict):
    """A place that holds stock, as the channel calls it, and whom it serves."""

    channel: str
    code: str
    serves: tuple[str, ...] = ()  # channels whose orders are shipped from here; empty: all
    near: tuple[str, ...] = ()  # regions by nearness: "US/California", "US", "DE/Bayern/80", as an address begins


class InboundSettings(Strict):
    """Where files about goods on their way come from: a folder or an address."""

    name: str = Field(pattern="^[a-z][a-z0-9_]{0,30}$")
    path: str | None = None  # a folder beside fillrate.toml
    url: str | None = None
    complete: bool = False  # each file tells of everything: a line that two of them in a row leave out is cancelled

    @field_validator("url")
    @classmethod
    def safe_address(cls, value: str | None) -> str | None:
        """Plain http only to this machine, and a path that needs no escaping."""
        if value is not None and not FEED_PATH.fullmatch(urlsplit(checked_address(value)).path):
            message = "must name a file by a path of letters, digits and ._~-"
            raise ValueError(message)
        return value

    @model_validator(mode="after")
    def one_place(self) -> "InboundSettings":
        """A feed has one place; the name of what people import by hand is taken."""
        if (self.path is None) == (self.url is None):
            message = "must have either a path or a url"
            raise ValueError(message)
        if self.name == BY_HAND:
            message = f"must not be called {BY_HAND}, which is what fillrate import takes in"
            raise ValueError(message)
        return self


BY_HAND = "hand"


Security = Literal["starttls", "tls", "plain"]
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
    wait_above_changes: int = Field(default=500, ge=0)  # a plan with more changes waits for a person
    wait_above_share: float = Field(default=0.05, ge=0, le=1)  # … or one that touches more than this share of entities
    vanish_share: float = Field(default=0.2, ge=0, le=1)  # a larger share of a catalogue never vanishes by itself


class Match(Strict):
    """Whom a rule is for; every key given must fit."""

    channel: str | None = None
    group: str | None = None
    brand: str | None = None
    sku: str | None = None


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

    def for_(self, **facts: str) -> Policy:
        """Return the policy for these facts (channel, group, brand, sku), resolved key by key."""
        values: dict[str, Any] = {}  # Any: each key has its own type, checked by Policy
        for rule in self.rule:
            wanted = rule.match.model_dump(exclude_none=True)
            if all(facts.get(name) == value for name, value in wanted.items()):
                for name in rule.set.model_fields_set:
                    values.setdefault(name, getattr(rule.set, name))
        return self.default.model_copy(update=values)


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


def settings_file(environ: Mapping[str, str] = os.environ) -> Path:
    """Return where the settings are: FILLRATE_CONFIG, or fillrate.toml in the working folder."""
    return Path(environ.get("FILLRATE_CONFIG", "fillrate.toml")).absolute()


def load(file: Path | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings; FixSettings lists every mistake with its line and what to do."""
    file = file or settings_file(environ)
    if not file.exists():
        what = f"There is no settings file {file.name} in {file.parent}."
        raise FixSettings(what, next="Write one with fillrate init, or set FILLRATE_CONFIG to where it is.")
    try:
        text = file.read_text(encoding="utf-8")
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FixSettings(f"{file.name} is not valid TOML: {error}.", next="Mend that line.") from None
    except UnicodeDecodeError:
        raise FixSettings(f"{file.name} is not text in UTF-8.", next="Save it as UTF-8.") from None
    except OSError as error:
        raise FixSettings(
            f"{file} cannot be read: {error.strerror}.", next="Mend that, or set FILLRATE_CONFIG."
        ) from None
    secrets = {**env_file(file.parent / ".env"), **environ}
    mistakes = secrets_in_toml(raw) + fill_in_secrets(raw, secrets, file.parent)
    make_folders_absolute(raw, file.parent)
    try:
        settings = Settings.model_validate(raw)
    except ValidationError as error:
        mistakes += [f"{where(text, problem['loc'])} {in_words(problem)}" for problem in error.errors()]
    if mistakes:
        listing = "\n".join(f"  - {mistake}" for mistake in mistakes)
        raise FixSettings(f"{file.name} has {len(mistakes)} mistake(s):\n{listing}", next="Mend them and run again.")
    return settings


def env_file(file: Path) -> Mapping[str, str | None]:
    """Return what `.env` says, nothing where there is none."""
    try:
        return dotenv_values(file)
    except UnicodeDecodeError:
        raise FixSettings(f"{file} is not text in UTF-8.", next="Save it as UTF-8.") from None


IN_WORDS = {
    "extra_forbidden": "is not a setting; is it misspelt?",
    "tuple_type": "must be a list; tables of a list have their name in double brackets",
    "model_type": "must be a table, with its name in brackets",
}


def in_words(problem: Mapping[str, Any]) -> str:  # Any: pydantic's own description of a mistake
    """Return what is wrong with a setting, without pydantic's vocabulary."""
    return IN_WORDS.get(problem["type"], str(problem["msg"]).removeprefix("Value error, "))


def channels(raw: dict[str, Any]) -> list[dict[str, Any]]:  # Any: what the toml holds
    """Return the channels as far as they are tables; what they are otherwise is told as a mistake later."""
    return tables(raw, "channel")


def tables(raw: dict[str, Any], name: str) -> list[dict[str, Any]]:  # Any: as above
    """Return the tables of a list of them, leaving out what is none."""
    found = raw.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def make_folders_absolute(raw: dict[str, Any], folder: Path) -> None:  # Any: as above
    """Make the folders of feeds ones beside the settings, so that every process means the same ones."""
    for feed in tables(raw, "inbound"):
        if isinstance(feed.get("path"), str):
            feed["path"] = str((folder / feed["path"]).absolute())


def secrets_in_toml(raw: dict[str, Any]) -> list[str]:  # Any: what the toml holds
    """Return a mistake for each secret written into the toml."""
    told = [channel for channel in channels(raw) if "token" in channel]
    mistakes = [f"channel {c.get('name', '?')}: the token does not belong here but in {variable(c)}" for c in told]
    mail = [variable for key, variable in MAIL_SECRETS.items() if key in mail_of(raw)]
    return mistakes + [f"mail: this secret does not belong here but in {variable}" for variable in mail]


def mail_of(raw: dict[str, Any]) -> dict[str, Any]:  # Any: what the toml holds
    """Return the table of mail as far as it is one."""
    found = raw.get("mail")
    return found if isinstance(found, dict) else {}


def fill_in_secrets(raw: dict[str, Any], secrets: Mapping[str, str | None], folder: Path) -> list[str]:  # Any: as above
    """Put secrets and the database's place into the tree; return a mistake for each secret that is missing."""
    mistakes = []
    for channel in channels(raw):
        if "name" in channel:
            channel["token"] = secrets.get(variable(channel)) or ""
            mistakes += mistakes_in_token(channel)
    if mail := mail_of(raw):
        mail |= {key: secrets.get(name) or "" for key, name in MAIL_SECRETS.items()}
        mistakes += mistakes_in_mail_secrets(mail)
        if isinstance(mail.get("templates"), str):
            mail["templates"] = str((folder / mail["templates"]).absolute())
    database = raw.setdefault("database", {})
    if isinstance(database, dict):
        url = secrets.get("FILLRATE_DATABASE_URL") or str(database.get("url", "sqlite:///fillrate.db"))
        database["url"] = absolute_sqlite(url, folder)
    return mistakes


def mistakes_in_token(channel: Mapping[str, Any]) -> list[str]:  # Any: as above
    """Return what is wrong with a channel's token, without quoting it."""
    if not channel["token"]:
        return [f"channel {channel['name']}: no token; set {variable(channel)} in .env or the environment"]
    if not TOKEN.fullmatch(channel["token"]):
        wrong = "holds a blank, a line break or a letter that no token has; copy it again"
        return [f"channel {channel['name']}: the token in {variable(channel)} {wrong}"]
    return []


def mistakes_in_mail_secrets(mail: Mapping[str, Any]) -> list[str]:  # Any: as above
    """Return what is wrong with the secrets of mail, without quoting them."""
    mistakes = []
    if mail.get("user") and not mail["password"]:
        mistakes.append("mail: no password for this user; set FILLRATE_MAIL_PASSWORD in .env or the environment")
    if mail["password"] and not PASSWORD.fullmatch(mail["password"]):
        mistakes.append(
            "mail: the password in FILLRATE_MAIL_PASSWORD holds a letter that SMTP cannot carry; set another"
        )
    short = [key for key in ("link_secret", "link_secret_old") if 0 < len(mail[key]) < SHORTEST_SECRET]
    wrong = f"is shorter than {SHORTEST_SECRET} characters; draw a longer one"
    return mistakes + [f"mail: {MAIL_SECRETS[key]} {wrong}" for key in short]


def variable(channel: Mapping[str, Any]) -> str:  # Any: as above
    """Return the name of the environment variable that holds a channel's token."""
    return f"FILLRATE_CHANNEL_{str(channel.get('name', '?')).upper()}_TOKEN"


def absolute_sqlite(url: str, folder: Path) -> str:
    """Make a relative SQLite path one beside the settings, so that every process means the same file."""
    prefix, _, path = url.partition("sqlite:///")
    if prefix or not path or path.startswith("/"):
        return url
    return f"sqlite:///{(folder / path).absolute()}"


def where(text: str, path: tuple[int | str, ...]) -> str:
    """Return the dotted path of a setting with the line of the toml it stands in, as well as it can be found."""
    dotted = ".".join(str(part) for part in path)
    names = [part for part in path if isinstance(part, str)]
    if not names:
        return dotted or "settings"
    lines = text.splitlines()
    nth = next((part for part in path if isinstance(part, int)), 0)
    tables = [i for i, line in enumerate(lines) if re.match(rf"\s*\[+\s*{re.escape(names[0])}\b", line)]
    start = tables[min(nth, len(tables) - 1)] if tables else 0
    for i in range(start, len(lines)):
        if re.search(rf"(^|[\s{{,\[.]){re.escape(names[-1])}\s*[=\]}}]", lines[i]):
            return f"line {i + 1}, {dotted}"
    return f"line {start + 1}, {dotted}" if tables else dotted
