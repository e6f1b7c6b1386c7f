"""One merchant at a terminal: a folder with settings, a token and tables, in which `fillrate` is called."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sysconfig
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox import Running

FILLRATE = str(Path(sysconfig.get_path("scripts")) / "fillrate")
TOKEN = "tOkEn-0f7c-that-nobody-may-see"
LONGEST_S = 120


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """Standard output as the one JSON object that it must be, and nothing else."""
        assert self.out.endswith("}\n")
        assert self.out.count("\n") == 1
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found

    @property
    def words(self) -> str:
        """Standard error, where nothing was said on standard output and no traceback came."""
        assert self.out == ""
        assert "Traceback" not in self.err
        return self.err


@dataclass(frozen=True)
class Merchant:
    """A folder to call `fillrate` in."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)

    def fillrate(self, *arguments: str, timeout_s: int = LONGEST_S, **environ: str) -> Said:
        """Call the command as a shell would."""
        with self.calling(*arguments, **environ) as process:
            out, err = process.communicate(timeout=timeout_s)
        return Said(process.returncode, out, err)

    @contextmanager
    def calling(self, *arguments: str, **environ: str) -> Iterator["subprocess.Popen[str]"]:
        """Call the command and look on while it works."""
        process = subprocess.Popen(
            [FILLRATE, *arguments],
            cwd=self.folder,
            env={**bare_environment(), **self.environ, **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.kill()

    def settings(self, text: str) -> None:
        """Write other settings."""
        (self.folder / "fillrate.toml").write_text(text)

    def sql(self, *statements: str) -> list[Any]:
        """Do to the tables what only a hand in the file can do; returns the rows of the last statement."""
        with closing(sqlite3.connect(self.folder / "fillrate.db")) as connection, connection:
            return [connection.execute(statement).fetchall() for statement in statements][-1]

    def all_bytes(self) -> bytes:
        """Every byte of the tables, with what SQLite keeps beside them."""
        return b"".join(file.read_bytes() for file in sorted(self.folder.glob("fillrate.db*")))

    def moved_to(self, folder: Path) -> "Merchant":
        """The same merchant in a folder of its own, in which anything may be done."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return Merchant(folder, self.environ)


def bare_environment() -> dict[str, str]:
    """The environment without anything that would speak to Fillrate or to Prefect."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FILLRATE_", "PREFECT_"))}
    return {**kept, "DO_NOT_TRACK": "1"}


def interrupted(process: "subprocess.Popen[str]", number: signal.Signals = signal.SIGINT) -> Said:
    """What a command says when this signal reaches it."""
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    return Said(process.returncode, out, err)


def wait_until_fired(shop: Running) -> None:
    """Wait until a command has met the first fault of this shop."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if httpx.get(f"{shop.root}/_practice/faults").json()[0]["fired"]:
            return
        time.sleep(0.05)
    pytest.fail("The command never asked the shop.")


def settings_for(url: str, *lines: str) -> str:
    """Settings for one shop."""
    parts = ["[store]", 'name = "Test"', "", "[[channel]]", 'name = "main"', 'kind = "bigcommerce"']
    return "\n".join([*parts, f'base_url = "{url}"', *lines]) + "\n"
