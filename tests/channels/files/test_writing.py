"""New numbers are told in one whole file, which counts until the other program has written again."""

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest

from fillrate.channels.files import FilesSettings
from fillrate.channels.protocol import STOCK, Outcome, Stream, Write
from fillrate.errors import FillrateError, LeaseLost, StopChannel
from fillrate.records import StockItem
from tests.channels.files import place
from tests.channels.files.place import Watch, opened, serving
from tests.channels.practice import always, records


def wish(target: str, before: object, after: object) -> Write:
    return Write(kind=STOCK, target=target, before={"quantity": before}, after={"quantity": after}, key=target)


def states(outcomes: dict[str, Outcome]) -> dict[str, str]:
    return {target: one.state for target, one in outcomes.items()}


def shown(channel: object) -> dict[str, int]:
    items = records(channel, Stream.STOCK).values()
    return {level.target: level.shown for one in items if isinstance(one, StockItem) for level in one.levels}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "stock.csv").write_text(place.STOCK + "A-1,East,1\n")
    return tmp_path


def rewrite(folder: Path, body: str) -> None:
    """Let the other program write its stock anew, after all that was written before."""
    file = folder / "stock.csv"
    file.write_text(body)
    at = max(one.stat().st_mtime for one in folder.iterdir()) + 2
    os.utime(file, (at, at))


def test_what_was_told_stands_in_one_file_and_is_what_the_channel_holds(folder: Path) -> None:
    channel = opened(path=str(folder))

    first = channel.write([wish("A-1@main", 5, 4), wish("C-3@main", 7, 0), wish("B-2@main", 0, 0)], always)
    second = channel.write([wish("A-1@East", 1, 3), wish("A-1@main", 4, 6)], always)

    assert states(first | second) == dict.fromkeys(["A-1@main", "C-3@main", "B-2@main", "A-1@East"], "done")
    assert (folder / "fillrate-stock.csv").read_text() == "sku,location,quantity\nA-1,East,3\nA-1,,6\nC-3,,0\n"
    assert shown(channel) == {"A-1@main": 6, "A-1@East": 3, "B-2@main": 0, "C-3@main": 0}
    assert channel.read_back(STOCK, ["A-1@main", "X@main"]) == {"A-1@main": {"quantity": 6}, "X@main": None}
    assert sorted(one.name for one in folder.iterdir()) == ["fillrate-stock.csv", "stock.csv"]


def test_once_the_other_program_has_written_again_its_word_counts_and_ours_is_begun_anew(folder: Path) -> None:
    channel = opened(path=str(folder))
    channel.write([wish("A-1@main", 5, 4), wish("C-3@main", 7, 6)], always)

    rewrite(folder, "sku,quantity\nA-1,4\nC-3,7\n")

    assert shown(channel) == {"A-1@main": 4, "C-3@main": 7}
    os.utime(folder / "stock.csv", (1_700_000_000, 1_700_000_000))
    rewrite(folder, "sku,quantity\nA-1,4\nC-3,7\n")
    assert states(channel.write([wish("C-3@main", 7, 6)], always)) == {"C-3@main": "done"}
    assert (folder / "fillrate-stock.csv").read_text() == "sku,location,quantity\nC-3,,6\n"


def test_a_file_in_json_can_be_read_by_who_writes_json(folder: Path) -> None:
    channel = opened(path=str(folder), format="json")

    channel.write([wish("A-1@main", 5, 4)], always)

    told = json.loads((folder / "fillrate-stock.json").read_text())
    assert told == {"lines": [{"sku": "A-1", "location": "", "quantity": 4}]}
    assert shown(channel)["A-1@main"] == 4


def test_what_moved_is_gone_or_is_no_number_costs_only_itself(folder: Path) -> None:
    channel = opened(path=str(folder))

    outcomes = channel.write(
        [wish("A-1@main", 9, 4), wish("X@main", 1, 2), wish("C-3@main", 7, 2.5), wish("B-2@main", 0, 1)], always
    )

    assert states(outcomes) == {"A-1@main": "stale", "X@main": "stale", "C-3@main": "refused", "B-2@main": "done"}
    assert outcomes["A-1@main"].seen == {"quantity": 5}


def test_a_row_that_cannot_be_read_is_not_written_over(folder: Path) -> None:
    rewrite(folder, "sku,quantity\nA-1,x\nC-3,7\n")
    channel = opened(path=str(folder))

    outcomes = channel.write([wish("A-1@main", 5, 4)], always)

    assert states(outcomes) == {"A-1@main": "unknown"}
    assert channel.read_back(STOCK, ["A-1@main"]) == {}
    assert not (folder / "fillrate-stock.csv").exists()


def test_a_folder_that_takes_no_file_is_told_with_its_reason(folder: Path) -> None:
    (folder / ".fillrate-stock.csv.part").mkdir()  # stands where the file is written aside, whoever runs this
    channel = opened(path=str(folder))

    outcome = channel.write([wish("A-1@main", 5, 4)], always)["A-1@main"]

    assert (outcome.state, outcome.answer) == ("refused", "fillrate-stock.csv cannot be written: Is a directory.")


def test_a_sku_that_the_encoding_has_no_letter_for_is_told(folder: Path) -> None:
    (folder / "stock.json").write_text('[{"sku": "茶", "quantity": 1}]')
    channel = opened(path=str(folder), encoding="cp1252")

    assert states(channel.write([wish("茶@main", 1, 2)], always)) == {"茶@main": "refused"}


def test_our_file_is_divided_as_the_other_programs_is(folder: Path) -> None:
    rewrite(folder, "sku;quantity\nA-1;5\n")
    opened(path=str(folder)).write([wish("A-1@main", 5, 4)], always)

    assert (folder / "fillrate-stock.csv").read_text() == "sku;location;quantity\nA-1;;4\n"


def test_what_may_no_longer_be_sent_leaves_no_file(folder: Path) -> None:
    def lost() -> None:
        raise LeaseLost("Another run has taken over.")

    with pytest.raises(LeaseLost):
        opened(path=str(folder)).write([wish("A-1@main", 5, 4)], lost)
    assert [one.name for one in folder.iterdir()] == ["stock.csv"]


def test_a_folder_says_whether_it_can_be_read_and_written(folder: Path) -> None:
    assert {one.name: one.state for one in opened(path=str(folder)).probe()} == {"read": "granted", "put": "granted"}
    assert opened(path=str(folder / "none")).probe()[0].state == "missing"


def test_an_address_is_read_and_written_as_a_folder_is(folder: Path) -> None:
    (folder / "orders.csv").write_text(place.ORDERS)
    with serving(folder, user="till") as server:
        channel = opened(url=server.url, user="till", password="till")

        assert set(records(channel, Stream.ORDERS)) == {"1001", "1002"}
        assert states(channel.write([wish("A-1@main", 5, 4)], always)) == {"A-1@main": "done"}
        assert shown(channel)["A-1@main"] == 4
        assert (folder / "fillrate-stock.csv").read_text() == "sku,location,quantity\nA-1,,4\n"
        [sent] = [headers for method, _, headers in server.seen if method == "PUT"]
        assert sent["Content-Type"] == "text/csv"
        assert {one.state for one in channel.probe()} == {"granted", "not checked"}
        channel.close()


def test_a_token_is_shown_where_that_is_what_the_address_wants(folder: Path) -> None:
    with serving(folder) as server:
        channel = opened(url=server.url, token="abc")
        shown(channel)

        assert {headers["Authorization"] for _, _, headers in server.seen} == {"Bearer abc"}
        channel.close()


@pytest.mark.parametrize("kind", ["drop_after_write", "lying", "500", "drop", "403", "409"])
def test_an_address_that_makes_trouble_is_never_told_better_than_it_is(folder: Path, kind: str) -> None:
    with serving(folder) as server:
        channel = opened(url=server.url)
        server.fault(kind, "PUT *")
        try:
            outcomes = states(channel.write([wish("A-1@main", 5, 4)], always))
        except FillrateError:
            outcomes = {"A-1@main": "refused"}
        now = channel.read_back(STOCK, ["A-1@main"])["A-1@main"]["quantity"]

        assert outcomes["A-1@main"] != "done" or now == 4
        assert outcomes["A-1@main"] != "refused" or now == 5
        assert (kind != "lying") or outcomes == {"A-1@main": "unknown"}
        channel.close()


@pytest.mark.parametrize("kind", ["500", "503", "429", "drop"])
def test_trouble_of_an_address_that_passes_changes_nothing(folder: Path, kind: str) -> None:
    with serving(folder) as server:
        channel = opened(url=server.url)
        server.fault(kind, times=1)

        assert shown(channel)["A-1@main"] == 5
        channel.close()


@pytest.mark.parametrize("kind", ["500", "503", "429", "401", "403", "404", "drop", "html", "malformed", "empty"])
def test_trouble_that_lasts_is_an_error_and_never_an_empty_shelf(folder: Path, kind: str) -> None:
    with serving(folder) as server:
        channel = opened(url=server.url)
        server.fault(kind, "* /erp/stock.csv")

        with pytest.raises(FillrateError):
            shown(channel)
        channel.close()


def test_what_is_wrong_with_the_file_of_an_address_is_told(folder: Path) -> None:
    (folder / "stock.csv").write_text("sku,on_hand\nA-1,5\n")
    with serving(folder) as server:
        channel = opened(url=server.url)

        with pytest.raises(StopChannel, match=r"stock.csv: Its first row does not name the column\(s\) quantity,"):
            shown(channel)
        channel.close()


def test_an_address_that_does_not_say_when_is_not_guessed_about(folder: Path) -> None:
    with serving(folder) as server:
        channel = opened(url=server.url)
        server.tells_time = False

        assert shown(channel)["A-1@main"] == 5
        (folder / "fillrate-stock.csv").write_text("sku,location,quantity\nA-1,,4\n")
        with pytest.raises(StopChannel, match="Last-Modified"):
            shown(channel)
        channel.close()


@pytest.mark.parametrize(
    ("settings", "wrong"),
    [
        ({}, "either a path or a url"),
        ({"path": "a", "url": "https://example.org"}, "either a path or a url"),
        ({"url": "http://example.org"}, "https"),
        ({"url": "https://example.org/a b"}, "letters, digits"),
        ({"url": "https://example.org", "user": "a"}, "both a user and its password"),
        ({"url": "https://example.org", "user": "a", "password": "b", "token": "c"}, "either a user"),
        ({"path": "a", "token": "c"}, "without a password"),
        ({"path": "a", "timezone": "Mars/Olympus"}, "time zone"),
        ({"path": "a", "own_file": "stock-ours"}, "does not begin"),
        ({"path": "a", "stock_file": "../stock"}, "pattern"),
    ],
)
def test_settings_that_cannot_be_meant_are_told(settings: dict[str, str], wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        FilesSettings(name="erp", kind="files", **settings)  # type: ignore[arg-type]


def test_the_clock_is_this_machines(folder: Path) -> None:
    clock = Watch()
    channel = opened(clock, path=str(folder), timezone="Europe/Berlin", currency="EUR")
    before = channel.time()
    clock.sleep(60)

    assert channel.time() - before == timedelta(seconds=60)
    assert (channel.store().timezone, channel.store().currency) == ("Europe/Berlin", "EUR")
    assert channel.stock_settings([""])[""].deducts_at == "order"
