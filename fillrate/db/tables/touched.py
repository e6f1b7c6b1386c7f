"""What the allocation has to look at again: orders and items that changed, items whose day comes, and the rules it went by."""

from datetime import datetime

from sqlmodel import Field

from fillrate.db.tables.columns import Model, ref, when


class Touched(Model, table=True):
    """An item whose stock, supply or demand changed: the allocation should look at it at `due_at`, or later."""

    item_id: int = ref("item.id", primary=True)
    due_at: datetime = when()


class TouchedOrder(Model, table=True):
    """An order whose units changed since the last allocation: what its shop should know of it may have changed."""

    __tablename__ = "touched_order"
    order_id: int = ref("sales_order.id", primary=True)


class Mark(Model, table=True):
    """A fingerprint under which something was done last, so that one sees when it must be done anew."""

    name: str = Field(primary_key=True)
    value: str
