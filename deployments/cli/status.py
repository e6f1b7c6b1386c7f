"""`fillrate status`: how far the shops were read, what is owed, what waits, and what went wrong."""

import sys
from typing import Any

from deployments.cli.terminal import EXIT_REJECTED, EXIT_WAITING, AsJson, at_a_time, print_json, say, table
from fillrate.bootstrap import open_desk
from fillrate.report.glance import CANCELS, cancel_rows, heading, headline
from fillrate.report.money import money
from fillrate.report.texts import text
from fillrate.steps.status import status as how_things_stand


def status(as_json: AsJson = False) -> None:
    """Tell how things stand."""
    with open_desk() as desk:
        found = how_things_stand(desk)
    if as_json:
        print_json(found)
    else:
        for part in (
            runs,
            cursors,
            queue,
            not_in_settings,
            plans,
            refused,
            rejected,
            drift,
            waiting_drift,
            work,
            sku_trouble,
            asked_to_cancel,
            supply,
            mails,
            hooks,
        ):
            part(found)
    if found["waiting_drift"]["numbers"] or any(plan["state"] == "waiting" for plan in found["plans"]):
        sys.exit(EXIT_WAITING)
    supplied = found["supply"]
    if found["rejected"]["total"] or found["refused"]["total"] or supplied["bad_rows"] or supplied["unknown_skus"]:
        sys.exit(EXIT_REJECTED)


Found = dict[str, Any]  # Any: JSON of fillrate.steps.status


def runs(found: Found) -> None:
    """Print the last run of each flow, with its problems."""
    say("Last runs" if found["runs"] else "Nothing has run yet. Start with: fillrate run sync-catalog")
    if found["runs"]:
        listed = [
            (one["flow"], one["channel"], text("run_state", one["state"]), at_a_time(one["started_at"]))
            for one in found["runs"]
        ]
        table(("flow", "channel", "how it ended", "started (UTC)"), listed)
    for one in found["runs"]:
        for problem in one["problems"]:
            say(f"  Problem in {problem['where']}: {problem['what']} {problem['next']}")


def cursors(found: Found) -> None:
    """Print how far each stream was read."""
    if found["cursors"]:
        say("", "Read up to")
        listed = [
            (
                one["channel"],
                one["stream"].replace("_", " "),
                at_a_time(one["saved_until"]) if one["saved_until"] else "all of it each time",
                "yes" if one["window_until"] else "",
            )
            for one in found["cursors"]
        ]
        table(("channel", "what", "shop's time (UTC)", "cut off"), listed)


def queue(found: Found) -> None:
    """Print what is owed, by state and reason."""
    if found["queue"]:
        say("", f"Owed: {headline(found['glance'])}    the worst of it: fillrate queue")
        listed = [
            (text("state", one["state"]), text("reason", one["reason"]), one["units"], one["lines"], one["oldest"][:10])
            for one in found["queue"]
        ]
        table(("state", "why", "units", "lines", "oldest"), listed)


def not_in_settings(found: Found) -> None:
    """Print what is owed to orders of channels that are no longer in the settings."""
    if found["not_in_settings"]:
        say(
            "",
            "Of it, of channels that are not in the settings; held as it is until they are again, under their old name",
        )
        listed = [(one["channel"], one["orders"], one["units"]) for one in found["not_in_settings"]]
        table(("channel", "orders", "units"), listed)


def plans(found: Found) -> None:
    """Print plans that are not finished."""
    if found["plans"]:
        say("")
    for plan in found["plans"]:
        say(
            f"Plan {plan['id']}: {text('plan_state', plan['state'])}. {plan['waits_because']} fillrate show {plan['id']}",
        )


def refused(found: Found) -> None:
    """Print changes that a shop refused."""
    if found["refused"]["total"]:
        say(
            "", f"Refused by the shop: {found['refused']['total']}. To have a plan's tried again: fillrate approve PLAN"
        )
        listed = [
            (f"{one['channel']}:{one['target']}", one["answer"], one["plan_id"]) for one in found["refused"]["latest"]
        ]
        table(("on", "why", "plan"), listed)


def rejected(found: Found) -> None:
    """Print records that could not be read."""
    if found["rejected"]["total"]:
        say("", f"Records that could not be read: {found['rejected']['total']}")
        listed = [
            (one["channel"], one["stream"], one["platform_id"], one["reason"]) for one in found["rejected"]["latest"]
        ]
        table(("channel", "what", "id", "why"), listed)


def drift(found: Found) -> None:
    """Print shelves below zero."""
    if found["drift"]:
        say("", "Shelves from which more left than was there; count them")
        table(("SKU", "location", "on hand"), [(one["sku"], one["location"], one["on_hand"]) for one in found["drift"]])


def waiting_drift(found: Found) -> None:
    """Print how many numbers of channels wait for a person."""
    told = found["waiting_drift"]
    if told["numbers"]:
        values = {"units": told["units"], "value": money(told["value_e4"], told["currency"])}
        say("", text("drift_told", "waiting_head", n=told["numbers"], **values))


def work(found: Found) -> None:
    """Print when the backlog is worked off, and shelves of which the warehouse said what the ledger does not know."""
    if found["queue"]:
        say("", found["work"])
    if found["doubtful_shelves"]:
        say("", "Shelves in doubt")
        rows = [(one["sku"], one["location"], one["known"], one["to_do"]) for one in found["doubtful_shelves"]]
        table(("SKU", "location", "known", "what to do"), rows)


def sku_trouble(found: Found) -> None:
    """Print SKUs that cannot tell items apart."""
    if found["sku_trouble"]:
        say("", "SKUs that several items share, or that are empty; mend them in the shop")
        table(("SKU", "items"), [(one["sku"] or "(empty)", one["items"]) for one in found["sku_trouble"]])


def asked_to_cancel(found: Found) -> None:
    """Print what staff is asked to cancel, why, and the next step."""
    if found["asked_to_cancel"]:
        say("", f"{heading('to_cancel', found['glance']['asked_to_cancel'])}. {text('glance', 'to_cancel_next')}")
        table(CANCELS, cancel_rows(found["asked_to_cancel"]))


def supply(found: Found) -> None:
    """Print feeds, what of them could not be used, what is on its way, and how late suppliers are."""
    told = found["supply"]
    if not told["feeds"]:
        return
    say("", "Files about goods on their way")
    columns = ("feed", "files", "refused", "rejected")
    rows = [(*(one[name] for name in columns), at_a_time(one["read_at"])) for one in told["feeds"]]
    table(("feed", "files", "refused", "bad rows", "last read (UTC)"), rows)
    if told["bad_rows"]:
        say("", "Rows that cannot be used; mend them in the file (row 0: the whole file)")
        table(("feed", "file", "row", "why"), [tuple(one.values()) for one in told["bad_rows"]])
    if told["unknown_skus"]:
        say("", "On their way under a SKU that no single item has; mend it in the file or in the shop")
        rows = [(one["feed"], one["reference"], one["sku"], ", ".join(one["like"])) for one in told["unknown_skus"]]
        table(("feed", "reference", "SKU", "like"), rows)
    if told["suppliers"]:
        say("", "On its way, how many days late suppliers are, and how many they take from the order on")
        head = (
            "supplier",
            "lines",
            "units",
            "next",
            "overdue",
            "deliveries",
            "late: median",
            "90 %",
            "from order: median",
            "90 %",
        )
        table(head, [dashed(one) for one in told["suppliers"]])
    if told["overdue"]:
        say("", "Overdue; ask the supplier (without a day in the last column it may come on any day)")
        table(
            ("reference", "SKU", "supplier", "units", "expected", "days over", "surely by"),
            [dashed(one) for one in told["overdue"]],
        )
    if told["never_shown"]:
        say("", "Received, but the shop's number never rose: type it there, for until then it is no stock")
        table(("reference", "SKU", "units", "received"), [tuple(one.values()) for one in told["never_shown"]])


def mails(found: Found) -> None:
    """Print mails in doubt, and those to be tried again."""
    told = found["mails"]
    if told["unknown"]:
        say("", "Mails of which nobody knows whether they were sent; settle them: fillrate mails")
        table(("mail", "since (UTC)"), [(one["key"], at_a_time(one["since"])) for one in told["unknown"]])
    if told["parked"]:
        say("", "Mails that the mail server did not take; they are tried again")
        table(("mail", "tries", "why"), [(one["key"], one["tries"], one["answer"]) for one in told["parked"]])


def hooks(found: Found) -> None:
    """Print when hooks last came, and what of them waits to be read."""
    if found["hooks"]:
        say("", "Hooks (UTC)    which are registered: fillrate hooks")
        rows = [
            (one["channel"], *(at_a_time(one[name] or "–") for name in ("heard_at", "forged_at", "late_at")))
            for one in found["hooks"]
        ]
        table(("channel", "last one", "last forged", "last too late"), rows)
    if found["hints"]:
        say("", "Heard of and not read yet")
        rows = [(one["channel"], one["stream"], one["hints"], at_a_time(one["oldest"])) for one in found["hints"]]
        table(("channel", "what", "how many", "since (UTC)"), rows)


def dashed(one: Found) -> tuple[object, ...]:
    """Return the values of a row, nothing as a dash."""
    return tuple("–" if value is None else value for value in one.values())
