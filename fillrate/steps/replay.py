"""Replay a year of orders day by day with a made-up supplier: what a policy would have shipped, and which promises it kept.

Nothing is read from or written to a database or a shop.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from fillrate.decide.comparing import share
from fillrate.decide.kept import OUTCOMES, kept_by, ledger
from fillrate.decide.lateness import NOBODY
from fillrate.errors import FixSettings, NotFound
from fillrate.settings import Settings
from fillrate.steps.days import store_calendar
from fillrate.steps.replayed_shop import NOON, Shop

COLUMNS = ("InvoiceNo", "StockCode", "Quantity", "InvoiceDate", "UnitPrice")
MOST_DAYS_AFTER = 120  # after the last order


def read_orders(file: Path) -> tuple[pd.DataFrame, int]:
    """Return order lines of a CSV as line_id, order_id, item_id, sku, placed_at, quantity, unit_price_e4; and how many were no
    sale.

    Times are taken as UTC. Raises FixSettings for a file that cannot be read or lacks a column.
    """
    try:
        raw = pd.read_csv(file, usecols=list(COLUMNS), dtype="str")
    except OSError as error:
        raise NotFound(f"{file}: {error.strerror}.", next="Name a file of order lines.") from None
    except ValueError as error:
        what = f"{file} is no file of order lines: {error}."
        raise FixSettings(what, next=f"Give it a header with {', '.join(COLUMNS)}.") from None
    quantity, price = (pd.to_numeric(raw[name], errors="coerce") for name in ("Quantity", "UnitPrice"))
    placed = pd.to_datetime(raw["InvoiceDate"], errors="coerce", utc=True, format="ISO8601").astype(
        "datetime64[us, UTC]"
    )
    is_sale = (quantity > 0) & (quantity % 1 == 0) & (price > 0) & placed.notna()
    is_sale &= raw["StockCode"].notna() & raw["InvoiceNo"].notna()
    raw = raw.assign(quantity=quantity, placed_at=placed, unit_price_e4=(price * 10_000).round())[is_sale]
    raw = raw.sort_values("placed_at", kind="stable", ignore_index=True)
    orders = raw[["placed_at"]].assign(
        line_id=raw.index + 1,
        order_id=pd.factorize(raw["InvoiceNo"])[0] + 1,
        item_id=pd.factorize(raw["StockCode"].str.strip().str.upper())[0],
        sku=raw["StockCode"],
        quantity=raw["quantity"].astype("int64"),
        unit_price_e4=raw["unit_price_e4"].astype("int64"),
    )
    return orders, int((~is_sale).sum())


def replay(
    settings: Settings, orders: pd.DataFrame, policy: str, seed: int
) -> tuple[dict[str, Any], Shop]:  # Any: JSON
    """Return what became of these orders (of `read_orders`) under a policy of `comparing`, and the shop at the end."""
    shop = Shop.open(settings, orders, policy, seed)
    store = store_calendar(shop.desk)
    day, next_line = store.day_of(orders["placed_at"].iloc[0].to_pydatetime()), 0
    last = store.day_of(orders["placed_at"].iloc[-1].to_pydatetime()) + timedelta(days=MOST_DAYS_AFTER)
    placed = orders["placed_at"]
    while day <= last and (next_line < len(orders) or len(shop.units)):
        shop.morning(day)
        until = int(placed.searchsorted(pd.Timestamp(store.start_of(day) + NOON), side="right"))
        shop.noon(day, orders.iloc[next_line:until])
        day, next_line = day + timedelta(days=1), until
    promised = max(one["ship_by"].max() for one in shop.promises if len(one)).to_pydatetime()
    return report(shop, max(store.start_of(day), promised + timedelta(days=2))), shop  # once all of them are due


def report(shop: Shop, end: datetime) -> dict[str, Any]:  # Any: JSON
    """Return fill rates at once and in the end, backorder-days, and what became of the promises."""
    orders, exits = shop.orders, pd.concat(shop.exits)
    ids = orders.assign(supplier_id=NOBODY, ordered=orders["quantity"])
    kept = ledger(pd.concat(shop.promises), ids, exits, store_calendar(shop.desk), end)
    shares = kept_by(kept, "supplier_id").iloc[0]
    return {
        "policy": shop.policy,
        "days": len(shop.waiting),
        "orders": int(orders["order_id"].nunique()),
        "lines": len(orders),
        "units": int(orders["quantity"].sum()),
        "at_once": filled(orders, pd.concat(shop.at_once)),
        "in_the_end": filled(orders, exits),
        "backorder_days": sum(shop.waiting),
        "promises": {
            **{name: int(shares[name]) for name in (*OUTCOMES, "due")},
            "share_kept": None if pd.isna(shares["share"]) else round(float(shares["share"]), 4),
            "mean_slip_days": None if pd.isna(shares["mean_slip"]) else round(float(shares["mean_slip"]), 2),
        },
    }


def filled(orders: pd.DataFrame, units: pd.DataFrame) -> dict[str, float]:
    """Return the shares of units, of whole lines and of whole orders that these units (line_id, quantity) fill."""
    got = orders["line_id"].map(units.groupby("line_id")["quantity"].sum()).fillna(0)
    is_whole = got >= orders["quantity"]
    whole = is_whole.groupby(orders["order_id"]).all()
    return {
        "units": round(share(int(got.sum()), int(orders["quantity"].sum())), 4),
        "lines": round(share(int(is_whole.sum()), len(orders)), 4),
        "orders": round(share(int(whole.sum()), len(whole)), 4),
    }
