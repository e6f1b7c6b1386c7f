"""Writes the settings with which the product finds this shop; never touches a file that somebody else wrote."""

import json
from collections.abc import Iterable
from pathlib import Path

from sandbox.mall import Channel

MARK = "# Written by the practice shop, and written anew whenever it starts here."


class NotOurs(Exception):
    """A file is in the way that the practice shop did not write."""


def _texts(name: str, zone: str, currency: str, url: str, token: str) -> dict[str, str]:
    feed = f"{url.partition('/stores/')[0]}/supplier/inbound.json"
    quoted = [json.dumps(text, ensure_ascii=False) for text in (name, zone, currency, url, feed)]
    toml = (
        f"{MARK}\n[store]\nname = {quoted[0]}\ntimezone = {quoted[1]}\ncurrency = {quoted[2]}\n\n"
        f'[[channel]]\nname = "main"\nkind = "bigcommerce"\nbase_url = {quoted[3]}\npractice = true\n'
        f'\n[[inbound]]\nname = "supplier"\nurl = {quoted[4]}\n'
    )
    return {"fillrate.toml": toml, ".env": f"{MARK}\nFILLRATE_CHANNEL_MAIN_TOKEN={token}\n"}


def _table(channel: Channel) -> str:
    """The settings of a channel beside the first."""
    place = {} if "url" in channel.settings else {"base_url": channel.base_url}
    told = {"name": channel.name, "kind": channel.kind, **place, **channel.settings}
    rows = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in told.items()]
    return "\n".join(["", "[[channel]]", *rows, "practice = true", ""])


def _secrets(channel: Channel) -> str:
    start = f"FILLRATE_CHANNEL_{channel.name.upper()}"
    return "".join(f"{start}_{field}={value}\n" for field, value in channel.secrets.items())


def check_folder(folder: Path) -> None:
    """Raise NotOurs when a file of somebody else would be overwritten."""
    for name in ("fillrate.toml", ".env"):
        path = folder / name
        if path.exists() and not path.read_text("utf-8").startswith(MARK):
            message = f"{path} was not written by the practice shop; it stays as it is. Choose another folder."
            raise NotOurs(message)


def write_config(
    folder: Path, *, name: str, zone: str, currency: str, url: str, token: str, channels: Iterable[Channel] = ()
) -> None:
    """Write `fillrate.toml` and `.env` (readable by the owner only)."""
    check_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    texts = _texts(name, zone, currency, url, token)
    for channel in channels:
        texts["fillrate.toml"] += _table(channel)
        texts[".env"] += _secrets(channel)
    for file_name, text in texts.items():
        path = folder / file_name
        path.touch(mode=0o600)
        if file_name == ".env":
            path.chmod(0o600)
        else:
            path.chmod(0o644)
        path.write_text(text, "utf-8")
