"""Files on a server that speaks SFTP: only the server whose key is known, only plain files, only so large.

Each deed is a session of its own, begun and ended by it: a few a run. Needs the extra `sftp`.
"""

import asyncio
import stat
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import asyncssh
from pydantic import SecretStr

from fillrate.errors import FillrateError, FixChannel, InDoubt, SkipRecord, StopChannel
from fillrate.gateway.folder import LARGEST, FoundFile, readable
from fillrate.gateway.outside import Outside
from fillrate.gateway.retry import RetryPolicy, Tries
from fillrate.gateway.trouble import Trouble

T = TypeVar("T")
Deed = Callable[[asyncssh.SFTPClient], Awaitable[T]]
POLICY = RetryPolicy(connect_s=10.0, total_s=120.0, tries=3, patience_s=120.0)
NOT_THERE = (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath)


@dataclass(frozen=True, slots=True)
class Server:
    """Who is spoken to, and as whom: by a password or by a private key."""

    host: str
    port: int
    host_key: str  # "ssh-ed25519 AAAA…": what the server must prove to have
    user: str
    password: SecretStr
    key_file: Path | None


class Sftp:
    """The way to files on one server."""

    def __init__(self, server: Server, outside: Outside, policy: RetryPolicy = POLICY) -> None:
        self._server = server
        self._outside = outside
        self._policy = policy

    def files_in(self, label: str, folder: Path, endings: Sequence[str]) -> list[FoundFile]:
        """Return the files of these kinds in a folder, the oldest first; StopChannel where it cannot be read.

        When a file came to lie there is not told: it counts as just now.
        """
        now = self._outside.clock.now()

        async def listed(sftp: asyncssh.SFTPClient) -> list[FoundFile]:
            found = []
            for one in await sftp.readdir(str(folder)):
                name, attrs = text_of(one.filename), one.attrs
                if name.lower().endswith(tuple(endings)) and is_plain(attrs) and attrs.mtime is not None:
                    found.append(FoundFile(folder / name, name, datetime.fromtimestamp(attrs.mtime, UTC), now))
            return sorted(found, key=lambda file: (file.modified_at, file.name))

        try:
            return self._tried(label, listed)
        except FileNotFoundError:
            raise StopChannel(f"There is no folder {folder} on the server.", next="Make it, or mend url.") from None

    def look(self, label: str, path: Path) -> FoundFile:
        """Return what is known of a file; FileNotFoundError where there is none."""

        async def looked(sftp: asyncssh.SFTPClient) -> FoundFile:
            attrs = await sftp.stat(str(path))
            at = datetime.fromtimestamp(attrs.mtime or 0, UTC)
            return FoundFile(path, path.name, at, at)

        return self._tried(label, looked)

    def read(self, label: str, path: Path) -> bytes:
        """Return what a file holds; SkipRecord says why it cannot be taken, FileNotFoundError that there is none."""

        async def fetched(sftp: asyncssh.SFTPClient) -> bytes:
            async with sftp.open(str(path), "rb") as file:
                return await file.read(LARGEST + 1)

        content = self._tried(label, fetched)
        if len(content) > LARGEST:
            raise SkipRecord(f"It is larger than {LARGEST // 2**20} MiB.")
        return content

    def write(self, label: str, path: Path, content: bytes, may_send: Callable[[], None]) -> None:
        """Write a file aside and rename it. StopChannel where nothing happened, InDoubt where nobody knows."""
        aside = path.with_name(f".{path.name}.part")

        async def laid_down(sftp: asyncssh.SFTPClient) -> None:
            async with sftp.open(str(aside), "wb") as file:
                await file.write(content)

        async def renamed(sftp: asyncssh.SFTPClient) -> None:
            await sftp.posix_rename(str(aside), str(path))

        try:
            self._tried(label, laid_down)
        except (FileNotFoundError, SkipRecord) as error:
            raise StopChannel(f"{label}: the server takes no file there: {error}", next="Mend own_file.") from None
        self._outside.faults.at(label, "before")
        may_send()
        try:
            self._once(renamed)
        except (Trouble, FileNotFoundError, SkipRecord) as error:
            raise InDoubt(
                what=f"{label}: {self._server.host} broke off while the file was put in its place ({error}).",
                next="Whether it lies there is unknown; it is read back before anything else.",
            ) from None
        self._outside.faults.at(label, "after_effect")

    def may_write(self, label: str, folder: Path) -> bool:
        """Tell whether a file can be laid down in a folder, as far as its rights say so."""

        async def asked(sftp: asyncssh.SFTPClient) -> bool:
            attrs = await sftp.stat(str(folder))
            return attrs.permissions is None or bool(attrs.permissions & 0o222)

        with suppress(FileNotFoundError, SkipRecord):
            return self._tried(label, asked)
        return False

    def _tried(self, label: str, deed: Deed[T]) -> T:
        """Do what changes nothing, again where it may help."""
        tries = Tries(self._policy, self._outside)
        while True:
            try:
                return self._once(deed)
            except Trouble as trouble:
                pause = tries.pause_after(trouble)
                if pause is None:
                    raise self._given_up(label, trouble) from None
                self._outside.clock.sleep(pause)

    def _given_up(self, label: str, trouble: Trouble) -> FillrateError:
        what = f"{label}: {self._server.host} {trouble.problem}, again and again."
        return trouble.becomes(what, next="Run it again later; what a run has read so far is kept.")

    def _once(self, deed: Deed[T]) -> T:
        try:
            return asyncio.run(asyncio.wait_for(self._session(deed), self._policy.total_s))
        except (asyncssh.PermissionDenied, asyncssh.HostKeyNotVerifiable, asyncssh.KeyImportError) as error:
            what = f"The SFTP server {self._server.host} and we do not accept each other: {type(error).__name__}."
            raise FixChannel(what, next="Mend user, host_key, key_file or the password of this channel.") from None
        except NOT_THERE as error:
            raise FileNotFoundError(str(error)) from None
        except (asyncssh.SFTPPermissionDenied, asyncssh.SFTPFailure, asyncssh.SFTPOpUnsupported) as error:
            raise SkipRecord(f"The server does not let us: {type(error).__name__}.") from None
        except TimeoutError:
            raise Trouble(problem="did not answer in time") from None
        except (OSError, asyncssh.Error) as error:
            raise Trouble(problem=f"broke off ({type(error).__name__})") from None

    async def _session(self, deed: Deed[T]) -> T:
        server = self._server
        password = server.password.get_secret_value()
        keys: Any = [str(server.key_file)] if server.key_file else []  # Any: asyncssh's own unions
        known: Any = ([asyncssh.import_public_key(server.host_key)], [], [])
        async with (
            asyncssh.connect(
                server.host,
                server.port,
                username=server.user,
                password=password or None,
                client_keys=keys,
                known_hosts=known,
                agent_path=None,
                config=None,
                connect_timeout=self._policy.connect_s,
                login_timeout=self._policy.connect_s,
            ) as connection,
            connection.start_sftp_client() as sftp,
        ):
            return await deed(sftp)


def is_plain(attrs: asyncssh.SFTPAttrs) -> bool:
    """Tell whether something is a plain file, no link and no folder."""
    return attrs.permissions is None or stat.S_ISREG(attrs.permissions)


def text_of(name: str | bytes) -> str:
    """Return a file's name as text."""
    return readable(name) if isinstance(name, str) else name.decode("utf-8", "replace")
