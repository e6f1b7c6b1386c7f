"""Which listings found their goods, and which a person has to look at, with SKUs that look like theirs."""

from typing import Any

from fillrate.db.database import Reading
from fillrate.db.queries import matching as queries
from fillrate.decide.matching import REVIEWED, Match, suggestions

UNSURE = (Match.UNMATCHED, Match.UNKNOWN_SKU)  # a SKU that looks like theirs may be meant


def listings(reading: Reading, most: int) -> dict[str, Any]:  # Any: JSON
    """Return counts by channel and way of match, the listings to be reviewed, and how many more of them there are.

    What vanished from its channel is among them, with match "vanished".
    """
    counts = [{"channel": row.channel, "match": row.match, "listings": int(row.n)} for row in queries.counts(reading)]
    rows = queries.to_review(reading, [one.value for one in REVIEWED], most)
    known = queries.stocked_keys(reading) if any(looked_for(row) for row in rows) else []
    written = queries.written(reading, known)
    review = [
        {
            **{
                name: getattr(row, name)
                for name in ("channel", "product_platform_id", "variant_platform_id", "sku", "name", "options", "match")
            },
            "word": row.word or "",
            "like": [written.get(key, key) for key in suggestions(looked_for(row), known)],
        }
        for row in rows
    ]
    vanished = [
        {"channel": row.channel, "sku": row.sku, "name": row.name, "product_platform_id": row.product_platform_id,
         "variant_platform_id": row.variant_platform_id, "at": row.deleted_at.isoformat()}
        for row in queries.vanished(reading, most)
    ]  # fmt: skip
    total = sum(one["listings"] for one in counts if one["match"] in {match.value for match in REVIEWED})
    gone = queries.vanished_in_all(reading)
    return {"counts": counts, "review": review, "to_review": total, "vanished": vanished, "vanished_in_all": gone}


def looked_for(row: Any) -> str:  # Any: a row of queries.to_review
    """Return the SKU key for which another one may be meant, "" for none."""
    if row.match not in UNSURE:
        return ""
    return str(row.word_key if row.match == Match.UNKNOWN_SKU else row.sku_key)
