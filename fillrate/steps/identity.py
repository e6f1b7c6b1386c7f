"""Which store a channel speaks to: one database holds one merchant's stores, and never another's."""

import sqlalchemy as sa

from fillrate.db.tables import Channel
from fillrate.errors import FixChannel
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.runs import RunLog


def check_identity(desk: Desk, shop: Shop, log: RunLog) -> None:
    """Refuse a shop that is not the store it was before, or is another channel's; remember it at the first time."""
    store = shop.channel.store()
    columns = Channel.__table__.c
    with desk.db.read() as reading:
        known = reading.scalar(sa.select(columns.identity).where(columns.id == shop.id))
        same = sa.and_(columns.identity == store.identity, columns.identity != "", columns.id != shop.id)
        twin = reading.scalar(sa.select(columns.name).where(same))
    if twin:
        what = f"Channel {shop.name} is the store ({store.name!r:.60}) that these tables know as channel {twin}."
        raise FixChannel(
            what, next=f"Name it {twin} again in fillrate.toml; where it is named twice, remove {shop.name}."
        )
    if known and known != store.identity:
        what = f"Channel {shop.name} now answers as another store ({store.name!r:.60}) than the one in these tables."
        raise FixChannel(what, next="Mend base_url or the token; one database holds one merchant's stores.")
    if not (known or log.is_dry):
        with desk.db.write("identity.save") as tx:
            tx.update(Channel, [{"id": shop.id, "identity": store.identity}], key=("id",))
