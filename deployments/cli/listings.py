"""`fillrate listings`: which listings found their goods, and which a person has to look at."""

from typing import Any

from deployments.cli.terminal import AsJson, at_a_time, print_json, say, table
from fillrate.bootstrap import open_desk
from fillrate.report.texts import text
from fillrate.steps.listings.review import listings as reviewed

SHOWN = 50
ALL = 100_000


def listings(as_json: AsJson = False) -> None:
    """Tell how the listings of all channels found the goods that they sell, and list those that did not."""
    with open_desk() as desk, desk.db.read() as reading:
        found = reviewed(reading, ALL if as_json else SHOWN)
    if as_json:
        print_json(found)
    else:
        show(found)


def show(found: dict[str, Any]) -> None:  # Any: JSON
    """Print all of it."""
    if not found["counts"]:
        say(text("listings", "none"))
        return
    say(text("listings", "counts"))
    rows = [(one["channel"], text("match", one["match"]), one["listings"]) for one in found["counts"]]
    table(("channel", "how", "listings"), rows)
    say("", text("listings", "review", n=found["to_review"]) if found["review"] else text("listings", "clear"))
    if found["review"]:
        head = ("channel", "product", "variant", "SKU", "name", "why", "like")
        table(head, [review_row(one) for one in found["review"]])
        more(found["to_review"] - len(found["review"]))
    if found["vanished"]:
        say("", text("listings", "vanished", n=found["vanished_in_all"]))
        columns = ("channel", "product_platform_id", "variant_platform_id", "sku", "name")
        gone = [(*(one[name] for name in columns), at_a_time(one["at"])) for one in found["vanished"]]
        table(("channel", "product", "variant", "SKU", "name", "since (UTC)"), gone)
        more(found["vanished_in_all"] - len(gone))


def review_row(one: dict[str, Any]) -> tuple[object, ...]:  # Any: JSON
    """Return a listing to be looked at."""
    why = text("match", one["match"]) + (f": {one['word']}" if one["match"] == "unknown_sku" else "")
    ids = (one["channel"], one["product_platform_id"], one["variant_platform_id"])
    return (*ids, one["sku"] or text("say", "no_sku"), one["name"], why, ", ".join(one["like"]))


def more(n: int) -> None:
    """Say how many are left out."""
    if n > 0:
        say(text("listings", "more", n=n))
