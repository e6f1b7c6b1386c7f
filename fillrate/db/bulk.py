"""Many rows as one statement: executemany on SQLite, COPY and merge on PostgreSQL.

Rows go to the driver as tuples under a statement that is written once for its columns: SQLAlchemy's own way with
parameters costs more than all else that a large sync does.
"""

import gc
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import repeat
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection

from fillrate.db.tables.columns import Model, Utc, utc_text
from fillrate.records import utc

if TYPE_CHECKING:
    import pandas as pd

AT_ONCE = 50000  # rows that are converted together
Row = Mapping[str, Any]  # Any: a table's row
Rows = Sequence[Row]
Tuples = list[tuple[Any, ...]]
Names = tuple[str, ...]
Select: TypeAlias = sa.Select[Any]  # Any: its columns


def table_of(model: type[Model]) -> sa.Table:
    """Return the table of a model."""
    table: sa.Table = model.__table__
    return table


def is_in(dialect: str, column: Any, values: Sequence[Any]) -> sa.ColumnElement[bool]:  # Any: a column and its values
    """Return the condition that a column is one of the values (whole numbers or texts), in one parameter however many."""
    if dialect == "postgresql":
        array = postgresql.ARRAY(column.type)
        found: sa.ColumnElement[bool] = column == sa.func.any(sa.bindparam(None, list(values), type_=array))
        return found
    listed = sa.func.json_each(json.dumps(list(values))).table_valued("value")
    among: sa.ColumnElement[bool] = column.in_(sa.select(listed.c.value))
    return among


def insert(connection: Connection, table: sa.Table, rows: Rows) -> None:
    """Add rows."""
    if not rows:
        return
    shape = shape_of(table, tuple(rows[0]), connection.dialect.name)
    if connection.dialect.name == "postgresql":
        copy(connection, table, table.name, shape.names, shape.tuples(rows))
    else:
        many(connection, f"INSERT INTO {table.name} ({listed(shape.names)}) VALUES ({marks(shape.names)})", shape, rows)


def upsert(connection: Connection, table: sa.Table, rows: Rows, key: Names, newer: str | None) -> int:
    """Add or change rows; see `Writing.upsert`."""
    if not rows:
        return 0
    rows = last_of_each(rows, key)
    names, dialect = tuple(rows[0]), connection.dialect.name
    shape = shape_of(table, names, dialect)
    start, end = f"INSERT INTO {table.name} ({listed(shape.names)})", merge(table.name, names, key, newer, dialect)
    if dialect == "sqlite":
        return many(connection, f"{start} VALUES ({marks(shape.names)}) {end}", shape, rows)
    staged = stage(connection, table, shape, rows)
    return changed(connection, f"{start} SELECT {listed(shape.names)} FROM {staged} {end}")


@cache
def merge(table: str, names: Names, key: Names, newer: str | None, dialect: str) -> str:
    """Return the end of an insert: what is there already is changed only where something differs and is not older."""
    others = [name for name in names if name not in key]
    if not others:
        return f"ON CONFLICT ({listed(key)}) DO NOTHING"
    new = [f'"{name}" = excluded."{name}"' for name in others]
    is_not = "IS NOT" if dialect == "sqlite" else "IS DISTINCT FROM"
    differs = " OR ".join(f'{table}."{name}" {is_not} excluded."{name}"' for name in others)
    in_time = f' AND excluded."{newer}" >= {table}."{newer}"' if newer else ""
    return f"ON CONFLICT ({listed(key)}) DO UPDATE SET {', '.join(new)} WHERE ({differs}){in_time}"


def update(connection: Connection, table: sa.Table, rows: Rows, key: Names) -> int:
    """Change rows by key."""
    if not rows:
        return 0
    rows = last_of_each(rows, key)
    others = tuple(name for name in rows[0] if name not in key)
    shape = shape_of(table, (*others, *key), connection.dialect.name, is_new=False)
    if connection.dialect.name == "sqlite":
        new = ", ".join(f'"{name}" = ?' for name in others)
        return many(connection, f"UPDATE {table.name} SET {new} WHERE {by_key(key)}", shape, rows)
    staged = stage(connection, table, shape, rows)
    new = ", ".join(f'"{name}" = {staged}."{name}"' for name in others)
    return changed(connection, f"UPDATE {table.name} SET {new} FROM {staged} WHERE {same(table.name, staged, key)}")


def delete(connection: Connection, table: sa.Table, rows: Rows, key: Names) -> int:
    """Remove rows by key."""
    if not rows:
        return 0
    shape = shape_of(table, key, connection.dialect.name, is_new=False)
    if connection.dialect.name == "sqlite":
        return many(connection, f"DELETE FROM {table.name} WHERE {by_key(key)}", shape, rows)
    staged = stage(connection, table, shape, rows)
    return changed(connection, f"DELETE FROM {table.name} USING {staged} WHERE {same(table.name, staged, key)}")


def listed(names: Sequence[str]) -> str:
    """Return column names as SQL lists them."""
    return ", ".join(f'"{name}"' for name in names)


def marks(names: Sequence[str]) -> str:
    """Return a parameter for each name."""
    return ", ".join("?" * len(names))


def by_key(key: Names) -> str:
    """Return the condition that finds a row by parameters."""
    return " AND ".join(f'"{name}" = ?' for name in key)


def same(table: str, staged: str, key: Names) -> str:
    """Return the condition that finds a row by a staged one."""
    return " AND ".join(f'{table}."{name}" = {staged}."{name}"' for name in key)


def last_of_each(rows: Rows, key: Names) -> Rows:
    """Return rows without those that a later one of the same key replaces."""
    return list(dict(zip(map(picker(key), rows), rows, strict=True)).values())


def many(connection: Connection, statement: str, shape: "Shape", rows: Rows) -> int:
    """Run a statement of SQLite once for each row; returns how many rows it changed."""
    driver: Any = connection.connection.driver_connection  # Any: the driver's own connection behind SQLAlchemy's
    with as_of_sqlalchemy(connection):
        return int(driver.executemany(statement, shape.tuples(rows)).rowcount)


def changed(connection: Connection, statement: str) -> int:
    """Run a statement of PostgreSQL; returns how many rows it changed."""
    return int(connection.exec_driver_sql(statement, execution_options={"preserve_rowcount": True}).rowcount)


class Shape(NamedTuple):
    """How rows with the same columns become tuples: what is picked, converted, and filled in by the model's defaults."""

    names: Names
    pick: Callable[[Row], tuple[Any, ...]]
    convert: tuple[tuple[int, Callable[[Any], Any]], ...]
    defaults: tuple[Any, ...]

    def tuples(self, rows: Rows) -> Tuples:
        """Return the rows for the driver, column by column where something is to be done."""
        picked = list(map(self.pick, rows))
        if not (self.convert or self.defaults):
            return picked
        columns: list[Any] = list(zip(*picked, strict=True))
        for at, to_driver in self.convert:
            columns[at] = [None if value is None else to_driver(value) for value in columns[at]]
        return list(zip(*columns, *(repeat(value, len(picked)) for value in self.defaults), strict=True))


@cache
def shape_of(table: sa.Table, names: Names, dialect: str, *, is_new: bool = True) -> Shape:
    """Return the shape of rows with these columns; new rows get the model's defaults for those left out."""
    defaults = {
        column.name: column.default.arg
        for column in table.columns
        if is_new and column.name not in names and isinstance(column.default, sa.ColumnDefault)
    }
    convert = [(at, to) for at, name in enumerate(names) if (to := converter(table.c[name].type, dialect))]
    return Shape((*names, *defaults), picker(names), tuple(convert), tuple(defaults.values()))


@cache
def picker(names: Names) -> Callable[[Row], tuple[Any, ...]]:
    """Return what takes these columns out of a row as a tuple."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda row: (row[names[0]],)


def converter(kind: Any, dialect: str) -> Callable[[Any], Any] | None:  # Any: a column's type, and its values
    """Return what a column's values need before the driver takes them."""
    is_json = isinstance(kind, sa.JSON)
    if dialect == "sqlite":
        return utc_text if isinstance(kind, Utc) else json.dumps if is_json else None
    from psycopg.types.json import Jsonb

    return utc if isinstance(kind, Utc) else Jsonb if is_json else None


def stage(connection: Connection, table: sa.Table, shape: Shape, rows: Rows) -> str:
    """Copy rows into a temporary table of the same columns, which goes with the transaction; returns its name."""
    number = connection.info["staged"] = connection.info.get("staged", 0) + 1
    name = f"staged_{number}"
    connection.exec_driver_sql(
        f"CREATE TEMPORARY TABLE {name} ON COMMIT DROP AS SELECT {listed(shape.names)} FROM {table.name} LIMIT 0"
    )
    copy(connection, table, name, shape.names, shape.tuples(rows))
    return name


def temporary(connection: Connection, table: sa.TableClause, rows: Iterable[Sequence[Any]], key: str) -> None:
    """Put rows into a table that only this transaction sees; see `Writing.temporary`."""
    is_sqlite = connection.dialect.name == "sqlite"
    names = tuple(column.name for column in table.columns)
    columns = ", ".join(f'"{one.name}" {one.type.compile(connection.dialect)}' for one in table.columns)
    connection.exec_driver_sql(f"DROP TABLE IF EXISTS {table.name}")
    end = "" if is_sqlite else " ON COMMIT DROP"
    connection.exec_driver_sql(f'CREATE TEMPORARY TABLE {table.name} ({columns}, PRIMARY KEY ("{key}")){end}')
    driver: Any = connection.connection.driver_connection  # Any: the driver's own connection behind SQLAlchemy's
    with as_of_sqlalchemy(connection):
        if is_sqlite:
            driver.executemany(f"INSERT INTO {table.name} ({listed(names)}) VALUES ({marks(names)})", rows)
            return
        with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({listed(names)}) FROM STDIN") as target:
            target.set_types([postgres_type(one.type) for one in table.columns])
            for row in rows:
                target.write_row(row)
    connection.exec_driver_sql(f"ANALYZE {table.name}")  # else the planner takes it for small


def copy(connection: Connection, table: sa.Table, into: str, names: Names, rows: Tuples) -> None:
    """Copy rows into a PostgreSQL table with the columns of `table`."""
    driver: Any = connection.connection.driver_connection  # Any: psycopg's connection behind SQLAlchemy's
    statement = f"COPY {into} ({listed(names)}) FROM STDIN"
    with as_of_sqlalchemy(connection), driver.cursor() as cursor, cursor.copy(statement) as target:
        target.set_types([postgres_type(table.c[name].type) for name in names])
        for row in rows:
            target.write_row(row)


@contextmanager
def as_of_sqlalchemy(connection: Connection) -> Iterator[None]:
    """Make an error of the driver one of SQLAlchemy, as those of all other statements are."""
    base = connection.dialect.loaded_dbapi.Error
    try:
        yield
    except base as error:
        raise sa.exc.DBAPIError.instance(
            "COPY", None, error, base, hide_parameters=True, dialect=connection.dialect
        ) from None


def postgres_type(kind: Any) -> str:  # Any: a column's type
    """Return PostgreSQL's name for a column's type."""
    if isinstance(kind, sa.JSON):
        return "jsonb"
    if isinstance(kind, Utc):
        return "timestamptz"
    names = ((sa.Boolean, "bool"), (sa.BigInteger, "int8"), (sa.Integer, "int4"), (sa.Float, "float8"))
    return next((name for base, name in names if isinstance(kind, base)), "text")


@contextmanager
def rare_collections() -> Iterator[None]:
    """Let Python look for cycles rarely: many rows make thousands of objects and none, and each look costs a tenth."""
    usual = gc.get_threshold()
    gc.set_threshold(max(usual[0], 100_000), *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def frame(connection: Connection, statement: Select) -> "pd.DataFrame":
    """Return a statement's rows as typed columns; see `Reading.frame`.

    Rows come from the driver as they are, many at once, and are converted a column at a time.
    """
    import pandas as pd

    columns, result = list(statement.selected_columns), connection.execute(statement)
    cursor: Any = result.cursor  # Any: the driver's own
    parts: list[list[Any]] = [[] for _ in columns]
    with rare_collections():
        while rows := cursor.fetchmany(AT_ONCE):
            for part, column, values in zip(parts, columns, zip(*rows, strict=True), strict=True):
                part.append(array_of(column.type, values))
    result.close()
    return pd.DataFrame(
        {
            column.key: pd.concat(part, ignore_index=True) if part else array_of(column.type, ())
            for column, part in zip(columns, parts, strict=True)
        }
    )


def array_of(kind: Any, values: Sequence[Any]) -> "pd.Series[Any]":  # Any: a column's type, and the driver's values
    """Return a column's values as the driver gives them with the dtype of their declared type."""
    import pandas as pd

    if isinstance(kind, Utc):
        return times_of(values)
    if isinstance(kind, sa.Boolean):
        return pd.Series(values, dtype="bool")
    if isinstance(kind, sa.Integer):
        return pd.Series(values, dtype="Int64" if None in values else "int64")
    return pd.Series(values, dtype="str")


def times_of(values: Sequence[Any]) -> "pd.Series[pd.Timestamp]":  # Any: texts or datetimes, some of them None
    """Return aware UTC times of what a driver gives: texts of `utc_text`, or aware datetimes."""
    import numpy as np
    import pandas as pd

    if isinstance(next(filter(None, values), None), str):
        naive = np.array([one and one[:26] for one in values], dtype="datetime64[us]")
        return pd.Series(naive).dt.tz_localize("UTC")
    return pd.Series(values, dtype="datetime64[us, UTC]")
