"""A folder on a real SFTP server is read and written as one on this machine is, and no other server takes its place."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from fillrate.channels.files import Files, FilesSettings
from fillrate.channels.protocol import STOCK, Stream, Write
from fillrate.errors import FixChannel, LeaseLost, StopChannel
from tests.channels.files import place
from tests.channels.files.place import opened
from tests.channels.files.server import PASSWORD, USER, Running, sftp
from tests.channels.files.server import Files as Server
from tests.channels.practice import always, records


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "served"
    (made / "erp").mkdir(parents=True)
    (made / "erp" / "stock.csv").write_text(place.STOCK)
    (made / "erp" / "orders-1.csv").write_text(place.ORDERS)
    return made


@pytest.fixture
def server(folder: Path, tmp_path: Path) -> Iterator[Running]:
    with sftp(folder, tmp_path) as running:
        yield running


def channel(server: Running, **more: Any) -> Files:
    told = {"user": USER, "password": PASSWORD, "host_key": server.host_key, **more}
    return opened(url=f"sftp://127.0.0.1:{server.port}/erp", **told)


def wish(before: int, after: int) -> Write:
    return Write(kind=STOCK, target="A-1@main", before={"quantity": before}, after={"quantity": after}, key="k")


def test_files_are_read_and_ours_is_put_in_its_place_as_a_whole(server: Running, folder: Path) -> None:
    (folder / "erp" / "stock-link.csv").symlink_to(folder / "erp" / "stock.csv")
    erp = channel(server)

    assert set(records(erp, Stream.STOCK)) == {"A-1", "B-2", "C-3"}
    assert set(records(erp, Stream.ORDERS, since=erp.time())) == {"1001", "1002"}
    assert erp.write([wish(5, 4)], always)["A-1@main"].state == "done"
    assert erp.write([wish(4, 6)], always)["A-1@main"].state == "done"
    assert erp.read_back(STOCK, ["A-1@main", "X@main"]) == {"A-1@main": {"quantity": 6}, "X@main": None}
    assert (folder / "erp" / "fillrate-stock.csv").read_text() == "sku,location,quantity\nA-1,,6\n"
    assert [one.name for one in (folder / "erp").iterdir() if one.name.startswith(".")] == []
    assert [one.state for one in erp.probe()] == ["granted", "granted"]


def test_a_private_key_opens_it_too(server: Running) -> None:
    assert set(records(channel(server, password="", key_file=str(server.user_key)), Stream.STOCK)) == {
        "A-1",
        "B-2",
        "C-3",
    }


def test_a_server_with_another_key_is_not_spoken_to(server: Running) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()

    with pytest.raises(FixChannel, match="host_key"):
        records(channel(server, host_key=other), Stream.STOCK)


def test_a_wrong_password_needs_a_person(server: Running) -> None:
    wrong = channel(server, password="wrong")

    with pytest.raises(FixChannel):
        records(wrong, Stream.STOCK)
    assert [one.state for one in wrong.probe()] == ["missing", "missing"]


def test_a_server_that_is_not_there_stops_the_channel(server: Running) -> None:
    gone = opened(url="sftp://127.0.0.1:1/erp", user=USER, password=PASSWORD, host_key=server.host_key)

    with pytest.raises(StopChannel, match="again and again"):
        records(gone, Stream.STOCK)


def test_a_folder_that_is_not_there_is_told(server: Running) -> None:
    lost = opened(url=f"sftp://127.0.0.1:{server.port}/none", user=USER, password=PASSWORD, host_key=server.host_key)

    with pytest.raises(StopChannel, match="no folder"):
        records(lost, Stream.STOCK)


@pytest.mark.parametrize(("trouble", "held"), [("before", 5), ("after", 4)])
def test_a_rename_whose_end_nobody_knows_is_in_doubt(server: Running, trouble: str, held: int) -> None:
    erp = channel(server)
    Server.trouble = trouble

    assert erp.write([wish(5, 4)], always)["A-1@main"].state == "unknown"
    assert erp.read_back(STOCK, ["A-1@main"]) == {"A-1@main": {"quantity": held}}


def test_what_may_no_longer_be_sent_is_not_put_in_its_place(server: Running, folder: Path) -> None:
    def lost() -> None:
        raise LeaseLost("Another run has taken over.")

    with pytest.raises(LeaseLost):
        channel(server).write([wish(5, 4)], lost)
    assert not (folder / "erp" / "fillrate-stock.csv").exists()


@pytest.mark.parametrize(
    ("settings", "wrong"),
    [
        ({"user": "a", "password": "b"}, "host_key"),
        ({"user": "a", "host_key": "ssh-ed25519 AAAA"}, "either a password or a key_file"),
        ({"password": "b", "host_key": "ssh-ed25519 AAAA"}, "needs a user"),
        ({"user": "a", "password": "b", "key_file": "k", "host_key": "ssh-ed25519 AAAA"}, "either a password"),
        ({"user": "a", "password": "b", "token": "t", "host_key": "ssh-ed25519 AAAA"}, "no token"),
    ],
)
def test_settings_of_a_server_that_cannot_be_meant_are_told(settings: dict[str, str], wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        FilesSettings(name="erp", kind="files", url="sftp://example.org/erp", **settings)  # type: ignore[arg-type]
