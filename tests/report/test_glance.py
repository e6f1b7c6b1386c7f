"""Both queues at a glance: a chart that draws what the numbers say, and tables of what needs a person."""

import re
from base64 import b64decode
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

from fillrate.decide.ageing import CLASSES
from fillrate.report.chart import COLOURS, age_chart
from fillrate.report.glance import glance_artifact, headline, time_artifact

BERLIN = ZoneInfo("Europe/Berlin")
AGES = [
    {"state": "backlog", "reason": "ready", "units": 6, "ages": [2, 0, 4, 0, 0, 0, 0]},
    {"state": "backlog", "reason": "payment", "units": 2, "ages": [0, 0, 2, 0, 0, 0, 0]},
    {"state": "backorder", "reason": "no_supply", "units": 1200, "ages": [0, 0, 0, 0, 0, 0, 1200]},
]
LATE = {
    "order": "main:7", "line": "9", "sku": "CUP|RED", "state": "backorder", "reason": "no_supply", "quantity": 3, "days": 70,
    "queued_at": "2026-01-01T10:00:00+00:00", "promised": "2026-01-31T23:00:00+00:00", "likely_by": None,
}  # fmt: skip
READY = {**LATE, "state": "backlog", "reason": "ready", "promised": "2025-12-31T23:30:00+00:00"}
NONE = {"lines": 0, "units": 0, "worst": []}


def found(**more: Any) -> dict[str, Any]:
    units = {"backlog": 8, "backorder": 1200, "new": 0}
    risk = {"lines": 4, "units": 9, "worst": [LATE]}
    facts = {"as_of": "2026-03-12T11:00:00+00:00", "units": units, "ages": AGES, "longest": [LATE, READY]}
    return {
        **facts,
        "at_risk": risk,
        "due_soon": NONE,
        "unpromised": NONE,
        "asked_to_cancel": NONE,
        "proposals": [],
        **more,
    }


def test_the_headline_has_the_numbers_that_matter() -> None:
    assert headline(found()) == "8 in backlog · 1,200 in backorder · 9 at risk"


def test_the_artifact_shows_a_chart_what_is_at_risk_and_what_waits_longest() -> None:
    said = glance_artifact(found(), CLASSES, BERLIN, ["Plan P-1."]).split("\n\n")

    assert said[:3] == [
        "## 8 in backlog · 1,200 in backorder · 9 at risk",
        "Units, as of 2026-03-12 12:00 (Europe/Berlin).",
        "**Waits for your word**\n* Plan P-1.",
    ]
    whole = "\n\n".join(said)
    assert "### Promises at risk: 9 units in 4 lines" in said
    assert "… and 6 units more." in said
    assert "| main:7 | CUP\\|RED | 3 | none left, and no delivery is known | 70 | 1 Feb | unknown |" in whole
    assert "| main:7 | CUP\\|RED | 3 | ready to pack | 70 | 1 Jan | – |" in whole
    assert "Due within" not in whole


def test_what_staff_is_asked_to_cancel_is_told_with_who_asks_and_the_command() -> None:
    one = {"order": "main:7", "line": "9", "sku": "CUP", "units": 3, "value": "27.00 EUR", "by": "rule", "deadline": None,
           "why": "the rule: no answer", "next": "fillrate cancel-units line main:9 3 --reason TEXT"}  # fmt: skip
    said = glance_artifact(found(asked_to_cancel={"lines": 2, "units": 4, "worst": [one]}), CLASSES, BERLIN, [])

    assert "### Asked to cancel: 4 units in 2 lines" in said
    assert (
        "| main:7 | CUP | 3 | 27.00 EUR | the rule: no answer | fillrate cancel-units line main:9 3 --reason TEXT |"
        in said
    )
    assert "… and 1 unit more." in said


def test_what_was_given_up_is_told_though_nothing_else_is_owed() -> None:
    one = {"order": "main:7", "line": "main:9", "sku": "", "units": 1, "value": "9.00 EUR", "by": "given_up",
           "why": "given up here by Ann: <b>", "next": "cancel or refund it in the shop as well"}  # fmt: skip
    asked = {"lines": 1, "units": 1, "worst": [one]}
    said = glance_artifact(found(ages=[], asked_to_cancel=asked), CLASSES, BERLIN, [])

    assert "### Asked to cancel: 1 unit in 1 line" in said
    assert "given up here by Ann: \\<b\\> | cancel or refund it" in said
    assert said.endswith("Nothing is owed to anybody.")


def test_where_nothing_is_owed_it_says_so_and_draws_nothing() -> None:
    said = glance_artifact(found(ages=[], units={"backlog": 0, "backorder": 0, "new": 0}), CLASSES, BERLIN, [])

    assert said.endswith("Nothing is owed to anybody.")
    assert "svg" not in said


def test_the_chart_is_a_picture_whose_bars_are_as_long_as_the_numbers() -> None:
    markdown = glance_artifact(found(), CLASSES, BERLIN, [])
    [image] = re.findall(r"!\[[^]]+\]\(data:image/svg\+xml;base64,([^)]+)\)", markdown)
    drawing = ElementTree.fromstring(b64decode(image))
    bars = [one for one in drawing.iter() if one.get("fill") in COLOURS and one.get("height") != "12"]
    widths = {(one.get("fill"), one.get("y")): float(str(one.get("width"))) for one in bars}

    assert len(bars) == 4
    assert max(widths.values()) > 150
    assert age_chart(CLASSES, AGES[:2]).count("<rect") < age_chart(CLASSES, AGES).count("<rect")
    small = ElementTree.fromstring(age_chart(CLASSES, AGES[:2]))
    ready, more, unpaid = (
        float(str(one.get("width"))) for one in small.iter() if one.get("fill") in COLOURS and one.get("height") != "12"
    )
    assert more / ready == 2
    assert unpaid == ready
    texts = [one.text for one in drawing.iter() if one.text]
    assert {"In backlog: 8 units", "In backorder: 1,200 units", "ready to pack: 6", "over 60"} <= set(texts)


def test_how_long_it_takes_is_told_for_those_who_moved_on_and_for_those_who_are_there() -> None:
    stay = {"state": "new", "reason": "", "units": 3, "median_days": 0.1, "most_days": 2.0, "mean_days": 0.55}

    said = time_artifact({"in_state": AGES, "stays_days": 30, "stays": [stay]}, CLASSES)

    assert "| new | the next allocation looks at it | 3 | 0.1 | 2.0 | 0.6 |" in said
    assert "| in backlog | ready to pack | 6 | 2 | 0 | 4 | 0 | 0 | 0 | 0 |" in said
    assert "Nothing has moved on." in time_artifact({"in_state": [], "stays_days": 30, "stays": []}, CLASSES)
