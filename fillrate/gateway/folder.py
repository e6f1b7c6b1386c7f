"""Files that others put into a folder: only plain ones, only whole ones, only so large."""

import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fillrate.errors import SkipRecord, StopChannel

LARGEST = 32 * 2**20


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file with its name as text, when it was written by what it says, and when it was changed by what the disk says."""

    path: Path
    name: str
    modified_at: datetime
    changed_at: datetime


def files_in(folder: Path, endings: Sequence[str]) -> list[FoundFile]:
    """Return the files of these kinds in a folder, the oldest first; StopChannel where the folder cannot be read."""
    try:
        with os.scandir(folder) as entries:
            named = [entry for entry in entries if entry.name.lower().endswith(tuple(endings))]
            paths = [Path(entry.path) for entry in named if entry.is_file(follow_symlinks=False)]
    except OSError as error:
        raise StopChannel(
            f"The folder {folder} cannot be read: {error.strerror}.", next="Make it, or mend path."
        ) from None
    found = []
    for path in paths:
        with suppress(FileNotFoundError):  # taken away just now
            found.append(found_file(path))
    return sorted(found, key=lambda one: (one.modified_at, one.name))


def found_file(path: Path) -> FoundFile:
    """Return what is known of a file; OSError where there is none."""
    found = path.stat()
    times = (datetime.fromtimestamp(one, UTC) for one in (found.st_mtime, found.st_ctime))
    return FoundFile(path, readable(path.name), *times)


def readable(name: str) -> str:
    """Return a file's name as text that can be kept; bytes that are none become marks."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def read_file(path: Path) -> bytes:
    """Return what a file holds; SkipRecord says why it cannot be taken, FileNotFoundError that it is gone."""
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise SkipRecord("It is no plain file.")
            content = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise SkipRecord(f"It cannot be read: {error.strerror}.") from None
    if len(content) > LARGEST:
        raise SkipRecord(f"It is larger than {LARGEST // 2**20} MiB.")
    return content
