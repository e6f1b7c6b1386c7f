"""Pick lists for people: in a table for a spreadsheet, on pages to be printed, in an artifact."""

import csv
import io
import re
from datetime import date
from typing import Any

from fillrate.decide.working_off import WorkedOff
from fillrate.report.picks import pick_artifact, pick_csv, pick_html, worked_off_in_words

LIST = {"id": 7, "location": "WEST", "location_name": "West <hall>", "day": "2026-03-10", "state": "open", "to_do": 3}
FACTS = {
    "channel": "main",
    "line": "1",
    "to_do": 2,
    "shipped": 0,
    "seen": 0,
    "short": 0,
    "removed": 0,
    "note": "",
    "parts": [],
}


def line(order: str, sku: str, name: str = "Mug", quantity: int = 2, **facts: Any) -> dict[str, Any]:
    return {**FACTS, "id": 1, "order": order, "sku": sku, "name": name, "quantity": quantity, **facts}


def test_a_table_is_read_back_as_it_was_and_no_cell_is_a_formula() -> None:
    odd = ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", 'says "hi", twice\nover']
    text = pick_csv([(LIST, [line("1", "MUG", name) for name in odd])])

    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert text.endswith("\r\n")
    assert [row["order"] for row in rows] == ["main:1"] * len(odd)
    assert [row["name"] for row in rows] == ["'=1+1", "'+1", "'-1", "'@x", " =1", " =1", 'says "hi", twice over']
    assert rows[0] | {"name": ""} == {
        "list": "7", "location": "WEST", "order": "main:1", "line": "1", "sku": "MUG", "name": "", "quantity": "2",
        "to_do": "2", "shipped": "0", "short": "0", "removed": "0", "note": "", "parts": "",
    }  # fmt: skip


def test_a_page_has_a_box_for_each_line_by_order_and_obeys_no_text() -> None:
    lines = [line("1", "A"), line("2", "<script>alert(1)</script>"), line("1", "C", to_do=0, note="2 not found")]
    page = pick_html("Tea & More", [(LIST, lines)])

    assert re.findall("<h2>(.*?)</h2>", page) == ["Order 1", "Order 2"]
    assert (
        page.count('<td class="box"><span></span></td>') == 2
    )  # there is nothing to tick where nothing is to be picked
    assert "<script>" not in page
    assert "Tea &amp; More" in page
    assert "2 not found" in page
    assert "size: A4" in page


def test_a_kit_is_shown_with_what_is_picked_for_it() -> None:
    parts = [
        {"sku": "CUP", "name": "Cup <red>", "per": 1, "quantity": 2},
        {"sku": "TEA", "name": "", "per": 2, "quantity": 4},
    ]
    lists = [(LIST, [line("1", "BOX", parts=parts), line("1", "CUP")])]

    assert "<b>2 × CUP</b> Cup &lt;red&gt;</span>" in (page := pick_html("T", lists))
    assert page.count('class="part"') == 2
    assert [row["parts"] for row in csv.DictReader(io.StringIO(pick_csv(lists), newline=""))] == [
        "2 × CUP, 4 × TEA",
        "",
    ]
    assert "| main:1 | BOX: 2 × CUP, 4 × TEA | Mug | 2 |" in pick_artifact("", "", lists, [])


def test_a_page_of_a_list_that_was_taken_back_says_so() -> None:
    said = "This list was taken back. Pick nothing of it"
    assert said in pick_html("T", [({**LIST, "state": "undone"}, [line("1", "A", to_do=0)])])
    assert said not in pick_html("T", [(LIST, [line("1", "A")])])


def test_orders_of_several_channels_are_told_apart() -> None:
    page = pick_html("T", [(LIST, [line("1", "A"), line("1", "B", channel="other")])])

    assert re.findall("<h2>(.*?)</h2>", page) == ["Order main:1", "Order other:1"]


def test_an_artifact_says_what_is_picked_which_shelves_are_in_doubt_and_when_all_is_done() -> None:
    doubts = [{"sku": "A|B", "location": "WEST", "to_do": "Count this shelf."}]
    found = pick_artifact("release-backlog of all", "All is done soon.", [(LIST, [line("1", "A")])], doubts)

    assert "### List 7, West \\<hall\\>: 2026-03-10" in found
    assert "| main:1 | A | Mug | 2 |" in found
    assert "| A\\|B | WEST | Count this shelf. |" in found
    assert "All is done soon." in found
    assert "No list was made" in pick_artifact("release-backlog of all", "", [], [])


def test_when_the_work_is_done_is_said_in_words() -> None:
    assert worked_off_in_words(WorkedOff(412, 740, 20, date(2026, 3, 26))) == (
        "412 units wait to be picked or packed: at 37.0 a working day (the last 20) the work is done on Thursday, 2026-03-26."
    )
    assert "can be said after the first whole working day" in worked_off_in_words(WorkedOff(1, 0, 0, None))
    assert "nobody can say" in worked_off_in_words(WorkedOff(1, 0, 20, None))
    assert worked_off_in_words(WorkedOff(0, 9, 20, date(2026, 3, 2))) == "Nothing waits to be picked or packed."
