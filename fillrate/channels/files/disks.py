"""Where a folder is: on this machine, or on a server that speaks SFTP."""

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from fillrate.channels.files import endpoints
from fillrate.gateway.folder import FoundFile, files_in, found_file, read_file
from fillrate.gateway.outside import Outside

if TYPE_CHECKING:
    from fillrate.gateway.sftp import Sftp


class Refused(Exception):
    """The place did not take our file; nothing is changed."""


class Disk(Protocol):
    """What holds folders."""

    def files_in(self, folder: Path, endings: Sequence[str]) -> list[FoundFile]:
        """Return the files of these kinds, the oldest first; StopChannel where the folder cannot be read."""
        ...

    def look(self, path: Path) -> FoundFile:
        """Return what is known of a file; FileNotFoundError where there is none."""
        ...

    def read(self, path: Path) -> bytes:
        """Return what a file holds; SkipRecord says why it cannot be taken, FileNotFoundError that there is none."""
        ...

    def write(self, path: Path, content: bytes, may_send: Callable[[], None]) -> None:
        """Write a file aside and rename it. Raises Refused where it was not taken, InDoubt where nobody knows."""
        ...

    def may_write(self, folder: Path) -> bool:
        """Tell whether a file can be written there, as far as that can be seen."""
        ...


class Local:
    """The disks of this machine."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def files_in(self, folder: Path, endings: Sequence[str]) -> list[FoundFile]:
        """Return the files of these kinds."""
        return files_in(folder, endings)

    def look(self, path: Path) -> FoundFile:
        """Return what is known of a file."""
        return found_file(path)

    def read(self, path: Path) -> bytes:
        """Return what a file holds."""
        return read_file(path)

    def write(self, path: Path, content: bytes, may_send: Callable[[], None]) -> None:
        """Write a file aside, let it reach the disk, and rename it."""
        aside = path.with_name(f".{path.name}.part")
        self._outside.faults.at(endpoints.PUT.label, "before")
        may_send()
        try:
            with aside.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(path)
        except OSError as error:
            with suppress(OSError):
                aside.unlink()
            raise Refused(f"{path.name} cannot be written: {error.strerror}.") from None
        self._outside.faults.at(endpoints.PUT.label, "after_effect")

    def may_write(self, folder: Path) -> bool:
        """Tell whether a file can be written there."""
        return os.access(folder, os.W_OK | os.X_OK)


class Remote:
    """The disks of a server."""

    def __init__(self, sftp: "Sftp") -> None:
        self._sftp = sftp

    def files_in(self, folder: Path, endings: Sequence[str]) -> list[FoundFile]:
        """Return the files of these kinds."""
        return self._sftp.files_in(endpoints.STOCK.label, folder, endings)

    def look(self, path: Path) -> FoundFile:
        """Return what is known of a file."""
        return self._sftp.look(endpoints.OURS.label, path)

    def read(self, path: Path) -> bytes:
        """Return what a file holds."""
        return self._sftp.read(endpoints.OURS.label, path)

    def write(self, path: Path, content: bytes, may_send: Callable[[], None]) -> None:
        """Write a file aside and rename it."""
        self._sftp.write(endpoints.PUT.label, path, content, may_send)

    def may_write(self, folder: Path) -> bool:
        """Tell whether a file can be written there."""
        return self._sftp.may_write(endpoints.PUT.label, folder)
