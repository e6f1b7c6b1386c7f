"""Commands that only look: status, plans, show, explain, db check; in words, and as one JSON object."""

import json
import re
from importlib.metadata import version

import pytest

from tests.cli.conftest import Here
from tests.cli.merchant import TOKEN, Merchant

PLAN = "P-7313a2d447-1"  # the same shop gives the same plan
LOOKING = {
    "status": (
        3,
        {"cursors", "queue", "plans", "refused", "rejected", "runs", "drift", "sku_trouble"}
        | {
            "not_in_settings",
            "supply",
            "doubtful_shelves",
            "work",
            "glance",
            "mails",
            "hooks",
            "hints",
            "asked_to_cancel",
            "waiting_drift",
        },
    ),
    "drift": (0, {"as_of", "days", "currency", "classes", "worst", "trend", "waiting", "again"}),
    "drift BAG-00012-WHT --days 30": (
        0,
        {"as_of", "days", "currency", "classes", "worst", "trend", "waiting", "again"},
    ),
    "listings": (0, {"counts", "review", "to_review", "vanished", "vanished_in_all"}),
    "queue": (
        0,
        {"as_of", "units", "ages", "longest", "at_risk", "due_soon", "unpromised", "asked_to_cancel", "proposals"},
    ),
    "queue --reason no_supply": (0, {"as_of", "reason", "longest"}),
    "promises": (0, {"as_of", "since", "by", "total", "groups", "more"}),
    "promises --by source --since 2020-01-01": (0, {"as_of", "since", "by", "total", "groups", "more"}),
    "plans": (3, {"plans"}),
    f"show {PLAN}": (
        0,
        {"id", "flow", "hash", "state", "waits_because", "cursors", "policy", "approved_by", "created_at"}
        | {"approved_at", "list"},
    ),
    "explain order main:123": (
        0,
        {"order", "placed_at", "recipient", "status", "note", "is_gone", "note_in_shop", "words", "lines", "open"},
    ),
    "explain line main:34": (
        0,
        {"order", "placed_at", "recipient", "status", "note", "is_gone", "note_in_shop", "words", "lines", "open"},
    ),
    "explain sku BAG-00012-WHT": (0, {"items"}),
    "audit": (0, {"ok", "checks"}),
    "db check": (0, {"ok", "empty", "version", "wanted", "sentence", "next"}),
    "db upgrade": (0, {"version"}),
}


@pytest.mark.parametrize("command", LOOKING)
def test_json_is_one_object_and_nothing_else_with_the_exit_code_of_the_words(
    merchant: Merchant, here: Here, command: str
) -> None:
    code, keys = LOOKING[command]

    as_json, in_words = here(merchant, *command.split(), "--json"), here(merchant, *command.split())

    assert set(as_json.json) == keys
    assert (as_json.code, in_words.code) == (code, code)
    assert (as_json.err, in_words.err) == ("", "")
    assert in_words.out.strip()
    assert "{" not in in_words.out
    assert TOKEN not in as_json.out + in_words.out


def test_status_says_how_far_what_is_owed_and_what_waits(merchant: Merchant, here: Here) -> None:
    said = here(merchant, "status").out

    assert [line.split()[:3] for line in said.splitlines() if line.startswith("  allocate-orders")] == [
        ["allocate-orders", "main", "done"]
    ]
    assert ["main", "orders", "2026-07-01", "12:50"] in [line.split() for line in said.splitlines()]
    assert "in backlog    ready to pack                           13      8  2026-06-19" in said
    assert "in backorder  none left, and no delivery is known      5      3  2026-06-22" in said
    assert f"Plan {PLAN}: waits for a person." in said
    assert f"fillrate show {PLAN}" in said


def test_the_queue_tells_what_is_at_risk_what_is_due_and_what_waits_longest(merchant: Merchant, here: Here) -> None:
    file = merchant.folder / "fillrate.toml"
    merchant.settings(file.read_text() + "practice = true\n")  # its clock is the one that days are counted by
    merchant.sql("UPDATE open_unit SET queued_at = '2026-04-20T00:00:00.000000+00:00' WHERE state = 'backorder'")

    queue, missing = here(merchant, "queue"), here(merchant, "queue", "--reason", "no_supply")
    status, wrong = here(merchant, "status"), here(merchant, "queue", "--reason", "because")

    headline = "13 in backlog · 6 in backorder · 11 due soon"
    assert queue.out.startswith(f"{headline}\nUnits, as of 2026-07-03 03:49 (UTC).\n")
    assert f"Owed: {headline}" in status.out
    assert "Without a promised day: 5 units in 3 lines\nNothing on its way covers all of them." in queue.out
    rows = [line.split() for line in missing.out.splitlines() if line.startswith("  main:")]
    assert [(row[-3], row[-1]) for row in rows] == [("74", "unknown")] * 3
    assert (wrong.code, wrong.words.splitlines()[0]) == (2, "fillrate: There is no reason because.")


def test_what_the_shop_refused_is_told_with_what_to_do(merchant: Merchant, here: Here) -> None:
    merchant.sql(
        f"UPDATE plan SET state = 'applied' WHERE id = '{PLAN}'",
        f"UPDATE change SET state = 'done' WHERE plan_id = '{PLAN}'",
        f"UPDATE change SET state = 'failed', answer = 'Too long.' WHERE plan_id = '{PLAN}' AND target = '122'",
    )

    status, show = here(merchant, "status"), here(merchant, "show", PLAN)

    assert status.code == 4
    assert "Refused by the shop: 1." in status.out
    assert ["main:122", "Too", "long.", PLAN] in [line.split() for line in status.out.splitlines()]
    assert f"tried again: fillrate approve {PLAN}" in show.out
    assert here(merchant, "approve", PLAN).code == 0


def test_status_of_a_newcomer_says_where_to_start(newcomer: Merchant, here: Here) -> None:
    status, plans = here(newcomer, "status"), here(newcomer, "plans")

    assert (status.code, status.out) == (0, "Nothing has run yet. Start with: fillrate run sync-catalog\n")
    assert (plans.code, plans.out) == (0, "There are no plans yet.\n")


def test_plans_that_wait_come_first(merchant: Merchant, here: Here) -> None:
    merchant.sql("UPDATE plan SET created_at = '2020-01-01T00:00:00.000000+00:00' WHERE state = 'waiting'")

    said = here(merchant, "plans").out.splitlines()

    assert columns(said[0]) == ["plan", "state", "made (UTC)", "made by", "changes", "of"]
    assert columns(said[1]) == [
        PLAN,
        "waits for a person",
        "2020-01-01 00:00",
        "allocate-orders",
        "4",
        "notes on orders",
    ]
    assert columns(said[2])[-1] == "counts"
    assert len(said) == 3


def columns(line: str) -> list[str]:
    """The cells of a line of a table."""
    return re.split(" {2,}", line.strip())


def test_plans_as_json_tell_when_and_how_many_changes_of_which_kind(merchant: Merchant, here: Here) -> None:
    merchant.sql(
        f"UPDATE plan SET created_at = '2020-01-01T00:00:00.000000+00:00' WHERE id = '{PLAN}'",
        f"UPDATE change SET kind = 'staff_note' WHERE plan_id = '{PLAN}' AND target = '122'",
    )

    told, said = here(merchant, "plans", "--json").json["plans"][0], here(merchant, "plans").out.splitlines()

    assert (told["id"], told["created_at"]) == (PLAN, "2020-01-01T00:00:00+00:00")
    assert list(told["kinds"].items()) == [("metafield", 3), ("staff_note", 1)]
    assert columns(said[1])[-1] == "notes on orders, staff notes"


def test_show_tells_why_it_waits_what_would_change_and_what_can_be_done(merchant: Merchant, here: Here) -> None:
    said = here(merchant, "show", PLAN).out
    told = here(merchant, "show", PLAN, "--json").json

    assert "waits for a person. It is the first plan for this channel" in said
    assert f"Hash {told['hash']}" in said
    assert [line.split()[1] for line in said.splitlines() if "wait for stock." in line] == ["117", "121", "122", "123"]
    assert f"fillrate approve {PLAN}" in said
    assert f"fillrate reject {PLAN}" in said
    assert [one["target"] for one in told["list"]] == ["117", "121", "122", "123"]
    assert told["list"][0]["after"]["backordered"] == [
        {"line": "34", "sku": "BAG-00012-BLK", "quantity": 1, "reason": "no_supply"}
    ]


def test_every_unit_of_an_order_is_explained(merchant: Merchant, here: Here) -> None:
    short, full = here(merchant, "explain", "order", "123"), here(merchant, "explain", "order", "main:123")

    assert short == full
    assert "2 in backorder: none left, and no delivery is known." in short.out
    assert "Open units in all: 6 = 4 in backlog + 2 in backorder." in short.out


def test_a_line_is_explained_as_in_its_order(merchant: Merchant, here: Here) -> None:
    line, order = here(merchant, "explain", "line", "34", "--json"), here(merchant, "explain", "order", "117", "--json")
    wrong = here(merchant, "explain", "line", "99999")

    assert line.json["lines"] == [one for one in order.json["lines"] if one["line"] == "34"]
    assert (wrong.code, "There is no line 99999" in wrong.words) == (2, True)


def test_an_explanation_names_the_place_who_stands_before_and_why(merchant: Merchant, here: Here) -> None:
    item = here(merchant, "explain", "sku", "BAG-00012-WHT", "--json").json["items"][0]
    waiting = [row for row in item["queue"] if row["units"]["state"] == "backorder"]

    assert [row["units"]["place"]["number"] for row in waiting] == list(range(1, len(waiting) + 1))
    before = 0
    for row in waiting:
        assert row["units"]["place"]["units_before"] == before
        before += row["units"]["quantity"]
    assert re.search(r"  5 on hand +\| #\d+ \d", here(merchant, "explain", "sku", "BAG-00012-WHT").out)


def test_a_sku_is_explained_however_it_is_typed(merchant: Merchant, here: Here) -> None:
    exact, sloppy = (
        here(merchant, "explain", "sku", "BAG-00012-WHT", "--json"),
        here(merchant, "explain", "sku", " bag-00012-wht ", "--json"),
    )

    assert exact == sloppy
    item = exact.json["items"][0]
    assert [(one["on_hand"], one["allocated"]) for one in item["shelves"]] == [(5, 5)]
    assert {row["units"]["state"] for row in item["queue"]} == {"backlog", "backorder"}


def test_what_a_shop_says_cannot_command_the_terminal(merchant: Merchant, here: Here) -> None:
    merchant.sql("UPDATE order_line SET name = 'Vase' || char(27) || '[31m' || char(10) || 'Nothing waits.'")

    said = here(merchant, "explain", "order", "123")

    assert "\x1b" not in said.out
    assert "\nNothing waits." not in said.out
    assert json.loads(here(merchant, "explain", "order", "123", "--json").out)["lines"][0]["name"].startswith(
        "Vase\x1b"
    )


def test_the_version_is_the_one_that_is_installed(newcomer: Merchant, here: Here) -> None:
    said = here(newcomer, "--version")

    assert (said.code, said.out, said.err) == (0, f"fillrate {version('fillrate')}\n", "")
    assert "--version" in here(newcomer, "--help").out
