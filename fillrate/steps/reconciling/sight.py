"""What of a channel's numbers has to be looked at, beside all that may explain it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import pandas as pd

from fillrate.channels.protocol import STOCK
from fillrate.db.database import Writing
from fillrate.db.queries import reconciling as queries
from fillrate.db.queries.kits import kits_with, recipes
from fillrate.db.queries.stock import changed_since
from fillrate.decide.matching import PUBLISHED
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.reconciling.marks import marked
from fillrate.steps.reconciling.numbers import Numbers
from fillrate.steps.reconciling.offers import sells_what_comes, wanted
from fillrate.steps.reconciling.places import Pools

OF_BASE = ("base", "base_reserved", "taken", "returned", "parts", "line_id", "held", "odd")


def sightings(desk: Desk, tx: Writing, shop: Shop, numbers: Numbers, pools: Pools) -> pd.DataFrame:
    """Return SIGHTINGS of the numbers that differ or may have to, with target, item_id, location_id, reserved, and now."""
    queries.stage(tx, numbers.levels.values(), to_look_at(desk, tx, shop))
    frame = named(tx, shop, queries.differing(tx, shop.id), pools)
    if frame.empty:
        return frame
    items = sorted({int(one) for one in frame["item_id"]})
    frame = with_orders(tx, shop, numbers, frame, items, home_of(tx, shop, pools))
    frame = with_writes(desk, tx, shop, frame)
    frame = frame.assign(is_old=(numbers.began_at - frame["odd_since"]) >= lag_of(shop))
    offers = wanted(desk, tx, shop, pools, items).rename(columns={"place": "location_id"})
    frame = frame.drop(columns="wanted").merge(offers, on=["item_id", "location_id"], how="left")
    frame["wanted"] = frame["wanted"].where(frame["is_published"]).astype("Int64")
    return frame


def to_look_at(desk: Desk, tx: Writing, shop: Shop) -> set[int]:
    """Return the items whose number may have to be another one: they or what shares their parts moved, or the rules changed."""
    last = marked(desk, tx, shop)
    if not last.is_same:
        return set(queries.shown_items_of(tx, shop.id))
    moved = set(changed_since(tx, last.facts))
    if sells_what_comes(desk):  # time alone brings it nearer
        moved.update(queries.ever_on_their_way(tx))
    moved.update(part.item_id for parts in recipes(tx, moved).values() for part in parts)
    return {*moved, *kits_with(tx, sorted(moved))}


def lag_of(shop: Shop) -> timedelta:
    """Return how long a channel may show what is over."""
    return timedelta(seconds=shop.channel.capabilities().read_lag_seconds)


def named(tx: Writing, shop: Shop, frame: pd.DataFrame, pools: Pools) -> pd.DataFrame:
    """Return the numbers of goods that are known and counted, with item_id and location_id, also of those that are new."""
    places = {row.platform_id: row.id for row in queries.places(tx, shop.id) if row.id in pools}
    sold = goods(tx, shop, sorted(set(frame["product"])))
    keys = list(zip(frame["product"], frame["variant"], strict=True))
    items = pd.Series([sold.get(key, sold.get((key[0], ""))) for key in keys], index=frame.index, dtype="object")
    location = frame["location"].map(places)
    is_known = items.notna() & location.notna()
    found = frame[is_known].copy()
    has_base = found["base"].notna() & (found["item_id"] == items[is_known].map(lambda one: one[0]))
    found = found.assign(
        item_id=items[is_known].map(lambda one: one[0]).astype("int64"),
        is_published=items[is_known].map(lambda one: one[1]).astype("bool"),
        location_id=location[is_known].astype("int64"),
        has_base=has_base.fillna(False).astype("bool"),
    )
    found[list(OF_BASE)] = found[list(OF_BASE)].where(found["has_base"], 0).fillna(0).astype("int64")
    return found.reset_index(drop=True)


def goods(tx: Writing, shop: Shop, products: Sequence[str]) -> Mapping[tuple[str, str], tuple[int, bool]]:
    """Return the item behind each (product, variant), and whether its number may be written; ("product", "") for the whole."""
    found: dict[tuple[str, str], tuple[int, bool]] = {}
    for row in queries.shown_items(tx, shop.id, products):
        one = (row.item_id, row.match in PUBLISHED)
        found[row.product_platform_id, row.variant_platform_id] = one
        found.setdefault((row.product_platform_id, ""), one)
    return found


def home_of(tx: Writing, shop: Shop, pools: Pools) -> int:
    """Return the location from which a channel takes what it sells, as far as is known: its default one."""
    rows = [row for row in queries.places(tx, shop.id) if row.id in pools]
    return int(min(rows, key=lambda row: (not row.is_default, row.id)).id) if rows else 0


def with_orders(
    tx: Writing, shop: Shop, numbers: Numbers, frame: pd.DataFrame, items: Sequence[int], home: int
) -> pd.DataFrame:
    """Return the frame with what the channel's own orders did to its numbers, then and now: to those of its home."""
    how = queries.manners(tx, shop.id, shop.settings.undeducted_statuses)
    kits = queries.parts_of(tx, items)
    kits = kits[kits["part_id"].isin(list(items))]
    now = queries.taken_off(tx, shop.id, sorted({*items, *kits["kit_id"].tolist()}), how).set_index("item_id")
    moved = queries.moved_after(tx, shop.id, items, numbers.before.transition).set_index("item_id")["units"]
    in_kits = kits.assign(units=kits["kit_id"].map(now["taken"]).fillna(0) * kits["per"])
    parts = in_kits.groupby("part_id")["units"].sum()

    def by_item(values: "pd.Series[int]") -> "pd.Series[int]":
        return frame["item_id"].map(values).where(frame["location_id"] == home).fillna(0).astype("int64")

    frame = frame.rename(columns={"taken": "base_taken", "returned": "base_returned", "parts": "base_parts"})
    frame = frame.assign(taken=by_item(now["taken"]), returned=by_item(now["returned"]), parts=by_item(parts))
    frame["taken_before"] = frame["taken"] - by_item(moved)
    frame["may_restock"] = True
    lines = queries.lines_after(tx, shop.id, items, int(frame["line_id"].min()), how)
    late = frame[["target", "item_id", "line_id", "read_at"]].merge(lines, on="item_id", suffixes=("", "_new"))
    late = late[late["target"].isin(frame.loc[frame["location_id"] == home, "target"])]
    late = late[(late["line_id_new"] > late["line_id"]) & (late["placed_at"] <= late["read_at"])]
    return frame.assign(late=frame["target"].map(late.groupby("target")["units"].sum()).fillna(0).astype("int64"))


def with_writes(desk: Desk, tx: Writing, shop: Shop, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with what was written last and has not been read back."""
    doubtful = {row.target: row for row in queries.in_doubt(tx, shop.id, STOCK, frame["target"].tolist())}
    now, lag = desk.outside.clock.now(), lag_of(shop)
    sent = [doubtful[one].after["quantity"] if one in doubtful else None for one in frame["target"]]
    sending = [one in doubtful and now - doubtful[one].changed_at < lag for one in frame["target"]]
    return frame.assign(sent=pd.Series(sent, dtype="Int64"), taken_sent=frame["base_taken"], is_sending=sending)
