"""How tills, warehouses and ERPs speak by files; see README.md here."""

from pathlib import Path
from urllib.parse import urlsplit

from fillrate.channels.files.channel import CAPABILITIES, Files
from fillrate.channels.files.disks import Disk, Local, Remote
from fillrate.channels.files.places import Address, Folder, Names, Place
from fillrate.channels.files.settings import FilesSettings
from fillrate.channels.hooks import by_folders
from fillrate.channels.protocol import Kind, Reach
from fillrate.errors import FixChannel
from fillrate.gateway.auth import Auth, Basic, Bearer, Headers

__all__ = ["KIND", "Files", "FilesSettings"]


def opened(one: FilesSettings, reach: Reach) -> Files:
    """Return the way to one place."""
    return Files(one, place_of(one, reach))


def place_of(one: FilesSettings, reach: Reach) -> Place:
    """Return where the files of these settings lie."""
    names = Names(one.stock_file, one.orders_file, one.own_file, f".{one.format}", one.encoding)
    if one.is_sftp:
        return Folder(server_of(one, reach), Path(urlsplit(one.url or "").path or "/"), names, reach.outside)
    if one.url is not None:
        return Address(one.url, names, auth_of(one), reach)
    return Folder(Local(reach.outside), Path(one.path or ""), names, reach.outside)


def server_of(one: FilesSettings, reach: Reach) -> Disk:
    """Return the disks of the server that an address names; FixChannel where what speaks to it is not installed."""
    try:
        from fillrate.gateway.sftp import Server, Sftp
    except ImportError:
        what = f"Channel {one.name} is an SFTP server, and the library for that is not installed."
        raise FixChannel(what, next="Install it: pip install 'fillrate[sftp]'") from None
    at = urlsplit(one.url or "")
    key_file = Path(one.key_file) if one.key_file else None
    server = Server(at.hostname or "", at.port or 22, one.host_key, one.user, one.password, key_file)
    return Remote(Sftp(server, reach.outside))


def auth_of(one: FilesSettings) -> Auth:
    """Return what the address wants to see."""
    if one.user:
        return Basic(one.user, one.password)
    return Bearer(one.token) if one.token.get_secret_value() else Headers({})


def folders_of(one: FilesSettings) -> tuple[Path, ...]:
    """Return the folders on this machine into which files are put."""
    return (Path(one.path),) if one.path else ()


HOOKS = by_folders(folders_of)
KIND = Kind(name="files", settings=FilesSettings, capabilities=CAPABILITIES, open=opened, hooks=HOOKS)
