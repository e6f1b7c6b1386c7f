"""What files tell of goods on their way, and what became of each line."""

import os
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from fillrate.errors import FillrateError, NotFound
from fillrate.gateway.folder import read_file
from fillrate.settings import InboundSettings, SupplierSettings
from fillrate.steps.runs import RunLog
from fillrate.steps.supply import feeds
from fillrate.steps.supply.sync import import_inbound
from tests.simulation.crash import Crash, CrashAt, Watch
from tests.simulation.world import fresh
from tests.steps.purchasing import Merchant, add_item

HEAD = "reference,line,sku,quantity,received,expected"


@pytest.fixture
def merchant(db_url: str, tmp_path: Path) -> Iterator[Merchant]:
    """A merchant on each engine in turn."""
    with closing(Merchant.begin(db_url, tmp_path)) as made:
        yield made


@pytest.fixture
def small(sqlite_url: str, tmp_path: Path) -> Iterator[Merchant]:
    """A merchant on SQLite."""
    with closing(Merchant.begin(sqlite_url, tmp_path)) as made:
        yield made


def on_its_way(merchant: Merchant) -> dict[tuple[str, str], int]:
    found = merchant.lines("status", "qty_ordered", "qty_received", "qty_cancelled")
    return {name: max(0, o - r - c) if status == "open" else 0 for name, (status, o, r, c) in found.items()}


def touched(merchant: Merchant) -> list[str]:
    rows = merchant.ask("SELECT i.sku FROM touched t JOIN item i ON i.id = t.item_id ORDER BY 1")
    merchant.do("DELETE FROM touched")
    return [sku for (sku,) in rows]


def test_a_file_tells_of_lines_and_the_next_one_of_what_became_of_them(merchant: Merchant) -> None:
    log = merchant.tell("PO1,1,A,100,0,2026-04-01", "PO1,2,b ,5,,")

    assert log.counts["inbound_new"] == 2
    assert log.problems == []
    assert merchant.lines("sku", "qty_ordered", "expected_at", "item_id") == {
        ("PO1", "1"): ("A", 100, "2026-04-01", 1),
        ("PO1", "2"): ("b", 5, None, 2),
    }
    assert touched(merchant) == ["A", "B"]

    merchant.tell("PO1,1,A,100,40,2026-04-08", "PO1,2,b ,5,,")

    assert on_its_way(merchant) == {("PO1", "1"): 60, ("PO1", "2"): 5}
    assert merchant.events() == [
        ("announced", 100, None, "2026-04-01"),
        ("announced", 5, None, None),
        ("received", 40, None, "2026-04-08"),
        ("slipped", 60, "2026-04-01", "2026-04-08"),
    ]
    assert merchant.lines("first_expected_at")["PO1", "1"] == "2026-04-01"
    assert touched(merchant) == ["A", "B"]  # how late its supplier was decides when the rest of its goods comes


@pytest.mark.parametrize(
    ("row", "told", "left"),
    [
        ("100,,2026-04-01,,", [], 100),
        ("100,,2026-03-20,,", [("advanced", 100, "2026-04-01", "2026-03-20")], 100),
        ("100,,,,", [("slipped", 100, "2026-04-01", None)], 100),
        ("70,,2026-04-01,,", [("cut", 30, None, None)], 70),
        ("120,,2026-04-01,,", [("raised", 20, None, None)], 120),
        ("100,,2026-04-01,30,", [("cancelled", 30, None, None)], 70),
        ("100,,2026-04-01,,cancelled", [("cancelled", 100, None, None)], 0),
        ("100,60,2026-04-01,,closed", [("received", 60, None, "2026-04-01"), ("closed", 40, None, None)], 0),
        ("100,100,2026-04-01,,", [("received", 100, None, "2026-04-01"), ("closed", 0, None, None)], 0),
        (
            "100,130,2026-04-01,,open",
            [("received", 130, None, "2026-04-01"), ("over_delivered", 30, None, None)],
            0,
        ),
    ],
)
def test_what_becomes_of_a_line_of_100(small: Merchant, row: str, told: list[object], left: int) -> None:
    head = "reference,line,sku,quantity,received,expected,cancelled,status"
    small.tell("PO1,1,A,100,0,2026-04-01,,", header=head)

    small.tell(f"PO1,1,A,{row}", header=head)

    assert small.events()[1:] == told
    assert on_its_way(small) == {("PO1", "1"): left}


def test_a_receipt_that_was_wrong_is_taken_back_and_a_closed_line_is_taken_up_again(small: Merchant) -> None:
    small.tell("PO1,1,A,50,50,2026-04-01")
    assert small.lines("status")["PO1", "1"] == "closed"

    small.tell("PO1,1,A,50,40,2026-04-01")

    assert small.events()[-2:] == [("taken_back", 10, None, None), ("reopened", 10, None, None)]
    assert small.lines("status", "closed_at")["PO1", "1"] == ("open", None)
    assert on_its_way(small) == {("PO1", "1"): 10}


def test_going_back_and_forth_is_told_each_time(small: Merchant) -> None:
    for expected in ("2026-04-01", "2026-04-05", "2026-04-01", "2026-04-05"):
        small.tell(f"PO1,1,A,50,0,{expected}")

    assert [kind for kind, *_ in small.events()] == ["announced", "slipped", "advanced", "slipped"]


def test_a_file_is_read_once_and_again_when_it_changes(small: Merchant) -> None:
    small.tell("PO1,1,A,50,0,2026-04-01")

    assert small.sync().counts["files_read"] == 0

    path = small.inbox / "po.csv"
    stamp = path.stat().st_mtime_ns
    path.write_text(f"{HEAD}\nPO1,1,A,60,0,2026-04-01\n")
    os.utime(path, ns=(stamp, stamp))  # as copying tools do: the content is another one, the time is not
    assert small.sync().counts["inbound_changed"] == 1
    assert small.events()[-1][:2] == ("raised", 10)


def test_an_older_file_never_overwrites_a_newer_one(small: Merchant) -> None:
    newer = small.file(f"{HEAD}\nPO1,1,A,50,0,2026-04-09\n", "b.csv")
    older = small.file(f"{HEAD}\nPO1,1,A,50,0,2026-04-01\nPO1,2,B,7,0,\n", "a.csv")
    stamp = newer.stat().st_mtime - 60
    os.utime(older, times=(stamp, stamp))
    content = older.read_bytes()
    older.unlink()
    small.sync()
    older.write_bytes(content)
    os.utime(older, times=(stamp, stamp))

    log = small.sync()

    assert (log.counts["inbound_older"], log.counts["inbound_new"]) == (1, 1)
    assert small.lines("expected_at") == {("PO1", "1"): "2026-04-09", ("PO1", "2"): None}


def test_a_newer_file_that_says_the_same_keeps_an_older_one_out_as_well(small: Merchant) -> None:
    small.tell("PO1,1,A,50,0,2026-04-01", name="a.csv")
    between = small.file(f"{HEAD}\nPO1,1,A,70,0,2026-04-01\n", "b.csv")
    content, stamp = between.read_bytes(), between.stat().st_mtime
    between.unlink()
    small.tell("PO1,1,A,50,0,2026-04-01", name="c.csv")
    between.write_bytes(content)
    os.utime(between, times=(stamp, stamp))

    assert small.sync().counts["inbound_older"] == 1
    assert small.lines("qty_ordered") == {("PO1", "1"): 50}


def test_of_files_of_one_moment_the_last_by_name_is_the_newest(small: Merchant) -> None:
    first = small.file(f"{HEAD}\nPO1,1,A,50,0,2026-04-02\n", "b.csv")
    small.file(f"{HEAD}\nPO1,1,A,50,0,2026-04-01\n", "a.csv")
    os.utime(first, times=((small.inbox / "a.csv").stat().st_mtime,) * 2)

    small.sync()

    assert small.lines("expected_at") == {("PO1", "1"): "2026-04-02"}


def test_a_file_that_is_being_written_is_left_for_the_next_run(small: Merchant) -> None:
    small.file(f"{HEAD}\nPO1,1,A,50,0,\n")
    small.clock.time -= timedelta(seconds=58)

    assert small.sync().counts["files_left"] == 1
    assert small.lines("id") == {}

    small.clock.time += timedelta(seconds=30)
    assert small.sync().counts["inbound_new"] == 1


def test_a_file_that_is_written_to_while_it_is_read_is_left_for_the_next_run(
    small: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_and_written(path: Path) -> bytes:
        content = read_file(path)
        with path.open("a") as file:
            file.write("PO1,2,B,5,0,\n")
        return content

    path = small.file(f"{HEAD}\nPO1,1,A,50,0,\n")
    with monkeypatch.context() as patched:
        patched.setattr(feeds, "read_file", read_and_written)
        assert small.sync().counts["files_left"] == 1
    small.clock.time = datetime.now(UTC) + timedelta(minutes=1)

    assert small.sync().counts["inbound_new"] == 2
    assert path.exists()


def test_bad_rows_are_listed_until_they_are_mended_and_the_good_ones_land(merchant: Merchant) -> None:
    log = merchant.tell("PO1,1,A,50,0,2026-04-01", "PO1,2,B,many,0,", "PO1,3,C,5,0,01.04.2026")

    assert (log.counts["inbound_new"], log.counts["inbound_rejected"]) == (1, 2)
    assert merchant.ask('SELECT name, "row", reason FROM rejected_row ORDER BY 2') == [
        ("po.csv", 3, "quantity is no whole number of units"),
        ("po.csv", 4, "expected is no date such as 2026-03-31"),
    ]
    assert merchant.sync().counts["inbound_rejected"] == 2

    merchant.tell("PO1,1,A,50,0,2026-04-01", "PO1,2,B,4,0,", "PO1,3,C,5,0,2026-04-01")
    assert merchant.ask("SELECT count(*) FROM rejected_row") == [(0,)]
    assert len(merchant.lines("id")) == 3


def test_bad_rows_of_a_file_that_is_gone_are_forgotten(small: Merchant) -> None:
    small.tell("PO1,2,B,many,0,")
    (small.inbox / "po.csv").unlink()

    assert small.sync().counts["inbound_rejected"] == 0
    assert small.ask("SELECT count(*) FROM rejected_row") == [(0,)]


def test_a_file_that_is_none_is_refused_and_the_others_are_read(small: Merchant) -> None:
    small.file("what, is, this\n1,2,3\n", "bad.csv")
    small.file(b"", "empty.json")
    (small.inbox / "sub.csv").mkdir()
    (small.inbox / "link.csv").symlink_to("/etc/passwd")
    os.mkfifo(small.inbox / "pipe.csv")
    small.file("{not json", "half.json")
    log = small.tell("PO1,1,A,50,0,2026-04-01")

    assert log.counts["inbound_new"] == 1
    assert sorted((one.where, one.what) for one in log.problems) == [
        (
            "inbound erp: bad.csv",
            "It was refused. Its first row does not name the column(s) reference, sku, quantity, divided by , or ; or tabs.",
        ),
        (
            "inbound erp: empty.json",
            "It was refused. Its first row does not name the column(s) reference, sku, quantity, divided by , or ; or tabs.",
        ),
        ("inbound erp: half.json", 'It was refused. It is neither a JSON list of objects nor {"lines": [...]}.'),
    ]


def test_a_file_from_the_future_is_refused_since_it_would_keep_the_truth_out(small: Merchant) -> None:
    small.file(f"{HEAD}\nPO1,1,A,50,0,\n")
    small.clock.time -= timedelta(days=3)

    assert [one.what for one in small.sync().problems] == [
        "It was refused. It says that it was written in the future, 2026-03-01 08:10 UTC; correct that with: touch"
    ]


def test_a_folder_that_is_not_there_is_a_problem_of_its_feed_alone(small: Merchant) -> None:
    small.file(f"{HEAD}\nPO1,1,A,50,0,\n")
    lost = InboundSettings(name="lost", path=str(small.folder / "nowhere"))
    small.feeds = (lost, InboundSettings(name="erp", path=str(small.inbox)))

    log = small.sync()

    assert [(one.where, one.next) for one in log.problems] == [("inbound lost", "Make it, or mend path.")]
    assert log.counts["inbound_new"] == 1


def test_a_sku_that_is_unknown_or_of_two_items_is_never_guessed_and_found_as_soon_as_it_is_known(
    merchant: Merchant,
) -> None:
    with merchant.desk() as desk, desk.db.write("twin") as tx:
        add_item(tx, "b", "other")
    log = merchant.tell("PO1,1,NEW-1,50,0,", "PO1,2,B,7,0,")
    assert log.counts["inbound_unmatched"] == 2
    assert set(merchant.lines("item_id").values()) == {None}
    assert touched(merchant) == []

    with merchant.desk() as desk, desk.db.write("catalogue") as tx:
        add_item(tx, "new-1")
    merchant.do("UPDATE listing SET sku = 'z', sku_key = 'z' WHERE variant_platform_id = 'other'")
    merchant.do("UPDATE item SET sku = 'z', sku_key = 'z' WHERE origin = 'main:other'")

    assert merchant.sync().counts["inbound_unmatched"] == 0
    assert touched(merchant) == ["B", "new-1"]


def test_a_line_goes_where_its_location_is_called_so(small: Merchant) -> None:
    head = "reference,line,sku,quantity,location,from,kind"
    log = small.tell(
        "PO1,1,A,1,,,", "PO1,2,A,1,east,,", "PO1,3,A,1,East Hall,,", "PO1,4,A,1,4E,,", "PO1,5,A,1,MOON,,",
        "T1,1,A,1,EAST,WEST,transfer", header=head,
    )  # fmt: skip

    assert small.lines("location_id", "from_location_id", "kind") == {
        ("PO1", "1"): (1, None, "purchase"),
        ("PO1", "2"): (2, None, "purchase"),
        ("PO1", "3"): (2, None, "purchase"),
        ("PO1", "4"): (2, None, "purchase"),
        ("T1", "1"): (2, 1, "transfer"),
    }
    assert log.counts["inbound_rejected"] == 1
    assert small.ask("SELECT reason FROM rejected_row") == [("no location is called MOON",)]


def test_suppliers_are_known_by_their_code_however_it_is_written(small: Merchant) -> None:
    head = "reference,line,sku,quantity,supplier"
    small.tell("PO1,1,A,1,ACME", "PO1,2,A,1,acme ", "PO1,3,A,1,Other", "PO1,4,A,1,", header=head)
    assert small.ask("SELECT code, name FROM supplier ORDER BY 1") == [("ACME", "ACME"), ("Other", "Other")]

    small.suppliers = (SupplierSettings(code="Acme", name="Acme Corp."),)
    small.tell("PO1,1,A,2,ACME", header=head)
    assert small.ask("SELECT code, name FROM supplier ORDER BY 1") == [("ACME", "Acme Corp."), ("Other", "Other")]


def test_json_tells_the_same_as_csv(small: Merchant) -> None:
    lines = '{"reference": "PO1", "line": 1, "sku": "A", "quantity": 100, "received": null, "expected": "2026-04-01"}'
    small.file(f'{{"lines": [{lines}, {{"reference": "PO2", "sku": "B", "quantity": "3"}}]}}', "po.json")
    small.sync()
    assert small.lines("qty_ordered") == {("PO1", "1"): 100, ("PO2", "B"): 3}

    small.file(f"[{lines}]", "po.json")
    assert small.sync().counts["inbound_unchanged"] == 1


def test_a_line_missing_from_a_later_file_stays_as_it_is(small: Merchant) -> None:
    small.tell("PO1,1,A,1,0,", "PO1,2,A,1,0,")
    small.tell("PO1,1,A,1,0,")
    small.tell("PO1,1,A,1,0,")

    assert sum(on_its_way(small).values()) == 2


def test_a_line_that_two_complete_files_leave_out_is_cancelled_and_comes_back_when_told_again(
    merchant: Merchant,
) -> None:
    merchant.complete = True
    merchant.tell("PO1,1,A,10,4,2026-04-01", "PO2,1,B,1,0,")

    merchant.tell("PO2,1,B,1,0,")
    merchant.sync()  # the same file is no second reading
    assert on_its_way(merchant)["PO1", "1"] == 6

    merchant.tell("PO2,1,B,1,0,")
    assert on_its_way(merchant)["PO1", "1"] == 0
    assert merchant.events()[-1][:2] == ("cancelled", 6)
    assert "A" in touched(merchant)

    merchant.tell("PO1,1,A,10,4,2026-04-01", "PO2,1,B,1,0,")
    assert on_its_way(merchant)["PO1", "1"] == 6
    assert merchant.events()[-1][:2] == ("reopened", 6)


def test_one_complete_file_in_between_that_tells_of_it_saves_a_line(small: Merchant) -> None:
    small.complete = True
    small.tell("PO1,1,A,10,0,", "PO2,1,B,1,0,")
    for _ in range(3):
        small.tell("PO2,1,B,1,0,")
        small.tell("PO1,1,A,10,0,", "PO2,1,B,1,0,")

    assert small.lines("status")["PO1", "1"] == "open"


def test_a_complete_file_that_leaves_out_too_much_or_has_bad_rows_or_is_empty_cancels_nothing(small: Merchant) -> None:
    small.complete = True
    many = [f"PO{n},1,A,10,0," for n in range(20)]
    small.tell(*many)

    for _ in range(3):
        log = small.tell(*many[:10])
        assert [one.what for one in log.problems] == [
            "po.csv leaves out 10 of 20 open lines. That is too much at once to be believed."
        ]
        small.tell(*many[:18], "PO19,1,A,ten,0,")
        small.tell()
    assert sum(on_its_way(small).values()) == 200


def test_an_older_complete_file_says_nothing_of_what_it_leaves_out(small: Merchant) -> None:
    small.complete = True
    old = small.file(f"{HEAD}\nPO1,1,A,1,0,\n", "old.csv").read_bytes()
    stamp = (small.inbox / "old.csv").stat().st_mtime
    (small.inbox / "old.csv").unlink()
    small.tell("PO1,1,A,1,0,", "PO2,1,B,5,0,")
    for name in ("old.csv", "older.csv"):
        (small.inbox / name).write_bytes(old)
        os.utime(small.inbox / name, times=(stamp, stamp))
        small.sync()

    assert small.lines("status")["PO2", "1"] == "open"


def test_a_dry_run_saves_nothing(small: Merchant) -> None:
    small.file(f"{HEAD}\nPO1,1,A,50,0,\nPO1,2,A,x,0,\n")

    log = small.sync(dry=True)

    assert (log.counts["inbound_new"], log.counts["inbound_rejected"]) == (1, 1)
    tables = ("inbound", "inbound_event", "import_file", "rejected_row", "touched", "supplier", "flow_run")
    assert [small.ask(f"SELECT count(*) FROM {table}") for table in tables] == [[(0,)]] * len(tables)


def everything(merchant: Merchant) -> list[object]:
    return [
        merchant.ask("SELECT * FROM inbound ORDER BY id"),
        merchant.ask("SELECT inbound_id, kind, quantity, cause, at FROM inbound_event ORDER BY id"),
        merchant.ask("SELECT item_id FROM touched ORDER BY 1"),
    ]


def test_a_run_that_dies_anywhere_and_runs_again_ends_as_if_it_had_not(sqlite_template: Path, tmp_path: Path) -> None:
    def history(name: str, faults: Watch) -> list[object]:
        (tmp_path / name).mkdir()
        url = fresh(tmp_path, sqlite_template, name)
        with closing(Merchant.begin(url, tmp_path / name)) as merchant:
            merchant.tell("PO1,1,A,50,0,2026-04-01", "PO1,2,B,7,0,")
            merchant.file(f"{HEAD}\nPO1,1,A,40,20,2026-04-02\nPO1,3,C,x,0,\n")
            with suppress(Crash):
                merchant.sync(faults=faults)
            merchant.do("UPDATE lease SET holder = '', until = NULL")
            merchant.sync()
            return everything(merchant)

    calm = history("calm", watch := Watch())
    points = [point for point in watch.seen if point[0].startswith("supply.")]
    assert {label for label, _ in points} == {"supply.file", "supply.tie_up"}
    for number, (label, phase) in enumerate(points):
        faults = CrashAt(label, phase, 1)
        assert history(f"crash{number}", faults) == calm, (label, phase)
        assert faults.hits


def by_hand(merchant: Merchant, path: Path) -> RunLog:
    log = RunLog(f"hand{merchant.runs}", "import", "all")
    with merchant.desk() as desk:
        import_inbound(desk, log, path)
    return log


def test_a_file_imported_by_hand_is_taken_at_once_and_one_of_a_feed_belongs_to_that_feed(small: Merchant) -> None:
    alone = small.folder / "mine.csv"
    alone.write_text(f"{HEAD}\nPO7,1,A,50,0,\n")
    assert by_hand(small, alone).counts["inbound_new"] == 1

    path = small.file(f"{HEAD}\nPO1,1,A,50,0,\n")
    assert by_hand(small, path).counts["inbound_new"] == 1
    assert small.sync().counts["inbound_new"] == 0
    assert small.ask("SELECT source, reference FROM inbound ORDER BY 2") == [("erp", "PO1"), ("hand", "PO7")]


def test_what_cannot_be_imported_by_hand_says_why(small: Merchant) -> None:
    with pytest.raises(NotFound, match=r"none\.csv: No such file"):
        by_hand(small, small.folder / "none.csv")
    with pytest.raises(FillrateError, match="It is no plain file"):
        by_hand(small, Path("/dev/null"))
    large = small.folder / "large.csv"
    with large.open("wb") as file:
        file.truncate(32 * 2**20 + 1)
    with pytest.raises(FillrateError, match="It is larger than 32 MiB"):
        by_hand(small, large)


@contextmanager
def serving(answers: list[tuple[int, bytes]]) -> Iterator[str]:
    """An address that gives these answers in turn, the last one again and again."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answers.pop(0) if len(answers) > 1 else answers[0]
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/feeds/po.csv"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_feed_may_be_an_address(small: Merchant) -> None:
    one, two = (f"{HEAD}\nPO1,1,A,50,0,2026-04-0{n}\n".encode() for n in (1, 2))
    with serving([(200, one), (200, one), (500, b""), (200, two), (404, b"")]) as url:
        small.feeds = (InboundSettings(name="web", url=url),)
        assert small.sync().counts["inbound_new"] == 1
        assert small.sync().counts["files_read"] == 0  # the same content says nothing new
        assert small.sync().counts["inbound_changed"] == 1  # a failure was tried again
        problem = small.sync().problems[0]

    assert small.events()[-1] == ("slipped", 50, "2026-04-01", "2026-04-02")
    assert (problem.where, problem.what) == ("inbound web", f"{url} answered 404 instead of a file.")
