"""How tills, warehouses and ERPs speak by files; see README.md here."""

from pathlib import Path

from fillrate.channels.files.channel import CAPABILITIES, Files
from fillrate.channels.files.places import Address, Folder, Names, Place
from fillrate.channels.files.settings import FilesSettings
from fillrate.channels.protocol import Kind, Reach
from fillrate.gateway.auth import Auth, Basic, Bearer, Headers

__all__ = ["KIND", "Files", "FilesSettings"]


def opened(one: FilesSettings, reach: Reach) -> Files:
    """Return the way to one place."""
    return Files(one, place_of(one, reach))


def place_of(one: FilesSettings, reach: Reach) -> Place:
    """Return where the files of these settings lie."""
    names = Names(one.stock_file, one.orders_file, one.own_file, f".{one.format}", one.encoding)
    if one.url is not None:
        return Address(one.url, names, auth_of(one), reach)
    return Folder(Path(one.path or ""), names, reach.outside)


def auth_of(one: FilesSettings) -> Auth:
    """Return what the address wants to see."""
    if one.user:
        return Basic(one.user, one.password)
    return Bearer(one.token) if one.token.get_secret_value() else Headers({})


KIND = Kind(name="files", settings=FilesSettings, capabilities=CAPABILITIES, open=opened)
