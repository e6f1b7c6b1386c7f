"""Every table of the database; `metadata` is what migrations and tests build from."""

from sqlmodel import SQLModel

from fillrate.db.tables.catalog import (
    Brand,
    Category,
    Channel,
    ChannelSettings,
    Customer,
    Item,
    Listing,
    ListingWord,
    Product,
)
from fillrate.db.tables.columns import Model
from fillrate.db.tables.control import (
    CHANGE_STATES,
    LIVE_CHANGE_STATES,
    UNSETTLED,
    Change,
    Cursor,
    KeptValue,
    Lease,
    Plan,
    Quota,
    RejectedRecord,
    Run,
    SweepSeen,
)
from fillrate.db.tables.hooks import Hint, HookSeen, HookWatch
from fillrate.db.tables.kits import KitPart, PartLeft
from fillrate.db.tables.notices import Answer, Delay, Notice, OrderMail, Suppressed
from fillrate.db.tables.orders import OpenUnit, Order, OrderLine, Refund, RefundLine, Shipment, Transition
from fillrate.db.tables.picks import PickLine, PickList, Receipt, ShelfReport, WarehouseCall
from fillrate.db.tables.promises import Cover, Forecast, Promise, ShownDay
from fillrate.db.tables.stock import (
    AdoptedShelf,
    Allocation,
    DriftFound,
    Location,
    Movement,
    ShownStock,
    Stock,
    StockReading,
)
from fillrate.db.tables.supply import ImportFile, Inbound, InboundEvent, RejectedRow, Supplier
from fillrate.db.tables.touched import Mark, Touched, TouchedOrder

metadata = SQLModel.metadata

__all__ = [
    "CHANGE_STATES",
    "LIVE_CHANGE_STATES",
    "UNSETTLED",
    "AdoptedShelf",
    "Allocation",
    "Answer",
    "Brand",
    "Category",
    "Change",
    "Channel",
    "ChannelSettings",
    "Cover",
    "Cursor",
    "Customer",
    "Delay",
    "DriftFound",
    "Forecast",
    "Hint",
    "HookSeen",
    "HookWatch",
    "ImportFile",
    "Inbound",
    "InboundEvent",
    "Item",
    "KeptValue",
    "KitPart",
    "Lease",
    "Listing",
    "ListingWord",
    "Location",
    "Mark",
    "Model",
    "Movement",
    "Notice",
    "OpenUnit",
    "Order",
    "OrderLine",
    "OrderMail",
    "PartLeft",
    "PickLine",
    "PickList",
    "Plan",
    "Product",
    "Promise",
    "Quota",
    "Receipt",
    "Refund",
    "RefundLine",
    "RejectedRecord",
    "RejectedRow",
    "Run",
    "ShelfReport",
    "Shipment",
    "ShownDay",
    "ShownStock",
    "Stock",
    "StockReading",
    "Supplier",
    "Suppressed",
    "SweepSeen",
    "Touched",
    "TouchedOrder",
    "Transition",
    "WarehouseCall",
    "metadata",
]
