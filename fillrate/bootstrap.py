"""Build the one Desk that the command, the tasks and the simulator all take."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa
from sqlmodel import col

from fillrate.channels.protocol import Channel as ChannelProtocol
from fillrate.channels.protocol import Kind, Reach
from fillrate.db.database import Database
from fillrate.db.tables import Channel
from fillrate.gateway.budget import Budget, LocalTokens, TokenStore
from fillrate.gateway.outside import Outside
from fillrate.settings import ChannelSettings, Settings, kind_named, load
from fillrate.steps.desk import Desk, Shop


@contextmanager
def open_desk(
    settings: Settings | None = None,
    outside: Outside | None = None,
    transports: Mapping[str, httpx.BaseTransport] | None = None,
    file: Path | None = None,
) -> Iterator[Desk]:
    """Open the database and the channels of these settings (those of `fillrate.toml` unless given), and close them after.

    A brand-new database is set up; an older one must be upgraded first (FixSettings says how).
    """
    settings = settings or load(file)
    outside = outside or Outside()
    db = Database.open(settings.database.url.get_secret_value(), outside)
    shops: dict[str, Shop] = {}
    try:
        db.ensure()
        ids = channel_ids(db, settings)
        for one in settings.channel:
            transport = (transports or {}).get(one.name)
            channel = channel_of(one, db.tokens(ids[one.name]), outside, transport)
            shops[one.name] = Shop(ids[one.name], one, channel, kind_named(one.kind).hooks)
        yield Desk(settings, db, shops, outside)
    finally:
        for shop in shops.values():
            shop.channel.close()
        db.close()


def channel_ids(db: Database, settings: Settings) -> dict[str, int]:
    """Return the key of each channel in the settings; a new one gets its row."""
    with db.read() as reading:
        rows = reading.rows(sa.select(col(Channel.id), col(Channel.name), col(Channel.holds_stock)))
    known = {row.name: (row.id, row.holds_stock) for row in rows}
    missing = [one for one in settings.channel if one.name not in known]
    other = [one for one in settings.channel if one.name in known and known[one.name][1] != settings.holds_stock(one)]
    if missing or other:
        with db.write("channels.save") as tx:
            new = [{**named(settings, one), "kind": one.kind, "identity": ""} for one in missing]
            tx.upsert(Channel, new, key=("name",))
            tx.update(Channel, [named(settings, one) for one in other], key=("name",))
        return channel_ids(db, settings)
    return {name: key for name, (key, _) in known.items()}


def named(settings: Settings, one: ChannelSettings) -> dict[str, Any]:  # Any: a table's row
    """Return what the settings say of a channel."""
    return {"name": one.name, "holds_stock": settings.holds_stock(one)}


def channel_of(
    one: ChannelSettings, tokens: TokenStore, outside: Outside, transport: httpx.BaseTransport | None
) -> ChannelProtocol:
    """Return the way to speak to one shop, within its budget of requests."""
    kind: Kind = kind_named(one.kind)
    return kind.open(one, Reach(outside, Budget(tokens, outside), transport))


@contextmanager
def open_channel(one: ChannelSettings, outside: Outside) -> Iterator[ChannelProtocol]:
    """Open one shop alone, for a look at it when there may be no tables yet."""
    channel = channel_of(one, LocalTokens(outside.clock), outside, None)
    try:
        yield channel
    finally:
        channel.close()
