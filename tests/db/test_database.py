"""Transactions and bulk changes, on both engines."""

import re
import sqlite3
import traceback
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fillrate.db import database
from fillrate.db.database import Database
from fillrate.db.queries.audit import unguarded
from fillrate.db.tables import Channel, ChannelSettings, Customer, Item, Movement, Run, Transition
from fillrate.errors import FixSettings, StopRun
from fillrate.gateway.outside import Outside, Phase

DAY = datetime(2026, 1, 1, tzinfo=UTC)


class Stop(BaseException):
    """The process ends here."""


class StopAt:
    def __init__(self, phase: Phase) -> None:
        self.phase = phase

    def at(self, label: str, phase: Phase) -> None:
        if label == "test" and phase == self.phase:
            raise Stop


def item(origin: str, **more: Any) -> dict[str, Any]:
    row = {"origin": origin, "sku": "A", "sku_key": "a", "name": "n", "is_tracked": True, "discontinued_at": None}
    return {**row, **more}


def customer(platform_id: str, name: str, day: int) -> dict[str, Any]:
    texts = dict.fromkeys(("email", "last_name", "company", "phone", "group_platform_id"), "")
    at = DAY + timedelta(days=day)
    return {
        "channel_id": 1,
        "platform_id": platform_id,
        "first_name": name,
        "content_hash": name,
        "created_at": DAY,
        "modified_at": at,
        **texts,
    }


def names(db: Database) -> dict[str, str]:
    with db.read() as reading:
        return {r.platform_id: r.first_name for r in reading.rows(sa.select(*Customer.__table__.c))}


@pytest.fixture
def with_channel(db: Database) -> Database:
    with db.write("setup") as tx:
        tx.insert(Channel, [{"name": "main", "kind": "bigcommerce"}])
    return db


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.integers(0, 3)), max_size=5), max_size=4
    )
)
def test_upserts_are_a_dictionary_that_older_data_never_changes(
    with_channel: Database, batches: list[list[tuple[str, str, int]]]
) -> None:
    with with_channel.write("empty") as tx:
        tx.execute(sa.delete(Customer))
    model: dict[str, tuple[int, str]] = {}

    for batch in batches:
        rows = [customer(*one) for one in batch]
        for _ in range(2):  # twice is once
            with with_channel.write("page") as tx:
                tx.upsert(Customer, rows, key=("channel_id", "platform_id"), newer="modified_at")
        for key, name, day in {one[0]: one for one in batch}.values():
            if key not in model or day >= model[key][0]:
                model[key] = (day, name)

    assert names(with_channel) == {key: name for key, (_, name) in model.items()}


def test_an_upsert_touches_only_what_differs(db: Database) -> None:
    with db.write("x") as tx:
        first = tx.upsert(Item, [item("a"), item("b")], key=("origin",))
        second = tx.upsert(Item, [item("a"), item("b", name="new"), item("c")], key=("origin",))

    assert (first, second) == (2, 2)


def test_values_of_every_kind_come_back_as_they_went_in(db: Database) -> None:
    row = {"id": "r", "flow": "f", "channel": "c", "state": "s", "started_at": DAY, "ended_at": None}
    hostile = "tab\t newline\n quote' \"backslash\\ \\N end"
    with db.write("x") as tx:
        tx.insert(Run, [{**row, "counts": {"a": 1, "ü": None}, "problems": [{"what": hostile}]}])
        tx.update(Run, [{"id": "r", "ended_at": DAY + timedelta(microseconds=1), "state": hostile}], key=("id",))

    with db.read() as reading:
        found = reading.first(sa.select(*Run.__table__.c))
    assert (found.counts, found.problems, found.state) == ({"a": 1, "ü": None}, [{"what": hostile}], hostile)
    assert found.ended_at == DAY + timedelta(microseconds=1)


def test_json_of_every_kind_is_found_as_it_went_in(with_channel: Database) -> None:
    values = [5, 1.5, True, "5", "null", [5], {"a": None}]
    for value in values:
        with with_channel.write("test") as tx:
            tx.upsert(ChannelSettings, [{"channel_id": 1, "stock": value}], key=("channel_id",))
            [found] = tx.find(ChannelSettings, "channel_id", [1], "stock")

        assert (type(found.stock), found.stock) == (type(value), value)


def test_of_two_changes_of_a_row_in_one_call_the_last_one_counts(db: Database) -> None:
    with db.write("test") as tx:
        tx.insert(Item, [item("a")])
        told = tx.update(Item, [{"origin": "a", "name": "first"}, {"origin": "a", "name": "last"}], key=("origin",))
        found = tx.find(Item, "origin", ["a"], "name")

    assert (told, [row.name for row in found]) == (1, ["last"])


def test_a_time_without_a_zone_is_refused(db: Database) -> None:
    row = {"id": "r", "flow": "f", "channel": "c", "state": "s", "counts": {}, "problems": [], "ended_at": None}
    naive = datetime(2026, 1, 1)  # noqa: DTZ001 - that is the point

    with pytest.raises((ValueError, sa.exc.StatementError), match="without a zone"), db.write("x") as tx:
        tx.insert(Run, [{**row, "started_at": naive}])


def test_many_ids_are_found_at_once(db: Database) -> None:
    with db.write("x") as tx:
        if db.dialect == "sqlite":
            tx.connection.connection.driver_connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 999)
        tx.insert(Item, [item(f"o{n}") for n in range(12_000)])
        found = tx.ids(Item, None, [f"o{n}" for n in range(0, 12_000, 2)], "origin")
        again = tx.rows(sa.select(*Item.__table__.c).where(tx.is_in(Item.__table__.c.id, list(found.values()))))

    assert len(found) == len(again) == 6_000


HOSTILE = ["1", "01", "1.0", "1e0", "null", "a'b", 'a"b', "[1]", "\\u0041", "ü", "\U0001f600", ""]


@pytest.mark.parametrize("wanted", HOSTILE)
def test_an_id_is_found_by_all_of_its_letters(db: Database, wanted: str) -> None:
    with db.write("x") as tx:
        tx.insert(Item, [item(one) for one in HOSTILE])
        assert list(tx.ids(Item, None, [wanted], "origin")) == [wanted]


@pytest.mark.parametrize(("phase", "is_there"), [("before", False), ("after_commit", True)])
def test_a_crash_before_the_commit_leaves_nothing_and_after_it_everything(
    db: Database, phase: Phase, is_there: bool
) -> None:
    cut_off = Database(db.engine, Outside(faults=StopAt(phase)))

    with pytest.raises(Stop), cut_off.write("test") as tx:
        tx.insert(Item, [item("a")])

    with db.read() as reading:
        assert bool(reading.first(sa.select(*Item.__table__.c))) is is_there


def test_a_read_sees_one_moment(db: Database) -> None:
    with db.read() as reading:
        before = reading.scalar(sa.select(sa.func.count()).select_from(Item))
        with db.write("x") as tx:
            tx.insert(Item, [item("a")])
        after = reading.scalar(sa.select(sa.func.count()).select_from(Item))

    assert (before, after) == (0, 0)


@pytest.mark.parametrize("table", [Movement, Transition])
@pytest.mark.parametrize("change", ["update", "delete"])
def test_movements_and_transitions_are_append_only(with_channel: Database, table: Any, change: str) -> None:
    fill(with_channel)
    statement = sa.delete(table) if change == "delete" else sa.update(table).values(quantity=9)

    with pytest.raises(StopRun, match="append-only"), with_channel.write("x") as tx:
        tx.execute(statement)


def fill(db: Database) -> None:
    statements = (
        "INSERT INTO item (id, origin, sku, sku_key, name, is_tracked) VALUES (1, 'o', 's', 's', 'n', TRUE)",
        "INSERT INTO location (id, channel_id, platform_id, code, name, is_enabled, is_default, content_hash, missing_sweeps)"
        " VALUES (1, 1, '1', 'c', 'n', TRUE, TRUE, '', 0)",
        "INSERT INTO sales_order (id, channel_id, platform_id, status, placed_at, modified_at, customer_platform_id,"
        " email, recipient, destination, currency, total_e4, external_order_id, source_channel, is_archived, note,"
        " content_hash, missing_sweeps)"
        " VALUES (1, 1, '1', '11', '2026-01-01T00:00:00.000000+00:00', '2026-01-01T00:00:00.000000+00:00', '', '', '', '', 'USD',"
        " 0, '', '', FALSE, '', '', 0)",
        "INSERT INTO order_line (id, channel_id, order_id, platform_id, product_platform_id, variant_platform_id, sku, name,"
        " needs_stock, unit_price_e4, qty_ordered, qty_shipped, qty_shipped_told, qty_cancelled, qty_refunded,"
        " is_removed) VALUES (1, 1, 1, '1', '', '', '', '', TRUE, 0, 1, 0, 0, 0, 0, FALSE)",
        "INSERT INTO movement (item_id, location_id, kind, quantity, cause, occurred_at, run_id)"
        " VALUES (1, 1, 'counted', 1, 'c', '2026-01-01T00:00:00.000000+00:00', 'r')",
        "INSERT INTO transition (line_id, quantity, from_state, from_reason, to_state, to_reason, cause, plan_id, run_id, at)"
        " VALUES (1, 1, 'none', '', 'new', '', 'ordered', '', 'r', '2026-01-01T00:00:00.000000+00:00')",
    )
    with db.write("fill") as tx:
        for statement in statements:
            tx.execute(sa.text(statement))


def test_our_own_decisions_cannot_set_aside_more_than_lies_there(with_channel: Database) -> None:
    fill(with_channel)

    with pytest.raises(StopRun, match="ck_stock_allocated"), with_channel.write("x") as tx:
        tx.execute(sa.text("INSERT INTO stock (item_id, location_id, on_hand, allocated) VALUES (1, 1, -1, 1)"))


def test_a_file_that_another_process_keeps_to_itself_is_told_with_what_to_do(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_MS", 50)
    one, other = (Database.open(sqlite_url, Outside()) for _ in range(2))

    with one.write("long"), pytest.raises(StopRun, match="is locked. Another process holds the file: let it end"):
        with other.write("short"):
            pass
    one.close()
    other.close()


@pytest.mark.postgres
def test_a_process_that_is_frozen_in_a_transaction_loses_its_locks(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "IDLE_MS", 100)
    frozen, other = (Database.open(postgres_url, Outside()) for _ in range(2))
    frozen.ensure()

    with pytest.raises(StopRun, match="idle-in-transaction timeout"), frozen.write("frozen", lock=True) as tx:
        with other.write("waits", lock=True):
            pass
        tx.rows(sa.text("SELECT 1"))
    frozen.close()
    other.close()


def test_another_kind_of_database_is_refused_with_what_to_do() -> None:
    with pytest.raises(FixSettings, match=r"Use sqlite:///… or postgresql://…"):
        Database.open("mysql://x/y", Outside())


def test_nobody_else_may_read_an_sqlite_file(tmp_path: Any) -> None:
    Database.open(f"sqlite:///{tmp_path}/x.db", Outside()).close()

    assert (tmp_path / "x.db").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("schema", ["Mein-Laden", "My%20Shop", "a,b", "1a", "a&schema=b"])
def test_a_schema_that_would_have_to_be_quoted_is_refused(schema: str) -> None:
    with pytest.raises(FixSettings, match="must be one name of lower-case letters"):
        Database.open(f"postgresql://host/x?schema={schema}", Outside())


@pytest.mark.parametrize("url", ["nonsense", "postgresql://host:port/x", "mysql://host/x"])
def test_what_is_no_address_of_a_database_is_said_plainly(url: str) -> None:
    with pytest.raises(FixSettings, match=r"sqlite:///… or postgresql://…"):
        Database.open(url, Outside())


def test_a_file_that_is_no_database_is_said_plainly(tmp_path: Path) -> None:
    file = tmp_path / "fillrate.db"
    file.write_text("This is a letter to my mother, not a database.\n" * 100)
    db = Database.open(f"sqlite:///{file}", Outside())
    for step in (db.ensure, db.upgrade, db.check):
        with pytest.raises(StopRun, match="file is not a database. Put a backup in the file's place"):
            step()


def test_a_damaged_file_is_said_plainly(sqlite_url: str) -> None:
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    content = file.read_bytes()
    file.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    db = Database.open(sqlite_url, Outside())

    with pytest.raises(StopRun, match="malformed. Put a backup in the file's place"), db.read() as reading:
        reading.rows(sa.select(*Item.__table__.c))


RUN = {"id": "r", "flow": "f", "channel": "c", "state": "s", "started_at": DAY, "ended_at": None, "problems": []}
UNFIT: dict[str, tuple[Any, list[dict[str, Any]], str]] = {
    "a text": (Item, [item("a", name="Ann Miller\0")], "DataError"),
    "JSON": (Run, [{**RUN, "counts": {"Ann Miller": "\0"}}], "UntranslatableCharacter"),
    "a key twice": (Item, [item("Ann Miller"), item("Ann Miller")], "UniqueViolation"),
    "a number": (Item, [item("Ann Miller", id=2**63)], "NumericValueOutOfRange"),
}


@pytest.mark.postgres
@pytest.mark.parametrize(("table", "rows", "words"), UNFIT.values(), ids=UNFIT.keys())
def test_what_postgresql_refuses_is_said_without_the_values(
    postgres_url: str, table: Any, rows: list[dict[str, Any]], words: str
) -> None:
    db = Database.open(postgres_url, Outside())
    db.ensure()

    with pytest.raises(StopRun, match=words) as caught, db.write("x") as tx:
        tx.insert(table, rows)

    db.close()
    assert not re.search(r"Ann Miller|\d{5}", "".join(traceback.format_exception(caught.value)))


def test_a_journal_that_has_lost_its_guard_is_noticed(db: Database) -> None:
    with db.read() as reading:
        assert unguarded(reading) == []

    name = "shipment_update" if db.dialect == "sqlite" else "shipment_append_only ON shipment"
    with db.write("test.unguard") as tx:
        tx.connection.exec_driver_sql(f"DROP TRIGGER {name}")
        assert unguarded(tx) == ["shipment"]
