"""Which store a channel speaks to: one database holds one merchant's stores, and never another's."""

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.tables import Channel
from fillrate.errors import FixSettings
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.runs import RunLog


def check_identity(desk: Desk, shop: Shop, log: RunLog) -> None:
    """Refuse a shop that is not the store it was before; remember which one it is at the first time."""
    store = shop.channel.store()
    with desk.db.read() as reading:
        known = reading.scalar(sa.select(col(Channel.identity)).where(col(Channel.id) == shop.id))
    if known and known != store.identity:
        what = f"Channel {shop.name} now answers as another store ({store.name!r:.60}) than the one in these tables."
        raise FixSettings(what, next="Mend base_url or the token; one database holds one merchant's stores.")
    if not (known or log.is_dry):
        with desk.db.write("identity.save") as tx:
            tx.update(Channel, [{"id": shop.id, "identity": store.identity}], key=("id",))
