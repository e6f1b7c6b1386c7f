"""Text from a shop stays text: in a terminal, in Markdown and in the page that is made of it."""

import html
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from fillrate.report.markdown import escape, table
from fillrate.report.plain import safe

PAGE = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
HOSTILE = [
    "<script>alert(1)</script>",
    "a | b | c",
    "[click](javascript:alert(1)) ![x](http://x.example/p.png)",
    "`code` **bold** _it_ ~~gone~~ # head $x$ &amp; \\*",
    "https://evil.example www.evil.example me@evil.example",
    "line\nbreak\r\n\n# heading\t\x1b[31mred\x1b[0m \u202egnp.exe \u2028 \ud800 \x00",
]
anything = st.text(st.characters(), max_size=60)


def hostile_examples(test):  # type: ignore[no-untyped-def]
    for one in HOSTILE:
        test = example(one)(test)
    return test


@hostile_examples
@given(anything)
def test_nothing_from_outside_becomes_markup(hostile: str) -> None:
    page = PAGE.render("Name: " + escape(hostile))

    assert re.findall(r"</?\w+", page) == ["<p", "</p"]
    assert html.unescape(page.removeprefix("<p>Name:").removesuffix("</p>\n")).split() == safe(hostile).split()


@hostile_examples
@given(anything)
def test_nothing_from_outside_breaks_a_table(hostile: str) -> None:
    page = PAGE.render(table(("name", "n"), [(hostile, 1), ("x", 2)]))

    assert (page.count("<tr>"), page.count("<td"), page.count("<th")) == (3, 4, 3)  # <thead> counts as one
    assert set(re.findall(r"<(\w+)", page)) == {"table", "thead", "tbody", "tr", "th", "td"}


@pytest.mark.parametrize(
    "address", ["http://x.example", "HTTPS://x.example", "www.x.example", "WWW.x.example", "a@x.example"]
)
def test_no_address_from_outside_becomes_a_link(address: str) -> None:
    assert not re.search(r"://|www\.|@", escape(address), re.IGNORECASE)


def test_plain_names_and_dates_stay_readable_as_they_are() -> None:
    assert escape("main: AB-1.5 (blue), 2026-03-01 12:30 + 3!") == "main: AB-1.5 (blue), 2026-03-01 12:30 + 3!"


@hostile_examples
@given(anything)
def test_a_terminal_obeys_nothing_from_outside(hostile: str) -> None:
    shown = safe(hostile)

    assert shown.isprintable()
    assert len(shown) == len(hostile)
    shown.encode()


def test_white_space_becomes_a_blank_and_other_controls_a_mark() -> None:
    assert safe("a\tb\nc\u00a0d\x1be\u200bf") == "a b c d\ufffde\ufffdf"
    assert safe("a\nb\x07", keep_lines=True) == "a\nb\ufffd"


def test_a_table_shows_no_more_than_a_browser_bears_and_numbers_to_the_right() -> None:
    said = table(("n", "name"), [(n * 1000, "x") for n in range(1600)]).splitlines()

    assert said[:4] == ["| n | name |", "|---:|---|", "| 0 | x |", "| 1,000 | x |"]
    assert said[-1] == "… and 1,100 more."
    assert len(said) == 2 + 500 + 2
