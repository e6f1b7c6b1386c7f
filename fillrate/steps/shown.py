"""Note which ship-by days product pages show, so that what is ordered meanwhile is promised for them."""

from collections.abc import Mapping
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.database import Writing
from fillrate.db.tables import Listing, ShownDay
from fillrate.steps.days import store_calendar
from fillrate.steps.desk import Desk, Shop


def note_shown(desk: Desk, tx: Writing, shop: Shop, days: Mapping[str, date | None], at: datetime) -> None:
    """Note which day of the store the page of each of these products (by the shop's id) shows from `at` on; None: no day.

    Call it in the transaction that records that the shop holds it. Said twice it is once; a day that changes ends the one
    before. Products that are not named stay as they are.
    """
    store = store_calendar(desk)
    listings = tx.find(Listing, "product_platform_id", sorted(days), "id", "product_platform_id", channel_id=shop.id)
    wanted = {
        row.id: None if (day := days[row.product_platform_id]) is None else store.start_of(day) for row in listings
    }
    is_open = sa.and_(col(ShownDay.shown_until).is_(None), tx.is_in(col(ShownDay.listing_id), sorted(wanted)))
    known = {row.listing_id: row for row in tx.rows(sa.select(*ShownDay.__table__.c).where(is_open))}
    differs = [one for one, day in wanted.items() if (known[one].ship_by if one in known else None) != day]
    ended = [known[one] for one in differs if one in known]
    over = [
        {"listing_id": row.listing_id, "shown_from": row.shown_from, "shown_until": max(at, row.shown_from)}
        for row in ended
    ]
    tx.update(ShownDay, over, key=("listing_id", "shown_from"))
    fresh = [
        {"listing_id": one, "shown_from": at, "shown_until": None, "ship_by": wanted[one]}
        for one in differs
        if wanted[one] is not None
    ]
    tx.upsert(ShownDay, fresh, key=("listing_id", "shown_from"))
