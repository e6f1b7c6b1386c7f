"""`fillrate init`: write `fillrate.toml` and `.env` for one BigCommerce store, after a look at what its token may do."""

import json
import os
import re
import sys
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import available_timezones

import msgspec
import typer
from dotenv import dotenv_values
from pydantic import SecretStr, ValidationError

from deployments.cli.doctor import told
from deployments.cli.terminal import EXIT_WRONG_USE, AsJson, print_json, say
from fillrate.bootstrap import open_channel
from fillrate.channels.bigcommerce import BigCommerceSettings
from fillrate.errors import FixSettings
from fillrate.gateway.outside import Outside
from fillrate.records import StoreInfo
from fillrate.report.plain import safe
from fillrate.settings import StoreSettings, in_words, settings_file, variable
from fillrate.steps.examine import scope_points

ADDRESS = "https://api.bigcommerce.com/stores/"
HASH = re.compile("[a-z0-9]{4,20}")
OPTIONS = {"name": "--channel", "base_url": "--base-url"}


def init(
    base_url: Annotated[str, typer.Option(help=f"The store's API: {ADDRESS}STORE_HASH, or the hash alone.")] = "",
    channel: Annotated[str, typer.Option(help="What you call this store.")] = "main",
    as_json: AsJson = False,
) -> None:
    """Write fillrate.toml and .env into the working folder; the token is asked for, or FILLRATE_CHANNEL_<NAME>_TOKEN."""
    file = settings_file()
    if file.exists():
        raise FixSettings(f"{file} exists and stays as it is.", next="Look at it with: fillrate doctor")
    one = settled(channel, base_url or asked("The store's API address or its hash", "--base-url"), file.parent)
    with open_channel(one, Outside()) as shop:
        store, scopes = shop.store(), shop.probe()
    secrets = written(file, one, store)
    points = scope_points(f"channel {one.name}", scopes)
    is_well = all(point.ok for point in points)
    if as_json:
        shown: dict[str, Any] = {"ok": is_well, "settings": str(file), "secrets": str(secrets)}  # Any: JSON
        print_json({**shown, "store": msgspec.to_builtins(store), "points": msgspec.to_builtins(points)})
    else:
        say(f"{store.name} answers (time zone {store.timezone}, currency {store.currency}).")
        told(points)
        say(f"Written: {file} and {secrets}", "Next: fillrate doctor, then fillrate up or fillrate run sync-catalog")
    if not is_well:
        sys.exit(EXIT_WRONG_USE)


def asked(what: str, otherwise: str, *, is_secret: bool = False) -> str:
    """Ask the person at the terminal; where nobody sits there, say how to give it otherwise."""
    if not sys.stdin.isatty():
        raise FixSettings(f"{what} is missing.", next=f"Give it with {otherwise}.")
    hint = " (nothing shows while you type)" if is_secret else ""
    return str(typer.prompt(f"{what}{hint}", hide_input=is_secret, err=True)).strip()


def settled(name: str, base_url: str, folder: Path) -> BigCommerceSettings:
    """Return the channel's settings, with its token from the environment, from an .env that is there, or asked for."""
    key = variable({"name": name}, "token")
    token = os.environ.get(key) or dotenv_values(folder / ".env").get(key)
    if not token and (folder / ".env").exists():
        raise FixSettings(f"{folder / '.env'} exists and stays as it is.", next=f"Put {key}=… into it and try again.")
    url = f"{ADDRESS}{base_url}" if HASH.fullmatch(base_url) else base_url
    try:
        BigCommerceSettings(name=name, kind="bigcommerce", base_url=url, token=SecretStr(""))
    except ValidationError as error:
        told = "; ".join(f"{OPTIONS[str(one['loc'][0])]} {in_words(one)}" for one in error.errors())
        raise FixSettings(f"That cannot be right: {told}.", next="Mend it and try again.") from None
    token = token or asked("Its token", key, is_secret=True)
    return BigCommerceSettings.model_validate({"name": name, "kind": "bigcommerce", "base_url": url, "token": token})


def written(file: Path, one: BigCommerceSettings, store: StoreInfo) -> Path:
    """Write both files, never over one that is there; returns where the secrets are."""
    zone = store.timezone if store.timezone in available_timezones() else "UTC"
    currency = store.currency if re.fullmatch("[A-Z]{3}", store.currency) else StoreSettings().currency
    secrets = file.parent / ".env"
    if not secrets.exists():
        new_file(secrets, f"{variable({'name': one.name}, 'token')}={one.token.get_secret_value()}\n", 0o600)
    practice = "practice = true\n" if one.base_url.startswith("http:") else ""  # only to this machine
    new_file(
        file,
        f"[store]\nname = {quoted(store.name)}\ntimezone = {quoted(zone)}\ncurrency = {quoted(currency)}\n\n"
        f'[[channel]]\nname = {quoted(one.name)}\nkind = "bigcommerce"\nbase_url = {quoted(one.base_url)}\n{practice}',
        0o644,
    )
    return secrets


def new_file(file: Path, text: str, mode: int) -> None:
    """Write a file that must not exist yet."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as opened:
        opened.write(text)


def quoted(text: str) -> str:
    """Return a text as TOML writes it."""
    return json.dumps(safe(text), ensure_ascii=False)
