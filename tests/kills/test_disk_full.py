"""No room left for the database: the run fails with a sentence, and after room was made one run makes it right."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.kills.cases import wrong
from tests.kills.conftest import WHOLE_DAY
from tests.kills.history import Calm, Morning
from tests.kills.stores import Databases, Files

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

Given = tuple[Morning, Calm]
PAGE = 4096


def test_a_file_that_may_not_grow_is_a_failure_with_the_way_on_and_the_next_run_makes_it_right(given) -> None:
    morning, calm = given("sqlite", "sync-orders")

    with morning.place() as place:
        room = Path(place.world.url.removeprefix("sqlite:///")).stat().st_size // PAGE
        process = place.start("first", pages=room)
        code = process.ended()
        place.again()
        found = wrong(place, calm)

    assert code == 1
    assert "database or disk is full. Make room on the database's disk, then run it again" in flat(process.said())
    assert found == {}


@pytest.fixture
def tight(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Return a way to get a disk of a few megabytes; skipped where nothing may be mounted."""
    disk = Path(f"{tmp_path.parent.parent}-{tmp_path.name}")
    disk.mkdir()

    def mount(megabytes: int) -> Path:
        words = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(disk)]
        if os.geteuid() or subprocess.run(words, capture_output=True, check=False).returncode:
            pytest.skip("needs the right to mount a disk")
        return disk

    yield mount
    subprocess.run(["umount", str(disk)], capture_output=True, check=False)
    disk.rmdir()


def test_on_a_full_disk_a_day_fails_with_a_sentence_and_goes_right_when_there_is_room(given, tight) -> None:
    morning, calm = given("sqlite", WHOLE_DAY)
    disk = tight(4)
    crowded = replace(morning, store=Files(disk))

    failed, codes = [], []
    for kilobytes in (4, 40, 80, 160, 240, 320, 400):
        with crowded.place() as place:
            room = shutil.disk_usage(disk).free - kilobytes * 1024
            ballast = disk / "ballast"
            ballast.write_bytes(b"x" * room)
            process = place.start("first")
            codes.append(process.ended())
            ballast.unlink()
            place.again()
            if codes[-1] == 1 and "The database said: OperationalError: " not in process.said():
                failed.append((kilobytes, process.said()))
            if found := wrong(place, calm):
                failed.append((kilobytes, found))

    assert failed == []
    assert set(codes) <= {0, 1}
    assert codes.count(1) >= 4


@pytest.mark.postgres
def test_a_full_disk_under_postgresql_is_a_sentence_and_goes_right_when_there_is_room(given, tight) -> None:
    morning, calm = given("postgresql", WHOLE_DAY)
    disk = tight(40)
    room = disk / "room"
    room.mkdir()
    shutil.chown(room, "pgserver")
    disk.chmod(0o755)
    crowded = replace(morning, store=Tight(morning.store, str(room)))

    failed, codes = [], []
    for kilobytes in (0, 16, 64):
        with crowded.place() as place:
            with place.tables() as db:
                db.check()  # the server writes a file at the first connection of all
            ballast = disk / "ballast"
            ballast.write_bytes(b"x" * (shutil.disk_usage(disk).free - kilobytes * 1024))
            process = place.start("first")
            codes.append(process.ended())
            ballast.unlink()
            place.again()
            if codes[-1] == 1 and "Make room on the database's disk" not in process.said():
                failed.append((kilobytes, process.said()))
            if found := wrong(place, calm):
                failed.append((kilobytes, found))
    crowded.store.close()

    assert failed == []
    assert codes[0] == 1
    assert set(codes) <= {0, 1}


class Tight(Databases):
    """Databases in a table space of its own."""

    def __init__(self, other: Databases, folder: str) -> None:
        super().__init__(other.server.render_as_string(hide_password=False))
        self.run(f"CREATE TABLESPACE tight LOCATION '{folder}'")

    def made(self, how: str) -> str:
        return super().made(f"{how} TABLESPACE tight")

    def close(self) -> None:
        self.run("DROP TABLESPACE tight")


def flat(text: str) -> str:
    """Return text in one line."""
    return " ".join(text.split())
