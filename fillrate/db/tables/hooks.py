"""What shops told by hooks: which ones came, what they hint at, and how they come at all."""

from datetime import datetime

from sqlmodel import Field

from fillrate.db.tables.columns import Model, ref, when


class HookSeen(Model, table=True):
    """A hook that came, by its own name; it is known again for some days."""

    __tablename__ = "hook_seen"
    channel_id: int = ref("channel.id", primary=True)
    key: str = Field(primary_key=True)
    seen_at: datetime = when(index=True)


class Hint(Model, table=True):
    """Something that a shop said has changed and that was not read since; "" stands for whatever there is of a stream.

    Each time it is heard again it gets another `mark`: only what was read under the present one has been followed.
    """

    channel_id: int = ref("channel.id", primary=True)
    stream: str = Field(primary_key=True)
    platform_id: str = Field(primary_key=True)
    mark: str
    heard_at: datetime = when()
    look_at: datetime = when(index=True)  # when to read it, or to read it again


class HookWatch(Model, table=True):
    """How the hooks of a channel come: the last genuine one, and those that were refused, late or missing."""

    __tablename__ = "hook_watch"
    channel_id: int = ref("channel.id", primary=True)
    heard_at: datetime | None = when(null=True)
    forged_at: datetime | None = when(null=True)
    late_at: datetime | None = when(null=True)
    missed_at: datetime | None = when(null=True)  # a poll found changes of which no hook had told, nor has one since
    stock_at: datetime | None = when(null=True)  # stock was last read since a hook hinted at it
