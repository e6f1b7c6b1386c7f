"""Rows by the values of one column: what every page of a sync asks, so it is written once and goes to the driver as it is."""

import collections
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from fillrate.db.bulk import Names, as_of_sqlalchemy, listed
from fillrate.db.tables.columns import Utc


def find(
    connection: Connection, table: sa.Table, column: str, values: Sequence[Any], names: Names, equal: Mapping[str, Any]
) -> list[Any]:  # Any: rows with the columns as fields
    """Return rows whose column is one of the values; see `Reading.find`."""
    if not values:
        return []
    question = question_of(table, column, names or tuple(table.columns.keys()), tuple(equal), connection.dialect.name)
    among = list(values) if connection.dialect.name == "postgresql" else json.dumps(list(values))
    driver: Any = connection.connection.driver_connection  # Any: the driver's own connection behind SQLAlchemy's
    with as_of_sqlalchemy(connection):
        found = driver.execute(question.text, (among, *equal.values())).fetchall()
    if found and question.convert:
        columns: list[Any] = list(zip(*found, strict=True))
        for at, from_driver in question.convert:
            columns[at] = [None if value is None else from_driver(value) for value in columns[at]]
        found = zip(*columns, strict=True)
    return list(map(question.row, found))


class Question(NamedTuple):
    """A statement, what its rows become, and which of their columns must be converted."""

    text: str
    row: Callable[[Any], Any]
    convert: tuple[tuple[int, Callable[[Any], Any]], ...]


@cache
def question_of(table: sa.Table, column: str, names: Names, equal: Names, dialect: str) -> Question:
    """Return the statement for these columns and conditions."""
    mark, among = ("?", "IN (SELECT value FROM json_each(?))") if dialect == "sqlite" else ("%s", "= ANY(%s)")
    conditions = [f'"{column}" {among}', *(f'"{name}" = {mark}' for name in equal)]
    text = f"SELECT {listed(names)} FROM {table.name} WHERE {' AND '.join(conditions)}"
    convert = [(at, to) for at, name in enumerate(names) if (to := converter(table.c[name].type, dialect))]
    row = collections.namedtuple("Row", names)  # type: ignore[misc]
    return Question(text, row._make, tuple(convert))


def converter(kind: Any, dialect: str) -> Callable[[Any], Any] | None:  # Any: a column's type, and its values
    """Return what makes a column's values of what the driver gives."""
    if isinstance(kind, Utc):
        return datetime.fromisoformat if dialect == "sqlite" else in_utc
    if dialect == "postgresql":
        return None
    return from_json if isinstance(kind, sa.JSON) else bool if isinstance(kind, sa.Boolean) else None


def from_json(value: Any) -> Any:  # Any: JSON
    """Return what SQLite keeps of a JSON value: a bare number as a number, all else as text."""
    return json.loads(value) if isinstance(value, str) else value


def in_utc(value: datetime) -> datetime:
    """Return a time of the driver's zone in UTC."""
    return value.astimezone(UTC)
