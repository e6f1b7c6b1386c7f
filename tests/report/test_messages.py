"""What customers read: right in both languages, honest about dates, deaf to hostile names, and the merchant's to change."""

import json
import re
import sys
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fillrate.errors import FixSettings, SkipRecord
from fillrate.report.messages.facts import KINDS, Facts, Kind, Line, Rule, every_way, made_up
from fillrate.report.messages.render import Message, render
from fillrate.report.messages.sandbox import templates

EVIL = "https://evil.example/login"
NASTY = [
    "<script>alert(1)</script>",
    "</td></table><h1>Bank</h1>",
    '" onmouseover="alert(1)',
    "' style='display:none",
    "&lt;b&gt; &amp; <!-- -->",
    "{{ 7 * 7 }}",
    "{% for i in range(9) %}x{% endfor %}",
    "{{ self.__class__.__mro__ }}",
    "{# gone #}",
    "${7*7} #{7*7} %(x)s %s {0.__class__}",
    "a\nSubject: other\r\nBcc: x@evil.example",
    "a\u2028b\u2029c\x0bd\x0ce\x85f",
    "\u202egnp.exe\u202c \u2066x\u2069",
    "\x1b[31mred\x1b]0;title\x07",
    "nul\x00del\x7f",
    "=?utf-8?q?a=0D=0ABcc=3A_x=40y?=",
    "zero\u200bwidth\ufeff",
    "half \ud800 character",
]
NORMAL = "Standing desk"


def facts(kind: Kind = "backordered", **other: object) -> Facts:
    return msgspec.structs.replace(made_up(kind, store="Nordlicht", timezone="Europe/Berlin"), **other)


def line(**other: object) -> Line:
    return msgspec.structs.replace(Line(sku="DESK", name=NORMAL, quantity=1), **other)


class Page(HTMLParser):
    """The tags of a page, what they hold, and the words that a reader sees."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.links: list[str | None] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.text += " "
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.links += [value for name, value in attrs if name in {"href", "src"}]

    def handle_data(self, data: str) -> None:
        self.text += data


def words(message: Message) -> str:
    return " ".join(Page(message.html).text.split())


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("kind", KINDS)
def test_each_message_names_the_order_the_lines_and_the_store_in_text_and_html(kind: Kind, language: str) -> None:
    message = render(kind, facts(kind), language=language)

    assert message.language == language
    assert "1001" in message.subject
    for shown in (message.text, words(message)):
        assert "Ada Example" in shown
        assert "Nordlicht" in shown
        for one in (*facts(kind).lines, *facts(kind).waiting):
            assert f"{one.quantity} × {one.name}" in shown
            assert one.sku in shown
    assert f'<html lang="{language}">' in message.html
    assert "None" not in message.text + message.html
    assert "\n\n\n" not in message.text


@pytest.mark.parametrize("kind", KINDS)
def test_it_needs_nothing_from_anywhere(kind: Kind) -> None:
    page = Page(render(kind, facts(kind), language="en").html)

    asked = [facts(kind).keep_link, facts(kind).cancel_link] if kind == "date_moved" else []
    assert page.links == asked
    assert {"img", "script", "link", "iframe", "form", "object"}.isdisjoint(tag for tag, _ in page.tags)


def test_days_are_the_stores_and_times_are_in_its_zone() -> None:
    moved = facts("date_moved", deadline=datetime(2027, 2, 10, 23, 30, tzinfo=UTC))

    english, german = (render("date_moved", moved, language=one).text for one in ("en", "de"))

    assert "Ships by 4 March 2027 (earlier: 11 February 2027)" in english
    assert "by 11 February 2027, 00:30 CET," in english
    assert "Versand bis 4. März 2027 (bisher: 11. Februar 2027)" in german
    assert "bis 11. Februar 2027, 00:30 Uhr CET" in german


def test_where_nobody_knows_a_date_it_says_so() -> None:
    none = render("backordered", facts(lines=(line(),)), language="en")
    some = render("backordered", facts(lines=(line(ship_by=date(2027, 3, 4)),)), language="en")

    assert "No date yet" in none.text
    assert "we do not know it either" in words(none)
    assert "No date yet" not in some.text
    assert "do not know" not in words(some)
    assert "Ships by 4 March 2027" in words(some)


@pytest.mark.parametrize(
    ("rule", "said", "has_links"),
    [
        (
            "silence_keeps",
            "If we hear nothing from you by 10 February 2027, 18:00 CET, we take it that you agree",
            True,
        ),
        ("silence_cancels", "Without an answer we cancel it and give you back what you paid", True),
        ("no_answer", "You need not do anything.", False),
    ],
)
def test_a_moved_date_says_what_silence_means(rule: str, said: str, has_links: bool) -> None:
    links = {} if has_links else {"keep_link": "", "cancel_link": ""}

    message = render("date_moved", facts("date_moved", rule=rule, **links), language="en")

    assert said in message.text
    assert said in words(message)
    assert ("/a/keep" in message.text, "/a/cancel" in message.text) == (has_links, has_links)
    assert len(Page(message.html).links) == 2 * has_links


@pytest.mark.parametrize(
    ("kind", "gone"),
    [
        ("backordered", {"lines": ()}),
        ("backordered", {"store": ""}),
        ("backordered", {"order": ""}),
        ("date_moved", {"deadline": None}),
        ("date_moved", {"deadline": datetime(2027, 2, 10)}),  # noqa: DTZ001 - a time without a zone is the mistake
        ("date_moved", {"keep_link": ""}),
        ("date_moved", {"cancel_link": "javascript:alert(1)"}),
        ("date_moved", {"cancel_link": "http://shop.example.com/x"}),
        ("date_moved", {"keep_link": 'https://shop.example.com/"onclick="x'}),
        ("date_moved", {"keep_link": "https://shop.example.com/a b"}),
        ("date_moved", {"rule": "no_answer"}),  # links, and nothing to answer
        ("backordered", {"keep_link": "https://shop.example.com/keep"}),
    ],
)
def test_without_its_facts_there_is_no_message(kind: Kind, gone: dict[str, object]) -> None:
    with pytest.raises(SkipRecord, match="cannot be written: "):
        render(kind, facts(kind, **gone), language="en")


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_made_up_facts_take_every_way_that_a_message_may_go(kind: Kind, language: str) -> None:
    ways = every_way(kind, store="My store", timezone="UTC")
    texts = {render(kind, facts, language=language).text for facts in ways}

    assert len(texts) == len(ways)  # each shows another part of the templates
    assert {facts.rule for facts in ways} == (set(get_args(Rule)) if kind == "date_moved" else {"no_answer"})


def test_many_lines_are_cut_and_counted() -> None:
    message = render("backordered", facts(lines=tuple(line(sku=f"S{i}") for i in range(60))), language="en")

    assert message.text.count("No date yet\n") == 50
    assert "… and 10 more" in message.text
    assert "… and 10 more" in words(message)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("nasty", NASTY)
def test_a_hostile_name_is_shown_and_does_nothing(kind: Kind, nasty: str) -> None:
    hostile = [msgspec.structs.replace(one, sku=nasty, name=nasty) for one in facts(kind).lines]
    evil = facts(kind, store=nasty, order=nasty, recipient=nasty, lines=tuple(hostile))
    usual = render(kind, facts(kind), language="en")

    message = render(kind, evil, language="en")

    assert Page(message.html).tags == Page(usual.html).tags
    assert Page(message.html).links == Page(usual.html).links
    assert "49" not in message.text
    for shown in (message.subject, *message.text.splitlines(), words(message)):
        assert shown.isprintable()
    assert "=?" not in message.subject
    assert "\nSubject:" not in message.text
    message.html.encode()


def test_a_name_over_several_lines_is_shown_on_one_with_its_words_apart() -> None:
    message = render("backordered", facts(lines=(line(name="Oak\r\nand\u2028\tiron\u00a0 desk"),)), language="en")

    assert "1 × Oak and iron desk (DESK)" in message.text


@given(st.text(max_size=80), st.text(max_size=80))
@example(EVIL, "\u202e" * 80)
def test_whatever_a_name_holds_the_page_keeps_its_shape(name: str, recipient: str) -> None:
    named = facts(lines=(line(name=name),), recipient=recipient)

    message = render("backordered", named, language="en")

    assert Page(message.html).tags == Page(render("backordered", facts(lines=(line(),)), language="en").html).tags
    assert message.text.count("\n") == render("backordered", facts(lines=(line(),)), language="en").text.count("\n")


@pytest.mark.parametrize(
    "recipient", [EVIL, "WIN www.evil.example", "visit evil.example now", "me@evil.example", "x" * 61, "", "\u200b"]
)
def test_a_name_that_advertises_is_not_greeted(recipient: str) -> None:
    message = render("backordered", facts(recipient=recipient), language="en")

    assert message.text.startswith("Hello,\n")
    assert "evil" not in message.text + message.html


@pytest.mark.parametrize("recipient", ["Ada Lovelace", "Jean-Luc Ö'Neill", "Dr. No", "山田 太郎", "مها", "A. B. Cee"])
def test_an_honest_name_is_greeted(recipient: str) -> None:
    assert render("backordered", facts(recipient=recipient), language="en").text.startswith(f"Hello {recipient},\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The merchant's own templates: all of ours, to be changed."""
    for name, text in templates().items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def only(folder: Path, *names: str) -> None:
    for name in templates():
        if name not in names:
            (folder / name).unlink()


def test_the_merchants_own_words_come_first_file_by_file_and_language_by_language(folder: Path) -> None:
    only(folder, "en/cancelled.txt")
    (folder / "en/cancelled.txt").write_text("Subject: Gone, {{ order }}\n\nSorry {{ recipient }}!\n")

    english = render("cancelled", facts("cancelled"), language="en", folder=folder)
    german = render("cancelled", facts("cancelled"), language="de", folder=folder)

    assert (english.subject, english.text) == ("Gone, 1001", "Sorry Ada Example!\n")
    assert "Hello Ada Example" in words(english)
    assert german == msgspec.structs.replace(render("cancelled", facts("cancelled"), language="de"))


def test_a_language_of_the_merchants_own_needs_both_files(folder: Path) -> None:
    (folder / "fr").mkdir()
    (folder / "fr/cancelled.txt").write_text("Subject: Commande {{ order }}\n\n{{ lines[0].ship_by or 'bientôt' }}\n")
    assert render("cancelled", facts("cancelled"), language="fr", folder=folder).language == "en"

    (folder / "fr/cancelled.html").write_text("<p>{{ recipient }}</p>")
    french = render("cancelled", facts("cancelled"), language="fr", folder=folder)
    assert (french.language, french.subject, french.text) == ("fr", "Commande 1001", "bientôt\n")
    assert render("backordered", facts(), language="fr", folder=folder).language == "en"


@pytest.mark.parametrize("language", ["../en", "", "EN", "xx/../en"])
def test_a_language_is_two_letters_and_no_way_to_other_files(language: str) -> None:
    assert render("cancelled", facts("cancelled"), language=language).language == "en"


LOOP = "".join(f"{{% for {one} in lines %}}" for one in "abcd") + "{% endfor %}" * 4


@pytest.mark.parametrize(
    ("template", "where", "why"),
    [
        ("Subject: x\n\n{{ recipent }}\n", 3, "'recipent' is undefined"),
        ("Subject: x\n\n\n{{ lines[0].colour }}\n", 4, "has no attribute 'colour'"),
        ("Subject: x\n{% if order %}\nHello\n", 3, "Unexpected end of template"),
        ("Subject: x\n\n{{ order", 3, "unexpected end of template"),
        ("Subject: x\n\n{{ order | shout }}\n", 3, "No filter named 'shout'"),
        ("Subject: x\n\n{{ order | safe }}\n", 3, "No filter named 'safe'"),
        ("Subject: x\n\n{% include 'nope.txt' %}\n", 3, "there is no template nope.txt"),
        ("Subject: x\n\n{% include '../../../etc/passwd' %}\n", 3, "there is no template ../../../etc/passwd"),
        ("Subject: x\n\n{{ ''.__class__.__mro__ }}\n", 3, "access to attribute '__class__' of 'str' object is unsafe"),
        ("Subject: x\n\n{{ lines.append(1) }}\n", 3, "is unsafe"),
        ("Subject: x\n\n{{ 'x'.ljust(999999999) }}\n", 3, "is unsafe"),
        ("Subject: x\n\n{{ 9 ** 99 }}\n", 3, "** is not for this"),
        ("Subject: x\n\n{{ 'x' * 999999999 }}\n", 3, "* is not for this"),
        ("Subject: x\n\n{{ '%999999999d' % 1 }}\n", 3, "% is not for this"),
        ("Subject: x\n\n{{ range(10) }}\n", 3, "'range' is undefined"),
        ("Subject: x\n\n{{ 1 / 0 }}\n", 3, "division by zero"),
        ("Subject: x\n\n" + LOOP + "\n", 3, "it does not end"),
        ("Hello {{ recipient }}\n", 1, "it must begin with “Subject: …”"),
        ("Subject:   \n\nHello\n", 1, "it must begin with “Subject: …”"),
    ],
)
def test_a_broken_template_is_told_with_its_file_and_line(folder: Path, template: str, where: int, why: str) -> None:
    (folder / "en/backordered.txt").write_text(template)
    many = facts(lines=tuple(line(sku=f"S{i}") for i in range(50)))

    with pytest.raises(FixSettings) as caught:
        render("backordered", many, language="en", folder=folder)

    assert caught.value.what.startswith(f"{folder / 'en/backordered.txt'}, line {where}: ")
    assert why in caught.value.what
    assert sys.gettrace() is None


def test_a_template_that_calls_itself_is_told(folder: Path) -> None:
    (folder / "en/backordered.txt").write_text("{% macro m() %}\n{{ m() }}\n{% endmacro %}\n{{ m() }}\n")

    with pytest.raises(FixSettings, match=r"en/backordered\.txt, line \d: maximum recursion"):
        render("backordered", facts(), language="en", folder=folder)


def test_a_template_that_writes_without_end_is_told(folder: Path) -> None:
    row = "{% for line in lines %}{{ '-' * 200 }}{{ '-' * 200 }}{% endfor %}\n"
    (folder / "en/backordered.html").write_text(row * 20)

    with pytest.raises(FixSettings, match=r"backordered\.html: it writes more than 300,000 characters"):
        render("backordered", facts(lines=(line(),) * 50), language="en", folder=folder)


def test_a_broken_part_is_told_where_it_is(folder: Path) -> None:
    (folder / "en/parts.html").write_text("\n{% macro greeting(name) %}\n{{ nam }}\n{% endmacro %}\n")

    with pytest.raises(FixSettings, match=re.escape(f"{folder / 'en/parts.html'}, line 3: 'nam' is undefined")):
        render("backordered", facts(), language="en", folder=folder)


def test_a_template_that_is_no_text_is_told(folder: Path) -> None:
    (folder / "en/backordered.html").write_bytes(b"<p>\xff</p>")

    with pytest.raises(FixSettings, match=r"backordered\.html, line 1: it is not text in UTF-8"):
        render("backordered", facts(), language="en", folder=folder)


def test_a_mended_template_is_read_anew(folder: Path) -> None:
    file = folder / "en/cancelled.txt"
    file.write_text("Subject: {{ oder }}\n\nx\n")
    with pytest.raises(FixSettings):
        render("cancelled", facts("cancelled"), language="en", folder=folder)

    file.write_text("Subject: now {{ order }}\n\nlonger\n")

    assert render("cancelled", facts("cancelled"), language="en", folder=folder).subject == "now 1001"


def test_facts_are_plain_data_that_a_plan_can_keep() -> None:
    for kind in KINDS:
        kept = json.loads(msgspec.json.encode(facts(kind)))
        assert msgspec.convert(kept, Facts) == facts(kind)
