"""Mistakes of people: each ends in a sentence of what happened and what to do next, on standard error, with its code."""

from collections.abc import Callable

import pytest

from tests.cli.conftest import Here
from tests.cli.merchant import TOKEN, Merchant, settings_for

HTTPS = "https://api.bigcommerce.com/stores/abc"


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("show P-1", "fillrate: There is no plan P-1.\nList them: fillrate plans\n"),
        ("approve P-1", "fillrate: There is no plan P-1.\nList them: fillrate plans\n"),
        ("reject P-1", "fillrate: There is no plan P-1.\nList them: fillrate plans\n"),
        (
            "explain order 9999",
            "fillrate: There is no order 9999 in the tables.\n"
            "See that its number is right; a new one is read by: fillrate run sync-orders\n",
        ),
        (
            "explain order ebay:123",
            "fillrate: There is no order ebay:123 in the tables.\n"
            "See that its number is right; a new one is read by: fillrate run sync-orders\n",
        ),
        (
            "explain sku NO-1",
            "fillrate: There is no SKU NO-1 in the tables.\n"
            "See that it is written as in the shop; a new one is read by: fillrate run sync-catalog\n",
        ),
    ],
)
def test_what_does_not_exist_is_told_with_where_to_look(
    merchant: Merchant, here: Here, command: str, words: str
) -> None:
    in_words, as_json = here(merchant, *command.split()), here(merchant, *command.split(), "--json")

    what, _, next = words.removeprefix("fillrate: ").removesuffix("\n").partition("\n")
    assert (in_words.code, in_words.words) == (2, words)
    assert (as_json.code, as_json.err) == (2, words)
    assert as_json.json == {"error": {"what": what, "next": next}, "code": 2}


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("nonsense", "No such command 'nonsense'."),
        (
            "run nonsense",
            "'nonsense' is not one of 'sync-catalog', 'sync-orders', 'reconcile-inventory', 'sync-inbound', 'allocate-orders'",
        ),
        ("run", "Missing argument 'flow'."),
        ("run sync-orders --since yesterday", "Invalid value for '--since'"),
        ("run sync-orders --sinse 2026-01-01", "No such option: --sinse"),
        ("show", "Missing argument 'plan_id'."),
        ("explain order", "Missing argument 'which'."),
        ("explain customer 3", "'customer' is not one of 'order', 'line', 'sku'"),
        ("db check now", "Got unexpected extra argument"),
        ("demo --seed seven", "Invalid value for '--seed'"),
    ],
)
def test_a_wrong_word_is_told_with_the_way_to_help(merchant: Merchant, here: Here, command: str, words: str) -> None:
    said = here(merchant, *command.split())

    assert said.code == 2
    assert words in said.words
    assert said.words.startswith("Usage: fillrate")
    assert "--help' for help." in said.words


@pytest.mark.parametrize("command", ["nonsense", "run", "run sync-orders --sinse 1", "show", "db check now"])
def test_a_wrong_word_is_one_json_object_too(merchant: Merchant, here: Here, command: str) -> None:
    said = here(merchant, *command.split(), "--json")

    assert (said.code, said.json["code"], set(said.json["error"])) == (2, 2, {"what", "next"})


def test_an_argument_that_is_no_text_names_nothing(merchant: Merchant, here: Here) -> None:
    for command in ("explain order \udcff", "explain sku \udcff", "show \udcff"):
        assert here(merchant, *command.split()).words.startswith("fillrate: There is no ")


def test_an_env_file_that_is_no_text_is_told(newcomer: Merchant, here: Here) -> None:
    (newcomer.folder / ".env").write_bytes(b"FILLRATE_CHANNEL_MAIN_TOKEN=\xff\xfe")

    said = here(newcomer, "status")

    assert (said.code, said.words) == (
        2,
        f"fillrate: {newcomer.folder / '.env'} is not text in UTF-8.\nSave it as UTF-8.\n",
    )


@pytest.mark.parametrize("command", ["status", "plans", "audit", "db check", "db upgrade", "run sync-orders"])
def test_without_settings_nothing_starts(newcomer: Merchant, here: Here, command: str) -> None:
    (newcomer.folder / "fillrate.toml").unlink()

    said = here(newcomer, *command.split())

    assert said.code == 2
    assert said.words == (
        f"fillrate: There is no settings file fillrate.toml in {newcomer.folder}.\n"
        "Write one with fillrate init, or set FILLRATE_CONFIG to where it is.\n"
    )
    assert list(newcomer.folder.glob("fillrate.db*")) == []


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("[store\n", "is not valid TOML: Expected ']' at the end of a table declaration (at line 1, column 7)"),
        ('[store]\ncolour = "red"\n', "line 2, store.colour is not a setting; is it misspelt?"),
        ("channel = 5\n", "line 1, channel must be a list; tables of a list have their name in double brackets"),
        ("channel = [5]\n", "line 1, channel.0 must be a table, with its name in brackets"),
        ('[store]\ntimezone = "Berlin"\n', "line 2, store.timezone is not a time zone such as Europe/Berlin"),
        (settings_for("http://shop.example"), "line 7, channel.0.base_url must start with https://"),
        (
            settings_for(HTTPS, f'token = "{TOKEN}"'),
            "the token does not belong here but in FILLRATE_CHANNEL_MAIN_TOKEN",
        ),
        (settings_for(HTTPS).replace('"main"', '"other"'), "channel other: no token; set FILLRATE_CHANNEL_OTHER_TOKEN"),
        ('[database]\nurl = "mysql://u:secret@h/x"\n', "The database 'mysql' is not known.\nUse sqlite:///"),
        ('[database]\nurl = "sqlite:////no/such/x.db"\n', "There is no folder for the database /no/such/x.db."),
    ],
)
def test_mistakes_in_the_settings_are_told_before_anything_starts(
    newcomer: Merchant, here: Here, settings: str, words: str
) -> None:
    newcomer.settings(settings)

    said = here(newcomer, "status")

    assert said.code == 2
    assert words in said.words
    assert TOKEN not in said.words
    assert "secret" not in said.words
    assert said.words.count("\n") >= 2
    assert list(newcomer.folder.glob("fillrate.db*")) == []


def test_all_mistakes_come_at_once(newcomer: Merchant, here: Here) -> None:
    newcomer.settings('[store]\ncolour = "red"\nsize = 3\n[[channel]]\nname = "main"\n')

    assert here(newcomer, "status").words.startswith("fillrate: fillrate.toml has 3 mistake(s):\n  - ")


def foreign(merchant: Merchant) -> None:
    (merchant.folder / "fillrate.db").unlink()
    merchant.sql("CREATE TABLE recipe (cake TEXT)")


def newer(merchant: Merchant) -> None:
    merchant.sql("UPDATE alembic_version SET version_num = '9999'")


def empty(merchant: Merchant) -> None:
    (merchant.folder / "fillrate.db").unlink()


@pytest.mark.parametrize(
    ("spoil", "sentence", "next"),
    [
        (foreign, "The database holds tables that are not Fillrate's.", "Name another one."),
        (
            newer,
            "The tables are at version 9999, which this program does not know.",
            "Use the program that made them, or a newer one.",
        ),
    ],
)
def test_tables_of_another_version_or_of_others_are_left_alone(
    merchant: Merchant, here: Here, spoil: Callable[[Merchant], None], sentence: str, next: str
) -> None:
    spoil(merchant)
    before = merchant.sql("SELECT name FROM sqlite_master")

    for command in ("status", "plans", "audit", "explain order 123", "db upgrade"):
        refused = here(merchant, *command.split())
        assert (refused.code, refused.words) == (2, f"fillrate: {sentence}\n{next}\n")
    checked, as_json = here(merchant, "db", "check"), here(merchant, "db", "check", "--json")

    assert (checked.code, checked.out) == (2, f"{sentence} {next}\n")
    assert (as_json.code, as_json.json["ok"], as_json.json["sentence"]) == (2, False, sentence)
    assert merchant.sql("SELECT name FROM sqlite_master") == before


def test_an_empty_database_is_set_up_by_upgrade_and_twice_is_once(merchant: Merchant, here: Here) -> None:
    empty(merchant)

    before = here(merchant, "db", "check")
    first, second = here(merchant, "db", "upgrade"), here(merchant, "db", "upgrade")
    after = here(merchant, "db", "check")

    assert (before.code, before.out) == (2, "The database is empty. Run: fillrate db upgrade\n")
    assert (first.code, first.out) == (0, "The tables are at version 0001.\n")
    assert second == first
    assert (after.code, after.out) == (0, "The tables are at version 0001, as they should be.\n")
    assert (merchant.folder / "fillrate.db").stat().st_mode & 0o077 == 0


def test_a_token_that_the_shop_refuses_breaks_one_check_which_says_what_to_mend(
    merchant: Merchant, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FILLRATE_CHANNEL_MAIN_TOKEN", "mistyped-token")

    said = here(merchant, "audit", "--shop")

    assert said.code == 1
    assert "could not be compared: bigcommerce.time: 127.0.0.1 refused the token (401). Give this channel" in said.out
    assert "16 checks, 1 broken." in said.out
    assert "mistyped-token" not in said.out + said.err


def test_a_folder_where_a_file_should_be_is_told(newcomer: Merchant, here: Here) -> None:
    (newcomer.folder / "fillrate.db").mkdir()

    said = here(newcomer, "status")

    assert said.code == 1
    assert said.words == (
        f"fillrate: {newcomer.folder / 'fillrate.db'}: Is a directory.\nMend that and run it again; that is harmless.\n"
    )
