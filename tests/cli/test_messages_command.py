"""Looking at what customers are told, and taking the templates to change them."""

from pathlib import Path

import pytest

from fillrate.report.messages.facts import KINDS
from fillrate.report.messages.sandbox import templates
from tests.cli.conftest import Here
from tests.cli.merchant import TOKEN, Merchant, settings_for

MAIL = '\n[mail]\nfrom = "orders@example.com"\nhost = "smtp.example.com"\nlanguage = "de"\ntemplates = "my-templates"\n'


@pytest.fixture
def nobody(tmp_path: Path) -> Merchant:
    """Somebody without settings, who wants to see first."""
    return Merchant(tmp_path)


@pytest.fixture
def writer(nobody: Merchant) -> Merchant:
    """A merchant with settings for mail."""
    nobody.settings(settings_for("https://api.bigcommerce.com/stores/abc") + MAIL)
    (nobody.folder / ".env").write_text(f"FILLRATE_CHANNEL_MAIN_TOKEN={TOKEN}\n")
    return nobody


@pytest.mark.parametrize("kind", KINDS)
def test_each_message_can_be_looked_at_without_settings(nobody: Merchant, here: Here, kind: str) -> None:
    said = here(nobody, "messages", "preview", kind)

    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("Subject: Your order 1001: ")
    assert "Hello Ada Example,\n" in said.out


def test_the_html_goes_into_a_file(nobody: Merchant, here: Here) -> None:
    said = here(nobody, "messages", "preview", "date_moved", "--language", "de", "--html", "look.html")

    assert said.out.endswith("The HTML is in look.html\n")
    assert "Der Termin Ihrer Bestellung hat sich geändert</h1>" in (nobody.folder / "look.html").read_text()


def test_as_json_it_is_all_of_the_message(nobody: Merchant, here: Here) -> None:
    shown = here(nobody, "messages", "preview", "cancelled", "--json").json

    assert set(shown) == {"kind", "language", "subject", "text", "html"}
    assert (shown["kind"], shown["language"]) == ("cancelled", "en")


def test_a_language_that_nobody_wrote_is_told(nobody: Merchant, here: Here) -> None:
    said = here(nobody, "messages", "preview", "cancelled", "--language", "fr")

    assert said.out.startswith("There are no templates for fr; it is written in English.\n\nSubject: Your order")


def test_what_is_no_message_is_told(nobody: Merchant, here: Here) -> None:
    said = here(nobody, "messages", "preview", "birthday")

    assert said.code == 2
    assert "'birthday' is not one of 'backordered', 'date_moved'" in said.words


def test_templates_are_written_once_and_what_is_there_stays(nobody: Merchant, here: Here) -> None:
    (nobody.folder / "mine/de").mkdir(parents=True)
    (nobody.folder / "mine/de/cancelled.txt").write_text("mine")

    said = here(nobody, "messages", "templates", "--write", "mine")
    again = here(nobody, "messages", "templates", "--write", "mine", "--json").json

    assert said.out.startswith(f"{len(templates()) - 1} files written to mine; 1 were there and stay as they are.\n")
    assert (again["written"], len(again["kept"])) == ([], len(templates()))
    written = {name: (nobody.folder / "mine" / name).read_text() for name in templates()}
    assert written == {**templates(), "de/cancelled.txt": "mine"}


def test_the_merchants_own_words_store_and_language_are_shown(writer: Merchant, here: Here) -> None:
    own = writer.folder / "my-templates/de"
    own.mkdir(parents=True)
    (own / "cancelled.txt").write_text("Subject: Schade!\n\nIhr Team von {{ store }}\n")

    assert here(writer, "messages", "preview", "cancelled").out == "Subject: Schade!\n\nIhr Team von Test\n"


def test_a_broken_template_is_told_with_its_line(writer: Merchant, here: Here) -> None:
    own = writer.folder / "my-templates/de"
    own.mkdir(parents=True)
    (own / "cancelled.txt").write_text("Subject: Schade!\n\n{{ stoer }}\n")

    said = here(writer, "messages", "preview", "cancelled")

    assert said.code == 2
    assert said.words == (
        f"fillrate: {own / 'cancelled.txt'}, line 3: 'stoer' is undefined.\n"
        "Mend the template; until then no such mail is sent.\n"
    )


def test_an_address_is_taken_off_and_put_back_by_a_person(here: Here, merchant: Merchant) -> None:
    assert here(merchant, "mails", "suppress", "Ann@Example.com", "--reason", "she complained").code == 0
    assert "ann@example.com" in here(merchant, "mails").out
    assert [one["why"] for one in here(merchant, "mails", "--json").json["suppressed"]] == ["she complained"]
    assert here(merchant, "mails", "suppress", "Ann", "--reason", "x").code == 2
    assert here(merchant, "mails", "allow", "ann@example.com").code == 0
    again = here(merchant, "mails", "allow", "ann@example.com")
    assert (again.code, "not on the list" in again.err) == (2, True)
