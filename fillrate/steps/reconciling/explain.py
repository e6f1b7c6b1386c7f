"""What each channel shows of an item, what it should, and what is open about it."""

from collections.abc import Iterator

from fillrate.db.database import Reading
from fillrate.db.queries.drift import open_of
from fillrate.db.queries.reconciling import shown_of, written_of
from fillrate.report.shown import ShownFact
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.reconciling.offers import offered
from fillrate.steps.reconciling.places import pools
from fillrate.steps.runs import RunLog

TERMS = ("free", "coming", "beyond", "buffer", "share_e4", "at_most", "at_least", "end_below", "never_below")


def shown_facts(desk: Desk, reading: Reading, item_id: int) -> Iterator[ShownFact]:
    """Yield the number of each channel as it was last read; where it only shows stock, beside what it should be by now."""
    names = {shop.id: shop.name for shop in desk.shops.values()}
    for row in written_of(reading, item_id):
        if row.channel_id in names and (row.shown or row.kept_off):
            of_channel = (names[row.channel_id], row.location, row.shown)
            yield ShownFact(*of_channel, wanted=None, held=0, is_written=True, kept_off=row.kept_off)
    rows = shown_of(reading, item_id)
    found = open_of(reading, item_id) if rows else []
    for shop in desk.shops.values():
        mine = [row for row in rows if row.channel_id == shop.id]
        terms = terms_of(desk, reading, shop, item_id) if mine else {}
        for row in mine:
            parts = terms.get(row.location_id, {})
            wanted = parts.get("wanted") if row.wanted is not None else None
            yield ShownFact(
                channel=shop.name,
                location=row.location,
                shown=row.shown - row.reserved,
                wanted=wanted,
                held=row.held,
                is_written=shop.settings.publish,
                parts={name: parts[name] for name in TERMS if name in parts},
                drift=tuple(
                    (one.id, one.outcome, one.evidence)
                    for one in found
                    if (one.channel_id, one.target) == (shop.id, row.target)
                ),
            )


def terms_of(desk: Desk, reading: Reading, shop: Shop, item_id: int) -> dict[int, dict[str, int]]:
    """Return by location of a channel the terms from which its number follows, with `wanted`; what is not set is left out."""
    shows = pools(desk, reading, shop, RunLog("", "explain", shop.name, is_dry=True))
    frame = offered(desk, reading, shop, shows, [item_id])
    columns = {name: frame[name].astype(object).tolist() for name in ("place", "wanted", *TERMS)}
    rows = (dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True))
    return {int(row["place"]): {name: int(row[name]) for name in row if isinstance(row[name], int)} for row in rows}
