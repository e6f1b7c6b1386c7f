"""Column types and small builders that every table shares."""

from datetime import UTC, datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlmodel import Field, SQLModel

from fillrate.records import utc

Json = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


class Model(SQLModel):
    """Base of all tables; says what SQLModel adds to a class, so that types can be checked."""

    __table__: ClassVar[sa.Table]


def utc_text(value: datetime) -> str:
    """Return an aware time as SQLite keeps it: text that sorts."""
    return utc(value).isoformat(timespec="microseconds")


class Utc(sa.types.TypeDecorator[datetime]):
    """An aware UTC time: timestamptz on PostgreSQL, sortable ISO text on SQLite; refuses a naive one."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        """Return the type that this engine stores."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(sa.DateTime(timezone=True))
        return dialect.type_descriptor(sa.Text())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:  # Any: text or datetime by engine
        """Check and convert what goes in."""
        if value is None:
            return None
        return utc(value) if dialect.name == "postgresql" else utc_text(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # Any: as above
        """Convert what comes out."""
        if value is None:
            return None
        return (value if isinstance(value, datetime) else datetime.fromisoformat(value)).astimezone(UTC)


def key() -> Any:  # Any: sqlmodel's own type for a field's default
    """Return an integer key of our own, given by the database."""
    return Field(default=None, sa_type=sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True)


def ref(target: str, *, null: bool = False, primary: bool = False, index: bool = False) -> Any:  # Any: as above
    """Return a reference to another table's key."""
    return Field(
        default=None if null else ...,
        sa_type=sa.BigInteger(),
        foreign_key=target,
        nullable=null,
        primary_key=primary,
        index=index,
    )


def money() -> Any:  # Any: as above
    """Return an amount in 1/10,000 of the currency unit."""
    return Field(sa_type=sa.BigInteger())


def units(*, null: bool = False) -> Any:  # Any: as above
    """Return a number of units: each that a shop tells fits four bytes, sums of them do not."""
    return Field(default=None if null else ..., sa_type=sa.BigInteger(), nullable=null)


def ours(value: str | int | bool) -> Any:  # Any: as above
    """Return a text, a flag or a number of units that no shop tells: new rows get it, and intake leaves it alone."""
    if isinstance(value, bool):
        return Field(
            default=..., sa_type=sa.Boolean(), sa_column_kwargs={"server_default": sa.true() if value else sa.false()}
        )
    kind = sa.String() if isinstance(value, str) else sa.BigInteger()
    return Field(default=..., sa_type=kind, sa_column_kwargs={"server_default": str(value)})


def when(*, null: bool = False, primary: bool = False, index: bool = False) -> Any:  # Any: as above
    """Return an aware UTC time."""
    return Field(default=None if null else ..., sa_type=Utc, nullable=null, primary_key=primary, index=index)
