"""A shop as a replay has it: each morning what came is shelved and what is due leaves; at noon everything open is ranked.

Ranked is as `allocate-orders` does it; only the supplier is made up.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from fillrate.decide.allocation import Supply
from fillrate.decide.comparing import under
from fillrate.decide.frames import INBOUND, REACHES, RECIPES, RESERVES
from fillrate.decide.lateness import NOBODY, arrivals
from fillrate.decide.stretches import Ints
from fillrate.decide.supplying import MEDIAN_LATE, SURE_LATE, Supplier
from fillrate.gateway.outside import Outside
from fillrate.settings import Settings
from fillrate.steps.allocating.decided import Decided, decide
from fillrate.steps.allocating.load import Queue
from fillrate.steps.allocating.narrow import Scope
from fillrate.steps.allocating.rules import BY_LINE
from fillrate.steps.days import store_calendar
from fillrate.steps.desk import Desk

if TYPE_CHECKING:
    from fillrate.db.database import Database

PLACE = 1
NOON = timedelta(hours=12)
UNIT = ["line_id", "state", "reason", "queued_at"]


@dataclass(slots=True)
class Shop:
    """How things stand on one day, and what became of everything so far."""

    desk: Desk
    policy: str
    orders: pd.DataFrame
    supplier: Supplier
    on_hand: Ints  # by item
    units: pd.DataFrame  # line_id, state, reason, queued_at, quantity of open units
    allocations: pd.DataFrame
    coming: pd.DataFrame
    leaving: pd.DataFrame  # line_id, quantity, day
    promised: "pd.Series[pd.Timestamp]"  # by line_id
    came: list[pd.DataFrame] = field(default_factory=list)
    exits: list[pd.DataFrame] = field(default_factory=list)
    promises: list[pd.DataFrame] = field(default_factory=list)
    at_once: list[pd.DataFrame] = field(
        default_factory=list
    )  # line_id, quantity that was there in the line's first ranking
    waiting: list[int] = field(default_factory=list)  # units, each noon

    @classmethod
    def open(cls, settings: Settings, orders: pd.DataFrame, policy: str, seed: int) -> "Shop":
        """Open a shop that has its first goods and no orders yet."""
        items = int(orders["item_id"].max()) + 1
        supplier = Supplier.of(orders, items, seed)
        desk = Desk(settings, cast("Database", None), {}, Outside())  # deciding asks no database
        nothing = orders.iloc[:0]
        return cls(
            desk=desk,
            policy=policy,
            orders=orders,
            supplier=supplier,
            on_hand=supplier.high.copy(),
            units=nothing.assign(state="", reason="", queued_at=nothing["placed_at"])[[*UNIT, "quantity"]],
            allocations=pd.DataFrame(columns=["line_id", "item_id", "location_id", "quantity"], dtype="int64"),
            coming=supplier.buy(date.min, np.full(items, np.iinfo(np.int64).max)),
            leaving=pd.DataFrame({"line_id": [], "quantity": [], "day": []}).astype(
                {"line_id": "int64", "quantity": "int64"}
            ),
            promised=pd.Series(pd.NaT, index=orders["line_id"], dtype="datetime64[us, UTC]"),
        )

    def morning(self, day: date) -> None:
        """Shelve what has come, and let leave what is due."""
        here = self.coming["comes_on"] <= day
        self.came.append(self.coming[here])
        np.add.at(
            self.on_hand, self.coming.loc[here, "item_id"].to_numpy(dtype=np.int64), self.coming.loc[here, "quantity"]
        )
        self.coming = self.coming[~here]
        due = self.leaving["day"] <= day
        left = self.leaving[due].groupby("line_id")["quantity"].sum()
        self.leaving = self.leaving[~due]
        at = store_calendar(self.desk).start_of(day) + NOON
        self.exits.append(left.reset_index().assign(at=pd.Timestamp(at), kind="shipped"))
        items = self.orders["item_id"].to_numpy()[left.index.to_numpy(dtype=np.int64) - 1]
        np.subtract.at(self.on_hand, items, left.to_numpy())
        picked = self.units["reason"] == "picking"
        self.units = less(self.units, picked, left)
        self.allocations = less(self.allocations, pd.Series(True, index=self.allocations.index), left)

    def noon(self, day: date, fresh: pd.DataFrame) -> None:
        """Rank everything open, those that were ordered since yesterday's noon too; what is ready leaves when handled."""
        at = store_calendar(self.desk).start_of(day) + NOON
        joined = fresh[["line_id", "quantity"]].assign(state="new", reason="", queued_at=fresh["placed_at"])
        self.units = pd.concat([self.units, joined], ignore_index=True)
        decided = decide(self.desk, self.queue(at))
        units, known = decided.result.units, self.promised
        known.loc[decided.promises["line_id"]] = decided.promises["ship_by"].to_numpy()
        self.promises.append(decided.promises.assign(number=1, given_at=pd.Timestamp(at)))
        ready = (units["state"] == "backlog") & (units["reason"] == "ready")
        is_there = ready | ((units["state"] == "backlog") & (units["reason"] == "picking"))
        is_fresh = units["line_id"].isin(fresh["line_id"])
        self.at_once.append(units.loc[is_there & is_fresh, ["line_id", "quantity"]])
        self.waiting.append(int(units.loc[~is_there, "quantity"].sum()))
        leaves = store_calendar(self.desk).ship_by(at, self.desk.settings.store.handling_days)
        self.leaving = pd.concat([self.leaving, units.loc[ready, ["line_id", "quantity"]].assign(day=leaves)])
        units = units.assign(reason=units["reason"].where(~ready, "picking"))
        self.units = units.groupby(UNIT, as_index=False).agg(quantity=("quantity", "sum"))
        self.allocations = decided.result.allocations
        self.order(day, decided)

    def order(self, day: date, decided: Decided) -> None:
        """Buy what runs low."""
        items = len(self.on_hand)
        position = self.on_hand.copy()
        np.add.at(
            position, self.coming["item_id"].to_numpy(dtype=np.int64), self.coming["quantity"].to_numpy(dtype=np.int64)
        )
        owed = decided.demand
        position -= np.bincount(owed["item_id"].to_numpy(dtype=np.int64), owed["quantity"], items).astype(np.int64)
        self.coming = pd.concat([self.coming, self.supplier.buy(day, position)], ignore_index=True)

    def queue(self, at: datetime) -> Queue:
        """Return what is ranked, as `load` would."""
        usual = self.desk.settings.policy.default
        lines = self.orders.set_index("line_id").loc[self.units["line_id"]].reset_index(drop=True)
        rules = {
            name: pd.Series(getattr(usual, name), index=self.units.index, dtype=kind) for name, kind in BY_LINE.items()
        }
        told: dict[str, Any] = {  # Any: a value of each kind
            "needs_stock": True,
            "is_tracked": True,
            "is_preorder": False,
            "is_discontinued": False,
            "recipe_id": None,
            "release_at": None,
            "hold": "",
            "choice": "rank",
            "channel_id": 1,
            "reach_id": 0,
        }
        demand = self.units.assign(
            **rules,
            **told,
            **{name: lines[name] for name in ("order_id", "item_id", "placed_at")},
            order_key=lines["order_id"],
            line_key=self.units["line_id"],
            promised_at=self.promised.loc[self.units["line_id"]].array,
            ship_complete=usual.ship_complete,
        )
        items = np.unique(lines["item_id"].to_numpy())
        shelves = pd.DataFrame({"item_id": items, "on_hand": self.on_hand[items], "location_id": PLACE})
        nothing = {name: pd.DataFrame(columns=list(schema)) for name, schema in
                   (("recipes", RECIPES), ("reaches", REACHES), ("reserves", RESERVES))}  # fmt: skip
        return Queue(
            demand=under(self.policy, demand, lines["unit_price_e4"]),
            shelves=shelves.assign(location_rank=0, usable=True),
            allocations=self.allocations,
            held=self.allocations.iloc[:0],
            supply=Supply(at, self.inbound(at, items), **nothing),
            unread=[],
            scope=Scope(None, [], ""),
        )

    def inbound(self, at: datetime, items: Ints) -> pd.DataFrame:
        """Return as INBOUND what is on its way of these items, by how late the supplier is."""
        store = store_calendar(self.desk)
        coming = self.coming[self.coming["item_id"].isin(items)]
        days = {day: store.start_of(day) for day in coming["expected_on"].unique()}
        expected = coming["expected_on"].map(days).astype("datetime64[us, UTC]")
        lines = coming.assign(expected_at=expected, supplier_id=NOBODY, location_id=PLACE)
        late = pd.DataFrame({"supplier_id": [NOBODY], "median_days": [MEDIAN_LATE], "sure_days": [SURE_LATE]})
        return lines.merge(arrivals(lines, late, at, {NOBODY: store}), on="inbound_id")[list(INBOUND)]


def less(frame: pd.DataFrame, where: "pd.Series[bool]", left: "pd.Series[int]") -> pd.DataFrame:
    """Return a frame with so many units less of each line, from the rows meant, the first ones first."""
    rows = frame[where]
    gone = rows["line_id"].map(left).fillna(0)
    before = rows.groupby("line_id")["quantity"].cumsum() - rows["quantity"]
    taken = np.minimum((gone - before).clip(lower=0), rows["quantity"]).astype("int64")
    frame = frame.assign(quantity=frame["quantity"].sub(taken, fill_value=0).astype("int64"))
    return frame[frame["quantity"] > 0]
