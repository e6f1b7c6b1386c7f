"""What is sold as a kit and drawn from its parts, and the parts that left with shipments of kits."""

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from fillrate.db.tables.columns import Model, ours, ref, units


class KitPart(Model, table=True):
    """So many units of a part make one unit of a kit; an item with parts is a kit. A part is never a kit itself.

    A pack is a kit of one part, which a file of listings tells of (`is_pack`), not one of kits.
    """

    __tablename__ = "kit_part"
    __table_args__ = (
        Index("ix_kit_part_part", "part_id"),
        CheckConstraint("per > 0 AND part_id <> kit_id", name="ck_kit_part"),
    )
    kit_id: int = ref("item.id", primary=True)
    part_id: int = ref("item.id", primary=True)
    per: int = units()
    is_pack: bool = ours(False)


class PartLeft(Model, table=True):
    """Parts that left a shelf with a shipment of a kit's line (negative: came back); append-only."""

    __tablename__ = "part_left"
    __table_args__ = (Index("ix_part_left_part", "part_id", "location_id"),)
    line_id: int = ref("order_line.id", primary=True)
    number: int = Field(primary_key=True)  # of the line's shipment
    part_id: int = ref("item.id", primary=True)
    location_id: int = ref("location.id", primary=True)
    quantity: int = units()
