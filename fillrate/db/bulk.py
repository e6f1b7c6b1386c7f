"""Many rows as one statement: executemany on SQLite, COPY and merge on PostgreSQL."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from fillrate.db.tables.columns import Model, Utc

if TYPE_CHECKING:
    import pandas as pd

Rows = Sequence[Mapping[str, Any]]  # Any: a table's rows
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
    if rows and connection.dialect.name == "postgresql":
        copy(connection, table, table.name, rows)
    elif rows:
        connection.execute(sa.insert(table), [dict(row) for row in rows])


def upsert(connection: Connection, table: sa.Table, rows: Rows, key: tuple[str, ...], newer: str | None) -> int:
    """Add or change rows; see `Writing.upsert`."""
    rows = last_of_each(rows, key)
    if not rows:
        return 0
    names = list(rows[0])
    if connection.dialect.name == "sqlite":
        statement = merge(sqlite.insert(table), table, names, key, newer)
        return int(connection.execute(statement, [dict(row) for row in rows]).rowcount)
    staged = stage(connection, table, rows)
    source = sa.select(*(staged.c[name] for name in names))
    plain = postgresql.insert(table).from_select(names, source)
    merged = merge(plain, table, names, key, newer)
    return int(connection.execute(merged, execution_options={"preserve_rowcount": True}).rowcount)


def merge(statement: Any, table: sa.Table, names: list[str], key: tuple[str, ...], newer: str | None) -> Any:
    """Complete an insert: what is there already is changed only where something differs and is not older."""
    others = [name for name in names if name not in key]
    if not others:
        return statement.on_conflict_do_nothing(index_elements=list(key))
    comes = statement.excluded
    differs = sa.or_(*(distinct(table.c[name], comes[name]) for name in others))
    condition = differs if newer is None else sa.and_(differs, comes[newer] >= table.c[newer])
    return statement.on_conflict_do_update(
        index_elements=list(key), set_={name: comes[name] for name in others}, where=condition
    )


def distinct(old: Any, new: Any) -> sa.ColumnElement[bool]:  # Any: columns
    """Return the condition that two columns differ, empty values included."""
    found: sa.ColumnElement[bool] = sa.type_coerce(old, sa.Text).is_distinct_from(sa.type_coerce(new, sa.Text))
    return found


def update(connection: Connection, table: sa.Table, rows: Rows, key: tuple[str, ...]) -> int:
    """Change rows by key."""
    if not rows:
        return 0
    others = [name for name in rows[0] if name not in key]
    if connection.dialect.name == "postgresql":
        staged = stage(connection, table, rows)
        same = [table.c[name] == staged.c[name] for name in key]
        statement = sa.update(table).where(*same).values({name: staged.c[name] for name in others})
        return int(connection.execute(statement).rowcount)
    statement = sa.update(table).where(*by_key(table, key))
    statement = statement.values({name: sa.bindparam(f"new_{name}", type_=table.c[name].type) for name in others})
    params = [{(f"key_{n}" if n in key else f"new_{n}"): value for n, value in row.items()} for row in rows]
    return int(connection.execute(statement, params).rowcount)


def delete(connection: Connection, table: sa.Table, rows: Rows, key: tuple[str, ...]) -> int:
    """Remove rows by key."""
    if not rows:
        return 0
    if connection.dialect.name == "postgresql":
        staged = stage(connection, table, [{name: row[name] for name in key} for row in rows])
        return int(connection.execute(sa.delete(table).where(*(table.c[n] == staged.c[n] for n in key))).rowcount)
    params = [{f"key_{name}": row[name] for name in key} for row in rows]
    return int(connection.execute(sa.delete(table).where(*by_key(table, key)), params).rowcount)


def by_key(table: sa.Table, key: tuple[str, ...]) -> list[sa.ColumnElement[bool]]:
    """Return the conditions that find a row by its key."""
    return [table.c[name] == sa.bindparam(f"key_{name}", type_=table.c[name].type) for name in key]


def last_of_each(rows: Rows, key: tuple[str, ...]) -> Rows:
    """Return rows without those that a later one of the same key replaces."""
    return list({tuple(row[name] for name in key): row for row in rows}.values())


def stage(connection: Connection, table: sa.Table, rows: Rows) -> sa.Table:
    """Copy rows into a temporary table of the same columns, which goes with the transaction."""
    names = list(rows[0])
    number = connection.info["staged"] = connection.info.get("staged", 0) + 1
    name = f"staged_{number}"
    columns = ", ".join(f'"{one}"' for one in names)
    connection.exec_driver_sql(
        f'CREATE TEMPORARY TABLE {name} ON COMMIT DROP AS SELECT {columns} FROM "{table.name}" LIMIT 0'
    )
    copy(connection, table, name, rows)
    return sa.Table(name, sa.MetaData(), *(sa.Column(one, table.c[one].type) for one in names))


def copy(connection: Connection, table: sa.Table, into: str, rows: Rows) -> None:
    """Copy rows into a PostgreSQL table; defaults of the model fill what a row leaves out."""
    given = list(rows[0])
    defaults = {
        column.name: column.default.arg
        for column in table.columns
        if into == table.name and column.name not in given and isinstance(column.default, sa.ColumnDefault)
    }
    names = [*given, *defaults]
    convert = [table.c[name].type.dialect_impl(connection.dialect).bind_processor(connection.dialect) for name in names]
    driver: Any = connection.connection.driver_connection  # Any: psycopg's connection behind SQLAlchemy's
    columns = ", ".join(f'"{one}"' for one in names)
    types = [postgres_type(table.c[name].type) for name in names]
    statement = f'COPY "{into}" ({columns}) FROM STDIN'
    with as_of_sqlalchemy(connection), driver.cursor() as cursor, cursor.copy(statement) as target:
        target.set_types(types)
        for row in rows:
            values = [row[name] for name in given] + list(defaults.values())
            target.write_row([to(value) if to else value for to, value in zip(convert, values, strict=True)])


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


def frame(connection: Connection, statement: Select) -> "pd.DataFrame":
    """Return a statement's rows as typed columns; see `Reading.frame`."""
    import pandas as pd

    columns = list(statement.selected_columns)
    values = list(zip(*connection.execute(statement).fetchall(), strict=True)) or [()] * len(columns)
    return pd.DataFrame(
        {
            column.key: pd.Series(list(one), dtype=column_dtype(column, one))
            for column, one in zip(columns, values, strict=True)
        }
    )


def column_dtype(column: Any, values: Sequence[Any]) -> str:  # Any: a selected column and its values
    """Return the dtype of a column by its declared type."""
    if isinstance(column.type, Utc):
        return "datetime64[us, UTC]"
    if isinstance(column.type, sa.Boolean):
        return "bool"
    if isinstance(column.type, sa.Integer):
        return "Int64" if None in values else "int64"
    return "str"
