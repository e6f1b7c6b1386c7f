"""How windows of time are put to BigCommerce."""

from datetime import datetime

from fillrate.records import utc


def stamp(name: str, moment: datetime | None) -> dict[str, str | int]:
    """Return a parameter of time in whole seconds, nothing for None.

    Always with a time of day and a zone: a filter without them means the request's own time of day, and a zone that is
    documented nowhere.
    """
    return {} if moment is None else {name: utc(moment).isoformat(timespec="seconds")}
