"""How a window of modified times is put to Shopify's search."""

from datetime import datetime

from fillrate.records import utc


def updated(since: datetime | None, until: datetime | None) -> str | None:
    """Return the search for what changed in a window, both ends in it; None for everything."""
    ends = [("updated_at:>=", since), ("updated_at:<=", until)]
    return " AND ".join(f"{name}'{stamp(moment)}'" for name, moment in ends if moment is not None) or None


def stamp(moment: datetime) -> str:
    """Return a time in whole seconds."""
    return utc(moment).strftime("%Y-%m-%dT%H:%M:%SZ")
